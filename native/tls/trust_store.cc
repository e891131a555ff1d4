#include "tls/trust_store.h"

#include <openssl/ssl.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tls/failure.h"
#include "tls/options.h"
#include "tls/pem.h"
#include "tls/store_lookup.h"

namespace wsfd::tls {

namespace {

// OpenSSL's `long`: no fixed-width type equals it on both Windows and Linux.
using Long = decltype(BIO_ctrl(nullptr, 0, 0, nullptr));

// Adds the certificates to the store, and a lookup in `base` (may be nullptr).
bool AddAll(X509_STORE* store, const std::vector<X509Ptr>& certificates, X509_STORE* base) {
  bool added = base == nullptr || AddLookup(store, base);
  for (const X509Ptr& certificate : certificates) {
    added = added && X509_STORE_add_cert(store, certificate.get()) == 1;
    // OpenSSL looks up no subject of which the store has a certificate.
    added =
        added && (base == nullptr || LookUp(store, base, X509_get_subject_name(certificate.get())));
  }
  return added;
}

bool AddOwn(const Config& config, X509_STORE* store, Error* error) {
  std::vector<X509Ptr> certificates;
  for (const std::string& pem : config.ca_certificates) {
    if (!ReadCertificates(pem, kCaCertificatesOption, &certificates, error)) return false;
  }
  std::vector<CrlPtr> crls;
  for (const std::string& pem : config.crls) {
    if (!ReadCrls(pem, kCrlsOption, &crls, error)) return false;
  }
  bool added = AddAll(store, certificates, config.default_store.get());
  for (const CrlPtr& crl : crls) added = added && X509_STORE_add_crl(store, crl.get()) == 1;
  if (!added) *error = Error(ErrorCode::kOutOfMemory, "the trust store: " + TakeReason());
  return added;
}

// The state of this thread's ContextStoreWatch.
struct Watched {
  bool active = false;
  const SSL_CTX* context = nullptr;
};
thread_local Watched watched;

// OpenSSL calls these for every SSL_CTX of the process, when it is made and when it is freed.
void OnContextMade(void* context, void*, CRYPTO_EX_DATA*, int, Long, void*) {
  if (watched.active) watched.context = static_cast<const SSL_CTX*>(context);
}
void OnContextFreed(void* context, void*, CRYPTO_EX_DATA*, int, Long, void*) {
  if (watched.context == context) watched.context = nullptr;
}

// False if memory ran out, this time.
bool RegisterOnce() {
  static std::mutex mutex;
  static int index = -1;
  const std::lock_guard<std::mutex> lock(mutex);
  if (index < 0) {
    index = SSL_CTX_get_ex_new_index(0, nullptr, OnContextMade, nullptr, OnContextFreed);
  }
  return index >= 0;
}

SharedStore Share(StorePtr store) { return store; }

}  // namespace

ContextStoreWatch::ContextStoreWatch() {
  if (RegisterOnce()) watched = {true, nullptr};
}

ContextStoreWatch::~ContextStoreWatch() { watched = {}; }

SharedStore ContextStoreWatch::Take() const {
  if (watched.context == nullptr) return nullptr;
  X509_STORE* store = SSL_CTX_get_cert_store(watched.context);
  return Share(StorePtr(X509_STORE_up_ref(store) == 1 ? store : nullptr));
}

SharedStore NewStore(const std::vector<std::string>& pem_certificates) {
  const ErrorsCleared cleared;
  std::vector<X509Ptr> certificates;
  for (const std::string& pem : pem_certificates) {
    Error passed_over;
    ReadCertificates(pem, "", &certificates, &passed_over);
  }
  StorePtr store(X509_STORE_new());
  if (store == nullptr || !AddAll(store.get(), certificates, nullptr)) return nullptr;
  return Share(std::move(store));
}

StorePtr NewTrustStore(const Config& config, Error* error) {
  X509_STORE* const defaults = config.default_store.get();
  if (defaults != nullptr && config.ca_certificates.empty() && config.crls.empty() &&
      X509_STORE_up_ref(defaults) == 1) {
    return StorePtr(defaults);
  }
  StorePtr store(X509_STORE_new());
  bool complete = store != nullptr;
  // Every certificate of a chain is checked, as in Node: each CA needs its own list.
  if (complete && !config.crls.empty()) {
    constexpr auto kEach = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    complete = X509_STORE_set_flags(store.get(), kEach) == 1;
  }
  if (!complete) {
    *error = Error(ErrorCode::kOutOfMemory, "the trust store: " + TakeReason());
    return nullptr;
  }
  return AddOwn(config, store.get(), error) ? std::move(store) : nullptr;
}

}  // namespace wsfd::tls
