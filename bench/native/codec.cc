#include "bench/native/codec.h"

#include <string>

#include "frame/header.h"
#include "frame/mask.h"
#include "frame/utf8.h"
#include "handshake/request.h"
#include "handshake/response.h"
#include "test/native/reference/reference.h"

namespace wsfd::bench {

namespace {

using Bytes = Napi::Uint8Array;

constexpr uint8_t kKey[4] = {0x37, 0xFA, 0x21, 0x3D};

uint32_t Times(const Napi::CallbackInfo& info) { return info[1].As<Napi::Number>().Uint32Value(); }

// parseHeaders(bytes): reads the frames that lie in `bytes` one behind the other; how many.
Napi::Value ParseHeaders(const Napi::CallbackInfo& info) {
  Bytes bytes = info[0].As<Bytes>();
  const uint8_t* p = bytes.Data();
  const uint8_t* const end = p + bytes.ByteLength();
  uint32_t frames = 0;
  while (p < end) {
    frame::Header header;
    ErrorCode code = ErrorCode::kNone;
    const auto size = static_cast<size_t>(end - p);
    if (frame::ParseHeader(p, size, &header, &code) != frame::HeaderStatus::kComplete) break;
    p += header.size + static_cast<size_t>(header.payload_length);
    ++frames;
  }
  return Napi::Number::New(info.Env(), frames);
}

// writeHeaders(out, times, length): writes headers of frames of `length` bytes; their size.
Napi::Value WriteHeaders(const Napi::CallbackInfo& info) {
  uint8_t* const out = info[0].As<Bytes>().Data();
  const auto length = static_cast<uint64_t>(info[2].As<Napi::Number>().Int64Value());
  size_t size = 0;
  for (uint32_t i = Times(info); i > 0; --i) {
    size = frame::WriteClientHeader(out, frame::Opcode::kText, true, false, length, kKey);
  }
  return Napi::Number::New(info.Env(), static_cast<double>(size));
}

// mask(bytes, times) and maskReference(bytes, times): in place.
template <void (*Apply)(uint8_t*, size_t, const uint8_t*, unsigned)>
Napi::Value Mask(const Napi::CallbackInfo& info) {
  Bytes bytes = info[0].As<Bytes>();
  for (uint32_t i = Times(info); i > 0; --i) Apply(bytes.Data(), bytes.ByteLength(), kKey, 0);
  return info.Env().Undefined();
}

// isAscii(bytes, times) and so on: how often it was true.
template <bool (*Check)(const uint8_t*, size_t)>
Napi::Value Repeat(const Napi::CallbackInfo& info) {
  Bytes bytes = info[0].As<Bytes>();
  uint32_t count = 0;
  for (uint32_t i = Times(info); i > 0; --i) {
    if (Check(bytes.Data(), bytes.ByteLength())) ++count;
  }
  return Napi::Number::New(info.Env(), count);
}

// writeRequest(nonce): the key and the whole opening handshake; its size.
Napi::Value WriteRequest(const Napi::CallbackInfo& info) {
  handshake::Request request;
  request.host = "localhost:40000";
  request.target = "/feed?sensor=17";
  request.user_agent = "wsfd";
  request.headers = {{"Authorization", "Bearer 0123456789abcdef0123456789abcdef"}};
  const std::string key = handshake::EncodeKey(info[0].As<Bytes>().Data());
  const std::string bytes = handshake::WriteRequest(request, key);
  return Napi::Number::New(info.Env(), static_cast<double>(bytes.size()));
}

// readResponse(head, key): reads and judges a server's answer; whether it was accepted.
Napi::Value ReadResponse(const Napi::CallbackInfo& info) {
  const Bytes head = info[0].As<Bytes>();
  const std::string key = info[1].As<Napi::String>().Utf8Value();
  handshake::ResponseReader reader;
  size_t taken = 0;
  const auto status = reader.Receive(head.Data(), head.ByteLength(), &taken);
  handshake::Accepted accepted;
  const bool good = status == handshake::ResponseReader::Status::kHead &&
                    !CheckResponse(handshake::Request(), key, reader.response(), &accepted);
  return Napi::Boolean::New(info.Env(), good);
}

}  // namespace

void RegisterCodec(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Function::Callback callback) {
    exports.Set(name, Napi::Function::New(env, callback, name));
  };
  add("parseHeaders", ParseHeaders);
  add("writeHeaders", WriteHeaders);
  add("mask", Mask<frame::ApplyMask>);
  add("maskReference", Mask<reference::ApplyMask>);
  add("isAscii", Repeat<frame::IsAscii>);
  add("isAsciiReference", Repeat<reference::IsAscii>);
  add("isUtf8", Repeat<frame::IsUtf8>);
  add("isUtf8Reference", Repeat<reference::IsUtf8>);
  add("writeRequest", WriteRequest);
  add("readResponse", ReadResponse);
}

}  // namespace wsfd::bench
