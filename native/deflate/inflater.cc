#include "deflate/inflater.h"

#include <algorithm>
#include <new>
#include <string>

#include "deflate/stream.h"

namespace wsfd::deflate {

namespace {

// RFC 7692 section 7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of
// the message."
constexpr uint8_t kTail[] = {0x00, 0x00, 0xFF, 0xFF};

// Room for the inflated bytes that is reserved at a time.
constexpr size_t kLeastRoom = 512;
constexpr size_t kMostRoom = 256 * 1024;

// The longest payload that is inflated for a message of `limit` bytes. Deflated data exceeds the
// original only by its block headers, of which a sender that flushes often makes many. Without this
// bound endless empty blocks would be one message.
uint64_t MaxCompressedSize(uint64_t limit) { return 2 * limit + (1 << 20); }

// A valid message lacks only the end of an empty block.
Error EndsInside() { return Error(ErrorCode::kCompressedDataInvalid, "it ends inside a block"); }

Error ErrorOf(int result, const char* message) {
  if (result == Z_MEM_ERROR) return Error(ErrorCode::kOutOfMemory);
  const bool invalid = result == Z_DATA_ERROR || result == Z_NEED_DICT;
  return Error(invalid ? ErrorCode::kCompressedDataInvalid : ErrorCode::kInternal,
               message == nullptr ? "" : message);
}

}  // namespace

Inflater::Inflater(int window_bits, bool no_context_takeover, uint64_t limit)
    : limit_(limit), window_bits_(window_bits), no_context_takeover_(no_context_takeover) {}

Inflater::~Inflater() = default;

Error Inflater::Append(const uint8_t* data, size_t size, ByteQueue* out) {
  if (size > MaxCompressedSize(limit_) - taken_) return TooBig();
  taken_ += size;
  while (size != 0) {
    const size_t portion = std::min(size, kMostAtOnce);
    if (Error error = Inflate(data, portion, out)) return error;
    data += portion;
    size -= portion;
  }
  return {};
}

Error Inflater::Finish() {
  // A valid message lacks the second half of its last, empty block. If the data is complete, the
  // four bytes would begin a block that never ends, and later messages would lose the window. Such
  // messages are empty, or end in a block with BFINAL, or their sender left the four bytes in.
  if (!at_boundary_) {
    if (Error error = Inflate(kTail, sizeof kTail, nullptr)) return error;
  }
  if (!at_boundary_) return EndsInside();
  taken_ = produced_ = 0;
  if (no_context_takeover_ && stream_ != nullptr && inflateReset(&stream_->z) != Z_OK) {
    stream_.reset();
  }
  return {};
}

void Inflater::Release() {
  if (no_context_takeover_ && taken_ == 0) stream_.reset();
}

size_t Inflater::zlib_bytes() const {
  return stream_ == nullptr ? 0 : sizeof(Stream) + stream_->allocated;
}

Error Inflater::Open() {
  stream_.reset(new (std::nothrow) Stream(inflateEnd));
  if (stream_ == nullptr) return Error(ErrorCode::kOutOfMemory);
  // Negative: DEFLATE without a header (RFC 1951).
  const int result = inflateInit2(&stream_->z, -window_bits_);
  return result == Z_OK ? Error() : ErrorOf(result, stream_->z.msg);
}

// First eight times the input, so that a small message does not take a large block: JSON compresses
// to a fifth or a seventh, and inflating in one call takes a tenth less time than in two. Then as
// much as was already produced. Never more than the limit leaves.
size_t Inflater::NextRoom(size_t input) const {
  const uint64_t wanted = std::max<uint64_t>({kLeastRoom, uint64_t{input} * 8, produced_});
  return static_cast<size_t>(std::min({wanted, uint64_t{kMostRoom}, limit_ - produced_}));
}

Error Inflater::TooBig() const {
  return Error(ErrorCode::kMessageTooBig, std::to_string(limit_) + " bytes are allowed");
}

Error Inflater::Inflate(const uint8_t* data, size_t size, ByteQueue* out) {
  if (stream_ == nullptr) {
    if (Error error = Open()) return error;
  }
  z_stream& z = stream_->z;
  z.next_in = data;
  z.avail_in = static_cast<uInt>(size);
  // Without input zlib may still have bytes that did not fit into the room.
  do {
    uint8_t unwanted;
    const bool full = out == nullptr || produced_ == limit_;
    const size_t room = full ? 1 : NextRoom(z.avail_in);
    uint8_t* to = full ? &unwanted : out->Reserve(room);
    if (to == nullptr) return Error(ErrorCode::kOutOfMemory);
    z.next_out = to;
    z.avail_out = static_cast<uInt>(room);
    const int result = inflate(&z, Z_NO_FLUSH);
    const size_t written = room - z.avail_out;
    if (full && written != 0) return out == nullptr ? EndsInside() : TooBig();
    if (!full) out->Commit(written);
    produced_ += written;
    // zlib could do nothing; data_type says nothing about the position after such a call.
    if (result == Z_BUF_ERROR) break;
    if (result == Z_STREAM_END) {
      // RFC 7692 section 7.2.1: a block with BFINAL is padded to a byte boundary, and "The next
      // DEFLATE block follows the padded data if any." The window is kept.
      if (inflateResetKeep(&z) != Z_OK) return ErrorOf(Z_STREAM_ERROR, z.msg);
      at_boundary_ = true;
    } else if (result == Z_OK) {
      // 128: directly behind a block; the low 6 bits: how many bits of the last byte are left.
      at_boundary_ = (z.data_type & 128) != 0 && (z.data_type & 63) == 0;
    } else {
      return ErrorOf(result, z.msg);
    }
  } while (z.avail_in != 0 || z.avail_out == 0);
  return {};
}

}  // namespace wsfd::deflate
