#ifndef WSFD_BINDING_TRACE_VALUE_H_
#define WSFD_BINDING_TRACE_VALUE_H_

#include <napi.h>

#include <vector>

#include "driver/tracer.h"

namespace wsfd::binding {

// An array of interface NativeTrace (src/native/addon.ts).
Napi::Value TraceValues(Napi::Env env, const std::vector<driver::TraceEvent>& events);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_TRACE_VALUE_H_
