#ifndef WSFD_DRIVER_SIGNAL_WATCH_H_
#define WSFD_DRIVER_SIGNAL_WATCH_H_

#include <uv.h>

#include <list>
#include <memory>
#include <vector>

namespace wsfd::driver {

// Notices signals in a thread whose own event loop may not turn for long. While one is watched it
// does not do what the system has it do; whoever else listens to it through libuv hears of it all
// the same.
class SignalWatch {
 public:
  // nullptr when the system has no event loop to give.
  static std::unique_ptr<SignalWatch> Create();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // From now on these are watched, and no others; what was noticed is forgotten.
  void Watch(const std::vector<int>& signals);
  // The first signal that came since the last call, or since Watch; 0: none.
  int Take();

 private:
  SignalWatch() = default;

  uv_loop_t uv_ = {};
  std::list<uv_signal_t> handles_;  // where they are libuv keeps them
  int noticed_ = 0;
  bool ready_ = false;
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_SIGNAL_WATCH_H_
