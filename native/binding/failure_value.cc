#include "binding/failure_value.h"

#include "binding/value.h"
#include "tls/keyword.h"

namespace wsfd::binding {

Napi::Value HeaderValues(Napi::Env env, const handshake::Response& response) {
  std::vector<Napi::Value> list;
  for (const auto& [name, text] : response.headers) {
    list.push_back(TextValue(env, name));
    list.push_back(TextValue(env, text));
  }
  return ArrayValue(env, list);
}

Napi::Value CertificateErrorValues(Napi::Env env,
                                   const std::vector<tls::CertificateError>& errors) {
  return ArrayOf(env, errors, [env](const tls::CertificateError& error) {
    return ObjectValue(env, {
                                {"keyword", TextValue(env, tls::NameOf(error.keyword))},
                                {"code", NumberValue(env, error.code)},
                                {"depth", NumberValue(env, error.depth)},
                                {"subject", TextValue(env, error.subject)},
                                {"text", TextValue(env, error.text)},
                                {"ignored", FlagValue(env, error.ignored)},
                            });
  });
}

Napi::Value FailureValue(Napi::Env env, const driver::Failure* failure) {
  if (failure == nullptr) return env.Undefined();
  // Unknown properties are undefined, not absent: those of Object.prototype must not show through.
  const Napi::Value none = env.Undefined();
  const auto number = [env, none](int value) {
    return value != 0 ? NumberValue(env, value) : none;
  };
  const handshake::Response* const response = failure->response.get();
  const bool answered = response != nullptr && response->status != 0;
  const auto& refused = failure->certificate_errors;
  return ObjectValue(
      env, {
               {"row", NumberValue(env, static_cast<uint8_t>(failure->error.code))},
               {"detail", TextValue(env, failure->error.detail)},
               {"transient", FlagValue(env, failure->error.transient)},
               {"errno", number(failure->uv_error)},
               {"syscall", failure->syscall != nullptr ? TextValue(env, failure->syscall) : none},
               {"address", failure->address.empty() ? none : TextValue(env, failure->address)},
               {"port", number(failure->port)},
               {"httpStatus", answered ? NumberValue(env, response->status) : none},
               {"httpBody", answered ? TextValue(env, response->body) : none},
               {"httpHeaders", answered ? HeaderValues(env, *response) : none},
               {"certificateErrors", refused.empty() ? none : CertificateErrorValues(env, refused)},
           });
}

Napi::Value FailureValues(Napi::Env env, const std::vector<driver::Failure>& failures) {
  return ArrayOf(env, failures,
                 [env](const driver::Failure& failure) { return FailureValue(env, &failure); });
}

}  // namespace wsfd::binding
