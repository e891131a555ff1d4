#ifndef WSFD_TLS_OPTIONS_H_
#define WSFD_TLS_OPTIONS_H_

#include <string>

#include "base/error.h"

namespace wsfd::tls {

// The names of options as callers write them, for error messages. A test compares them with the
// rows of binding/open_options.inc.
inline constexpr char kCaCertificatesOption[] = "caCertificates";
inline constexpr char kCrlsOption[] = "certificateRevocationLists";
inline constexpr char kSslConfigOption[] = "sslConfig";
inline constexpr char kCertificateOption[] = "sslConfig.localCertificate";
inline constexpr char kKeyOption[] = "sslConfig.privateKey.key";
inline constexpr char kAlgorithmOption[] = "sslConfig.privateKey.algorithm";
inline constexpr char kPassphraseOption[] = "passphrase";
inline constexpr char kPkcs12Option[] = "sslConfig.pkcs12";
inline constexpr char kServerNameOption[] = "serverName";
inline constexpr char kMinVersionOption[] = "minTlsVersion";
inline constexpr char kMaxVersionOption[] = "maxTlsVersion";
inline constexpr char kCiphersOption[] = "cipherSuites";
inline constexpr char kGroupsOption[] = "keyExchangeGroups";
inline constexpr char kLegacyServerOption[] = "legacyServerConnect";

// Sets *error to `what`, as the fault of `option`; returns false for the caller to return.
inline bool RefuseOption(const char* option, const std::string& what, Error* error) {
  *error = Error(ErrorCode::kInvalidOption, std::string(option) + ": " + what);
  return false;
}

}  // namespace wsfd::tls

#endif  // WSFD_TLS_OPTIONS_H_
