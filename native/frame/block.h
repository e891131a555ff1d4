#ifndef WSFD_FRAME_BLOCK_H_
#define WSFD_FRAME_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

// WSFD_FRAME_BYTEWISE is defined where Block has operations on single bytes: with SSE2 (every
// x86-64) or NEON (every arm64). WSFD_FRAME_NO_VECTORS selects the code of other machines on these
// two, for tests.
#if !defined(WSFD_FRAME_NO_VECTORS)
#if defined(__SSE2__) || defined(_M_X64)
#include <emmintrin.h>
#define WSFD_FRAME_SSE2
#define WSFD_FRAME_BYTEWISE
#elif defined(__aarch64__) || defined(_M_ARM64)
#include <arm_neon.h>
#define WSFD_FRAME_NEON
#define WSFD_FRAME_BYTEWISE
#endif
#endif

namespace wsfd::frame {

// Sixteen bytes that are processed at once. Load and Store need no alignment. The result of a
// comparison has 0xFF in each byte where it holds and 0x00 elsewhere.
class Block {
 public:
  static constexpr size_t kSize = 16;

#if defined(WSFD_FRAME_SSE2)

  static Block Load(const uint8_t* from) {
    return Block(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  void Store(uint8_t* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), value_); }
  // The four bytes of `word` as they lie in memory, four times.
  static Block Repeat(uint32_t word) { return Block(_mm_set1_epi32(static_cast<int>(word))); }
  static Block Fill(uint8_t byte) { return Block(_mm_set1_epi8(static_cast<char>(byte))); }

  bool HasHighBit() const { return _mm_movemask_epi8(value_) != 0; }
  // The high bit of each byte, that of the first byte as bit 0.
  uint16_t Bits() const { return static_cast<uint16_t>(_mm_movemask_epi8(value_)); }
  // The bytes moved `kCount` places back, zeros in front.
  template <int kCount>
  Block Delayed() const {
    return Block(_mm_slli_si128(value_, kCount));
  }

  Block operator^(Block b) const { return Block(_mm_xor_si128(value_, b.value_)); }
  Block operator|(Block b) const { return Block(_mm_or_si128(value_, b.value_)); }
  Block operator&(Block b) const { return Block(_mm_and_si128(value_, b.value_)); }
  Block AndNot(Block b) const { return Block(_mm_andnot_si128(b.value_, value_)); }
  Block Equals(Block b) const { return Block(_mm_cmpeq_epi8(value_, b.value_)); }
  // Compares bytes as signed ones: 0x80 is the least, 0x7F the greatest.
  Block SignedLess(Block b) const { return Block(_mm_cmplt_epi8(value_, b.value_)); }
  // Subtracts unsigned bytes; 0 for a negative result.
  Block SaturatingMinus(Block b) const { return Block(_mm_subs_epu8(value_, b.value_)); }

 private:
  using Value = __m128i;

#elif defined(WSFD_FRAME_NEON)

  static Block Load(const uint8_t* from) { return Block(vld1q_u8(from)); }
  void Store(uint8_t* to) const { vst1q_u8(to, value_); }
  static Block Repeat(uint32_t word) { return Block(vreinterpretq_u8_u32(vdupq_n_u32(word))); }
  static Block Fill(uint8_t byte) { return Block(vdupq_n_u8(byte)); }

  bool HasHighBit() const { return vmaxvq_u8(value_) >= 0x80; }
  uint16_t Bits() const {
    static constexpr int8_t kPlaces[16] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
    const uint8x16_t bits = vshlq_u8(vshrq_n_u8(value_, 7), vld1q_s8(kPlaces));
    const uint32_t low = vaddv_u8(vget_low_u8(bits));
    const uint32_t high = vaddv_u8(vget_high_u8(bits));
    return static_cast<uint16_t>(low | (high << 8));
  }
  template <int kCount>
  Block Delayed() const {
    return Block(vextq_u8(vdupq_n_u8(0), value_, 16 - kCount));
  }

  Block operator^(Block b) const { return Block(veorq_u8(value_, b.value_)); }
  Block operator|(Block b) const { return Block(vorrq_u8(value_, b.value_)); }
  Block operator&(Block b) const { return Block(vandq_u8(value_, b.value_)); }
  Block AndNot(Block b) const { return Block(vbicq_u8(value_, b.value_)); }
  Block Equals(Block b) const { return Block(vceqq_u8(value_, b.value_)); }
  Block SignedLess(Block b) const {
    return Block(vcltq_s8(vreinterpretq_s8_u8(value_), vreinterpretq_s8_u8(b.value_)));
  }
  Block SaturatingMinus(Block b) const { return Block(vqsubq_u8(value_, b.value_)); }

 private:
  using Value = uint8x16_t;

#else

  static Block Load(const uint8_t* from) {
    Value value;
    std::memcpy(&value, from, sizeof value);
    return Block(value);
  }
  void Store(uint8_t* to) const { std::memcpy(to, &value_, sizeof value_); }
  static Block Repeat(uint32_t word) {
    const uint64_t two = (uint64_t{word} << 32) | word;
    return Block({two, two});
  }

  bool HasHighBit() const { return ((value_.a | value_.b) & 0x8080808080808080) != 0; }

  Block operator^(Block b) const { return Block({value_.a ^ b.value_.a, value_.b ^ b.value_.b}); }
  Block operator|(Block b) const { return Block({value_.a | b.value_.a, value_.b | b.value_.b}); }

 private:
  struct Value {
    uint64_t a, b;
  };

#endif

  explicit Block(Value value) : value_(value) {}

  Value value_;
};

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_BLOCK_H_
