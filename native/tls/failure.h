#ifndef WSFD_TLS_FAILURE_H_
#define WSFD_TLS_FAILURE_H_

#include <openssl/err.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace wsfd::tls {

// Empties this thread's error queue. SSL_get_error() takes anything on it for the error of the last
// call, and the thread is Node's, which has OpenSSL calls of its own. (The look first: most of the
// time there is nothing, and clearing costs more than a small record.)
inline void ClearErrors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

// Leaves the queue empty at the end of its scope, also when memory runs out in it: Node's own
// OpenSSL calls take an error that is left there for theirs.
struct ErrorsCleared {
  ErrorsCleared() = default;
  ErrorsCleared(const ErrorsCleared&) = delete;
  ErrorsCleared& operator=(const ErrorsCleared&) = delete;
  ~ErrorsCleared() { ClearErrors(); }
};

// Why the last OpenSSL call failed, in OpenSSL's words: the reason of the first error of libssl on
// this thread's queue, else of the first error of all. Empties the queue.
std::string TakeReason();

// Whether the server asked for a client certificate, and what it got then.
enum class ClientCertificate : uint8_t { kNotAsked, kNone, kSent };

// What is known of a handshake beside OpenSSL's error queue.
struct HandshakeFacts {
  int min_version, max_version;  // those offered: TLS1_2_VERSION, ...
  int security_level;            // OpenSSL's
  std::string_view server_name;  // SNI
  std::string_view first_input;  // the beginning of what the server sent
  std::string cipher_suites;     // those offered, with ':' between
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
