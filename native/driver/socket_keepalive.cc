// A socket's keepalive: pings at their time, and the end of a connection whose peer is gone.

#include <algorithm>

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

using connection::Keepalive;

void Socket::StartKeepalive(uint64_t interval_ms, uint64_t pong_timeout_ms) {
  if (interval_ms == 0) return;
  uv_update_time(loop_->uv());
  liveness_ =
      std::make_unique<Liveness>(Keepalive(interval_ms, pong_timeout_ms, uv_now(loop_->uv())));
  StartTimer(interval_ms);
}

// The time has come to ping or to judge. `polled`: all that had come by then was read.
void Socket::KeepAlive(bool polled) {
  if (phase_ != Phase::kOpen || closing_) return;
  Keepalive::Traffic traffic;
  traffic.reads = reads_;
  traffic.reading = reading_;
  traffic.backlog = writing_ != nullptr;
  traffic.writes = writes_;
  traffic.unsent = uv_stream_get_write_queue_size(stream_);
  const Keepalive::Step step = liveness_->keepalive.Next(uv_now(loop_->uv()), traffic);
  if (step.action == Keepalive::Action::kGiveUp) {
    if (polled) return GiveUpPeer();
    // libuv runs timers before it looks for input. After a callback that took long the pong may lie
    // there, so the judgement waits until the loop has polled, which it does between two Resumes.
    liveness_->resumes_to_wait = 2;
    return loop_->ResumeLater(this);
  }
  if (step.action == Keepalive::Action::kPing &&
      connection_.SendPing(liveness_->ping, liveness_->ping_size)) {
    loop_->FlushLater(this);
  }
  StartTimer(step.wait_ms);
}

void Socket::KeepAliveAfterPoll() {
  if (liveness_ == nullptr || liveness_->resumes_to_wait == 0) return;
  if (--liveness_->resumes_to_wait == 0) return KeepAlive(true);
  loop_->ResumeLater(this);
}

// RFC 6455 section 5.5.3: "the endpoint MAY elect to send a Pong frame for only the most recently
// processed Ping frame". Ours come behind the application's, so they carry what its last one did:
// the pong answers that too.
void Socket::RememberPing(const uint8_t* payload, size_t size) {
  if (liveness_ == nullptr) return;
  liveness_->ping_size = std::min(size, sizeof liveness_->ping);
  std::copy_n(payload, liveness_->ping_size, liveness_->ping);
}

void Socket::GiveUpPeer() {
  const Failure failure(Error(ErrorCode::kPongTimeout, "not a byte came within pongTimeout"));
  connection_.TransportEnded(failure.error);
  End(&failure);
  Closed();
}

}  // namespace wsfd::driver
