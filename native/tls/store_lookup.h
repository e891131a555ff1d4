#ifndef WSFD_TLS_STORE_LOOKUP_H_
#define WSFD_TLS_STORE_LOOKUP_H_

#include <openssl/types.h>

namespace wsfd::tls {

// Has `store` look up in `base`, of which it keeps a reference, each subject of which it has no
// certificate itself. A copy of what `base` holds would not do: it may have folders of its own that
// it looks up in. False when there is no memory.
bool AddLookup(X509_STORE* store, X509_STORE* base);

// Adds to `store` what `base` has or finds of this subject. False when there is no memory.
bool LookUp(X509_STORE* store, X509_STORE* base, const X509_NAME* subject);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_STORE_LOOKUP_H_
