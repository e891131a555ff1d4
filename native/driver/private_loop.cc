#include "driver/private_loop.h"

namespace wsfd::driver {

std::unique_ptr<PrivateLoop> PrivateLoop::Create(int* uv_error) {
  std::unique_ptr<PrivateLoop> self(new PrivateLoop());
  *uv_error = uv_loop_init(&self->uv_);
  if (*uv_error != 0) {
    self->finished_ = true;
    return nullptr;
  }
  Loop::Delegate* const delegate = self.get();
  self->loop_ = std::make_unique<Loop>(&self->uv_, delegate, Loop::Turns::kInCalls);
  self->loop_->Start();
  auto turn_timer = Loop::NewHandle<uv_timer_t>();
  *uv_error = uv_timer_init(&self->uv_, turn_timer.get());
  if (*uv_error != 0) return nullptr;
  self->turn_timer_ = turn_timer.release();
  return self;
}

PrivateLoop::~PrivateLoop() {
  if (finished_) return;
  StartFinishing();
  uv_run(&uv_, UV_RUN_DEFAULT);
  uv_loop_close(&uv_);
}

void PrivateLoop::Turn(uint64_t most_ms) {
  turning_ = true;
  if (most_ms == 0) {
    uv_run(&uv_, UV_RUN_NOWAIT);
  } else {
    // uv_timer_start counts from the loop's cached time, that of its last turn.
    uv_update_time(&uv_);
    const int error = uv_timer_start(
        turn_timer_, [](uv_timer_t*) {}, most_ms, 0);
    // Without the timer nothing would end the wait.
    uv_run(&uv_, error == 0 ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    uv_timer_stop(turn_timer_);
  }
  turning_ = false;
}

void PrivateLoop::Flush() {
  turning_ = true;
  loop_->WakeUpDone();
  turning_ = false;
}

void PrivateLoop::StartFinishing() {
  if (finishing_) return;
  finishing_ = true;
  // Either is nullptr if Create failed.
  if (loop_ != nullptr) loop_->Shutdown([](void*) {}, nullptr);
  if (turn_timer_ != nullptr) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(turn_timer_));
}

bool PrivateLoop::Finish() {
  if (turning_) return false;
  StartFinishing();
  if (!finished_) {
    uv_run(&uv_, UV_RUN_NOWAIT);
    finished_ = uv_loop_close(&uv_) == 0;
  }
  return finished_;
}

}  // namespace wsfd::driver
