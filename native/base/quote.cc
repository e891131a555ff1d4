#include "base/quote.h"

#include <cstdint>

namespace wsfd {

namespace {

std::string EscapeAll(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string escaped;
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') {
      escaped += {'\\', byte};
    } else if (byte == '\r' || byte == '\n') {
      escaped += byte == '\r' ? "\\r" : "\\n";
    } else if (byte >= ' ' && byte <= '~') {
      escaped += byte;
    } else {
      const auto value = static_cast<uint8_t>(byte);
      escaped += {'\\', 'x', kHex[value >> 4], kHex[value & 15]};
    }
  }
  return escaped;
}

}  // namespace

std::string Escape(std::string_view text, size_t most) {
  return EscapeAll(text.substr(0, most)) + (text.size() > most ? "..." : "");
}

std::string Quote(std::string_view text, size_t most) {
  return '"' + EscapeAll(text.substr(0, most)) + (text.size() > most ? "\"..." : "\"");
}

}  // namespace wsfd
