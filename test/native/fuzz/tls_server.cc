#include "test/native/fuzz/tls_server.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "test/native/fuzz/input.h"

namespace wsfd::fuzz {

namespace {

using tls::PkeyPtr;
using tls::SslCtxPtr;
using tls::X509Ptr;

struct Identity {
  PkeyPtr key;
  X509Ptr certificate;
};

void AddExtension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
  Check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1,
        "an extension can be made");
  X509_EXTENSION_free(extension);
}

Identity MakeIdentity() {
  Identity identity{PkeyPtr(EVP_EC_gen("P-256")), X509Ptr(X509_new())};
  X509* certificate = identity.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, BytesOf("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, identity.key.get());
  AddExtension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  AddExtension(certificate, NID_basic_constraints, "CA:TRUE");
  Check(X509_sign(certificate, identity.key.get(), EVP_sha256()) != 0,
        "a certificate can be signed");
  return identity;
}

// Lives as long as the process.
const Identity& ServerIdentity() {
  static const auto* const identity = new Identity(MakeIdentity());
  return *identity;
}

SSL_CTX* ServerContext() {
  static SSL_CTX* const context = [] {
    SSL_CTX* made = SSL_CTX_new(TLS_server_method());
    const Identity& identity = ServerIdentity();
    Check(SSL_CTX_use_cert_and_key(made, identity.certificate.get(), identity.key.get(), nullptr,
                                   1) == 1,
          "a server can be made");
    SSL_CTX_set_session_id_context(made, BytesOf("wsfd"), 4);
    return made;
  }();
  return context;
}

std::string Written(int (*write)(BIO*)) {
  const tls::BioPtr memory(BIO_new(BIO_s_mem()));
  Check(write(memory.get()) == 1, "PEM can be written");
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<size_t>(size)};
}

}  // namespace

const std::string& ServerCertificate() {
  static const auto* const pem = new std::string(
      Written([](BIO* to) { return PEM_write_bio_X509(to, ServerIdentity().certificate.get()); }));
  return *pem;
}

const std::string& ServerKey() {
  static const auto* const pem = new std::string(Written([](BIO* to) {
    EVP_PKEY* const key = ServerIdentity().key.get();
    return PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr);
  }));
  return *pem;
}

TlsServer::TlsServer(int version, std::unique_ptr<TlsServer> outer)
    : outer_(std::move(outer)), ssl_(SSL_new(ServerContext())) {
  Check(ssl_ != nullptr, "a server can be made");
  SSL_set_min_proto_version(ssl_.get(), version);
  SSL_set_max_proto_version(ssl_.get(), version);
  SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_accept_state(ssl_.get());
}

void TlsServer::Receive(std::string_view ciphertext, std::string* plaintext) {
  std::string own;
  if (outer_ != nullptr) {
    outer_->Receive(ciphertext, &own);
    ciphertext = own;
  }
  if (ciphertext.empty()) return;
  BIO_write(SSL_get_rbio(ssl_.get()), ciphertext.data(), static_cast<int>(ciphertext.size()));
  ERR_clear_error();
  if (!connected() && SSL_do_handshake(ssl_.get()) != 1) return;
  char part[4096];
  for (int got = 0; (got = SSL_read(ssl_.get(), part, sizeof part)) > 0;) {
    plaintext->append(part, static_cast<size_t>(got));
  }
}

std::string TlsServer::TakeOwn() {
  BIO* const memory = SSL_get_wbio(ssl_.get());
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  std::string bytes(data, static_cast<size_t>(size));
  BIO_ctrl(memory, BIO_CTRL_RESET, 0, nullptr);
  return bytes;
}

std::string TlsServer::Take() {
  std::string bytes = TakeOwn();
  if (outer_ == nullptr) return bytes;
  outer_->Write(bytes);
  return outer_->Take();
}

bool TlsServer::Write(std::string_view plaintext) {
  if (!connected() || plaintext.empty()) return false;
  ERR_clear_error();
  return SSL_write(ssl_.get(), plaintext.data(), static_cast<int>(plaintext.size())) > 0;
}

void TlsServer::KeyUpdate(bool answer_wanted) {
  if (!connected() || SSL_version(ssl_.get()) != TLS1_3_VERSION) return;
  ERR_clear_error();
  SSL_key_update(ssl_.get(),
                 answer_wanted ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
  SSL_do_handshake(ssl_.get());
}

void TlsServer::Renegotiate() {
  if (!connected() || SSL_version(ssl_.get()) != TLS1_2_VERSION) return;
  ERR_clear_error();
  if (SSL_renegotiate(ssl_.get()) == 1) SSL_do_handshake(ssl_.get());
}

void TlsServer::CloseNotify() {
  if (connected()) SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace wsfd::fuzz
