// What Node looks for when it loads wsfd.node.

#include "binding/exports.h"

NAPI_MODULE_INIT() { return wsfd::binding::Initialize(env, exports); }
