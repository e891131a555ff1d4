// The addon wsfd_bench: what bench/ measures clients against. Never published.
#include <napi.h>

#include <cstring>
#include <string>

#include "bench/native/codec.h"
#include "bench/native/spin.h"
#include "bench/native/task.h"

namespace wsfd::bench {

namespace {

Task TaskFrom(const Napi::Object& object) {
  const auto number = [&](const char* key) {
    return object.Get(key).As<Napi::Number>().DoubleValue();
  };
  const auto text = [&](const char* key) { return object.Get(key).As<Napi::String>().Utf8Value(); };
  const auto flag = [&](const char* key) { return object.Get(key).As<Napi::Boolean>().Value(); };
  Task task;
  task.port = static_cast<uint16_t>(number("port"));
  task.target = text("target");
  task.ca = text("ca");
  task.size = static_cast<size_t>(number("size"));
  task.text = flag("text");
  task.warm_up_ms = number("warmUpMs");
  task.window_ms = number("windowMs");
  task.count = static_cast<uint32_t>(number("count"));
  task.resume = flag("resume");
  task.frames = flag("frames");
  task.window_bits = static_cast<int>(number("windowBits"));
  task.takeover = flag("takeover");
  return task;
}

Napi::Object ValueOf(Napi::Env env, const Outcome& outcome) {
  auto latencies = Napi::Float64Array::New(env, outcome.latencies_ms.size());
  std::memcpy(latencies.Data(), outcome.latencies_ms.data(),
              outcome.latencies_ms.size() * sizeof(double));
  Napi::Object value = Napi::Object::New(env);
  value.Set("cpuUs", outcome.cpu_us);
  value.Set("wallUs", outcome.wall_us);
  value.Set("messages", outcome.messages);
  value.Set("latencies", latencies);
  return value;
}

template <bool (*Run)(const Task&, Outcome*, std::string*)>
Napi::Value Call(const Napi::CallbackInfo& info) {
  const Task task = TaskFrom(info[0].As<Napi::Object>());
  Outcome outcome;
  std::string error;
  if (!Run(task, &outcome, &error)) {
    Napi::Error::New(info.Env(), error).ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  return ValueOf(info.Env(), outcome);
}

// listen(): { listener, port }.
Napi::Value CallListen(const Napi::CallbackInfo& info) {
  uint16_t port = 0;
  Napi::Object value = Napi::Object::New(info.Env());
  value.Set("listener", Listen(&port));
  value.Set("port", port);
  return value;
}

// spinEcho(listener, key, certificate): never returns.
Napi::Value CallSpinEcho(const Napi::CallbackInfo& info) {
  std::string error;
  SpinEcho(info[0].As<Napi::Number>().Int32Value(), info[1].As<Napi::String>().Utf8Value(),
           info[2].As<Napi::String>().Utf8Value(), &error);
  Napi::Error::New(info.Env(), error).ThrowAsJavaScriptException();
  return info.Env().Undefined();
}

// latin1(bytes): string.
Napi::Value CallLatin1(const Napi::CallbackInfo& info) {
  const auto bytes = info[0].As<Napi::Uint8Array>();
  napi_value string = nullptr;
  napi_create_string_latin1(info.Env(), reinterpret_cast<const char*>(bytes.Data()),
                            bytes.ByteLength(), &string);
  return {info.Env(), string};
}

Napi::Object Register(Napi::Env env, Napi::Object exports) {
  exports.Set("receive", Napi::Function::New(env, Call<Receive>, "receive"));
  exports.Set("send", Napi::Function::New(env, Call<Send>, "send"));
  exports.Set("echo", Napi::Function::New(env, Call<Echo>, "echo"));
  exports.Set("open", Napi::Function::New(env, Call<Open>, "open"));
  exports.Set("hold", Napi::Function::New(env, Call<Hold>, "hold"));
  exports.Set("latin1", Napi::Function::New(env, CallLatin1, "latin1"));
  exports.Set("listen", Napi::Function::New(env, CallListen, "listen"));
  exports.Set("spinEcho", Napi::Function::New(env, CallSpinEcho, "spinEcho"));
  RegisterCodec(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(wsfd_bench, Register)

}  // namespace wsfd::bench
