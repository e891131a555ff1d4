// The receiving half of a socket: from the stream through TLS into the connection.

#include <algorithm>

#include "driver/inside.h"
#include "driver/low_water.h"
#include "driver/socket.h"

namespace wsfd::driver {

using connection::Batch;
using connection::ReceiveStatus;

namespace {

// Full buffers in a row that one wake-up may take (512 KiB), so that a connection at full speed
// leaves room for timers and for the others.
constexpr uint8_t kFullReadsPerWakeUp = 2;

// Bytes of messages that are delivered in one turn, or somewhat more: as much can become of few
// compressed ones. Node frees the memory of a large one only when its loop turns.
constexpr uint64_t kMostPerTurn = 8 * 1024 * 1024;

constexpr char kMayWantTls[] = "; if it is so each time, the server may speak TLS here: use wss";

}  // namespace

void Socket::StartReading() {
  if (reading_ || stream_ended_ || stream_ == nullptr) return;
  reading_ = true;
  full_reads_ = 0;
  const int error = uv_read_start(
      stream_,
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        *buffer = static_cast<Socket*>(handle->data)->loop_->receive_buffer();
      },
      [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
        auto* socket = static_cast<Socket*>(stream->data);
        const auto* data = reinterpret_cast<const uint8_t*>(buffer->base);
        if (count != 0) socket->Enter([&] { socket->OnRead(count, data); });
      });
  if (error == 0) return;
  reading_ = false;
  // A connection that lingers ends with its timer.
  if (phase_ != Phase::kLingering) OnStreamEnd(error);
}

void Socket::StopReading() {
  if (!reading_) return;
  reading_ = false;
  uv_read_stop(stream_);
}

void Socket::OnRead(ssize_t count, const uint8_t* data) {
  if (count < 0) return OnStreamEnd(count);
  reads_++;
  loop_->OnReceived();
  if (mark_.OnRead(uv_now(loop_->uv()), static_cast<size_t>(count))) SetMark();
  BeginTurn();
  if (phase_ == Phase::kLingering) return;
  if (tls_ != nullptr) {
    ReceiveCiphertext(data, static_cast<size_t>(count));
  } else {
    Feed(data, static_cast<size_t>(count));
  }
  if (!reading_) return;
  if (paused_) return StopReading();
  if (count != static_cast<ssize_t>(Loop::kBufferSize)) {
    full_reads_ = 0;
  } else if (++full_reads_ == kFullReadsPerWakeUp) {
    StopReading();
    loop_->ResumeLater(this);
  }
}

// A system that has no such mark says so when the first is set: taking one back does not fail.
void Socket::SetMark() {
  if (mark_.active() && !loop_->TickFor(this)) mark_.GiveUp();
  if (!SetLowWaterMark(stream_, mark_.bytes())) mark_.GiveUp();
}

bool Socket::Tick() {
  if (stream_ == nullptr) return false;
  if (mark_.OnTick()) SetMark();
  return mark_.active();
}

void Socket::OnStreamEnd(ssize_t status) {
  StopReading();
  stream_ended_ = true;
  if (phase_ == Phase::kLingering) return Closed();
  Failure why;
  if (status != UV_EOF) {
    why = SystemFailure(ErrorCode::kConnectionLost, static_cast<int>(status), "read");
  } else if (write_error_ != 0) {
    why = SystemFailure(ErrorCode::kConnectionLost, write_error_, "write");
  } else if (phase_ == Phase::kSecuring) {
    why = Failure(
        Error(ErrorCode::kConnectionLost, std::string("the server") + tls::kEndedHandshake));
  } else if (phase_ == Phase::kOpen && tls_ != nullptr && !tls_closed_) {
    // RFC 8446 section 6.1: without close_notify an attacker may have cut the stream short.
    why = Failure(Error(ErrorCode::kTlsTruncated));
  } else {
    why = Failure(Error(ErrorCode::kClosedAbnormally));
  }
  if (phase_ == Phase::kSecuring) {
    TraceTls(&why);
    return FailOpen(std::move(why));
  }
  connection_.TransportEnded(why.error);
  if (phase_ == Phase::kOpening) {
    if (connection_.response() != nullptr) return ConnectionEnded();
    why.error = connection_.error();
    // OpenSSL ends a connection that begins with a request in plain, without an answer.
    if (!secure_ && reads_ == 0) why.error.detail += kMayWantTls;
    return FailOpen(std::move(why));
  }
  End(&why);
  Closed();
}

// Goes on with the TLS handshake; true once there is nothing against going on after it.
bool Socket::Secure() {
  const tls::Session::Status status = tls_->Handshake();
  const std::string keys = tls_->TakeKeyLog();
  if (!keys.empty() && delegate_ != nullptr) delegate_->OnKeyLog(keys);
  if (phase_ == Phase::kClosed) return false;
  if (status == tls::Session::Status::kOk) {
    TraceTls(nullptr);
    StartOpening();
    return !ended_;
  }
  if (status == tls::Session::Status::kWantRead) {
    loop_->FlushLater(this);
    return true;
  }
  Failure failure(tls_->error());
  failure.certificate_errors = tls_->certificate_errors();
  TraceTls(&failure);
  FailOpen(std::move(failure));
  return false;
}

void Socket::ReceiveCiphertext(const uint8_t* data, size_t size) {
  tls_->SetInput(data, size);
  if (phase_ == Phase::kSecuring && (!Secure() || phase_ == Phase::kSecuring)) return;
  Decrypt();
}

// Reads all that the session has: messages, then perhaps its end.
void Socket::Decrypt() {
  uint8_t* const plaintext = loop_->plaintext_buffer();
  tls::Session::Status status = tls::Session::Status::kOk;
  while (status == tls::Session::Status::kOk && phase_ != Phase::kClosed && !ended_) {
    size_t count = 0;
    status = tls_->Read(plaintext, Loop::kBufferSize, &count);
    if (count != 0) Feed(plaintext, count);
  }
  // While messages wait for the application the end waits behind them: Resume comes here again.
  if (phase_ == Phase::kClosed || ended_ || !pending_.empty()) return;
  // What OpenSSL itself has to say (a KeyUpdate's answer, an alert) goes out with the next flush.
  if (!tls_->output().empty()) loop_->FlushLater(this);
  if (status == tls::Session::Status::kClosed) {
    tls_closed_ = true;
    OnStreamEnd(UV_EOF);
  } else if (status == tls::Session::Status::kFailed) {
    Failure failure(tls_->error());
    failure.error.transient = phase_ == Phase::kOpen;  // both sides had agreed on everything
    // (of a proxy that cut the stream short no more is known than without TLS)
    const bool cut = failure.error.code == ErrorCode::kTlsTruncated;
    if (phase_ == Phase::kOpening && cut) return OnStreamEnd(UV_EOF);
    connection_.TransportEnded(failure.error);
    if (phase_ == Phase::kOpening && connection_.response() != nullptr) return ConnectionEnded();
    if (phase_ == Phase::kOpening) return FailOpen(std::move(failure));
    End(&failure);
    Linger();
  }
}

// Hands decrypted bytes to the connection, and its messages to the delegate.
void Socket::Feed(const uint8_t* data, size_t size) {
  Batch* const batch = loop_->batch();
  while (size != 0 && !IsClosedToDelegate() && !ended_) {
    if (paused_ || !pending_.empty()) return Keep(data, size);
    size_t taken = 0;
    const uint64_t pongs = connection_.counters().pongs_in;
    batch->count = 0;
    batch->follows = reported_;
    const ReceiveStatus status = connection_.Receive(data, size, &taken, batch);
    data += taken;
    size -= taken;
    if (batch->count != 0 && !closing_) {
      reported_ = true;
      delegate_->OnMessages(*batch);
    }
    if (IsClosedToDelegate()) return;
    connection_.Delivered();
    if (connection_.counters().pongs_in != pongs) {
      DeliverTrace();
      const std::string_view pong = connection_.last_pong();
      const uint64_t round_trip_ns = TakeRoundTrip(pong);
      if (!IsClosedToDelegate()) delegate_->OnPong(pong, round_trip_ns);
    }
    if (!IsClosedToDelegate()) AfterReceive(status);
    if (IsClosedToDelegate() || ended_ || size == 0) return;
    const uint64_t reported = connection_.counters().message_bytes_in - reported_before_;
    if (status == ReceiveStatus::kEndAhead || reported >= kMostPerTurn) {
      return KeepForNextTurn(data, size);
    }
  }
}

void Socket::BeginTurn() {
  reported_ = false;
  reported_before_ = connection_.counters().message_bytes_in;
}

// Bytes that may not be looked at now.
void Socket::Keep(const uint8_t* data, size_t size) {
  if (!pending_.Append(data, size)) OutOfMemory();
}

// What comes next has to wait: it ends the connection behind messages that the application may
// answer first, or the application has so much in hand that it should be able to let go of some.
void Socket::KeepForNextTurn(const uint8_t* data, size_t size) {
  Keep(data, size);
  // (there was no memory for it, and the application may have destroyed this when it heard so)
  if (IsClosedToDelegate() || ended_) return;
  // Not even the end of the stream may overtake what is kept.
  StopReading();
  loop_->ResumeLater(this);
}

void Socket::AfterReceive(ReceiveStatus status) {
  if (!connection_.output().empty()) loop_->FlushLater(this);
  if (status == ReceiveStatus::kOpened) {
    phase_ = Phase::kOpen;
    StopTimer();
    StartKeepalive(options_->ping_interval_ms, options_->pong_timeout_ms);
    options_.reset();
    TraceResponse();
    connection_.Opened();
    DeliverTrace();
    if (IsClosedToDelegate()) return;
    answered_ = true;
    // An application that speaks first does so when it hears of it: an end waits behind that too.
    reported_ = true;
    delegate_->OnOpen();
  } else if (status == ReceiveStatus::kEnded) {
    ConnectionEnded();
  } else if (RefusalBodyAwaited()) {
    OnRefusalHead();
  }
}

// The connection's own verdict: a close frame came, or the peer broke the protocol.
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
  End(error ? &failure : nullptr);
  if (phase_ != Phase::kClosed) Linger();
}

// Bytes that came cannot be kept: the connection cannot go on without them.
void Socket::OutOfMemory() {
  const Failure failure((Error(ErrorCode::kOutOfMemory)));
  connection_.TransportEnded(failure.error);
  End(&failure);
  if (phase_ != Phase::kClosed) Linger();
}

void Socket::Unpause() {
  if (!paused_) return;
  paused_ = false;
  // Not from here: the caller is inside one of the application's calls.
  loop_->ResumeLater(this);
}

void Socket::Resume() {
  if (hard_failure_ != ErrorCode::kNone) {
    Inside inside(this);
    return ReportHardFailure();
  }
  Enter([this] { GoOn(); });
}

void Socket::GoOn() {
  BeginTurn();
  CountResume();
  if (EndAfterLostOutput()) return;
  if (paused_ || phase_ == Phase::kClosed) return;
  if (!pending_.empty()) {
    ByteQueue pending = std::move(pending_);
    Feed(pending.data(), pending.size());
    if (paused_ || phase_ == Phase::kClosed) return;
    if (tls_ != nullptr && phase_ == Phase::kOpen) Decrypt();
    // What waits for its turn again stands before all that is still to be read.
    if (phase_ == Phase::kClosed || !pending_.empty()) return;
  }
  StartReading();
}

}  // namespace wsfd::driver
