#ifndef WSFD_TLS_CREDENTIALS_H_
#define WSFD_TLS_CREDENTIALS_H_

#include <openssl/ssl.h>

#include "base/error.h"
#include "tls/context.h"

namespace wsfd::tls {

// Gives `context` the client certificate and key of `config`, if it has any. False with *error
// (kInvalidOption) when they cannot be read, do not fit or are too weak for the security level,
// which must be set before.
bool UseCredentials(const Config& config, SSL_CTX* context, Error* error);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_CREDENTIALS_H_
