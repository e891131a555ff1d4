#include "bench/native/tls.h"

#include <openssl/pem.h>

namespace wsfd::bench {

namespace {

// What SSL_read reads at once: as much as fits, not record by record.
constexpr size_t kReadBuffer = 256 * 1024;

}  // namespace

std::unique_ptr<Tls> Tls::Create(const std::string& ca) {
  const tls::BioPtr pem(BIO_new_mem_buf(ca.data(), static_cast<int>(ca.size())));
  const tls::X509Ptr root(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
  std::unique_ptr<Tls> tls(new Tls);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  tls->context_.reset(context);
  if (context == nullptr || !root) return nullptr;
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get());
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, kReadBuffer);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, KeepSession);
  SSL_CTX_set_app_data(context, tls.get());
  return tls;
}

int Tls::KeepSession(SSL* ssl, SSL_SESSION* session) {
  auto* tls = static_cast<Tls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  tls->session_.reset(session);
  return 1;  // the session is ours now
}

tls::SslPtr Tls::Connect(int fd, bool resume) {
  tls::SslPtr ssl(SSL_new(context_.get()));
  SSL_set_fd(ssl.get(), fd);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), "127.0.0.1");
  if (resume && session_) SSL_set_session(ssl.get(), session_.get());
  if (SSL_connect(ssl.get()) != 1) return nullptr;
  return ssl;
}

}  // namespace wsfd::bench
