#ifndef WSFD_FRAME_UNITS_H_
#define WSFD_FRAME_UNITS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "frame/block.h"

// WSFD_FRAME_UNITS is defined where one instruction can permute units: on arm64, and on x86-64 with
// SSSE3 (all since 2011), for which Units::IsSupported tests at run time. A function that calls
// Permuted is marked WSFD_FRAME_PERMUTING.
#if defined(WSFD_FRAME_SSE2)
#include <tmmintrin.h>
#define WSFD_FRAME_UNITS
#if defined(_MSC_VER)
#include <intrin.h>
#endif
#if defined(__GNUC__) || defined(__clang__)
#define WSFD_FRAME_PERMUTING __attribute__((target("ssse3")))
#else
#define WSFD_FRAME_PERMUTING
#endif
#elif defined(WSFD_FRAME_NEON)
#define WSFD_FRAME_UNITS
#define WSFD_FRAME_PERMUTING
#endif

#if defined(WSFD_FRAME_UNITS)

namespace wsfd::frame {

// Eight units of 16 bits that are processed at once.
class Units {
 public:
  static constexpr size_t kCount = 8;

#if defined(WSFD_FRAME_SSE2)

  static bool IsSupported() {
    static const bool works = HasSsse3();
    return works;
  }

  // The first and the last eight bytes of `block`, a unit each.
  static Units First(Block block) {
    return Units(_mm_unpacklo_epi8(Native(block), _mm_setzero_si128()));
  }
  static Units Last(Block block) {
    return Units(_mm_unpackhi_epi8(Native(block), _mm_setzero_si128()));
  }
  static Units Fill(uint16_t unit) { return Units(_mm_set1_epi16(static_cast<int16_t>(unit))); }

  Units operator|(Units b) const { return Units(_mm_or_si128(value_, b.value_)); }
  Units operator&(Units b) const { return Units(_mm_and_si128(value_, b.value_)); }
  Units operator+(Units b) const { return Units(_mm_add_epi16(value_, b.value_)); }
  Units AndNot(Units b) const { return Units(_mm_andnot_si128(b.value_, value_)); }
  template <int kBits>
  Units ShiftedLeft() const {
    return Units(_mm_slli_epi16(value_, kBits));
  }
  template <int kBits>
  Units ShiftedRight() const {
    return Units(_mm_srli_epi16(value_, kBits));
  }
  // Puts byte order[i] of the sixteen at i, or 0 if order[i] is 0x80.
  WSFD_FRAME_PERMUTING Units Permuted(const uint8_t order[16]) const {
    return Units(
        _mm_shuffle_epi8(value_, _mm_loadu_si128(reinterpret_cast<const __m128i*>(order))));
  }

  void Store(char16_t* to) const { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), value_); }
  // Each unit, which is at most 0xFF, as a byte.
  void Store(uint8_t* to) const {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(value_, value_));
  }

  // The high bits of a block's bytes, that of the first byte lowest.
  static uint32_t HighBits(Block block) {
    return static_cast<uint32_t>(_mm_movemask_epi8(Native(block)));
  }

 private:
  using Value = __m128i;

  static bool HasSsse3() {
#if defined(_MSC_VER)
    int registers[4];
    __cpuid(registers, 1);
    return (registers[2] & (1 << 9)) != 0;  // ECX bit 9
#else
    return __builtin_cpu_supports("ssse3") != 0;
#endif
  }

  static __m128i Native(Block block) {
    __m128i value;
    std::memcpy(&value, &block, sizeof value);
    return value;
  }

#else

  static bool IsSupported() { return true; }

  static Units First(Block block) { return Units(vmovl_u8(vget_low_u8(Native(block)))); }
  static Units Last(Block block) { return Units(vmovl_u8(vget_high_u8(Native(block)))); }
  static Units Fill(uint16_t unit) { return Units(vdupq_n_u16(unit)); }

  Units operator|(Units b) const { return Units(vorrq_u16(value_, b.value_)); }
  Units operator&(Units b) const { return Units(vandq_u16(value_, b.value_)); }
  Units operator+(Units b) const { return Units(vaddq_u16(value_, b.value_)); }
  Units AndNot(Units b) const { return Units(vbicq_u16(value_, b.value_)); }
  template <int kBits>
  Units ShiftedLeft() const {
    return Units(vshlq_n_u16(value_, kBits));
  }
  template <int kBits>
  Units ShiftedRight() const {
    return Units(vshrq_n_u16(value_, kBits));
  }
  Units Permuted(const uint8_t order[16]) const {
    return Units(vreinterpretq_u16_u8(vqtbl1q_u8(vreinterpretq_u8_u16(value_), vld1q_u8(order))));
  }

  // As bytes: writing a char16_t as a uint16_t would break strict aliasing.
  void Store(char16_t* to) const {
    vst1q_u8(reinterpret_cast<uint8_t*>(to), vreinterpretq_u8_u16(value_));
  }
  void Store(uint8_t* to) const { vst1_u8(to, vmovn_u16(value_)); }

  static uint32_t HighBits(Block block) {
    static constexpr uint8_t kWeights[] = {1, 2, 4, 8, 16, 32, 64, 128,
                                           1, 2, 4, 8, 16, 32, 64, 128};
    const int8x16_t high = vshrq_n_s8(vreinterpretq_s8_u8(Native(block)), 7);
    const uint8x16_t weights = vandq_u8(vreinterpretq_u8_s8(high), vld1q_u8(kWeights));
    return vaddv_u8(vget_low_u8(weights)) | uint32_t{vaddv_u8(vget_high_u8(weights))} << 8;
  }

 private:
  using Value = uint16x8_t;

  static uint8x16_t Native(Block block) {
    uint8x16_t value;
    std::memcpy(&value, &block, sizeof value);
    return value;
  }

#endif

  explicit Units(Value value) : value_(value) {}

  Value value_;
};

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_UNITS

#endif  // WSFD_FRAME_UNITS_H_
