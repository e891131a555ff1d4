#ifndef WSFD_TEST_NATIVE_FUZZ_TLS_SERVER_H_
#define WSFD_TEST_NATIVE_FUZZ_TLS_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tls/openssl_ptr.h"

namespace wsfd::fuzz {

// PEM of the certificate of every TlsServer, which signs itself: for the name "localhost".
const std::string& ServerCertificate();
// PEM of its private key, of the algorithm EC.
const std::string& ServerKey();

// A TLS server of OpenSSL's without a network, perhaps inside of another one, which is then a
// proxy's.
class TlsServer {
 public:
  // `version`: TLS1_2_VERSION or TLS1_3_VERSION. `outer`: what its bytes go through, or nullptr.
  TlsServer(int version, std::unique_ptr<TlsServer> outer);

  // Takes what a client sent, and answers; appends what it decrypts to.
  void Receive(std::string_view ciphertext, std::string* plaintext);
  // What is to be sent to the client.
  std::string Take();
  // True once that was possible: the handshake is complete.
  bool Write(std::string_view plaintext);
  void KeyUpdate(bool answer_wanted);
  // A HelloRequest of TLS 1.2.
  void Renegotiate();
  void CloseNotify();
  bool connected() const { return SSL_is_init_finished(ssl_.get()) == 1; }

 private:
  std::string TakeOwn();

  std::unique_ptr<TlsServer> outer_;
  tls::SslPtr ssl_;
};

}  // namespace wsfd::fuzz

#endif  // WSFD_TEST_NATIVE_FUZZ_TLS_SERVER_H_
