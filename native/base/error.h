#ifndef WSFD_BASE_ERROR_H_
#define WSFD_BASE_ERROR_H_

#include <cstdint>
#include <string>
#include <utility>

namespace wsfd {

// One enumerator for each row of errors.inc; kNone is "no error".
enum class ErrorCode : uint8_t {
  kNone = 0,
#define ROW(symbol, category, retryable, close_code, text) k##symbol,
#include "base/errors.inc"
#undef ROW
};

// One row of errors.inc. All strings are static.
struct ErrorRow {
  const char* symbol;    // "InvalidUrl"
  const char* category;  // "usage"
  uint16_t close_code;   // RFC 6455 section 7.4.1; 0 when none is sent
  const char* text;      // a sentence without full stop
};

// The row of `code`, which must not be kNone.
const ErrorRow& RowOf(ErrorCode code);

// An error of the core: a row of errors.inc and its details.
struct Error {
  ErrorCode code = ErrorCode::kNone;
  std::string detail;  // is appended to the row's text; may be empty
  // If the row's `retryable` is "depends": the same call may succeed later without a change.
  bool transient = false;

  Error() = default;
  explicit Error(ErrorCode c, std::string d = {}) : code(c), detail(std::move(d)) {}
  explicit operator bool() const { return code != ErrorCode::kNone; }
};

}  // namespace wsfd

#endif  // WSFD_BASE_ERROR_H_
