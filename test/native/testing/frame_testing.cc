#include <napi.h>

#include "base/error.h"
#include "frame/header.h"
#include "frame/mask.h"
#include "frame/utf8.h"
#include "test/native/reference/reference.h"
#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

Napi::Uint8Array BytesOf(const Napi::Value& value) { return value.As<Napi::Uint8Array>(); }

// A number that may be absent, then 0.
uint32_t NumberOf(const Napi::Value& value) {
  return value.IsUndefined() ? 0 : value.As<Napi::Number>().Uint32Value();
}

uint64_t BigIntOf(const Napi::Value& value) {
  bool lossless;
  return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

// parseHeader(bytes): ParsedHeader
Napi::Value ParseHeader(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Sample bytes(BytesOf(info[0]));
  frame::Header header;
  ErrorCode code = ErrorCode::kNone;
  Napi::Object result = Napi::Object::New(env);
  switch (frame::ParseHeader(bytes.data(), bytes.size(), &header, &code)) {
    case frame::HeaderStatus::kNeedMore:
      result.Set("status", "needMore");
      break;
    case frame::HeaderStatus::kFailed:
      result.Set("status", "failed");
      result.Set("error", RowOf(code).symbol);
      break;
    case frame::HeaderStatus::kComplete:
      result.Set("status", "complete");
      result.Set("fin", header.fin);
      result.Set("rsv1", header.rsv1);
      result.Set("opcode", static_cast<uint32_t>(header.opcode));
      result.Set("size", static_cast<uint32_t>(header.size));
      result.Set("payloadLength", Napi::BigInt::New(env, header.payload_length));
      break;
  }
  return result;
}

// clientHeaderSize(payloadLength): number
Napi::Value ClientHeaderSize(const Napi::CallbackInfo& info) {
  const size_t size = frame::ClientHeaderSize(BigIntOf(info[0]));
  return Napi::Number::New(info.Env(), static_cast<double>(size));
}

// writeClientHeader(opcode, fin, rsv1, payloadLength, key): Buffer
Napi::Value WriteClientHeader(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint64_t payload_length = BigIntOf(info[3]);
  const uint8_t zeros[frame::kMaxClientHeader] = {};
  const size_t size = frame::ClientHeaderSize(payload_length);
  Sample out(zeros, size, 0, Sample::kMargin);
  const auto opcode = static_cast<frame::Opcode>(NumberOf(info[0]));
  const size_t written = frame::WriteClientHeader(out.data(), opcode, info[1].As<Napi::Boolean>(),
                                                  info[2].As<Napi::Boolean>(), payload_length,
                                                  BytesOf(info[4]).Data());
  if (written != size) {
    Napi::Error::New(env, "not ClientHeaderSize").ThrowAsJavaScriptException();
    return env.Undefined();
  }
  return out.ToBuffer(env);
}

// parseClosePayload(bytes): ParsedClose
Napi::Value ParseClosePayload(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Sample bytes(BytesOf(info[0]));
  frame::ClosePayload payload;
  const ErrorCode code = frame::ParseClosePayload(bytes.data(), bytes.size(), &payload);
  Napi::Object result = Napi::Object::New(env);
  if (code != ErrorCode::kNone) {
    result.Set("error", RowOf(code).symbol);
  } else {
    result.Set("code", static_cast<uint32_t>(payload.code));
    result.Set("reason", Napi::Buffer<char>::Copy(env, payload.reason, payload.reason_size));
  }
  return result;
}

// isSendableCloseCode(code): boolean
Napi::Value IsSendableCloseCode(const Napi::CallbackInfo& info) {
  const auto code = static_cast<uint16_t>(NumberOf(info[0]));
  return Napi::Boolean::New(info.Env(), frame::IsSendableCloseCode(code));
}

// applyMask(bytes, key, phase?, alignment?): Buffer
template <void (*kMask)(uint8_t*, size_t, const uint8_t*, unsigned)>
Napi::Value ApplyMask(const Napi::CallbackInfo& info) {
  Sample data(BytesOf(info[0]), NumberOf(info[3]), Sample::kMargin);
  kMask(data.data(), data.size(), BytesOf(info[1]).Data(), NumberOf(info[2]));
  return data.ToBuffer(info.Env());
}

// applyMaskCopy(bytes, key, phase?, fromAlignment?, toAlignment?): Buffer
Napi::Value ApplyMaskCopy(const Napi::CallbackInfo& info) {
  Sample from(BytesOf(info[0]), NumberOf(info[3]));
  Sample to(BytesOf(info[0]), NumberOf(info[4]), Sample::kMargin);
  frame::ApplyMaskCopy(to.data(), from.data(), from.size(), BytesOf(info[1]).Data(),
                       NumberOf(info[2]));
  return to.ToBuffer(info.Env());
}

// isAscii(bytes, alignment?): boolean
template <bool (*kPredicate)(const uint8_t*, size_t)>
Napi::Value Holds(const Napi::CallbackInfo& info) {
  Sample bytes(BytesOf(info[0]), NumberOf(info[1]));
  return Napi::Boolean::New(info.Env(), kPredicate(bytes.data(), bytes.size()));
}

// utf8Stream(pieces): StreamStep[]
Napi::Value Utf8Stream(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto pieces = info[0].As<Napi::Array>();
  Napi::Array steps = Napi::Array::New(env, pieces.Length());
  frame::Utf8Stream stream;
  for (uint32_t i = 0; i < pieces.Length(); i++) {
    Sample piece(BytesOf(pieces.Get(i)));
    Napi::Object step = Napi::Object::New(env);
    step.Set("accepted", stream.Append(piece.data(), piece.size()));
    step.Set("atBoundary", stream.AtBoundary());
    step.Set("ascii", stream.ascii());
    steps.Set(i, step);
  }
  return steps;
}

}  // namespace

void RegisterFrame(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("parseHeader", ParseHeader);
  add("clientHeaderSize", ClientHeaderSize);
  add("writeClientHeader", WriteClientHeader);
  add("parseClosePayload", ParseClosePayload);
  add("isSendableCloseCode", IsSendableCloseCode);
  add("applyMask", ApplyMask<frame::ApplyMask>);
  add("applyMaskReference", ApplyMask<reference::ApplyMask>);
  add("applyMaskCopy", ApplyMaskCopy);
  add("isAscii", Holds<frame::IsAscii>);
  add("isAsciiReference", Holds<reference::IsAscii>);
  add("isUtf8", Holds<frame::IsUtf8>);
  add("isUtf8Reference", Holds<reference::IsUtf8>);
  add("utf8Stream", Utf8Stream);
}

}  // namespace wsfd::testing
