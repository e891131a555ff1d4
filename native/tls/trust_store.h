#ifndef WSFD_TLS_TRUST_STORE_H_
#define WSFD_TLS_TRUST_STORE_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "tls/context.h"
#include "tls/openssl_ptr.h"

namespace wsfd::tls {

// Catches the store of an SSL_CTX that other code (Node) makes on this thread: its certificates,
// and the directories in which it looks them up.
class ContextStoreWatch {
 public:
  // Observes the contexts made on this thread from now on.
  ContextStoreWatch();
  ~ContextStoreWatch();
  ContextStoreWatch(const ContextStoreWatch&) = delete;
  ContextStoreWatch& operator=(const ContextStoreWatch&) = delete;

  // The store of the context that was made last, if it still exists; nullptr for none.
  SharedStore Take() const;
};

// A store of these certificates. Skips texts that OpenSSL cannot read, as Node does. nullptr if
// memory runs out.
SharedStore NewStore(const std::vector<std::string>& pem_certificates);

// The store with the certificates and revocation lists of `config`: its default store if it has
// none of them. nullptr with *error if an option cannot be read or memory runs out.
StorePtr NewTrustStore(const Config& config, Error* error);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_TRUST_STORE_H_
