#ifndef WSFD_BINDING_OPEN_H_
#define WSFD_BINDING_OPEN_H_

#include <node_api.h>

namespace wsfd::binding {

// Functions of the addon's exports: open a socket, on the environment's loop or on one of its own.
napi_value Open(napi_env env, napi_callback_info info);
napi_value OpenSync(napi_env env, napi_callback_info info);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_OPEN_H_
