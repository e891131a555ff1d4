#include "binding/handle.h"

#include <cstring>
#include <utility>

#include "binding/batch_values.h"
#include "binding/failure_value.h"
#include "binding/object_value.h"
#include "binding/trace_value.h"

namespace wsfd::binding {

int32_t Handle::Open(Environment* environment, napi_value inbox, driver::OpenOptions options,
                     std::unique_ptr<driver::PrivateLoop> private_loop) {
  auto* handle = new Handle(environment);
  if (!handle->inbox_.Set(environment->env(), inbox)) {
    delete handle;
    return -1;
  }
  handle->slot_ = environment->AddHandle(handle);
  driver::Loop* const loop = private_loop != nullptr ? private_loop->loop() : environment->loop();
  handle->private_loop_ = std::move(private_loop);
  handle->socket_ = new driver::Socket(loop, std::move(options), handle);
  handle->socket_->Open();
  return handle->slot_;
}

void Handle::Release() {
  socket_->Release();
  Free();
}

void Handle::Terminate() {
  socket_->Destroy();
  Free();
}

void Handle::Free() {
  environment_->RemoveHandle(slot_);
  RetireLoop();
  delete this;
}

void Handle::RetireLoop() {
  if (private_loop_ != nullptr) environment_->Retire(std::move(private_loop_));
}

void Handle::Abandon() {
  socket_->Destroy();
  RetireLoop();
  delete this;
}

napi_value Handle::Inbox() {
  reports_++;
  // In a call that waits, the scopes are that call's: promises must not run in it.
  if (private_loop_ == nullptr) environment_->EnterJavaScript();
  return inbox_.Get();
}

void Handle::Tell(Callback callback, napi_value inbox, size_t argc, const napi_value* argv) {
  Environment* const environment = environment_;
  const bool waited_for = private_loop_ != nullptr;
  const int32_t slot = slot_;
  if (environment->Call(callback, inbox, argc, argv)) return;
  // (`this` may be gone: JavaScript had its turn)
  if (!waited_for || !environment->ClearTermination()) {
    environment->ReportFailure();
  } else if (environment->HandleAt(slot) == this) {
    broken_ = true;
  }
}

void Handle::OnOpen() { Tell(Callback::kOnOpen, Inbox(), 0, nullptr); }

void Handle::OnOpenFailed(std::vector<driver::Failure> failures) {
  const napi_value inbox = Inbox();
  const napi_value argument = FailureValues(environment_->env(), failures);
  Tell(Callback::kOnOpenFailed, inbox, 1, &argument);
}

void Handle::OnMessages(const connection::Batch& batch) {
  if (broken_) return;
  const napi_env env = environment_->env();
  const napi_value inbox = Inbox();
  // A scope of its own: a wake-up may bring thousands of messages in several batches.
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) {
    environment_->ReportFailure();
    return;
  }
  napi_value arguments[kBatchPrefix + connection::Batch::kCapacity];
  // Node frees storage that was given away when its own loop turns, and a program of calls that
  // wait may never let it.
  driver::Socket* const giver = private_loop_ == nullptr ? socket_ : nullptr;
  if (BatchValues(environment_, giver, batch, arguments)) {
    Tell(Callback::kOnMessages, inbox, kBatchPrefix + batch.count, arguments);
  } else {
    environment_->ReportFailure();
  }
  // It fails for a scope that is not open alone.
  (void)napi_close_handle_scope(env, scope);
}

void Handle::OnPong(std::string_view payload, uint64_t round_trip_ns) {
  // The payload begins with the number that webSocketPing sent; another's pong is none of ours.
  double number = 0;
  if (payload.size() < sizeof number) return;
  std::memcpy(&number, payload.data(), sizeof number);
  const napi_value inbox = Inbox();
  const napi_env env = environment_->env();
  const napi_value arguments[] = {NumberValue(env, number),
                                  NumberValue(env, static_cast<double>(round_trip_ns) / 1e6)};
  Tell(Callback::kOnPong, inbox, 2, arguments);
}

void Handle::OnEnd(const driver::Failure* failure) {
  if (broken_) return;
  const napi_value inbox = Inbox();
  const napi_value argument = FailureValue(environment_->env(), failure);
  Tell(Callback::kOnEnd, inbox, 1, &argument);
}

void Handle::OnDrained() {
  if (!notify_when_drained_) return;
  notify_when_drained_ = false;
  Tell(Callback::kOnDrained, Inbox(), 0, nullptr);
}

void Handle::OnClosed(const driver::Failure* failure) {
  const napi_value inbox = Inbox();
  const napi_value argument = FailureValue(environment_->env(), failure);
  Tell(Callback::kOnClosed, inbox, 1, &argument);
}

void Handle::OnKeyLog(const std::string& lines) {
  const napi_value inbox = Inbox();
  const napi_value argument = TextValue(environment_->env(), lines);
  Tell(Callback::kOnKeyLog, inbox, 1, &argument);
}

void Handle::OnTrace(const std::vector<driver::TraceEvent>& events) {
  const napi_value inbox = Inbox();
  const napi_value argument = TraceValues(environment_->env(), events);
  Tell(Callback::kOnTrace, inbox, 1, &argument);
}

}  // namespace wsfd::binding
