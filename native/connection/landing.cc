#include "connection/landing.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace wsfd::connection {

Space Landing::Begin(size_t size) {
  if (block_ != nullptr && block_->shared()) Release();
  if (block_ == nullptr) block_ = NewBlock(size);
  if (block_ == nullptr) return {};
  return {block_->bytes(), std::min(block_->size(), size)};
}

Space Landing::Continue(const uint8_t** message, size_t came, size_t missing, size_t size) {
  const auto behind = static_cast<size_t>(block_->end() - (*message + came));
  // (filling a block in small pieces costs more, in reads, than the move)
  if (behind >= std::max(missing, size / 4)) return {block_->end() - behind, behind};
  if (came + missing > size) return {};
  SharedBlock* const next = NewBlock(size);
  if (next == nullptr) return {};
  std::memcpy(next->bytes(), *message, came);
  Release();
  block_ = next;
  *message = next->bytes();
  return {next->bytes() + came, std::min(next->size(), size) - came};
}

bool Landing::Holds(const uint8_t* data, size_t size) const {
  if (block_ == nullptr) return false;
  const auto from = reinterpret_cast<uintptr_t>(data);
  return from >= reinterpret_cast<uintptr_t>(block_->bytes()) &&
         from + size <= reinterpret_cast<uintptr_t>(block_->end());
}

void Landing::Release() {
  if (block_ != nullptr) block_->Release(pool_);
  block_ = nullptr;
}

SharedBlock* Landing::NewBlock(size_t size) {
  if (pool_ == nullptr) return nullptr;
  const size_t capacity = std::max(size + SharedBlock::kOverhead, BlockPool::kSmallest);
  Block block = pool_->Take(capacity);
  if (block.data == nullptr) {
    block = {static_cast<uint8_t*>(std::malloc(capacity)), capacity};
  }
  return block.data == nullptr ? nullptr : SharedBlock::Make(block);
}

}  // namespace wsfd::connection
