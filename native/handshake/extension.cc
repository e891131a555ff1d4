#include "handshake/extension.h"

#include "handshake/field.h"

namespace wsfd::handshake {

namespace {

// Takes tokens and separators from the front of a text. White space may stand around each of them
// (the implied *LWS of RFC 2616 section 2.1, which RFC 6455 section 9.1 uses).
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(TrimSpace(text)) {}

  bool AtEnd() const { return rest_.empty(); }

  bool Take(char separator) {
    if (rest_.empty() || rest_.front() != separator) return false;
    Advance(1);
    return true;
  }

  bool TakeToken(std::string* token) {
    size_t size = 0;
    while (size < rest_.size() && IsTokenByte(rest_[size])) ++size;
    token->assign(rest_.substr(0, size));
    Advance(size);
    return size != 0;
  }

  // RFC 6455 section 9.1: "When using the quoted-string syntax variant, the value after
  // quoted-string unescaping MUST conform to the 'token' ABNF."
  bool TakeQuoted(std::string* token) {
    token->clear();
    for (size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        Advance(i + 1);
        return !token->empty();
      }
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      if (!IsTokenByte(rest_[i])) return false;
      token->push_back(rest_[i]);
    }
    return false;
  }

  bool TakeValue(std::string* value) {
    return !rest_.empty() && rest_.front() == '"' ? TakeQuoted(value) : TakeToken(value);
  }

 private:
  void Advance(size_t count) {
    rest_.remove_prefix(count);
    rest_ = TrimSpace(rest_);
  }

  std::string_view rest_;
};

}  // namespace

bool ParseExtensions(std::string_view list, std::vector<Extension>* extensions) {
  extensions->clear();
  Scanner scanner(list);
  while (!scanner.AtEnd()) {
    // RFC 2616 section 2.1: "null elements are allowed, but do not contribute to the count".
    if (scanner.Take(',')) continue;
    Extension& extension = extensions->emplace_back();
    if (!scanner.TakeToken(&extension.name)) return false;
    while (scanner.Take(';')) {
      auto& [name, value] = extension.parameters.emplace_back();
      if (!scanner.TakeToken(&name)) return false;
      if (scanner.Take('=') && !scanner.TakeValue(&value)) return false;
    }
    if (!scanner.AtEnd() && !scanner.Take(',')) return false;
  }
  return !extensions->empty();
}

}  // namespace wsfd::handshake
