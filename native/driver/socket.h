#ifndef WSFD_DRIVER_SOCKET_H_
#define WSFD_DRIVER_SOCKET_H_

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/receive_delay.h"
#include "connection/connection.h"
#include "connection/keepalive.h"
#include "driver/connector.h"
#include "driver/failure.h"
#include "driver/loop.h"
#include "driver/phase.h"
#include "driver/tracer.h"
#include "driver/transport.h"
#include "driver/tunnel.h"
#include "tls/context.h"
#include "tls/session.h"

namespace wsfd::driver {

// How to open a socket. Plain data, checked before.
struct OpenOptions {
  Endpoint endpoint;  // the target, whose host is the proxy's business where there is one
  std::unique_ptr<Proxy> proxy;  // nullptr: none
  handshake::Request request;
  connection::Limits limits;
  connection::CompressionOptions compression;
  std::shared_ptr<tls::Context> tls;  // nullptr: ws
  std::string server_name;            // SNI
  std::string certificate_host;       // whom the certificate must be for
  bool follows_redirects = false;     // the caller does: a redirect's body is of no use
  uint64_t timeout_ms = 0;            // from the lookup to the accepted handshake; 0: unlimited
  uint64_t close_timeout_ms = 0;      // how long the server's close frame is waited for
  uint64_t ping_interval_ms = 0;      // 0: no pings of its own
  uint64_t pong_timeout_ms = 0;       // how long a sign of life is waited for after a ping
  size_t max_buffered_bytes = 0;
  uint32_t receive_delay_us = 0;  // how long what comes may wait for more: ReceiveDelay
  uint32_t busy_poll_us = 0;  // how long the answer to what is sent is looked for: Loop::BusyPoll
  uint8_t trace = 0;          // bits of TraceTopic: what OnTrace tells
};

// What became of a message that was to be written.
enum class WriteStatus : uint8_t { kAccepted, kNotOpen, kFull, kFailed };

// One WebSocket client over TCP and, with a context, TLS. Belongs to its loop's thread.
//
// Life: Open, then OnOpen or OnOpenFailed; after OnOpen batches of messages, then OnEnd once, be it
// for a close frame or a failure. OnClosed tells that the descriptor is free. Destroy may be called
// at any time, also from inside a delegate's function.
class Socket final : private Connector::Delegate,
                     private Tunnel::Delegate,
                     private Transport::Delegate {
 public:
  // Bytes in the payload of an application's ping.
  static constexpr size_t kPingSize = 8;

  class Delegate {
   public:
    // No function of a delegate's throws.
    virtual void OnOpen() = 0;
    // `failures` is empty when there was no memory, not even to say so.
    virtual void OnOpenFailed(std::vector<Failure> failures) = 0;
    // Messages that came; their bytes are valid until it returns.
    virtual void OnMessages(const connection::Batch& batch) = 0;
    // `payload` begins with the last Ping's before the one that is answered; it is cut off behind
    // the length of our own. `round_trip_ns` is what a ping of the socket's own took, else 0.
    virtual void OnPong(std::string_view payload, uint64_t round_trip_ns) = 0;
    // No message comes after this. `failure` is nullptr when the peer's close frame ended it.
    virtual void OnEnd(const Failure* failure) = 0;
    // All that was written has been handed to the operating system, or some of it never will be:
    // see lost_output().
    virtual void OnDrained() = 0;
    // The descriptor is closed; `failure` says what was not as RFC 6455 section 7 wants it.
    virtual void OnClosed(const Failure* failure) = 0;
    // Lines of the NSS key log format, each with its newline, as the TLS handshake makes them; only
    // where tls::Config::keylog asks for them.
    virtual void OnKeyLog(const std::string& lines) = 0;
    // What OpenOptions::trace asks for, in the order in which it happened; comes before the call
    // that tells of its result.
    virtual void OnTrace(const std::vector<TraceEvent>& events) = 0;

   protected:
    ~Delegate() = default;
  };

  Socket(Loop* loop, OpenOptions options, Delegate* delegate);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Starts; the delegate hears of it later, never before this returns. Left by std::bad_alloc, the
  // socket can only be destroyed.
  void Open();

  // Writing in place: Reserve gives room for `max_payload` bytes of a message that will have
  // `least_payload` or somewhat more, or nullptr with *status set; Commit makes `size` of them a
  // message. See Connection::ReserveMessage.
  uint8_t* Reserve(size_t max_payload, size_t least_payload, WriteStatus* status);
  WriteStatus Commit(frame::Opcode opcode, size_t size);

  // Sends a ping with kPingSize bytes of payload.
  bool Ping(const uint8_t* payload);

  // Stops and goes on with reading; messages that are already decoded still come.
  void Pause();
  void Unpause();

  // Within OnMessages; see Connection::DetachMessage.
  Block DetachMessage(const connection::Message& message) {
    return connection_.DetachMessage(message);
  }

  // See Connection::BlockOf and SharesBlocks.
  SharedBlock* BlockOf(const connection::Message& message) { return connection_.BlockOf(message); }
  void SharesBlocks(bool shares) { connection_.SharesBlocks(shares); }

  // Starts the closing handshake; OnClosed follows. Not before OnOpen.
  void Close(uint16_t code, std::string_view reason);

  // The delegate is not called any more, and the socket deletes itself once it is closed: at once,
  // or when its last bytes (an alert, say) have gone out.
  void Release();

  // Closes everything at once, without a word to the peer or the delegate, and deletes the socket
  // as soon as nobody is inside it.
  void Destroy();

  // Closes everything at once; in the next iteration the delegate hears that the connection failed
  // with `code`. For what leaves nothing that could go on: memory ran out in the midst of
  // something, or the application could not be told what came.
  void FailHard(ErrorCode code) noexcept;

  // Sends what can be sent without waiting.
  void Flush();

  // True if something that was accepted can never be sent any more.
  bool lost_output() const {
    return lost_output_ || (transport_ != nullptr && transport_->lost_output());
  }
  // Bytes that were accepted and not yet handed to the operating system.
  size_t buffered_bytes() const;
  // Of messages alone, in payload bytes, and with all that was written since the last turn of the
  // loop, sent or not. What is left of older messages is a guess that headers make too high and
  // compression too low, and never more than there was.
  uint64_t UnsentPayload() const;
  bool closed() const { return phase_ >= Phase::kClosed; }
  const connection::Connection& connection() const { return connection_; }
  // The session with the target; nullptr where there is none.
  const tls::Session* tls() const {
    return secure_ && transport_ != nullptr ? transport_->tls() : nullptr;
  }
  uint64_t reads() const { return transport_ == nullptr ? 0 : transport_->reads(); }
  uint64_t writes() const { return transport_ == nullptr ? 0 : transport_->writes(); }
  // "127.0.0.1" and 443 of the peer; empty and 0 before it is connected, and where it is no TCP.
  std::string RemoteAddress(int* port) const;

 private:
  friend class Loop;

  // How long the peer's end of stream is awaited once the connection is over (RFC 6455 section
  // 7.1.1: the server closes first; "a client MAY initiate the TCP Close" when it does not).
  static constexpr uint64_t kLingerMs = 1000;

  // What keepalive needs; a socket without it has none.
  struct Liveness {
    explicit Liveness(connection::Keepalive k) : keepalive(k) {}
    connection::Keepalive keepalive;
    uint8_t ping[kPingSize + 1] = {};  // the payload of the application's last ping, our count
    uint8_t timed = 0;                 // the count of the ping whose time is taken
    uint64_t timed_at = 0;             // when that was sent; 0: the next one's time is taken
  };

  ~Socket() = default;

  // Connector::Delegate
  void OnConnected(uv_stream_t* stream) override;
  void OnConnectFailed(std::vector<Failure> failures) override;

  // Tunnel::Delegate
  void OnTunnelOpened(Transport::Pointer transport) override;
  void OnTunnelFailed(std::vector<Failure> failures) override;
  void OnTunnelResumeDue() override;
  void OnProxyRefused() override;

  // Transport::Delegate
  void OnSecured() override;
  connection::Space NextSpace() override { return connection_.NextSpace(); }
  void OnSpaceUnused() override { connection_.SpaceUnused(); }
  size_t OnPlaintext(const uint8_t* data, size_t size) override;
  void OnTransportEnded(Failure why) override;
  void OnFlushDue() override;
  void OnResumeDue() override;
  void OnOutOfMemory() override;

  // Receiving (socket_receive.cc).
  void BeginTurn();
  size_t Receive(const uint8_t* data, size_t size);
  void DeliverPong();
  void AfterReceive(connection::ReceiveStatus status);
  void Opened();
  void ConnectionEnded();
  void FailSecuring(Failure why);
  void Resume();
  // The read that has come counts for receive_delay_.
  void CountReadForDelay();
  // Hands the mark of receive_delay_ on to the system.
  void ApplyReceiveDelay();
  // A millisecond is over; false once there is no mark to be taken back (Loop::TickFor).
  bool Tick();

  // Sending (socket_send.cc).
  bool HasRoomFor(size_t size) const;
  void SendPending();
  void Drained();
  void SendEndOfStream();

  // Keepalive (socket_keepalive.cc).
  void StartKeepalive(uint64_t interval_ms, uint64_t pong_timeout_ms);
  void KeepAlive(bool polled);
  bool SendOwnPing();
  uint64_t TakeRoundTrip(std::string_view pong);
  void GiveUpPeer();

  // A refusal (socket_refusal.cc).
  bool RefusalBodyAwaited() const;
  void OnRefusalHead();
  void AwaitRefusalBody();
  void EndRefusal();
  void DecideAfterPoll();
  void CountResume();

  // Life (socket.cc).
  void Move(PhaseEvent event) { phase_ = Next(phase_, event); }
  // The application has been told that it is open, and not that it has ended.
  bool IsOpen() const { return phase_ == Phase::kOpen || phase_ == Phase::kClosing; }
  bool IsClosedToDelegate() const { return delegate_ == nullptr || closed(); }
  void OnTransportReady(Transport::Pointer transport);
  void StartOpening();
  void FailOpen(Failure failure);
  void FailOpen(std::vector<Failure> failures);
  bool End(const Failure* failure);
  void Linger();
  void CancelConnecting();
  void CloseHandles();
  void Closed();
  void ReportHardFailure();
  void StartTimer(uint64_t ms);
  void StopTimer();
  void OnTimer();

  // Telling (socket_trace.cc).
  void DeliverTrace();
  void DeliverKeyLog();
  void TraceTls(const Failure* failure);
  void TraceResponse();

  // Guards `this` while control is in a delegate's function or in our own loop around one.
  class Inside;
  // The way in for libuv and for what it has called: runs `body` inside, unless the socket is
  // closed.
  template <typename Body>
  void Enter(Body body);

  Loop* loop_;
  Delegate* delegate_;      // nullptr once nobody holds the socket
  Socket* next_ = nullptr;  // in Loop's list
  Socket* previous_ = nullptr;
  std::unique_ptr<OpenOptions> options_;  // until it is open or has failed
  Connector* connector_ = nullptr;
  Tunnel* tunnel_ = nullptr;
  Transport::Pointer transport_;  // from when there is a way to the target
  uv_timer_t* timer_ = nullptr;
  connection::Connection connection_;
  std::unique_ptr<ReceiveDelay> receive_delay_;  // nullptr: nothing waits
  uint64_t turn_read_ = 0;                       // the count of reads in this turn
  uint64_t turn_payload_ = 0;     // bytes of messages that had come when this turn began
  uint64_t flushed_payload_ = 0;  // payload bytes that were written before this turn of the loop
  uint64_t drained_payload_ = 0;  // and when nothing waited to be sent
  size_t max_buffered_bytes_;
  uint64_t close_timeout_ms_;
  uint64_t linger_ms_ = kLingerMs;
  uint32_t busy_poll_us_;
  std::unique_ptr<Failure> close_failure_;
  std::unique_ptr<Liveness> liveness_;
  std::unique_ptr<Tracer> tracer_;  // nullptr: nothing is to be told
  ErrorCode hard_failure_ = ErrorCode::kNone;
  uint16_t inside_ = 0;
  uint8_t resumes_to_wait_ = 0;  // until the loop has polled; 0: nothing waits for that
  Phase phase_ = Phase::kConnecting;
  Phase failed_in_ = Phase::kConnecting;  // where hard_failure_ hit it
  const bool secure_;                     // the target is spoken to in TLS
  bool reported_ = false;                 // the opening or messages, in this turn
  bool lost_output_ = false;
  bool flush_queued_ = false;   // Loop's
  bool resume_queued_ = false;  // Loop's
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_SOCKET_H_
