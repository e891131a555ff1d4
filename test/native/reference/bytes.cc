#include "test/native/reference/reference.h"

namespace wsfd::reference {

// RFC 6455 section 5.3: "Octet i of the transformed data ("transformed-octet-i") is the XOR of
// octet i of the original data ("original-octet-i") with octet at index i modulo 4 of the masking
// key ("masking-key-octet-j")".
void ApplyMask(uint8_t* data, size_t size, const uint8_t key[4], unsigned phase) {
  for (size_t i = 0; i < size; i++) data[i] ^= key[(phase + i) % 4];
}

bool IsAscii(const uint8_t* data, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (data[i] > 0x7F) return false;
  }
  return true;
}

namespace {

// RFC 3629 section 3: how many bytes a character has, which bits its first byte adds to the code
// point, and the least code point that needs that many bytes.
struct Form {
  uint8_t mask;
  uint8_t lead;
  size_t size;
  uint32_t least;
};

constexpr Form kForms[] = {
    {0x80, 0x00, 1, 0x0},      // 0xxxxxxx
    {0xE0, 0xC0, 2, 0x80},     // 110xxxxx 10xxxxxx
    {0xF0, 0xE0, 3, 0x800},    // 1110xxxx 10xxxxxx 10xxxxxx
    {0xF8, 0xF0, 4, 0x10000},  // 11110xxx 10xxxxxx 10xxxxxx 10xxxxxx
};

// The size of the character at the front, 0 if there is none.
size_t CharacterSize(const uint8_t* data, size_t size) {
  for (const Form& form : kForms) {
    if ((data[0] & form.mask) != form.lead) continue;
    if (size < form.size) return 0;
    uint32_t code_point = data[0] & static_cast<uint8_t>(~form.mask);
    for (size_t i = 1; i < form.size; i++) {
      if ((data[i] & 0xC0) != 0x80) return 0;
      code_point = code_point << 6 | (data[i] & 0x3F);
    }
    // RFC 3629 section 3: "Implementations of the decoding algorithm above MUST protect against
    // decoding invalid sequences": overlong forms, surrogates, and what is above U+10FFFF.
    if (code_point < form.least || code_point > 0x10FFFF) return 0;
    if (code_point >= 0xD800 && code_point <= 0xDFFF) return 0;
    return form.size;
  }
  return 0;
}

}  // namespace

bool IsUtf8(const uint8_t* data, size_t size) {
  while (size != 0) {
    const size_t taken = CharacterSize(data, size);
    if (taken == 0) return false;
    data += taken;
    size -= taken;
  }
  return true;
}

}  // namespace wsfd::reference
