#ifndef WSFD_DEFLATE_DEFLATER_H_
#define WSFD_DEFLATE_DEFLATER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/byte_queue.h"
#include "base/error.h"

namespace wsfd::deflate {

struct Stream;

// The smallest window with which zlib compresses. With 9 bits zlib may refer back further than 256
// bytes, so wsfd sends every message uncompressed to a server that insists on 8 bits (RFC 7692
// section 6 allows it). Received messages may still be compressed.
inline constexpr int kMinDeflateWindowBits = 9;

// Compresses messages of one connection, one after the other (RFC 7692 section 7.2.1).
//
// Memory: none before the first message. Then, by zlib's manual,
// 2^(window_bits + 2) + 2^(mem_level + 9) bytes; measured with Node's zlib, which has a larger hash
// table and pending buffer, 2^(window_bits + 2) + 2^16 + 5 * 2^(mem_level + 6) bytes (up to a
// mem_level of 8) and 6 KiB. With a mem_level of 8 that is 278 KiB for 15 bits, 166 for 12, 152 for
// 9; with 5, 208 KiB for 15 bits. The memory is kept until Release().
class Deflater {
 public:
  // `window_bits`: kMinDeflateWindowBits to 15. `no_context_takeover`: each message is compressed
  // on its own. `level`: 0 (none) to 9 (best), or -1 for zlib's default of 6. `mem_level`: 1 to 9.
  Deflater(int window_bits, bool no_context_takeover, int level, int mem_level = 8);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // Appends the compressed payload of `message`, at least one byte, to *out. Each payload must be
  // sent, and in this order: the peer's window follows ours. `message` is not kept.
  //
  // kNone; OutOfMemory or Internal: *out is then unchanged, and other messages may follow.
  ErrorCode Deflate(const uint8_t* message, size_t size, ByteQueue* out);

  // Frees zlib's memory. The next message allocates it anew and is compressed on its own; the
  // peer's window may stay filled.
  void Release();

  // Bytes that are held for zlib.
  size_t zlib_bytes() const;

 private:
  ErrorCode Open();
  ErrorCode Compress(const uint8_t* message, size_t size, ByteQueue* out);

  std::unique_ptr<Stream> stream_;
  const int window_bits_;
  const int level_;
  const int mem_level_;
  const bool no_context_takeover_;
};

}  // namespace wsfd::deflate

#endif  // WSFD_DEFLATE_DEFLATER_H_
