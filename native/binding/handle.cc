#include "binding/handle.h"

#include <cstring>
#include <iterator>
#include <memory>
#include <new>
#include <utility>

#include "binding/batch_values.h"
#include "binding/failure_value.h"
#include "binding/trace_value.h"
#include "binding/value.h"

namespace wsfd::binding {

int32_t Handle::Open(Environment* environment, napi_value inbox, driver::OpenOptions options,
                     std::unique_ptr<driver::PrivateLoop> private_loop) {
  struct TerminateIt {
    void operator()(Handle* handle) const { handle->Terminate(); }
  };
  std::unique_ptr<Handle, TerminateIt> handle(new Handle(environment));
  if (private_loop != nullptr) environment->MakeRoomToRetire();
  driver::Loop* const loop = private_loop != nullptr ? private_loop->loop() : environment->loop();
  handle->private_loop_ = std::move(private_loop);
  if (!handle->inbox_.Set(environment->env(), inbox)) return -1;
  handle->slot_ = environment->AddHandle(handle.get());
  handle->socket_ = new driver::Socket(loop, std::move(options), handle.get());
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
  inbox_calls_++;
  if (environment_->closing()) return nullptr;
  // A synchronous call has scopes of its own: promises must not run in it.
  if (private_loop_ == nullptr && !environment_->EnterJavaScript()) return nullptr;
  return inbox_.Get();
}

bool Handle::Call(Callback callback, napi_value inbox, size_t argc, const napi_value* argv) {
  Environment* const environment = environment_;
  const int32_t slot = slot_;
  bool terminated = false;
  const bool called = environment->Call(callback, inbox, argc, argv,
                                        private_loop_ == nullptr ? nullptr : &terminated);
  // (JavaScript may have deleted `this`)
  if (terminated && environment->HandleAt(slot) == this) broken_ = true;
  return called;
}

namespace {

// The value of `make`; nullptr if Node-API fails, or memory runs out.
template <typename Make>
napi_value Made(napi_env env, const Make& make) noexcept {
  try {
    return make(env);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

template <typename... Make>
bool Handle::Tell(Callback callback, Make... make) noexcept {
  constexpr int kTries = 2;
  for (int i = 0; i < kTries && !environment_->closing(); i++) {
    const napi_value inbox = Inbox();
    const napi_value arguments[] = {inbox == nullptr ? nullptr
                                                     : Made(environment_->env(), make)...};
    if (Call(callback, inbox, sizeof...(make), arguments)) return true;
  }
  return environment_->closing();
}

void Handle::OnOpen() {
  const auto nothing = [](Napi::Env env) { return env.Undefined(); };
  if (!Tell(Callback::kOnOpen, nothing)) socket_->FailHard(ErrorCode::kInternal);
}

void Handle::OnOpenFailed(std::vector<driver::Failure> failures) {
  Tell(Callback::kOnOpenFailed, [&failures](napi_env env) {
    if (!failures.empty()) return FailureValues(env, failures);
    const driver::Failure no_memory((Error(ErrorCode::kOutOfMemory)));
    return ArrayValue(env, {FailureValue(env, &no_memory)});
  });
}

void Handle::OnMessages(const connection::Batch& batch) {
  if (broken_) return;
  // Without a second try: their storage may have been given away.
  const ErrorCode lost = packed_ ? TellPacked(batch) : TellMessages(batch);
  if (lost != ErrorCode::kNone && !environment_->closing()) socket_->FailHard(lost);
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
  // Node frees given storage when its own loop turns, which a program of synchronous calls may
  // never let happen. It also frees the storage when the environment ends, although another thread
  // may own it by then: a byte stream and ArrayBuffer.prototype.transfer hand it on. No other
  // thread outlives the main thread's.
  const bool gives = private_loop_ == nullptr && environment_->loop()->is_default();
  driver::Socket* const giver = gives ? socket_ : nullptr;
  socket_->SharesBlocks(gives);
  try {
    if (!BatchValues(environment_, giver, batch, arguments)) arguments[0] = nullptr;
  } catch (const std::bad_alloc&) {
    arguments[0] = nullptr;
    lost = ErrorCode::kOutOfMemory;
  }
  const size_t count = arguments[0] == nullptr ? 1 : kBatchPrefix + batch.count;
  if (Call(Callback::kOnMessages, inbox, count, arguments)) lost = ErrorCode::kNone;
  // Fails only for a scope that is not open.
  (void)napi_close_handle_scope(env, scope);
  return lost;
}

// The messages stay in place until JavaScript returns. (`this` may be deleted by then)
ErrorCode Handle::TellPacked(const connection::Batch& batch) noexcept {
  const napi_env env = environment_->env();
  const napi_value inbox = Inbox();
  socket_->SharesBlocks(false);
  napi_handle_scope scope = nullptr;
  if (inbox == nullptr || napi_open_handle_scope(env, &scope) != napi_ok) {
    return ErrorCode::kInternal;
  }
  Packer::CurrentBatch current(environment_->packer(), batch);
  const napi_value arguments[] = {NumberValue(env, static_cast<double>(batch.count)),
                                  FlagValue(env, current.InPlace())};
  ErrorCode lost = ErrorCode::kInternal;
  if (Call(Callback::kOnPacked, inbox, std::size(arguments), arguments)) {
    lost = current.lost() ? ErrorCode::kOutOfMemory : ErrorCode::kNone;
  }
  // Fails only for a scope that is not open.
  (void)napi_close_handle_scope(env, scope);
  return lost;
}

void Handle::OnPong(std::string_view payload, uint64_t round_trip_ns) {
  // The payload begins with the number that webSocketPing sent; a shorter pong is unsolicited.
  double number = 0;
  if (payload.size() < sizeof number) return;
  std::memcpy(&number, payload.data(), sizeof number);
  const double round_trip_ms = static_cast<double>(round_trip_ns) / 1e6;
  const auto value_of = [](double value) {
    return [value](napi_env env) { return NumberValue(env, value); };
  };
  if (!Tell(Callback::kOnPong, value_of(number), value_of(round_trip_ms))) {
    socket_->FailHard(ErrorCode::kInternal);
  }
}

void Handle::OnEnd(const driver::Failure* failure) {
  if (broken_) return;
  Tell(Callback::kOnEnd, [failure](napi_env env) { return FailureValue(env, failure); });
}

void Handle::OnDrained() {
  if (!notify_when_drained_) return;
  notify_when_drained_ = false;
  const bool lost = socket_->lost_output();
  const auto make = [lost](napi_env env) { return FlagValue(env, lost); };
  if (!Tell(Callback::kOnDrained, make)) socket_->FailHard(ErrorCode::kInternal);
}

void Handle::OnClosed(const driver::Failure* failure) {
  Tell(Callback::kOnClosed, [failure](napi_env env) { return FailureValue(env, failure); });
}

void Handle::OnKeyLog(const std::string& lines) {
  const auto make = [&lines](napi_env env) { return TextValue(env, lines); };
  if (!Tell(Callback::kOnKeyLog, make)) socket_->FailHard(ErrorCode::kInternal);
}

void Handle::OnTrace(const std::vector<driver::TraceEvent>& events) {
  // A trace event that is lost does not end the connection.
  Tell(Callback::kOnTrace, [&events](napi_env env) { return TraceValues(env, events); });
}

}  // namespace wsfd::binding
