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

// A connected stream (TCP or pipe), with or without TLS: delivers received plaintext and writes
// output. Belongs to its loop's thread.
//
// Life: Create takes the stream, Attach sets the delegate, Start begins. Close closes the stream;
// the counts and the TLS session stay until the owner releases the Pointer. Both may be done at any
// time, also inside a delegate's function: the delegate is not called after that, and the memory is
// freed once control has left the transport.
class Transport final {
 public:
  // A function may throw std::bad_alloc. In a libuv callback, OnOutOfMemory follows; in a call of
  // the owner (Start, Resume), the owner gets the exception.
  class Delegate {
   public:
    // Lines of the NSS key log format, each with its newline, of every session of the transport;
    // only if tls::Config::keylog is set. Comes before what is received under these keys. Lines
    // that Flush leads to are left in tls().
    virtual void OnKeyLog(const std::string& lines) = 0;
    // The TLS handshake is complete, and the peer verified.
    virtual void OnSecured() = 0;
    // The best place for the next plaintext; see Connection::NextSpace. Does not throw.
    virtual connection::Space NextSpace() = 0;
    // That space stays unused, or its untaken bytes are kept elsewhere. Does not throw.
    virtual void OnSpaceUnused() = 0;
    // Receives `size` bytes, valid until it returns. Returns how many were taken. The others are
    // kept, and come again in Resume, before newly read bytes.
    virtual size_t OnPlaintext(const uint8_t* data, size_t size) = 0;
    // The stream has ended; or TLS has failed: ended() is false, and an alert is still to be
    // flushed. `why` has no error if the stream ended before the handshake was complete, or ended
    // properly (under TLS: with close_notify).
    virtual void OnTransportEnded(Failure why) = 0;
    // Flush is due: the stream can be written to again, or TLS has output of its own.
    virtual void OnFlushDue() = 0;
    // Resume is to be called in the loop's next iteration.
    virtual void OnResumeDue() = 0;
    // Memory ran out in an operation: the transport can only be closed. Does not throw.
    virtual void OnOutOfMemory() = 0;

   protected:
    ~Delegate() = default;
  };

  struct Destroyer {
    void operator()(Transport* transport) const { transport->Destroy(); }
  };
  using Pointer = std::unique_ptr<Transport, Destroyer>;

  // Takes ownership of `stream`, which is connected, even if this throws std::bad_alloc.
  static Pointer Create(Loop* loop, uv_stream_t* stream);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // From now on, `delegate` gets the callbacks and Flush writes `output`; both outlive this, or
  // Close is called before. Resets the counts and unpauses. Not from inside a delegate's function;
  // nothing else may be called before the first Attach.
  void Attach(Delegate* delegate, ByteQueue* output);

  // Begins to read; with a `session` (or nullptr), after its handshake. An existing session
  // encloses it. The delegate may be called before this returns.
  void Start(std::unique_ptr<tls::Session> session);

  // Reading stops; bytes already read are kept. The next Resume after Unpause continues.
  void Pause() { paused_ = true; }
  void Unpause() { paused_ = false; }
  void Resume();

  // From now on, drops what is read; OnTransportEnded reports only the end of the stream.
  void Discard();

  // Writes the output that the stream takes and passes the rest to libuv; OnFlushDue follows once
  // libuv has written it. Until then, only much output is passed on. Of the delegate, calls only
  // OnResumeDue, if writing fails.
  void Flush();

  // Appends a close_notify, once, to the sealed output; drops output that is not sealed. Does
  // nothing without TLS.
  void SendCloseNotify();
  // Ends the write side of the stream after pending writes. Nothing is flushed after this.
  void ShutDown();

  void Close();

  // The system reports the stream as readable only once `bytes` bytes, or its end, have arrived; 1:
  // any byte. False if there is no such mark.
  bool SetLowWaterMark(uint32_t bytes);

  bool closed() const { return stream_ == nullptr; }
  bool ended() const { return ended_; }
  bool secured() const { return secured_; }
  bool reading() const { return reading_; }
  bool paused() const { return paused_; }
  // libuv has a write under way: OnFlushDue follows at its end.
  bool writing() const { return writing_ != nullptr; }
  // Flushed bytes that the system has not taken.
  size_t unsent() const { return writing_ == nullptr ? 0 : UnsentOfWrite(); }
  // Grows when the system takes bytes: counts its writes, and the bytes that libuv wrote later.
  uint64_t progress() const { return writes_ + passed_on_ - queued(); }
  // TLS has unflushed output: the end of the handshake, an alert.
  bool has_sealed_output() const { return tls_ != nullptr && !tls_->output().empty(); }
  // UV_E*, negative, once writing has failed.
  int write_error() const { return write_error_; }
  // Some output can no longer be written.
  bool lost_output() const { return lost_output_; }
  uint64_t reads() const { return reads_; }
  // Bytes of the last read, before TLS.
  size_t last_read() const { return last_read_; }
  uint64_t writes() const { return writes_; }
  // The innermost session; nullptr without TLS.
  tls::Session* tls() const { return tls_.get(); }
  // "127.0.0.1" and 443 of the peer; empty and 0 without TCP.
  std::string RemoteAddress(int* port) const;

 private:
  struct WriteBlock;
  struct WriteRequest;
  class Inside;

  Transport(Loop* loop, uv_stream_t* stream);
  ~Transport() = default;

  // The entry for libuv callbacks.
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
  bool DeliverKeyLog();
  Failure TlsFailure() const;
  void Deliver(const uint8_t* data, size_t size);
  bool EndAfterLostOutput();

  size_t queued() const { return closed() ? 0 : uv_stream_get_write_queue_size(stream_); }
  size_t UnsentOfWrite() const;
  ByteQueue& wire_output() { return tls_ != nullptr ? tls_->output() : *output_; }
  bool Seal();
  void FlushBehind();
  void WriteRest(ByteQueue* bytes, size_t written);
  int Submit(WriteBlock* block);
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
  size_t full_read_bytes_ = 0;  // since a read was short, or reading began
  uint64_t writes_ = 0;
  uint64_t passed_on_ = 0;      // bytes that libuv got to write later
  uint64_t reads_at_loss_ = 0;  // reads_ when output was lost, or later
  int write_error_ = 0;
  uint16_t inside_ = 0;
  uint8_t quiet_polls_ = 0;  // consecutive, since output was lost
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
  sockaddr_in6 peer_ = {};  // or a sockaddr_in; kept, since the system forgets it after a reset
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TRANSPORT_H_
