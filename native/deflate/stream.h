#ifndef WSFD_DEFLATE_STREAM_H_
#define WSFD_DEFLATE_STREAM_H_

// Makes zlib's input a pointer to const.
#define ZLIB_CONST
#include <zlib.h>

#include <cstddef>
#include <cstdlib>

namespace wsfd::deflate {

// Owns a z_stream. zlib keeps the address of `z`, so neither may move.
struct Stream {
  using End = int (*)(z_stream*);

  // `end_function`: inflateEnd or deflateEnd; it frees what zlib allocated.
  explicit Stream(End end_function) : end(end_function) {
    z.zalloc = [](void* self, uInt items, uInt size) -> void* {
      const size_t bytes = static_cast<size_t>(items) * size;
      static_cast<Stream*>(self)->allocated += bytes;
      return std::malloc(bytes);
    };
    z.zfree = [](void*, void* memory) { std::free(memory); };
    z.opaque = this;
  }
  ~Stream() { end(&z); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  z_stream z = {};
  const End end;
  size_t allocated = 0;  // bytes; zlib frees none before the end
};

// z_stream counts in 32 bits: larger input is passed in portions of this size.
inline constexpr size_t kMostAtOnce = size_t{1} << 30;

}  // namespace wsfd::deflate

#endif  // WSFD_DEFLATE_STREAM_H_
