#include <napi.h>

#include "base/busy_poll.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

uint64_t TimeOf(const Napi::CallbackInfo& info) {
  return static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value());
}

// new BusyPoll()
class BusyPollObject : public Napi::ObjectWrap<BusyPollObject> {
 public:
  explicit BusyPollObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  // onSent(now): boolean
  Napi::Value OnSent(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), poll_.OnSent(TimeOf(info)));
  }
  // onReceived()
  void OnReceived(const Napi::CallbackInfo&) { poll_.OnReceived(); }
  // continue(now): boolean
  Napi::Value Continue(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), poll_.Continue(TimeOf(info)));
  }
  // active(): boolean
  Napi::Value Active(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), poll_.active());
  }

 private:
  BusyPoll poll_;
};

}  // namespace

void RegisterBusyPoll(Napi::Env env, Napi::Object exports) {
  using Self = BusyPollObject;
  exports.Set("BusyPoll", Self::DefineClass(env, "BusyPoll",
                                            {Self::InstanceMethod<&Self::OnSent>("onSent"),
                                             Self::InstanceMethod<&Self::OnReceived>("onReceived"),
                                             Self::InstanceMethod<&Self::Continue>("continue"),
                                             Self::InstanceMethod<&Self::Active>("active")}));
  exports.Set("busyPollMostNs", static_cast<double>(BusyPoll::kMostNs));
}

}  // namespace wsfd::testing
