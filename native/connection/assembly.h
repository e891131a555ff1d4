#ifndef WSFD_CONNECTION_ASSEMBLY_H_
#define WSFD_CONNECTION_ASSEMBLY_H_

#include <cstddef>
#include <cstdint>

#include "base/byte_queue.h"
#include "base/error.h"
#include "connection/landing.h"
#include "connection/message.h"
#include "deflate/inflater.h"
#include "frame/utf8.h"

namespace wsfd::connection {

// Assembles the messages that are not in the receive buffer in one piece: fragmented, compressed or
// received in several reads. Complete messages lie one after the other until delivery. Storage
// grows with the received bytes, never with a declared length, but a reused block may be as large
// as declared. A message whose bytes arrive in one piece in the landing stays there.
class Assembly {
 public:
  // From this size on a message's storage comes from the pool, if that has a block, can be
  // detached, and returns to the pool.
  static constexpr size_t kLarge = BlockPool::kSmallest;

  // `pool` outlives this; nullptr: no memory is reused.
  explicit Assembly(BlockPool* pool) : pool_(pool), landing_(pool) {}

  // True between Begin and Finish.
  bool active() const { return active_; }
  // `inflater`: inflates the message; nullptr for an uncompressed one.
  void Begin(bool text, deflate::Inflater* inflater);
  bool compressed() const { return inflater_ != nullptr; }

  // The frame has `size` bytes of payload: storage for a first frame does not exceed that.
  void Expect(size_t size) {
    first_frame_ = this->size() == 0;
    expected_ = bytes_.size() + landed_size_ + size;
  }

  // Space into which the caller can read the next bytes of an uncompressed message that is large or
  // begins in the landing; else none. `missing`: bytes of the frame that are still to come.
  // `landing`: bytes of a new landing block; 0: no new block. Valid until the next call that is not
  // const.
  Space Reserve(size_t missing, size_t landing);

  // Appends bytes of the payload, without a copy if they are in the space of Reserve. kNone,
  // TextNotUtf8 at the first byte that cannot be UTF-8, OutOfMemory, or an error of the inflater.
  Error Append(const uint8_t* data, size_t size);

  // Bytes of the message so far.
  size_t size() const { return bytes_.size() - begin_ + landed_size_; }

  // Ends the message; TextNotUtf8 if its last character is incomplete, or an error of the inflater.
  // A message in storage has an offset until Resolve.
  Error Finish(Message* message);

  // Complete messages must be delivered before more is read: one is large, or their sum is.
  bool IsFull() const {
    return begin_ >= kMostUndelivered || (begin_ != 0 && last_size_ >= kLarge);
  }

  // Turns the offsets of the batch's messages into pointers, which stay valid until the next call
  // that is not const.
  void Resolve(Batch* batch);

  // Detaches the storage of a resolved message; see Connection::DetachMessage.
  Block Detach(const Message& message);

  // The complete messages are no longer needed.
  void Delivered();

  Landing& landing() { return landing_; }
  // Releases the landing's block, unless part of a message is there.
  void ReleaseLanding() {
    if (!has_landed()) landing_.Release();
  }
  // Part of a message is in the landing.
  bool has_landed() const { return landed_size_ != 0; }

 private:
  // Moves the landed part of the message to storage. False if memory runs out.
  bool MoveToStorage();
  // The bytes are in the landing, and begin the message or follow its landed part.
  bool FollowsInLanding(const uint8_t* data, size_t size) const;
  // Room for `size` more bytes; nullptr if memory runs out.
  uint8_t* MakeRoom(size_t size);
  // Takes storage from the pool if there is none and the message is large.
  void TakeStorage();
  // Releases the storage, or keeps up to kKeptWhenEmpty bytes.
  void GiveStorage();

  // So that not every message of a feed allocates.
  static constexpr size_t kKeptWhenEmpty = 4096;

  // A message may inflate to a thousand times its payload, and several such messages need not be
  // here at once.
  static constexpr size_t kMostUndelivered = 1024 * 1024;

  // Minimum growth of a large message's storage.
  static constexpr size_t kStep = 64 * 1024;

  // A shorter rest of a payload is read together with the bytes after it.
  static constexpr size_t kLeastMissing = 8 * 1024;

  BlockPool* pool_;
  Landing landing_;
  const uint8_t* landed_ = nullptr;  // where the message begins in the landing
  size_t landed_size_ = 0;           // bytes of it there; 0: it is in bytes_, or has none yet
  ByteQueue bytes_;
  size_t expected_ = 0;      // size of bytes_ when a frame that is not compressed is complete
  size_t last_size_ = 0;     // of the last message
  size_t begin_ = 0;         // of the current message, within bytes_
  bool unresolved_ = false;  // the batch has offsets
  bool active_ = false;
  bool first_frame_ = true;
  bool text_ = false;
  deflate::Inflater* inflater_ = nullptr;
  frame::Utf8Stream utf8_;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_ASSEMBLY_H_
