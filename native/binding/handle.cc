#include "binding/handle.h"

#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "binding/batch_values.h"
#include "binding/failure_value.h"
#include "binding/object_value.h"
#include "binding/trace_value.h"

namespace wsfd::binding {

int32_t Handle::Open(Environment* environment, napi_value inbox, driver::OpenOptions options) {
  struct TerminateIt {
    void operator()(Handle* handle) const { handle->Terminate(); }
  };
  std::unique_ptr<Handle, TerminateIt> handle(new Handle(environment));
  if (!handle->inbox_.Set(environment->env(), inbox)) return -1;
  handle->slot_ = environment->AddHandle(handle.get());
  handle->socket_ = new driver::Socket(environment->loop(), std::move(options), handle.get());
  handle->socket_->Open();
  return handle.release()->slot_;
}

void Handle::Release() {
  socket_->Release();
  Free();
}

void Handle::Terminate() {
  if (socket_ != nullptr) socket_->Destroy();
  Free();
}

void Handle::Free() {
  if (slot_ >= 0) environment_->RemoveHandle(slot_);
  delete this;
}

void Handle::Abandon() {
  socket_->Destroy();
  delete this;
}

napi_value Handle::Inbox() { return environment_->EnterJavaScript() ? inbox_.Get() : nullptr; }

template <typename... Make>
bool Handle::Tell(Callback callback, Make... make) noexcept {
  constexpr int kTries = 2;
  for (int i = 0; i < kTries && !environment_->closing(); i++) {
    const napi_value inbox = Inbox();
    const napi_value arguments[] = {inbox == nullptr ? nullptr : make(environment_->env())...};
    if (environment_->Call(callback, inbox, sizeof...(make), arguments)) return true;
  }
  return environment_->closing();
}

void Handle::OnOpen() {
  if (!Tell(Callback::kOnOpen, UndefinedValue)) socket_->Doom(ErrorCode::kInternal);
}

void Handle::OnOpenFailed(std::vector<driver::Failure> failures) {
  Tell(Callback::kOnOpenFailed, [&failures](napi_env env) {
    if (!failures.empty()) return FailureValues(env, failures);
    const driver::Failure no_memory((Error(ErrorCode::kOutOfMemory)));
    ArrayValue list(env);
    list.Add(FailureValue(env, &no_memory));
    return list.value();
  });
}

void Handle::OnMessages(const connection::Batch& batch) {
  // They are told once only: their storage may have been given away.
  const ErrorCode lost = TellMessages(batch);
  if (lost != ErrorCode::kNone && !environment_->closing()) socket_->Doom(lost);
}

ErrorCode Handle::TellMessages(const connection::Batch& batch) noexcept {
  const napi_env env = environment_->env();
  const napi_value inbox = Inbox();
  // A scope of its own: a wake-up may bring thousands of messages in several batches.
  napi_handle_scope scope = nullptr;
  if (inbox == nullptr || napi_open_handle_scope(env, &scope) != napi_ok) {
    return ErrorCode::kInternal;
  }
  ErrorCode lost = ErrorCode::kInternal;
  napi_value arguments[kBatchPrefix + connection::Batch::kCapacity];
  try {
    if (!BatchValues(environment_, socket_, batch, arguments)) arguments[0] = nullptr;
  } catch (const std::bad_alloc&) {
    arguments[0] = nullptr;
    lost = ErrorCode::kOutOfMemory;
  }
  const size_t count = arguments[0] == nullptr ? 1 : kBatchPrefix + batch.count;
  if (environment_->Call(Callback::kOnMessages, inbox, count, arguments)) lost = ErrorCode::kNone;
  // It fails for a scope that is not open alone.
  (void)napi_close_handle_scope(env, scope);
  return lost;
}

void Handle::OnPong(std::string_view payload, uint64_t round_trip_ns) {
  // The payload begins with the number that webSocketPing sent; another's pong is none of ours.
  double number = 0;
  if (payload.size() < sizeof number) return;
  std::memcpy(&number, payload.data(), sizeof number);
  const double round_trip_ms = static_cast<double>(round_trip_ns) / 1e6;
  const auto value_of = [](double value) {
    return [value](napi_env env) { return NumberValue(env, value); };
  };
  if (!Tell(Callback::kOnPong, value_of(number), value_of(round_trip_ms))) {
    socket_->Doom(ErrorCode::kInternal);
  }
}

void Handle::OnEnd(const driver::Failure* failure) {
  Tell(Callback::kOnEnd, [failure](napi_env env) { return FailureValue(env, failure); });
}

void Handle::OnDrained() {
  if (!notify_when_drained_) return;
  notify_when_drained_ = false;
  const bool lost = socket_->lost_output();
  const auto make = [lost](napi_env env) { return FlagValue(env, lost); };
  if (!Tell(Callback::kOnDrained, make)) socket_->Doom(ErrorCode::kInternal);
}

void Handle::OnClosed(const driver::Failure* failure) {
  Tell(Callback::kOnClosed, [failure](napi_env env) { return FailureValue(env, failure); });
}

void Handle::OnKeyLog(const std::string& lines) {
  const auto make = [&lines](napi_env env) { return TextValue(env, lines); };
  if (!Tell(Callback::kOnKeyLog, make)) socket_->Doom(ErrorCode::kInternal);
}

void Handle::OnTrace(const std::vector<driver::TraceEvent>& events) {
  // No connection ends because of what could not be told about it.
  Tell(Callback::kOnTrace, [&events](napi_env env) { return TraceValues(env, events); });
}

}  // namespace wsfd::binding
