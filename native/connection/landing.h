#ifndef WSFD_CONNECTION_LANDING_H_
#define WSFD_CONNECTION_LANDING_H_

#include <cstddef>
#include <cstdint>

#include "base/shared_block.h"
#include "connection/message.h"

namespace wsfd::connection {

// Receives a feed of medium-sized messages into blocks of the pool. A block holds several messages,
// whose owners share it instead of copying them. A message that the end of a block cuts moves to
// the front of the next.
class Landing {
 public:
  // A smaller message is cheaper to copy than to share.
  static constexpr size_t kLeastMessage = 16 * 1024;
  // A larger message has storage of its own.
  static constexpr size_t kMostMessage = 64 * 1024;
  // Messages in a block: keeping one keeps at most this many times its size.
  static constexpr size_t kMessages = 8;
  // A larger block does not fill in one wake-up.
  static constexpr size_t kMostBlock = 512 * 1024;

  // `pool` outlives this and all shared blocks; nullptr: there is never room.
  explicit Landing(BlockPool* pool) : pool_(pool) {}
  ~Landing() { Release(); }
  Landing(const Landing&) = delete;
  Landing& operator=(const Landing&) = delete;

  // Room for about `size` bytes, while no message is partly there. None if memory runs out.
  Space Begin(size_t size);
  // Room for at least `missing` bytes directly after the `came` bytes at *message, which may move
  // to a block with room for `size` bytes. None, without a move, if the message is larger than
  // that, or memory runs out.
  Space Continue(const uint8_t** message, size_t came, size_t missing, size_t size);

  bool Holds(const uint8_t* data, size_t size) const;
  // The current block; nullptr: none.
  SharedBlock* block() { return block_; }
  // Drops the current block, which other owners may keep.
  void Release();

 private:
  // A block of `size` bytes or somewhat more; nullptr if memory runs out.
  SharedBlock* NewBlock(size_t size);

  BlockPool* pool_;
  SharedBlock* block_ = nullptr;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_LANDING_H_
