#include "driver/tunnel.h"

#include <utility>

#include "driver/guard.h"

namespace wsfd::driver {

using handshake::ProxyDialogue;
using tls::Session;

namespace {

// The bytes of an IP address as a proxy wants them; empty for a name.
std::string IpBytes(const std::string& host) {
  char bytes[16];
  if (uv_inet_pton(AF_INET, host.c_str(), bytes) == 0) return {bytes, 4};
  if (uv_inet_pton(AF_INET6, host.c_str(), bytes) == 0) return {bytes, 16};
  return {};
}

}  // namespace

// What the stream did not take at once. Owns it until libuv is done with it.
struct Tunnel::Rest {
  uv_write_t request;
  Tunnel* tunnel;  // nullptr once it no longer wants to hear of it
  std::string bytes;
};

Tunnel::Tunnel(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate)
    : loop_(loop), proxy_(std::move(proxy)), tracer_(tracer), delegate_(delegate) {
  handshake::ProxyRequest request = proxy_.request;
  request.ip_address = IpBytes(request.host);
  dialogue_ = proxy_.protocol == Proxy::Protocol::kHttp ? handshake::NewHttpConnect(request)
                                                        : handshake::NewSocks5(request);
}

Tunnel* Tunnel::Start(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate) {
  std::unique_ptr<Tunnel, CancelIt> tunnel(new Tunnel(loop, std::move(proxy), tracer, delegate));
  tunnel->connector_ = Connector::Start(loop, tunnel->proxy_.endpoint, tracer, tunnel.get());
  return tunnel.release();
}

template <typename Body>
void Tunnel::Enter(Body body) {
  Guard(body, [this] {
    Delegate* delegate = delegate_;
    Cancel();
    delegate->OnTunnelFailed({});
  });
}

std::string Tunnel::Waiting() const {
  if (stream_ == nullptr) return "no TCP connection to the proxy " + proxy_.name + " was made yet";
  if (!secured_) return "the TLS handshake with the proxy " + proxy_.name + " was under way";
  return "the proxy " + proxy_.name + " had not answered";
}

void Tunnel::EndRefusal() {
  Enter([this] {
    dialogue_->End();
    FailDialogue();
  });
}

void Tunnel::OnConnectFailed(std::vector<Failure> failures) {
  connector_ = nullptr;
  Enter([&] { Fail(std::move(failures)); });
}

void Tunnel::OnConnected(uv_stream_t* stream) {
  connector_ = nullptr;
  stream_ = stream;
  stream_->data = this;
  Enter([this] { Greet(); });
}

void Tunnel::Greet() {
  if (proxy_.tls != nullptr) {
    Error error;
    tls_ = Session::Create(
        proxy_.tls, {proxy_.endpoint.host, proxy_.endpoint.port, proxy_.server_name}, &error);
    if (tls_ == nullptr) return Fail(Failure(std::move(error)));
    if (Secure()) StartReading();
    return;
  }
  secured_ = true;
  if (SendDialogue()) StartReading();
}

void Tunnel::StartReading() {
  const int error = uv_read_start(
      stream_,
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        *buffer = static_cast<Tunnel*>(handle->data)->loop_->receive_buffer();
      },
      [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
        auto* tunnel = static_cast<Tunnel*>(stream->data);
        const auto* data = reinterpret_cast<const uint8_t*>(buffer->base);
        if (count != 0) tunnel->Enter([&] { tunnel->OnRead(count, data); });
      });
  if (error != 0) Fail(SystemFailure(ErrorCode::kConnectionLost, error, "read"));
}

// Whatever happens in here may delete the tunnel: nothing is touched after a call that ends it.
void Tunnel::OnRead(ssize_t count, const uint8_t* data) {
  if (count < 0) return OnStreamEnd(count);
  const auto size = static_cast<size_t>(count);
  if (tls_ == nullptr) {
    Talk(data, size);
    return;
  }
  tls_->SetInput(data, size);
  if (secured_ || (Secure() && secured_)) Decrypt();
}

void Tunnel::OnStreamEnd(ssize_t status) {
  // Whatever ends an answer whose head has come: that says what the proxy meant.
  if (status != UV_EOF && !refused()) {
    return Fail(SystemFailure(ErrorCode::kConnectionLost, static_cast<int>(status), "read"));
  }
  if (!secured_) {
    return FailTls(
        Failure(Error(ErrorCode::kConnectionLost, std::string("it") + tls::kEndedHandshake)));
  }
  dialogue_->End();
  FailDialogue();
}

// Goes on with the TLS handshake; false if the tunnel failed and is gone.
bool Tunnel::Secure() {
  const Session::Status status = tls_->Handshake();
  if (status == Session::Status::kFailed || status == Session::Status::kClosed) {
    FailTls(Failure(tls_->error()));
    return false;
  }
  secured_ = status == Session::Status::kOk;
  if (secured_ && tracer_ != nullptr) tracer_->Tls(true, *tls_, nullptr);
  SendSealed();
  return !secured_ || SendDialogue();
}

// Hands all that the session has to the dialogue.
void Tunnel::Decrypt() {
  uint8_t* const plaintext = loop_->plaintext_buffer();
  Session::Status status = Session::Status::kOk;
  std::string received;
  while (status == Session::Status::kOk) {
    size_t count = 0;
    status = tls_->Read(plaintext, Loop::kBufferSize, &count);
    received.append(reinterpret_cast<const char*>(plaintext), count);
  }
  SendSealed();
  // An end behind bytes that open the tunnel is said again to whoever reads the session next.
  const bool more =
      received.empty() || Talk(reinterpret_cast<const uint8_t*>(received.data()), received.size());
  if (!more) return;
  const bool failed = status == Session::Status::kFailed;
  if (failed && !refused()) return FailTls(Failure(tls_->error()));
  if (failed || status == Session::Status::kClosed) return OnStreamEnd(UV_EOF);
}

// Hands bytes to the dialogue; false if that was its end, and the tunnel's.
bool Tunnel::Talk(const uint8_t* data, size_t size) {
  size_t taken = 0;
  switch (dialogue_->Receive(data, size, &taken)) {
    case ProxyDialogue::Status::kNeedMore:
      if (refused()) delegate_->OnProxyRefused();
      return SendDialogue();
    case ProxyDialogue::Status::kOpened:
      if (tracer_ != nullptr) tracer_->ProxyAnswered(dialogue_->response(), nullptr);
      Open(std::string(reinterpret_cast<const char*>(data) + taken, size - taken));
      return false;
    case ProxyDialogue::Status::kRefused:
      break;
  }
  FailDialogue();
  return false;
}

// False if TLS failed, and the tunnel with it.
bool Tunnel::SendDialogue() {
  const std::string bytes = dialogue_->TakeOutput();
  if (bytes.empty()) return true;
  if (tracer_ != nullptr) tracer_->ProxyAsked(dialogue_->Asking());
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  if (tls_ == nullptr) {
    Send(data, bytes.size());
  } else if (tls_->Write(data, bytes.size()) == Session::Status::kOk) {
    SendSealed();
  } else {
    FailTls(Failure(tls_->error()));
    return false;
  }
  return true;
}

// What the session has to say waits in it while the proxy does not read: there it is bounded.
void Tunnel::SendSealed() {
  if (sending_ != nullptr) return;
  ByteQueue& bytes = tls_->output();
  if (!bytes.empty()) Send(bytes.data(), bytes.size());
  bytes.Clear();
}

// An error comes again where it is told of: in OnSent, later.
void Tunnel::Send(const uint8_t* data, size_t size) {
  uv_buf_t buffer = uv_buf_init(reinterpret_cast<char*>(const_cast<uint8_t*>(data)),
                                static_cast<unsigned int>(size));
  const int written = uv_try_write(stream_, &buffer, 1);
  const size_t sent = written > 0 ? static_cast<size_t>(written) : 0;
  if (sent == size) return;
  auto rest = std::make_unique<Rest>();
  rest->bytes.assign(reinterpret_cast<const char*>(data) + sent, size - sent);
  rest->request.data = rest.get();
  rest->tunnel = this;
  buffer = uv_buf_init(rest->bytes.data(), static_cast<unsigned int>(rest->bytes.size()));
  Demand(uv_write(&rest->request, stream_, &buffer, 1, [](uv_write_t* request, int status) {
    const std::unique_ptr<Rest> sent_rest(static_cast<Rest*>(request->data));
    if (sent_rest->tunnel != nullptr) sent_rest->tunnel->OnSent(status);
  }));
  // What follows cannot go out if this does not: the last one's word is enough.
  if (sending_ != nullptr) sending_->tunnel = nullptr;
  sending_ = rest.release();
}

void Tunnel::OnSent(int status) {
  sending_ = nullptr;
  // A peer that is gone ends the reading side too, which knows what it sent before.
  if (status == UV_EPIPE || status == UV_ECONNRESET) return;
  Enter([&] {
    if (status != 0) return Fail(SystemFailure(ErrorCode::kConnectionLost, status, "write"));
    if (tls_ != nullptr) SendSealed();
  });
}

void Tunnel::FailTls(Failure failure) {
  SendSealed();  // an alert is owed to the peer (RFC 8446 section 6.2)
  failure.certificate_errors = tls_->certificate_errors();
  if (!secured_ && tracer_ != nullptr) tracer_->Tls(true, *tls_, &failure);
  Fail(std::move(failure));
}

void Tunnel::FailDialogue() {
  Failure failure(dialogue_->error());
  if (dialogue_->response() != nullptr) {
    failure.response = std::make_shared<handshake::Response>(*dialogue_->response());
  }
  if (tracer_ != nullptr) tracer_->ProxyAnswered(failure.response.get(), &failure);
  Fail(std::move(failure));
}

void Tunnel::Fail(Failure failure) {
  std::vector<Failure> failures;
  failures.push_back(std::move(failure));
  Fail(std::move(failures));
}

void Tunnel::Fail(std::vector<Failure> failures) {
  for (Failure& failure : failures) {
    std::string& detail = failure.error.detail;
    detail.insert(0, "the proxy " + proxy_.name + (detail.empty() ? "" : ": "));
  }
  Delegate* delegate = delegate_;
  Cancel();
  delegate->OnTunnelFailed(std::move(failures));
}

void Tunnel::Open(std::string early) {
  uv_read_stop(stream_);
  uv_stream_t* const stream = std::exchange(stream_, nullptr);
  std::unique_ptr<Session> tls = std::move(tls_);
  Delegate* delegate = delegate_;
  Cancel();
  delegate->OnTunnelOpened(stream, std::move(tls), std::move(early));
}

void Tunnel::Cancel() {
  if (connector_ != nullptr) connector_->Cancel();
  if (sending_ != nullptr) sending_->tunnel = nullptr;
  if (stream_ != nullptr) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(stream_));
  delete this;
}

}  // namespace wsfd::driver
