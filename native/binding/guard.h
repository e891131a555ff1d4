#ifndef WSFD_BINDING_GUARD_H_
#define WSFD_BINDING_GUARD_H_

#include <node_api.h>

#include <new>

#include "binding/reader.h"

namespace wsfd::binding {

// A function for JavaScript that throws WSFD_OUT_OF_MEMORY if memory runs out in `Function`: no C++
// exception may pass through Node's frames.
template <napi_callback Function>
napi_value Guarded(napi_env env, napi_callback_info info) {
  try {
    return Function(env, info);
  } catch (const std::bad_alloc&) {
    return ThrowNoMemory(env);
  }
}

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_GUARD_H_
