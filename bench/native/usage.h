#ifndef WSFD_BENCH_NATIVE_USAGE_H_
#define WSFD_BENCH_NATIVE_USAGE_H_

#include <sys/resource.h>

#include <chrono>

#include "bench/native/task.h"

namespace wsfd::bench {

inline double NowMs() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

inline double CpuUs() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// The warm-up and the window behind it; asked by whoever works, between two pieces of work.
class Window {
 public:
  explicit Window(const Task& task)
      : begin_(NowMs() + task.warm_up_ms), window_ms_(task.window_ms) {}

  // False once the window is over; *outcome then has its times. When the window begins, what was
  // counted in *outcome so far is dropped.
  bool GoesOn(Outcome* outcome) {
    const double now = NowMs();
    if (!begun_) {
      if (now < begin_) return true;
      begun_ = true;
      begin_ = now;
      cpu_us_ = CpuUs();
      *outcome = Outcome();
      return true;
    }
    if (now < begin_ + window_ms_) return true;
    outcome->cpu_us = CpuUs() - cpu_us_;
    outcome->wall_us = (now - begin_) * 1000;
    return false;
  }

 private:
  bool begun_ = false;
  double begin_;
  double window_ms_;
  double cpu_us_ = 0;
};

}  // namespace wsfd::bench

#endif  // WSFD_BENCH_NATIVE_USAGE_H_
