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
#include "handshake/proxy_dialogue.h"
#include "tls/context.h"
#include "tls/session.h"

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
class Tunnel final : private Connector::Delegate {
 public:
  class Delegate {
   public:
    // The target is at the other end of `stream`, which belongs to the delegate now and is not
    // being read; with `tls`, inside of that session with the proxy. `early`: what already came
    // from the target.
    virtual void OnTunnelOpened(uv_stream_t* stream, std::unique_ptr<tls::Session> tls,
                                std::string early) = 0;
    // None when there was no memory. Neither function throws.
    virtual void OnTunnelFailed(std::vector<Failure> failures) = 0;
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

  struct Rest;

  // Runs what libuv or the connector has called; fails if memory runs out in it.
  template <typename Body>
  void Enter(Body body);
  void Greet();
  void StartReading();
  void OnRead(ssize_t count, const uint8_t* data);
  void OnStreamEnd(ssize_t status);
  bool Secure();
  void Decrypt();
  bool Talk(const uint8_t* data, size_t size);
  bool SendDialogue();
  void SendSealed();
  void Send(const uint8_t* data, size_t size);
  void OnSent(int status);
  void FailTls(Failure failure);
  void FailDialogue();
  void Fail(Failure failure);
  void Fail(std::vector<Failure> failures);
  void Open(std::string early);

  Loop* loop_;
  const Proxy proxy_;
  Tracer* tracer_;
  Delegate* delegate_;
  Connector* connector_ = nullptr;
  uv_stream_t* stream_ = nullptr;
  Rest* sending_ = nullptr;
  std::unique_ptr<tls::Session> tls_;
  std::unique_ptr<handshake::ProxyDialogue> dialogue_;
  bool secured_ = false;  // the TLS handshake is done, or there is none
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TUNNEL_H_
