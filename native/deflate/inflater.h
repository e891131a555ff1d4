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
// Memory: none before the first message. Then zlib's: a window of 2^window_bits bytes and, as
// measured, 9 KiB; in sum 41 KiB for 15 bits, 13 for 12, 9.5 for 9. It is kept for the next
// message; without context takeover Release() frees it.
class Inflater {
 public:
  // `window_bits`: of the peer, 8 to 15. `no_context_takeover`: the peer begins each message with
  // an empty window. `limit`: bytes that a message may inflate to, at most 2^62.
  Inflater(int window_bits, bool no_context_takeover, uint64_t limit);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Inflates the next `size` bytes of a message's payload and appends the result to *out, which
  // grows with the result, by at most half of its capacity or by 256 KiB.
  //
  // kNone; CompressedDataInvalid; MessageTooBig at the first byte past the limit, which is not
  // kept, or if the payload itself exceeds twice the limit by more than 1 MiB; OutOfMemory;
  // Internal. After an error only the destructor may be called.
  Error Append(const uint8_t* data, size_t size, ByteQueue* out);

  // Ends the message: all of it has been appended. kNone; CompressedDataInvalid if the data ends
  // inside a block. The next Append begins another message.
  Error Finish();

  // Frees zlib's memory if the next message does not need it: between messages without context
  // takeover. The next message allocates it anew.
  void Release();

  // Bytes that are held for zlib.
  size_t zlib_bytes() const;

 private:
  Error Open();
  // `out` is nullptr if no output is allowed.
  Error Inflate(const uint8_t* data, size_t size, ByteQueue* out);
  size_t NextRoom(size_t input) const;
  Error TooBig() const;

  std::unique_ptr<Stream> stream_;
  const uint64_t limit_;
  uint64_t taken_ = 0;     // bytes of the message's payload so far
  uint64_t produced_ = 0;  // bytes that they inflated to
  const int window_bits_;
  const bool no_context_takeover_;
  // The data so far ends at the end of a block and of a byte.
  bool at_boundary_ = true;
};

}  // namespace wsfd::deflate

#endif  // WSFD_DEFLATE_INFLATER_H_
