#ifndef WSFD_BINDING_INFO_VALUE_H_
#define WSFD_BINDING_INFO_VALUE_H_

#include <napi.h>

#include "driver/socket.h"

namespace wsfd::binding {

// A socket as interface NativeInfo of src/native/addon.ts. Empty if Node-API fails.
Napi::Value InfoValue(Napi::Env env, const driver::Socket& socket);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_INFO_VALUE_H_
