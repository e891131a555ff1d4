#include <napi.h>

#include "frame/transcode.h"
#include "test/native/reference/reference.h"
#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

// A number that may be absent, then 0.
uint32_t NumberOf(const Napi::Value& value) {
  return value.IsUndefined() ? 0 : value.As<Napi::Number>().Uint32Value();
}

// isLatin1(bytes, alignment?): boolean
template <bool (*kPredicate)(const uint8_t*, size_t)>
Napi::Value Holds(const Napi::CallbackInfo& info) {
  Sample bytes(info[0].As<Napi::Uint8Array>(), NumberOf(info[1]));
  return Napi::Boolean::New(info.Env(), kPredicate(bytes.data(), bytes.size()));
}

// utf8ToLatin1(bytes, fromAlignment?, toAlignment?): Buffer
// `out` has no more room than is promised, so that a write behind it changes the margin.
template <typename Unit, size_t (*kConvert)(const uint8_t*, size_t, Unit*)>
Napi::Value Convert(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Sample from(info[0].As<Napi::Uint8Array>(), NumberOf(info[1]));
  Napi::Uint8Array room = Napi::Uint8Array::New(env, from.size() * sizeof(Unit));
  Sample to(room, NumberOf(info[2]) * sizeof(Unit), Sample::kMargin);
  const size_t written =
      kConvert(from.data(), from.size(), reinterpret_cast<Unit*>(to.data())) * sizeof(Unit);
  if (written > to.size()) {
    Napi::Error::New(env, "more units than bytes").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  const Napi::Value all = to.ToBuffer(env);
  if (env.IsExceptionPending()) return env.Undefined();
  return Napi::Buffer<uint8_t>::Copy(env, all.As<Napi::Uint8Array>().Data(), written);
}

}  // namespace

void RegisterTranscode(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("isLatin1", Holds<frame::IsLatin1>);
  add("isLatin1Reference", Holds<reference::IsLatin1>);
  add("utf8ToLatin1", Convert<uint8_t, frame::Utf8ToLatin1>);
  add("utf8ToLatin1Reference", Convert<uint8_t, reference::Utf8ToLatin1>);
  add("utf8ToUtf16", Convert<char16_t, frame::Utf8ToUtf16>);
  add("utf8ToUtf16Reference", Convert<char16_t, reference::Utf8ToUtf16>);
}

}  // namespace wsfd::testing
