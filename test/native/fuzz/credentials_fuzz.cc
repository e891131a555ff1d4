// What is read of certificates, whosever they are: PEM and DER of certificates, revocation lists,
// keys and PKCS #12 files, the names in them, their verification, and lists of cipher suites.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "test/native/fuzz/input.h"
#include "test/native/fuzz/tls_server.h"
#include "test/native/reference/reference.h"
#include "tls/certificate_info.h"
#include "tls/context.h"
#include "tls/credentials.h"
#include "tls/failure.h"
#include "tls/parameters.h"
#include "tls/pem.h"
#include "tls/trust_store.h"
#include "tls/verification.h"

namespace wsfd::fuzz {

namespace {

constexpr char kPassphrase[] = "sesame";

void CheckText(const std::string& text) {
  Check(reference::IsUtf8(BytesOf(text), text.size()), "a text is UTF-8");
  for (const char byte : text) {
    Check(static_cast<uint8_t>(byte) >= ' ' && byte != 0x7f, "a text has no control character");
  }
}

void CheckRefusal(const Error& error) {
  Check(error.code == ErrorCode::kInvalidOption, "what cannot be read is an option's fault");
  Check(!error.detail.empty(), "a refusal says why");
  CheckText(error.detail);
}

std::string Pem(const char* label, std::string_view der) {
  std::string text = std::string("-----BEGIN ") + label + "-----\n";
  const std::string base64 = tls::Base64(BytesOf(der), der.size());
  for (size_t at = 0; at < base64.size(); at += 64) text += base64.substr(at, 64) + "\n";
  return text + "-----END " + label + "-----\n";
}

// How often a key is derived stands in the file behind the salt, and it may be two milliards of
// times: a caller who has such a file waits. Here nobody wants to.
bool TakesLong(std::string_view der) {
  constexpr uint64_t kMost = 10000;
  const auto at = [der](size_t i) -> uint8_t {
    return i < der.size() ? static_cast<uint8_t>(der[i]) : 0;
  };
  for (size_t salt = 0; salt < der.size(); salt++) {
    if (at(salt) != V_ASN1_OCTET_STRING || at(salt + 1) > 127) continue;
    for (size_t i = salt + 2 + at(salt + 1); at(i) == V_ASN1_INTEGER; i += 2 + at(i + 1)) {
      uint64_t value = 0;
      for (size_t j = 0; j < at(i + 1); j++) value = value << 8 | at(i + 2 + j);
      if (value > kMost) return true;
    }
  }
  return false;
}

void CheckInfo(X509* certificate) {
  const tls::CertificateInfo info = tls::InfoOf(certificate);
  CheckText(info.subject);
  CheckText(info.issuer);
  CheckText(info.subject_alt_names);
  CheckText(info.valid_from + info.valid_to + info.serial_number + info.key_type);
  Check(info.fingerprint256.size() == 32 * 3 - 1, "a fingerprint has 32 bytes");
  tls::ClearErrors();
}

void Verify(X509* certificate, X509_STORE* store, Input* input) {
  static constexpr const char* kHosts[] = {"localhost", "a.example.org", "127.0.0.1", "::1",
                                           ".org",      "example.org.",  "",          "xn--a"};
  tls::Policy policy;
  policy.ignore.bits = input->Number16() * uint32_t{512};
  if (input->Bool()) policy.ignore = tls::IgnoreList::All();
  if (input->Bool()) policy.pins.push_back({1, 2, 3});
  const std::string host = kHosts[input->Below(std::size(kHosts))];
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  Check(context != nullptr && X509_STORE_CTX_init(context, store, certificate, nullptr) == 1,
        "a verification can begin");
  X509_STORE_CTX_set_default(context, "ssl_server");
  tls::Verification result;
  const bool passes = tls::Verify(context, policy, host, &result);
  bool all_ignored = true;
  for (const tls::CertificateError& error : result.errors) {
    all_ignored = all_ignored && error.ignored;
    Check(!error.ignored || policy.ignore.Has(error.keyword), "none but the named are ignored");
    Check(error.subject.size() <= 259, "a subject is short");
    CheckText(error.text);
    CheckText(error.subject);
  }
  Check(passes == all_ignored, "one error outside of the list refuses a certificate");
  Check(passes == (X509_STORE_CTX_get_error(context) == X509_V_OK), "the alert has a cause");
  CheckText(tls::Describe(result.errors));
  X509_STORE_CTX_free(context);
  tls::ClearErrors();
}

const tls::SharedStore& DefaultStore() {
  static const auto* const store =
      new tls::SharedStore(tls::NewStore({ServerCertificate(), "not PEM"}));
  return *store;
}

// A certificate, on its own and as one that is trusted, with revocation lists and without.
void ReadCertificate(Input* input) {
  tls::Config config;
  if (input->Bool()) config.default_store = DefaultStore();
  if (input->Bool()) config.ca_certificates.push_back(ServerCertificate());
  const bool trusted = input->Bool();
  const std::string crl = input->Bool() ? Pem("X509 CRL", input->Piece()) : "";
  Input settings = *input;
  input->Take(6);
  const std::string pem = Pem("CERTIFICATE", input->Rest());
  if (trusted) config.ca_certificates.push_back(pem);
  if (!crl.empty()) config.crls.push_back(crl);
  Error error;
  std::vector<tls::X509Ptr> certificates;
  const bool read = tls::ReadCertificates(pem, "caCertificates", &certificates, &error);
  if (!read) return CheckRefusal(error);
  Check(certificates.size() == 1, "a certificate is one");
  CheckInfo(certificates[0].get());
  const tls::StorePtr store = tls::NewTrustStore(config, &error);
  if (store == nullptr) return CheckRefusal(error);
  Verify(certificates[0].get(), store.get(), &settings);
}

void ReadLists(Input* input) {
  tls::Config config;
  if (input->Bool()) config.default_store = DefaultStore();
  const bool crls = input->Bool();
  Input settings = *input;
  input->Take(6);
  (crls ? config.crls : config.ca_certificates).emplace_back(input->Rest());
  Error error;
  const tls::StorePtr store = tls::NewTrustStore(config, &error);
  if (store == nullptr) return CheckRefusal(error);
  std::vector<tls::X509Ptr> own;
  Check(tls::ReadCertificates(ServerCertificate(), "", &own, &error), "our own can be read");
  Verify(own[0].get(), store.get(), &settings);
}

void UseKey(Input* input) {
  static constexpr const char* kLabels[] = {
      "PRIVATE KEY",    "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY",
      "EC PRIVATE KEY", "DSA PRIVATE KEY",       "",
  };
  tls::Config config;
  config.certificate_chain = ServerCertificate();
  config.has_passphrase = input->Bool();
  if (config.has_passphrase) config.passphrase = kPassphrase;
  config.key_algorithm = static_cast<tls::KeyAlgorithm>(input->Below(5));
  const std::string_view label = kLabels[input->Below(std::size(kLabels))];
  const size_t what = input->Below(4);
  const std::string rest(input->Rest());
  if (TakesLong(rest)) return;
  if (what == 0) {
    config.certificate_chain.clear();
    config.pkcs12 = rest;
  } else if (what == 1) {
    config.certificate_chain += Pem("CERTIFICATE", rest);
    config.private_key = ServerKey();
  } else {
    config.private_key = label.empty() ? rest : Pem(label.data(), rest);
  }
  const tls::SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  Error error;
  if (!tls::UseCredentials(config, context.get(), &error)) {
    Check(error.detail.find(kPassphrase) == std::string::npos, "nobody is told a passphrase");
    return CheckRefusal(error);
  }
  Check(rest.empty() || SSL_CTX_get0_certificate(context.get()) != nullptr,
        "what is used is there");
  tls::ClearErrors();
}

void UseSuites(Input* input) {
  tls::Config config;
  static constexpr int kVersions[] = {0, TLS1_2_VERSION, TLS1_3_VERSION};
  config.min_version = kVersions[input->Below(3)];
  config.max_version = kVersions[input->Below(3)];
  std::string& list = input->Bool() ? config.groups : config.cipher_suites;
  for (const char byte : input->Rest()) {
    // What is refused comes back in the error as it was written.
    if (byte > ' ' && byte <= '~') list += byte;
  }
  const tls::SslCtxPtr context(SSL_CTX_new(TLS_client_method()));
  Error error;
  if (!tls::UseParameters(config, context.get(), &error)) return CheckRefusal(error);
  const tls::SslPtr ssl(SSL_new(context.get()));
  Check(ssl != nullptr, "a session can be made");
  STACK_OF(SSL_CIPHER)* offered = SSL_get1_supported_ciphers(ssl.get());
  Check(sk_SSL_CIPHER_num(offered) > 0, "there is a suite to be offered");
  sk_SSL_CIPHER_free(offered);
  tls::ClearErrors();
}

}  // namespace

void Run(Input* input) {
  switch (input->Below(4)) {
    case 0:
      ReadCertificate(input);
      break;
    case 1:
      ReadLists(input);
      break;
    case 2:
      UseKey(input);
      break;
    default:
      UseSuites(input);
  }
}

}  // namespace wsfd::fuzz
