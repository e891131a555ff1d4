#ifndef WSFD_BASE_RECEIVE_DELAY_H_
#define WSFD_BASE_RECEIVE_DELAY_H_

#include <cstddef>
#include <cstdint>

namespace wsfd {

// Computes a socket's receive low-water mark, the number of received bytes at which the system
// wakes the event loop, so that a byte waits about `delay_us` for others.
//
// A wake-up costs many times as much as a small message. If a stream wakes the loop at least once
// in `delay_us`, and nothing is sent on it, the mark is the number of bytes that arrive in that
// time. The system waits for bytes, not for a time: the owner's tick resets the mark when the
// stream pauses.
class ReceiveDelay {
 public:
  // Milliseconds of a measuring window; a window over twice as long sets no mark.
  static constexpr uint32_t kWindowMs = 16;
  // No mark: the first byte wakes the loop.
  static constexpr uint32_t kNone = 1;

  // `delay_us` is 1 to 1000.
  explicit ReceiveDelay(uint32_t delay_us) : delay_us_(delay_us) {}

  // The next three return true when bytes() has changed.
  //
  // `size` bytes were read; `messages` is the total so far. `now_ms` never falls.
  bool OnRead(uint64_t now_ms, size_t size, uint64_t messages);
  // Bytes were sent that may be answered; the answer must not wait.
  bool OnSent();
  // Call every millisecond while active(). Resets the mark after 1 to 2 ms without a read, after 3
  // to 4 ms with the longest delay.
  bool OnTick();

  uint32_t bytes() const { return bytes_; }
  bool active() const { return bytes_ != kNone; }

 private:
  // Limit of the mark, below the size of a receive buffer.
  static constexpr uint64_t kMostBytes = 64 * 1024;
  // Bytes below the mark are acknowledged late, and a sender stops when its congestion window is
  // full. That window begins at 10 segments (RFC 6928 section 2); a small message can fill one.
  static constexpr uint64_t kMostMessages = 8;

  bool WakesTooOften(uint64_t elapsed_ms) const;
  uint32_t ComputeMark(uint64_t elapsed_ms, uint64_t messages) const;

  uint32_t delay_us_;
  uint32_t bytes_ = kNone;
  uint64_t window_start_ms_ = 0;
  uint64_t messages_before_ = 0;  // this window
  uint64_t window_bytes_ = 0;     // read in this window
  uint32_t reads_ = 0;            // in this window
  uint32_t quiet_ticks_ = 0;
  bool sent_ = false;  // in this window
};

}  // namespace wsfd

#endif  // WSFD_BASE_RECEIVE_DELAY_H_
