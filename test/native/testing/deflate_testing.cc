#include <napi.h>

#include <algorithm>
#include <string>

#include "base/byte_queue.h"
#include "base/error.h"
#include "deflate/deflater.h"
#include "deflate/inflater.h"
#include "deflate/parameters.h"
#include "test/native/testing/deflate_options.h"
#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

Napi::Object ErrorOf(Napi::Env env, const Error& error) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("code", error ? RowOf(error.code).symbol : "None");
  result.Set("detail", error.detail);
  return result;
}

// Bytes; where absent the largest limit there is.
uint64_t LimitOf(const Napi::Object& settings) {
  const Napi::Value limit = settings.Get("limit");
  return limit.IsUndefined() ? uint64_t{1} << 62 : limit.As<Napi::Number>().Int64Value();
}

deflate::ParameterList ParametersOf(const Napi::Array& given) {
  deflate::ParameterList parameters;
  for (uint32_t i = 0; i < given.Length(); i++) {
    const auto pair = given.Get(i).As<Napi::Array>();
    parameters.emplace_back(pair.Get(uint32_t{0}).As<Napi::String>().Utf8Value(),
                            pair.Get(1).As<Napi::String>().Utf8Value());
  }
  return parameters;
}

Napi::Value TakeAll(Napi::Env env, ByteQueue* queue) {
  Napi::Value bytes = Napi::Buffer<uint8_t>::Copy(env, queue->data(), queue->size());
  queue->Clear();
  return bytes;
}

// What inflate and deflate return. `out` holds what came of a message that failed.
Napi::Value CodedOf(Napi::Env env, const Napi::Array& messages, const Error& error,
                    const ByteQueue& out, size_t memory, size_t memory_at_end) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("messages", messages);
  result.Set("error", ErrorOf(env, error));
  result.Set("kept", static_cast<double>(out.size()));
  result.Set("capacity", static_cast<double>(out.capacity()));
  result.Set("memory", static_cast<double>(memory));
  result.Set("memoryAtEnd", static_cast<double>(memory_at_end));
  return result;
}

// Feeds a message's portions to an inflater and ends it. `release`: memory is given back wherever
// that is allowed.
Error InflateMessage(const Napi::Array& portions, bool release, deflate::Inflater* inflater,
                     ByteQueue* out) {
  for (uint32_t i = 0; i < portions.Length(); i++) {
    Sample portion(portions.Get(i).As<Napi::Uint8Array>());
    if (Error error = inflater->Append(portion.data(), portion.size(), out)) return error;
    if (release) inflater->Release();
  }
  Error error = inflater->Finish();
  if (release) inflater->Release();
  return error;
}

// formatOffer(options): string
Napi::Value FormatOffer(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(),
                           deflate::FormatOffer(DeflateOptionsOf(info[0].As<Napi::Object>())));
}

// validateAnswer(options, parameters): ValidatedAnswer
Napi::Value ValidateAnswer(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  deflate::Agreed agreed;
  const Error error = deflate::ValidateAnswer(DeflateOptionsOf(info[0].As<Napi::Object>()),
                                              ParametersOf(info[1].As<Napi::Array>()), &agreed);
  Napi::Object result = Napi::Object::New(env);
  result.Set("error", ErrorOf(env, error));
  result.Set("enabled", agreed.enabled);
  result.Set("clientNoContextTakeover", agreed.client_no_context_takeover);
  result.Set("serverNoContextTakeover", agreed.server_no_context_takeover);
  result.Set("clientWindowBits", agreed.client_window_bits);
  result.Set("serverWindowBits", agreed.server_window_bits);
  return result;
}

// inflate(settings, messages): Coded; stops at the first error
Napi::Value Inflate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto settings = info[0].As<Napi::Object>();
  const auto messages = info[1].As<Napi::Array>();
  deflate::Inflater inflater(NumberOf(settings, "windowBits", 15),
                             FlagOf(settings, "noContextTakeover"), LimitOf(settings));
  ByteQueue out;
  Error error;
  Napi::Array inflated = Napi::Array::New(env);
  size_t memory = 0;
  for (uint32_t i = 0; i < messages.Length() && !error; i++) {
    error = InflateMessage(messages.Get(i).As<Napi::Array>(), FlagOf(settings, "release"),
                           &inflater, &out);
    memory = std::max(memory, inflater.zlib_bytes());
    if (!error) inflated.Set(i, TakeAll(env, &out));
  }
  return CodedOf(env, inflated, error, out, memory, inflater.zlib_bytes());
}

// deflate(settings, messages): Coded; stops at the first error
Napi::Value Deflate(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto settings = info[0].As<Napi::Object>();
  const auto messages = info[1].As<Napi::Array>();
  deflate::Deflater deflater(NumberOf(settings, "windowBits", 15),
                             FlagOf(settings, "noContextTakeover"), NumberOf(settings, "level", -1),
                             NumberOf(settings, "memLevel", 8));
  ByteQueue out;
  Error error;
  Napi::Array deflated = Napi::Array::New(env);
  size_t memory = 0;
  for (uint32_t i = 0; i < messages.Length() && !error; i++) {
    Sample message(messages.Get(i).As<Napi::Uint8Array>());
    // What lies in the queue before stays as it is.
    out.Append("before", 6);
    error = Error(deflater.Deflate(message.data(), message.size(), &out));
    memory = std::max(memory, deflater.zlib_bytes());
    if (std::string(reinterpret_cast<char*>(out.data()), 6) != "before") {
      Napi::Error::New(env, "the queue was changed").ThrowAsJavaScriptException();
      return env.Undefined();
    }
    out.Consume(6);
    if (!error) deflated.Set(i, TakeAll(env, &out));
    if (FlagOf(settings, "release")) deflater.Release();
  }
  return CodedOf(env, deflated, error, out, memory, deflater.zlib_bytes());
}

}  // namespace

void RegisterDeflate(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("formatOffer", FormatOffer);
  add("validateAnswer", ValidateAnswer);
  add("inflate", Inflate);
  add("deflate", Deflate);
}

}  // namespace wsfd::testing
