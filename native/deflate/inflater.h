#ifndef WSFD_DEFLATE_INFLATER_H_
#define WSFD_DEFLATE_INFLATER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/byte_queue.h"
#include "base/error.h"

namespace wsfd::deflate {

struct Stream;

// Inflates the compressed messages of one connection, one after the other (RFC 7692 section 7.2.2).
//
// Memory: none before the first message. Then what zlib takes: a window of 2^window_bits bytes and,
// measured, 9 KiB beside it; 41 KiB for 15 bits, 13 for 12, 9.5 for 9. It is kept for the next
// message; without context takeover Release() gives it back.
class Inflater {
 public:
  // `window_bits`: of the peer, 8 to 15. `no_context_takeover`: the peer begins each message with
  // an empty window. `limit`: bytes that a message may inflate to, at most 2^62.
  Inflater(int window_bits, bool no_context_takeover, uint64_t limit);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends to *out what the next `size` bytes of a message's payload inflate to. *out grows with
  // the bytes that came out, by at most half of what it holds or by 256 KiB.
  //
  // kNone; CompressedDataInvalid; MessageTooBig at the first byte past the limit, which is not
  // kept, or where the compressed payload itself is 1 MiB longer than twice the limit;
  // OutOfMemory. After an error only the destructor may be called.
  Error Append(const uint8_t* data, size_t size, ByteQueue* out);

  // Ends the message: all of it has been appended. kNone; CompressedDataInvalid where the data ends
  // inside a block. The next Append begins another message.
  Error Finish();

  // Gives zlib's memory back where the next message needs nothing of it: between messages and
  // without context takeover. The next message takes it anew.
  void Release();

  // Bytes that are held for zlib.
  size_t zlib_bytes() const;

 private:
  Error Open();
  // `out` is nullptr where nothing may come out.
  Error Inflate(const uint8_t* data, size_t size, ByteQueue* out);
  size_t NextRoom(size_t input) const;
  Error TooBig() const;

  std::unique_ptr<Stream> stream_;
  const uint64_t limit_;
  uint64_t taken_ = 0;     // bytes of the message's payload so far
  uint64_t produced_ = 0;  // bytes that they inflated to
  const int window_bits_;
  const bool no_context_takeover_;
  // The data so far ends with a block and with the last bit of a byte.
  bool at_boundary_ = true;
};

}  // namespace wsfd::deflate

#endif  // WSFD_DEFLATE_INFLATER_H_
