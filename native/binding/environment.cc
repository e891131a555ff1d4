#include "binding/environment.h"

#include <uv.h>

#include <algorithm>
#include <utility>

#include "binding/handle.h"
#include "binding/reader.h"

namespace wsfd::binding {

const char* const kCallbackNames[kCallbackCount] = {
    "onOpen",    "onOpenFailed", "onMessages", "onPong",  "onEnd",
    "onDrained", "onClosed",     "onKeyLog",   "onTrace",
};

Environment::Environment(napi_env env, uv_loop_t* loop) : env_(env), loop_(loop, this) {}

// Destroying the context fails for arguments that are null alone.
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
  if (napi_add_async_cleanup_hook(env, OnCleanup, self, &self->cleanup_hook_) != napi_ok) {
    ThrowFailure(env);
    self->cleanup_hook_ = nullptr;
    self->Shutdown();
    return nullptr;
  }
  // From here on the hook is what deletes it.
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

// The environment goes away: JavaScript must not be called any more, and the loop goes on turning
// until the hook is removed.
void Environment::OnCleanup(napi_async_cleanup_hook_handle, void* data) {
  auto* self = static_cast<Environment*>(data);
  self->closing_ = true;
  for (Handle* handle : self->handles_) {
    if (handle != nullptr) handle->Abandon();
  }
  self->Shutdown();
}

void Environment::Shutdown() {
  retired_.clear();
  signal_watch_.reset();
  loop_.Shutdown(
      [](void* context) {
        auto* self = static_cast<Environment*>(context);
        const napi_async_cleanup_hook_handle hook = self->cleanup_hook_;
        delete self;
        // It fails for a hook that is null alone.
        if (hook != nullptr) (void)napi_remove_async_cleanup_hook(hook);
      },
      this);
}

bool Environment::SetCallbacks(napi_value prototype) {
  for (int i = 0; i < kCallbackCount; i++) {
    napi_value function = nullptr;
    if (napi_get_named_property(env_, prototype, kCallbackNames[i], &function) != napi_ok ||
        !callbacks_[i].Set(env_, function)) {
      return false;
    }
  }
  return true;
}

bool Environment::SetStaging(napi_value buffer) {
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_buffer_info(env_, buffer, &data, &size) != napi_ok) return false;
  staging_ = static_cast<uint8_t*>(data);
  return staging_buffer_.Set(env_, buffer);
}

void Environment::EnterJavaScript() {
  if (handle_scope_ != nullptr || closing_) return;
  if (napi_open_handle_scope(env_, &handle_scope_) != napi_ok) {
    // No value can be made without it, not even an exception.
    napi_fatal_error("wsfd", NAPI_AUTO_LENGTH, "a handle scope could not be opened",
                     NAPI_AUTO_LENGTH);
  }
  if (napi_open_callback_scope(env_, resource_.Get(), async_context_, &callback_scope_) !=
      napi_ok) {
    callback_scope_ = nullptr;
    ReportFailure();
  }
}

void Environment::OnWakeUpDone() {
  if (handle_scope_ == nullptr) return;
  const napi_callback_scope scope = callback_scope_;
  const napi_handle_scope handles = handle_scope_;
  callback_scope_ = nullptr;
  handle_scope_ = nullptr;
  if (scope != nullptr && napi_close_callback_scope(env_, scope) != napi_ok) ReportFailure();
  // It fails for a scope that is not open alone.
  (void)napi_close_handle_scope(env_, handles);
}

bool Environment::Call(Callback callback, napi_value inbox, size_t argc, const napi_value* argv) {
  if (closing_) return true;
  const napi_value function = callbacks_[static_cast<int>(callback)].Get();
  return function != nullptr && inbox != nullptr &&
         std::find(argv, argv + argc, nullptr) == argv + argc &&
         napi_call_function(env_, inbox, function, argc, argv, nullptr) == napi_ok;
}

void Environment::ReportFailure() {
  ThrowFailure(env_);
  bool pending = false;
  napi_value exception = nullptr;
  // Where any of this fails the environment ends, and nobody is there to be told.
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
  // Where it can't be thrown again the environment ends.
  (void)napi_throw(env_, exception);
  return false;
}

int32_t Environment::AddHandle(Handle* handle) {
  if (!free_slots_.empty()) {
    const int32_t slot = free_slots_.back();
    free_slots_.pop_back();
    handles_[static_cast<size_t>(slot)] = handle;
    return slot;
  }
  handles_.push_back(handle);
  return static_cast<int32_t>(handles_.size() - 1);
}

void Environment::RemoveHandle(int32_t slot) {
  handles_[static_cast<size_t>(slot)] = nullptr;
  free_slots_.push_back(slot);
}

void Environment::Retire(std::unique_ptr<driver::PrivateLoop> loop) {
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
