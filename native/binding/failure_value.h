#ifndef WSFD_BINDING_FAILURE_VALUE_H_
#define WSFD_BINDING_FAILURE_VALUE_H_

#include <napi.h>

#include <vector>

#include "driver/failure.h"
#include "handshake/response.h"
#include "tls/session.h"

namespace wsfd::binding {

// A failure as the object that src/errors/errors.ts makes a WebSocketError of (interface
// NativeFailure in src/errors/failure.ts). undefined for nullptr. Like all values here, empty if
// Node-API fails.
Napi::Value FailureValue(Napi::Env env, const driver::Failure* failure);
// An array of them.
Napi::Value FailureValues(Napi::Env env, const std::vector<driver::Failure>& failures);
// An array of NativeCertificateError.
Napi::Value CertificateErrorValues(Napi::Env env, const std::vector<tls::CertificateError>& errors);
// The headers of a response: an array of name and value in turn.
Napi::Value HeaderValues(Napi::Env env, const handshake::Response& response);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_FAILURE_VALUE_H_
