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

// Puts messages together that do not lie in the receive buffer in one piece: fragmented ones and
// those whose bytes come in several reads. Several may be complete and not yet delivered; they lie
// one behind the other. Storage grows with the bytes that came, never with a declared length; but
// memory that was used before may be as large as is declared. A message whose bytes come one behind
// the other where they are kept, in the landing, stays there.
class Assembly {
 public:
  // From here on a message's storage comes from the pool where that has some, can be given away,
  // and goes back into the pool.
  static constexpr size_t kLarge = BlockPool::kSmallest;

  // `pool` outlives this; nullptr: no memory is used again.
  explicit Assembly(BlockPool* pool) : pool_(pool), landing_(pool) {}

  // True between Begin and Finish.
  bool active() const { return active_; }
  // `inflater`: what the message's bytes pass through; nullptr for an uncompressed message.
  void Begin(bool text, deflate::Inflater* inflater);
  bool compressed() const { return inflater_ != nullptr; }

  // The frame has `size` bytes of payload: storage for those of a first frame does not outgrow
  // that.
  void Expect(size_t size) {
    first_frame_ = this->size() == 0;
    expected_ = bytes_.size() + landed_size_ + size;
  }

  // Where the next bytes of a message that is not compressed go, for whoever can put them there,
  // where that is known: a large one's, of which `missing` are still to come, and those of one that
  // begins in the landing. That is worth a block of `landing` bytes; 0: none. Good until the next
  // call that is not const.
  Space Reserve(size_t missing, size_t landing);

  // Adds bytes of the payload, which are not copied if they are where Reserve said. kNone,
  // TextNotUtf8 at the first byte that cannot be UTF-8, OutOfMemory, or an error of the inflater.
  Error Append(const uint8_t* data, size_t size);

  // Bytes of the message so far.
  size_t size() const { return bytes_.size() - begin_ + landed_size_; }

  // Ends the message; TextNotUtf8 if its last character is incomplete, or an error of the inflater.
  // `message->data` is an offset until Resolve.
  Error Finish(Message* message);

  // Complete messages are to be handed on before more is read: they are large, or together.
  bool IsFull() const { return begin_ >= kFull || (begin_ != 0 && last_size_ >= kLarge); }

  // Turns the offsets of the batch's assembled messages into pointers, which stay valid until the
  // next call that is not const.
  void Resolve(Batch* batch);

  // Gives away the storage of a message that Resolve was called for; see Connection.
  Block Detach(const Message& message);

  // The complete messages are no longer needed.
  void Delivered();

  Landing& landing() { return landing_; }
  // Gives its block back, unless part of a message lies there.
  void ReleaseLanding() {
    if (!has_landed()) landing_.Release();
  }
  // Part of a message lies there.
  bool has_landed() const { return landed_size_ != 0; }

 private:
  // Moves what has landed of the message to storage. False where memory runs out.
  bool MoveToStorage();
  // The bytes follow, in the landing, those of the message that came before.
  bool FollowsInLanding(const uint8_t* data, size_t size) const;
  // Room for `size` more bytes; nullptr where memory runs out.
  uint8_t* MakeRoom(size_t size);
  // Takes storage from the pool, where there is none and a large message comes.
  void TakeStorage();
  // Gives all storage back, or keeps a little.
  void GiveStorage();

  // What an empty assembly may keep, so that a feed of middling messages does not allocate for
  // each.
  static constexpr size_t kKeep = 4096;

  // Compressed messages may become a thousand times as long as they came, and several of them need
  // not lie here at once.
  static constexpr size_t kFull = 1024 * 1024;

  // What a large message's storage grows by at least.
  static constexpr size_t kStep = 64 * 1024;

  // A payload of which less is missing comes with what is behind it.
  static constexpr size_t kLeastMissing = 8 * 1024;

  BlockPool* pool_;
  Landing landing_;
  const uint8_t* landed_ = nullptr;  // where the message begins in the landing
  size_t landed_size_ = 0;           // bytes of it there; 0: it is in bytes_, or has none yet
  ByteQueue bytes_;
  size_t expected_ = 0;      // size of bytes_ when a frame that is not compressed is complete
  size_t last_size_ = 0;     // of the last message
  size_t begin_ = 0;         // of the message that is being put together, within bytes_
  bool unresolved_ = false;  // the batch has offsets
  bool active_ = false;
  bool first_frame_ = true;
  bool text_ = false;
  deflate::Inflater* inflater_ = nullptr;
  frame::Utf8Stream utf8_;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_ASSEMBLY_H_
