#ifndef WSFD_TLS_CONTEXT_IMPL_H_
#define WSFD_TLS_CONTEXT_IMPL_H_

#include <utility>

#include "tls/context.h"
#include "tls/openssl_ptr.h"
#include "tls/session_cache.h"
#include "tls/verification.h"

namespace wsfd::tls {

// What is behind every Context.
class ContextImpl final : public Context {
 public:
  ContextImpl(SslCtxPtr ssl_ctx, Policy policy)
      : ssl_ctx_(std::move(ssl_ctx)), policy_(std::move(policy)) {}

  SSL_CTX* ssl_ctx() const { return ssl_ctx_.get(); }
  const Policy& policy() const { return policy_; }
  SessionCache& sessions() { return sessions_; }

 private:
  const SslCtxPtr ssl_ctx_;
  const Policy policy_;
  // Sessions are resumed under the configuration alone that they were verified under.
  SessionCache sessions_;
};

// Sets the callbacks through which OpenSSL reaches the Session of an SSL.
void InstallSessionCallbacks(SSL_CTX* context, bool keylog);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_CONTEXT_IMPL_H_
