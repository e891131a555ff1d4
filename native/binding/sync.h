#ifndef WSFD_BINDING_SYNC_H_
#define WSFD_BINDING_SYNC_H_

#include <node_api.h>

namespace wsfd::binding {

// Exports for synchronous calls: sockets on loops of their own, which turn in the calling thread.
// src/native/addon.ts says what each does.
napi_value Run(napi_env env, napi_callback_info info);
napi_value Send(napi_env env, napi_callback_info info);
napi_value WatchSignals(napi_env env, napi_callback_info info);
napi_value TakeSignal(napi_env env, napi_callback_info info);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_SYNC_H_
