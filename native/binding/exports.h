#ifndef WSFD_BINDING_EXPORTS_H_
#define WSFD_BINDING_EXPORTS_H_

#include <node_api.h>

namespace wsfd::binding {

// Makes this environment's state and adds the functions of interface Native (src/native/addon.ts,
// which says what each does) to `exports`. Returns `exports`, or nullptr with an exception pending.
napi_value Initialize(napi_env env, napi_value exports);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_EXPORTS_H_
