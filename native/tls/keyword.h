#ifndef WSFD_TLS_KEYWORD_H_
#define WSFD_TLS_KEYWORD_H_

#include <cstdint>
#include <string_view>

namespace wsfd::tls {

// The keywords of netGet's sslErrors, one for each row of keywords.inc; the enumerator's number is
// its bit in an IgnoreList.
enum class Keyword : uint8_t {
#define ROW(code, keyword, text) k##keyword,
#include "tls/keywords.inc"
#undef ROW
};
inline constexpr int kKeywordCount = static_cast<int>(Keyword::kUnspecifiedError) + 1;

// "CertificateExpired"; static.
const char* NameOf(Keyword keyword);

// What is wrong, as a sentence without full stop; static.
const char* TextOf(Keyword keyword);

// The keyword of an OpenSSL X509_V_ERR_* code; kUnspecifiedError for a code without one.
Keyword KeywordOf(int x509_verify_error);

// The TLS errors that a caller ignores.
struct IgnoreList {
  uint32_t bits = 0;
  bool Has(Keyword keyword) const { return (bits >> static_cast<uint8_t>(keyword)) & 1; }
  void Add(Keyword keyword) { bits |= uint32_t{1} << static_cast<uint8_t>(keyword); }
  // All TLS errors, including those without a keyword of their own.
  static IgnoreList All() { return IgnoreList{(uint32_t{1} << kKeywordCount) - 1}; }
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_KEYWORD_H_
