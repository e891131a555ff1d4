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

// What a connection demands of its peer's certificate.
struct Policy {
  IgnoreList ignore;
  std::vector<std::array<uint8_t, 32>> pins;  // empty: any key
};

// What was found when a peer was verified.
struct Verification {
  std::vector<CertificateError> errors;  // in the order of discovery, each (code, depth) once
  // Until when a session may be resumed on the strength of it: at most a day, and not beyond the
  // end of a certificate of the chain or the next update of a revocation list of theirs.
  std::time_t valid_until = 0;
};

// Verifies the chain that `store_context` was made for, with every error that there is; then the
// host (name or IP address) and the pins. True when all errors are in the ignore list; if not, the
// error of `store_context` is the first that is not, for the alert. Needs the app data of
// `store_context`.
bool Verify(X509_STORE_CTX* store_context, const Policy& policy, const std::string& host,
            Verification* result);

// Judges a peer that showed no certificate at all; true when that is in the ignore list.
bool VerifyWithoutCertificate(const Policy& policy, Verification* result);

// "CertificateExpired: the certificate has expired (depth 0, CN=a); ... [ignored]. Not in the
// ignore list: CertificateExpired".
std::string Describe(const std::vector<CertificateError>& errors);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_VERIFICATION_H_
