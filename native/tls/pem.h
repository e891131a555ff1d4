#ifndef WSFD_TLS_PEM_H_
#define WSFD_TLS_PEM_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "tls/openssl_ptr.h"

namespace wsfd::tls {

// Whether OpenSSL gives this reason for an algorithm that only its legacy provider has, and the
// error text for a file encrypted with it; `conversion` is a command that makes the file anew.
bool IsLegacy(const std::string& reason);
std::string LegacyText(const std::string& reason, const char* conversion);

// Sets *error to OutOfMemory, with the option that is read and OpenSSL's reason. False.
bool OutOfMemory(const char* option, Error* error);

// A BIO over `text`, which must outlive it; nullptr if memory runs out.
BioPtr NewMemoryBio(const std::string& text);

// Appends every certificate in `pem`, with the uses for which OpenSSL's TRUSTED CERTIFICATE trusts
// or rejects it; skips text between them. False with *error (kInvalidOption, naming `option`) if
// one is broken or there is none.
bool ReadCertificates(const std::string& pem, const char* option, std::vector<X509Ptr>* to,
                      Error* error);

// The same for certificate revocation lists.
bool ReadCrls(const std::string& pem, const char* option, std::vector<CrlPtr>* to, Error* error);

// The private key in `pem`; nullptr with *error (kInvalidOption) if there is none that can be read
// with `passphrase` (nullptr: none is known). Never asks on a terminal.
PkeyPtr ReadPrivateKey(const std::string& pem, const std::string* passphrase, Error* error);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_PEM_H_
