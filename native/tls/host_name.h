#ifndef WSFD_TLS_HOST_NAME_H_
#define WSFD_TLS_HOST_NAME_H_

#include <openssl/types.h>

#include <string>

namespace wsfd::tls {

// True if `host` is compared with a certificate's IP addresses, and not with its names.
bool IsAddress(const std::string& host);

// Whether the certificate is for `host`, a name without a trailing dot or an IP address without
// brackets: RFC 6125, without partial wildcards ("w*.a.b"). `host` is not empty.
bool IsForHost(X509* certificate, const std::string& host);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_HOST_NAME_H_
