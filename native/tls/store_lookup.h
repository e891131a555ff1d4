#ifndef WSFD_TLS_STORE_LOOKUP_H_
#define WSFD_TLS_STORE_LOOKUP_H_

#include <openssl/types.h>

namespace wsfd::tls {

// Makes `store` search `base`, to which it keeps a reference, for each subject without a
// certificate in `store`. Copying the certificates of `base` is not enough: it may look up in
// directories. False if memory runs out.
bool AddLookup(X509_STORE* store, X509_STORE* base);

// Adds the certificates of this subject that `base` has or finds to `store`. False if memory runs
// out.
bool LookUp(X509_STORE* store, X509_STORE* base, const X509_NAME* subject);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_STORE_LOOKUP_H_
