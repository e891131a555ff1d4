// A socket's keepalive: sends pings, and ends a connection whose peer does not answer.

#include <algorithm>
#include <utility>

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

// A ping, or the decision to give up, is due. `polled`: all bytes received by then were read.
void Socket::KeepAlive(bool polled) {
  if (phase_ != Phase::kOpen || liveness_ == nullptr) return;
  Keepalive::Traffic traffic;
  traffic.reads = transport_->reads();
  traffic.reading = transport_->reading();
  traffic.backlog = transport_->writing();
  traffic.progress = transport_->progress();
  const Keepalive::Step step = liveness_->keepalive.Next(uv_now(loop_->uv()), traffic);
  if (step.action == Keepalive::Action::kGiveUp) {
    if (polled) return GiveUpPeer();
    return DecideAfterPoll();
  }
  if (step.action == Keepalive::Action::kPing && SendOwnPing()) loop_->FlushLater(this);
  StartTimer(step.wait_ms);
}

// RFC 6455 section 5.5.3: "the endpoint MAY elect to send a Pong frame for only the most recently
// processed Ping frame". So our ping carries the payload of the application's last one: its pong
// answers both. The count behind it tells our pings apart: while data arrives, another is sent
// although the previous one is unanswered.
bool Socket::SendOwnPing() {
  Liveness& own = *liveness_;
  const uint8_t count = ++own.ping[kPingSize];
  if (!connection_.SendPing(own.ping, sizeof own.ping)) return false;
  if (own.timed_at == 0) {
    own.timed_ping = count;
    own.timed_at = uv_hrtime();
  }
  return true;
}

// The round trip in nanoseconds if this pong answers the timed ping; else 0.
uint64_t Socket::TakeRoundTrip(std::string_view pong) {
  if (liveness_ == nullptr || liveness_->timed_at == 0) return 0;
  if (pong.size() != sizeof liveness_->ping) return 0;
  const auto later =
      static_cast<uint8_t>(static_cast<uint8_t>(pong.back()) - liveness_->timed_ping);
  // It answers an older ping, or is unsolicited.
  if (later > static_cast<uint8_t>(liveness_->ping[kPingSize] - liveness_->timed_ping)) return 0;
  const uint64_t sent_at = std::exchange(liveness_->timed_at, 0);
  // The pong of a later ping ends the timing without a result.
  return later == 0 ? std::max<uint64_t>(uv_hrtime() - sent_at, 1) : 0;
}

void Socket::GiveUpPeer() {
  const Failure failure(Error(ErrorCode::kPongTimeout, "not a byte came within pongTimeout"));
  connection_.TransportEnded(failure.error);
  if (End(&failure)) Closed();
}

}  // namespace wsfd::driver
