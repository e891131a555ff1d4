#ifndef WSFD_BASE_BLOCK_POOL_H_
#define WSFD_BASE_BLOCK_POOL_H_

#include <cstddef>
#include <cstdint>

namespace wsfd {

// Memory from std::malloc; does not own it.
struct Block {
  uint8_t* data = nullptr;  // nullptr: none
  size_t capacity = 0;      // bytes
};

// Keeps large free blocks for reuse. The system zeroes each page of new memory at the first write,
// which costs more than copying a message. Owns the kept blocks. Not thread-safe.
class BlockPool {
 public:
  // Smaller blocks are not kept: copying is cheaper than accounting for them.
  static constexpr size_t kSmallest = 32768;
  // Limit of size(). V8 collects dead young Buffers when they hold 32 to 64 MiB (twice its
  // semi-space), so that as many bytes are given back at once.
  static constexpr size_t kMostBytes = 64 * 1024 * 1024;

  BlockPool() = default;
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  // Returns a block of `size`, which is not 0, to twice `size` bytes from those given back last, or
  // none. The caller gives it back or frees it.
  Block Take(size_t size) noexcept;

  // Keeps the block, and frees the oldest ones to stay within kMostBytes. Frees the block itself if
  // Take was not called since Stop, or if it is smaller than kSmallest or larger than kMostBytes.
  void Give(Block block) noexcept;

  // Frees the bytes that no Take has needed since the last call, oldest blocks first. False if Take
  // was not called.
  bool Trim() noexcept;
  // Frees all blocks, and keeps none until the next Take.
  void Stop() noexcept;
  // Take was called since Stop.
  bool active() const { return asked_bytes_ != 0; }

  // Bytes that Take was asked for since Stop.
  uint64_t asked_bytes() const { return asked_bytes_; }

  // Bytes of all kept blocks.
  size_t size() const { return size_; }

 private:
  // Blocks that Take examines: each one may be a cache miss.
  static constexpr int kMostLookedAt = 64;

  // At the front of each kept block: a list in the order of Give.
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
  size_t least_size_since_trim_ = 0;
  uint64_t asked_bytes_ = 0;
  bool asked_ = false;  // since the last Trim
};

}  // namespace wsfd

#endif  // WSFD_BASE_BLOCK_POOL_H_
