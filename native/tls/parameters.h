#ifndef WSFD_TLS_PARAMETERS_H_
#define WSFD_TLS_PARAMETERS_H_

#include <openssl/ssl.h>

#include "base/error.h"
#include "tls/context.h"

namespace wsfd::tls {

// Gives `context` the versions, cipher suites and groups of `config`, and the security level. False
// with *error (kInvalidOption) if they are unknown or leave nothing.
bool UseParameters(const Config& config, SSL_CTX* context, Error* error);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_PARAMETERS_H_
