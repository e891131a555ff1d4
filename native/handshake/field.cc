#include "handshake/field.h"

#include <array>
#include <cstdint>

namespace wsfd::handshake {

namespace {

constexpr std::array<bool, 256> MakeTokenTable() {
  std::array<bool, 256> table{};
  for (size_t byte = '0'; byte <= '9'; ++byte) table[byte] = true;
  for (size_t byte = 'A'; byte <= 'Z'; ++byte) table[byte] = table[byte + ('a' - 'A')] = true;
  for (const char byte :
       {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'}) {
    table[static_cast<uint8_t>(byte)] = true;
  }
  return table;
}

constexpr std::array<bool, 256> kTokenBytes = MakeTokenTable();

constexpr char Lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

constexpr bool IsSpace(char byte) { return byte == ' ' || byte == '\t'; }

}  // namespace

bool IsTokenByte(char byte) { return kTokenBytes[static_cast<uint8_t>(byte)]; }

bool IsToken(std::string_view text) {
  for (const char byte : text) {
    if (!IsTokenByte(byte)) return false;
  }
  return !text.empty();
}

bool EqualsIgnoreCase(std::string_view left, std::string_view right) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (Lower(left[i]) != Lower(right[i])) return false;
  }
  return true;
}

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

bool NextElement(std::string_view* list, std::string_view* element) {
  while (!list->empty()) {
    const size_t comma = list->find(',');
    *element = TrimSpace(list->substr(0, comma));
    list->remove_prefix(comma == std::string_view::npos ? list->size() : comma + 1);
    if (!element->empty()) return true;
  }
  return false;
}

const std::string* FindHeader(const HeaderList& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoreCase(key, name)) return &value;
  }
  return nullptr;
}

JoinedHeaders JoinHeaders(const HeaderList& headers, std::string_view name) {
  JoinedHeaders joined;
  for (const auto& [key, value] : headers) {
    if (!EqualsIgnoreCase(key, name)) continue;
    if (joined.count++ != 0) joined.values += ", ";
    joined.values += value;
  }
  return joined;
}

}  // namespace wsfd::handshake
