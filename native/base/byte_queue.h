#ifndef WSFD_BASE_BYTE_QUEUE_H_
#define WSFD_BASE_BYTE_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/block_pool.h"

namespace wsfd {

// A queue of bytes, contiguous in memory: appended at the end, consumed from the front. Owns its
// storage. Release() frees the storage of an empty queue, so that an idle connection holds none. A
// function that runs out of memory returns nullptr or false and leaves the queue unchanged.
class ByteQueue {
 public:
  ByteQueue() = default;
  ~ByteQueue() { Free(); }
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;
  ByteQueue(ByteQueue&& other) noexcept { Swap(other); }
  ByteQueue& operator=(ByteQueue&& other) noexcept {
    Swap(other);
    return *this;
  }

  uint8_t* data() { return storage_ + begin_; }
  const uint8_t* data() const { return storage_ + begin_; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  size_t capacity() const { return capacity_; }
  // Bytes that can be appended without growing.
  size_t room() const { return capacity_ - end_; }

  // Room for `count` more bytes after the last one; valid until the next call except Commit.
  uint8_t* Reserve(size_t count) {
    if (capacity_ - end_ >= count && storage_ != nullptr) return storage_ + end_;
    return Grow(count);
  }
  // The same in a queue that will hold `total` bytes. Storage doubles, so that growing moves fewer
  // bytes than arrived, but exceeds `total` only if `count` requires that.
  uint8_t* ReserveTowards(size_t count, size_t total) {
    if (capacity_ - end_ >= count && storage_ != nullptr) return storage_ + end_;
    const size_t used = size();
    if (count > SIZE_MAX / 2 - used) return nullptr;
    const size_t doubled = capacity_ * 2 < total ? capacity_ * 2 : total;
    return MoveTo(used + count > doubled ? used + count : doubled);
  }
  // Makes the first `count` reserved bytes part of the queue.
  void Commit(size_t count) { end_ += count; }

  bool Append(const void* bytes, size_t count) {
    if (count == 0) return true;
    uint8_t* to = Reserve(count);
    if (to == nullptr) return false;
    std::memcpy(to, bytes, count);
    Commit(count);
    return true;
  }

  // Takes `count` bytes (at most size()) from the front.
  void Consume(size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  // Takes bytes from the end until `size` are left.
  void Truncate(size_t size) { end_ = begin_ + size; }
  void Clear() { begin_ = end_ = 0; }

  // Frees the storage if the queue is empty and the storage exceeds `keep` bytes.
  void Release(size_t keep = 0) {
    if (empty() && capacity_ > keep) Free();
  }
  // Frees the storage beyond size(), unless the queue is empty.
  void ShrinkToFit() {
    if (!empty()) MoveTo(size());  // (if this fails, the storage stays larger)
  }
  // Returns the storage, with the bytes at its front. The queue is then empty and holds none.
  Block Detach();
  // Takes ownership of `block` as storage; only while empty.
  void Adopt(Block block);
  void Swap(ByteQueue& other) noexcept;

 private:
  uint8_t* Grow(size_t count);
  // Makes the storage `capacity` bytes long, with the bytes at its front; returns their end.
  uint8_t* MoveTo(size_t capacity);
  void Free();

  uint8_t* storage_ = nullptr;
  size_t begin_ = 0;
  size_t end_ = 0;
  size_t capacity_ = 0;
};

}  // namespace wsfd

#endif  // WSFD_BASE_BYTE_QUEUE_H_
