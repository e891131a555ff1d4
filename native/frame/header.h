#ifndef WSFD_FRAME_HEADER_H_
#define WSFD_FRAME_HEADER_H_

#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace wsfd::frame {

// RFC 6455 section 5.2.
enum class Opcode : uint8_t {
  kContinuation = 0x0,
  kText = 0x1,
  kBinary = 0x2,
  kClose = 0x8,
  kPing = 0x9,
  kPong = 0xA,
};

inline bool IsControl(Opcode opcode) { return (static_cast<uint8_t>(opcode) & 0x8) != 0; }

inline constexpr size_t kMaxServerHeader = 10;  // 2 + 8: a frame from a server is not masked
inline constexpr size_t kMaxClientHeader = 14;  // 2 + 8 + 4
inline constexpr size_t kMaxControlPayload = 125;

// A frame header from a server.
struct Header {
  bool fin;
  bool rsv1;  // the "compressed" bit of RFC 7692; the caller decides whether it may be set
  Opcode opcode;
  uint8_t size;             // of the header itself: 2, 4 or 10 bytes
  uint64_t payload_length;  // bytes
};

enum class HeaderStatus : uint8_t { kComplete, kNeedMore, kFailed };

// Reads one frame header from the front of `data`. kComplete: *header is filled. kNeedMore: `size`
// bytes are a valid beginning. kFailed: *code is the broken rule, found at the first byte that
// breaks it: ReservedBits (RSV2, RSV3), ReservedOpcode, ControlFrameFragmented, MaskedFrame,
// ControlFrameTooLong, LengthNotMinimal, LengthInvalid. *header and *code are written in these
// cases alone. Bytes after the header are not read.
HeaderStatus ParseHeader(const uint8_t* data, size_t size, Header* header, ErrorCode* code);

// The size of a server's frame header: 2, 4 or 10 bytes.
inline size_t ServerHeaderSize(uint64_t payload_length) {
  return payload_length <= 125 ? 2 : payload_length <= 0xFFFF ? 4 : 10;
}

// The size of a client's frame header with its masking key: 6, 8 or 14 bytes.
inline size_t ClientHeaderSize(uint64_t payload_length) {
  return ServerHeaderSize(payload_length) + 4;
}

// Writes a client's frame header, masking key included, to `out`; returns its size
// (ClientHeaderSize). `key` holds the four bytes of the masking key.
size_t WriteClientHeader(uint8_t* out, Opcode opcode, bool fin, bool rsv1, uint64_t payload_length,
                         const uint8_t key[4]);

// The payload of a close frame (RFC 6455 section 5.5.1).
struct ClosePayload {
  uint16_t code = 1005;          // 1005: the frame had no code
  const char* reason = nullptr;  // borrowed from the payload
  size_t reason_size = 0;
};

// Reads a close frame's payload. kNone, or ClosePayloadInvalid, CloseCodeInvalid (RFC 6455 section
// 7.4: 1000-1003, 1007-1014, 3000-4999 may be on the wire), CloseReasonNotUtf8: *payload is then
// unchanged.
ErrorCode ParseClosePayload(const uint8_t* data, size_t size, ClosePayload* payload);

bool IsSendableCloseCode(uint16_t code);

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_HEADER_H_
