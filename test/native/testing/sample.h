#ifndef WSFD_TEST_NATIVE_TESTING_SAMPLE_H_
#define WSFD_TEST_NATIVE_TESTING_SAMPLE_H_

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace wsfd::testing {

// A test's bytes in storage of their own, which begin `alignment` (0 to 63) bytes behind a multiple
// of 64. A margin with a known content lies in front and, where asked for, behind; without one the
// storage ends with the last byte, so that a memory checker sees each access behind it.
class Sample {
 public:
  static constexpr size_t kMargin = 64;

  Sample(const uint8_t* bytes, size_t size, size_t alignment = 0, size_t behind = 0)
      : before_(kMargin + alignment % kMargin),
        size_(size),
        behind_(behind),
        storage_(static_cast<uint8_t*>(::operator new(before_ + size + behind, kAligned))) {
    std::memset(storage_, kContent, before_ + size + behind);
    if (size != 0) std::memcpy(data(), bytes, size);
  }
  explicit Sample(const Napi::Uint8Array& bytes, size_t alignment = 0, size_t behind = 0)
      : Sample(bytes.Data(), bytes.ByteLength(), alignment, behind) {}
  ~Sample() { ::operator delete(storage_, kAligned); }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  uint8_t* data() { return storage_ + before_; }
  size_t size() const { return size_; }

  // The bytes as they are now; throws in JavaScript if one of a margin was changed.
  Napi::Value ToBuffer(Napi::Env env) {
    for (size_t i = 0; i < before_ + size_ + behind_; i++) {
      const bool inside = i >= before_ && i < before_ + size_;
      if (!inside && storage_[i] != kContent) {
        Napi::Error::New(env, "a byte outside the sample was written").ThrowAsJavaScriptException();
        return env.Undefined();
      }
    }
    return Napi::Buffer<uint8_t>::Copy(env, data(), size_);
  }

 private:
  static constexpr std::align_val_t kAligned{kMargin};
  static constexpr uint8_t kContent = 0xA5;

  size_t before_;
  size_t size_;
  size_t behind_;
  uint8_t* storage_;
};

}  // namespace wsfd::testing

#endif  // WSFD_TEST_NATIVE_TESTING_SAMPLE_H_
