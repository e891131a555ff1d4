#ifndef WSFD_TLS_PEER_CHAINS_H_
#define WSFD_TLS_PEER_CHAINS_H_

#include <openssl/x509_vfy.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "tls/openssl_ptr.h"

namespace wsfd::tls {

// Certificates as the peer sent them, its own first.
using PeerChain = std::vector<X509Ptr>;

// The certificate chains of the peers of one Context. OpenSSL parses the certificates of every
// handshake and keeps them with the connection: 5 KiB for a small one, more for a long chain. Here,
// connections with equal chains share the objects of the first one. Thread-safe.
class PeerChains {
 public:
  // Called at the end of the verify callback, when the chain of `store_context` has passed
  // verification. If an earlier connection has an equal chain, OpenSSL uses its objects and frees
  // those of this connection. Drops the chain that verification built: X509_STORE_CTX_get0_chain()
  // is nullptr afterwards.
  //
  // The chain is shared as long as at least one connection holds the result. nullptr if it cannot
  // be shared: this connection then keeps its own.
  std::shared_ptr<const PeerChain> Share(X509_STORE_CTX* store_context);

  // Chains in the table, including those that nobody holds any more.
  size_t size() const { return known_.size(); }

 private:
  using Digest = std::array<uint8_t, 32>;
  static constexpr size_t kLeastPurged = 16;

  // The known chain that equals `certificates`, else a new one, which shares their objects.
  std::shared_ptr<const PeerChain> Find(const Digest& digest, const STACK_OF(X509) * certificates);
  void Purge();

  std::mutex mutex_;
  // By the SHA-256 of the peer's own certificate.
  std::map<Digest, std::weak_ptr<const PeerChain>> known_;
  size_t purge_at_ = kLeastPurged;  // entries
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_PEER_CHAINS_H_
