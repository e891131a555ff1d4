#include "driver/timers.h"

#include <cstdint>

#include "driver/guard.h"

namespace wsfd::driver {

namespace {

constexpr uint64_t kNanosecondsPerMillisecond = 1'000'000;

}  // namespace

double Timers::Now() {
  return static_cast<double>(uv_hrtime()) / static_cast<double>(kNanosecondsPerMillisecond);
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
  // libuv counts from the loop's cached time, that of its last turn.
  const uint64_t now = uv_hrtime() / kNanosecondsPerMillisecond;
  const uint64_t of_loop = uv_now(loop_->uv());
  const uint64_t behind = now > of_loop ? now - of_loop : 0;
  ThrowIfRefused(uv_timer_start(&timers_[number]->uv, OnFired, after_ms + behind, 0));
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
