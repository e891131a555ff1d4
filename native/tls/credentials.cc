#include "tls/credentials.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include <string>
#include <utility>
#include <vector>

#include "tls/failure.h"
#include "tls/openssl_ptr.h"
#include "tls/options.h"
#include "tls/pem.h"

namespace wsfd::tls {

namespace {

// The options of the parts, for error messages.
struct Source {
  const char* certificate_option;
  const char* key_option;
};

// In the order of KeyAlgorithm.
constexpr const char* kAlgorithmNames[] = {"RSA", "DSA", "EC", "ED25519", "ED448"};

const char* NameOf(KeyAlgorithm algorithm) {
  return kAlgorithmNames[static_cast<uint8_t>(algorithm)];
}

bool IsOf(const EVP_PKEY* key, KeyAlgorithm algorithm) {
  return EVP_PKEY_is_a(key, NameOf(algorithm)) == 1 ||
         (algorithm == KeyAlgorithm::kRsa && EVP_PKEY_is_a(key, "RSA-PSS") == 1);
}

bool CheckAlgorithm(const EVP_PKEY* key, KeyAlgorithm wanted, Error* error) {
  if (IsOf(key, wanted)) return true;
  const char* type = EVP_PKEY_get0_type_name(key);
  std::string what = std::string("expected a key of the algorithm ") + NameOf(wanted) +
                     ", the PEM holds one of the algorithm " + (type != nullptr ? type : "?");
  for (const KeyAlgorithm other : {KeyAlgorithm::kRsa, KeyAlgorithm::kDsa, KeyAlgorithm::kEc,
                                   KeyAlgorithm::kEd25519, KeyAlgorithm::kEd448}) {
    if (!IsOf(key, other)) continue;
    what += std::string("; set ") + kAlgorithmOption + " to '" + NameOf(other) + "'";
  }
  return RefuseOption(kKeyOption, what, error);
}

// `chain` holds the certificates after the leaf; may be nullptr.
bool Use(X509* leaf, EVP_PKEY* key, STACK_OF(X509) * chain, const Source& source, SSL_CTX* context,
         Error* error) {
  ClearErrors();
  if (X509_check_private_key(leaf, key) != 1) {
    ClearErrors();
    return RefuseOption(source.key_option,
                        std::string("the key does not belong to the first certificate of ") +
                            source.certificate_option,
                        error);
  }
  if (SSL_CTX_use_cert_and_key(context, leaf, key, chain, 1) == 1) return true;
  return RefuseOption(source.certificate_option,
                      "the certificate cannot be used at security level " +
                          std::to_string(SSL_CTX_get_security_level(context)) + " (" +
                          TakeReason() + "); '@SECLEVEL=n' in " + kCiphersOption +
                          " sets the level",
                      error);
}

bool UsePem(const Config& config, SSL_CTX* context, Error* error) {
  if (config.certificate_chain.empty()) {
    return RefuseOption(kCertificateOption,
                        std::string("missing or empty, but ") + kKeyOption + " is given", error);
  }
  if (config.private_key.empty()) {
    return RefuseOption(kKeyOption,
                        std::string("missing or empty, but ") + kCertificateOption + " is given",
                        error);
  }
  std::vector<X509Ptr> certificates;
  if (!ReadCertificates(config.certificate_chain, kCertificateOption, &certificates, error)) {
    return false;
  }
  const PkeyPtr key = ReadPrivateKey(config.private_key,
                                     config.has_passphrase ? &config.passphrase : nullptr, error);
  if (key == nullptr || !CheckAlgorithm(key.get(), config.key_algorithm, error)) return false;
  const CertificatesPtr chain(sk_X509_new_null());
  if (chain == nullptr) return OutOfMemory(kCertificateOption, error);
  for (size_t i = 1; i < certificates.size(); ++i) {
    if (sk_X509_push(chain.get(), certificates[i].get()) <= 0) {
      return OutOfMemory(kCertificateOption, error);
    }
    static_cast<void>(certificates[i].release());
  }
  return Use(certificates[0].get(), key.get(), chain.get(), {kCertificateOption, kKeyOption},
             context, error);
}

// Why a PKCS #12 file could not be opened; takes the reason from the queue.
std::string DescribePkcs12Failure() {
  const auto last = ERR_peek_last_error();
  const bool is_mac =
      ERR_GET_LIB(last) == ERR_LIB_PKCS12 && ERR_GET_REASON(last) == PKCS12_R_MAC_VERIFY_FAILURE;
  const std::string reason = TakeReason();
  if (is_mac) return "the passphrase is missing or wrong";
  if (!IsLegacy(reason)) return "cannot be opened: " + reason;
  return LegacyText(reason, "openssl pkcs12 -legacy, then openssl pkcs12 -export");
}

bool UsePkcs12(const Config& config, SSL_CTX* context, Error* error) {
  ClearErrors();
  const BioPtr bio = NewMemoryBio(config.pkcs12);
  if (bio == nullptr) return OutOfMemory(kPkcs12Option, error);
  const Pkcs12Ptr pkcs12(d2i_PKCS12_bio(bio.get(), nullptr));
  if (pkcs12 == nullptr) {
    return RefuseOption(kPkcs12Option, "not a PKCS #12 file in DER: " + TakeReason(), error);
  }
  EVP_PKEY* key = nullptr;
  X509* leaf = nullptr;
  STACK_OF(X509)* others = nullptr;
  const char* passphrase = config.has_passphrase ? config.passphrase.c_str() : nullptr;
  const bool parsed = PKCS12_parse(pkcs12.get(), passphrase, &key, &leaf, &others) == 1;
  const PkeyPtr own_key(key);
  const X509Ptr own_leaf(leaf);
  const CertificatesPtr own_others(others);
  if (!parsed && PKCS12_mac_present(pkcs12.get()) == 0) {
    return RefuseOption(kPkcs12Option,
                        "has no MAC, which this OpenSSL takes without a passphrase alone: make it "
                        "anew (openssl pkcs12 -export, without -nomac)",
                        error);
  }
  if (!parsed) return RefuseOption(kPkcs12Option, DescribePkcs12Failure(), error);
  ClearErrors();
  if (key == nullptr || leaf == nullptr) {
    return RefuseOption(kPkcs12Option,
                        key == nullptr ? "holds no private key"
                                       : "holds no certificate that belongs to its private key",
                        error);
  }
  return Use(leaf, key, others, {kPkcs12Option, kPkcs12Option}, context, error);
}

}  // namespace

bool UseCredentials(const Config& config, SSL_CTX* context, Error* error) {
  const bool has_pem = !config.certificate_chain.empty() || !config.private_key.empty();
  if (config.pkcs12.empty()) return !has_pem || UsePem(config, context, error);
  if (has_pem) {
    return RefuseOption(kPkcs12Option, "given beside sslConfig; one of them only", error);
  }
  return UsePkcs12(config, context, error);
}

}  // namespace wsfd::tls
