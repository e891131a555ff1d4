#include <napi.h>

#include <string>
#include <vector>

#include "handshake/extension.h"
#include "handshake/request.h"
#include "handshake/response.h"
#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

using handshake::HeaderList;
using handshake::Request;
using handshake::Response;
using handshake::ResponseReader;

// The core's strings are bytes: one character each, as HTTP had them.
Napi::Value TextOf(Napi::Env env, const std::string& bytes) {
  napi_value text = nullptr;
  napi_create_string_latin1(env, bytes.data(), bytes.size(), &text);
  return {env, text};
}

std::string StringOf(const Napi::Value& value) {
  return value.IsUndefined() ? std::string() : value.As<Napi::String>().Utf8Value();
}

Napi::Array PairsOf(Napi::Env env, const HeaderList& pairs) {
  Napi::Array result = Napi::Array::New(env, pairs.size());
  for (uint32_t i = 0; i < pairs.size(); i++) {
    Napi::Array pair = Napi::Array::New(env, 2);
    pair.Set(uint32_t{0}, TextOf(env, pairs[i].first));
    pair.Set(uint32_t{1}, TextOf(env, pairs[i].second));
    result.Set(i, pair);
  }
  return result;
}

Napi::Object ErrorOf(Napi::Env env, const Error& error) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("code", error ? RowOf(error.code).symbol : "None");
  result.Set("detail", TextOf(env, error.detail));
  return result;
}

Request RequestOf(const Napi::Object& given) {
  Request request;
  request.host = StringOf(given.Get("host"));
  request.target = StringOf(given.Get("target"));
  request.user_agent = StringOf(given.Get("userAgent"));
  request.extensions = StringOf(given.Get("extensions"));
  if (given.Has("subprotocols")) {
    const auto subprotocols = given.Get("subprotocols").As<Napi::Array>();
    for (uint32_t i = 0; i < subprotocols.Length(); i++) {
      request.subprotocols.push_back(StringOf(subprotocols.Get(i)));
    }
  }
  if (given.Has("headers")) {
    const auto headers = given.Get("headers").As<Napi::Array>();
    for (uint32_t i = 0; i < headers.Length(); i++) {
      const auto pair = headers.Get(i).As<Napi::Array>();
      request.headers.emplace_back(StringOf(pair.Get(uint32_t{0})), StringOf(pair.Get(1)));
    }
  }
  return request;
}

const char* NameOf(ResponseReader::Status status) {
  switch (status) {
    case ResponseReader::Status::kNeedMore:
      return "needMore";
    case ResponseReader::Status::kHead:
      return "head";
    case ResponseReader::Status::kComplete:
      return "complete";
    case ResponseReader::Status::kFailed:
      break;
  }
  return "failed";
}

// encodeKey(nonce): string
Napi::Value EncodeKey(const Napi::CallbackInfo& info) {
  Sample nonce(info[0].As<Napi::Uint8Array>());
  return TextOf(info.Env(), handshake::EncodeKey(nonce.data()));
}

// computeAccept(key): string
Napi::Value ComputeAccept(const Napi::CallbackInfo& info) {
  return TextOf(info.Env(), handshake::ComputeAccept(StringOf(info[0])));
}

// writeRequest(request, key): string
Napi::Value WriteRequest(const Napi::CallbackInfo& info) {
  return TextOf(info.Env(),
                handshake::WriteRequest(RequestOf(info[0].As<Napi::Object>()), StringOf(info[1])));
}

// readResponse(portions, ended): ReadResponse
Napi::Value ReadResponse(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto portions = info[0].As<Napi::Array>();
  ResponseReader reader;
  auto status = ResponseReader::Status::kNeedMore;
  double taken = 0;
  for (uint32_t i = 0; i < portions.Length(); i++) {
    Sample portion(portions.Get(i).As<Napi::Uint8Array>());
    const bool final = status != ResponseReader::Status::kNeedMore;
    const auto before = status;
    size_t count = 0;
    status = reader.Receive(portion.data(), portion.size(), &count);
    taken += static_cast<double>(count);
    const bool all = status != ResponseReader::Status::kNeedMore || count == portion.size();
    if (!all || (final && (count != 0 || status != before))) {
      Napi::Error::New(env, "Receive broke its contract").ThrowAsJavaScriptException();
      return env.Undefined();
    }
  }
  if (info[1].As<Napi::Boolean>()) status = reader.End();
  const Response& response = reader.response();
  Napi::Object result = Napi::Object::New(env);
  result.Set("outcome", NameOf(status));
  result.Set("taken", taken);
  result.Set("hasHead", reader.has_head());
  result.Set("error", ErrorOf(env, reader.error()));
  result.Set("status", response.status);
  result.Set("reason", TextOf(env, response.reason));
  result.Set("headers", PairsOf(env, response.headers));
  result.Set("body", TextOf(env, response.body));
  return result;
}

// checkResponse(request, key, answer): CheckedResponse; the answer is read first
Napi::Value CheckResponse(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Sample answer(info[2].As<Napi::Uint8Array>());
  ResponseReader reader;
  size_t taken = 0;
  const auto status = reader.Receive(answer.data(), answer.size(), &taken);
  if (status == ResponseReader::Status::kNeedMore) reader.End();
  handshake::Accepted accepted{"untouched", "untouched"};
  const Error error =
      reader.error() ? reader.error()
                     : handshake::CheckResponse(RequestOf(info[0].As<Napi::Object>()),
                                                StringOf(info[1]), reader.response(), &accepted);
  Napi::Object result = Napi::Object::New(env);
  result.Set("error", ErrorOf(env, error));
  result.Set("subprotocol", TextOf(env, accepted.subprotocol));
  result.Set("extensions", TextOf(env, accepted.extensions));
  return result;
}

// parseExtensions(list): Extension[] | undefined
Napi::Value ParseExtensions(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<handshake::Extension> extensions;
  if (!handshake::ParseExtensions(StringOf(info[0]), &extensions)) return env.Undefined();
  Napi::Array result = Napi::Array::New(env, extensions.size());
  for (uint32_t i = 0; i < extensions.size(); i++) {
    Napi::Object extension = Napi::Object::New(env);
    extension.Set("name", TextOf(env, extensions[i].name));
    extension.Set("parameters", PairsOf(env, extensions[i].parameters));
    result.Set(i, extension);
  }
  return result;
}

}  // namespace

void RegisterHandshake(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("encodeKey", EncodeKey);
  add("computeAccept", ComputeAccept);
  add("writeRequest", WriteRequest);
  add("readResponse", ReadResponse);
  add("checkResponse", CheckResponse);
  add("parseExtensions", ParseExtensions);
}

}  // namespace wsfd::testing
