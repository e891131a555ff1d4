#ifndef WSFD_BENCH_NATIVE_TLS_H_
#define WSFD_BENCH_NATIVE_TLS_H_

#include <memory>
#include <string>

#include "tls/openssl_ptr.h"

namespace wsfd::bench {

// A client's TLS as OpenSSL has it: one context, verification of chain and address.
class Tls {
 public:
  // `ca`: PEM of the trusted root. nullptr if there is none in it.
  static std::unique_ptr<Tls> Create(const std::string& ca);

  // A handshake on a connected socket; `resume`: with the session of an earlier connection, if
  // there is one. nullptr when it fails.
  tls::SslPtr Connect(int fd, bool resume);

 private:
  Tls() = default;
  static int KeepSession(SSL* ssl, SSL_SESSION* session);

  tls::SslCtxPtr context_;
  tls::SslSessionPtr session_;  // the newest
};

}  // namespace wsfd::bench

#endif  // WSFD_BENCH_NATIVE_TLS_H_
