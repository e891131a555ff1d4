#include "base/block_pool.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace wsfd {

BlockPool::~BlockPool() { ShrinkTo(0); }

Block BlockPool::Take(size_t size) noexcept {
  asked_ = true;
  asked_bytes_ += size;
  Kept* kept = newest_;
  for (int i = 0; i < kMostLookedAt && kept != nullptr; i++, kept = kept->older) {
    if (kept->capacity >= size && kept->capacity / 2 <= size) return Remove(kept);
  }
  return {};
}

void BlockPool::Give(Block block) noexcept {
  if (!active() || block.capacity < kSmallest || block.capacity > kMostBytes) {
    return std::free(block.data);
  }
  ShrinkTo(kMostBytes - block.capacity);
  auto* const kept = new (block.data) Kept{newest_, nullptr, block.capacity};
  (newest_ == nullptr ? oldest_ : newest_->newer) = kept;
  newest_ = kept;
  size_ += block.capacity;
}

bool BlockPool::Trim() noexcept {
  ShrinkTo(size_ - least_size_since_trim_);
  least_size_since_trim_ = size_;
  return std::exchange(asked_, false);
}

void BlockPool::Stop() noexcept {
  ShrinkTo(0);
  asked_bytes_ = 0;
}

Block BlockPool::Remove(Kept* kept) noexcept {
  (kept->older == nullptr ? oldest_ : kept->older->newer) = kept->newer;
  (kept->newer == nullptr ? newest_ : kept->newer->older) = kept->older;
  size_ -= kept->capacity;
  least_size_since_trim_ = std::min(least_size_since_trim_, size_);
  return {reinterpret_cast<uint8_t*>(kept), kept->capacity};
}

void BlockPool::ShrinkTo(size_t size) noexcept {
  while (size_ > size) std::free(Remove(oldest_).data);
}

}  // namespace wsfd
