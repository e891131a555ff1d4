#ifndef WSFD_FRAME_UTF8_H_
#define WSFD_FRAME_UTF8_H_

#include <cstddef>
#include <cstdint>

#include "frame/block.h"

namespace wsfd::frame {

namespace internal {
// For the sizes that IsAscii leaves: less than one block or more than four.
bool IsAsciiOfOtherSize(const uint8_t* data, size_t size);
}  // namespace internal

// True if no byte has its high bit set. Inline for 16 to 64 bytes, the usual size of telemetry,
// where a call would cost as much as the work.
inline bool IsAscii(const uint8_t* data, size_t size) {
  if (size < Block::kSize || size > 4 * Block::kSize) {
    return internal::IsAsciiOfOtherSize(data, size);
  }
  const Block ends = Block::Load(data) | Block::Load(data + size - Block::kSize);
  if (size <= 2 * Block::kSize) return !ends.HasHighBit();
  const Block middle =
      Block::Load(data + Block::kSize) | Block::Load(data + size - 2 * Block::kSize);
  return !(ends | middle).HasHighBit();
}

// True if all of `data` is UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool IsUtf8(const uint8_t* data, size_t size);

// UTF-8 that arrives in pieces. Fails at the first byte that cannot belong to valid UTF-8.
class Utf8Stream {
 public:
  // False from the first invalid byte on, until Reset.
  bool Append(const uint8_t* data, size_t size);
  // True if no character is incomplete so far.
  bool AtBoundary() const { return state_ == 0; }
  // True if all bytes so far are ASCII.
  bool ascii() const { return ascii_; }
  void Reset() {
    state_ = 0;
    ascii_ = true;
  }

 private:
  uint32_t state_ = 0;  // see utf8.cc; 0: a character may begin
  bool ascii_ = true;
};

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_UTF8_H_
