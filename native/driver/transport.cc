// A transport's life and its receiving half. Sending has a file of its own.

#include "driver/transport.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "driver/connector.h"
#include "driver/low_water.h"
#include "driver/transport_inside.h"
#include "tls/nested_session.h"

namespace wsfd::driver {

using connection::Space;
using tls::Session;

namespace {

// A wake-up ends after these: a fast connection must leave time for timers and other connections.
constexpr size_t kFullReadBytesPerWakeUp = 2 * Loop::kBufferSize;

}  // namespace

Transport::Pointer Transport::Create(Loop* loop, uv_stream_t* stream) {
  const auto close = [loop](uv_stream_t* unused) {
    loop->CloseHandle(reinterpret_cast<uv_handle_t*>(unused));
  };
  std::unique_ptr<uv_stream_t, decltype(close)> taken(stream, close);
  Pointer transport(new Transport(loop, stream));
  static_cast<void>(taken.release());
  return transport;
}

Transport::Transport(Loop* loop, uv_stream_t* stream) : loop_(loop), stream_(stream) {
  stream_->data = this;
  if (stream_->type != UV_TCP) return;
  sockaddr_storage address = {};
  int size = sizeof address;
  const int error = uv_tcp_getpeername(reinterpret_cast<const uv_tcp_t*>(stream_),
                                       reinterpret_cast<sockaddr*>(&address), &size);
  if (error == 0) std::memcpy(&peer_, &address, sizeof peer_);
}

void Transport::Attach(Delegate* delegate, ByteQueue* output) {
  delegate_ = delegate;
  output_ = output;
  reads_ = writes_ = reads_at_loss_ = 0;
  paused_ = false;
}

void Transport::Start(std::unique_ptr<Session> session) {
  const Inside inside(this);
  if (session != nullptr) StartTls(std::move(session));
  Resume();
}

// Bytes received already are ciphertext of the new session.
void Transport::StartTls(std::unique_ptr<Session> session) {
  const ByteQueue early = std::move(pending_);
  const bool nested = tls_ != nullptr;
  if (nested) {
    session = tls::Nest(std::move(tls_), std::move(session),
                        std::string(reinterpret_cast<const char*>(early.data()), early.size()));
  }
  tls_ = std::move(session);
  secured_ = false;
  Handshake();
  if (!nested && !early.empty() && !closed() && !discarding_) {
    ReceiveCiphertext(early.data(), early.size());
  }
}

void Transport::Close() {
  if (closed()) return;
  lost_output_ = lost_output_ || writing() || (output_ != nullptr && !output_->empty());
  OrphanWrite();
  loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(std::exchange(stream_, nullptr)));
  reading_ = false;
  pending_ = ByteQueue();
}

void Transport::Destroy() {
  Close();
  destroyed_ = true;
  if (inside_ == 0) delete this;
}

// The place for plaintext: the delegate's or, mostly, `otherwise`, a buffer of the loop.
Space Transport::NextSpace(uint8_t* otherwise) {
  if (discarding_ || paused_ || !pending_.empty()) return {otherwise, Loop::kBufferSize};
  const Space space = delegate_->NextSpace();
  if (space.data != nullptr) return {space.data, std::min(space.size, kFullReadBytesPerWakeUp)};
  return {otherwise, std::min(space.size, Loop::kBufferSize)};
}

uv_buf_t Transport::ReadBuffer() {
  const uv_buf_t shared = loop_->receive_buffer();
  if (tls_ != nullptr || shared.base == nullptr) return shared;
  const Space space = NextSpace(reinterpret_cast<uint8_t*>(shared.base));
  return uv_buf_init(reinterpret_cast<char*>(space.data), static_cast<unsigned int>(space.size));
}

void Transport::StartReading() {
  if (reading_ || ended_ || closed()) return;
  reading_ = true;
  full_read_bytes_ = 0;
  const int error = uv_read_start(
      stream_,
      [](uv_handle_t* handle, size_t, uv_buf_t* buffer) {
        *buffer = static_cast<Transport*>(handle->data)->ReadBuffer();
      },
      [](uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
        auto* transport = static_cast<Transport*>(stream->data);
        const auto* data = reinterpret_cast<const uint8_t*>(buffer->base);
        const size_t capacity = buffer->len;
        if (count <= 0 && transport->tls_ == nullptr) transport->delegate_->OnSpaceUnused();
        if (count != 0) transport->Enter([&] { transport->OnRead(count, data, capacity); });
      });
  if (error == 0) return;
  reading_ = false;
  // (after Discard, the owner's timer ends the wait)
  if (!discarding_) EndStream(error);
}

void Transport::StopReading() {
  if (!reading_) return;
  reading_ = false;
  uv_read_stop(stream_);
}

void Transport::OnRead(ssize_t count, const uint8_t* data, size_t capacity) {
  if (count < 0) return EndStream(count);
  const auto size = static_cast<size_t>(count);
  reads_++;
  last_read_ = size;
  if (discarding_) return;
  if (tls_ == nullptr) {
    Deliver(data, size);
  } else {
    ReceiveCiphertext(data, size);
  }
  if (!reading_) return;
  if (paused_) return StopReading();
  full_read_bytes_ = size == capacity ? full_read_bytes_ + size : 0;
  if (full_read_bytes_ >= kFullReadBytesPerWakeUp) {
    StopReading();
    delegate_->OnResumeDue();
  }
}

void Transport::EndStream(ssize_t status) {
  StopReading();
  ended_ = true;
  Failure why;
  if (status != UV_EOF) {
    why = SystemFailure(ErrorCode::kConnectionLost, static_cast<int>(status), "read");
  } else if (write_error_ != 0) {
    // (the session knows why bytes could not be sealed)
    why = tls_ != nullptr && tls_->error()
              ? TlsFailure()
              : SystemFailure(ErrorCode::kConnectionLost, write_error_, "write");
  } else if (secured_ && !close_notify_received_) {
    // RFC 8446 section 6.1: without close_notify an attacker may have cut the stream short.
    why = Failure(Error(ErrorCode::kTlsTruncated));
  }
  delegate_->OnTransportEnded(std::move(why));
}

// Continues the handshake; true once it is complete and the delegate still wants plaintext.
bool Transport::Handshake() {
  const Session::Status status = tls_->Handshake();
  if (!DeliverKeyLog()) return false;
  if (status == Session::Status::kWantRead) {
    delegate_->OnFlushDue();
    return false;
  }
  if (status != Session::Status::kOk) {
    delegate_->OnTransportEnded(TlsFailure());
    return false;
  }
  secured_ = true;
  delegate_->OnSecured();
  return !closed() && !discarding_;
}

void Transport::ReceiveCiphertext(const uint8_t* data, size_t size) {
  tls_->SetInput(data, size);
  if (secured_ || Handshake()) Decrypt();
}

// Delivers all plaintext of the session, then its end.
void Transport::Decrypt() {
  uint8_t* const plaintext = loop_->plaintext_buffer();
  Session::Status status = Session::Status::kOk;
  while (status == Session::Status::kOk) {
    const Space space = NextSpace(plaintext);
    size_t count = 0;
    while (status == Session::Status::kOk && count != space.size) {
      size_t more = 0;
      status = tls_->Read(space.data + count, space.size - count, &more);
      count += more;
    }
    // A KeyUpdate may come without plaintext, and want no answer.
    if (!DeliverKeyLog()) return;
    if (count == 0) {
      delegate_->OnSpaceUnused();
    } else {
      Deliver(space.data, count);
    }
    if (closed() || discarding_) return;
  }
  // Output of OpenSSL itself: the answer to a KeyUpdate, an alert.
  if (has_sealed_output()) delegate_->OnFlushDue();
  // The end waits until the delegate has taken all plaintext: Resume comes here again.
  if (closed() || paused_ || !pending_.empty()) return;
  if (status == Session::Status::kClosed) {
    close_notify_received_ = true;
    EndStream(UV_EOF);
  } else if (status == Session::Status::kFailed) {
    delegate_->OnTransportEnded(TlsFailure());
  }
}

// Passes new lines of the key log on; false if the delegate wants nothing more after them.
bool Transport::DeliverKeyLog() {
  const std::string lines = tls_->TakeKeyLog();
  if (lines.empty()) return true;
  delegate_->OnKeyLog(lines);
  return !closed() && !discarding_;
}

Failure Transport::TlsFailure() const {
  Failure failure(tls_->error());
  if (!secured_) failure.certificate_errors = tls_->certificate_errors();
  return failure;
}

// Passes bytes to the delegate, and keeps those that it does not take.
void Transport::Deliver(const uint8_t* data, size_t size) {
  const bool wanted = !paused_ && pending_.empty();
  const size_t taken = wanted ? delegate_->OnPlaintext(data, size) : 0;
  if (taken == size || closed() || discarding_) return;
  if (!pending_.Append(data + taken, size - taken)) throw std::bad_alloc();
  delegate_->OnSpaceUnused();
  // The end of the stream must not overtake kept bytes.
  StopReading();
  if (wanted && !paused_) delegate_->OnResumeDue();
}

void Transport::Resume() {
  const Inside inside(this);
  if (closed() || EndAfterLostOutput() || paused_) return;
  if (!pending_.empty()) {
    const ByteQueue pending = std::move(pending_);
    Deliver(pending.data(), pending.size());
    if (closed() || paused_ || !pending_.empty()) return;
  }
  if (secured_ && !ended_ && !discarding_) Decrypt();
  if (!paused_ && pending_.empty()) StartReading();
}

void Transport::Discard() {
  discarding_ = true;
  paused_ = false;
  pending_ = ByteQueue();
  StartReading();
}

bool Transport::SetLowWaterMark(uint32_t bytes) {
  return !closed() && driver::SetLowWaterMark(stream_, bytes);
}

std::string Transport::RemoteAddress(int* port) const {
  sockaddr_storage address = {};
  std::memcpy(&address, &peer_, sizeof peer_);
  return AddressOf(address, port);
}

}  // namespace wsfd::driver
