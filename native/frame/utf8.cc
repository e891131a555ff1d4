#include "frame/utf8.h"

#include <cstring>

namespace wsfd::frame {

namespace {

// The state between two bytes: how many bytes of the character are to come, and the range of the
// next one.
constexpr uint32_t Due(uint32_t count, uint32_t least, uint32_t greatest) {
  return count << 16 | least << 8 | greatest;
}
constexpr uint32_t kBetween = 0;
constexpr uint32_t kFailed = Due(1, 0xFF, 0x00);  // no byte lies in this range

// The state after a character's first byte: the table of RFC 3629 section 4 (UTF8-1 to UTF8-4).
constexpr uint32_t AfterFirst(uint8_t byte) {
  if (byte <= 0x7F) return kBetween;
  if (byte <= 0xC1) return kFailed;  // a continuation byte, or an overlong form of ASCII
  if (byte <= 0xDF) return Due(1, 0x80, 0xBF);
  if (byte == 0xE0) return Due(2, 0xA0, 0xBF);
  if (byte == 0xED) return Due(2, 0x80, 0x9F);  // no surrogates
  if (byte <= 0xEF) return Due(2, 0x80, 0xBF);
  if (byte == 0xF0) return Due(3, 0x90, 0xBF);
  if (byte <= 0xF3) return Due(3, 0x80, 0xBF);
  if (byte == 0xF4) return Due(3, 0x80, 0x8F);  // no more than U+10FFFF
  return kFailed;
}

constexpr uint32_t After(uint32_t state, uint8_t byte) {
  if (state == kBetween) return AfterFirst(byte);
  if (byte < (state >> 8 & 0xFF) || byte > (state & 0xFF)) return kFailed;
  const uint32_t left = (state >> 16) - 1;
  return left == 0 ? kBetween : Due(left, 0x80, 0xBF);
}

uint32_t AfterAll(uint32_t state, const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size && state != kFailed; i++) state = After(state, data[i]);
  return state;
}

// The start of the last character if it may continue past the end; else `size`.
size_t LastBoundary(const uint8_t* data, size_t size) {
  const size_t longest = size < 3 ? size : 3;
  for (size_t back = 1; back <= longest; back++) {
    if (data[size - back] >= 0xC0) return size - back;
  }
  return size;
}

constexpr size_t kStep = 4 * Block::kSize;

bool IsAsciiStep(const uint8_t* data) {
  return !(Block::Load(data) | Block::Load(data + Block::kSize) |
           Block::Load(data + 2 * Block::kSize) | Block::Load(data + 3 * Block::kSize))
              .HasHighBit();
}

template <typename Word>
bool IsAsciiEnds(const uint8_t* data, size_t size) {
  Word first, last;
  std::memcpy(&first, data, sizeof first);
  std::memcpy(&last, data + size - sizeof last, sizeof last);
  return ((first | last) & static_cast<Word>(0x8080808080808080)) == 0;
}

}  // namespace

bool internal::IsAsciiOfOtherSize(const uint8_t* data, size_t size) {
  if (size < 4) {
    uint8_t all = 0;
    for (size_t i = 0; i < size; i++) all |= data[i];
    return all <= 0x7F;
  }
  if (size <= 8) return IsAsciiEnds<uint32_t>(data, size);
  if (size < Block::kSize) return IsAsciiEnds<uint64_t>(data, size);
  for (size_t i = 0; i < size - kStep; i += kStep) {
    if (!IsAsciiStep(data + i)) return false;
  }
  return IsAsciiStep(data + size - kStep);
}

#if defined(WSFD_FRAME_BYTEWISE)

namespace {

// Uses only comparisons that every x86-64 and arm64 has. A table lookup (SSSE3, AVX2) would save 3
// to 5 ns at 64 bytes, whose JavaScript string costs 60 to 230 ns: not worth a choice by CPU at run
// time.
//
// The high bit of a byte of the result is set if that byte of `now` cannot follow the three bytes
// before it, which are at the same place in the other blocks.
Block Errors(Block now, Block before1, Block before2, Block before3) {
  // RFC 3629 section 4: a continuation byte (0x80 to 0xBF) stands exactly where the first byte of a
  // character requires it: 0xC0 and above require one, 0xE0 and above two, 0xF0 and above three.
  const Block is_continuation = now.SignedLess(Block::Fill(0xC0));
  const Block is_due = before1.SaturatingMinus(Block::Fill(0xC0 - 0x80)) |
                       before2.SaturatingMinus(Block::Fill(0xE0 - 0x80)) |
                       before3.SaturatingMinus(Block::Fill(0xF0 - 0x80));
  // The table's narrower ranges: no overlong forms, no surrogates, at most U+10FFFF.
  const Block below_a0 = now.SignedLess(Block::Fill(0xA0));
  const Block below_90 = now.SignedLess(Block::Fill(0x90));
  const Block out_of_range = (before1.Equals(Block::Fill(0xE0)) & below_a0) |
                             before1.Equals(Block::Fill(0xED)).AndNot(below_a0) |
                             (before1.Equals(Block::Fill(0xF0)) & below_90) |
                             before1.Equals(Block::Fill(0xF4)).AndNot(below_90);
  // RFC 3629 section 1: "The octet values C0, C1, F5 to FF never appear."
  const Block never = (now & Block::Fill(0xFE)).Equals(Block::Fill(0xC0)) |
                      now.SaturatingMinus(Block::Fill(0xF5 - 0x80));
  return (is_continuation ^ is_due) | out_of_range | never;
}

// The same for the block at `data`, before which three bytes are readable.
Block ErrorsAt(const uint8_t* data) {
  return Errors(Block::Load(data), Block::Load(data - 1), Block::Load(data - 2),
                Block::Load(data - 3));
}

Block ErrorsAtFront(const uint8_t* data) {
  const Block now = Block::Load(data);
  return Errors(now, now.Delayed<1>(), now.Delayed<2>(), now.Delayed<3>());
}

}  // namespace

bool IsUtf8(const uint8_t* data, size_t size) {
  // The last block must have three bytes before it.
  if (size < Block::kSize + 3) return AfterAll(kBetween, data, size) == kBetween;
  if (data[size - 1] >= 0xC0 || data[size - 2] >= 0xE0 || data[size - 3] >= 0xF0) return false;
  Block errors = ErrorsAtFront(data);
  size_t i = Block::kSize;
  for (; i + kStep <= size; i += kStep) {
    // After an ASCII byte no continuation byte is due, so a step of ASCII is valid.
    if (data[i - 1] <= 0x7F && IsAsciiStep(data + i)) continue;
    errors = errors | ErrorsAt(data + i) | ErrorsAt(data + i + Block::kSize) |
             ErrorsAt(data + i + 2 * Block::kSize) | ErrorsAt(data + i + 3 * Block::kSize);
  }
  for (; i + Block::kSize < size; i += Block::kSize) errors = errors | ErrorsAt(data + i);
  return !(errors | ErrorsAt(data + size - Block::kSize)).HasHighBit();
}

#else

bool IsUtf8(const uint8_t* data, size_t size) {
  uint32_t state = kBetween;
  size_t i = 0;
  while (i < size && state != kFailed) {
    if (state == kBetween && size - i >= Block::kSize && !Block::Load(data + i).HasHighBit()) {
      i += Block::kSize;
    } else {
      state = After(state, data[i++]);
    }
  }
  return state == kBetween;
}

#endif

bool Utf8Stream::Append(const uint8_t* data, size_t size) {
  if (ascii_) {
    if (IsAscii(data, size)) return true;
    ascii_ = false;
  }
  // Three parts: the rest of the last piece's character, whole characters, the start of one.
  const size_t due = state_ >> 16;
  const size_t begin = due < size ? due : size;
  state_ = AfterAll(state_, data, begin);
  if (state_ == kFailed) return false;
  const size_t end = begin + LastBoundary(data + begin, size - begin);
  if (!IsUtf8(data + begin, end - begin)) {
    state_ = kFailed;
    return false;
  }
  state_ = AfterAll(state_, data + end, size - end);
  return state_ != kFailed;
}

}  // namespace wsfd::frame
