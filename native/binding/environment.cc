#include "binding/environment.h"

#include <uv.h>

#include <algorithm>
#include <utility>

#include "binding/handle.h"

namespace wsfd::binding {

const char* const kCallbackNames[kCallbackCount] = {
    "onOpen", "onOpenFailed", "onMessages", "onPong", "onEnd", "onDrained", "onClosed", "onKeyLog",
};

Environment::Environment(napi_env env, uv_loop_t* loop) : env_(env), loop_(loop, this) {}

Environment* Environment::Create(napi_env env) {
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) {
    napi_throw_error(env, nullptr, "wsfd: this environment has no libuv event loop");
    return nullptr;
  }
  auto* self = new Environment(env, loop);
  napi_value resource;
  napi_value name;
  napi_create_object(env, &resource);
  napi_create_string_utf8(env, "wsfd", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, resource, 1, &self->resource_);
  napi_async_init(env, resource, name, &self->async_context_);
  napi_set_instance_data(env, self, nullptr, nullptr);
  napi_add_async_cleanup_hook(env, OnCleanup, self, &self->cleanup_hook_);
  return self;
}

Environment* Environment::Of(napi_env env) {
  void* self = nullptr;
  napi_get_instance_data(env, &self);
  return static_cast<Environment*>(self);
}

// The environment goes away: JavaScript must not be called any more, and the loop goes on turning
// until the hook is removed.
void Environment::OnCleanup(napi_async_cleanup_hook_handle, void* data) {
  auto* self = static_cast<Environment*>(data);
  self->closing_ = true;
  for (Handle* handle : self->handles_) {
    if (handle != nullptr) handle->Abandon();
  }
  self->retired_.clear();
  self->signal_watch_.reset();
  self->loop_.Shutdown(
      [](void* context) {
        auto* environment = static_cast<Environment*>(context);
        const napi_async_cleanup_hook_handle hook = environment->cleanup_hook_;
        delete environment;
        napi_remove_async_cleanup_hook(hook);
      },
      self);
}

void Environment::SetCallbacks(napi_value prototype) {
  for (int i = 0; i < kCallbackCount; i++) {
    napi_value function;
    napi_get_named_property(env_, prototype, kCallbackNames[i], &function);
    napi_create_reference(env_, function, 1, &callbacks_[i]);
  }
}

void Environment::SetStaging(uint8_t* staging, napi_value keep_alive) {
  staging_ = staging;
  napi_create_reference(env_, keep_alive, 1, &staging_ref_);
}

void Environment::EnterJavaScript() {
  if (callback_scope_ != nullptr || closing_) return;
  napi_value resource;
  napi_open_handle_scope(env_, &handle_scope_);
  napi_get_reference_value(env_, resource_, &resource);
  napi_open_callback_scope(env_, resource, async_context_, &callback_scope_);
}

void Environment::OnWakeUpDone() {
  if (callback_scope_ == nullptr) return;
  const napi_callback_scope scope = callback_scope_;
  const napi_handle_scope handles = handle_scope_;
  callback_scope_ = nullptr;
  handle_scope_ = nullptr;
  napi_close_callback_scope(env_, scope);
  napi_close_handle_scope(env_, handles);
}

bool Environment::Call(Callback callback, napi_value inbox, size_t argc, const napi_value* argv) {
  if (closing_) return true;
  napi_value function;
  napi_get_reference_value(env_, callbacks_[static_cast<int>(callback)], &function);
  return napi_call_function(env_, inbox, function, argc, argv, nullptr) == napi_ok;
}

void Environment::ReportException() {
  bool pending = false;
  napi_is_exception_pending(env_, &pending);
  if (!pending) return;
  napi_value exception;
  if (napi_get_and_clear_last_exception(env_, &exception) == napi_ok) {
    napi_fatal_exception(env_, exception);
  }
}

bool Environment::ClearTermination() {
  bool pending = false;
  napi_is_exception_pending(env_, &pending);
  if (!pending) return false;
  napi_value exception;
  if (napi_get_and_clear_last_exception(env_, &exception) != napi_ok) return false;
  napi_valuetype type = napi_undefined;
  napi_typeof(env_, exception, &type);
  if (type == napi_null) return true;
  napi_throw(env_, exception);
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

void Environment::WatchSignals(const std::vector<int>& signals) {
  if (signal_watch_ == nullptr && !signals.empty()) signal_watch_ = driver::SignalWatch::Create();
  if (signal_watch_ != nullptr) signal_watch_->Watch(signals);
}

void Environment::FinishRetired() {
  const auto finished = [](const auto& loop) { return loop->Finish(); };
  retired_.erase(std::remove_if(retired_.begin(), retired_.end(), finished), retired_.end());
}

}  // namespace wsfd::binding
