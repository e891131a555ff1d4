#ifndef WSFD_DRIVER_TIMERS_H_
#define WSFD_DRIVER_TIMERS_H_

#include <uv.h>

#include <cstdint>
#include <vector>

#include "driver/loop.h"

namespace wsfd::driver {

// Timers of the application's, by number: each fires once, and keeps the loop turning until then.
class Timers {
 public:
  class Delegate {
   public:
    // The timer has fired; after this its number may be given out again. False: nobody could be
    // told, and the timer fires again a millisecond later.
    virtual bool OnTimer(uint32_t number) = 0;

   protected:
    ~Delegate() = default;
  };

  // Both outlive this.
  Timers(Loop* loop, Delegate* delegate) : loop_(loop), delegate_(delegate) {}
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  // Milliseconds on a clock that nothing sets.
  static double Now();

  // Starts one that fires not before `after_ms` from now; returns its number, the smallest ones
  // first.
  uint32_t Start(uint64_t after_ms);
  void Stop(uint32_t number) noexcept;
  // Closes all: called once, before the loop shuts down; no timer fires after it.
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
  // By number. One that is over is kept, since a program that waits with a timer does so again:
  // there are as many as ever ran at the same time.
  std::vector<Timer*> timers_;
  std::vector<uint32_t> free_;  // with room for all
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TIMERS_H_
