#include "tls/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <ctime>
#include <new>
#include <utility>

#include "base/quote.h"
#include "tls/certificate_info.h"
#include "tls/context_impl.h"
#include "tls/ephemeral_keys.h"
#include "tls/failure.h"
#include "tls/openssl_ptr.h"
#include "tls/options.h"
#include "tls/peer_chains.h"
#include "tls/unsent_answers.h"
#include "tls/verification.h"
#include "tls/wire.h"

namespace wsfd::tls {

namespace {

// State that only the handshake needs.
struct HandshakeState {
  std::string host;          // that the certificate must be for
  ResumableSession offered;  // its session is nullptr: none
  EphemeralKeys ephemeral_keys;
  std::string first_input;  // the server's first bytes, in case it speaks no TLS
  bool hello_sent = false;
  bool refused = false;  // verification found an error that is not ignored
};

class SessionImpl final : public Session {
 public:
  SessionImpl(std::shared_ptr<Context> context, const Target& target)
      : context_(std::move(context)),
        cache_key_(SessionCache::KeyOf(target)),
        handshake_(std::make_unique<HandshakeState>()) {
    handshake_->host = target.host;
  }
  ~SessionImpl() override;

  bool Start(const std::string& server_name, Error* error);

  void SetInput(const uint8_t* data, size_t size) override;
  Status Handshake() override;
  Status Read(uint8_t* out, size_t capacity, size_t* count) override;
  Status Write(const uint8_t* data, size_t size) override;
  void SendCloseNotify() override;
  ByteQueue& output() override { return wire_.output; }
  const Error& error() const override { return error_; }
  const std::vector<CertificateError>& certificate_errors() const override;
  SessionInfo Info() const override;
  std::string TakeKeyLog() override { return std::exchange(keylog_, {}); }

  // Called by OpenSSL. No exception may pass through its frames: see CatchBadAlloc().
  int OnVerify(X509_STORE_CTX* store_context);
  int OnNewSession(SSL_SESSION* session);
  void OnCertificateRequest();
  void OnKeyLog(const char* line) { keylog_.append(line).append("\n"); }
  void OutOfMemory() { wire_.out_of_memory = true; }

 private:
  Status Decrypt(uint8_t* out, size_t capacity, size_t* count);
  Status CompleteHandshake();
  Status FailHandshake();
  Status Fail(Error error);
  // The session that an incomplete handshake offered counts as refused, and is not offered again:
  // it may be why the server, or a device before it, ended the connection.
  void ForgetOffered();

  bool connected() const { return handshake_ == nullptr; }
  // There is no other kind of Context.
  ContextImpl& context() const { return static_cast<ContextImpl&>(*context_); }

  const std::shared_ptr<Context> context_;
  const std::string cache_key_;
  Wire wire_;
  SslPtr ssl_;
  std::unique_ptr<HandshakeState> handshake_;  // nullptr once it is complete
  // Of this handshake, or of the resumed session's first one.
  std::shared_ptr<const Verification> verification_;
  std::shared_ptr<const PeerChain> chain_;  // nullptr: not shared
  UnsentAnswers unsent_answers_;
  ClientCertificate client_certificate_ = ClientCertificate::kNotAsked;
  std::string keylog_;
  Error error_;
};

// The cipher suites that clients of `context` offer, by OpenSSL's names, separated by ':'.
std::string OfferedSuites(SSL_CTX* context) {
  // From a new SSL: a failed one lists only the suites of the version that it had chosen.
  const SslPtr fresh(SSL_new(context));
  STACK_OF(SSL_CIPHER)* suites =
      fresh == nullptr ? nullptr : SSL_get1_supported_ciphers(fresh.get());
  std::string names;
  for (int i = 0; i < sk_SSL_CIPHER_num(suites); ++i) {
    names.append(i == 0 ? "" : ":").append(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(suites, i)));
  }
  sk_SSL_CIPHER_free(suites);
  return names;
}

SessionImpl* SessionOf(const SSL* ssl) { return static_cast<SessionImpl*>(SSL_get_app_data(ssl)); }

SessionImpl::~SessionImpl() {
  ForgetOffered();
  // RFC 5246 section 7.2.1: "failure to properly close a connection no longer requires that a
  // session not be resumed". OpenSSL would mark it as not resumable unless both sides had closed
  // the connection. The mark that a fatal alert sets stays.
  if (ssl_ != nullptr && connected() && !error_) {
    SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  }
}

bool SessionImpl::Start(const std::string& server_name, Error* error) {
  ClearErrors();
  const ErrorsCleared cleared;
  ssl_.reset(SSL_new(context().ssl_ctx()));
  BIO* bio = ssl_ == nullptr ? nullptr : NewWireBio(&wire_);
  if (bio == nullptr) {
    *error = Error(ErrorCode::kOutOfMemory, "the TLS session: " + TakeReason());
    return false;
  }
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_connect_state(ssl_.get());
  if (server_name.size() > TLSEXT_MAXLEN_host_name) {
    return RefuseOption(kServerNameOption,
                        Quote(server_name) + " is longer than the 255 bytes that TLS allows",
                        error);
  }
  if (SSL_set_app_data(ssl_.get(), this) != 1 ||
      (!server_name.empty() && SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str()) != 1)) {
    *error = Error(ErrorCode::kOutOfMemory, "the TLS session: " + TakeReason());
    return false;
  }
  ResumableSession resumable = context().sessions().Take(cache_key_, std::time(nullptr));
  if (resumable.session != nullptr && SSL_set_session(ssl_.get(), resumable.session.get()) == 1) {
    handshake_->offered = std::move(resumable);
  }
  return true;
}

void SessionImpl::SetInput(const uint8_t* data, size_t size) {
  constexpr size_t kRemembered = 64;
  if (!connected() && handshake_->first_input.size() < kRemembered && size > 0) {
    handshake_->first_input.append(reinterpret_cast<const char*>(data),
                                   std::min(size, kRemembered - handshake_->first_input.size()));
  }
  wire_.input = data;
  wire_.input_left = size;
}

Session::Status SessionImpl::Handshake() {
  if (error_) return Status::kFailed;
  if (connected()) return Status::kOk;
  ClearErrors();
  const ErrorsCleared cleared;
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return CompleteHandshake();
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      if (!std::exchange(handshake_->hello_sent, true)) {
        handshake_->ephemeral_keys.KeepOffered(ssl_.get());
      }
      return Status::kWantRead;
    case SSL_ERROR_ZERO_RETURN:  // close_notify tells no more than the end of the stream
      return Fail(Error(ErrorCode::kConnectionLost, std::string("the server") + kEndedHandshake));
    default:
      return FailHandshake();
  }
}

Session::Status SessionImpl::CompleteHandshake() {
  const bool resumed = SSL_session_reused(ssl_.get()) == 1;
  if (handshake_->offered.session != nullptr) context().sessions().RecordOffer(cache_key_, resumed);
  if (resumed) {
    verification_ = std::move(handshake_->offered.verification);
  } else if (verification_ == nullptr) {
    // The verify callback was never called: an anonymous cipher suite, which the caller must have
    // named.
    auto found = std::make_shared<Verification>();
    const bool passes = VerifyWithoutCertificate(context().policy(), found.get());
    verification_ = std::move(found);
    if (!passes) {
      return Fail(Error(ErrorCode::kCertificateRefused, Describe(verification_->errors)));
    }
  }
  handshake_->ephemeral_keys.ClearAll(ssl_.get());
  handshake_.reset();
  SSL_free_buffers(ssl_.get());
  return Status::kOk;
}

Session::Status SessionImpl::FailHandshake() {
  if (wire_.out_of_memory) return Fail(Error(ErrorCode::kOutOfMemory, "the TLS handshake"));
  if (handshake_->refused) {
    return Fail(Error(ErrorCode::kCertificateRefused, Describe(verification_->errors)));
  }
  const char* server_name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return Fail(HandshakeFailure(
      {static_cast<int>(SSL_get_min_proto_version(ssl_.get())),
       static_cast<int>(SSL_get_max_proto_version(ssl_.get())),
       SSL_CTX_get_security_level(context().ssl_ctx()),
       server_name == nullptr ? std::string_view() : std::string_view(server_name),
       handshake_->first_input, OfferedSuites(context().ssl_ctx()), client_certificate_}));
}

Session::Status SessionImpl::Fail(Error error) {
  ClearErrors();
  error_ = std::move(error);
  // RFC 8446 section 6.2, of a fatal alert: "Servers and clients MUST forget the secret values and
  // keys established in failed connections, with the exception of the PSKs associated with session
  // tickets, which SHOULD be discarded if possible."
  if (connected()) context().sessions().DropFrom(cache_key_, this);
  ForgetOffered();
  return Status::kFailed;
}

void SessionImpl::ForgetOffered() {
  if (connected() || handshake_->offered.session == nullptr) return;
  const ResumableSession offered = std::move(handshake_->offered);
  context().sessions().Drop(cache_key_, offered.session.get());
  context().sessions().RecordOffer(cache_key_, false);
}

Session::Status SessionImpl::Read(uint8_t* out, size_t capacity, size_t* count) {
  *count = 0;
  if (error_) return Status::kFailed;
  ClearErrors();
  unsent_answers_.BeforeRead(wire_.output);
  const Status status = Decrypt(out, capacity, count);
  Error unsent = unsent_answers_.AfterRead(wire_.output);
  return status != Status::kFailed && unsent ? Fail(std::move(unsent)) : status;
}

Session::Status SessionImpl::Decrypt(uint8_t* out, size_t capacity, size_t* count) {
  // One call reads at most one record. SSL_CTX_set_read_ahead would save the read of each header,
  // which is cheap here, and moves the rest of its buffer for each record: it was measured to cost
  // 20 to 200 % more.
  while (*count < capacity) {
    size_t got = 0;
    if (SSL_read_ex(ssl_.get(), out + *count, capacity - *count, &got) == 1) {
      *count += got;
      continue;
    }
    switch (SSL_get_error(ssl_.get(), 0)) {
      case SSL_ERROR_WANT_READ:
        // Has no effect while a part of a record is in the buffer.
        SSL_free_buffers(ssl_.get());
        return Status::kWantRead;
      case SSL_ERROR_ZERO_RETURN:
        return Status::kClosed;
      default:
        if (wire_.out_of_memory) return Fail(Error(ErrorCode::kOutOfMemory, "TLS"));
        return Fail(RecordFailure(client_certificate_));
    }
  }
  return Status::kOk;
}

Session::Status SessionImpl::Write(const uint8_t* data, size_t size) {
  if (error_) return Status::kFailed;
  if (size == 0) return Status::kOk;
  ClearErrors();
  size_t written = 0;
  if (SSL_write_ex(ssl_.get(), data, size, &written) == 1 && written == size) {
    SSL_free_buffers(ssl_.get());
    return Status::kOk;
  }
  if (wire_.out_of_memory) return Fail(Error(ErrorCode::kOutOfMemory, "TLS"));
  return Fail(RecordFailure(client_certificate_));
}

void SessionImpl::SendCloseNotify() {
  ForgetOffered();
  // "SSL_shutdown() must not be called if a previous fatal error has occurred on a connection."
  if (error_ || !connected()) return;
  ClearErrors();
  SSL_shutdown(ssl_.get());
  ClearErrors();
}

const std::vector<CertificateError>& SessionImpl::certificate_errors() const {
  static const auto* const none = new std::vector<CertificateError>;
  return verification_ == nullptr ? *none : verification_->errors;
}

SessionInfo SessionImpl::Info() const {
  const ErrorsCleared cleared;
  SSL* ssl = ssl_.get();
  SessionInfo info;
  const char* server_name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (server_name != nullptr) info.server_name = server_name;
  // Before OpenSSL has validated the server's choice, it describes the session that was offered,
  // and may give a version that does not exist.
  if (!connected() && verification_ == nullptr) return info;
  const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl);
  if (cipher != nullptr) info.version = SSL_get_version(ssl);
  const char* cipher_name = cipher == nullptr ? nullptr : SSL_CIPHER_standard_name(cipher);
  if (cipher_name != nullptr) info.cipher = cipher_name;
  const auto group = static_cast<int>(SSL_get_negotiated_group(ssl));
  const char* group_name = group == 0 ? nullptr : SSL_group_to_name(ssl, group);
  if (group_name != nullptr) info.group = group_name;
  const unsigned char* alpn = nullptr;
  unsigned int alpn_size = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &alpn_size);
  info.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
  info.resumed = SSL_session_reused(ssl) == 1;
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    info.chain.push_back(InfoOf(sk_X509_value(chain, i)));
  }
  return info;
}

// Only during the handshake: there is no renegotiation (SSL_OP_NO_RENEGOTIATION).
int SessionImpl::OnVerify(X509_STORE_CTX* store_context) {
  auto found = std::make_shared<Verification>();
  const bool passes = Verify(store_context, context().policy(), handshake_->host, found.get());
  handshake_->refused = !passes;
  verification_ = std::move(found);
  if (!passes) return 0;
  chain_ = context().peer_chains().Share(store_context);
  return 1;
}

int SessionImpl::OnNewSession(SSL_SESSION* session) {
  // A peer without a certificate was never identified, so its session is not resumed.
  const auto& verification =
      verification_ != nullptr || connected() ? verification_ : handshake_->offered.verification;
  if (verification == nullptr || SSL_SESSION_get0_peer(session) == nullptr) return 0;
  if (SSL_SESSION_up_ref(session) == 1) {
    context().sessions().Put(cache_key_,
                             {SslSessionPtr(session), verification, std::time(nullptr), this});
  }
  return 0;  // the callback's own reference is not kept
}

void SessionImpl::OnCertificateRequest() {
  client_certificate_ = SSL_get_certificate(ssl_.get()) == nullptr ? ClientCertificate::kNone
                                                                   : ClientCertificate::kSent;
}

// The result of `call`; `otherwise` if memory ran out in it.
template <typename Call>
int CatchBadAlloc(int otherwise, Call call) {
  try {
    return call();
  } catch (const std::bad_alloc&) {
    return otherwise;
  }
}

int VerifyCallback(X509_STORE_CTX* store_context, void*) {
  const int index = SSL_get_ex_data_X509_STORE_CTX_idx();
  if (index < 0) return 0;
  auto* session =
      SessionOf(static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store_context, index)));
  constexpr int kNoMemory = -1;
  const int judged = CatchBadAlloc(kNoMemory, [&] { return session->OnVerify(store_context); });
  if (judged == kNoMemory) session->OutOfMemory();
  return judged == 1 ? 1 : 0;
}

// Called for a CertificateRequest; 1 continues with the certificate of the context, if any.
int CertificateCallback(SSL* ssl, void*) {
  SessionOf(ssl)->OnCertificateRequest();
  return 1;
}

int NewSessionCallback(SSL* ssl, SSL_SESSION* session) {
  // A session that cannot be kept is just not resumed.
  return CatchBadAlloc(0, [&] { return SessionOf(ssl)->OnNewSession(session); });
}

void KeyLogCallback(const SSL* ssl, const char* line) {
  // If memory runs out, the line is missing in the log.
  CatchBadAlloc(0, [&] {
    SessionOf(ssl)->OnKeyLog(line);
    return 0;
  });
}

}  // namespace

void InstallSessionCallbacks(SSL_CTX* context, bool keylog) {
  SSL_CTX_set_cert_verify_callback(context, VerifyCallback, nullptr);
  SSL_CTX_set_cert_cb(context, CertificateCallback, nullptr);
  SSL_CTX_sess_set_new_cb(context, NewSessionCallback);
  if (keylog) SSL_CTX_set_keylog_callback(context, KeyLogCallback);
}

std::unique_ptr<Session> Session::Create(std::shared_ptr<Context> context, const Target& target,
                                         Error* error) {
  auto session = std::make_unique<SessionImpl>(std::move(context), target);
  if (!session->Start(target.server_name, error)) return nullptr;
  return session;
}

}  // namespace wsfd::tls
