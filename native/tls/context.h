#ifndef WSFD_TLS_CONTEXT_H_
#define WSFD_TLS_CONTEXT_H_

#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "tls/keyword.h"

namespace wsfd::tls {

// The private key algorithms that sslConfig.privateKey.algorithm may name.
enum class KeyAlgorithm : uint8_t { kRsa, kDsa, kEc, kEd25519, kEd448 };

// A trust store that several contexts use.
using SharedStore = std::shared_ptr<X509_STORE>;

// The TLS configuration of a connection. Plain data; two equal configurations share one Context.
struct Config {
  // Trust.
  SharedStore default_store;                 // nullptr: only the following
  std::vector<std::string> ca_certificates;  // PEM, each may hold several certificates
  std::vector<std::string> crls;             // PEM
  std::vector<std::array<uint8_t, 32>> pinned_public_keys;  // SHA-256 of the SubjectPublicKeyInfo
  IgnoreList ignore;

  // The client certificate. Empty: none.
  std::string certificate_chain;  // PEM, leaf first
  std::string private_key;        // PEM
  KeyAlgorithm key_algorithm = KeyAlgorithm::kRsa;
  std::string passphrase;
  bool has_passphrase = false;
  std::string pkcs12;  // DER; instead of certificate_chain and private_key

  // Parameters. Versions as in OpenSSL: TLS1_VERSION to TLS1_3_VERSION; 0: the default.
  int min_version = 0;
  int max_version = 0;
  // OpenSSL names separated by ':', TLS 1.2 and 1.3 mixed; empty: default
  std::string cipher_suites;
  std::string groups;  // of the key exchange: OpenSSL names separated by ':'; empty: default
  bool legacy_server_connect = false;  // allows a server without RFC 5746
  bool keylog = false;                 // Session::TakeKeyLog() collects NSS key log lines
};

// An SSL_CTX made from one Config, shared by all connections with that configuration. Thread-safe.
class Context {
 public:
  // The context of `config`: one that is in use or was used recently, else a new one. nullptr with
  // *error set on failure: kInvalidOption names the option, what it should be and what it is.
  // Thread-safe.
  static std::shared_ptr<Context> Get(const Config& config, Error* error);

  virtual ~Context() = default;
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_CONTEXT_H_
