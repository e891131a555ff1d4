#include "binding/sync.h"

#include <napi.h>

#include <chrono>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "binding/failure_value.h"
#include "binding/handle.h"
#include "binding/open_options.h"

namespace wsfd::binding {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

// RunStatus of src/native.ts.
constexpr int kNothing = 0;
constexpr int kSomething = 1;
constexpr int kBroken = 2;

// A turn takes at the most 512 KiB from the system. So many are more than a system keeps for a
// connection, and yet an end where a server sends faster than it is read.
constexpr int kTurnsOfALook = 64;

napi_value IntegerValue(napi_env env, int number) {
  napi_value value = nullptr;
  napi_create_int32(env, number, &value);
  return value;
}

std::vector<int> ReadSignals(napi_env env, napi_value list) {
  std::vector<int> signals;
  uint32_t count = 0;
  napi_get_array_length(env, list, &count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value element;
    int32_t signal = 0;
    napi_get_element(env, list, i, &element);
    napi_get_value_int32(env, element, &signal);
    signals.push_back(signal);
  }
  return signals;
}

// Turns the loop once. What JavaScript gets in it must not live as long as the call.
void Turn(napi_env env, driver::PrivateLoop* loop, int64_t most_ms) {
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  loop->Turn(static_cast<uint64_t>(most_ms));
  napi_close_handle_scope(env, scope);
}

// Turns the loop until the inbox was told something or the time is over: what has come by then is
// still looked at.
int RunUntilReport(napi_env env, Handle* handle, int64_t most_ms) {
  driver::PrivateLoop* const loop = handle->private_loop();
  const uint64_t reports = handle->reports();
  const Clock::time_point end = Clock::now() + Milliseconds(most_ms);
  while (handle->reports() == reports) {
    const auto left = std::chrono::ceil<Milliseconds>(end - Clock::now()).count();
    if (left <= 0) break;
    Turn(env, loop, left);
  }
  uint64_t reads = 0;
  for (int i = 0; i < kTurnsOfALook && handle->reports() == reports; i++) {
    if (i != 0 && handle->socket()->reads() == reads) break;
    reads = handle->socket()->reads();
    Turn(env, loop, 0);
  }
  return handle->reports() == reports ? kNothing : kSomething;
}

}  // namespace

napi_value OpenSync(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  Environment* const environment = Environment::Of(env);
  environment->FinishRetired();
  driver::OpenOptions options;
  Error error;
  if (!ReadOpenOptions(Napi::Object(env, arguments[1]), &options, &error)) {
    const driver::Failure failure(std::move(error));
    return FailureValue(env, &failure);
  }
  int system_error = 0;
  std::unique_ptr<driver::PrivateLoop> loop = driver::PrivateLoop::Create(&system_error);
  if (loop == nullptr) {
    const driver::Failure failure =
        driver::SystemFailure(ErrorCode::kOutOfMemory, system_error, "uv_loop_init");
    return FailureValue(env, &failure);
  }
  return IntegerValue(env,
                      Handle::Open(environment, arguments[0], std::move(options), std::move(loop)));
}

napi_value Run(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  size_t count = 2;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  Handle* const handle = Environment::Of(env)->HandleOf(arguments[0]);
  if (handle == nullptr || handle->private_loop() == nullptr) return IntegerValue(env, kNothing);
  if (handle->TakeBroken()) return IntegerValue(env, kBroken);
  double most_ms = 0;
  napi_get_value_double(env, arguments[1], &most_ms);
  return IntegerValue(env, RunUntilReport(env, handle, static_cast<int64_t>(most_ms)));
}

napi_value Send(napi_env env, napi_callback_info info) {
  napi_value slot;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &slot, nullptr, nullptr);
  Handle* const handle = Environment::Of(env)->HandleOf(slot);
  if (handle != nullptr && handle->private_loop() != nullptr) {
    handle->private_loop()->loop()->WakeUpDone();
  }
  return nullptr;
}

napi_value WatchSignals(napi_env env, napi_callback_info info) {
  napi_value signals;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &signals, nullptr, nullptr);
  Environment::Of(env)->WatchSignals(ReadSignals(env, signals));
  return nullptr;
}

napi_value TakeSignal(napi_env env, napi_callback_info) {
  return IntegerValue(env, Environment::Of(env)->TakeSignal());
}

}  // namespace wsfd::binding
