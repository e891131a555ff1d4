#ifndef WSFD_TLS_FAILURE_H_
#define WSFD_TLS_FAILURE_H_

#include <openssl/err.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wsfd::tls {

// Empties this thread's error queue. SSL_get_error() takes any entry for the error of the last
// call, and Node makes OpenSSL calls on this thread too. (The look first: the queue is mostly
// empty, and clearing costs more than a small record.)
inline void ClearErrors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

// Empties the queue at the end of its scope, also when memory runs out in it: Node's own OpenSSL
// calls would take an error left there for theirs.
struct ErrorsCleared {
  ErrorsCleared() = default;
  ErrorsCleared(const ErrorsCleared&) = delete;
  ErrorsCleared& operator=(const ErrorsCleared&) = delete;
  ~ErrorsCleared() { ClearErrors(); }
};

// Why the last OpenSSL call failed, in OpenSSL's words: the reason of the first error of libssl on
// this thread's queue, else of the first error of all. Empties the queue.
std::string TakeReason();

// Whether the server requested a client certificate, and what was sent.
enum class ClientCertificate : uint8_t { kNotAsked, kNone, kSent };

// Facts about a handshake that OpenSSL's error queue does not hold.
struct HandshakeFacts {
  int min_version, max_version;  // those offered: TLS1_2_VERSION, ...
  int security_level;            // OpenSSL's
  std::string_view server_name;  // SNI
  std::string_view first_input;  // the first bytes from the server
  std::string cipher_suites;     // those offered, separated by ':'
  ClientCertificate client_certificate;
};

// The error of a handshake that failed; takes the reason from this thread's queue.
Error HandshakeFailure(const HandshakeFacts& facts);

// The error of an established connection that failed; takes the reason from this thread's queue.
Error RecordFailure(ClientCertificate client_certificate);

// "TLS 1.2"
std::string VersionName(int version);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_FAILURE_H_
