#ifndef WSFD_TLS_EPHEMERAL_KEYS_H_
#define WSFD_TLS_EPHEMERAL_KEYS_H_

#include "tls/openssl_ptr.h"

namespace wsfd::tls {

// The keys of one handshake's key exchange. They are of no use once the secrets were derived, and
// without them nobody can derive the secrets again; OpenSSL keeps them until the SSL is freed. Of
// X25519 they are 0.5 KiB, of P-256 4 KiB, of ML-KEM 8 KiB, which is sent with X25519 from OpenSSL
// 3.5 on whether the server wants it or not.
class EphemeralKeys {
 public:
  // To be called once the ClientHello was made: afterwards OpenSSL tells of the key alone that the
  // server chose.
  void KeepOffered(SSL* ssl);

  // To be called once the handshake is complete: clears what the keys consist of.
  void ClearAll(SSL* ssl);

 private:
  PkeyPtr first_;  // of the keys that were offered
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_EPHEMERAL_KEYS_H_
