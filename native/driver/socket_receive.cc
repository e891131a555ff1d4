// The receiving half of a socket: from the transport through the connection to the delegate.

#include <utility>

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

using connection::Batch;
using connection::ReceiveStatus;

namespace {

// Payload bytes after which a turn ends: a few compressed messages may have as many. Node frees the
// memory of a large message only when its loop turns.
constexpr uint64_t kMostPerTurn = 8 * 1024 * 1024;

constexpr char kMayWantTls[] = "; if it is so each time, the server may speak TLS here: use wss";

}  // namespace

size_t Socket::OnPlaintext(const uint8_t* data, size_t size) {
  size_t taken = 0;
  Enter([&] {
    // A read begins a turn. Kept bytes come again in Resume, which has begun one.
    if (reads_at_turn_ != transport_->reads()) {
      BeginTurn();
      if (busy_poll_us_ != 0) loop_->EndBusyPoll();
      if (receive_delay_ != nullptr) CountReadForDelay();
    }
    taken = Receive(data, size);
  });
  return taken;
}

void Socket::CountReadForDelay() {
  const uint64_t messages = connection_.counters().messages_in;
  const uint64_t now = uv_now(loop_->uv());
  if (receive_delay_->OnRead(now, transport_->last_read(), messages)) ApplyReceiveDelay();
}

// Without a low-water mark, or a timer that resets it, nothing is delayed.
void Socket::ApplyReceiveDelay() {
  uint32_t bytes = receive_delay_->bytes();
  const bool ticks = !receive_delay_->active() || loop_->TickFor(this);
  if (!ticks) bytes = ReceiveDelay::kNone;
  if (!transport_->SetLowWaterMark(bytes) || !ticks) receive_delay_.reset();
}

bool Socket::Tick() {
  if (receive_delay_ == nullptr || transport_->closed()) return false;
  if (receive_delay_->OnTick()) ApplyReceiveDelay();
  return receive_delay_ != nullptr && receive_delay_->active();
}

void Socket::BeginTurn() {
  reads_at_turn_ = transport_ == nullptr ? 0 : transport_->reads();
  payload_in_at_turn_ = connection_.counters().message_bytes_in;
  reported_ = false;
  if (tracer_ != nullptr) tracer_->BeginTurn();
}

bool Socket::IsTurnOver() const {
  if (tracer_ != nullptr && tracer_->IsFull()) return true;
  return connection_.counters().message_bytes_in - payload_in_at_turn_ >= kMostPerTurn;
}

// Passes bytes to the connection, and its messages to the delegate; returns how many were taken.
// Bytes wait for the next turn if they end the connection, since the application may first answer
// the messages before them, or after kMostPerTurn bytes, so that it can release some, or if the
// tracer is full.
size_t Socket::Receive(const uint8_t* data, size_t size) {
  if (delegate_ == nullptr) return size;
  Batch* const batch = loop_->batch();
  size_t done = 0;
  while (done != size && !transport_->paused()) {
    size_t taken = 0;
    const uint64_t pongs = connection_.counters().pongs_in;
    batch->count = 0;
    batch->follows_delivered = reported_;
    const ReceiveStatus status = connection_.Receive(data + done, size - done, &taken, batch);
    done += taken;
    if (batch->count != 0 && phase_ != Phase::kClosing) {
      reported_ = true;
      delegate_->OnMessages(*batch);
      if (IsClosedToDelegate()) return size;
    }
    connection_.Delivered();
    if (connection_.counters().pongs_in != pongs) DeliverPong();
    if (!IsClosedToDelegate()) AfterReceive(status);
    if (IsClosedToDelegate() || phase_ == Phase::kLingering) return size;
    if (status == ReceiveStatus::kEndAhead || IsTurnOver()) return done;
  }
  return done;
}

void Socket::DeliverPong() {
  DeliverTrace();
  const std::string_view pong = connection_.last_pong();
  const uint64_t round_trip_ns = TakeRoundTrip(pong);
  if (!IsClosedToDelegate()) delegate_->OnPong(pong, round_trip_ns);
}

void Socket::AfterReceive(ReceiveStatus status) {
  if (!connection_.output().empty()) loop_->FlushLater(this);
  if (status == ReceiveStatus::kOpened) {
    Opened();
  } else if (status == ReceiveStatus::kEnded) {
    ConnectionEnded();
  } else if (RefusalBodyAwaited()) {
    OnRefusalHead();
  }
}

void Socket::Opened() {
  StopTimer();
  StartKeepalive(options_->ping_interval_ms, options_->pong_timeout_ms);
  options_.reset();
  TraceResponse();
  connection_.Opened();
  DeliverTrace();
  if (IsClosedToDelegate()) return;
  Move(PhaseEvent::kAccepted);
  // The application may send its first message in OnOpen: an end waits behind that too.
  reported_ = true;
  delegate_->OnOpen();
}

// The connection has ended: a close frame, a protocol error, or a refused opening handshake.
void Socket::ConnectionEnded() {
  const Error& error = connection_.error();
  Failure failure(error);
  if (phase_ == Phase::kOpening) {
    if (connection_.response() != nullptr) {
      failure.response = std::make_shared<handshake::Response>(*connection_.response());
    }
    if (!secure_ && failure.response != nullptr && handshake::WantsTls(*failure.response)) {
      failure.error.detail += "; the server seems to speak TLS here: use wss";
    }
    return FailOpen(std::move(failure));
  }
  if (End(error ? &failure : nullptr)) Linger();
}

void Socket::OnTransportEnded(Failure why) {
  Enter([&] {
    if (phase_ == Phase::kLingering) {
      // A peer that has only ended its own side may read on.
      const bool cut = !why.error || why.error.code == ErrorCode::kTlsTruncated;
      if (!cut || !HasOutput()) Closed();
      return;
    }
    if (phase_ == Phase::kSecuring) return FailSecuring(std::move(why));
    // Before the connection is open, a truncated stream tells no more than one without TLS.
    const bool cut = phase_ == Phase::kOpening && why.error.code == ErrorCode::kTlsTruncated;
    if (!why.error || cut) why = Failure(Error(ErrorCode::kClosedAbnormally));
    // The handshakes had succeeded: a new connection may work.
    if (IsOpen() && !transport_->ended()) why.error.transient = true;
    connection_.TransportEnded(why.error);
    if (phase_ == Phase::kOpening) {
      if (connection_.response() != nullptr) return ConnectionEnded();
      why.error = connection_.error();
      // An OpenSSL server ends a connection that begins with a plain request, without an answer.
      if (!secure_ && transport_->reads() == 0) why.error.detail += kMayWantTls;
      return FailOpen(std::move(why));
    }
    if (!End(&why)) return;
    if (transport_->ended()) return Closed();
    Linger();
  });
}

void Socket::FailSecuring(Failure why) {
  if (!why.error) {
    why.error = Error(ErrorCode::kConnectionLost, std::string("the server") + tls::kEndedHandshake);
  }
  TraceTls(&why);
  FailOpen(std::move(why));
}

void Socket::OnOutOfMemory() { FailHard(ErrorCode::kOutOfMemory); }

void Socket::Pause() {
  if (transport_ != nullptr) transport_->Pause();
}

void Socket::Unpause() {
  if (closed() || transport_ == nullptr || !transport_->paused()) return;
  transport_->Unpause();
  // Not at once: the caller is in a call of the application.
  loop_->ResumeLater(this);
}

void Socket::OnTunnelResumeDue() { loop_->ResumeLater(this); }

void Socket::OnResumeDue() { loop_->ResumeLater(this); }

void Socket::Resume() {
  if (hard_failure_ != ErrorCode::kNone) {
    const Inside inside(this);
    return ReportHardFailure();
  }
  Enter([this] {
    BeginTurn();
    DecideIfPolled();
    if (closed()) return;
    if (tunnel_ != nullptr) return tunnel_->Resume();
    if (transport_ != nullptr) transport_->Resume();
  });
}

}  // namespace wsfd::driver
