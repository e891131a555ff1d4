#include "test/native/faults/faults.h"

#include <atomic>

namespace wsfd::faults {

namespace {

struct RowText {
  Kind kind;
  const char* name;
};

constexpr RowText kRows[] = {
#define FAULT(kind, symbol, failure) {Kind::kind, #symbol},
#define QUIET FAULT
#define BY_HAND(kind, symbol) {Kind::kind, #symbol},
#define SURE(symbol, reason)
#include "test/native/faults/table.inc"
#undef FAULT
#undef QUIET
#undef BY_HAND
#undef SURE
};

std::atomic<bool> armed{false};
std::atomic<Kind> armed_kind{Kind::alloc};
std::atomic<Row> armed_row{Row::kCount};
std::atomic<uint64_t> left{0};
std::atomic<Row> fired{Row::kCount};

}  // namespace

bool Hit(Row row) {
  if (!armed || kRows[static_cast<int>(row)].kind != armed_kind) return false;
  if (armed_row != Row::kCount && armed_row != row) return false;
  if (left.fetch_sub(1) != 1) return false;
  fired = row;
  return true;
}

void Arm(Kind kind, Row row, uint64_t n) {
  armed_kind = kind;
  armed_row = row;
  left = n;
  fired = Row::kCount;
  armed = true;
}

Row Disarm() {
  armed = false;
  return fired.exchange(Row::kCount);
}

const char* NameOf(Row row) { return kRows[static_cast<int>(row)].name; }

}  // namespace wsfd::faults
