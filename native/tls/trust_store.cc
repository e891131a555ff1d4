#include "tls/trust_store.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "tls/failure.h"
#include "tls/options.h"
#include "tls/pem.h"

namespace wsfd::tls {

namespace {

struct DefaultStore {
  StorePtr store;
  std::vector<X509Ptr> certificates;  // those in the store
};

// Set once and never freed: contexts of other threads may use it up to the end of the process.
std::atomic<const DefaultStore*> default_store{nullptr};

// nullptr when there is no memory: then the next one to ask makes it.
const DefaultStore* MakeDefaultStore(const std::vector<std::string>& pem_certificates) {
  const ErrorsCleared cleared;
  auto made = std::make_unique<DefaultStore>();
  made->store.reset(X509_STORE_new());
  bool added = made->store != nullptr;
  for (const std::string& pem : pem_certificates) {
    // Node takes what can be read of its own list and of NODE_EXTRA_CA_CERTS.
    Error passed_over;
    ReadCertificates(pem, "", &made->certificates, &passed_over);
  }
  for (const X509Ptr& certificate : made->certificates) {
    added = added && X509_STORE_add_cert(made->store.get(), certificate.get()) == 1;
  }
  return added ? made.release() : nullptr;
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
  bool added = true;
  for (const X509Ptr& certificate : certificates) {
    added = added && X509_STORE_add_cert(store, certificate.get()) == 1;
  }
  for (const CrlPtr& crl : crls) added = added && X509_STORE_add_crl(store, crl.get()) == 1;
  if (!added) *error = Error(ErrorCode::kOutOfMemory, "the trust store: " + TakeReason());
  return added;
}

}  // namespace

bool HasDefaultTrustStore() { return default_store.load(std::memory_order_acquire) != nullptr; }

void SetDefaultTrustStore(const std::vector<std::string>& pem_certificates) {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
  if (HasDefaultTrustStore()) return;
  default_store.store(MakeDefaultStore(pem_certificates), std::memory_order_release);
}

StorePtr StoreFor(const Config& config, Error* error) {
  const DefaultStore* defaults =
      config.use_default_store ? default_store.load(std::memory_order_acquire) : nullptr;
  if (defaults != nullptr && config.ca_certificates.empty() && config.crls.empty() &&
      X509_STORE_up_ref(defaults->store.get()) == 1) {
    return StorePtr(defaults->store.get());
  }
  StorePtr store(X509_STORE_new());
  bool complete = store != nullptr;
  if (complete && defaults != nullptr) {
    for (const X509Ptr& certificate : defaults->certificates) {
      complete = complete && X509_STORE_add_cert(store.get(), certificate.get()) == 1;
    }
  }
  // Every certificate of a chain is looked up, as in Node: each CA needs a list of its own.
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
