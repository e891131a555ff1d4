#ifndef WSFD_BASE_QUOTE_H_
#define WSFD_BASE_QUOTE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace wsfd {

// Foreign text (of a peer, a caller, a file) for an error's detail, which is one line.

// Escapes quotes, backslashes and all but printable ASCII; cuts with "..." after `most` bytes.
std::string Escape(std::string_view text, size_t most = 80);
// The same in double quotes.
std::string Quote(std::string_view text, size_t most = 80);

}  // namespace wsfd

#endif  // WSFD_BASE_QUOTE_H_
