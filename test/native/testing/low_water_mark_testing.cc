#include <napi.h>

#include "base/low_water_mark.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

// new LowWaterMark()
class LowWaterMarkObject : public Napi::ObjectWrap<LowWaterMarkObject> {
 public:
  explicit LowWaterMarkObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  // onRead(now, size): boolean
  Napi::Value OnRead(const Napi::CallbackInfo& info) {
    const auto now_ms = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
    const auto size = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
    return Napi::Boolean::New(info.Env(), mark_.OnRead(now_ms, size));
  }
  // onSent(): boolean
  Napi::Value OnSent(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), mark_.OnSent());
  }
  // onTick(): boolean
  Napi::Value OnTick(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), mark_.OnTick());
  }
  // giveUp()
  void GiveUp(const Napi::CallbackInfo&) { mark_.GiveUp(); }
  // bytes(): number
  Napi::Value Bytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), mark_.bytes());
  }

 private:
  LowWaterMark mark_;
};

}  // namespace

void RegisterLowWaterMark(Napi::Env env, Napi::Object exports) {
  using Self = LowWaterMarkObject;
  exports.Set("LowWaterMark", Self::DefineClass(env, "LowWaterMark",
                                                {Self::InstanceMethod<&Self::OnRead>("onRead"),
                                                 Self::InstanceMethod<&Self::OnSent>("onSent"),
                                                 Self::InstanceMethod<&Self::OnTick>("onTick"),
                                                 Self::InstanceMethod<&Self::GiveUp>("giveUp"),
                                                 Self::InstanceMethod<&Self::Bytes>("bytes")}));
  exports.Set("lowWaterMarkMostWaitUs", static_cast<double>(LowWaterMark::kMostWaitUs));
  exports.Set("lowWaterMarkWindowMs", static_cast<double>(LowWaterMark::kWindowMs));
}

}  // namespace wsfd::testing
