#ifndef WSFD_TLS_STORE_LOOKUP_H_
#define WSFD_TLS_STORE_LOOKUP_H_

#include <openssl/types.h>

namespace wsfd::tls {

// Makes `store` look in `base`, of which it keeps a reference, for each subject of which it has no
// certificate. Copying the certificates of `base` would not do: it may look up in folders of its
// own. False when there is no memory.
bool AddLookup(X509_STORE* store, X509_STORE* base);

// Adds to `store` what `base` has or finds of this subject. False when there is no memory.
bool LookUp(X509_STORE* store, X509_STORE* base, const X509_NAME* subject);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_STORE_LOOKUP_H_
