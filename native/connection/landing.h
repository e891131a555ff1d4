#ifndef WSFD_CONNECTION_LANDING_H_
#define WSFD_CONNECTION_LANDING_H_

#include <cstddef>
#include <cstdint>

#include "base/shared_block.h"
#include "connection/message.h"

namespace wsfd::connection {

// Where a feed of middling messages is received: a block of the pool's that holds several of them,
// so that whoever keeps them shares the block and need not copy them. A message that the end of a
// block cuts moves to the front of the next.
class Landing {
 public:
  // A smaller one is cheaper copied than accounted for.
  static constexpr size_t kLeastMessage = 16 * 1024;
  // A larger one has storage of its own.
  static constexpr size_t kMostMessage = 64 * 1024;
  // Messages in a block: who keeps one keeps at most so many times as much.
  static constexpr size_t kMessages = 8;
  // A larger block is not filled at once.
  static constexpr size_t kMostBlock = 512 * 1024;

  // `pool` outlives this and all that is shared; nullptr: there is never room.
  explicit Landing(BlockPool* pool) : pool_(pool) {}
  ~Landing() { Release(); }
  Landing(const Landing&) = delete;
  Landing& operator=(const Landing&) = delete;

  // Room for about `size` bytes of messages that are all still to come. None where memory runs out.
  Space Begin(size_t size);
  // Room for `missing` more bytes, and for others behind them, right behind the `came` bytes at
  // *message, which may move to a block with room for `size` bytes. None, and nothing has moved,
  // where the message is larger than that, or memory runs out.
  Space Continue(const uint8_t** message, size_t came, size_t missing, size_t size);

  bool Holds(const uint8_t* data, size_t size) const;
  // What the bytes that it holds lie in; nullptr: there are none.
  SharedBlock* block() { return block_; }
  // No byte of it is needed here any more.
  void Release();

 private:
  // A block of `size` bytes or somewhat more; nullptr where memory runs out.
  SharedBlock* NewBlock(size_t size);

  BlockPool* pool_;
  SharedBlock* block_ = nullptr;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_LANDING_H_
