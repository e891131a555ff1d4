#ifndef WSFD_HANDSHAKE_REQUEST_H_
#define WSFD_HANDSHAKE_REQUEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsfd::handshake {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// The client's opening handshake (RFC 6455 section 4.1). Plain data. `headers` are validated (token
// names, no CR, LF or NUL in values, no header that wsfd alone sets).
struct Request {
  std::string host;    // Host header: "example.org", "example.org:8080", "[::1]:8080"
  std::string target;  // path and query: "/feed?x=1"
  std::string user_agent;
  HeaderList headers;  // the caller's; one with the name of a default header replaces that
  std::vector<std::string> subprotocols;  // unless `headers` has Sec-WebSocket-Protocol
  std::string extensions;                 // Sec-WebSocket-Extensions offer; empty: none
};

// The Sec-WebSocket-Key for 16 random bytes: base64, 24 characters.
std::string EncodeKey(const uint8_t nonce[16]);

// The Sec-WebSocket-Accept that a server must answer to `key` (RFC 6455 section 4.2.2 step 5.4).
// Empty when OpenSSL cannot hash, as without memory.
std::string ComputeAccept(std::string_view key);

// The subprotocols that the request offers, as one list; empty: none.
std::string OfferedSubprotocols(const Request& request);

// The bytes of the request.
std::string WriteRequest(const Request& request, std::string_view key);

}  // namespace wsfd::handshake

#endif  // WSFD_HANDSHAKE_REQUEST_H_
