#ifndef WSFD_TLS_TRUST_STORE_H_
#define WSFD_TLS_TRUST_STORE_H_

#include "base/error.h"
#include "tls/context.h"
#include "tls/openssl_ptr.h"

namespace wsfd::tls {

// The store with the certificates and revocation lists that `config` trusts: the process's own if
// it wants nothing more. nullptr with *error when an option cannot be read.
StorePtr StoreFor(const Config& config, Error* error);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_TRUST_STORE_H_
