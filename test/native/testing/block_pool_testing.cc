#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <map>

#include "base/block_pool.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

// new BlockPool()
class BlockPoolObject : public Napi::ObjectWrap<BlockPoolObject> {
 public:
  explicit BlockPoolObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  // allocate(capacity): Block, which has to be given to the pool
  Napi::Value Allocate(const Napi::CallbackInfo& info) {
    const size_t capacity = SizeOf(info[0]);
    return HandOut(info.Env(), {static_cast<uint8_t*>(std::malloc(capacity)), capacity});
  }

  // take(size): Block | undefined
  Napi::Value Take(const Napi::CallbackInfo& info) {
    return HandOut(info.Env(), pool_.Take(SizeOf(info[0])));
  }

  // give(block): void
  Napi::Value Give(const Napi::CallbackInfo& info) {
    const auto out = out_.find(AddressOf(info[0]));
    pool_.Give(out->second);
    out_.erase(out);
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

  // active(): boolean
  Napi::Value Active(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), pool_.active());
  }

  // askedBytes(): number
  Napi::Value AskedBytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(pool_.asked_bytes()));
  }

  // size(): number
  Napi::Value Size(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), static_cast<double>(pool_.size()));
  }

 private:
  static double AddressOf(const Napi::Value& block) {
    return block.As<Napi::Object>().Get("address").As<Napi::Number>().DoubleValue();
  }

  Napi::Value HandOut(Napi::Env env, Block block) {
    if (block.data == nullptr) return env.Undefined();
    // All of it is written to, so that a memory checker sees it all.
    std::memset(block.data, 0xA5, block.capacity);
    const auto address = static_cast<double>(reinterpret_cast<uintptr_t>(block.data));
    out_[address] = block;
    Napi::Object value = Napi::Object::New(env);
    value.Set("address", address);
    value.Set("capacity", static_cast<double>(block.capacity));
    return value;
  }

  BlockPool pool_;
  std::map<double, Block> out_;  // the blocks that tests have, by their addresses
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
                                              Self::InstanceMethod<&Self::Active>("active"),
                                              Self::InstanceMethod<&Self::AskedBytes>("askedBytes"),
                                              Self::InstanceMethod<&Self::Size>("size")}));
}

}  // namespace wsfd::testing
