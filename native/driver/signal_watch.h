#ifndef WSFD_DRIVER_SIGNAL_WATCH_H_
#define WSFD_DRIVER_SIGNAL_WATCH_H_

#include <uv.h>

#include <list>
#include <memory>
#include <vector>

namespace wsfd::driver {

// Catches signals in a thread whose own event loop may not turn for long. A watched signal does not
// have its default action; other listeners of libuv still receive it.
class SignalWatch {
 public:
  // nullptr if there can be no event loop.
  static std::unique_ptr<SignalWatch> Create();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // From now on watches these signals and no others; discards a signal noticed before.
  void Watch(const std::vector<int>& signals);
  // The first signal since the last call, or since Watch; 0: none.
  int Take();

 private:
  SignalWatch() = default;

  uv_loop_t uv_ = {};
  std::list<uv_signal_t> handles_;  // libuv holds pointers to them
  int noticed_ = 0;
  bool ready_ = false;
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_SIGNAL_WATCH_H_
