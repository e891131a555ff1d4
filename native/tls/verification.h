#ifndef WSFD_TLS_VERIFICATION_H_
#define WSFD_TLS_VERIFICATION_H_

#include <openssl/x509_vfy.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include "tls/keyword.h"
#include "tls/session.h"

namespace wsfd::tls {

// Requirements on a peer's certificate.
struct Policy {
  IgnoreList ignore;
  std::vector<std::array<uint8_t, 32>> pins;  // empty: any key
};

// The result of verifying a peer.
struct Verification {
  std::vector<CertificateError> errors;  // in the order of discovery, each (code, depth) once
  // A session may be resumed on this result until then: at most a day, and not beyond the end of a
  // certificate of the chain or the next update of one of their revocation lists.
  std::time_t valid_until = 0;
};

// Verifies the chain of `store_context` and collects every error; then checks the host (name or IP
// address) and the pins. True if all errors are in the ignore list; else the verify result of
// `store_context` is the first that is not, for the alert. Needs the app data of `store_context`.
bool Verify(X509_STORE_CTX* store_context, const Policy& policy, const std::string& host,
            Verification* result);

// For a peer that sent no certificate; true if that is in the ignore list.
bool VerifyWithoutCertificate(const Policy& policy, Verification* result);

// "CertificateExpired: the certificate has expired (depth 0, CN=a); ... [ignored]. Not in the
// ignore list: CertificateExpired".
std::string Describe(const std::vector<CertificateError>& errors);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_VERIFICATION_H_
