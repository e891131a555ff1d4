// A socket that is refused: the head of the refusal has come, from the server or a proxy, and what
// comes of its body is waited for.

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

namespace {

// The body is for the error alone, and it may stall, trickle or never end (server-sent events, a
// long poll).
constexpr uint64_t kRefusalBodyMs = 250;

}  // namespace

// The head has come, and the body is still coming.
bool Socket::RefusalBodyAwaited() const {
  if (tunnel_ != nullptr) return tunnel_->refused();
  return phase_ == Phase::kOpening && connection_.response() != nullptr;
}

// A redirect that is followed is followed on its head alone.
void Socket::OnRefusalHead() {
  if (options_->follows_redirects && connection_.response()->Redirects()) return EndRefusal();
  AwaitRefusalBody();
}

void Socket::OnProxyRefused() { AwaitRefusalBody(); }

// What is left of the timeout counts if it is less. Asked again for each part of the body: the
// timer's end never moves away.
void Socket::AwaitRefusalBody() {
  uv_update_time(loop_->uv());
  if (timer_ == nullptr || uv_timer_get_due_in(timer_) > kRefusalBodyMs) StartTimer(kRefusalBodyMs);
}

void Socket::EndRefusal() {
  if (tunnel_ != nullptr) return tunnel_->EndRefusal();
  connection_.EndRefusal();
  ConnectionEnded();
}

// libuv runs timers before it looks for input. After a callback that took long the rest of a body
// or the pong may lie there, so the decision waits until the loop has polled, which it does
// between two Resumes.
void Socket::DecideAfterPoll() {
  resumes_to_wait_ = 2;
  loop_->ResumeLater(this);
}

void Socket::CountResume() {
  if (resumes_to_wait_ == 0) return;
  if (--resumes_to_wait_ != 0) return loop_->ResumeLater(this);
  if (RefusalBodyAwaited()) return EndRefusal();
  KeepAlive(true);
}

}  // namespace wsfd::driver
