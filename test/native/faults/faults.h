#ifndef WSFD_TEST_NATIVE_FAULTS_FAULTS_H_
#define WSFD_TEST_NATIVE_FAULTS_FAULTS_H_

#include <cstdint>

namespace wsfd::faults {

// Makes the n-th use of a row of table.inc fail, in whatever thread it comes. This folder is part
// of the addon wsfd_faults alone; the linker leads every use of a row here (--wrap).

enum class Kind : uint8_t { alloc, uv, zlib, openssl, napi };
inline constexpr int kKindCount = 5;

enum class Row : uint16_t {
#define FAULT(kind, symbol, failure) symbol,
#define QUIET FAULT
#define BY_HAND(kind, symbol) symbol,
#define SURE(symbol, reason)
#include "test/native/faults/table.inc"
#undef FAULT
#undef QUIET
#undef BY_HAND
#undef SURE
  kCount,
};

// Counts a use; true if it is the one that has to fail.
bool Hit(Row row);

// From now on the n-th use (n >= 1) of a row of `kind`, or of `row` if that is not kCount, fails.
void Arm(Kind kind, Row row, uint64_t n);

// Nothing fails any more. kCount: nothing did since Arm.
Row Disarm();

const char* NameOf(Row row);

// Blocks of memory that the addon has allocated and not freed.
int64_t LiveBlocks();

}  // namespace wsfd::faults

#endif  // WSFD_TEST_NATIVE_FAULTS_FAULTS_H_
