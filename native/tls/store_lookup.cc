#include "tls/store_lookup.h"

#include <openssl/x509_vfy.h>

#include <mutex>

#include "tls/openssl_ptr.h"

namespace wsfd::tls {

namespace {

// The certificates of this subject that `store` has or finds; nullptr or empty: none.
CertificatesPtr CertificatesOf(X509_STORE* store, const X509_NAME* subject) {
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (context == nullptr || X509_STORE_CTX_init(context.get(), store, nullptr, nullptr) != 1) {
    return nullptr;
  }
  return CertificatesPtr(X509_STORE_CTX_get1_certs(context.get(), subject));
}

bool AddTo(X509_STORE* store, const CertificatesPtr& certificates) {
  for (int i = 0; i < sk_X509_num(certificates.get()); ++i) {
    if (X509_STORE_add_cert(store, sk_X509_value(certificates.get(), i)) != 1) return false;
  }
  return true;
}

X509_STORE* BaseOf(const X509_LOOKUP* lookup) {
  return static_cast<X509_STORE*>(X509_LOOKUP_get_method_data(lookup));
}

int FindSubject(X509_LOOKUP* lookup, X509_LOOKUP_TYPE type, const X509_NAME* subject,
                X509_OBJECT* result) {
  if (type != X509_LU_X509) return 0;
  const CertificatesPtr found = CertificatesOf(BaseOf(lookup), subject);
  if (sk_X509_num(found.get()) <= 0 || !AddTo(X509_LOOKUP_get_store(lookup), found)) return 0;
  X509* first = sk_X509_value(found.get(), 0);
  if (X509_OBJECT_set1_X509(result, first) != 1) return 0;
  // The caller adds its own reference; until then, that of the store keeps the result.
  X509_free(first);
  return 1;
}

void FreeBase(X509_LOOKUP* lookup) { X509_STORE_free(BaseOf(lookup)); }

X509_LOOKUP_METHOD* MakeMethod() {
  X509_LOOKUP_METHOD* method = X509_LOOKUP_meth_new("wsfd");
  if (method == nullptr) return nullptr;
  X509_LOOKUP_meth_set_get_by_subject(method, FindSubject);
  X509_LOOKUP_meth_set_free(method, FreeBase);
  return method;
}

// Never freed: a store may be freed until the process ends. nullptr if memory ran out, this time.
X509_LOOKUP_METHOD* Method() {
  static std::mutex mutex;
  static X509_LOOKUP_METHOD* method = nullptr;
  const std::lock_guard<std::mutex> lock(mutex);
  if (method == nullptr) method = MakeMethod();
  return method;
}

}  // namespace

bool AddLookup(X509_STORE* store, X509_STORE* base) {
  X509_LOOKUP_METHOD* const method = Method();
  X509_LOOKUP* lookup = method == nullptr ? nullptr : X509_STORE_add_lookup(store, method);
  if (lookup == nullptr || X509_STORE_up_ref(base) != 1) return false;
  return X509_LOOKUP_set_method_data(lookup, base) == 1;
}

bool LookUp(X509_STORE* store, X509_STORE* base, const X509_NAME* subject) {
  return AddTo(store, CertificatesOf(base, subject));
}

}  // namespace wsfd::tls
