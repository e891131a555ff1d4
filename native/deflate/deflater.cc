#include "deflate/deflater.h"

#include <algorithm>
#include <new>

#include "deflate/stream.h"

namespace wsfd::deflate {

namespace {

// The end of a flush, which every message omits (RFC 7692 section 7.2.1): "Remove 4 octets (that
// are 0x00 0x00 0xff 0xff) from the tail end."
constexpr size_t kTailSize = 4;

// Output room for `input` bytes: for most messages in one piece; for a long one at most kMostRoom
// at a time, since it may compress to little. A flush needs 7 bytes, or it may mark its end twice.
size_t RoomFor(size_t input) {
  constexpr size_t kMostRoom = 64 * 1024;
  constexpr size_t kFlush = 64;
  return std::min(input + input / 8 + kFlush, kMostRoom);
}

}  // namespace

Deflater::Deflater(int window_bits, bool no_context_takeover, int level, int mem_level)
    : window_bits_(window_bits),
      level_(level),
      mem_level_(mem_level),
      no_context_takeover_(no_context_takeover) {}

Deflater::~Deflater() = default;

ErrorCode Deflater::Deflate(const uint8_t* message, size_t size, ByteQueue* out) {
  // zlib flushes nothing if no input came since the last flush. RFC 7692 section 7.2.3.6:
  // "an empty uncompressed DEFLATE block can be generated and used for this purpose: 0x00".
  if (size == 0) return out->Append("", 1) ? ErrorCode::kNone : ErrorCode::kOutOfMemory;
  if (stream_ == nullptr) {
    const ErrorCode code = Open();
    if (code != ErrorCode::kNone) return code;
  }
  const size_t before = out->size();
  const ErrorCode code = Compress(message, size, out);
  out->Truncate(code == ErrorCode::kNone ? out->size() - kTailSize : before);
  // After an error the window holds bytes that the peer will not have.
  if ((code != ErrorCode::kNone || no_context_takeover_) && deflateReset(&stream_->z) != Z_OK) {
    stream_.reset();
  }
  return code;
}

void Deflater::Release() { stream_.reset(); }

size_t Deflater::zlib_bytes() const {
  return stream_ == nullptr ? 0 : sizeof(Stream) + stream_->allocated;
}

ErrorCode Deflater::Open() {
  stream_.reset(new (std::nothrow) Stream(deflateEnd));
  if (stream_ == nullptr) return ErrorCode::kOutOfMemory;
  // Negative: DEFLATE without a header (RFC 1951).
  const int result =
      deflateInit2(&stream_->z, level_, Z_DEFLATED, -window_bits_, mem_level_, Z_DEFAULT_STRATEGY);
  if (result == Z_OK) return ErrorCode::kNone;
  stream_.reset();
  return result == Z_MEM_ERROR ? ErrorCode::kOutOfMemory : ErrorCode::kInternal;
}

ErrorCode Deflater::Compress(const uint8_t* message, size_t size, ByteQueue* out) {
  z_stream& z = stream_->z;
  do {
    const size_t portion = std::min(size, kMostAtOnce);
    z.next_in = message;
    z.avail_in = static_cast<uInt>(portion);
    message += portion;
    size -= portion;
    const int flush = size == 0 ? Z_SYNC_FLUSH : Z_NO_FLUSH;
    // zlib has taken the portion and written all of its output once room is left.
    do {
      const size_t room = RoomFor(z.avail_in);
      uint8_t* to = out->Reserve(room);
      if (to == nullptr) return ErrorCode::kOutOfMemory;
      z.next_out = to;
      z.avail_out = static_cast<uInt>(room);
      if (::deflate(&z, flush) == Z_STREAM_ERROR) return ErrorCode::kInternal;
      out->Commit(room - z.avail_out);
    } while (z.avail_out == 0);
  } while (size != 0);
  return ErrorCode::kNone;
}

}  // namespace wsfd::deflate
