#include "frame/header.h"

#include <cstring>

namespace wsfd::frame {

namespace {

constexpr uint8_t kFin = 0x80;
constexpr uint8_t kRsv1 = 0x40;
constexpr uint8_t kRsv2And3 = 0x30;
constexpr uint8_t kOpcode = 0x0F;

constexpr uint8_t kMask = 0x80;
constexpr uint8_t kLength = 0x7F;
constexpr uint8_t kLength16 = 126;  // the next 2 bytes are the length
constexpr uint8_t kLength64 = 127;  // the next 8 bytes are the length

uint64_t ReadBigEndian(const uint8_t* data, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) value = value << 8 | data[i];
  return value;
}

void WriteBigEndian(uint8_t* out, size_t size, uint64_t value) {
  for (size_t i = size; i-- != 0; value >>= 8) out[i] = static_cast<uint8_t>(value);
}

HeaderStatus Fail(ErrorCode* code, ErrorCode why) {
  *code = why;
  return HeaderStatus::kFailed;
}

// The rule that the first byte of a header breaks.
ErrorCode ValidateFirstByte(uint8_t byte) {
  // RFC 6455 section 5.2: "If a nonzero value is received and none of the negotiated extensions
  // defines the meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket
  // Connection_." No extension of wsfd defines RSV2 or RSV3.
  if ((byte & kRsv2And3) != 0) return ErrorCode::kReservedBits;
  // RFC 6455 section 5.2: "If an unknown opcode is received, the receiving endpoint MUST _Fail the
  // WebSocket Connection_." 0x3 to 0x7 and 0xB to 0xF are reserved.
  const uint8_t opcode = byte & kOpcode;
  if ((opcode & 0x7) > 0x2) return ErrorCode::kReservedOpcode;
  // RFC 6455 section 5.5: control frames "MUST NOT be fragmented".
  if (IsControl(Opcode{opcode}) && (byte & kFin) == 0) return ErrorCode::kControlFrameFragmented;
  return ErrorCode::kNone;
}

// The rule that the second byte breaks after a good first one.
ErrorCode ValidateSecondByte(uint8_t first, uint8_t byte) {
  // RFC 6455 section 5.1: "A server MUST NOT mask any frames that it sends to the client. A client
  // MUST close a connection if it detects a masked frame."
  if ((byte & kMask) != 0) return ErrorCode::kMaskedFrame;
  // RFC 6455 section 5.5: "All control frames MUST have a payload length of 125 bytes or less".
  if (IsControl(Opcode{static_cast<uint8_t>(first & kOpcode)}) && byte > kMaxControlPayload) {
    return ErrorCode::kControlFrameTooLong;
  }
  return ErrorCode::kNone;
}

// The rule that the first `size` bytes of an extended payload length of `whole` bytes break. RFC
// 6455 section 5.2: "the minimal number of bytes MUST be used to encode the length".
ErrorCode ValidateExtendedLength(const uint8_t* data, size_t size, size_t whole) {
  if (whole == 2) {
    const bool too_small = size >= 2 && ReadBigEndian(data, 2) < kLength16;
    return too_small ? ErrorCode::kLengthNotMinimal : ErrorCode::kNone;
  }
  // RFC 6455 section 5.2: "(the most significant bit MUST be 0)".
  if (size >= 1 && (data[0] & 0x80) != 0) return ErrorCode::kLengthInvalid;
  // After six zero bytes the number has at most 16 bits.
  if (size >= 6 && ReadBigEndian(data, 6) == 0) return ErrorCode::kLengthNotMinimal;
  return ErrorCode::kNone;
}

}  // namespace

HeaderStatus ParseHeader(const uint8_t* data, size_t size, Header* header, ErrorCode* code) {
  if (size < 1) return HeaderStatus::kNeedMore;
  if (const ErrorCode why = ValidateFirstByte(data[0]); why != ErrorCode::kNone) {
    return Fail(code, why);
  }
  if (size < 2) return HeaderStatus::kNeedMore;
  if (const ErrorCode why = ValidateSecondByte(data[0], data[1]); why != ErrorCode::kNone) {
    return Fail(code, why);
  }
  const uint8_t length = data[1] & kLength;
  const size_t extended = length < kLength16 ? 0 : length == kLength16 ? 2 : 8;
  if (extended != 0) {
    const size_t available = size - 2 < extended ? size - 2 : extended;
    if (const ErrorCode why = ValidateExtendedLength(data + 2, available, extended);
        why != ErrorCode::kNone) {
      return Fail(code, why);
    }
    if (available < extended) return HeaderStatus::kNeedMore;
  }
  header->fin = (data[0] & kFin) != 0;
  header->rsv1 = (data[0] & kRsv1) != 0;
  header->opcode = Opcode{static_cast<uint8_t>(data[0] & kOpcode)};
  header->size = static_cast<uint8_t>(2 + extended);
  header->payload_length = extended == 0 ? length : ReadBigEndian(data + 2, extended);
  return HeaderStatus::kComplete;
}

size_t WriteClientHeader(uint8_t* out, Opcode opcode, bool fin, bool rsv1, uint64_t payload_length,
                         const uint8_t key[4]) {
  const size_t size = ClientHeaderSize(payload_length);
  out[0] =
      static_cast<uint8_t>((fin ? kFin : 0) | (rsv1 ? kRsv1 : 0) | static_cast<uint8_t>(opcode));
  // RFC 6455 section 5.1: "a client MUST mask all frames that it sends to the server".
  if (size == 6) {
    out[1] = static_cast<uint8_t>(kMask | payload_length);
  } else {
    out[1] = kMask | (size == 8 ? kLength16 : kLength64);
    WriteBigEndian(out + 2, size - 6, payload_length);
  }
  std::memcpy(out + size - 4, key, 4);
  return size;
}

}  // namespace wsfd::frame
