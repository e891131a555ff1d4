#include "tls/keyword.h"

#include <openssl/x509_vfy.h>

#include <iterator>

namespace wsfd::tls {

namespace {

// The code of a keyword without an OpenSSL code.
constexpr int kNoCode = -1;

struct Row {
  int code;
  const char* name;
  const char* text;
};
constexpr Row kRows[] = {
#define ROW(code, keyword, text) {code, #keyword, text},
#include "tls/keywords.inc"
#undef ROW
};
static_assert(std::size(kRows) == kKeywordCount, "the row UnspecifiedError is the last");

}  // namespace

const char* NameOf(Keyword keyword) { return kRows[static_cast<uint8_t>(keyword)].name; }

const char* TextOf(Keyword keyword) { return kRows[static_cast<uint8_t>(keyword)].text; }

Keyword KeywordOf(int x509_verify_error) {
  if (x509_verify_error == X509_V_ERR_IP_ADDRESS_MISMATCH) return Keyword::kHostNameMismatch;
  for (int i = 0; i < kKeywordCount; ++i) {
    if (kRows[i].code == x509_verify_error) return static_cast<Keyword>(i);
  }
  return Keyword::kUnspecifiedError;
}

}  // namespace wsfd::tls
