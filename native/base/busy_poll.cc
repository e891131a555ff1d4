#include "base/busy_poll.h"

#include <algorithm>

namespace wsfd {

bool BusyPoll::OnSent(uint64_t now_ns) {
  if (active_) return true;
  if (left_ != 0) {
    left_--;
    return false;
  }
  until_ns_ = now_ns + kMostNs;
  active_ = true;
  return true;
}

void BusyPoll::OnReceived() {
  if (!active_) return;
  active_ = false;
  rest_ = 0;
}

bool BusyPoll::Continue(uint64_t now_ns) {
  if (!active_ || now_ns < until_ns_) return active_;
  active_ = false;
  rest_ = std::min(2 * rest_ + 1, kLongestRest);
  left_ = rest_;
  return false;
}

}  // namespace wsfd
