#include <napi.h>

#include "base/receive_delay.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

// new ReceiveDelay(delayUs)
class ReceiveDelayObject : public Napi::ObjectWrap<ReceiveDelayObject> {
 public:
  explicit ReceiveDelayObject(const Napi::CallbackInfo& info)
      : ObjectWrap(info), delay_(info[0].As<Napi::Number>().Uint32Value()) {}

  // onRead(now, size, messages): boolean
  Napi::Value OnRead(const Napi::CallbackInfo& info) {
    const auto now_ms = static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
    const auto size = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
    const auto messages = static_cast<uint64_t>(info[2].As<Napi::Number>().Int64Value());
    return Napi::Boolean::New(info.Env(), delay_.OnRead(now_ms, size, messages));
  }
  // onSent(): boolean
  Napi::Value OnSent(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), delay_.OnSent());
  }
  // onTick(): boolean
  Napi::Value OnTick(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), delay_.OnTick());
  }
  // bytes(): number
  Napi::Value Bytes(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(), delay_.bytes());
  }

 private:
  ReceiveDelay delay_;
};

}  // namespace

void RegisterReceiveDelay(Napi::Env env, Napi::Object exports) {
  using Self = ReceiveDelayObject;
  exports.Set("ReceiveDelay", Self::DefineClass(env, "ReceiveDelay",
                                                {Self::InstanceMethod<&Self::OnRead>("onRead"),
                                                 Self::InstanceMethod<&Self::OnSent>("onSent"),
                                                 Self::InstanceMethod<&Self::OnTick>("onTick"),
                                                 Self::InstanceMethod<&Self::Bytes>("bytes")}));
  exports.Set("receiveDelayWindowMs", static_cast<double>(ReceiveDelay::kWindowMs));
}

}  // namespace wsfd::testing
