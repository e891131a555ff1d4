#ifndef WSFD_TEST_NATIVE_REFERENCE_REFERENCE_H_
#define WSFD_TEST_NATIVE_REFERENCE_REFERENCE_H_

#include <cstddef>
#include <cstdint>

// The rules as the RFCs write them, byte by byte: the functions of native/frame are tested against
// these.
namespace wsfd::reference {

// frame::ApplyMask.
void ApplyMask(uint8_t* data, size_t size, const uint8_t key[4], unsigned phase = 0);
// frame::IsAscii.
bool IsAscii(const uint8_t* data, size_t size);
// frame::IsUtf8.
bool IsUtf8(const uint8_t* data, size_t size);
// frame::IsLatin1, frame::Utf8ToLatin1 and frame::Utf8ToUtf16.
bool IsLatin1(const uint8_t* utf8, size_t size);
size_t Utf8ToLatin1(const uint8_t* utf8, size_t size, uint8_t* out);
size_t Utf8ToUtf16(const uint8_t* utf8, size_t size, char16_t* out);

}  // namespace wsfd::reference

#endif  // WSFD_TEST_NATIVE_REFERENCE_REFERENCE_H_
