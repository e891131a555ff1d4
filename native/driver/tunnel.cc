#include "driver/tunnel.h"

#include <utility>

#include "driver/guard.h"

namespace wsfd::driver {

using handshake::ProxyDialogue;

namespace {

// The IP address in network byte order; empty for a name.
std::string IpBytes(const std::string& host) {
  char bytes[16];
  if (uv_inet_pton(AF_INET, host.c_str(), bytes) == 0) return {bytes, 4};
  if (uv_inet_pton(AF_INET6, host.c_str(), bytes) == 0) return {bytes, 16};
  return {};
}

}  // namespace

Tunnel::Tunnel(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate)
    : loop_(loop), proxy_(std::move(proxy)), tracer_(tracer), delegate_(delegate) {
  handshake::ProxyRequest request = proxy_.request;
  request.ip_address = IpBytes(request.host);
  dialogue_ = proxy_.protocol == Proxy::Protocol::kHttp ? handshake::NewHttpConnect(request)
                                                        : handshake::NewSocks5(request);
}

Tunnel* Tunnel::Start(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate) {
  std::unique_ptr<Tunnel, CancelDeleter> tunnel(
      new Tunnel(loop, std::move(proxy), tracer, delegate));
  tunnel->connector_ = Connector::Start(loop, tunnel->proxy_.endpoint, tracer, tunnel.get());
  return tunnel.release();
}

template <typename Body>
void Tunnel::Enter(Body body) {
  Guard(body, [this] { OnOutOfMemory(); });
}

void Tunnel::OnOutOfMemory() {
  Delegate* const delegate = delegate_;
  Cancel();
  delegate->OnTunnelFailed({});
}

std::string Tunnel::DescribeWait() const {
  if (connector_ != nullptr) return "the proxy " + proxy_.name + ": " + connector_->DescribeWait();
  if (proxy_.tls != nullptr && !transport_->secured()) {
    return "the TLS handshake with the proxy " + proxy_.name + " was under way";
  }
  return "the proxy " + proxy_.name + (opened_ ? " had opened the tunnel" : " had not answered");
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
  Enter([&] {
    transport_ = Transport::Create(loop_, stream);
    transport_->Attach(this, &output_);
    StartTransport();
  });
}

void Tunnel::StartTransport() {
  std::unique_ptr<tls::Session> session;
  if (proxy_.tls != nullptr) {
    Error error;
    session = tls::Session::Create(
        proxy_.tls, {proxy_.endpoint.host, proxy_.endpoint.port, proxy_.server_name}, &error);
    if (session == nullptr) return Fail(Failure(std::move(error)));
  } else {
    SendDialogue();
  }
  transport_->Start(std::move(session));
}

void Tunnel::OnSecured() {
  if (tracer_ != nullptr) tracer_->Tls(true, *transport_->tls(), nullptr);
  SendDialogue();
}

size_t Tunnel::OnPlaintext(const uint8_t* data, size_t size) {
  size_t taken = 0;
  switch (dialogue_->Receive(data, size, &taken)) {
    case ProxyDialogue::Status::kNeedMore:
      if (RefusalBodyAwaited()) delegate_->OnProxyRefused();
      SendDialogue();
      return size;
    case ProxyDialogue::Status::kOpened:
      if (tracer_ != nullptr) tracer_->ProxyAnswered(dialogue_->response(), nullptr);
      opened_ = true;
      transport_->Pause();
      delegate_->OnTunnelResumeDue();
      return taken;
    case ProxyDialogue::Status::kRefused:
      break;
  }
  FailDialogue();
  return size;
}

void Tunnel::OnTransportEnded(Failure why) {
  // If the head of a refusal has come, it tells more than the end of the stream.
  if (!RefusalBodyAwaited()) {
    if (proxy_.tls != nullptr && !transport_->secured()) return FailSecuring(std::move(why));
    // (a proxy may end its answer without close_notify)
    if (why.error && why.error.code != ErrorCode::kTlsTruncated) return Fail(std::move(why));
  }
  dialogue_->End();
  FailDialogue();
}

void Tunnel::Resume() {
  Enter([this] {
    if (opened_) return HandOver();
    if (transport_ != nullptr) transport_->Resume();
  });
}

void Tunnel::SendDialogue() {
  const std::string bytes = dialogue_->TakeOutput();
  if (bytes.empty()) return;
  if (tracer_ != nullptr) tracer_->ProxyAsked(dialogue_->DescribeRequest());
  if (!output_.Append(bytes.data(), bytes.size())) throw std::bad_alloc();
  transport_->Flush();
}

void Tunnel::FailSecuring(Failure why) {
  if (!why.error) {
    why.error = Error(ErrorCode::kConnectionLost, std::string("it") + tls::kEndedHandshake);
  }
  if (tracer_ != nullptr) tracer_->Tls(true, *transport_->tls(), &why);
  Fail(std::move(why));
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
  // An alert is owed to the proxy (RFC 8446 section 6.2).
  if (transport_ != nullptr) transport_->Flush();
  Delegate* const delegate = delegate_;
  Cancel();
  delegate->OnTunnelFailed(std::move(failures));
}

void Tunnel::HandOver() {
  Transport::Pointer transport = std::move(transport_);
  Delegate* const delegate = delegate_;
  Cancel();
  delegate->OnTunnelOpened(std::move(transport));
}

void Tunnel::Cancel() {
  if (connector_ != nullptr) connector_->Cancel();
  delete this;
}

}  // namespace wsfd::driver
