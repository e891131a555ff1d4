#ifndef WSFD_BINDING_WRITE_H_
#define WSFD_BINDING_WRITE_H_

#include <node_api.h>

namespace wsfd::binding {

// writeText(slot, text) and writeBinary(slot, bytes): an int of enum WriteStatus
// (src/native/addon.ts), or undefined for a message that is not accepted because Node-API failed.
// They do not throw. The hottest calls into native code, hence without a wrapper around Node-API.
napi_value WriteText(napi_env env, napi_callback_info info);
napi_value WriteBinary(napi_env env, napi_callback_info info);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_WRITE_H_
