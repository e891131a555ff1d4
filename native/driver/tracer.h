#ifndef WSFD_DRIVER_TRACER_H_
#define WSFD_DRIVER_TRACER_H_

#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection/control_observer.h"
#include "driver/failure.h"
#include "handshake/response.h"
#include "tls/session.h"

namespace wsfd::driver {

class Loop;
class Socket;

// What a socket is asked to tell of its life; bits of OpenOptions::trace.
enum TraceTopic : uint8_t {
  kTraceAttempts = 1,
  kTraceProxy = 2,
  kTraceTls = 4,
  kTraceHandshake = 8,
  kTraceControlFrames = 16,
};

// One event. The comment of its kind names the members that are set.
struct TraceEvent {
  // What happened.
  enum class Kind : uint8_t {
    kLookup,      // text: the name that is being looked up
    kResolved,    // text: the name; addresses: its addresses, in the order of the attempts
    kConnecting,  // text: the host, or a Unix domain socket's path; address and port if it is TCP
    kConnected,   // the same
    kFailed,      // the same, and failure; no address if the name was not found
    kAbandoned,   // as kConnecting: another attempt was faster, or the opening has ended
    kProxyAsked,  // text: what the proxy is asked for, without credentials
    kProxyAnswered,  // failure: it refused; response: the answer of an HTTP proxy
    kTls,            // of_proxy, tls, certificate_errors; failure: the handshake failed
    kRequest,        // text: the head of the opening handshake as it is sent, credentials included
    kResponse,       // response
    kControlIn,      // opcode; text: the payload
    kControlOut,     // the same
  };

  Kind kind;
  frame::Opcode opcode = frame::Opcode::kContinuation;
  bool of_proxy = false;
  int port = 0;
  uint64_t time_ns = 0;  // uv_hrtime() when it happened
  double age_ms = 0;     // its age at delivery
  std::string text;
  std::string address;
  std::vector<std::string> addresses;
  std::optional<Failure> failure;
  std::shared_ptr<const handshake::Response> response;
  std::optional<tls::SessionInfo> tls;
  std::vector<tls::CertificateError> certificate_errors;

  explicit TraceEvent(Kind k) : kind(k) {}
};

// Queues a socket's trace events until the socket delivers them: no callback interrupts an
// operation. Only a socket that traces has one.
class Tracer final : public connection::ControlObserver {
 public:
  // `topics`: bits of TraceTopic. The loop and the socket outlive it, or Stop() is called before.
  Tracer(uint8_t topics, Loop* loop, Socket* socket)
      : topics_(topics), loop_(loop), socket_(socket) {}
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  // The functions below do nothing if their topic was not requested, or memory runs out.
  void Lookup(const std::string& host) noexcept;
  void Resolved(const std::string& host, const std::vector<sockaddr_storage>& addresses) noexcept;
  // `kind`: kConnecting, kConnected or kAbandoned.
  void Attempt(TraceEvent::Kind kind, const std::string& host,
               const sockaddr_storage& address) noexcept;
  // `failure` has the address.
  void AttemptFailed(const std::string& host, const Failure& failure) noexcept;
  void ProxyAsked(const std::string& what) noexcept;
  // `failure` is nullptr if the proxy opened the tunnel; `response` if it does not answer in HTTP.
  void ProxyAnswered(const handshake::Response* response, const Failure* failure) noexcept;
  // The TLS handshake is over; `failure` is nullptr when it succeeded.
  void Tls(bool of_proxy, const tls::Session& session, const Failure* failure) noexcept;
  void Request(std::string_view head) noexcept;
  void Response(const handshake::Response& response) noexcept;
  void OnControlFrame(bool incoming, frame::Opcode opcode,
                      std::string_view payload) noexcept override;
  // True after kMostControlFrames since BeginTurn: an event takes hundreds of bytes and some
  // microseconds in JavaScript, an empty frame takes two bytes of the network.
  bool IsFull() const override { return control_frames_ >= kMostControlFrames; }
  void BeginTurn() { control_frames_ = 0; }

  bool Wants(TraceTopic topic) const { return (topics_ & topic) != 0; }
  // The events since the last call, with their age.
  std::vector<TraceEvent> Take();
  // Records nothing more, and does not touch the socket.
  void Stop();

 private:
  static constexpr uint32_t kMostControlFrames = 500;

  template <typename Fill>
  void Record(TraceTopic topic, TraceEvent::Kind kind, Fill fill) noexcept;

  uint8_t topics_;
  Loop* loop_;
  Socket* socket_;
  std::vector<TraceEvent> events_;
  uint32_t control_frames_ = 0;
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TRACER_H_
