#ifndef WSFD_DRIVER_TIMERS_H_
#define WSFD_DRIVER_TIMERS_H_

#include <uv.h>

#include <cstdint>
#include <vector>

#include "driver/loop.h"

namespace wsfd::driver {

// One-shot timers of the application, by number. Each keeps the loop alive until it fires.
class Timers {
 public:
  class Delegate {
   public:
    // The timer has fired; after this its number may be reused. False: the callback failed, and the
    // timer fires again a millisecond later.
    virtual bool OnTimer(uint32_t number) = 0;

   protected:
    ~Delegate() = default;
  };

  // Both outlive this.
  Timers(Loop* loop, Delegate* delegate) : loop_(loop), delegate_(delegate) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Milliseconds of a monotonic clock.
  static double Now();

  // Starts a timer that fires after `after_ms` or later; returns its number. Numbers are reused.
  uint32_t Start(uint64_t after_ms);
  void Stop(uint32_t number) noexcept;
  // Closes all timers; none fires after this. Called once, before the loop shuts down.
  void Shutdown();

 private:
  struct Timer {
    uv_timer_t uv;
    Timers* owner;
    uint32_t number;
  };

  static void OnFired(uv_timer_t* handle);

  Loop* loop_;
  Delegate* delegate_;
  // By number. A timer that is over is kept for reuse: there are as many as ever ran at once.
  std::vector<Timer*> timers_;
  std::vector<uint32_t> free_;  // with room for all
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TIMERS_H_
