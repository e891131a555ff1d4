#include "binding/trace_value.h"

#include <string>
#include <string_view>
#include <vector>

#include "binding/failure_value.h"
#include "binding/object_value.h"
#include "binding/tls_value.h"

namespace wsfd::binding {

using driver::TraceEvent;

namespace {

napi_value TextsValue(napi_env env, const std::vector<std::string>& texts) {
  return ArrayValue::Of(env, texts,
                        [env](const std::string& text) { return TextValue(env, text); });
}

napi_value ResponseValue(napi_env env, const handshake::Response& response) {
  ObjectValue value(env);
  value.SetNumber("status", response.status);
  value.SetText("reason", response.reason);
  ArrayValue headers(env);
  for (const auto& [name, text] : response.headers) {
    headers.Add(TextValue(env, name));
    headers.Add(TextValue(env, text));
  }
  value.Set("headers", headers.value());
  return value.value();
}

// RFC 6455 section 5.5.1: the first two bytes of a close frame's body are its code, "followed by"
// UTF-8 text; a body of none is allowed.
void SetControlFrame(const TraceEvent& event, ObjectValue* value) {
  const std::string_view payload = event.text;
  value->SetNumber("opcode", static_cast<int>(event.opcode));
  value->SetNumber("bytes", static_cast<double>(payload.size()));
  if (event.opcode != frame::Opcode::kClose || payload.size() < 2) return;
  const auto byte = [payload](size_t at) { return static_cast<uint8_t>(payload[at]); };
  value->SetNumber("code", byte(0) << 8 | byte(1));
  value->SetText("reason", payload.substr(2));
}

napi_value TraceValue(napi_env env, const TraceEvent& event) {
  ObjectValue value(env);
  value.SetNumber("kind", static_cast<int>(event.kind));
  value.SetNumber("ageMs", event.age_ms);
  if (event.kind == TraceEvent::Kind::kControlIn || event.kind == TraceEvent::Kind::kControlOut) {
    SetControlFrame(event, &value);
    return value.value();
  }
  value.SetText("text", event.text);
  // As in FailureValue.
  const auto set_if = [env, &value](bool known, const char* name, auto make) {
    value.Set(name, known ? make() : UndefinedValue(env));
  };
  set_if(!event.address.empty(), "address", [&] { return TextValue(env, event.address); });
  set_if(event.port != 0, "port", [&] { return NumberValue(env, event.port); });
  set_if(!event.addresses.empty(), "addresses", [&] { return TextsValue(env, event.addresses); });
  set_if(event.failure.has_value(), "failure", [&] { return FailureValue(env, &*event.failure); });
  set_if(event.response != nullptr, "response",
         [&] { return ResponseValue(env, *event.response); });
  set_if(event.tls.has_value(), "ofProxy", [&] { return FlagValue(env, event.of_proxy); });
  set_if(event.tls.has_value(), "tls",
         [&] { return TlsValue(env, *event.tls, event.certificate_errors); });
  return value.value();
}

}  // namespace

napi_value TraceValues(napi_env env, const std::vector<TraceEvent>& events) {
  return ArrayValue::Of(env, events,
                        [env](const TraceEvent& event) { return TraceValue(env, event); });
}

}  // namespace wsfd::binding
