#ifndef WSFD_TLS_CONTEXT_IMPL_H_
#define WSFD_TLS_CONTEXT_IMPL_H_

#include <string>
#include <utility>
#include <vector>

#include "tls/context.h"
#include "tls/openssl_ptr.h"
#include "tls/peer_chains.h"
#include "tls/session_cache.h"
#include "tls/verification.h"

namespace wsfd::tls {

// The implementation of every Context.
class ContextImpl final : public Context {
 public:
  ContextImpl(SslCtxPtr ssl_ctx, const Config& config)
      : ssl_ctx_(std::move(ssl_ctx)),
        policy_{config.ignore, config.pinned_public_keys},
        ca_certificates_(config.ca_certificates),
        crls_(config.crls) {}

  SSL_CTX* ssl_ctx() const { return ssl_ctx_.get(); }
  const Policy& policy() const { return policy_; }
  SessionCache& sessions() { return sessions_; }
  PeerChains& peer_chains() { return peer_chains_; }
  // True if it was made from these certificates and revocation lists.
  bool HasListsOf(const Config& config) const {
    return ca_certificates_ == config.ca_certificates && crls_ == config.crls;
  }

 private:
  const SslCtxPtr ssl_ctx_;
  const Policy policy_;
  const std::vector<std::string> ca_certificates_;
  const std::vector<std::string> crls_;
  // A session is resumed only under the configuration that it was verified under.
  SessionCache sessions_;
  PeerChains peer_chains_;
};

// Sets the callbacks through which OpenSSL reaches the Session of an SSL.
void InstallSessionCallbacks(SSL_CTX* context, bool keylog);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_CONTEXT_IMPL_H_
