// What Node looks for when it loads wsfd_faults.node: wsfd.node, and what makes it fail.

#include "binding/exports.h"
#include "test/native/faults/control.h"

NAPI_MODULE_INIT() {
  wsfd::faults::AddTo(env, exports);
  return wsfd::binding::Initialize(env, exports);
}
