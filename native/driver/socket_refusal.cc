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

// The rest of the open timeout counts if it is less, which includes that it has passed and the
// decision waits. Further parts of the body do not extend it.
void Socket::AwaitRefusalBody() {
  uv_update_time(loop_->uv());
  if (timer_ == nullptr || uv_timer_get_due_in(timer_) > kRefusalBodyMs) StartTimer(kRefusalBodyMs);
}

void Socket::EndRefusal() {
  if (tunnel_ != nullptr) return tunnel_->EndRefusal();
  connection_.EndRefusal();
  ConnectionEnded();
}

}  // namespace wsfd::driver
