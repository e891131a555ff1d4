#ifndef WSFD_BINDING_FAILURE_VALUE_H_
#define WSFD_BINDING_FAILURE_VALUE_H_

#include <node_api.h>

#include <vector>

#include "driver/failure.h"
#include "tls/session.h"

namespace wsfd::binding {

// A failure as the object that src/errors/errors.ts makes a WebSocketError of (interface
// NativeFailure in src/native/addon.ts). undefined for nullptr. As all values here: nullptr, with
// an exception pending, where Node-API fails.
napi_value FailureValue(napi_env env, const driver::Failure* failure);
// An array of them.
napi_value FailureValues(napi_env env, const std::vector<driver::Failure>& failures);
// An array of NativeCertificateError.
napi_value CertificateErrorValues(napi_env env, const std::vector<tls::CertificateError>& errors);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_FAILURE_VALUE_H_
