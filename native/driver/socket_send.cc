// The sending half of a socket: from the application into the connection's output, and from there
// into the transport.

#include <algorithm>

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

using connection::State;

namespace {

// Output of this size goes out at once; less waits for the end of the tick.
constexpr size_t kFlushAt = 64 * 1024;
// As much as a small message may exceed that by.
constexpr size_t kSmallMessage = 1024;

}  // namespace

size_t Socket::buffered_bytes() const {
  return connection_.output().size() + (transport_ == nullptr ? 0 : transport_->unsent());
}

bool Socket::HasOutput() const {
  return !connection_.output().empty() || (transport_ != nullptr && transport_->writing());
}

uint64_t Socket::UnsentPayload() const {
  const uint64_t in_turn = connection_.counters().message_bytes_out - payload_out_at_flush_;
  const uint64_t buffered = buffered_bytes();
  const uint64_t older = buffered > in_turn ? buffered - in_turn : 0;
  return in_turn + std::min(older, payload_out_at_flush_ - payload_out_at_drain_);
}

bool Socket::HasRoomFor(size_t size) const {
  const size_t buffered = buffered_bytes();
  return buffered <= max_buffered_bytes_ && size <= max_buffered_bytes_ - buffered;
}

WriteStatus Socket::CanWrite(size_t size) const {
  if (phase_ != Phase::kOpen || connection_.state() != State::kOpen ||
      transport_->write_error() != 0) {
    return WriteStatus::kNotOpen;
  }
  return HasRoomFor(size) ? WriteStatus::kAccepted : WriteStatus::kFull;
}

uint8_t* Socket::Reserve(size_t max_payload, size_t least_payload, WriteStatus* status) {
  *status = CanWrite(least_payload);
  if (*status != WriteStatus::kAccepted) return nullptr;
  uint8_t* room = connection_.ReserveMessage(max_payload, least_payload);
  if (room == nullptr) *status = WriteStatus::kFailed;
  return room;
}

WriteStatus Socket::Commit(frame::Opcode opcode, size_t size) {
  if (!HasRoomFor(size)) return WriteStatus::kFull;
  if (!connection_.CommitMessage(opcode, size)) return WriteStatus::kFailed;
  return Written();
}

void Socket::Expect(size_t count, size_t bytes) {
  if (CanWrite(0) != WriteStatus::kAccepted) return;
  connection_.Expect(std::min(bytes + count * frame::kMaxClientHeader, kFlushAt + kSmallMessage));
}

WriteStatus Socket::Write(frame::Opcode opcode, const uint8_t* payload, size_t size) {
  const WriteStatus status = CanWrite(size);
  if (status != WriteStatus::kAccepted) return status;
  if (!connection_.SendCopy(opcode, payload, size)) return WriteStatus::kFailed;
  return Written();
}

// The output has one more message.
WriteStatus Socket::Written() {
  // In any case: only the flush at the end of the tick reports that all output is out.
  if (!flush_queued_) loop_->FlushLater(this);
  if (connection_.output().size() < kFlushAt) return WriteStatus::kAccepted;
  Guard([this] { SendPending(); }, [this] { FailHard(ErrorCode::kOutOfMemory); });
  return phase_ == Phase::kOpen ? WriteStatus::kAccepted : WriteStatus::kFailed;
}

bool Socket::Ping(const uint8_t* payload) {
  if (phase_ != Phase::kOpen || !connection_.SendPing(payload, kPingSize)) return false;
  if (liveness_ != nullptr) std::copy_n(payload, kPingSize, liveness_->ping);
  loop_->FlushLater(this);
  return true;
}

void Socket::Flush() {
  Enter([this] {
    SendPending();
    SendPongBehindOutput();
    payload_out_at_flush_ = connection_.counters().message_bytes_out;
    if (phase_ == Phase::kClosing && timer_ == nullptr) StartTimer(close_timeout_ms_);
    DeliverTrace();
    if (closed() || transport_ == nullptr || transport_->writing()) return;
    if (!lost_output()) payload_out_at_drain_ = payload_out_at_flush_;
    Drained();
  });
}

void Socket::OnFlushDue() {
  // (the end of this callback flushes)
  Enter([this] { loop_->FlushLater(this); });
}

void Socket::SendPending() {
  if (transport_ == nullptr) return;
  const uint64_t writes = transport_->writes();
  transport_->Flush();
  if (transport_->writes() == writes) return;
  if (receive_delay_ != nullptr && receive_delay_->OnSent()) ApplyReceiveDelay();
  if (busy_poll_us_ != 0 && phase_ == Phase::kOpen) loop_->BusyPoll(busy_poll_us_);
}

// RFC 6455 section 5.5.2: a Pong is sent "as soon as is practical". An application that writes all
// the time never lets its output drain. So a peer that takes bytes gets the deferred pong behind
// those that wait; one that takes none gets no further one.
void Socket::SendPongBehindOutput() {
  if (transport_ == nullptr || transport_->progress() == progress_at_pong_) return;
  progress_at_pong_ = transport_->progress();
  connection_.SendDeferredPong();
}

// No output waits to be sent.
void Socket::Drained() {
  connection_.OutputDrained();
  connection_.SendDeferredPong();
  if (!connection_.output().empty()) return loop_->FlushLater(this);
  const bool lingers = phase_ == Phase::kLingering;
  if (lingers) {
    SendEndOfStream();
    // The peer's end of stream is awaited from now on.
    if (!closed()) StartTimer(linger_ms_);
  }
  if ((IsOpen() || lingers) && delegate_ != nullptr) delegate_->OnDrained();
  if (lingers && !closed() && transport_->ended() && !HasOutput()) Closed();
}

// TLS always sends close_notify. The server ends TCP first (RFC 6455 section 7.1.1), unless the
// connection failed.
void Socket::SendEndOfStream() {
  transport_->SendCloseNotify();
  SendPending();
  if (connection_.error() || connection_.state() != State::kClosed) transport_->ShutDown();
}

}  // namespace wsfd::driver
