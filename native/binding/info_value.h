#ifndef WSFD_BINDING_INFO_VALUE_H_
#define WSFD_BINDING_INFO_VALUE_H_

#include <node_api.h>

#include "driver/socket.h"

namespace wsfd::binding {

// What is known of a socket, as interface NativeInfo of src/native/addon.ts. nullptr, with an
// exception pending, where Node-API fails.
napi_value InfoValue(napi_env env, const driver::Socket& socket);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_INFO_VALUE_H_
