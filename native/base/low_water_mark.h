#ifndef WSFD_BASE_LOW_WATER_MARK_H_
#define WSFD_BASE_LOW_WATER_MARK_H_

#include <cstddef>
#include <cstdint>

namespace wsfd {

// Decides how many bytes have to have come on a stream before an event loop is woken for them: the
// socket's receive low-water mark.
//
// Being woken costs many times what a small message costs. Where a stream wakes the loop more often
// than once in kMostWaitUs, and nothing is sent on it, the mark lets come together what comes in
// that time, as network cards moderate their interrupts. A stream that pauses must not keep its
// last bytes: a tick every millisecond gives the mark up if nothing was read since the one before,
// and with each time that was so it takes longer until there is a mark again.
class LowWaterMark {
 public:
  // For how long a byte waits for others as long as they come as they did.
  static constexpr uint32_t kMostWaitUs = 50;
  // A stream is judged by what came in at least so many milliseconds, and at most twice as many.
  static constexpr uint32_t kWindowMs = 16;
  // The mark that is none: the first byte wakes the loop.
  static constexpr uint32_t kNone = 1;

  // The next three return true when bytes() has changed.
  //
  // `size` bytes were read. `now_ms` never falls.
  bool OnRead(uint64_t now_ms, size_t size);
  // Something went out that may be answered, and the answer must not wait.
  bool OnSent();
  // To be called every millisecond while there is a mark.
  bool OnTick();

  // The system has no such mark for this stream: bytes() is kNone from now on.
  void GiveUp();

  uint32_t bytes() const { return bytes_; }
  bool active() const { return bytes_ != kNone; }

 private:
  // The most that is wished, below what a receive buffer holds.
  static constexpr uint64_t kMostBytes = 64 * 1024;
  static constexpr uint16_t kLongestRest = 1023;
  // So many windows with a mark (a second), and the times when it was in the way are forgotten.
  static constexpr uint16_t kForgiven = 64;

  // The window was one for which there may be a mark.
  bool Busy(uint64_t elapsed_ms) const;
  // The mark after a window that was busy; counts it.
  uint32_t Judge(uint64_t elapsed_ms);
  void Drop();

  uint64_t window_start_ms_ = 0;
  uint64_t came_ = 0;   // bytes, in this window
  uint32_t reads_ = 0;  // in this window
  uint32_t bytes_ = kNone;
  uint16_t rest_ = 1;     // busy windows in a row before there is a mark
  uint16_t windows_ = 0;  // in a row: busy ones without a mark, or those with one
  bool sent_ = false;     // in this window
  bool read_ = false;     // since the last tick
  bool possible_ = true;
};

}  // namespace wsfd

#endif  // WSFD_BASE_LOW_WATER_MARK_H_
