#ifndef WSFD_DRIVER_RECEIVE_MEMORY_H_
#define WSFD_DRIVER_RECEIVE_MEMORY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace wsfd::driver {

// What a loop receives into, in one piece, so that it can be lent as a whole: to JavaScript, say,
// which then finds there what the loop's sockets got. May have several owners and is freed with
// the last. Memory that nobody wrote to costs address space alone.
class ReceiveMemory {
 public:
  static constexpr size_t kBufferSize = 256 * 1024;
  // Room for notes on what lies where. No loop uses it.
  static constexpr size_t kNotesSize = 8 * 1024;

  struct Release {
    void operator()(ReceiveMemory* memory) const { memory->ReleaseOne(); }
  };
  using Owner = std::unique_ptr<ReceiveMemory, Release>;

  // Empty when there is no memory.
  static Owner Create() noexcept;
  Owner Share() noexcept;

  uint8_t* notes() { return bytes_; }
  // What comes from the transport.
  uint8_t* received() { return bytes_ + kNotesSize; }
  // What TLS makes of that.
  uint8_t* plaintext() { return received() + kBufferSize; }
  // Room for what does not lie in one piece in either. No loop uses it.
  uint8_t* gathered() { return plaintext() + kBufferSize; }

  // The whole of it.
  uint8_t* bytes() { return bytes_; }
  static constexpr size_t kSize = kNotesSize + 3 * kBufferSize;

  // True if all of these bytes lie in what a loop received into.
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
