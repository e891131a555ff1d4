// The entry point of wsfd.node.

#include "binding/exports.h"

NAPI_MODULE_INIT() { return wsfd::binding::Initialize(env, exports); }
