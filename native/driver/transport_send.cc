// The sending half of a transport: from the output through TLS to the stream.

#include <algorithm>
#include <vector>

#include "driver/transport.h"
#include "driver/transport_inside.h"

namespace wsfd::driver {

namespace {

// Bounds the ciphertext in memory.
constexpr size_t kSealSize = 256 * 1024;
// Windows reports no progress before a request is complete: keepalive would take a slow reader for
// a dead peer.
constexpr size_t kWriteRequestSize = 256 * 1024;
// uv_try_write returns the written bytes as an int.
constexpr size_t kMaxTryWrite = size_t{1} << 30;

}  // namespace

// Bytes that the stream did not take at once. Owns them until libuv is done with every part.
struct Transport::WriteRequest {
  explicit WriteRequest(size_t size) : parts((size + kWriteRequestSize - 1) / kWriteRequestSize) {}

  Transport* transport = nullptr;  // nullptr once it needs no callback
  ByteQueue bytes;
  std::vector<uv_write_t> parts;
  size_t unwritten = 0;  // parts that libuv has
};

size_t Transport::in_flight() const { return writing_ != nullptr ? writing_->bytes.size() : 0; }

void Transport::OrphanWrite() {
  if (writing_ != nullptr) writing_->transport = nullptr;
  writing_ = nullptr;
}

// Encrypts a part of the output once the stream has taken the previous part. OpenSSL's own output
// (the end of the handshake) goes out in the same write; but an alert goes out alone, since nothing
// can be sealed behind it. False if TLS failed.
bool Transport::Seal() {
  ByteQueue& plain = *output_;
  const size_t sealed = tls_->output().size();
  if (plain.empty() || sealed >= kSealSize || (sealed != 0 && tls_->error())) return true;
  const size_t size = std::min(plain.size(), kSealSize);
  if (tls_->Write(plain.data(), size) != tls::Session::Status::kOk) return false;
  plain.Consume(size);
  plain.Release();
  return true;
}

void Transport::Flush() {
  while (!closed() && !writing() && !shut_down_) {
    if (write_error_ == 0 && tls_ != nullptr && !Seal()) write_error_ = UV_EPROTO;
    if (write_error_ != 0) return LoseOutput();
    ByteQueue& bytes = wire_output();
    if (bytes.empty()) return;
    writes_++;
    const uv_buf_t buffer =
        uv_buf_init(reinterpret_cast<char*>(bytes.data()),
                    static_cast<unsigned int>(std::min(bytes.size(), kMaxTryWrite)));
    int written = uv_try_write(stream_, &buffer, 1);
    if (written == UV_EAGAIN) written = 0;
    if (written < 0) {
      write_error_ = written;
    } else if (static_cast<size_t>(written) < bytes.size()) {
      WriteRest(&bytes, static_cast<size_t>(written));
    } else {
      bytes.Clear();
      bytes.Release();
    }
  }
}

void Transport::WriteRest(ByteQueue* bytes, size_t written) {
  bytes->Consume(written);
  auto rest = std::make_unique<WriteRequest>(bytes->size());
  rest->bytes.Swap(*bytes);
  const auto on_written = [](uv_write_t* part, int status) {
    auto* self = static_cast<WriteRequest*>(part->data);
    Transport* const transport = self->transport;
    // After a failed part, libuv may keep the later ones until the stream is closed.
    if (status < 0) self->transport = nullptr;
    const bool is_last = --self->unwritten == 0;
    if (is_last) delete self;
    if (transport == nullptr || (!is_last && status == 0)) return;
    transport->Enter([=] { transport->OnWritten(status); });
  };
  int error = 0;
  size_t done = 0;
  for (uv_write_t& part : rest->parts) {
    const size_t size = std::min(rest->bytes.size() - done, kWriteRequestSize);
    auto* const data = reinterpret_cast<char*>(rest->bytes.data() + done);
    const uv_buf_t buffer = uv_buf_init(data, static_cast<unsigned int>(size));
    part.data = rest.get();
    error = uv_write(&part, stream_, &buffer, 1, on_written);
    if (error != 0) break;
    rest->unwritten++;
    done += size;
  }
  if (error == 0) {
    rest->transport = this;
    writing_ = rest.get();
  } else {
    write_error_ = error;
    lost_output_ = true;
  }
  if (rest->unwritten != 0) static_cast<void>(rest.release());
}

void Transport::OnWritten(int status) {
  writing_ = nullptr;
  if (status < 0) {
    write_error_ = status;
    lost_output_ = true;
  }
  delegate_->OnFlushDue();
}

// Writing has failed. The read side reports the end: bytes that the peer sent before must still be
// delivered.
void Transport::LoseOutput() {
  lost_output_ = lost_output_ || !wire_output().empty() || !output_->empty();
  wire_output() = ByteQueue();
  *output_ = ByteQueue();
  reads_at_loss_ = reads_;
  quiet_polls_ = 0;
  delegate_->OnResumeDue();
}

// Ends a stream that has lost output, true then, if the loop has polled and nothing arrived: lack
// of send buffers, or a TLS failure, does not end the read side.
bool Transport::EndAfterLostOutput() {
  if (write_error_ == 0 || paused_ || ended_) return false;
  // Kept bytes count as well.
  if (reads_ != reads_at_loss_ || !pending_.empty()) quiet_polls_ = 0;
  reads_at_loss_ = reads_;
  // The loop polls between two Resumes.
  constexpr uint8_t kQuiet = 2;
  if (quiet_polls_++ == kQuiet) {
    EndStream(UV_EOF);
    return true;
  }
  delegate_->OnResumeDue();
  return false;
}

// RFC 8446 section 6.1: "Each party MUST send a "close_notify" alert before closing its write side
// of the connection, unless it has already sent some error alert."
void Transport::SendCloseNotify() {
  if (tls_ == nullptr || close_notify_sent_) return;
  close_notify_sent_ = true;
  lost_output_ = lost_output_ || !output_->empty();
  *output_ = ByteQueue();
  tls_->SendCloseNotify();
}

void Transport::ShutDown() {
  if (shut_down_ || closed()) return;
  auto request = std::make_unique<uv_shutdown_t>();
  shut_down_ = true;
  const int error =
      uv_shutdown(request.get(), stream_, [](uv_shutdown_t* finished, int) { delete finished; });
  if (error == 0) static_cast<void>(request.release());
}

}  // namespace wsfd::driver
