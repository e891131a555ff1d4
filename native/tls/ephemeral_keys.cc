#include "tls/ephemeral_keys.h"

namespace wsfd::tls {

namespace {

// SSL_get_tmp_key() and SSL_get_peer_tmp_key() return no copy.
enum class Whose : int { kOurs = SSL_CTRL_GET_TMP_KEY, kPeers = SSL_CTRL_GET_PEER_TMP_KEY };

PkeyPtr KeyOf(SSL* ssl, Whose whose) {
  EVP_PKEY* key = nullptr;
  const bool has_key = SSL_ctrl(ssl, static_cast<int>(whose), 0, &key) == 1;
  return PkeyPtr(has_key ? key : nullptr);
}

// "All the functions described here [...] clear all the previous key data and methods from pkey"
// (EVP_PKEY_set_type(3)); the new type does not matter.
void Clear(const PkeyPtr& key) {
  if (key != nullptr) EVP_PKEY_set_type(key.get(), EVP_PKEY_RSA);
}

}  // namespace

void EphemeralKeys::KeepOffered(SSL* ssl) { offered_ = KeyOf(ssl, Whose::kOurs); }

void EphemeralKeys::ClearAll(SSL* ssl) {
  Clear(offered_);
  offered_.reset();
  Clear(KeyOf(ssl, Whose::kOurs));
  Clear(KeyOf(ssl, Whose::kPeers));
}

}  // namespace wsfd::tls
