#ifndef WSFD_TEST_NATIVE_FUZZ_INPUT_H_
#define WSFD_TEST_NATIVE_FUZZ_INPUT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace wsfd::fuzz {

// Ends the process, which makes the input a finding, unless `holds`.
inline void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "what does not hold: %s\n", what);
  std::abort();
}

inline const uint8_t* BytesOf(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
inline std::string_view TextOf(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A copy in a block of just its size, so that a byte read outside of it is one of nobody's.
class Exact {
 public:
  explicit Exact(std::string_view bytes)
      : size_(bytes.size()), storage_(static_cast<uint8_t*>(std::malloc(size_ == 0 ? 1 : size_))) {
    Check(storage_ != nullptr, "there is memory for an input");
    if (size_ != 0) std::memcpy(storage_, bytes.data(), size_);
  }
  ~Exact() { std::free(storage_); }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;

  uint8_t* data() { return storage_; }
  const uint8_t* data() const { return storage_; }
  size_t size() const { return size_; }

 private:
  size_t size_;
  uint8_t* storage_;
};

// The fuzzer's input, from whose front numbers and pieces are taken. When it is used up, numbers
// are 0 and pieces empty, so that every input means something.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : rest_(TextOf(data, size)) {}

  bool empty() const { return rest_.empty(); }
  uint8_t Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  bool Bool() { return (Byte() & 1) != 0; }
  // 0 to `count` - 1; `count` is at most 256.
  size_t Below(size_t count) { return Byte() % count; }
  uint16_t Number16() {
    const uint8_t high = Byte();
    return static_cast<uint16_t>(high << 8 | Byte());
  }
  // Bytes behind a length of one byte, or of two where that is 255.
  std::string_view Piece() {
    size_t size = Byte();
    if (size == 255) size = Number16();
    return Take(size);
  }
  std::string_view Take(size_t size) {
    const std::string_view piece = rest_.substr(0, size);
    rest_.remove_prefix(piece.size());
    return piece;
  }
  std::string_view Rest() { return Take(rest_.size()); }

 private:
  std::string_view rest_;
};

// What a target does with an input: each has its own, and aborts where something does not hold.
void Run(Input* input);

// How a stream is cut into portions, by a number: 0 not at all, 1 into single bytes, else by chance
// (xorshift64), with short portions likelier than long ones.
class Cutter {
 public:
  explicit Cutter(uint8_t seed) : seed_(seed), state_(seed * 0x9E3779B97F4A7C15 + 1) {}

  // The size of the next portion of `left` bytes, at least 1.
  size_t Next(size_t left) {
    if (seed_ == 0) return left;
    if (seed_ == 1) return std::min<size_t>(left, 1);
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    const size_t most = size_t{1} << (state_ >> 60);
    return std::min<size_t>(left, 1 + static_cast<size_t>(state_ >> 8) % most);
  }

 private:
  uint8_t seed_;
  uint64_t state_;
};

}  // namespace wsfd::fuzz

#endif  // WSFD_TEST_NATIVE_FUZZ_INPUT_H_
