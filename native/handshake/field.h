#ifndef WSFD_HANDSHAKE_FIELD_H_
#define WSFD_HANDSHAKE_FIELD_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "handshake/request.h"

namespace wsfd::handshake {

// HTTP header fields (RFC 9110 section 5). Returned views point into the argument.

// A byte of a token (RFC 9110 section 5.6.2).
bool IsTokenByte(char byte);
// One token byte or more, and nothing else.
bool IsToken(std::string_view text);

// Equal but for the case of ASCII letters.
bool EqualsIgnoreCase(std::string_view left, std::string_view right);

// `text` without the spaces and tabs around it.
std::string_view TrimSpace(std::string_view text);

// Takes the next element of a comma-separated list from the front of `list`, trimmed. False at the
// end. Skips empty elements, as RFC 9110 section 5.6.1.2 demands of a recipient. Does not parse
// quoted strings.
bool NextElement(std::string_view* list, std::string_view* element);

// The value of the first header of that name (case-insensitive), or nullptr.
const std::string* FindHeader(const HeaderList& headers, std::string_view name);

// The values of all headers of a name (case-insensitive), which are one list (RFC 9110
// section 5.3).
struct JoinedHeaders {
  size_t count = 0;    // how many headers there were
  std::string values;  // joined by ", "
};
JoinedHeaders JoinHeaders(const HeaderList& headers, std::string_view name);

}  // namespace wsfd::handshake

#endif  // WSFD_HANDSHAKE_FIELD_H_
