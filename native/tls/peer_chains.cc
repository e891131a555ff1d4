#include "tls/peer_chains.h"

#include <openssl/evp.h>

#include <algorithm>
#include <iterator>

namespace wsfd::tls {

namespace {

// (a failed comparison means not equal)
bool IsEqual(const PeerChain& chain, const STACK_OF(X509) * certificates) {
  if (chain.size() != static_cast<size_t>(sk_X509_num(certificates))) return false;
  for (size_t i = 0; i < chain.size(); ++i) {
    if (X509_cmp(chain[i].get(), sk_X509_value(certificates, static_cast<int>(i))) != 0) {
      return false;
    }
  }
  return true;
}

// nullptr if a reference cannot be added.
std::shared_ptr<const PeerChain> ChainOf(const STACK_OF(X509) * certificates) {
  auto chain = std::make_shared<PeerChain>();
  const int count = sk_X509_num(certificates);
  chain->reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    X509* certificate = sk_X509_value(certificates, i);
    if (X509_up_ref(certificate) != 1) return nullptr;
    chain->emplace_back(certificate);
  }
  return chain;
}

// Replaces the objects of `certificates` with those of the equal `chain`.
void Replace(STACK_OF(X509) * certificates, const PeerChain& chain) {
  for (size_t i = 0; i < chain.size(); ++i) {
    X509* shared = chain[i].get();
    X509* own = sk_X509_value(certificates, static_cast<int>(i));
    if (own == shared || X509_up_ref(shared) != 1) continue;
    sk_X509_set(certificates, static_cast<int>(i), shared);
    X509_free(own);
  }
}

}  // namespace

std::shared_ptr<const PeerChain> PeerChains::Share(X509_STORE_CTX* store_context) {
  // OpenSSL takes the peer's key and the session's certificates from this stack later on.
  STACK_OF(X509)* certificates = X509_STORE_CTX_get0_untrusted(store_context);
  X509* own = X509_STORE_CTX_get0_cert(store_context);
  if (own == nullptr || sk_X509_value(certificates, 0) != own) return nullptr;
  Digest digest;
  if (X509_digest(own, EVP_sha256(), digest.data(), nullptr) != 1) return nullptr;
  std::shared_ptr<const PeerChain> chain = Find(digest, certificates);
  if (chain == nullptr) return nullptr;
  // First, as Replace frees the certificates that `store_context` points to.
  X509_STORE_CTX_set_cert(store_context, chain->front().get());
  X509_STORE_CTX_set_current_cert(store_context, chain->front().get());
  Replace(certificates, *chain);
  // The SSL would keep it, and with it the replaced objects.
  X509_STORE_CTX_set0_verified_chain(store_context, nullptr);
  return chain;
}

std::shared_ptr<const PeerChain> PeerChains::Find(const Digest& digest,
                                                  const STACK_OF(X509) * certificates) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Purge();
  std::weak_ptr<const PeerChain>& known = known_[digest];
  std::shared_ptr<const PeerChain> chain = known.lock();
  if (chain != nullptr && IsEqual(*chain, certificates)) return chain;
  // The same certificate may come with other intermediates: the last chain is kept.
  chain = ChainOf(certificates);
  known = chain;
  return chain;
}

// Only once the table has doubled: connections to many servers do not scan all of it each time.
void PeerChains::Purge() {
  if (known_.size() < purge_at_) return;
  for (auto it = known_.begin(); it != known_.end();) {
    it = it->second.expired() ? known_.erase(it) : std::next(it);
  }
  purge_at_ = std::max(kLeastPurged, 2 * known_.size());
}

}  // namespace wsfd::tls
