#include "binding/trace_value.h"

#include <string>
#include <string_view>
#include <vector>

#include "binding/failure_value.h"
#include "binding/tls_value.h"
#include "binding/value.h"

namespace wsfd::binding {

using driver::TraceEvent;

namespace {

// RFC 6455 section 5.5.1: the first two bytes of a close frame's body are its code, "followed by"
// UTF-8 text; an empty body is allowed.
Napi::Value ControlFrameValue(Napi::Env env, const TraceEvent& event) {
  const std::string_view payload = event.text;
  const auto byte = [payload](size_t at) { return static_cast<uint8_t>(payload[at]); };
  const bool has_code = event.opcode == frame::Opcode::kClose && payload.size() >= 2;
  const Napi::Value none = env.Undefined();
  return ObjectValue(env, {
                              {"kind", NumberValue(env, static_cast<int>(event.kind))},
                              {"ageMs", NumberValue(env, event.age_ms)},
                              {"opcode", NumberValue(env, static_cast<int>(event.opcode))},
                              {"bytes", NumberValue(env, static_cast<double>(payload.size()))},
                              {"code", has_code ? NumberValue(env, byte(0) << 8 | byte(1)) : none},
                              {"reason", has_code ? TextValue(env, payload.substr(2)) : none},
                          });
}

Napi::Value ResponseValue(Napi::Env env, const handshake::Response& response) {
  return ObjectValue(env, {
                              {"status", NumberValue(env, response.status)},
                              {"reason", TextValue(env, response.reason)},
                              {"headers", HeaderValues(env, response)},
                          });
}

Napi::Value TraceValue(Napi::Env env, const TraceEvent& event) {
  if (event.kind == TraceEvent::Kind::kControlIn || event.kind == TraceEvent::Kind::kControlOut) {
    return ControlFrameValue(env, event);
  }
  // As in FailureValue.
  const Napi::Value none = env.Undefined();
  const auto text = [env](const std::string& one) { return TextValue(env, one); };
  return ObjectValue(
      env, {
               {"kind", NumberValue(env, static_cast<int>(event.kind))},
               {"ageMs", NumberValue(env, event.age_ms)},
               {"text", text(event.text)},
               {"address", event.address.empty() ? none : text(event.address)},
               {"port", event.port == 0 ? none : NumberValue(env, event.port)},
               {"addresses", event.addresses.empty() ? none : ArrayOf(env, event.addresses, text)},
               {"failure", event.failure.has_value() ? FailureValue(env, &*event.failure) : none},
               {"response", event.response == nullptr ? none : ResponseValue(env, *event.response)},
               {"ofProxy", event.tls.has_value() ? FlagValue(env, event.of_proxy) : none},
               {"tls",
                event.tls.has_value() ? TlsValue(env, *event.tls, event.certificate_errors) : none},
           });
}

}  // namespace

Napi::Value TraceValues(Napi::Env env, const std::vector<TraceEvent>& events) {
  return ArrayOf(env, events, [env](const TraceEvent& event) { return TraceValue(env, event); });
}

}  // namespace wsfd::binding
