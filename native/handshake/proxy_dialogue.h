#ifndef WSFD_HANDSHAKE_PROXY_DIALOGUE_H_
#define WSFD_HANDSHAKE_PROXY_DIALOGUE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/error.h"
#include "handshake/response.h"

namespace wsfd::handshake {

// A request for a tunnel, with credentials. Plain data, already validated.
struct ProxyRequest {
  std::string host;  // the target: name or IP address without brackets
  uint16_t port = 0;
  std::string ip_address;     // the 4 or 16 bytes of the host's address; empty: it is a name
  std::string authorization;  // HTTP: the value of Proxy-Authorization; empty: none
  std::string username;       // SOCKS5: 255 bytes at most; both empty: none
  std::string password;
};

// Asks a proxy for a tunnel. Receives bytes in any portions; outputs bytes to send.
class ProxyDialogue {
 public:
  enum class Status : uint8_t {
    kNeedMore,  // all bytes were taken
    kOpened,    // the bytes that were not taken belong to the tunnel
    kRefused,   // error(): ProxyRefused
  };

  virtual ~ProxyDialogue() = default;

  // Takes bytes from the front of `data`; *taken is their number. A status except kNeedMore is
  // final: Receive must not be called again.
  virtual Status Receive(const uint8_t* data, size_t size, size_t* taken) = 0;
  // The connection ended after kNeedMore: sets error().
  virtual void End() = 0;
  // The proxy's answer if it is an HTTP response, or nullptr.
  virtual const Response* response() const { return nullptr; }

  // The bytes to send now. Call at the beginning and after each Receive.
  std::string TakeOutput() { return std::exchange(output_, {}); }
  const Error& error() const { return error_; }
  // Without the credentials.
  virtual std::string DescribeRequest() const = 0;

 protected:
  // `transient`: see Error.
  Status Refuse(std::string detail, bool transient = false) {
    error_ = Error(ErrorCode::kProxyRefused, std::move(detail));
    error_.transient = transient;
    return Status::kRefused;
  }

  std::string output_;
  Error error_;
};

// The method CONNECT of HTTP/1.1 (RFC 9110 section 9.3.6).
std::unique_ptr<ProxyDialogue> NewHttpConnect(const ProxyRequest& request);

// SOCKS version 5 (RFC 1928), with user name and password (RFC 1929) if given. The proxy resolves
// host names.
std::unique_ptr<ProxyDialogue> NewSocks5(const ProxyRequest& request);

}  // namespace wsfd::handshake

#endif  // WSFD_HANDSHAKE_PROXY_DIALOGUE_H_
