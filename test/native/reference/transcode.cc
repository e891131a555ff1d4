#include "test/native/reference/reference.h"

namespace wsfd::reference {

namespace {

// RFC 3629 section 3: "Decoding a UTF-8 character proceeds as follows": the number of bytes comes
// from the first one, whose free bits and those of the others are the code point's.
size_t Decode(const uint8_t* utf8, uint32_t* code_point) {
  static constexpr struct {
    uint8_t mask, lead;
  } kForms[] = {{0x80, 0x00}, {0xE0, 0xC0}, {0xF0, 0xE0}, {0xF8, 0xF0}};
  size_t size = 1;
  while ((utf8[0] & kForms[size - 1].mask) != kForms[size - 1].lead) size++;
  *code_point = utf8[0] & ~uint32_t{kForms[size - 1].mask};
  for (size_t i = 1; i < size; i++) *code_point = *code_point << 6 | (utf8[i] & 0x3F);
  return size;
}

}  // namespace

bool IsLatin1(const uint8_t* utf8, size_t size) {
  uint32_t code_point;
  for (size_t i = 0; i < size;) {
    i += Decode(utf8 + i, &code_point);
    if (code_point > 0xFF) return false;
  }
  return true;
}

size_t Utf8ToLatin1(const uint8_t* utf8, size_t size, uint8_t* out) {
  size_t written = 0;
  uint32_t code_point;
  for (size_t i = 0; i < size;) {
    i += Decode(utf8 + i, &code_point);
    out[written++] = static_cast<uint8_t>(code_point);
  }
  return written;
}

size_t Utf8ToUtf16(const uint8_t* utf8, size_t size, char16_t* out) {
  size_t written = 0;
  uint32_t code_point;
  for (size_t i = 0; i < size;) {
    i += Decode(utf8 + i, &code_point);
    if (code_point < 0x10000) {
      out[written++] = static_cast<char16_t>(code_point);
      continue;
    }
    // RFC 2781 section 2.1: "Let U' = U - 0x10000", its upper ten bits to W1, its lower ten to W2.
    const uint32_t excess = code_point - 0x10000;
    out[written++] = static_cast<char16_t>(0xD800 | excess >> 10);
    out[written++] = static_cast<char16_t>(0xDC00 | (excess & 0x3FF));
  }
  return written;
}

}  // namespace wsfd::reference
