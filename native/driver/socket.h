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
  Endpoint endpoint;             // the target; with a proxy, the proxy resolves its host
  std::unique_ptr<Proxy> proxy;  // nullptr: none
  handshake::Request request;
  connection::Limits limits;
  connection::CompressionOptions compression;
  std::shared_ptr<tls::Context> tls;  // nullptr: ws
  std::string server_name;            // SNI
  std::string certificate_host;       // the host that the certificate must be for
  bool follows_redirects = false;     // the caller does: a redirect's body is not awaited
  uint64_t timeout_ms = 0;            // from the lookup to the accepted handshake; 0: unlimited
  uint64_t close_timeout_ms = 0;      // longest wait for the server's close frame
  uint64_t ping_interval_ms = 0;      // 0: no keepalive pings
  uint64_t pong_timeout_ms = 0;       // longest wait for any byte after a ping
  size_t max_buffered_bytes = 0;
  uint32_t receive_delay_us = 0;  // longest delay of received bytes: ReceiveDelay
  uint32_t busy_poll_us = 0;      // busy polling for the answer after a write: Loop::BusyPoll
  uint8_t trace = 0;              // bits of TraceTopic: the events for OnTrace
};

// What became of a message that was to be written.
enum class WriteStatus : uint8_t { kAccepted, kNotOpen, kFull, kFailed };

// One WebSocket client over TCP and, with a context, TLS. Belongs to its loop's thread.
//
// Life: Open, then OnOpen or OnOpenFailed. After OnOpen: OnMessages, then OnEnd once for a close
// frame or a failure, unless Close was called. OnClosed comes last: the descriptor is free. Destroy
// may be called at any time, also inside a delegate's function.
class Socket final : private Connector::Delegate,
                     private Tunnel::Delegate,
                     private Transport::Delegate {
 public:
  // Bytes in the payload of an application's ping.
  static constexpr size_t kPingSize = connection::Connection::kLeastPing;

  class Delegate {
   public:
    // No function throws.
    virtual void OnOpen() = 0;
    // `failures` is empty if memory ran out, or FailHard was called.
    virtual void OnOpenFailed(std::vector<Failure> failures) = 0;
    // Received messages; their bytes are valid until it returns.
    virtual void OnMessages(const connection::Batch& batch) = 0;
    // `payload` begins with that of the last Ping before the answered ping; it is truncated to the
    // length of our own pings. `round_trip_ns` is that of a keepalive ping, else 0.
    virtual void OnPong(std::string_view payload, uint64_t round_trip_ns) = 0;
    // No message comes after this. `failure` is nullptr when the peer's close frame ended it.
    virtual void OnEnd(const Failure* failure) = 0;
    // The operating system has taken all output, or some of it is lost: see lost_output().
    virtual void OnDrained() = 0;
    // The descriptor is closed; `failure`: how the end deviated from RFC 6455 section 7, or
    // nullptr.
    virtual void OnClosed(const Failure* failure) = 0;
    // Lines of the NSS key log format, each with its newline, of TLS with the proxy and with the
    // target: in the handshakes, and from then on with each KeyUpdate. Only if tls::Config::keylog
    // is set.
    virtual void OnKeyLog(const std::string& lines) = 0;
    // The events that OpenOptions::trace selects, in their order; called before the function that
    // reports their result.
    virtual void OnTrace(const std::vector<TraceEvent>& events) = 0;

   protected:
    ~Delegate() = default;
  };

  Socket(Loop* loop, OpenOptions options, Delegate* delegate);
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Starts; never calls the delegate before it returns. After std::bad_alloc the socket can only be
  // destroyed.
  void Open();

  // Writing in place: Reserve returns room for `max_payload` bytes, or nullptr with *status set;
  // the message will have `least_payload` bytes or somewhat more. Commit makes `size` of them a
  // message. See Connection::ReserveMessage.
  uint8_t* Reserve(size_t max_payload, size_t least_payload, WriteStatus* status);
  WriteStatus Commit(frame::Opcode opcode, size_t size);

  // Makes room for the frames of `count` messages of `bytes` together, as far as these would wait
  // for the end of the tick: the output need not grow step by step.
  void Expect(size_t count, size_t bytes);
  // Writes a copy of a message.
  WriteStatus Write(frame::Opcode opcode, const uint8_t* payload, size_t size);

  // Sends a ping with kPingSize bytes of payload.
  bool Ping(const uint8_t* payload);

  // Stop and restart reading; messages that are already decoded still come.
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

  // The delegate is not called after this. Only after OnOpenFailed, OnEnd or OnClosed: the socket
  // then deletes itself once it is closed, at once, or when its last bytes (such as an alert) are
  // sent.
  void Release();

  // Closes everything at once, without a close frame, an alert or a callback, and deletes the
  // socket once control has left it.
  void Destroy();

  // Closes everything at once and reports the failure in the next iteration, with `code` if the
  // connection was open. For failures without a way on: memory ran out in an operation, or the
  // application could not be called.
  void FailHard(ErrorCode code) noexcept;

  // Sends output without waiting.
  void Flush();

  // True if some accepted output can no longer be sent.
  bool lost_output() const {
    return lost_output_ || (transport_ != nullptr && transport_->lost_output());
  }
  // Accepted bytes that the operating system has not taken; TLS seals some of them ahead.
  size_t buffered_bytes() const;
  // False once OnDrained was due: bytes of a failed write are output until libuv reports it.
  bool HasOutput() const;
  // Payload bytes of unsent messages, with all that was written since the last turn of the loop,
  // sent or not. For older messages it is an estimate: headers raise it, compression lowers it, and
  // it never exceeds their payload.
  uint64_t UnsentPayload() const;
  bool closed() const { return phase_ >= Phase::kClosed; }
  const connection::Connection& connection() const { return connection_; }
  // The TLS session with the target; nullptr without one.
  const tls::Session* tls() const {
    return secure_ && transport_ != nullptr ? transport_->tls() : nullptr;
  }
  uint64_t reads() const { return transport_ == nullptr ? 0 : transport_->reads(); }
  uint64_t writes() const { return transport_ == nullptr ? 0 : transport_->writes(); }
  // "127.0.0.1" and 443 of the peer; empty and 0 before it is connected, and without TCP.
  std::string RemoteAddress(int* port) const;

 private:
  friend class Loop;

  // How long the peer's end of stream is awaited once the connection is over (RFC 6455 section
  // 7.1.1: the server closes first; "a client MAY initiate the TCP Close" when it does not).
  static constexpr uint64_t kLingerMs = 1000;

  // State of keepalive; a socket without keepalive has none.
  struct Liveness {
    explicit Liveness(connection::Keepalive k) : keepalive(k) {}
    connection::Keepalive keepalive;
    // The application's last payload, our count.
    uint8_t ping[connection::Connection::kMostPing] = {};
    uint8_t timed_ping = 0;  // its count
    uint64_t timed_at = 0;   // when it was sent; 0: the next ping is timed
  };

  ~Socket() = default;

  // Connector::Delegate
  void OnConnected(uv_stream_t* stream) override;
  void OnConnectFailed(std::vector<Failure> failures) override;

  // Tunnel::Delegate
  void OnTunnelOpened(Transport::Pointer transport) override;
  void OnTunnelFailed(std::vector<Failure> failures) override;
  void OnProxyKeyLog(const std::string& lines) override { OnKeyLog(lines); }
  void OnTunnelResumeDue() override;
  void OnProxyRefused() override;

  // Transport::Delegate
  void OnKeyLog(const std::string& lines) override;
  void OnSecured() override;
  connection::Space NextSpace() override { return connection_.NextSpace(); }
  void OnSpaceUnused() override { connection_.ReleaseSpace(); }
  size_t OnPlaintext(const uint8_t* data, size_t size) override;
  void OnTransportEnded(Failure why) override;
  void OnFlushDue() override;
  void OnResumeDue() override;
  void OnOutOfMemory() override;

  // Receiving (socket_receive.cc).
  void BeginTurn();
  bool IsTurnOver() const;
  size_t Receive(const uint8_t* data, size_t size);
  void DeliverPong();
  void AfterReceive(connection::ReceiveStatus status);
  void Opened();
  void ConnectionEnded();
  void FailSecuring(Failure why);
  void Resume();
  // Passes the last read to receive_delay_.
  void CountReadForDelay();
  // Sets the system's low-water mark to that of receive_delay_.
  void ApplyReceiveDelay();
  // Called every millisecond; false once there is no mark to reset (Loop::TickFor).
  bool Tick();

  // Sending (socket_send.cc).
  bool HasRoomFor(size_t size) const;
  // What becomes of a message of `size` bytes, unless memory or entropy is missing.
  WriteStatus CanWrite(size_t size) const;
  WriteStatus Written();
  void SendPending();
  void Drained();
  void SendPongBehindOutput();
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

  // The deadline (socket_deadline.cc).
  void StartTimer(uint64_t ms);
  void StopTimer();
  void OnTimer();
  void DecideAfterPoll();
  void DecideIfPolled();
  void OnDeadline();
  std::string DescribeWait() const;

  // Life (socket.cc).
  void Move(PhaseEvent event) { phase_ = Next(phase_, event); }
  // OnOpen was called, and no end was reported.
  bool IsOpen() const { return phase_ == Phase::kOpen || phase_ == Phase::kClosing; }
  bool IsClosedToDelegate() const { return delegate_ == nullptr || closed(); }
  void OnTransportReady(Transport::Pointer transport);
  void StartOpening();
  void FailOpen(Failure failure);
  void FailOpen(std::vector<Failure> failures);
  bool End(const Failure* failure);
  void Linger();
  bool OutputStillLeaves();
  void CancelConnecting();
  void CloseHandles();
  void Closed();
  void ReportHardFailure();

  // Tracing (socket_trace.cc).
  void DeliverTrace();
  void DeliverKeyLog();
  void TraceTls(const Failure* failure);
  void TraceResponse();

  // Keeps `this` alive while control is in a delegate's function or in a loop that calls one.
  class Inside;
  // The entry for callbacks: runs `body` inside, unless the socket is closed.
  template <typename Body>
  void Enter(Body body);

  Loop* loop_;
  Delegate* delegate_;      // nullptr after Release or Destroy
  Socket* next_ = nullptr;  // in Loop's list
  Socket* previous_ = nullptr;
  std::unique_ptr<OpenOptions> options_;  // until it is open or has failed
  Connector* connector_ = nullptr;
  Tunnel* tunnel_ = nullptr;
  Transport::Pointer transport_;  // once there is a stream to the target
  uv_timer_t* timer_ = nullptr;
  connection::Connection connection_;
  std::unique_ptr<ReceiveDelay> receive_delay_;  // nullptr: no delay
  uint64_t reads_at_turn_ = 0;
  uint64_t payload_in_at_turn_ = 0;
  uint64_t payload_out_at_flush_ = 0;
  uint64_t payload_out_at_drain_ = 0;  // when output was last empty
  uint64_t progress_at_pong_ = 0;      // transport_->progress() at the last look for a pong
  size_t max_buffered_bytes_;
  uint64_t close_timeout_ms_;
  uint64_t linger_ms_ = kLingerMs;
  uint64_t linger_end_ = 0;       // uv_now() from which output is not waited for any more
  uint64_t linger_progress_ = 0;  // transport_->progress() when that was last looked at
  uint32_t busy_poll_us_;
  std::unique_ptr<Failure> close_failure_;
  std::unique_ptr<Liveness> liveness_;
  std::unique_ptr<Tracer> tracer_;  // nullptr: no tracing
  ErrorCode hard_failure_ = ErrorCode::kNone;
  uint16_t inside_ = 0;
  uint8_t resumes_to_wait_ = 0;  // before the decision on a deadline; 0: none is due
  Phase phase_ = Phase::kConnecting;
  Phase phase_at_hard_failure_ = Phase::kConnecting;
  const bool secure_;      // TLS to the target
  bool reported_ = false;  // OnOpen or OnMessages, in this turn
  bool lost_output_ = false;
  bool flush_queued_ = false;   // Loop's
  bool resume_queued_ = false;  // Loop's
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_SOCKET_H_
