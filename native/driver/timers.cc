#include "driver/timers.h"

#include <cstdint>

#include "driver/guard.h"

namespace wsfd::driver {

double Timers::Now() {
  constexpr double kNsPerMs = 1e6;
  return static_cast<double>(uv_hrtime()) / kNsPerMs;
}

uint32_t Timers::Start(uint64_t after_ms) {
  if (free_.empty()) {
    const size_t count = timers_.size() + 1;
    if (timers_.capacity() < count) timers_.reserve(2 * count);
    free_.reserve(timers_.capacity());
    auto made = Loop::NewHandle<Timer>();
    ThrowIfRefused(uv_timer_init(loop_->uv(), &made->uv));
    made->owner = this;
    made->number = static_cast<uint32_t>(timers_.size());
    free_.push_back(made->number);
    timers_.push_back(made.release());
  }
  const uint32_t number = free_.back();
  ThrowIfRefused(loop_->StartTimer(&timers_[number]->uv, OnFired, after_ms));
  free_.pop_back();
  return number;
}

void Timers::Stop(uint32_t number) noexcept {
  if (number >= timers_.size() ||
      uv_is_active(reinterpret_cast<uv_handle_t*>(&timers_[number]->uv)) == 0) {
    return;
  }
  uv_timer_stop(&timers_[number]->uv);
  free_.push_back(number);
}

void Timers::Shutdown() {
  for (Timer* timer : timers_) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(&timer->uv));
  timers_.clear();
  free_.clear();
}

void Timers::OnFired(uv_timer_t* handle) {
  // (the handle is the first member)
  const auto* const timer = reinterpret_cast<const Timer*>(handle);
  Timers* const self = timer->owner;
  const uint32_t number = timer->number;
  if (self->delegate_->OnTimer(number)) {
    self->free_.push_back(number);
  } else {
    // Fails only without a callback, or for a closing handle.
    (void)uv_timer_start(handle, OnFired, 1, 0);
  }
  self->loop_->WakeUpDone();
}

}  // namespace wsfd::driver
