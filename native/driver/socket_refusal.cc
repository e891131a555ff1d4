// A refused opening: the head of the server's or proxy's response has come, and its body is
// awaited.

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

namespace {

// The body only adds to the error. It may stall, trickle or never end (server-sent events, a long
// poll).
constexpr uint64_t kRefusalBodyMs = 250;

}  // namespace

// The head has come, and the body is incomplete.
bool Socket::RefusalBodyAwaited() const {
  if (tunnel_ != nullptr) return tunnel_->RefusalBodyAwaited();
  return phase_ == Phase::kOpening && connection_.response() != nullptr;
}

// A redirect is followed without its body.
void Socket::OnRefusalHead() {
  if (options_->follows_redirects && connection_.response()->Redirects()) return EndRefusal();
  AwaitRefusalBody();
}

void Socket::OnProxyRefused() { AwaitRefusalBody(); }

// The rest of the open timeout counts if it is less. Further parts of the body do not extend it.
void Socket::AwaitRefusalBody() {
  uv_update_time(loop_->uv());
  if (timer_ == nullptr || uv_timer_get_due_in(timer_) > kRefusalBodyMs) StartTimer(kRefusalBodyMs);
}

void Socket::EndRefusal() {
  if (tunnel_ != nullptr) return tunnel_->EndRefusal();
  connection_.EndRefusal();
  ConnectionEnded();
}

// libuv runs timers before it polls. After a long callback, the rest of a body or the pong may have
// arrived already. The decision waits until the loop has polled, which it does between two Resumes.
void Socket::DecideAfterPoll() {
  resumes_to_wait_ = 2;
  loop_->ResumeLater(this);
}

void Socket::DecideTimeoutIfPolled() {
  if (resumes_to_wait_ == 0) return;
  if (--resumes_to_wait_ != 0) return loop_->ResumeLater(this);
  if (RefusalBodyAwaited()) return EndRefusal();
  KeepAlive(true);
}

}  // namespace wsfd::driver
