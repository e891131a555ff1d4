#include "frame/mask.h"

#include <cstring>

#include "frame/block.h"

namespace wsfd::frame {

namespace {

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
constexpr bool kBigEndian = true;
#else
constexpr bool kBigEndian = false;
#endif

// The four bytes of a masking key as they lie in memory, from octet `phase` % 4 on.
uint32_t Rotate(uint32_t key, size_t phase) {
  const unsigned bits = static_cast<unsigned>(phase % 4) * 8;
  const unsigned left = kBigEndian ? bits : 32 - bits;
  return (key << left % 32) | (key >> (32 - left) % 32);
}

// Four bytes with the interface of Block.
class Word {
 public:
  static constexpr size_t kSize = 4;

  static Word Load(const uint8_t* from) {
    uint32_t value;
    std::memcpy(&value, from, kSize);
    return Word(value);
  }
  void Store(uint8_t* to) const { std::memcpy(to, &value_, kSize); }
  static Word Repeat(uint32_t word) { return Word(word); }
  Word operator^(Word b) const { return Word(value_ ^ b.value_); }

 private:
  explicit Word(uint32_t value) : value_(value) {}

  uint32_t value_;
};

// Masks at least Unit::kSize bytes. The last unit may overlap the one before it, so that no byte is
// masked alone. It is read before the first write, since `to` may be `from`.
template <typename Unit>
void MaskUnits(uint8_t* to, const uint8_t* from, size_t size, uint32_t key) {
  const size_t last = size - Unit::kSize;
  const Unit masked_last = Unit::Load(from + last) ^ Unit::Repeat(Rotate(key, last));
  const Unit repeated = Unit::Repeat(key);
  for (size_t i = 0; i < last; i += Unit::kSize) (Unit::Load(from + i) ^ repeated).Store(to + i);
  masked_last.Store(to + last);
}

// `to` is `from` or does not overlap it.
void Mask(uint8_t* to, const uint8_t* from, size_t size, const uint8_t key[4], unsigned phase) {
  if (size < Word::kSize) {
    for (size_t i = 0; i < size; i++) to[i] = from[i] ^ key[(phase + i) % 4];
    return;
  }
  uint32_t word;
  std::memcpy(&word, key, sizeof word);
  word = Rotate(word, phase);
  if (size < Block::kSize) {
    MaskUnits<Word>(to, from, size, word);
  } else {
    MaskUnits<Block>(to, from, size, word);
  }
}

}  // namespace

void ApplyMask(uint8_t* data, size_t size, const uint8_t key[4], unsigned phase) {
  Mask(data, data, size, key, phase);
}

void ApplyMaskCopy(uint8_t* to, const uint8_t* from, size_t size, const uint8_t key[4],
                   unsigned phase) {
  Mask(to, from, size, key, phase);
}

}  // namespace wsfd::frame
