#include "binding/open.h"

#include <memory>
#include <utility>

#include "binding/environment.h"
#include "binding/failure_value.h"
#include "binding/handle.h"
#include "binding/open_options.h"
#include "binding/reader.h"
#include "binding/value.h"

namespace wsfd::binding {

namespace {

// (inbox, options): a slot, or the failure that says why there is none.
napi_value OpenOnLoop(napi_env env, napi_callback_info info, bool on_own_loop) {
  Reader call(env, info);
  Environment* const environment = EnvironmentOf(call);
  driver::OpenOptions options;
  Error error;
  const napi_value inbox = call.Next();
  if (!ReadOpenOptions(&call, &options, &error)) {
    const driver::Failure failure(error);
    return FailureValue(env, &failure);
  }
  std::unique_ptr<driver::PrivateLoop> loop;
  if (on_own_loop) {
    environment->FinishRetired();
    int system_error = 0;
    loop = driver::PrivateLoop::Create(&system_error);
    if (loop == nullptr) {
      const driver::Failure failure =
          driver::SystemFailure(ErrorCode::kOutOfMemory, system_error, "uv_loop_init");
      return FailureValue(env, &failure);
    }
  }
  const int32_t slot = Handle::Open(environment, inbox, std::move(options), std::move(loop));
  if (slot < 0) return ThrowFailure(env);
  const napi_value value = NumberValue(env, slot);
  if (value == nullptr) environment->HandleAt(slot)->Terminate();
  return value;
}

}  // namespace

napi_value Open(napi_env env, napi_callback_info info) { return OpenOnLoop(env, info, false); }

napi_value OpenSync(napi_env env, napi_callback_info info) { return OpenOnLoop(env, info, true); }

}  // namespace wsfd::binding
