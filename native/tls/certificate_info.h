#ifndef WSFD_TLS_CERTIFICATE_INFO_H_
#define WSFD_TLS_CERTIFICATE_INFO_H_

#include <openssl/x509.h>

#include <string>

#include "tls/session.h"

namespace wsfd::tls {

// A distinguished name in the one-line form of RFC 2253, UTF-8: "CN=localhost,O=Plant".
std::string NameText(const X509_NAME* name);

// ISO 8601, UTC: "2026-01-31T12:00:00Z"; empty for an invalid time.
std::string TimeText(const ASN1_TIME* time);

// The subject alternative names as Node writes them: "DNS:a, IP Address:1.2.3.4"; empty for none.
std::string AltNamesText(X509* certificate);

std::string Base64(const unsigned char* bytes, size_t size);

CertificateInfo InfoOf(X509* certificate);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_CERTIFICATE_INFO_H_
