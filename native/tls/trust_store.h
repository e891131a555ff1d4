#ifndef WSFD_TLS_TRUST_STORE_H_
#define WSFD_TLS_TRUST_STORE_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "tls/context.h"
#include "tls/openssl_ptr.h"

namespace wsfd::tls {

// Catches the store of an SSL_CTX that other code (Node) makes on this thread: the certificates
// that it holds, and the folders that it looks up in.
class ContextStoreWatch {
 public:
  // From here on the contexts that are made on this thread are looked at.
  ContextStoreWatch();
  ~ContextStoreWatch();
  ContextStoreWatch(const ContextStoreWatch&) = delete;
  ContextStoreWatch& operator=(const ContextStoreWatch&) = delete;

  // The store of the context that was made last and is still there; nullptr for none.
  SharedStore Take() const;
};

// A store of these certificates. Texts that OpenSSL cannot read are passed over, as Node does.
// nullptr when there is no memory.
SharedStore NewStore(const std::vector<std::string>& pem_certificates);

// The store with the certificates and revocation lists that `config` trusts: its default store if
// it wants nothing more. nullptr with *error when an option cannot be read.
StorePtr NewTrustStore(const Config& config, Error* error);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_TRUST_STORE_H_
