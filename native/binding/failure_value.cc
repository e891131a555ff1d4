#include "binding/failure_value.h"

#include <napi.h>
#include <uv.h>

#include "tls/keyword.h"

namespace wsfd::binding {

napi_value CertificateErrorValues(napi_env env, const std::vector<tls::CertificateError>& errors) {
  auto list = Napi::Array::New(env, errors.size());
  uint32_t index = 0;
  for (const tls::CertificateError& error : errors) {
    auto value = Napi::Object::New(env);
    value["keyword"] = tls::NameOf(error.keyword);
    value["code"] = error.code;
    value["depth"] = error.depth;
    value["subject"] = error.subject;
    value["text"] = error.text;
    value["ignored"] = Napi::Boolean::New(env, error.ignored);
    list[index++] = value;
  }
  return list;
}

napi_value FailureValue(napi_env env, const driver::Failure* failure) {
  if (failure == nullptr) return Napi::Env(env).Undefined();
  auto value = Napi::Object::New(env);
  value["row"] = static_cast<double>(static_cast<uint8_t>(failure->error.code));
  value["detail"] = failure->error.detail;
  if (failure->uv_error != 0) value["errno"] = failure->uv_error;
  if (failure->syscall != nullptr) value["syscall"] = failure->syscall;
  if (!failure->address.empty()) value["address"] = failure->address;
  if (failure->port != 0) value["port"] = failure->port;
  if (failure->response != nullptr && failure->response->status != 0) {
    const handshake::Response& response = *failure->response;
    value["httpStatus"] = response.status;
    value["httpBody"] = response.body;
    auto headers = Napi::Array::New(env, response.headers.size() * 2);
    uint32_t index = 0;
    for (const auto& [name, text] : response.headers) {
      headers[index++] = name;
      headers[index++] = text;
    }
    value["httpHeaders"] = headers;
  }
  if (!failure->certificate_errors.empty()) {
    value["certificateErrors"] =
        Napi::Value(env, CertificateErrorValues(env, failure->certificate_errors));
  }
  return value;
}

napi_value FailureValues(napi_env env, const std::vector<driver::Failure>& failures) {
  auto list = Napi::Array::New(env, failures.size());
  uint32_t index = 0;
  for (const driver::Failure& failure : failures) {
    list[index++] = Napi::Value(env, FailureValue(env, &failure));
  }
  return list;
}

}  // namespace wsfd::binding
