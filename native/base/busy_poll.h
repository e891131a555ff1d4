#ifndef WSFD_BASE_BUSY_POLL_H_
#define WSFD_BASE_BUSY_POLL_H_

#include <cstdint>

namespace wsfd {

// Decides when an event loop looks for the answer to what it has sent without going to sleep.
//
// To fall asleep and be woken costs more time than the answer of a server that is near. So a
// message that went out is followed by a moment of looking, and by longer and longer rests from it
// as long as that is in vain: where answers take longer than kMostNs, or cannot come while this
// thread runs, one message in some thousand costs that much.
class BusyPoll {
 public:
  // For how long it is looked; about twice what falling asleep and being woken cost.
  static constexpr uint64_t kMostNs = 30'000;

  // Bytes that something may answer went out. True: look from now on.
  bool OnSent(uint64_t now_ns);
  // Bytes came: there is no reason to look any more, and a good one to look the next time.
  void OnReceived();
  // True while it is to be looked, until kMostNs are over.
  bool Continue(uint64_t now_ns);
  bool active() const { return active_; }

 private:
  // At most so many sends in a row are not followed by a look.
  static constexpr uint32_t kLongestRest = 1023;

  uint64_t until_ns_ = 0;
  uint32_t rest_ = 0;  // sends after the last look that was in vain; doubles with each
  uint32_t left_ = 0;  // of that rest
  bool active_ = false;
};

}  // namespace wsfd

#endif  // WSFD_BASE_BUSY_POLL_H_
