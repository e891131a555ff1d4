#include "base/receive_delay.h"

#include <algorithm>

namespace wsfd {

bool ReceiveDelay::OnRead(uint64_t now_ms, size_t size, uint64_t messages) {
  reads_++;
  window_bytes_ += size;
  quiet_ticks_ = 0;
  const uint64_t elapsed_ms = now_ms - window_start_ms_;
  if (elapsed_ms < kWindowMs) return false;
  const uint32_t before = bytes_;
  bytes_ = WakesTooOften(elapsed_ms) ? ComputeMark(elapsed_ms, messages - messages_before_) : kNone;
  messages_before_ = messages;
  window_start_ms_ = now_ms;
  window_bytes_ = 0;
  reads_ = 0;
  sent_ = false;
  return bytes_ != before;
}

bool ReceiveDelay::OnSent() {
  sent_ = true;
  const bool had_mark = active();
  bytes_ = kNone;
  return had_mark;
}

bool ReceiveDelay::OnTick() {
  const uint32_t most_quiet_ticks = 1 + delay_us_ / 500;
  if (!active() || quiet_ticks_++ < most_quiet_ticks) return false;
  bytes_ = kNone;
  return true;
}

// With a mark there is at most one read in `delay_us`, or fewer if the process is late. A quarter
// of these reads shows that the stream continues.
bool ReceiveDelay::WakesTooOften(uint64_t elapsed_ms) const {
  const uint64_t most_reads = elapsed_ms * 1000 / delay_us_;
  return !sent_ && elapsed_ms <= 2 * kWindowMs &&
         reads_ >= (active() ? most_reads / 4 : most_reads);
}

uint32_t ReceiveDelay::ComputeMark(uint64_t elapsed_ms, uint64_t messages) const {
  const uint64_t in_delay = window_bytes_ * delay_us_ / (elapsed_ms * 1000);
  const uint64_t most =
      std::min(kMostMessages * window_bytes_ / std::max(messages, uint64_t{1}), kMostBytes);
  const auto wished = static_cast<uint32_t>(std::min(in_delay, most));
  // Changing the mark costs a system call.
  const bool near = wished > bytes_ - bytes_ / 4 && wished < bytes_ + bytes_ / 4;
  return near ? bytes_ : std::max(wished, kNone);
}

}  // namespace wsfd
