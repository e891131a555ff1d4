// A socket's deadline: it has one timer, for the time limit of its phase.

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

// Replaces the deadline. The decision on the previous one is not taken any more.
void Socket::StartTimer(uint64_t ms) {
  if (timer_ == nullptr) {
    auto timer = Loop::NewHandle<uv_timer_t>();
    ThrowIfRefused(uv_timer_init(loop_->uv(), timer.get()));
    timer_ = timer.release();
    timer_->data = this;
  }
  resumes_to_wait_ = 0;
  const auto on_timer = [](uv_timer_t* timer) {
    auto* socket = static_cast<Socket*>(timer->data);
    socket->Enter([socket] { socket->OnTimer(); });
  };
  ThrowIfRefused(loop_->StartTimer(timer_, on_timer, ms));
}

// Frees the timer: most open connections need none.
void Socket::StopTimer() {
  resumes_to_wait_ = 0;
  if (timer_ != nullptr) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(timer_));
  timer_ = nullptr;
}

void Socket::OnTimer() {
  // A ping does not wait; the decision to give the peer up does.
  if (phase_ == Phase::kOpen) return KeepAlive(false);
  DecideAfterPoll();
}

// libuv runs timers before it polls. After a long callback, what was waited for may have arrived
// already. The decision waits until the loop has polled, which it does between two Resumes. Then
// the phase decides: it may be a later one of the opening.
void Socket::DecideAfterPoll() {
  resumes_to_wait_ = 2;
  loop_->ResumeLater(this);
}

void Socket::DecideIfPolled() {
  if (resumes_to_wait_ == 0) return;
  if (--resumes_to_wait_ != 0) return loop_->ResumeLater(this);
  OnDeadline();
}

void Socket::OnDeadline() {
  switch (phase_) {
    case Phase::kConnecting:
    case Phase::kSecuring:
    case Phase::kOpening:
      if (RefusalBodyAwaited()) return EndRefusal();
      return FailOpen(Failure(Error(ErrorCode::kOpenTimeout, DescribeWait())));
    case Phase::kOpen:
      return KeepAlive(true);
    case Phase::kClosing: {
      const Failure failure((Error(ErrorCode::kCloseTimeout)));
      if (End(&failure)) Closed();
      return;
    }
    case Phase::kLingering:
      return OutputStillLeaves() ? StartTimer(linger_ms_) : Closed();
    case Phase::kClosed:
    case Phase::kDestroyed:
      return;
  }
}

// What the opening was waiting for, for the detail of an error.
std::string Socket::DescribeWait() const {
  if (phase_ == Phase::kSecuring) return "the TLS handshake was under way";
  if (phase_ == Phase::kOpening) return "the server had not answered the opening handshake";
  return tunnel_ != nullptr ? tunnel_->DescribeWait() : connector_->DescribeWait();
}

}  // namespace wsfd::driver
