#ifndef WSFD_BASE_QUOTE_H_
#define WSFD_BASE_QUOTE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace wsfd {

// What others wrote (a peer, a caller, a file), made fit to stand in an error's detail, which is
// one line.

// Printable ASCII only, everything else escaped; cut with "..." behind `most` bytes.
std::string Escape(std::string_view text, size_t most = 80);
// The same in double quotes.
std::string Quote(std::string_view text, size_t most = 80);

}  // namespace wsfd

#endif  // WSFD_BASE_QUOTE_H_
