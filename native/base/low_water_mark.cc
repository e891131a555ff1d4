#include "base/low_water_mark.h"

#include <algorithm>

namespace wsfd {

bool LowWaterMark::OnRead(uint64_t now_ms, size_t size) {
  reads_++;
  came_ += size;
  read_ = true;
  const uint64_t elapsed_ms = now_ms - window_start_ms_;
  if (elapsed_ms < kWindowMs) return false;
  const uint32_t before = bytes_;
  if (Busy(elapsed_ms)) {
    bytes_ = Judge(elapsed_ms);
  } else {
    Drop();
  }
  window_start_ms_ = now_ms;
  came_ = 0;
  reads_ = 0;
  sent_ = false;
  return bytes_ != before;
}

bool LowWaterMark::OnSent() {
  sent_ = true;
  if (!active()) return false;
  Drop();
  return true;
}

bool LowWaterMark::OnTick() {
  if (read_ || !active()) {
    read_ = false;
    return false;
  }
  rest_ = std::min<uint16_t>(2 * rest_ + 1, kLongestRest);
  Drop();
  return true;
}

void LowWaterMark::GiveUp() {
  possible_ = false;
  Drop();
}

// With a mark there are fewer reads, one in kMostWaitUs at most, and less where the process was
// late for some of them: a quarter says that the stream goes on.
bool LowWaterMark::Busy(uint64_t elapsed_ms) const {
  const uint64_t most_reads = elapsed_ms * 1000 / kMostWaitUs;
  return possible_ && !sent_ && elapsed_ms <= 2 * kWindowMs &&
         reads_ >= (active() ? most_reads / 4 : most_reads);
}

uint32_t LowWaterMark::Judge(uint64_t elapsed_ms) {
  if (!active()) {
    if (windows_++ != rest_) return kNone;
    windows_ = 0;
  } else if (windows_ != kForgiven && ++windows_ == kForgiven) {
    rest_ = 1;
  }
  const auto wished =
      static_cast<uint32_t>(std::min(came_ * kMostWaitUs / (elapsed_ms * 1000), kMostBytes));
  // To change it costs a system call.
  const bool near = wished > bytes_ - bytes_ / 4 && wished < bytes_ + bytes_ / 4;
  return near ? bytes_ : std::max(wished, kNone);
}

void LowWaterMark::Drop() {
  bytes_ = kNone;
  windows_ = 0;
}

}  // namespace wsfd
