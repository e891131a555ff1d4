#ifndef WSFD_DEFLATE_PARAMETERS_H_
#define WSFD_DEFLATE_PARAMETERS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace wsfd::deflate {

// The extension's name in Sec-WebSocket-Extensions.
inline constexpr std::string_view kExtensionName = "permessage-deflate";

// RFC 7692 section 7.1.2: the base-2 logarithms of the sizes that an LZ77 window may have.
inline constexpr int kMinWindowBits = 8;
inline constexpr int kMaxWindowBits = 15;

// The parameters to offer. Plain data.
struct Options {
  bool client_no_context_takeover = false;  // we compress each message on its own
  bool server_no_context_takeover = false;  // the server shall do so
  // Our window is at most this and the server's answer. kMaxWindowBits: the server may choose. 0:
  // the parameter is not offered, and the server must not choose.
  int client_max_window_bits = kMaxWindowBits;
  int server_max_window_bits = kMaxWindowBits;  // the server's window shall be at most this
};

// The agreed parameters. Plain data.
struct Agreed {
  bool enabled = false;                     // permessage-deflate is used; else ignore the rest
  bool client_no_context_takeover = false;  // we reset our context after each message
  bool server_no_context_takeover = false;  // the server resets its context after each message
  int client_window_bits = kMaxWindowBits;  // for sending; see kMinDeflateWindowBits
  int server_window_bits = kMaxWindowBits;  // for receiving
};

// The parameters of one extension in their order: a name and its value, unquoted; an empty value:
// the parameter had none.
using ParameterList = std::vector<std::pair<std::string, std::string>>;

// The element for Sec-WebSocket-Extensions that offers `options`.
std::string FormatOffer(const Options& options);

// Validates the parameters with which the server accepted the offer of `options` (RFC 7692 section
// 7.1). kNone: *agreed is filled. HandshakeExtensionInvalid, with the expected and received values:
// *agreed is unchanged.
Error ValidateAnswer(const Options& options, const ParameterList& parameters, Agreed* agreed);

}  // namespace wsfd::deflate

#endif  // WSFD_DEFLATE_PARAMETERS_H_
