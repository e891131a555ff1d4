#ifndef WSFD_TLS_SESSION_H_
#define WSFD_TLS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_queue.h"
#include "base/error.h"
#include "tls/context.h"
#include "tls/keyword.h"

namespace wsfd::tls {

// For a peer that ended the connection during the handshake without an alert. Mostly the network
// lost the connection; a peer that does so each time has a reason.
inline constexpr char kEndedHandshake[] =
    " ended it during the TLS handshake, without an alert; one that does so each time may want "
    "another TLS version, another cipher suite or a client certificate";

// The peer to connect to.
struct Target {
  std::string host;   // name or IP address (without brackets) that the certificate must be for
  uint16_t port = 0;  // part of the key for kept sessions
  std::string server_name;  // SNI; empty for an IP address
};

// One error that verification found in the peer's certificate chain.
struct CertificateError {
  Keyword keyword;
  int code;             // X509_V_ERR_*; 0: not an error of OpenSSL's (pin)
  int depth;            // 0: the peer's own certificate
  std::string subject;  // RFC 2253 one-line form of that certificate's subject; may be empty
  std::string text;     // a sentence: what is wrong
  bool ignored;         // it was in the ignore list
};

// A certificate as webSocketInfo reports it.
struct CertificateInfo {
  std::string subject, issuer, subject_alt_names, valid_from, valid_to, serial_number;
  std::string fingerprint256;  // upper-case hex with colons
  std::string key_type;        // "rsa", "ec", "ed25519": Node's asymmetricKeyType
  int key_bits = 0;
  std::string pem;
};

// A session as webSocketInfo reports it.
struct SessionInfo {
  std::string version;  // "TLSv1.3"; empty before it is negotiated
  std::string cipher;   // standard (IANA) name; the same
  std::string group;    // key exchange group; may be empty
  std::string alpn;     // may be empty
  std::string server_name;
  bool resumed = false;
  std::vector<CertificateInfo> chain;  // the peer's own certificate first, as the peer sent it
};

// One TLS client session: ciphertext in, plaintext out, and back. No socket; reads the system
// clock. Not thread-safe; belongs to the thread that made it.
class Session {
 public:
  // The result of a call.
  enum class Status : uint8_t {
    kOk,        // done
    kWantRead,  // all input is used up; more ciphertext is needed
    kClosed,    // the peer sent close_notify
    kFailed,    // error() says why; output() may hold an alert that still has to be sent
  };

  // nullptr with *error set when OpenSSL refuses. Nothing is sent before Handshake().
  static std::unique_ptr<Session> Create(std::shared_ptr<Context> context, const Target& target,
                                         Error* error);
  virtual ~Session() = default;

  // Lends ciphertext, which is read in place: it must stay valid until a call returns kWantRead, or
  // until the next SetInput(). A partial record is kept inside.
  virtual void SetInput(const uint8_t* data, size_t size) = 0;

  // Continues the handshake, at first without input. kOk once it is complete and the peer is
  // verified; the rest of the input is for Read(). Each call may add to output().
  virtual Status Handshake() = 0;

  // Decrypts into `out` as much as the input gives (several records). kOk: *count > 0 and `out` is
  // full, so there may be more: call again until another status. kWantRead, kClosed, kFailed:
  // *count bytes (may be more than 0) come before it. May add OpenSSL's own answers (to a
  // KeyUpdate) to output().
  virtual Status Read(uint8_t* out, size_t capacity, size_t* count) = 0;

  // Encrypts all of it into output(), in full records: large pieces are cheaper. kOk or kFailed (as
  // after SendCloseNotify()).
  virtual Status Write(const uint8_t* data, size_t size) = 0;

  // Puts a close_notify into output() (RFC 8446 section 6.1); in a handshake, only gives it up.
  virtual void SendCloseNotify() = 0;

  // Ciphertext to be sent; the caller consumes it, and releases the storage once it is empty.
  virtual ByteQueue& output() = 0;

  // Why the session failed; kNone before.
  virtual const Error& error() const = 0;
  // All certificate errors, ignored ones included, in the order of discovery. Of a resumed session:
  // those of its first handshake.
  virtual const std::vector<CertificateError>& certificate_errors() const = 0;

  // Computed on demand; during a handshake, and after a failed one, what is known so far.
  virtual SessionInfo Info() const = 0;
  // NSS key log lines since the last call, each with its newline; empty unless Config::keylog.
  // Handshake() and Read() may add some; Write() too, since it may send an answer to a KeyUpdate.
  virtual std::string TakeKeyLog() = 0;
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_SESSION_H_
