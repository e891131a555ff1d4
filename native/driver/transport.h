#ifndef WSFD_DRIVER_TRANSPORT_H_
#define WSFD_DRIVER_TRANSPORT_H_

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/byte_queue.h"
#include "connection/message.h"
#include "driver/failure.h"
#include "driver/loop.h"
#include "tls/session.h"

namespace wsfd::driver {

// A connected stream (TCP, or a pipe) with TLS on it where that is wanted: plaintext comes in, and
// what waits to be written goes out. Belongs to its loop's thread.
//
// Life: Create takes the stream, Attach names who hears of it, Start begins. Close closes the
// stream; what is known of the connection (its counts, its TLS session) stays until the owner lets
// go of the Pointer. Both may be done at any time, also from inside a delegate's function: the
// delegate is not called any more, and the memory goes once control has left the transport.
class Transport final {
 public:
  // Who hears of it. A function may throw std::bad_alloc: where libuv called, OnOutOfMemory
  // follows; where the owner called (Start, Resume), the owner gets it.
  class Delegate {
   public:
    // The TLS handshake is complete, and the peer verified.
    virtual void OnSecured() = 0;
    // Where plaintext that comes next is best put; see Connection::NextSpace. Does not throw.
    virtual connection::Space NextSpace() = 0;
    // Nothing came into it, or what was not taken of that is kept elsewhere. Does not throw.
    virtual void OnSpaceUnused() = 0;
    // `size` bytes came; they are valid until it returns. Returns how many of them were taken. The
    // others are kept, and come again, before what is still to be read, in Resume.
    virtual size_t OnPlaintext(const uint8_t* data, size_t size) = 0;
    // Nothing more comes, or can be understood: then ended() is false, and what TLS has to say to
    // that is still to be flushed. `why` has no error where the stream ended as it should, with
    // close_notify where there is TLS, and where it ended before the handshake was complete.
    virtual void OnTransportEnded(Failure why) = 0;
    // Flush can do something: the stream has room to write again, or TLS has something to say.
    virtual void OnFlushDue() = 0;
    // Resume is to be called in the loop's next iteration.
    virtual void OnResumeDue() = 0;
    // Memory ran out in the midst of something: the transport can only be closed. Does not throw.
    virtual void OnOutOfMemory() = 0;

   protected:
    ~Delegate() = default;
  };

  struct Destroyer {
    void operator()(Transport* transport) const { transport->Destroy(); }
  };
  using Pointer = std::unique_ptr<Transport, Destroyer>;

  // Takes over `stream`, which is connected: closes it even where this throws std::bad_alloc.
  static Pointer Create(Loop* loop, uv_stream_t* stream);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // From now on `delegate` hears of what happens, and what is appended to `output` waits to be
  // written; both outlive this, or Close is called before. Counts begin at 0, and nothing is
  // paused. Not from inside a delegate's function; without a delegate nothing else may be called.
  void Attach(Delegate* delegate, ByteQueue* output);

  // Begins to read, with `session`, unless it is nullptr, after a handshake of its own: inside of
  // the session that there is already. The delegate may be called before this returns.
  void Start(std::unique_ptr<tls::Session> session);

  // Reading stops, and what has been read already is kept. Goes on with the next Resume after
  // Unpause.
  void Pause() { paused_ = true; }
  void Unpause() { paused_ = false; }
  void Resume();

  // From now on what comes is read and dropped; OnTransportEnded tells of the stream's end alone.
  void Discard();

  // Writes of the output what the stream takes, and hands the rest to libuv, once: OnFlushDue tells
  // when that has gone out. Calls nothing of the delegate's but OnResumeDue, where writing fails.
  void Flush();

  // Puts a close_notify, once, behind what TLS has sealed; output that is not sealed is dropped
  // then. Does nothing without TLS.
  void SendCloseNotify();
  // Ends our side of the stream behind what has been written. Nothing is flushed after that.
  void ShutDown();

  void Close();

  // Has the system wait for `bytes` to have come, or the end of the stream, before it calls the
  // stream readable; 1: for any. False where it has no such mark.
  bool SetLowWaterMark(uint32_t bytes);

  bool closed() const { return stream_ == nullptr; }
  bool ended() const { return ended_; }
  bool secured() const { return secured_; }
  bool reading() const { return reading_; }
  bool paused() const { return paused_; }
  // Something is being written by libuv: Flush waits for that.
  bool writing() const { return writing_ != nullptr; }
  // Bytes that libuv holds of what was flushed, and how many of those wait for the system.
  size_t in_flight() const;
  size_t queued() const { return closed() ? 0 : uv_stream_get_write_queue_size(stream_); }
  // TLS has something to say that was not flushed: the end of the handshake, an alert.
  bool has_sealed_output() const { return tls_ != nullptr && !tls_->output().empty(); }
  // UV_E*, negative, once nothing can be written any more.
  int write_error() const { return write_error_; }
  // Some of what was to be written never will be.
  bool lost_output() const { return lost_output_; }
  uint64_t reads() const { return reads_; }
  // Bytes that the last read brought, before TLS.
  size_t last_read() const { return last_read_; }
  uint64_t writes() const { return writes_; }
  // The innermost session; nullptr without TLS.
  tls::Session* tls() const { return tls_.get(); }
  // "127.0.0.1" and 443 of the peer; empty and 0 where it is no TCP.
  std::string RemoteAddress(int* port) const;

 private:
  struct WriteRequest;
  class Inside;

  Transport(Loop* loop, uv_stream_t* stream);
  ~Transport() = default;

  // The way in for libuv.
  template <typename Body>
  void Enter(Body body);
  void Destroy();

  void StartTls(std::unique_ptr<tls::Session> session);
  connection::Space NextSpace(uint8_t* otherwise);
  uv_buf_t ReadBuffer();
  void StartReading();
  void StopReading();
  void OnRead(ssize_t count, const uint8_t* data, size_t capacity);
  void EndStream(ssize_t status);
  void ReceiveCiphertext(const uint8_t* data, size_t size);
  bool Handshake();
  void Decrypt();
  Failure TlsFailure() const;
  void Deliver(const uint8_t* data, size_t size);
  bool EndAfterLostOutput();

  ByteQueue& wire_output() { return tls_ != nullptr ? tls_->output() : *output_; }
  bool Seal();
  void WriteRest(ByteQueue* bytes, size_t written);
  void OnWritten(int status);
  void OrphanWrite();
  void LoseOutput();

  Loop* loop_;
  uv_stream_t* stream_;  // nullptr once it is closed
  Delegate* delegate_ = nullptr;
  ByteQueue* output_ = nullptr;  // plaintext
  WriteRequest* writing_ = nullptr;
  std::unique_ptr<tls::Session> tls_;
  ByteQueue pending_;  // plaintext that was not taken
  uint64_t reads_ = 0;
  size_t last_read_ = 0;
  size_t full_reads_ = 0;  // bytes of the full buffers in a row of this wake-up
  uint64_t writes_ = 0;
  uint64_t reads_at_loss_ = 0;  // the count when output was lost, or later
  int write_error_ = 0;
  uint16_t inside_ = 0;
  uint8_t quiet_polls_ = 0;  // since output was lost, in a row
  bool reading_ = false;
  bool paused_ = false;
  bool discarding_ = false;
  bool ended_ = false;
  bool secured_ = false;
  bool close_notify_received_ = false;
  bool close_notify_sent_ = false;
  bool shut_down_ = false;
  bool lost_output_ = false;
  bool destroyed_ = false;
  sockaddr_in6 peer_ = {};  // or a sockaddr_in; a connection that was reset can't be asked any more
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TRANSPORT_H_
