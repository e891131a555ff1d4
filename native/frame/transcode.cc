#include "frame/transcode.h"

#include <array>
#include <cstring>

#include "frame/block.h"
#include "frame/units.h"
#include "frame/utf8.h"

namespace wsfd::frame {

namespace {

// U+0080 to U+00BF are C2 80 to C2 BF, and U+00C0 to U+00FF are C3 80 to C3 BF: the second byte is
// the character, or lacks only this bit.
constexpr uint8_t kUpperHalf = 0x40;

bool IsLatin1OneByOne(const uint8_t* utf8, size_t size) {
  bool all = true;
  for (size_t i = 0; i < size; i++) all &= utf8[i] < 0xC4;
  return all;
}

size_t Latin1OneByOne(const uint8_t* utf8, size_t size, uint8_t* out) {
  size_t written = 0;
  uint8_t before = 0;
  for (size_t i = 0; i < size; i++) {
    const uint8_t byte = utf8[i];
    out[written] = static_cast<uint8_t>(byte | (before == 0xC3 ? kUpperHalf : 0));
    written += (byte & 0xFE) != 0xC2;
    before = byte;
  }
  return written;
}

// Writes the character at the front and moves `out` past it. Returns its size in UTF-8.
size_t OneToUtf16(const uint8_t* utf8, char16_t** out) {
  const auto bits = [utf8](size_t i) { return uint32_t{utf8[i]} & 0x3F; };
  const uint32_t lead = utf8[0];
  uint32_t unit = lead;
  size_t size = 1;
  if (lead >= 0xF0) {
    const uint32_t code_point = (lead & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
    *(*out)++ = static_cast<char16_t>(0xD800 + ((code_point - 0x10000) >> 10));
    unit = 0xDC00 | (code_point & 0x3FF);
    size = 4;
  } else if (lead >= 0xE0) {
    unit = (lead & 0x0F) << 12 | bits(1) << 6 | bits(2);
    size = 3;
  } else if (lead >= 0xC0) {
    unit = (lead & 0x1F) << 6 | bits(1);
    size = 2;
  }
  *(*out)++ = static_cast<char16_t>(unit);
  return size;
}

size_t Utf16OneByOne(const uint8_t* utf8, size_t size, char16_t* out) {
  char16_t* const begin = out;
  for (size_t i = 0; i < size;) i += OneToUtf16(utf8 + i, &out);
  return static_cast<size_t>(out - begin);
}

}  // namespace

#if defined(WSFD_FRAME_UNITS)

namespace {

// Text mixes characters of one to four bytes, and a branch on the size of each is mispredicted at
// every change. So a unit is computed for every byte, from it and the bytes before it, as though a
// character ended there; then the invalid units are dropped. 64 bytes of German take 7 ns instead
// of 45.

// For each set of dropped units, the order of bytes that moves the others to the front.
constexpr std::array<std::array<uint8_t, 16>, 256> Orders() {
  std::array<std::array<uint8_t, 16>, 256> orders{};
  for (size_t dropped = 0; dropped < orders.size(); dropped++) {
    size_t next = 0;
    for (size_t i = 0; i < Units::kCount; i++) {
      if ((dropped >> i & 1) != 0) continue;
      orders[dropped][next++] = static_cast<uint8_t>(2 * i);
      orders[dropped][next++] = static_cast<uint8_t>(2 * i + 1);
    }
    while (next < 16) orders[dropped][next++] = 0x80;
  }
  return orders;
}

// For each set of dropped units, how many are left.
constexpr std::array<uint8_t, 256> Kept() {
  std::array<uint8_t, 256> kept{};
  for (size_t dropped = 0; dropped < kept.size(); dropped++) {
    for (size_t i = 0; i < Units::kCount; i++) kept[dropped] += (dropped >> i & 1) == 0;
  }
  return kept;
}

constexpr auto kOrders = Orders();
constexpr auto kKept = Kept();

// A block and, in the same places, the bytes one, two and three before it.
struct Window {
  // Zeros stand before the front.
  static Window AtFront(const uint8_t* data) {
    const Block now = Block::Load(data);
    return {now, now.Delayed<1>(), now.Delayed<2>(), now.Delayed<3>()};
  }
  static Window Behind(const uint8_t* data) {
    return {Block::Load(data), Block::Load(data - 1), Block::Load(data - 2), Block::Load(data - 3)};
  }

  Block now, before1, before2, before3;
};

// A unit for each byte of a block; bit i of `dropped_mask` is set if that of byte i is invalid.
struct Candidates {
  Units first, last;
  uint32_t dropped_mask;

  size_t kept() const { return size_t{kKept[dropped_mask & 0xFF]} + kKept[dropped_mask >> 8]; }

  // Writes kept() units, then a zero for each unit that is dropped of the last eight: at most
  // Block::kSize units in all.
  template <typename Unit>
  WSFD_FRAME_PERMUTING void Store(Unit* out) const {
    first.Permuted(kOrders[dropped_mask & 0xFF].data()).Store(out);
    last.Permuted(kOrders[dropped_mask >> 8].data()).Store(out + kKept[dropped_mask & 0xFF]);
  }
};

template <Window (*kLook)(const uint8_t*)>
inline Candidates ToLatin1(const uint8_t* data) {
  const Window window = kLook(data);
  const Block is_lead = (window.now & Block::Fill(0xFE)).Equals(Block::Fill(0xC2));
  const Block characters =
      window.now | (window.before1.Equals(Block::Fill(0xC3)) & Block::Fill(kUpperHalf));
  return {Units::First(characters), Units::Last(characters), Units::HighBits(is_lead)};
}

// The units of a block with characters of four bytes, from those computed as for three bytes.
// 000uuuuu zzzzyyyy yyxxxxxx is 110110ww wwzzzzyy 110111yy yyxxxxxx with wwww = uuuuu - 1: the high
// surrogate is made of the character's first three bytes, the low one of the last two.
template <Units (*kHalf)(Block)>
Units WithSurrogates(Units units, Block before2, Block before3) {
  const auto is_lead = [](Block block) {
    const Block high = block.SaturatingMinus(Block::Fill(0xF0 - 0x80));
    const Units mask = kHalf(high.SignedLess(Block::Fill(0)));
    return mask | mask.ShiftedLeft<8>();
  };
  const Units is_high = is_lead(before2);
  const Units is_low = is_lead(before3);
  const Units high = units.ShiftedRight<4>() + Units::Fill(0xD800 - (0x10000 >> 10));
  const Units low = (units & Units::Fill(0x3FF)) | Units::Fill(0xDC00);
  return (is_high & high) | (is_low & low) | units.AndNot(is_high | is_low);
}

template <Window (*kLook)(const uint8_t*)>
inline Candidates ToUtf16(const uint8_t* data) {
  const Window window = kLook(data);
  const Block three_or_more = window.before2.SaturatingMinus(Block::Fill(0xE0 - 0x80));
  const Block last_of_four = window.before3.SaturatingMinus(Block::Fill(0xF0 - 0x80));
  // A byte that is not ASCII yields a unit if it is the last one of a character, or the third of
  // four (the high surrogate).
  const Block is_unit =
      (window.before1 & Block::Fill(0xE0)).Equals(Block::Fill(0xC0)) | three_or_more | last_of_four;
  const Block is_continuation = window.now.SignedLess(Block::Fill(0xC0));
  const Block low = window.now ^ (is_continuation & Block::Fill(0x80));
  const Block middle = window.before1 & is_continuation & Block::Fill(0x3F);
  const Block high = window.before2 & three_or_more.SignedLess(Block::Fill(0));
  Units first = Units::First(low) | Units::First(middle).ShiftedLeft<6>() |
                Units::First(high).ShiftedLeft<12>();
  Units last =
      Units::Last(low) | Units::Last(middle).ShiftedLeft<6>() | Units::Last(high).ShiftedLeft<12>();
  const Block third_of_four = window.before2.SaturatingMinus(Block::Fill(0xF0 - 0x80));
  if ((last_of_four | third_of_four).HasHighBit()) {
    first = WithSurrogates<Units::First>(first, window.before2, window.before3);
    last = WithSurrogates<Units::Last>(last, window.before2, window.before3);
  }
  return {first, last, Units::HighBits(window.now ^ is_unit)};
}

constexpr size_t kStep = 4 * Block::kSize;

void CopyAsciiStep(const uint8_t* ascii, uint8_t* out) { std::memcpy(out, ascii, kStep); }

void CopyAsciiStep(const uint8_t* ascii, char16_t* out) {
  for (size_t i = 0; i < kStep; i += Block::kSize) {
    const Block block = Block::Load(ascii + i);
    Units::First(block).Store(out + i);
    Units::Last(block).Store(out + i + Units::kCount);
  }
}

// The last block must have three bytes before it.
constexpr size_t kLeastForUnits = Block::kSize + 3;

// A block that begins at byte i of the text is stored at unit i at most, so all of it has room.
using Converter = Candidates (*)(const uint8_t*);
template <Converter kFront, Converter kBehind, typename Unit>
WSFD_FRAME_PERMUTING size_t ConvertBlocks(const uint8_t* utf8, size_t size, Unit* out) {
  size_t written = 0;
  const auto append = [&](const Candidates& candidates) WSFD_FRAME_PERMUTING {
    candidates.Store(out + written);
    written += candidates.kept();
  };
  append(kFront(utf8));
  size_t i = Block::kSize;
  for (; i + kStep <= size; i += kStep) {
    if (IsAscii(utf8 + i, kStep)) {
      CopyAsciiStep(utf8 + i, out + written);
      written += kStep;
      continue;
    }
    for (size_t j = 0; j < kStep; j += Block::kSize) append(kBehind(utf8 + i + j));
  }
  for (; i + Block::kSize <= size; i += Block::kSize) append(kBehind(utf8 + i));
  if (i == size) return written;
  // The last block overlaps the one before it, and repeats the units they share.
  const Candidates candidates = kBehind(utf8 + size - Block::kSize);
  const uint32_t done = (1U << (Block::kSize - (size - i))) - 1;
  written += Candidates{candidates.first, candidates.last, candidates.dropped_mask | done}.kept();
  candidates.Store(out + written - candidates.kept());
  return written;
}

}  // namespace

bool IsLatin1(const uint8_t* utf8, size_t size) {
  if (size < Block::kSize) return IsLatin1OneByOne(utf8, size);
  // The high bit is left if the byte is at least 0xC4.
  const auto excess = [utf8](size_t i) {
    return Block::Load(utf8 + i).SaturatingMinus(Block::Fill(0xC4 - 0x80));
  };
  Block found = excess(size - Block::kSize);
  size_t i = 0;
  for (; i + kStep <= size; i += kStep) {
    found = found | excess(i) | excess(i + Block::kSize) | excess(i + 2 * Block::kSize) |
            excess(i + 3 * Block::kSize);
    if (found.HasHighBit()) return false;
  }
  for (; i + Block::kSize <= size; i += Block::kSize) found = found | excess(i);
  return !found.HasHighBit();
}

size_t Utf8ToLatin1(const uint8_t* utf8, size_t size, uint8_t* out) {
  return size < kLeastForUnits || !Units::IsSupported()
             ? Latin1OneByOne(utf8, size, out)
             : ConvertBlocks<ToLatin1<Window::AtFront>, ToLatin1<Window::Behind>>(utf8, size, out);
}

size_t Utf8ToUtf16(const uint8_t* utf8, size_t size, char16_t* out) {
  return size < kLeastForUnits || !Units::IsSupported()
             ? Utf16OneByOne(utf8, size, out)
             : ConvertBlocks<ToUtf16<Window::AtFront>, ToUtf16<Window::Behind>>(utf8, size, out);
}

#else

bool IsLatin1(const uint8_t* utf8, size_t size) { return IsLatin1OneByOne(utf8, size); }

size_t Utf8ToLatin1(const uint8_t* utf8, size_t size, uint8_t* out) {
  return Latin1OneByOne(utf8, size, out);
}

size_t Utf8ToUtf16(const uint8_t* utf8, size_t size, char16_t* out) {
  return Utf16OneByOne(utf8, size, out);
}

#endif

}  // namespace wsfd::frame
