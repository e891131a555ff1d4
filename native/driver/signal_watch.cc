#include "driver/signal_watch.h"

#include <utility>

namespace wsfd::driver {

std::unique_ptr<SignalWatch> SignalWatch::Create() {
  std::unique_ptr<SignalWatch> self(new SignalWatch());
  self->ready_ = uv_loop_init(&self->uv_) == 0;
  return self->ready_ ? std::move(self) : nullptr;
}

SignalWatch::~SignalWatch() {
  if (!ready_) return;
  for (uv_signal_t& handle : handles_) uv_close(reinterpret_cast<uv_handle_t*>(&handle), nullptr);
  uv_run(&uv_, UV_RUN_DEFAULT);
  uv_loop_close(&uv_);
}

void SignalWatch::Watch(const std::vector<int>& signals) {
  for (uv_signal_t& handle : handles_) uv_signal_stop(&handle);
  Take();
  auto handle = handles_.begin();
  for (const int signal : signals) {
    if (handle == handles_.end()) {
      handle = handles_.emplace(handle);
      if (uv_signal_init(&uv_, &*handle) != 0) {
        handles_.erase(handle);
        return;
      }
      handle->data = this;
    }
    uv_signal_start(
        &*handle,
        [](uv_signal_t* watched, int number) {
          int* const noticed = &static_cast<SignalWatch*>(watched->data)->noticed_;
          if (*noticed == 0) *noticed = number;
        },
        signal);
    ++handle;
  }
}

int SignalWatch::Take() {
  uv_run(&uv_, UV_RUN_NOWAIT);
  return std::exchange(noticed_, 0);
}

}  // namespace wsfd::driver
