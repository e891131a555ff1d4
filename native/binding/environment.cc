#include "binding/environment.h"

#include <uv.h>

#include <algorithm>
#include <utility>

#include "binding/handle.h"
#include "binding/reader.h"
#include "binding/value.h"

namespace wsfd::binding {

Environment::Environment(napi_env env, uv_loop_t* loop)
    : env_(env), loop_(loop, this, driver::Loop::Turns::kByItself) {}

// napi_async_destroy() fails only for arguments that are null.
Environment::~Environment() {
  if (async_context_ != nullptr) (void)napi_async_destroy(env_, async_context_);
}

Environment* Environment::Create(napi_env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    ThrowFailure(env);
    return nullptr;
  }
  auto* self = new Environment(env, loop);
  self->loop_.Start();
  if (napi_add_async_cleanup_hook(env, OnCleanup, self, &self->cleanup_hook_) != napi_ok) {
    ThrowFailure(env);
    self->cleanup_hook_ = nullptr;
    self->Shutdown();
    return nullptr;
  }
  // From here on, the hook deletes it.
  if (self->Prepare()) return self;
  ThrowFailure(env);
  return nullptr;
}

bool Environment::Prepare() {
  napi_value resource = nullptr;
  napi_value name = nullptr;
  return napi_create_object(env_, &resource) == napi_ok &&
         napi_create_string_utf8(env_, "wsfd", NAPI_AUTO_LENGTH, &name) == napi_ok &&
         resource_.Set(env_, resource) &&
         napi_async_init(env_, resource, name, &async_context_) == napi_ok;
}

// The environment ends: JavaScript must not be called after this, and the loop runs until the hook
// is removed.
void Environment::OnCleanup(napi_async_cleanup_hook_handle, void* data) {
  auto* self = static_cast<Environment*>(data);
  self->closing_ = true;
  for (Handle* handle : self->handles_) {
    if (handle != nullptr) handle->Abandon();
  }
  self->Shutdown();
}

void Environment::Shutdown() {
  schedule_.Shutdown();
  retired_.clear();
  signal_watch_.reset();
  loop_.Shutdown(
      [](void* context) {
        auto* self = static_cast<Environment*>(context);
        const napi_async_cleanup_hook_handle hook = self->cleanup_hook_;
        delete self;
        // Fails only for a hook that is null.
        if (hook != nullptr) (void)napi_remove_async_cleanup_hook(hook);
      },
      this);
}

bool Environment::SetCallbacks(napi_value functions) {
  for (uint32_t i = 0; i < kCallbackCount; i++) {
    napi_value function = nullptr;
    if (napi_get_element(env_, functions, i, &function) != napi_ok ||
        !callbacks_[i].Set(env_, function)) {
      return false;
    }
  }
  return true;
}

bool Environment::SetStaging(napi_value buffer) {
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_typedarray_info(env_, buffer, nullptr, &size, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  const bool aligned = reinterpret_cast<uintptr_t>(data) % alignof(int32_t) == 0;
  if (size != kStagingSize || !aligned) return false;
  staging_ = static_cast<uint8_t*>(data);
  return staging_buffer_.Set(env_, buffer);
}

bool Environment::EnterJavaScript() {
  if (closing_) return false;
  if (callback_scope_ != nullptr) return true;
  napi_handle_scope handles = nullptr;
  if (napi_open_handle_scope(env_, &handles) != napi_ok) return false;
  const napi_value resource = resource_.Get();
  napi_callback_scope scope = nullptr;
  if (resource == nullptr ||
      napi_open_callback_scope(env_, resource, async_context_, &scope) != napi_ok) {
    // Fails only for a scope that is not open.
    (void)napi_close_handle_scope(env_, handles);
    return false;
  }
  handle_scope_ = handles;
  callback_scope_ = scope;
  return true;
}

void Environment::OnWakeUpDone() {
  if (callback_scope_ == nullptr) return;
  const napi_callback_scope scope = callback_scope_;
  const napi_handle_scope handles = handle_scope_;
  callback_scope_ = nullptr;
  handle_scope_ = nullptr;
  // Both fail only for a scope that is not open.
  (void)napi_close_callback_scope(env_, scope);
  (void)napi_close_handle_scope(env_, handles);
}

bool Environment::Call(Callback callback, napi_value inbox, size_t argc, const napi_value* argv,
                       bool* terminated) {
  // (without an inbox, there may be no open scope for the function's handle)
  const napi_value function =
      inbox == nullptr ? nullptr : callbacks_[static_cast<int>(callback)].Get();
  const bool complete = function != nullptr && std::find(argv, argv + argc, nullptr) == argv + argc;
  const napi_status status = complete
                                 ? napi_call_function(env_, inbox, function, argc, argv, nullptr)
                                 : napi_generic_failure;
  if (status == napi_ok) return true;
  if (status == napi_pending_exception) {
    if (terminated == nullptr || !ClearTermination()) {
      ReportException();
    } else {
      *terminated = true;
    }
    return true;
  }
  // Drops the exception of a value that could not be made: the caller reports the failure
  // otherwise.
  napi_value exception = nullptr;
  (void)napi_get_and_clear_last_exception(env_, &exception);
  return false;
}

bool Environment::Call(napi_value function) {
  const napi_value receiver = Napi::Env(env_).Undefined();
  const napi_status status =
      function == nullptr || receiver == nullptr
          ? napi_generic_failure
          : napi_call_function(env_, receiver, function, 0, nullptr, nullptr);
  if (status == napi_ok) return true;
  if (status == napi_pending_exception) {
    ReportException();
    return true;
  }
  // Drops the exception of a value that could not be made.
  napi_value exception = nullptr;
  (void)napi_get_and_clear_last_exception(env_, &exception);
  return false;
}

void Environment::ReportException() {
  bool pending = false;
  napi_value exception = nullptr;
  // If any of this fails, the environment ends, and nobody can be notified.
  if (napi_is_exception_pending(env_, &pending) != napi_ok || !pending) return;
  if (napi_get_and_clear_last_exception(env_, &exception) != napi_ok) return;
  (void)napi_fatal_exception(env_, exception);
}

bool Environment::ClearTermination() {
  bool pending = false;
  napi_value exception = nullptr;
  napi_valuetype type = napi_undefined;
  if (napi_is_exception_pending(env_, &pending) != napi_ok || !pending ||
      napi_get_and_clear_last_exception(env_, &exception) != napi_ok ||
      napi_typeof(env_, exception, &type) != napi_ok) {
    return false;
  }
  if (type == napi_null) return true;
  // If it cannot be thrown again, the environment ends.
  (void)napi_throw(env_, exception);
  return false;
}

int32_t Environment::AddHandle(Handle* handle) {
  // So that RemoveHandle needs no memory.
  const size_t slots = handles_.size() + 1;
  if (free_slots_.capacity() < slots) free_slots_.reserve(2 * slots);
  if (!free_slots_.empty()) {
    const int32_t slot = free_slots_.back();
    free_slots_.pop_back();
    handles_[static_cast<size_t>(slot)] = handle;
    return slot;
  }
  handles_.push_back(handle);
  return static_cast<int32_t>(handles_.size() - 1);
}

void Environment::RemoveHandle(int32_t slot) noexcept {
  handles_[static_cast<size_t>(slot)] = nullptr;
  free_slots_.push_back(slot);
}

void Environment::MakeRoomToRetire() {
  // For the loops retired already, one for each handle, and one for the next handle.
  const size_t most = retired_.size() + handles_.size() + 1;
  if (retired_.capacity() < most) retired_.reserve(2 * most);
}

void Environment::Retire(std::unique_ptr<driver::PrivateLoop> loop) noexcept {
  retired_.push_back(std::move(loop));
  FinishRetired();
}

void Environment::FinishRetired() {
  const auto finished = [](const auto& loop) { return loop->Finish(); };
  retired_.erase(std::remove_if(retired_.begin(), retired_.end(), finished), retired_.end());
}

void Environment::WatchSignals(const std::vector<int>& signals) {
  if (signal_watch_ == nullptr && !signals.empty()) signal_watch_ = driver::SignalWatch::Create();
  if (signal_watch_ != nullptr) signal_watch_->Watch(signals);
}

}  // namespace wsfd::binding
