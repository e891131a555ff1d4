#ifndef WSFD_FRAME_TRANSCODE_H_
#define WSFD_FRAME_TRANSCODE_H_

#include <cstddef>
#include <cstdint>

// Converts UTF-8 that IsUtf8 has accepted to the two string forms of a JavaScript engine, which
// takes over either of them several times as fast as it decodes UTF-8.
//
// No function reads past `size` bytes. `out` does not overlap `utf8`; its content after the written
// characters, up to `size` characters, is undefined.

namespace wsfd::frame {

// True if every character is at most U+00FF.
bool IsLatin1(const uint8_t* utf8, size_t size);

// Converts text that IsLatin1 accepts. `out` has room for `size` characters. Returns how many it
// wrote.
size_t Utf8ToLatin1(const uint8_t* utf8, size_t size, uint8_t* out);

// `out` has room for `size` units. Returns how many it wrote.
size_t Utf8ToUtf16(const uint8_t* utf8, size_t size, char16_t* out);

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_TRANSCODE_H_
