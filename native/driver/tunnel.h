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
  std::shared_ptr<tls::Context> tls;  // nullptr: TCP alone
  std::string server_name;            // SNI
  handshake::ProxyRequest request;
};

// Finds a way to a target through a proxy: connects to it, speaks TLS with it where it wants that,
// and asks for the tunnel. Deletes itself once its delegate was called or it was cancelled.
class Tunnel final : private Connector::Delegate, private Transport::Delegate {
 public:
  class Delegate {
   public:
    // The target is at the other end of `transport`, which is not being read; what has already come
    // from it comes first.
    virtual void OnTunnelOpened(Transport::Pointer transport) = 0;
    // None when there was no memory. Neither function throws.
    virtual void OnTunnelFailed(std::vector<Failure> failures) = 0;
    // Resume is to be called in the loop's next iteration.
    virtual void OnTunnelResumeDue() = 0;
    // The head of a refusal has come, or more of its body: EndRefusal() when that had time enough.
    virtual void OnProxyRefused() = 0;

   protected:
    ~Delegate() = default;
  };

  // Calls the delegate later, never before it returns, and once at the most. `tracer` hears of
  // every step until then; nullptr: nobody does.
  static Tunnel* Start(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate);

  // The delegate is not called any more; everything is closed.
  void Cancel();

  // The delegate may be called.
  void Resume();

  // True when the head of a refusal has come, and its body is still coming.
  bool refused() const { return dialogue_->response() != nullptr; }
  // No more of the body is waited for: fails. Only where refused().
  void EndRefusal();

  // What is being waited for, for an error.
  std::string Waiting() const;

 private:
  Tunnel(Loop* loop, Proxy proxy, Tracer* tracer, Delegate* delegate);
  ~Tunnel() = default;

  // Connector::Delegate
  void OnConnected(uv_stream_t* stream) override;
  void OnConnectFailed(std::vector<Failure> failures) override;

  // Transport::Delegate. Whatever ends the tunnel deletes it: nothing is touched after that.
  void OnSecured() override;
  connection::Space NextSpace() override { return {nullptr, SIZE_MAX}; }
  void OnSpaceUnused() override {}
  size_t OnPlaintext(const uint8_t* data, size_t size) override;
  void OnTransportEnded(Failure why) override;
  void OnFlushDue() override { transport_->Flush(); }
  void OnResumeDue() override { delegate_->OnTunnelResumeDue(); }
  void OnOutOfMemory() override;

  // Runs what the connector or the delegate has called; fails if memory runs out in it.
  template <typename Body>
  void Enter(Body body);
  void Greet();
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
  Transport::Pointer transport_;  // from when the proxy is connected
  ByteQueue output_;
  std::unique_ptr<handshake::ProxyDialogue> dialogue_;
  bool opened_ = false;  // the proxy has made the tunnel, which is handed over in Resume
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TUNNEL_H_
