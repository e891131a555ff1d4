// A socket's life: opening, the end. Receiving, sending and the deadline have files of their own.

#include "driver/socket.h"

#include <algorithm>
#include <utility>

#include "driver/inside.h"

namespace wsfd::driver {

Socket::Socket(Loop* loop, OpenOptions options, Delegate* delegate)
    : loop_(loop),
      delegate_(delegate),
      options_(std::make_unique<OpenOptions>(std::move(options))),
      connection_(options_->limits, loop->random(), loop->pool().get()),
      max_buffered_bytes_(options_->max_buffered_bytes),
      close_timeout_ms_(options_->close_timeout_ms),
      busy_poll_us_(options_->busy_poll_us),
      secure_(options_->tls != nullptr) {
  if (options_->receive_delay_us != 0 && loop->turns() == Loop::Turns::kByItself) {
    receive_delay_ = std::make_unique<ReceiveDelay>(options_->receive_delay_us);
  }
  loop_->Add(this);
}

void Socket::Open() {
  if (options_->timeout_ms != 0) StartTimer(options_->timeout_ms);
  if (options_->trace != 0) {
    tracer_ = std::make_unique<Tracer>(options_->trace, loop_, this);
    if (tracer_->Wants(kTraceControlFrames)) connection_.Observe(tracer_.get());
  }
  if (options_->proxy != nullptr) {
    tunnel_ = Tunnel::Start(loop_, std::move(*options_->proxy), tracer_.get(), this);
  } else {
    connector_ = Connector::Start(loop_, options_->endpoint, tracer_.get(), this);
  }
}

void Socket::OnConnectFailed(std::vector<Failure> failures) {
  connector_ = nullptr;
  Enter([&] { FailOpen(std::move(failures)); });
}

void Socket::OnConnected(uv_stream_t* stream) {
  connector_ = nullptr;
  Enter([&] { OnTransportReady(Transport::Create(loop_, stream)); });
}

void Socket::OnTunnelFailed(std::vector<Failure> failures) {
  tunnel_ = nullptr;
  Enter([&] { FailOpen(std::move(failures)); });
}

void Socket::OnTunnelOpened(Transport::Pointer transport) {
  tunnel_ = nullptr;
  Enter([&] { OnTransportReady(std::move(transport)); });
}

// There is a stream to the target.
void Socket::OnTransportReady(Transport::Pointer transport) {
  transport_ = std::move(transport);
  transport_->Attach(this, &connection_.output());
  Move(PhaseEvent::kConnected);
  std::unique_ptr<tls::Session> session;
  if (secure_) {
    Error error;
    session = tls::Session::Create(
        std::move(options_->tls),
        {options_->certificate_host, options_->endpoint.port, options_->server_name}, &error);
    if (session == nullptr) return FailOpen(Failure(std::move(error)));
  } else {
    StartOpening();
    if (phase_ != Phase::kOpening) return;
  }
  transport_->Start(std::move(session));
}

void Socket::OnSecured() {
  Enter([this] {
    TraceTls(nullptr);
    StartOpening();
  });
}

void Socket::StartOpening() {
  Move(PhaseEvent::kSecured);
  if (!connection_.Start(std::move(options_->request), options_->compression)) {
    return FailOpen(Failure(Error(ErrorCode::kInternal, "no random bytes could be had")));
  }
  if (tracer_ != nullptr) {
    const ByteQueue& head = connection_.output();
    tracer_->Request({reinterpret_cast<const char*>(head.data()), head.size()});
  }
  loop_->FlushLater(this);
}

void Socket::FailOpen(Failure failure) {
  int port = 0;
  if (failure.address.empty()) failure.address = RemoteAddress(&port);
  if (failure.port == 0) failure.port = port;
  std::vector<Failure> failures;
  failures.push_back(std::move(failure));
  FailOpen(std::move(failures));
}

void Socket::FailOpen(std::vector<Failure> failures) {
  options_.reset();
  CancelConnecting();
  TraceResponse();
  if (transport_ != nullptr) transport_->SendCloseNotify();
  DeliverTrace();
  if (closed()) return;
  // The peer is owed an alert, such as close_notify; the caller need not wait for it.
  if (transport_ != nullptr && transport_->has_sealed_output()) {
    Linger();
  } else {
    CloseHandles();
  }
  Move(PhaseEvent::kEnded);
  if (delegate_ != nullptr) delegate_->OnOpenFailed(std::move(failures));
  if (phase_ == Phase::kClosed && delegate_ != nullptr) delegate_->OnClosed(nullptr);
}

// Reports the end of an open connection; false if a callback closed the socket.
bool Socket::End(const Failure* failure) {
  std::unique_ptr<Failure> known;
  if (failure != nullptr) {
    known = std::make_unique<Failure>(*failure);
    known->address = RemoteAddress(&known->port);
  }
  DeliverTrace();
  if (closed()) return false;
  const bool reported_later = phase_ == Phase::kClosing;
  Move(PhaseEvent::kEnded);
  if (reported_later) {
    close_failure_ = std::move(known);
  } else if (delegate_ != nullptr) {
    delegate_->OnEnd(known.get());
  }
  return !closed();
}

void Socket::Close(uint16_t code, std::string_view reason) {
  linger_ms_ = std::min(linger_ms_, close_timeout_ms_);
  if (phase_ != Phase::kOpen) return;
  Move(PhaseEvent::kCloseCalled);
  // Called in OnMessages, before the end is reported.
  if (connection_.state() == connection::State::kClosed) return;
  if (!connection_.SendClose(code, reason)) return FailHard(ErrorCode::kInternal);
  // Ends the keepalive. The wait for the server's close frame begins once ours is flushed.
  StopTimer();
  loop_->FlushLater(this);
  Unpause();
}

// The connection is over. The output is still sent, and bytes from the peer are read and dropped:
// closing with unread bytes would reset the connection and could destroy our last frame on its way.
void Socket::Linger() {
  if (transport_->ended()) {
    SendPending();
    return CloseHandles();
  }
  transport_->Discard();
  StartTimer(linger_ms_);
  linger_end_ = uv_now(loop_->uv()) + std::max(linger_ms_, close_timeout_ms_);
  linger_progress_ = transport_->progress();
  loop_->FlushLater(this);
}

// The end was told, and the peer still takes what was written before, with our close frame behind
// it: for as long as close_timeout_ms_.
bool Socket::OutputStillLeaves() {
  const uint64_t progress = transport_->progress();
  const bool moves = std::exchange(linger_progress_, progress) != progress;
  return moves && HasOutput() && uv_now(loop_->uv()) < linger_end_;
}

void Socket::CancelConnecting() {
  if (connector_ != nullptr) connector_->Cancel();
  connector_ = nullptr;
  if (tunnel_ != nullptr) tunnel_->Cancel();
  tunnel_ = nullptr;
}

void Socket::CloseHandles() {
  Move(PhaseEvent::kHandlesClosed);
  CancelConnecting();
  if (transport_ != nullptr) transport_->Close();
  StopTimer();
}

void Socket::Release() {
  delegate_ = nullptr;
  if (closed()) Destroy();
}

void Socket::Destroy() {
  if (phase_ == Phase::kDestroyed) return;
  delegate_ = nullptr;
  if (tracer_ != nullptr) tracer_->Stop();
  loop_->Remove(this);
  CloseHandles();
  Move(PhaseEvent::kReleased);
  if (inside_ == 0) delete this;
}

void Socket::FailHard(ErrorCode code) noexcept {
  if (closed()) return;
  hard_failure_ = code;
  phase_at_hard_failure_ = phase_;
  lost_output_ = true;
  CloseHandles();
  loop_->ResumeLater(this);
}

// Calls the callbacks that are still due. Needs no memory.
void Socket::ReportHardFailure() {
  if (delegate_ == nullptr) return Destroy();
  DeliverTrace();
  if (delegate_ == nullptr) return;
  const Failure failure((Error(hard_failure_)));
  if (phase_at_hard_failure_ < Phase::kOpen) {
    delegate_->OnOpenFailed({});
  } else if (phase_at_hard_failure_ == Phase::kOpen) {
    delegate_->OnEnd(&failure);
  }
  if (delegate_ == nullptr) return;
  delegate_->OnClosed(phase_at_hard_failure_ == Phase::kClosing ? &failure : close_failure_.get());
}

// Closes the handles and calls OnClosed. What was written in this tick, and a close frame, still go
// out as far as the stream takes them: behind close_notify they could not.
void Socket::Closed() {
  if (!closed()) {
    SendPending();
    transport_->SendCloseNotify();
    SendPending();
    CloseHandles();
  }
  // RFC 6455 section 7.1.4: a connection is closed cleanly "after the WebSocket closing handshake
  // was completed". Our close frame was lost with the messages before it.
  const bool has_unsent = connection_.counters().message_bytes_out != payload_out_at_drain_;
  if (close_failure_ == nullptr && !connection_.error() && has_unsent && lost_output()) {
    close_failure_ = std::make_unique<Failure>(
        Error(ErrorCode::kConnectionLost, "the server had not taken all messages"));
  }
  if (delegate_ == nullptr) return Destroy();
  DeliverTrace();
  if (delegate_ != nullptr) delegate_->OnClosed(close_failure_.get());
}

std::string Socket::RemoteAddress(int* port) const {
  *port = 0;
  return transport_ == nullptr ? std::string() : transport_->RemoteAddress(port);
}

}  // namespace wsfd::driver
