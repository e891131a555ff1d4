// The sending half of a socket: from the connection's output through TLS to the stream.

#include <algorithm>
#include <vector>

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

using connection::State;

namespace {

// Output that goes out at once; less waits for the end of the tick.
constexpr size_t kFlushAt = 64 * 1024;
// How much is sealed before it is offered to the stream: bounds what lies around encrypted.
constexpr size_t kSealAtOnce = 256 * 1024;
// How much goes into one request to write. Windows tells nothing of a request before all of it is
// written: keepalive would take a peer that is slow to read for one that is gone.
constexpr size_t kMostOfWrite = 256 * 1024;
// libuv counts what it has written in 31 bits.
constexpr size_t kMostToTry = size_t{1} << 30;

}  // namespace

// Bytes that the stream did not take at once. Owns them until libuv is done with every part.
struct Socket::WriteRequest {
  explicit WriteRequest(size_t size) : parts((size + kMostOfWrite - 1) / kMostOfWrite) {}

  Socket* socket = nullptr;  // nullptr once the socket no longer wants to hear of it
  ByteQueue bytes;
  std::vector<uv_write_t> parts;
  size_t unwritten = 0;  // parts that libuv has
};

void Socket::OrphanWrite() {
  writing_->socket = nullptr;
  writing_ = nullptr;
}

size_t Socket::buffered_bytes() const {
  const size_t in_flight = writing_ != nullptr ? writing_->bytes.size() : 0;
  return connection_.output().size() + in_flight;
}

uint64_t Socket::UnsentPayload() const {
  const uint64_t in_turn = connection_.counters().message_bytes_out - flushed_payload_;
  const uint64_t buffered = buffered_bytes();
  const uint64_t older = buffered > in_turn ? buffered - in_turn : 0;
  return in_turn + std::min(older, flushed_payload_ - drained_payload_);
}

bool Socket::HasRoomFor(size_t size) const {
  const size_t buffered = buffered_bytes();
  return buffered <= max_buffered_bytes_ && size <= max_buffered_bytes_ - buffered;
}

uint8_t* Socket::Reserve(size_t max_payload, size_t least_payload, WriteStatus* status) {
  if (phase_ != Phase::kOpen || connection_.state() != State::kOpen || write_error_ != 0) {
    *status = WriteStatus::kNotOpen;
    return nullptr;
  }
  if (!HasRoomFor(least_payload)) {
    *status = WriteStatus::kFull;
    return nullptr;
  }
  uint8_t* room = connection_.ReserveMessage(max_payload, least_payload);
  if (room == nullptr) *status = WriteStatus::kFailed;
  return room;
}

WriteStatus Socket::Commit(frame::Opcode opcode, size_t size) {
  if (!HasRoomFor(size)) return WriteStatus::kFull;
  if (!connection_.CommitMessage(opcode, size)) return WriteStatus::kFailed;
  // Even then the flush at the end of the tick comes: only it tells that everything is out.
  loop_->FlushLater(this);
  if (connection_.output().size() < kFlushAt) return WriteStatus::kAccepted;
  Guard([this] { SendPending(); }, [this] { FailHard(ErrorCode::kOutOfMemory); });
  return phase_ == Phase::kOpen ? WriteStatus::kAccepted : WriteStatus::kFailed;
}

bool Socket::Ping(const uint8_t* payload) {
  if (phase_ != Phase::kOpen || !connection_.SendPing(payload, kPingSize)) return false;
  if (liveness_ != nullptr) std::copy_n(payload, kPingSize, liveness_->ping);
  loop_->FlushLater(this);
  return true;
}

void Socket::Flush() {
  Enter([this] {
    SendPending();
    flushed_payload_ = connection_.counters().message_bytes_out;
    DeliverTrace();
    if (phase_ == Phase::kClosed || phase_ == Phase::kConnecting || writing_ != nullptr) return;
    drained_payload_ = flushed_payload_;
    Drained();
  });
}

// Encrypts a part of the output once the stream has taken the part before. What OpenSSL had to say
// itself (the end of the handshake) leaves in one write with it; but an alert leaves alone, since
// nothing can be sealed behind it. True unless TLS failed.
bool Socket::Seal() {
  ByteQueue& plain = connection_.output();
  const size_t sealed = tls_->output().size();
  if (plain.empty() || sealed >= kSealAtOnce || (sealed != 0 && tls_->error())) return true;
  const size_t size = std::min(plain.size(), kSealAtOnce);
  if (tls_->Write(plain.data(), size) != tls::Session::Status::kOk) return false;
  plain.Consume(size);
  plain.Release();
  return true;
}

void Socket::SendPending() {
  while (stream_ != nullptr && writing_ == nullptr && !shut_) {
    if (write_error_ == 0 && tls_ != nullptr && !Seal()) write_error_ = UV_EPROTO;
    ByteQueue& bytes = tls_ != nullptr ? tls_->output() : connection_.output();
    if (write_error_ != 0) return LoseOutput();
    if (bytes.empty()) return;
    writes_++;
    if (mark_.OnSent()) SetMark();
    const uv_buf_t buffer =
        uv_buf_init(reinterpret_cast<char*>(bytes.data()),
                    static_cast<unsigned int>(std::min(bytes.size(), kMostToTry)));
    int written = uv_try_write(stream_, &buffer, 1);
    if (written == UV_EAGAIN) written = 0;
    if (written < 0) {
      write_error_ = written;
    } else if (static_cast<size_t>(written) < bytes.size()) {
      WriteRest(&bytes, static_cast<size_t>(written));
    } else {
      bytes.Clear();
      bytes.Release();
      if (phase_ == Phase::kOpen) loop_->OnSent();
    }
  }
}

// Nothing can be sent any more. The reading side tells how it ended: what the peer sent before is
// still to be delivered.
void Socket::LoseOutput() {
  ByteQueue& bytes = tls_ != nullptr ? tls_->output() : connection_.output();
  lost_output_ = lost_output_ || !bytes.empty() || !connection_.output().empty();
  bytes = ByteQueue();
  connection_.output() = ByteQueue();
  reads_at_loss_ = reads_;
  quiet_polls_ = 0;
  loop_->ResumeLater(this);
}

// Ends a connection that has lost output, true then, if the loop has polled and nothing came: a
// system that has no room to send, or TLS that failed, does not end the reading side.
bool Socket::EndAfterLostOutput() {
  if (write_error_ == 0 || paused_ || stream_ended_ || stream_ == nullptr) return false;
  // What has come and waits for its turn counts as well.
  if (reads_ != reads_at_loss_ || !pending_.empty()) quiet_polls_ = 0;
  reads_at_loss_ = reads_;
  // Between two Resumes the loop has polled.
  constexpr uint8_t kQuiet = 2;
  if (quiet_polls_++ == kQuiet) {
    OnStreamEnd(UV_EOF);
    return true;
  }
  loop_->ResumeLater(this);
  return false;
}

void Socket::WriteRest(ByteQueue* bytes, size_t written) {
  bytes->Consume(written);
  auto rest = std::make_unique<WriteRequest>(bytes->size());
  rest->bytes.Swap(*bytes);
  const auto on_written = [](uv_write_t* part, int status) {
    auto* self = static_cast<WriteRequest*>(part->data);
    Socket* socket = self->socket;
    // libuv may keep what is behind a part that failed until the stream is closed.
    if (status < 0) self->socket = nullptr;
    const bool is_last = --self->unwritten == 0;
    if (is_last) delete self;
    if (socket != nullptr && (is_last || status < 0)) socket->OnWritten(status);
  };
  int error = 0;
  size_t done = 0;
  for (uv_write_t& part : rest->parts) {
    const size_t size = std::min(rest->bytes.size() - done, kMostOfWrite);
    auto* const data = reinterpret_cast<char*>(rest->bytes.data() + done);
    const uv_buf_t buffer = uv_buf_init(data, static_cast<unsigned int>(size));
    part.data = rest.get();
    error = uv_write(&part, stream_, &buffer, 1, on_written);
    if (error != 0) break;
    rest->unwritten++;
    done += size;
  }
  if (error == 0) {
    rest->socket = this;
    writing_ = rest.get();
  } else {
    write_error_ = error;
    lost_output_ = true;
  }
  if (rest->unwritten != 0) static_cast<void>(rest.release());
}

void Socket::OnWritten(int status) {
  writing_ = nullptr;
  if (status < 0) {
    write_error_ = status;
    lost_output_ = true;
  }
  Flush();
}

// Nothing waits to be sent any more.
void Socket::Drained() {
  connection_.Sent();
  connection_.SendDeferredPong();
  if (!connection_.output().empty()) return loop_->FlushLater(this);
  if (phase_ == Phase::kLingering) SendEndOfStream();
  const bool was_open = phase_ == Phase::kOpen || phase_ == Phase::kLingering;
  if (was_open && delegate_ != nullptr) delegate_->OnDrained();
}

// RFC 8446 section 6.1: "Each party MUST send a "close_notify" alert before closing its write side
// of the connection, unless it has already sent some error alert." What was not sent stays unsent.
void Socket::SayGoodbye() {
  if (tls_ == nullptr || said_goodbye_) return;
  said_goodbye_ = true;
  connection_.output() = ByteQueue();
  tls_->SendCloseNotify();
}

// TLS says its goodbye in any case. TCP's end is the server's to begin (RFC 6455 section 7.1.1)
// unless the connection failed.
void Socket::SendEndOfStream() {
  if (shut_) return;
  SayGoodbye();
  SendPending();
  if (!connection_.error() && connection_.state() == State::kClosed) return;
  auto request = std::make_unique<uv_shutdown_t>();
  shut_ = true;
  const int error =
      uv_shutdown(request.get(), stream_, [](uv_shutdown_t* finished, int) { delete finished; });
  if (error == 0) static_cast<void>(request.release());
}

}  // namespace wsfd::driver
