#ifndef WSFD_HANDSHAKE_RESPONSE_H_
#define WSFD_HANDSHAKE_RESPONSE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "handshake/body.h"
#include "handshake/request.h"

namespace wsfd::handshake {

// Bounds of a server's answer; a larger head: HandshakeHeadTooLarge.
inline constexpr size_t kMaxHeadBytes = 64 * 1024;
inline constexpr size_t kMaxHeadLines = 256;
inline constexpr size_t kMaxBodyBytes = 4096;  // of a refusal, kept for the error

// A server's answer. Header names keep their case; values have no surrounding white space.
struct Response {
  int status = 0;
  std::string reason;
  HeaderList headers;
  std::string body;  // of an answer that is not 101: its first kMaxBodyBytes, without chunk framing

  // The value of the first header of that name (case-insensitive), or nullptr.
  const std::string* Find(std::string_view name) const;
  // A redirect with a Location (RFC 9110 section 15.4).
  bool Redirects() const { return status / 100 == 3 && Find("Location") != nullptr; }
};

// Reads an HTTP/1.1 or 1.0 response head (RFC 9112) and, unless it ends HTTP, the kept part of the
// body, in any portions. Skips interim responses (100 Continue, 103 Early Hints); the bounds cover
// them and the final head together. As strict as Node's parser: a line ends with CR LF and nothing
// else, and no header is folded.
class ResponseReader {
 public:
  enum class Status : uint8_t {
    kNeedMore,  // all bytes were taken
    kHead,      // a head that ends HTTP is complete; the bytes after it were not taken
    kComplete,  // another head and the kept part of its body are complete
    kFailed,    // error(): HandshakeMalformed, HandshakeHeadTooLarge or, by End(), HandshakeEnded
  };

  // The method of the request. HTTP ends with 101 (Switching Protocols) for kGet; with any 2xx for
  // kConnect, "any Content-Length or Transfer-Encoding" of which is ignored (RFC 9110 section
  // 9.3.6).
  enum class Method : uint8_t { kGet, kConnect };
  explicit ResponseReader(Method method = Method::kGet) : method_(method) {}

  // Takes bytes from the front of `data`; *taken is their number. A status except kNeedMore is
  // final: later calls take nothing and return it again.
  Status Receive(const uint8_t* data, size_t size, size_t* taken);
  // The connection ended. kComplete if a head was complete (its body ends here), else kFailed:
  // HandshakeEnded or the earlier error.
  Status End();

  // True once the head is complete, even if the body is not.
  bool has_head() const { return phase_ >= Phase::kBody; }
  const Response& response() const { return response_; }
  const Error& error() const { return error_; }

 private:
  // From kBody on the head is complete.
  enum class Phase : uint8_t { kFailed, kStatusLine, kFields, kBody, kSwitched, kComplete };

  size_t ReceiveHead(std::string_view bytes);
  bool ValidateStatusLineStart(std::string_view bytes);
  void ReceiveLine(std::string_view line);
  void ReceiveStatusLine(std::string_view line);
  void ReceiveField(std::string_view line);
  void FinishHead();
  void Fail(ErrorCode code, std::string detail);
  void FailAtLine(std::string_view what, std::string_view line);

  Method method_;
  Phase phase_ = Phase::kStatusLine;
  std::string partial_;    // the line that has not ended yet
  size_t head_bytes_ = 0;  // of all lines so far, partial_ included
  size_t head_lines_ = 0;
  Response response_;
  BodyReader body_{kMaxBodyBytes};
  Error error_;
};

// What the server accepted.
struct Accepted {
  std::string subprotocol;  // empty: none
  std::string extensions;   // the Sec-WebSocket-Extensions values joined by ", "; empty: none
};

// Validates a 101 (RFC 6455 section 4.1, the list "Once the client's opening handshake has been
// sent"): Upgrade, Connection, Sec-WebSocket-Accept, subprotocol, extensions (each must have been
// offered in `request.extensions`; the caller validates their parameters). Another status:
// HandshakeRefused. kNone when the connection is open; otherwise *accepted is unchanged.
Error CheckResponse(const Request& request, std::string_view key, const Response& response,
                    Accepted* accepted);

// A 400 whose body says that an https: port received a plain-text request.
bool WantsTls(const Response& response);

// "HTTP 407 Proxy Authentication Required; it asks for authentication by "Basic"".
std::string DescribeRefusal(const Response& response);

}  // namespace wsfd::handshake

#endif  // WSFD_HANDSHAKE_RESPONSE_H_
