#include "binding/sync.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "binding/handle.h"
#include "binding/reader.h"
#include "binding/status.h"
#include "binding/value.h"

namespace wsfd::binding {

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

// A turn reads at most 512 KiB from the system. This many turns read more than a system keeps for a
// connection, and still end if a server sends faster than it is read.
constexpr int kMaxPollTurns = 64;

// A handle whose loop is turned. JavaScript that runs meanwhile (such as a listener of a
// diagnostics channel) may release it, and another handle may get its slot.
class Turned {
 public:
  Turned(Environment* environment, int32_t slot)
      : environment_(environment),
        slot_(slot),
        handle_(environment->HandleAt(slot)),
        loop_(handle_->private_loop()),
        inbox_calls_(handle_->inbox_calls()) {}

  // True if the inbox was called, or the handle is gone.
  bool inbox_called() const { return gone() || handle_->inbox_calls() != inbox_calls_; }
  // Not to be called once the handle is gone.
  const driver::Socket& socket() const { return *handle_->socket(); }
  bool gone() const { return environment_->HandleAt(slot_) != handle_; }

  // JavaScript values of a turn must not stay alive as long as the call.
  void Turn(int64_t most_ms) {
    napi_handle_scope scope = nullptr;
    if (napi_open_handle_scope(environment_->env(), &scope) != napi_ok) return;
    loop_->Turn(static_cast<uint64_t>(most_ms));
    // Fails only for a scope that is not open.
    (void)napi_close_handle_scope(environment_->env(), scope);
  }

 private:
  Environment* environment_;
  int32_t slot_;
  Handle* handle_;
  driver::PrivateLoop* loop_;  // valid until it has turned, even without the handle
  uint64_t inbox_calls_;
};

// Turns the loop until the inbox was called or the time is over; input that has come by then is
// still handled.
RunStatus RunUntilInboxCalled(Turned* turned, int64_t most_ms) {
  const Clock::time_point end = Clock::now() + Milliseconds(most_ms);
  while (!turned->inbox_called()) {
    const auto left = std::chrono::ceil<Milliseconds>(end - Clock::now()).count();
    if (left <= 0) break;
    turned->Turn(left);
  }
  uint64_t reads = 0;
  for (int i = 0; i < kMaxPollTurns && !turned->inbox_called(); i++) {
    if (i != 0 && turned->socket().reads() == reads) break;
    reads = turned->socket().reads();
    turned->Turn(0);
  }
  return turned->inbox_called() ? RunStatus::kSomething : RunStatus::kNothing;
}

// The slot in the call's first argument, if a handle with a loop of its own is there; else -1.
int32_t ReadSlot(Reader* call) {
  const napi_value slot = call->Next();
  Handle* const handle = slot == nullptr ? nullptr : EnvironmentOf(*call)->HandleOf(slot);
  return handle != nullptr && handle->private_loop() != nullptr ? handle->slot() : -1;
}

RunStatus RunSlot(Environment* environment, int32_t slot, int64_t most_ms) {
  if (slot < 0) return RunStatus::kNothing;
  Handle* const handle = environment->HandleAt(slot);
  if (handle->private_loop()->turning()) return RunStatus::kBusy;
  if (handle->TakeBroken()) return RunStatus::kBroken;
  Turned turned(environment, slot);
  const RunStatus status = RunUntilInboxCalled(&turned, most_ms);
  if (turned.gone()) environment->FinishRetired();
  return status;
}

}  // namespace

napi_value Run(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const int32_t slot = ReadSlot(&call);
  constexpr int kMostMs = 24 * 60 * 60 * 1000;
  const int most_ms = call.Whole(0, kMostMs);
  if (call.failed()) return call.ThrowFailed();
  return NumberValue(env, static_cast<int>(RunSlot(EnvironmentOf(call), slot, most_ms)));
}

napi_value Send(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  Environment* const environment = EnvironmentOf(call);
  const int32_t slot = ReadSlot(&call);
  if (call.failed()) return call.ThrowFailed();
  // During a turn, output is sent at its end.
  if (slot < 0 || environment->HandleAt(slot)->private_loop()->turning()) return nullptr;
  Turned turned(environment, slot);
  environment->HandleAt(slot)->private_loop()->Flush();
  if (!turned.gone() && turned.socket().HasOutput()) turned.Turn(0);
  if (turned.gone()) environment->FinishRetired();
  return nullptr;
}

napi_value WatchSignals(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  constexpr int kMostSignal = 127;
  std::vector<int> signals;
  call.Each([&signals](Reader* list) { signals.push_back(list->Whole(1, kMostSignal)); });
  if (call.failed()) return call.ThrowFailed();
  EnvironmentOf(call)->WatchSignals(signals);
  return nullptr;
}

napi_value TakeSignal(napi_env env, napi_callback_info info) {
  const Reader call(env, info);
  return call.failed() ? call.ThrowFailed() : NumberValue(env, EnvironmentOf(call)->TakeSignal());
}

}  // namespace wsfd::binding
