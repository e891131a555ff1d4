#include <napi.h>

#include <memory>
#include <string>

#include "handshake/proxy_dialogue.h"
#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

using handshake::ProxyDialogue;

Napi::Value BytesOf(Napi::Env env, const std::string& bytes) {
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

std::string StringOf(const Napi::Object& given, const char* name) {
  const Napi::Value value = given.Get(name);
  if (value.IsUndefined()) return {};
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  const auto bytes = value.As<Napi::Uint8Array>();
  return {reinterpret_cast<const char*>(bytes.Data()), bytes.ByteLength()};
}

const char* NameOf(ProxyDialogue::Status status) {
  switch (status) {
    case ProxyDialogue::Status::kNeedMore:
      return "needMore";
    case ProxyDialogue::Status::kOpened:
      return "opened";
    case ProxyDialogue::Status::kRefused:
      break;
  }
  return "refused";
}

// talkToProxy(protocol, request, portions, ended): ProxyTalk
Napi::Value TalkToProxy(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto given = info[1].As<Napi::Object>();
  handshake::ProxyRequest request;
  request.host = StringOf(given, "host");
  request.port = static_cast<uint16_t>(given.Get("port").ToNumber().Uint32Value());
  request.ip_address = StringOf(given, "ipAddress");
  request.authorization = StringOf(given, "authorization");
  request.username = StringOf(given, "username");
  request.password = StringOf(given, "password");
  const std::unique_ptr<ProxyDialogue> dialogue = info[0].As<Napi::String>().Utf8Value() == "http"
                                                      ? handshake::NewHttpConnect(request)
                                                      : handshake::NewSocks5(request);
  std::string sent = dialogue->TakeOutput();
  auto status = ProxyDialogue::Status::kNeedMore;
  double taken = 0;
  const auto portions = info[2].As<Napi::Array>();
  for (uint32_t i = 0; i < portions.Length() && status == ProxyDialogue::Status::kNeedMore; i++) {
    Sample portion(portions.Get(i).As<Napi::Uint8Array>());
    size_t count = 0;
    status = dialogue->Receive(portion.data(), portion.size(), &count);
    taken += static_cast<double>(count);
    sent += dialogue->TakeOutput();
    if (status == ProxyDialogue::Status::kNeedMore && count != portion.size()) {
      Napi::Error::New(env, "Receive broke its contract").ThrowAsJavaScriptException();
      return env.Undefined();
    }
  }
  if (info[3].As<Napi::Boolean>()) dialogue->End();
  Napi::Object result = Napi::Object::New(env);
  result.Set("outcome", NameOf(status));
  result.Set("taken", taken);
  result.Set("sent", BytesOf(env, sent));
  result.Set("code", dialogue->error() ? RowOf(dialogue->error().code).symbol : "None");
  result.Set("detail", dialogue->error().detail);
  result.Set("transient", dialogue->error().transient);
  result.Set("status", dialogue->response() == nullptr ? 0 : dialogue->response()->status);
  return result;
}

}  // namespace

void RegisterProxy(Napi::Env env, Napi::Object exports) {
  exports.Set("talkToProxy", Napi::Function::New(env, TalkToProxy, "talkToProxy"));
}

}  // namespace wsfd::testing
