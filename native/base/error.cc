#include "base/error.h"

namespace wsfd {

const ErrorRow& RowOf(ErrorCode code) {
  static constexpr ErrorRow kRows[] = {
      {"None", "internal", 0, ""},
#define ROW(symbol, category, retryable, close_code, text) {#symbol, #category, close_code, text},
#include "base/errors.inc"
#undef ROW
  };
  return kRows[static_cast<uint8_t>(code)];
}

}  // namespace wsfd
