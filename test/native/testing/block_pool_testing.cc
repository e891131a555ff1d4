#include <napi.h>

#include <cstdlib>
#include <cstring>

#include "base/block_pool.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

size_t SizeOf(const Napi::Value& value) {
  return static_cast<size_t>(value.As<Napi::Number>().Int64Value());
}

Napi::Value ValueOf(Napi::Env env, Block block) {
  if (block.data == nullptr) return env.Undefined();
  // All of it is written to, so that a memory checker sees it all.
  std::memset(block.data, 0xA5, block.capacity);
  Napi::Object value = Napi::Object::New(env);
  value.Set("address", static_cast<double>(reinterpret_cast<uintptr_t>(block.data)));
  value.Set("capacity", static_cast<double>(block.capacity));
  return value;
}

Block BlockOf(const Napi::Value& value) {
  const auto object = value.As<Napi::Object>();
  const int64_t address = object.Get("address").As<Napi::Number>().Int64Value();
  return {reinterpret_cast<uint8_t*>(static_cast<uintptr_t>(address)),
          SizeOf(object.Get("capacity"))};
}

// new BlockPool()
class BlockPoolObject : public Napi::ObjectWrap<BlockPoolObject> {
 public:
  explicit BlockPoolObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  // allocate(capacity): Block, which has to be given to the pool
  Napi::Value Allocate(const Napi::CallbackInfo& info) {
    const size_t capacity = SizeOf(info[0]);
    return ValueOf(info.Env(), {static_cast<uint8_t*>(std::malloc(capacity)), capacity});
  }

  // take(size): Block | undefined
  Napi::Value Take(const Napi::CallbackInfo& info) {
    return ValueOf(info.Env(), pool_.Take(SizeOf(info[0])));
  }

  // give(block): void
  Napi::Value Give(const Napi::CallbackInfo& info) {
    pool_.Give(BlockOf(info[0]));
    return info.Env().Undefined();
  }

  // trim(): boolean
  Napi::Value Trim(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), pool_.Trim());
  }

  // stop(): void
  Napi::Value Stop(const Napi::CallbackInfo& info) {
    pool_.Stop();
    return info.Env().Undefined();
  }

  // keeps(): boolean
  Napi::Value Keeps(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), pool_.keeps());
  }

  // size(): number
  Napi::Value Size(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(pool_.size()));
  }

 private:
  BlockPool pool_;
};

}  // namespace

void RegisterBlockPool(Napi::Env env, Napi::Object exports) {
  using Self = BlockPoolObject;
  exports.Set("BlockPool", Self::DefineClass(env, "BlockPool",
                                             {Self::InstanceMethod<&Self::Allocate>("allocate"),
                                              Self::InstanceMethod<&Self::Take>("take"),
                                              Self::InstanceMethod<&Self::Give>("give"),
                                              Self::InstanceMethod<&Self::Trim>("trim"),
                                              Self::InstanceMethod<&Self::Stop>("stop"),
                                              Self::InstanceMethod<&Self::Keeps>("keeps"),
                                              Self::InstanceMethod<&Self::Size>("size")}));
}

}  // namespace wsfd::testing
