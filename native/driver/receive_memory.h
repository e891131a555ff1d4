#ifndef WSFD_DRIVER_RECEIVE_MEMORY_H_
#define WSFD_DRIVER_RECEIVE_MEMORY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace wsfd::driver {

// The receive buffers of a loop, in one block. JavaScript can be lent the block as one ArrayBuffer
// and read messages in place. Reference-counted: the last owner frees it. Pages that were never
// written to cost address space only.
class ReceiveMemory {
 public:
  static constexpr size_t kBufferSize = 256 * 1024;
  // Room for the positions of messages. No loop uses it.
  static constexpr size_t kNotesSize = 8 * 1024;

  struct Release {
    void operator()(ReceiveMemory* memory) const { memory->ReleaseOne(); }
  };
  using Owner = std::unique_ptr<ReceiveMemory, Release>;

  // Empty if memory runs out.
  static Owner Create() noexcept;
  Owner Share() noexcept;

  uint8_t* notes() { return bytes_; }
  // Bytes from the transport.
  uint8_t* received() { return bytes_ + kNotesSize; }
  // Bytes that TLS decrypted.
  uint8_t* plaintext() { return received() + kBufferSize; }
  // Room for messages that lie in neither. No loop uses it.
  uint8_t* copies() { return plaintext() + kBufferSize; }

  // All kSize bytes.
  uint8_t* bytes() { return bytes_; }
  static constexpr size_t kSize = kNotesSize + 3 * kBufferSize;

  // True if all of these bytes lie in received() or plaintext().
  bool Holds(const uint8_t* data, size_t size) {
    const auto from = reinterpret_cast<uintptr_t>(data);
    const auto first = reinterpret_cast<uintptr_t>(received());
    return from >= first && from + size <= first + 2 * kBufferSize;
  }

 private:
  ReceiveMemory() = default;
  ~ReceiveMemory() = default;
  void ReleaseOne() noexcept;

  std::atomic<int> owners_{1};
  alignas(16) uint8_t bytes_[kSize];
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_RECEIVE_MEMORY_H_
