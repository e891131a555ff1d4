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

// Certificates as a peer sent them, its own first.
using PeerChain = std::vector<X509Ptr>;

// The certificate chains of the peers of one Context. OpenSSL parses the certificates of every
// handshake and keeps them with the connection: 5 KiB for a small one, more for a long chain. Here
// connections that were shown the same chain share the objects of the first of them. Thread-safe.
class PeerChains {
 public:
  // To be called when the chain that `store_context` was made for has passed verification, at the
  // end of the verify callback. Where an earlier connection has an equal chain, OpenSSL is made to
  // use that one's objects, and frees those of this connection. The chain that verification built
  // is dropped: X509_STORE_CTX_get0_chain() is nullptr afterwards.
  //
  // The chain is shared for as long as the result is held by one connection at least. nullptr where
  // OpenSSL had no memory for it: this connection then keeps its own.
  std::shared_ptr<const PeerChain> Share(X509_STORE_CTX* store_context);

  // Chains that the table knows of, with those that nobody holds any more.
  size_t size() const { return known_.size(); }

 private:
  using Digest = std::array<uint8_t, 32>;
  static constexpr size_t kLeastPurged = 16;

  // The chain that equals `certificates`: a known one, else a new one, which shares their objects.
  std::shared_ptr<const PeerChain> Find(const Digest& digest, const STACK_OF(X509) * certificates);
  void Purge();

  std::mutex mutex_;
  // By the SHA-256 of the peer's own certificate.
  std::map<Digest, std::weak_ptr<const PeerChain>> known_;
  size_t purge_at_ = kLeastPurged;  // entries
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_PEER_CHAINS_H_
