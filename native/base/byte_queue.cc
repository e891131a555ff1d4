#include "base/byte_queue.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace wsfd {

namespace {
constexpr size_t kSmallest = 1024;
}

uint8_t* ByteQueue::Grow(size_t count) {
  const size_t used = size();
  if (count > SIZE_MAX / 2 - used) return nullptr;
  // Moving the bytes to the front is cheap enough if at least as many were consumed.
  if (storage_ != nullptr && capacity_ - used >= count && used <= begin_) {
    return MoveTo(capacity_);
  }
  return MoveTo(std::max({kSmallest, used + count, capacity_ + capacity_ / 2}));
}

uint8_t* ByteQueue::MoveTo(size_t capacity) {
  const size_t used = size();
  if (begin_ != 0 && used != 0) std::memmove(storage_, storage_ + begin_, used);
  begin_ = 0;
  end_ = used;
  if (capacity != capacity_) {
    auto* moved = static_cast<uint8_t*>(std::realloc(storage_, capacity));
    if (moved == nullptr) return nullptr;
    storage_ = moved;
    capacity_ = capacity;
  }
  return storage_ + used;
}

Block ByteQueue::Detach() {
  if (begin_ != 0) MoveTo(capacity_);
  const Block block{storage_, capacity_};
  storage_ = nullptr;
  Free();
  return block;
}

void ByteQueue::Adopt(Block block) {
  Free();
  storage_ = block.data;
  capacity_ = block.capacity;
}

void ByteQueue::Free() {
  std::free(storage_);
  storage_ = nullptr;
  begin_ = end_ = capacity_ = 0;
}

void ByteQueue::Swap(ByteQueue& other) noexcept {
  std::swap(storage_, other.storage_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
  std::swap(capacity_, other.capacity_);
}

}  // namespace wsfd
