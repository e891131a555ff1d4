#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/byte_queue.h"
#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

// new ByteQueue()
class ByteQueueObject : public Napi::ObjectWrap<ByteQueueObject> {
 public:
  explicit ByteQueueObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  // append(bytes): boolean
  Napi::Value Append(const Napi::CallbackInfo& info) {
    Sample bytes(info[0].As<Napi::Uint8Array>());
    return Napi::Boolean::New(info.Env(), queue_.Append(bytes.data(), bytes.size()));
  }

  // reserve(count, bytes, total?): boolean; `bytes` (at most `count`) are written there and
  // committed; with `total` ReserveTowards is called
  Napi::Value Reserve(const Napi::CallbackInfo& info) {
    const size_t count = SizeOf(info[0]);
    const auto bytes = info[1].As<Napi::Uint8Array>();
    uint8_t* room = info[2].IsUndefined() ? queue_.Reserve(count)
                                          : queue_.ReserveTowards(count, SizeOf(info[2]));
    if (room == nullptr) return Napi::Boolean::New(info.Env(), false);
    // All of the room is written to, so that a memory checker sees it all.
    std::memset(room, 0, count);
    if (bytes.ByteLength() != 0) std::memcpy(room, bytes.Data(), bytes.ByteLength());
    queue_.Commit(bytes.ByteLength());
    return Napi::Boolean::New(info.Env(), true);
  }

  Napi::Value Consume(const Napi::CallbackInfo& info) {
    queue_.Consume(SizeOf(info[0]));
    return info.Env().Undefined();
  }
  Napi::Value Truncate(const Napi::CallbackInfo& info) {
    queue_.Truncate(SizeOf(info[0]));
    return info.Env().Undefined();
  }
  Napi::Value Clear(const Napi::CallbackInfo& info) {
    queue_.Clear();
    return info.Env().Undefined();
  }
  Napi::Value Release(const Napi::CallbackInfo& info) {
    queue_.Release(SizeOf(info[0]));
    return info.Env().Undefined();
  }

  // detach(): Buffer | undefined
  Napi::Value Detach(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const size_t size = queue_.size();
    const Block block = queue_.Detach();
    if (block.data == nullptr) return env.Undefined();
    const auto copy = Napi::Buffer<uint8_t>::Copy(env, block.data, size);
    std::free(block.data);
    return copy;
  }

  // swap(other): void
  Napi::Value Swap(const Napi::CallbackInfo& info) {
    queue_.Swap(Unwrap(info[0].As<Napi::Object>())->queue_);
    return info.Env().Undefined();
  }

  // moveFrom(other): void; the other is empty then
  Napi::Value MoveFrom(const Napi::CallbackInfo& info) {
    ByteQueue moved(std::move(Unwrap(info[0].As<Napi::Object>())->queue_));
    queue_ = std::move(moved);
    return info.Env().Undefined();
  }

  // look(): {bytes, size, empty, capacity}
  Napi::Value Look(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const ByteQueue& queue = queue_;
    Napi::Object result = Napi::Object::New(env);
    result.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, queue.data(), queue.size()));
    result.Set("empty", queue.empty());
    result.Set("capacity", static_cast<double>(queue.capacity()));
    return result;
  }

 private:
  ByteQueue queue_;
};

}  // namespace

void RegisterByteQueue(Napi::Env env, Napi::Object exports) {
  using Self = ByteQueueObject;
  exports.Set("ByteQueue", Self::DefineClass(env, "ByteQueue",
                                             {Self::InstanceMethod<&Self::Append>("append"),
                                              Self::InstanceMethod<&Self::Reserve>("reserve"),
                                              Self::InstanceMethod<&Self::Consume>("consume"),
                                              Self::InstanceMethod<&Self::Truncate>("truncate"),
                                              Self::InstanceMethod<&Self::Clear>("clear"),
                                              Self::InstanceMethod<&Self::Release>("release"),
                                              Self::InstanceMethod<&Self::Detach>("detach"),
                                              Self::InstanceMethod<&Self::Swap>("swap"),
                                              Self::InstanceMethod<&Self::MoveFrom>("moveFrom"),
                                              Self::InstanceMethod<&Self::Look>("look")}));
}

}  // namespace wsfd::testing
