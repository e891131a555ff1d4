#include "frame/json_array.h"

#include <algorithm>

#include "frame/block.h"

namespace wsfd::frame {

namespace {

// RFC 8259 section 2: the structural characters of arrays and objects. Each bracket differs from
// its brace in one bit.
constexpr uint8_t kBraceBit = 0x20;

bool Opens(uint8_t byte) { return (byte | kBraceBit) == '{'; }
bool Closes(uint8_t byte) { return (byte | kBraceBit) == '}'; }

// Byte by byte: for text with escapes, and for machines without vectors.
bool BalancesBytewise(const uint8_t* text, size_t size) {
  ptrdiff_t open = 0;
  bool in_string = false;
  for (size_t i = 0; i < size; i++) {
    const uint8_t byte = text[i];
    if (byte == '"') {
      in_string = !in_string;
    } else if (in_string) {
      // RFC 8259 section 7: a backslash escapes the character behind it, which may be a quote.
      if (byte == '\\') i++;
    } else {
      open += static_cast<ptrdiff_t>(Opens(byte)) - static_cast<ptrdiff_t>(Closes(byte));
    }
  }
  return open == 0;
}

#if defined(WSFD_FRAME_BYTEWISE)

constexpr size_t kChunk = 64;

// The kinds of 64 bytes, a bit for each byte.
struct Masks {
  uint64_t quotes = 0;
  uint64_t backslashes = 0;
  uint64_t opening = 0;
  uint64_t closing = 0;
};

Masks MasksOf(const uint8_t* chunk) {
  Masks masks;
  for (size_t i = 0; i < kChunk; i += Block::kSize) {
    const Block block = Block::Load(chunk + i);
    const Block braces = block | Block::Fill(kBraceBit);
    masks.quotes |= uint64_t{block.Equals(Block::Fill('"')).Bits()} << i;
    masks.backslashes |= uint64_t{block.Equals(Block::Fill('\\')).Bits()} << i;
    masks.opening |= uint64_t{braces.Equals(Block::Fill('{')).Bits()} << i;
    masks.closing |= uint64_t{braces.Equals(Block::Fill('}')).Bits()} << i;
  }
  return masks;
}

// Bit i: whether an odd number of bits are set in `bits` up to and with bit i.
uint64_t ParityUpTo(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

// (few bits are set)
ptrdiff_t CountBits(uint64_t bits) {
  ptrdiff_t count = 0;
  for (; bits != 0; bits &= bits - 1) count++;
  return count;
}

#endif

}  // namespace

void JsonArrayWriter::Add(const uint8_t* text, size_t size) {
  *next_++ = follows_ ? ',' : '[';
  if (follows_) *next_++ = '\n';
  follows_ = true;
  next_ = std::copy_n(text, size, next_);
}

#if defined(WSFD_FRAME_BYTEWISE)

bool BracketsBalance(const uint8_t* text, size_t size) {
  ptrdiff_t open = 0;
  uint64_t in_string = 0;  // all bits set: the chunk begins in one
  for (size_t at = 0; at < size; at += kChunk) {
    uint8_t rest[kChunk];
    const uint8_t* chunk = text + at;
    if (size - at < kChunk) {
      std::fill(std::copy(chunk, text + size, rest), rest + kChunk, uint8_t{' '});
      chunk = rest;
    }
    const Masks masks = MasksOf(chunk);
    if (masks.backslashes != 0) return BalancesBytewise(text, size);
    const uint64_t strings = ParityUpTo(masks.quotes) ^ in_string;
    open += CountBits(masks.opening & ~strings) - CountBits(masks.closing & ~strings);
    in_string = (strings >> (kChunk - 1)) != 0 ? ~uint64_t{0} : 0;
  }
  return open == 0;
}

#else

bool BracketsBalance(const uint8_t* text, size_t size) { return BalancesBytewise(text, size); }

#endif

}  // namespace wsfd::frame
