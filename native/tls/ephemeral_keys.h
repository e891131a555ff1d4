#ifndef WSFD_TLS_EPHEMERAL_KEYS_H_
#define WSFD_TLS_EPHEMERAL_KEYS_H_

#include "tls/openssl_ptr.h"

namespace wsfd::tls {

// The ephemeral keys of one handshake. Once the secrets are derived they have no use, and without
// them nobody can derive the secrets again; OpenSSL keeps them until the SSL is freed. X25519 takes
// 0.5 KiB, P-256 4 KiB, ML-KEM 8 KiB; from OpenSSL 3.5 on, a client sends ML-KEM with X25519, even
// if the server does not want it.
class EphemeralKeys {
 public:
  // Called once the ClientHello is made: later, OpenSSL returns only the key that the server chose.
  void KeepOffered(SSL* ssl);

  // Called once the handshake is complete: clears the key data.
  void ClearAll(SSL* ssl);

 private:
  PkeyPtr offered_;  // the first one
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_EPHEMERAL_KEYS_H_
