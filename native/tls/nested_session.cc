#include "tls/nested_session.h"

#include <utility>

#include "tls/unsent_answers.h"

namespace wsfd::tls {

namespace {

// Bytes that the outer session decrypts at once: some full records.
constexpr size_t kBufferSize = 64 * 1024;

class NestedSession final : public Session {
 public:
  NestedSession(std::unique_ptr<Session> outer, std::unique_ptr<Session> inner, std::string early)
      : outer_(std::move(outer)), inner_(std::move(inner)), early_(std::move(early)) {
    inner_->SetInput(reinterpret_cast<const uint8_t*>(early_.data()), early_.size());
  }

  void SetInput(const uint8_t* data, size_t size) override { outer_->SetInput(data, size); }

  Status Handshake() override {
    if (error_) return Status::kFailed;
    for (;;) {
      Status status = inner_->Handshake();
      if (!Seal()) return Status::kFailed;
      if (status != Status::kWantRead) return status;
      status = Refill();
      if (status == Status::kClosed) {
        error_ = Error(ErrorCode::kConnectionLost, std::string("the proxy") + kEndedHandshake);
        return Status::kFailed;
      }
      if (status != Status::kOk) return status;
    }
  }

  Status Read(uint8_t* out, size_t capacity, size_t* count) override {
    *count = 0;
    if (error_) return Status::kFailed;
    unsent_answers_.BeforeRead(outer_->output());
    const Status status = ReadAll(out, capacity, count);
    Error unsent = unsent_answers_.AfterRead(outer_->output());
    if (status == Status::kFailed || !unsent) return status;
    error_ = std::move(unsent);
    return Status::kFailed;
  }

  Status Write(const uint8_t* data, size_t size) override {
    if (error_) return Status::kFailed;
    const Status status = inner_->Write(data, size);
    return Seal() ? status : Status::kFailed;
  }

  void SendCloseNotify() override {
    inner_->SendCloseNotify();
    Seal();
    outer_->SendCloseNotify();
  }

  ByteQueue& output() override { return outer_->output(); }
  const Error& error() const override { return error_ ? error_ : inner_->error(); }
  const std::vector<CertificateError>& certificate_errors() const override {
    return inner_->certificate_errors();
  }
  SessionInfo Info() const override { return inner_->Info(); }
  std::string TakeKeyLog() override { return outer_->TakeKeyLog() + inner_->TakeKeyLog(); }

 private:
  Status ReadAll(uint8_t* out, size_t capacity, size_t* count) {
    for (;;) {
      size_t got = 0;
      Status status = inner_->Read(out + *count, capacity - *count, &got);
      *count += got;
      if (!Seal()) return Status::kFailed;
      if (status != Status::kWantRead) return status;
      status = Refill();
      if (status == Status::kClosed) {
        // RFC 8446 section 6.1: without the server's own close_notify, anybody on the way, the
        // proxy included, may have cut the stream short.
        error_ = Error(ErrorCode::kTlsTruncated, "the proxy ended its TLS connection");
        return Status::kFailed;
      }
      if (status != Status::kOk) return status;
    }
  }

  // Passes plaintext of the outer session to the inner one, which has used up its input. kOk if
  // there is any; kClosed and kFailed come after all plaintext.
  Status Refill() {
    if (buffer_ == nullptr) buffer_.reset(new uint8_t[kBufferSize]);
    size_t count = 0;
    const Status status = outer_->Read(buffer_.get(), kBufferSize, &count);
    std::string().swap(early_);
    inner_->SetInput(buffer_.get(), count);
    if (count != 0) return Status::kOk;
    buffer_.reset();  // an idle connection needs no buffer
    if (status == Status::kFailed) FailWithOuter();
    return status;
  }

  // Encrypts the output of the inner session.
  bool Seal() {
    ByteQueue& bytes = inner_->output();
    if (bytes.empty()) return true;
    const Status status = outer_->Write(bytes.data(), bytes.size());
    bytes.Clear();
    bytes.Release();
    if (status == Status::kOk) return true;
    FailWithOuter();
    return false;
  }

  void FailWithOuter() {
    error_ = Error(outer_->error().code, "with the proxy: " + outer_->error().detail);
  }

  const std::unique_ptr<Session> outer_;
  const std::unique_ptr<Session> inner_;
  std::string early_;                  // the inner session's first input
  std::unique_ptr<uint8_t[]> buffer_;  // its input after that
  UnsentAnswers unsent_answers_;
  Error error_;
};

}  // namespace

std::unique_ptr<Session> Nest(std::unique_ptr<Session> outer, std::unique_ptr<Session> inner,
                              std::string early) {
  return std::make_unique<NestedSession>(std::move(outer), std::move(inner), std::move(early));
}

}  // namespace wsfd::tls
