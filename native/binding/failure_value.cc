#include "binding/failure_value.h"

#include "binding/object_value.h"
#include "tls/keyword.h"

namespace wsfd::binding {

namespace {

// Name and value in turn.
napi_value HeaderValues(napi_env env, const handshake::Response& response) {
  ArrayValue list(env);
  for (const auto& [name, text] : response.headers) {
    list.Add(TextValue(env, name));
    list.Add(TextValue(env, text));
  }
  return list.value();
}

}  // namespace

napi_value CertificateErrorValues(napi_env env, const std::vector<tls::CertificateError>& errors) {
  return ArrayValue::Of(env, errors, [env](const tls::CertificateError& error) {
    ObjectValue value(env);
    value.SetText("keyword", tls::NameOf(error.keyword));
    value.SetNumber("code", error.code);
    value.SetNumber("depth", error.depth);
    value.SetText("subject", error.subject);
    value.SetText("text", error.text);
    value.SetFlag("ignored", error.ignored);
    return value.value();
  });
}

napi_value FailureValue(napi_env env, const driver::Failure* failure) {
  if (failure == nullptr) return UndefinedValue(env);
  ObjectValue value(env);
  value.SetNumber("row", static_cast<uint8_t>(failure->error.code));
  value.SetText("detail", failure->error.detail);
  value.SetFlag("transient", failure->error.transient);
  // What is not known is there as undefined: nobody is to find Object.prototype's instead.
  const auto set_if = [env, &value](bool known, const char* name, auto make) {
    value.Set(name, known ? make() : UndefinedValue(env));
  };
  set_if(failure->uv_error != 0, "errno", [&] { return NumberValue(env, failure->uv_error); });
  set_if(failure->syscall != nullptr, "syscall", [&] { return TextValue(env, failure->syscall); });
  set_if(!failure->address.empty(), "address", [&] { return TextValue(env, failure->address); });
  set_if(failure->port != 0, "port", [&] { return NumberValue(env, failure->port); });
  const handshake::Response* const response = failure->response.get();
  const bool answered = response != nullptr && response->status != 0;
  set_if(answered, "httpStatus", [&] { return NumberValue(env, response->status); });
  set_if(answered, "httpBody", [&] { return TextValue(env, response->body); });
  set_if(answered, "httpHeaders", [&] { return HeaderValues(env, *response); });
  set_if(!failure->certificate_errors.empty(), "certificateErrors",
         [&] { return CertificateErrorValues(env, failure->certificate_errors); });
  return value.value();
}

napi_value FailureValues(napi_env env, const std::vector<driver::Failure>& failures) {
  return ArrayValue::Of(
      env, failures, [env](const driver::Failure& failure) { return FailureValue(env, &failure); });
}

}  // namespace wsfd::binding
