#ifndef WSFD_BASE_SHARED_BLOCK_H_
#define WSFD_BASE_SHARED_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <new>

#include "base/block_pool.h"

namespace wsfd {

// A block with several owners, each of some of its bytes. The last one to release it gives it to
// the pool. This header is at the block's front. Belongs to one thread.
class SharedBlock {
 public:
  // Bytes reserved for this header.
  static constexpr size_t kOverhead = 64;

  // Takes the block, of more than kOverhead bytes, for one owner.
  static SharedBlock* Make(Block block) { return new (block.data) SharedBlock(block.capacity); }
  SharedBlock(const SharedBlock&) = delete;
  SharedBlock& operator=(const SharedBlock&) = delete;

  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(this) + kOverhead; }
  uint8_t* end() { return reinterpret_cast<uint8_t*>(this) + capacity_; }
  size_t size() const { return capacity_ - kOverhead; }
  // There is more than one owner.
  bool shared() const { return owners_ != 1; }

  void AddOwner() { owners_++; }
  // Ends the ownership of the caller.
  void Release(BlockPool* pool) {
    if (--owners_ == 0) pool->Give({reinterpret_cast<uint8_t*>(this), capacity_});
  }

 private:
  explicit SharedBlock(size_t capacity) : capacity_(capacity) {}

  size_t capacity_;
  size_t owners_ = 1;
};

}  // namespace wsfd

#endif  // WSFD_BASE_SHARED_BLOCK_H_
