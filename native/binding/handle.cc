#include "binding/handle.h"

#include <cstring>
#include <utility>

#include "binding/batch_values.h"
#include "binding/failure_value.h"
#include "binding/object_value.h"
#include "binding/trace_value.h"

namespace wsfd::binding {

int32_t Handle::Open(Environment* environment, napi_value inbox, driver::OpenOptions options) {
  auto* handle = new Handle(environment);
  if (!handle->inbox_.Set(environment->env(), inbox)) {
    delete handle;
    return -1;
  }
  handle->slot_ = environment->AddHandle(handle);
  handle->socket_ = new driver::Socket(environment->loop(), std::move(options), handle);
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
  delete this;
}

void Handle::Abandon() {
  socket_->Destroy();
  delete this;
}

napi_value Handle::Inbox() {
  environment_->EnterJavaScript();
  return inbox_.Get();
}

void Handle::OnOpen() { environment_->Call(Callback::kOnOpen, Inbox(), 0, nullptr); }

void Handle::OnOpenFailed(std::vector<driver::Failure> failures) {
  const napi_value inbox = Inbox();
  const napi_value argument = FailureValues(environment_->env(), failures);
  environment_->Call(Callback::kOnOpenFailed, inbox, 1, &argument);
}

void Handle::OnMessages(const connection::Batch& batch) {
  const napi_env env = environment_->env();
  const napi_value inbox = Inbox();
  // A scope of its own: a wake-up may bring thousands of messages in several batches.
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) {
    environment_->ReportFailure();
    return;
  }
  napi_value arguments[kBatchPrefix + connection::Batch::kCapacity];
  if (BatchValues(environment_, socket_, batch, arguments)) {
    environment_->Call(Callback::kOnMessages, inbox, kBatchPrefix + batch.count, arguments);
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
  environment_->Call(Callback::kOnPong, inbox, 2, arguments);
}

void Handle::OnEnd(const driver::Failure* failure) {
  const napi_value inbox = Inbox();
  const napi_value argument = FailureValue(environment_->env(), failure);
  environment_->Call(Callback::kOnEnd, inbox, 1, &argument);
}

void Handle::OnDrained() {
  if (!notify_when_drained_) return;
  notify_when_drained_ = false;
  environment_->Call(Callback::kOnDrained, Inbox(), 0, nullptr);
}

void Handle::OnClosed(const driver::Failure* failure) {
  const napi_value inbox = Inbox();
  const napi_value argument = FailureValue(environment_->env(), failure);
  environment_->Call(Callback::kOnClosed, inbox, 1, &argument);
}

void Handle::OnKeyLog(const std::string& lines) {
  const napi_value inbox = Inbox();
  const napi_value argument = TextValue(environment_->env(), lines);
  environment_->Call(Callback::kOnKeyLog, inbox, 1, &argument);
}

void Handle::OnTrace(const std::vector<driver::TraceEvent>& events) {
  const napi_value inbox = Inbox();
  const napi_value argument = TraceValues(environment_->env(), events);
  environment_->Call(Callback::kOnTrace, inbox, 1, &argument);
}

}  // namespace wsfd::binding
