#ifndef WSFD_BASE_BLOCK_POOL_H_
#define WSFD_BASE_BLOCK_POOL_H_

#include <cstddef>
#include <cstdint>

namespace wsfd {

// Memory from std::malloc, whoever has it.
struct Block {
  uint8_t* data = nullptr;  // nullptr: none
  size_t capacity = 0;      // bytes
};

// Keeps large blocks that are not needed any more for those who need one next. The system gives new
// memory page by page, each filled with zeros when it is first written to: that costs more than to
// copy a message. Owns what it keeps. Not thread-safe.
class BlockPool {
 public:
  // Smaller blocks are not kept: to copy is cheaper than to account for them.
  static constexpr size_t kSmallest = 32768;
  // Bytes of all blocks that are kept. V8 collects Buffers that died young when they hold 32 to 64
  // MiB (twice its semi-space), so that as much is given back at once.
  static constexpr size_t kMost = 64 * 1024 * 1024;

  BlockPool() = default;
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // A block that has room for `size` bytes and for at most twice as many, among those that were
  // given back last; none where there is no such block. The caller gives it back, or frees it.
  Block Take(size_t size) noexcept;

  // Keeps the block, or frees it if nobody has asked for any since Stop, or it is small, or larger
  // than all that is kept may be. Blocks that were given back long ago make room.
  void Give(Block block) noexcept;

  // Frees the bytes that nobody has needed since the last call, oldest blocks first. False if
  // nobody has asked for any.
  bool Trim() noexcept;
  // Frees all, and keeps nothing until somebody asks for a block.
  void Stop() noexcept;
  // Somebody has asked for a block since Stop.
  bool keeps() const { return keeps_; }

  // Bytes of all blocks that are kept.
  size_t size() const { return size_; }

 private:
  // How many blocks Take looks at: each may have to be fetched into the processor's cache.
  static constexpr int kMostLookedAt = 64;

  // Stands at the front of each block that is kept: a list in the order in which they were given.
  struct Kept {
    Kept* older;
    Kept* newer;
    size_t capacity;
  };

  Block Remove(Kept* kept) noexcept;
  // Frees the oldest blocks until at most `size` bytes are kept.
  void ShrinkTo(size_t size) noexcept;

  Kept* oldest_ = nullptr;
  Kept* newest_ = nullptr;
  size_t size_ = 0;
  size_t least_size_ = 0;  // that size_ had since the last Trim
  bool keeps_ = false;
  bool asked_ = false;  // since the last Trim
};

}  // namespace wsfd

#endif  // WSFD_BASE_BLOCK_POOL_H_
