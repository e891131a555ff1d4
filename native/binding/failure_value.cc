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
  if (failure->error.transient) value.SetFlag("transient", true);
  if (failure->uv_error != 0) value.SetNumber("errno", failure->uv_error);
  if (failure->syscall != nullptr) value.SetText("syscall", failure->syscall);
  if (!failure->address.empty()) value.SetText("address", failure->address);
  if (failure->port != 0) value.SetNumber("port", failure->port);
  if (failure->response != nullptr && failure->response->status != 0) {
    const handshake::Response& response = *failure->response;
    value.SetNumber("httpStatus", response.status);
    value.SetText("httpBody", response.body);
    value.Set("httpHeaders", HeaderValues(env, response));
  }
  if (!failure->certificate_errors.empty()) {
    value.Set("certificateErrors", CertificateErrorValues(env, failure->certificate_errors));
  }
  return value.value();
}

napi_value FailureValues(napi_env env, const std::vector<driver::Failure>& failures) {
  return ArrayValue::Of(
      env, failures, [env](const driver::Failure& failure) { return FailureValue(env, &failure); });
}

}  // namespace wsfd::binding
