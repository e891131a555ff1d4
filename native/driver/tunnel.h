#ifndef WSFD_DRIVER_TUNNEL_H_
#define WSFD_DRIVER_TUNNEL_H_

#include <uv.h>

#include <memory>
#include <string>
#include <vector>

#include "driver/connector.h"
#include "driver/failure.h"
#include "driver/loop.h"
#include "driver/tracer.h"
#include "driver/transport.h"
#include "handshake/proxy_dialogue.h"
#include "tls/context.h"

namespace wsfd::driver {

// A proxy, and how to speak to it. Plain data, checked before.
struct Proxy {
  enum class Protocol : uint8_t { kHttp, kSocks5 };
  Protocol protocol = Protocol::kHttp;
  Endpoint endpoint;
  std::string name;                   // for messages: its URL without credentials
  std::shared_ptr<tls::Context> tls;  // nullptr: no TLS
  std::string server_name;            // SNI
  handshake::ProxyRequest request;
};

// Connects to a target through a proxy: connects to the proxy, with TLS if configured, and requests
// the tunnel. Deletes itself before it reports the result, or when cancelled.
class Tunnel final : private Connector::Delegate, private Transport::Delegate {
 public:
  class Delegate {
   public:
    // `transport` leads to the target and is not being read; bytes that have already come from the
    // target are delivered first.
    virtual void OnTunnelOpened(Transport::Pointer transport) = 0;
    // No failures if memory ran out. Neither function throws.
    virtual void OnTunnelFailed(std::vector<Failure> failures) = 0;
    // See Transport::Delegate: of the TLS session with the proxy.
    virtual void OnProxyKeyLog(const std::string& lines) = 0;
    // Resume is to be called in the loop's next iteration.
    virtual void OnTunnelResumeDue() = 0;
    // The head of a refusal has come, or more of its body: call EndRefusal() to end the wait.
    virtual void OnProxyRefused() = 0;

   protected:
    ~Delegate() = default;
  };

  // Calls the delegate later, never before it returns, and reports one result at most. `tracer`
  // (may be nullptr) records every step until then.
  static Tunnel* Start(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate);

  // Closes everything; the delegate is not called after this.
  void Cancel();

  // Goes on; may call the delegate.
  void Resume();

  // The head of a refusal has come, and the body is incomplete.
  bool RefusalBodyAwaited() const { return !opened_ && dialogue_->response() != nullptr; }
  // Fails without waiting for more of the body. Only if RefusalBodyAwaited().
  void EndRefusal();

  // For the detail of an error.
  std::string DescribeWait() const;

 private:
  Tunnel(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate);
  ~Tunnel() = default;

  // Connector::Delegate
  void OnConnected(uv_stream_t* stream) override;
  void OnConnectFailed(std::vector<Failure> failures) override;

  // Transport::Delegate. A function that ends the tunnel deletes it: touch nothing after it.
  void OnKeyLog(const std::string& lines) override { delegate_->OnProxyKeyLog(lines); }
  void OnSecured() override;
  connection::Space NextSpace() override { return {nullptr, SIZE_MAX}; }
  void OnSpaceUnused() override {}
  size_t OnPlaintext(const uint8_t* data, size_t size) override;
  void OnTransportEnded(Failure why) override;
  void OnFlushDue() override { transport_->Flush(); }
  void OnResumeDue() override { delegate_->OnTunnelResumeDue(); }
  void OnOutOfMemory() override;

  // Runs the body of a call from the connector or the owner; fails if memory runs out in it.
  template <typename Body>
  void Enter(Body body);
  void StartTransport();
  void SendDialogue();
  void FailSecuring(Failure why);
  void FailDialogue();
  void Fail(Failure failure);
  void Fail(std::vector<Failure> failures);
  void HandOver();

  Loop* loop_;
  const Proxy proxy_;
  Tracer* tracer_;
  Delegate* delegate_;
  Connector* connector_ = nullptr;
  Transport::Pointer transport_;  // once the proxy is connected
  ByteQueue output_;
  std::unique_ptr<handshake::ProxyDialogue> dialogue_;
  bool opened_ = false;  // the proxy opened the tunnel; Resume hands it over
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TUNNEL_H_
