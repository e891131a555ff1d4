// The sending half of a transport: from the output through TLS to the stream.

#include <algorithm>
#include <list>
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
// Less output than this waits for the end of a write under way.
constexpr size_t kLeastBlock = 1024 * 1024;
// uv_try_write returns the written bytes as an int.
constexpr size_t kMaxTryWrite = size_t{1} << 30;

}  // namespace

// What one flush left: freed once libuv is done with every part.
struct Transport::WriteBlock {
  WriteBlock(WriteRequest* owner, ByteQueue* from)
      : request(owner), parts((from->size() + kWriteRequestSize - 1) / kWriteRequestSize) {
    bytes.Swap(*from);
  }

  WriteRequest* const request;
  ByteQueue bytes;
  std::vector<uv_write_t> parts;
  size_t unwritten = 0;  // parts that libuv has
};

// Output that the stream did not take at once. Deletes itself once libuv is done with all of it.
struct Transport::WriteRequest {
  void Drop(WriteBlock* block) {
    size -= block->bytes.size();
    blocks.remove_if([block](const WriteBlock& each) { return &each == block; });
  }

  Transport* transport = nullptr;  // nullptr once it needs no callback
  std::list<WriteBlock> blocks;
  size_t size = 0;  // bytes of the blocks
};

size_t Transport::UnsentOfWrite() const { return std::min(writing_->size, queued()); }

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
  if (writing()) FlushBehind();
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

// Libuv writes several blocks one after the other. One for all that waits would hold its memory
// until its last byte is written, beside as much new output.
void Transport::FlushBehind() {
  if (closed() || shut_down_ || tls_ != nullptr || write_error_ != 0) return;
  if (output_->size() >= kLeastBlock) WriteRest(output_, 0);
}

void Transport::WriteRest(ByteQueue* bytes, size_t written) {
  bytes->Consume(written);
  std::unique_ptr<WriteRequest> made;
  if (writing_ == nullptr) made = std::make_unique<WriteRequest>();
  WriteRequest* const request = made != nullptr ? made.get() : writing_;
  WriteBlock* const block = &request->blocks.emplace_back(request, bytes);
  request->size += block->bytes.size();
  const int error = Submit(block);
  if (error == 0) {
    request->transport = this;
    writing_ = request;
  } else {
    write_error_ = error;
    lost_output_ = true;
    if (block->unwritten == 0) request->Drop(block);
  }
  if (!request->blocks.empty()) static_cast<void>(made.release());
}

// UV_E*, negative, if libuv does not take a part.
int Transport::Submit(WriteBlock* block) {
  const auto on_written = [](uv_write_t* part, int status) {
    auto* const written = static_cast<WriteBlock*>(part->data);
    WriteRequest* const self = written->request;
    Transport* const transport = self->transport;
    // After a failed part, libuv may keep the later ones until the stream is closed.
    if (status < 0) self->transport = nullptr;
    if (--written->unwritten == 0) self->Drop(written);
    const bool is_last = self->blocks.empty();
    if (is_last) delete self;
    if (transport == nullptr || (!is_last && status == 0)) return;
    transport->Enter([=] { transport->OnWritten(status); });
  };
  size_t done = 0;
  for (uv_write_t& part : block->parts) {
    const size_t size = std::min(block->bytes.size() - done, kWriteRequestSize);
    auto* const data = reinterpret_cast<char*>(block->bytes.data() + done);
    const uv_buf_t buffer = uv_buf_init(data, static_cast<unsigned int>(size));
    part.data = block;
    const int error = uv_write(&part, stream_, &buffer, 1, on_written);
    if (error != 0) return error;
    block->unwritten++;
    done += size;
    passed_on_ += size;
  }
  return 0;
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
