#ifndef WSFD_BASE_RANDOM_POOL_H_
#define WSFD_BASE_RANDOM_POOL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wsfd {

// Bytes of a cryptographically secure generator, fetched in bulk: RFC 6455 section 5.3 requires a
// masking key "derived from a strong source of entropy", and one system call a frame would cost
// more than the frame. The source is a parameter, so that the core is deterministic in tests.
class RandomPool {
 public:
  // Fills `size` bytes; false when the source fails.
  using Source = bool (*)(void* context, uint8_t* data, size_t size);

  RandomPool(Source source, void* context) : source_(source), context_(context) {}
  RandomPool(const RandomPool&) = delete;
  RandomPool& operator=(const RandomPool&) = delete;

  // Copies `size` (at most kSize) bytes that were never given out before. False, without a
  // predictable substitute, when the source fails.
  bool Take(uint8_t* data, size_t size) {
    if (kSize - used_ < size && !Refill()) return false;
    std::memcpy(data, bytes_ + used_, size);
    used_ += size;
    return true;
  }

  static constexpr size_t kSize = 4096;

 private:
  bool Refill() {
    if (!source_(context_, bytes_, kSize)) return false;
    used_ = 0;
    return true;
  }

  Source source_;
  void* context_;
  size_t used_ = kSize;
  uint8_t bytes_[kSize];
};

}  // namespace wsfd

#endif  // WSFD_BASE_RANDOM_POOL_H_
