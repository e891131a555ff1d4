// A socket's life: opening, the end, timers. Receiving and sending have files of their own.

#include "driver/socket.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "driver/inside.h"
#include "tls/nested_session.h"

namespace wsfd::driver {

namespace {

// How long the peer's end of stream is awaited once the connection is over (RFC 6455 section 7.1.1:
// the server closes first; "a client MAY initiate the TCP Close" when it does not).
constexpr uint64_t kLingerMs = 1000;

}  // namespace

Socket::Socket(Loop* loop, OpenOptions options, Delegate* delegate)
    : loop_(loop),
      delegate_(delegate),
      options_(std::make_unique<OpenOptions>(std::move(options))),
      connection_(options_->limits, loop->random()),
      max_buffered_bytes_(options_->max_buffered_bytes),
      close_timeout_ms_(options_->close_timeout_ms) {
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
  Enter([&] { OnStream(stream, nullptr, {}); });
}

void Socket::OnTunnelFailed(std::vector<Failure> failures) {
  tunnel_ = nullptr;
  Enter([&] { FailOpen(std::move(failures)); });
}

void Socket::OnTunnelOpened(uv_stream_t* stream, std::unique_ptr<tls::Session> tls,
                            std::string early) {
  tunnel_ = nullptr;
  Enter([&] { OnStream(stream, std::move(tls), std::move(early)); });
}

// There is a way to the target. `outer`: the TLS that everything else is wrapped in. `early`: what
// the target has already said, decrypted if there is such a session.
void Socket::OnStream(uv_stream_t* stream, std::unique_ptr<tls::Session> outer, std::string early) {
  stream_ = stream;
  stream_->data = this;
  RememberPeer();
  tls_ = std::move(outer);
  secure_ = options_->tls != nullptr;
  const bool nested = secure_ && tls_ != nullptr;
  if (secure_) {
    Error error;
    std::unique_ptr<tls::Session> own = tls::Session::Create(
        std::move(options_->tls),
        {options_->certificate_host, options_->endpoint.port, options_->server_name}, &error);
    if (own == nullptr) return FailOpen(Failure(std::move(error)));
    tls_ = nested ? tls::Nest(std::move(tls_), std::move(own), std::exchange(early, {}))
                  : std::move(own);
  }
  phase_ = Phase::kSecuring;
  if (tls_ == nullptr) {
    StartOpening();
  } else if (!Secure()) {
    return;
  }
  if (phase_ == Phase::kClosed) return;
  StartReading();
  if (early.empty() || phase_ == Phase::kClosed) return;
  const auto* data = reinterpret_cast<const uint8_t*>(early.data());
  if (secure_) {
    ReceiveCiphertext(data, early.size());
  } else {
    Feed(data, early.size());
  }
}

void Socket::StartOpening() {
  phase_ = Phase::kOpening;
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
  ended_ = true;
  options_.reset();
  TraceResponse();
  SayGoodbye();
  // An alert, be it close_notify, is owed to the peer; the caller need not wait for it.
  if (stream_ != nullptr && tls_ != nullptr && !tls_->output().empty()) {
    Linger();
  } else {
    CloseHandles();
  }
  DeliverTrace();
  answered_ = true;
  if (delegate_ != nullptr) delegate_->OnOpenFailed(std::move(failures));
  if (phase_ == Phase::kClosed && delegate_ != nullptr) delegate_->OnClosed(nullptr);
}

void Socket::End(const Failure* failure) {
  if (ended_) return;
  std::unique_ptr<Failure> known;
  if (failure != nullptr) {
    known = std::make_unique<Failure>(*failure);
    known->address = RemoteAddress(&known->port);
  }
  DeliverTrace();
  ended_ = true;
  if (closing_) {
    close_failure_ = std::move(known);
  } else if (delegate_ != nullptr) {
    delegate_->OnEnd(known.get());
  }
}

void Socket::Close(uint16_t code, std::string_view reason) {
  if (closing_) return;
  closing_ = true;
  // The end is under way: it lingers, or this is called from inside of what tells of the end.
  if (phase_ != Phase::kOpen || connection_.state() == connection::State::kClosed) return;
  if (!connection_.SendClose(code, reason)) return FailHard(ErrorCode::kInternal);
  loop_->FlushLater(this);
  Unpause();
  Guard([this] { StartTimer(close_timeout_ms_); }, [this] { FailHard(ErrorCode::kOutOfMemory); });
}

// The connection is over. What is in the output still goes out, and what the peer still sends is
// read and dropped: closing with unread bytes would reset the connection and could destroy our last
// frame on its way.
void Socket::Linger() {
  phase_ = Phase::kLingering;
  paused_ = false;
  pending_ = ByteQueue();
  if (stream_ended_) {
    SendPending();
    return CloseHandles();
  }
  StartReading();
  StartTimer(closing_ ? std::min(kLingerMs, close_timeout_ms_) : kLingerMs);
  loop_->FlushLater(this);
}

void Socket::CloseHandles() {
  if (buffered_bytes() != 0) lost_output_ = true;
  phase_ = Phase::kClosed;
  if (connector_ != nullptr) connector_->Cancel();
  connector_ = nullptr;
  if (tunnel_ != nullptr) tunnel_->Cancel();
  tunnel_ = nullptr;
  if (writing_ != nullptr) OrphanWrite();
  if (stream_ != nullptr) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(stream_));
  stream_ = nullptr;
  StopTimer();
  reading_ = false;
  pending_ = ByteQueue();
}

void Socket::Release() {
  delegate_ = nullptr;
  released_ = true;
  if (phase_ == Phase::kClosed) Destroy();
}

void Socket::Destroy() {
  if (destroyed_) return;
  destroyed_ = true;
  ended_ = true;
  delegate_ = nullptr;
  if (tracer_ != nullptr) tracer_->Stop();
  loop_->Remove(this);
  CloseHandles();
  if (inside_ == 0) delete this;
}

void Socket::FailHard(ErrorCode code) noexcept {
  if (destroyed_ || hard_failure_ != ErrorCode::kNone) return;
  hard_failure_ = code;
  lost_output_ = true;
  CloseHandles();
  loop_->ResumeLater(this);
}

// What the delegate does not know yet. Nothing here needs memory.
void Socket::ReportHardFailure() {
  if (released_) return Destroy();
  DeliverTrace();
  if (delegate_ == nullptr) return;
  const Failure failure((Error(hard_failure_)));
  if (!answered_) {
    answered_ = ended_ = true;
    delegate_->OnOpenFailed({});
  } else if (!ended_) {
    ended_ = true;
    if (!closing_) delegate_->OnEnd(&failure);
  }
  if (delegate_ != nullptr) delegate_->OnClosed(closing_ ? &failure : nullptr);
}

void Socket::StartTimer(uint64_t ms) {
  if (timer_ == nullptr) {
    auto timer = Loop::NewHandle<uv_timer_t>();
    Demand(uv_timer_init(loop_->uv(), timer.get()));
    timer_ = timer.release();
    timer_->data = this;
  }
  // A timer counts from the loop's idea of now, which may be the beginning of a long tick.
  uv_update_time(loop_->uv());
  const auto on_timer = [](uv_timer_t* timer) {
    auto* socket = static_cast<Socket*>(timer->data);
    socket->Enter([socket] { socket->OnTimer(); });
  };
  Demand(uv_timer_start(timer_, on_timer, ms, 0));
}

// Gives its memory back: most connections that are open need no timer.
void Socket::StopTimer() {
  if (timer_ != nullptr) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(timer_));
  timer_ = nullptr;
}

void Socket::OnTimer() {
  if (RefusalBodyAwaited()) return JudgeAfterPoll();
  const ErrorCode why = ErrorCode::kOpenTimeout;
  switch (phase_) {
    case Phase::kConnecting:
      return FailOpen(Failure(
          Error(why, tunnel_ != nullptr ? tunnel_->Waiting() : "no TCP connection was made yet")));
    case Phase::kSecuring:
      return FailOpen(Failure(Error(why, "the TLS handshake was under way")));
    case Phase::kOpening:
      return FailOpen(Failure(Error(why, "the server had not answered the opening handshake")));
    case Phase::kOpen: {
      if (!closing_) return KeepAlive(false);
      const Failure failure((Error(ErrorCode::kCloseTimeout)));
      End(&failure);
      break;
    }
    case Phase::kLingering:
    case Phase::kClosed:
      break;
  }
  Closed();
}

// The last thing that happens to a socket that was open.
void Socket::Closed() {
  if (phase_ != Phase::kClosed) {
    SayGoodbye();
    SendPending();
    CloseHandles();
  }
  if (released_) return Destroy();
  DeliverTrace();
  if (delegate_ != nullptr) delegate_->OnClosed(close_failure_.get());
}

void Socket::RememberPeer() {
  if (stream_->type != UV_TCP) return;
  sockaddr_storage address = {};
  int size = sizeof address;
  const int error = uv_tcp_getpeername(reinterpret_cast<const uv_tcp_t*>(stream_),
                                       reinterpret_cast<sockaddr*>(&address), &size);
  if (error == 0) std::memcpy(&peer_, &address, sizeof peer_);
}

std::string Socket::RemoteAddress(int* port) const {
  sockaddr_storage address = {};
  std::memcpy(&address, &peer_, sizeof peer_);
  return AddressOf(address, port);
}

}  // namespace wsfd::driver
