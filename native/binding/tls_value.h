#ifndef WSFD_BINDING_TLS_VALUE_H_
#define WSFD_BINDING_TLS_VALUE_H_

#include <napi.h>

#include <vector>

#include "tls/session.h"

namespace wsfd::binding {

// A TLS session as interface NativeTlsInfo of src/native/addon.ts.
Napi::Value TlsValue(Napi::Env env, const tls::SessionInfo& info,
                     const std::vector<tls::CertificateError>& errors);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_TLS_VALUE_H_
