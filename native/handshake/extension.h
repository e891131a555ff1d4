#ifndef WSFD_HANDSHAKE_EXTENSION_H_
#define WSFD_HANDSHAKE_EXTENSION_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsfd::handshake {

// One element of a Sec-WebSocket-Extensions list (RFC 6455 section 9.1). Names and values keep
// their case and order; repeated ones are kept.
struct Extension {
  std::string name;
  // A parameter's name and its value, unquoted. An empty value: the parameter had none.
  std::vector<std::pair<std::string, std::string>> parameters;
};

// Reads a list of one extension or more. Several headers are one list: join them with commas first.
// False when `list` is not of that grammar; *extensions is then unspecified.
bool ParseExtensions(std::string_view list, std::vector<Extension>* extensions);

}  // namespace wsfd::handshake

#endif  // WSFD_HANDSHAKE_EXTENSION_H_
