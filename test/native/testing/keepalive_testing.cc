#include <napi.h>

#include "connection/keepalive.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

using connection::Keepalive;

uint64_t NumberOf(const Napi::Value& value) {
  return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
}

// new Keepalive(interval, pongTimeout, now)
class KeepaliveObject : public Napi::ObjectWrap<KeepaliveObject> {
 public:
  explicit KeepaliveObject(const Napi::CallbackInfo& info)
      : ObjectWrap(info), keepalive_(NumberOf(info[0]), NumberOf(info[1]), NumberOf(info[2])) {}

  // next(now, {reads, reading, backlog, progress}): {action, waitMs}
  Napi::Value Next(const Napi::CallbackInfo& info) {
    const auto given = info[1].As<Napi::Object>();
    Keepalive::Traffic traffic;
    traffic.reads = NumberOf(given.Get("reads"));
    traffic.reading = Napi::Value(given.Get("reading")).As<Napi::Boolean>();
    traffic.backlog = Napi::Value(given.Get("backlog")).As<Napi::Boolean>();
    traffic.progress = NumberOf(given.Get("progress"));
    const Keepalive::Step step = keepalive_.Next(NumberOf(info[0]), traffic);
    constexpr const char* kNames[] = {"wait", "ping", "giveUp"};
    auto result = Napi::Object::New(info.Env());
    result.Set("action", kNames[static_cast<int>(step.action)]);
    result.Set("waitMs", static_cast<double>(step.wait_ms));
    return result;
  }

 private:
  Keepalive keepalive_;
};

}  // namespace

void RegisterKeepalive(Napi::Env env, Napi::Object exports) {
  using Self = KeepaliveObject;
  exports.Set("Keepalive",
              Self::DefineClass(env, "Keepalive", {Self::InstanceMethod<&Self::Next>("next")}));
}

}  // namespace wsfd::testing
