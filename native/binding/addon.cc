// The addon's exports: interface Native of src/native.ts, which says what each does.

#include <napi.h>
#include <openssl/crypto.h>

#include <atomic>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "binding/failure_value.h"
#include "binding/handle.h"
#include "binding/info_value.h"
#include "binding/open_options.h"
#include "binding/sync.h"
#include "binding/write.h"
#include "tls/context.h"

namespace wsfd::binding {

namespace {

using Napi::CallbackInfo;
using Napi::Value;

// DrainStatus of src/native.ts.
enum class DrainStatus : uint8_t { kDrained, kWaits, kLost };

Handle* HandleOf(const CallbackInfo& info) {
  return Environment::Of(info.Env())->HandleOf(info[0]);
}

// setUp(inboxPrototype, staging)
Value SetUp(const CallbackInfo& info) {
  Environment* environment = Environment::Of(info.Env());
  environment->SetCallbacks(info[0]);
  environment->SetStaging(info[1].As<Napi::Buffer<uint8_t>>().Data(), info[1]);
  return info.Env().Undefined();
}

// A number that no socket of this process had before, in whatever thread.
Value NextNumber(const CallbackInfo& info) {
  static std::atomic<uint64_t> next{1};
  return Napi::Number::New(info.Env(), static_cast<double>(next.fetch_add(1)));
}

Value Open(const CallbackInfo& info) {
  driver::OpenOptions options;
  Error error;
  if (!ReadOpenOptions(info[1].As<Napi::Object>(), &options, &error)) {
    const driver::Failure failure(error);
    return {info.Env(), FailureValue(info.Env(), &failure)};
  }
  return Napi::Number::New(info.Env(),
                           Handle::Open(Environment::Of(info.Env()), info[0], std::move(options)));
}

Value Close(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  if (handle == nullptr || handle->socket()->closed()) {
    return Napi::Boolean::New(info.Env(), false);
  }
  handle->socket()->Close(static_cast<uint16_t>(info[1].As<Napi::Number>().Uint32Value()),
                          info[2].As<Napi::String>().Utf8Value());
  return Napi::Boolean::New(info.Env(), true);
}

Value Release(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  if (handle != nullptr) handle->Release();
  return info.Env().Undefined();
}

Value Terminate(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  if (handle != nullptr) handle->Terminate();
  return info.Env().Undefined();
}

Value Pause(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  if (handle != nullptr) handle->socket()->Pause();
  return info.Env().Undefined();
}

Value Resume(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  if (handle != nullptr) handle->socket()->Unpause();
  return info.Env().Undefined();
}

// Pings carry a number of the caller's, as the 8 bytes of a double.
Value Ping(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  const double number = info[1].As<Napi::Number>().DoubleValue();
  uint8_t payload[sizeof number];
  std::memcpy(payload, &number, sizeof number);
  return Napi::Boolean::New(info.Env(),
                            handle != nullptr && handle->socket()->Ping(payload, sizeof payload));
}

Value Drain(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  DrainStatus status = DrainStatus::kDrained;
  if (handle == nullptr || handle->socket()->lost_output()) {
    status = DrainStatus::kLost;
  } else if (handle->socket()->buffered_bytes() != 0) {
    status = DrainStatus::kWaits;
    handle->NotifyWhenDrained();
  }
  return Napi::Number::New(info.Env(), static_cast<int>(status));
}

Value Info(const CallbackInfo& info) {
  Handle* handle = HandleOf(info);
  if (handle == nullptr) return info.Env().Undefined();
  return InfoValue(info.Env(), *handle->socket());
}

Value HasDefaultTrustStore(const CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), tls::HasDefaultTrustStore());
}

Value SetDefaultTrustStore(const CallbackInfo& info) {
  const auto list = info[0].As<Napi::Array>();
  std::vector<std::string> certificates;
  for (uint32_t i = 0; i < list.Length(); i++) {
    certificates.push_back(Value(list.Get(i)).As<Napi::String>().Utf8Value());
  }
  tls::SetDefaultTrustStore(certificates);
  return info.Env().Undefined();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  if (OPENSSL_version_major() != 3) {
    const std::string found = OpenSSL_version(OPENSSL_VERSION);
    Napi::Error::New(env,
                     "wsfd needs the OpenSSL 3 that Node.js 18 and newer bring along; this "
                     "runtime has " +
                         found)
        .ThrowAsJavaScriptException();
    return exports;
  }
  if (Environment::Create(env) == nullptr) return exports;
  exports["setUp"] = Napi::Function::New<SetUp>(env);
  exports["nextNumber"] = Napi::Function::New<NextNumber>(env);
  exports["open"] = Napi::Function::New<Open>(env);
  exports["close"] = Napi::Function::New<Close>(env);
  exports["release"] = Napi::Function::New<Release>(env);
  exports["terminate"] = Napi::Function::New<Terminate>(env);
  exports["pause"] = Napi::Function::New<Pause>(env);
  exports["resume"] = Napi::Function::New<Resume>(env);
  exports["ping"] = Napi::Function::New<Ping>(env);
  exports["drain"] = Napi::Function::New<Drain>(env);
  exports["info"] = Napi::Function::New<Info>(env);
  exports["hasDefaultTrustStore"] = Napi::Function::New<HasDefaultTrustStore>(env);
  exports["setDefaultTrustStore"] = Napi::Function::New<SetDefaultTrustStore>(env);
  constexpr std::pair<const char*, napi_callback> kBareCalls[] = {
      {"writeText", WriteText},
      {"writeBinary", WriteBinary},
      {"openSync", OpenSync},
      {"run", Run},
      {"send", Send},
      {"watchSignals", WatchSignals},
      {"takeSignal", TakeSignal},
  };
  for (const auto& [name, function] : kBareCalls) {
    napi_value value;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
    exports.Set(name, value);
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(wsfd, Init)

}  // namespace wsfd::binding
