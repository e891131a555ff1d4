#ifndef WSFD_CONNECTION_ASSEMBLY_H_
#define WSFD_CONNECTION_ASSEMBLY_H_

#include <cstddef>
#include <cstdint>

#include "base/byte_queue.h"
#include "base/error.h"
#include "connection/message.h"
#include "deflate/inflater.h"
#include "frame/utf8.h"

namespace wsfd::connection {

// Puts messages together that do not lie in the receive buffer in one piece: fragmented ones and
// those whose bytes come in several reads. Several may be complete and not yet delivered; they lie
// one behind the other. Storage grows with the bytes that came, never with a declared length.
class Assembly {
 public:
  // True between Begin and Finish.
  bool active() const { return active_; }
  // `inflater`: what the message's bytes pass through; nullptr for an uncompressed message.
  void Begin(bool text, deflate::Inflater* inflater);
  bool compressed() const { return inflater_ != nullptr; }

  // The frame has `size` bytes of payload: storage for the bytes that come does not outgrow that.
  void Expect(size_t size) { expected_ = bytes_.size() + size; }

  // Adds bytes of the payload. kNone, TextNotUtf8 at the first byte that cannot be UTF-8,
  // OutOfMemory, or an error of the inflater.
  Error Append(const uint8_t* data, size_t size);

  // Bytes of the message so far.
  size_t size() const { return bytes_.size() - begin_; }

  // Ends the message; TextNotUtf8 if its last character is incomplete, or an error of the inflater.
  // `message->data` is an offset until Resolve.
  Error Finish(Message* message);

  // Bytes of complete messages that are not delivered yet.
  size_t undelivered() const { return begin_; }

  // Turns the offsets of the batch's assembled messages into pointers, which stay valid until the
  // next call that is not const.
  void Resolve(Batch* batch);

  // Gives away the storage of a message that Resolve was called for; see Connection.
  uint8_t* Detach(const Message& message);

  // The complete messages are no longer needed.
  void Delivered();

 private:
  // What an empty assembly may keep, so that a feed of middling messages does not allocate for
  // each.
  static constexpr size_t kKeep = 4096;

  // From here on a message's storage is made to fit and can be given away. Below, memory that is
  // used again and again and copied from is cheaper than new memory for each message.
  static constexpr size_t kLarge = 2 * 1024 * 1024;

  ByteQueue bytes_;
  size_t expected_ = 0;      // size of bytes_ when the frame is complete
  size_t begin_ = 0;         // of the message that is being put together, within bytes_
  bool unresolved_ = false;  // the batch has offsets
  bool active_ = false;
  bool text_ = false;
  deflate::Inflater* inflater_ = nullptr;
  frame::Utf8Stream utf8_;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_ASSEMBLY_H_
