#ifndef WSFD_DRIVER_PRIVATE_LOOP_H_
#define WSFD_DRIVER_PRIVATE_LOOP_H_

#include <uv.h>

#include <cstdint>
#include <memory>

#include "driver/loop.h"

namespace wsfd::driver {

// An event loop for synchronous calls: it runs only while the calling thread is in one of these
// functions.
class PrivateLoop final : private Loop::Delegate {
 public:
  // nullptr with *uv_error set (such as UV_EMFILE) if no loop can be made.
  static std::unique_ptr<PrivateLoop> Create(int* uv_error);
  // Finishes and waits for that: if a lookup is under way, as long as the resolver takes.
  ~PrivateLoop();
  PrivateLoop(const PrivateLoop&) = delete;
  PrivateLoop& operator=(const PrivateLoop&) = delete;

  Loop* loop() { return loop_.get(); }

  // Waits for events, at most `most_ms`, and handles them; with 0 handles only pending ones. May
  // return early without any. Not reentrant.
  void Turn(uint64_t most_ms);
  // Sends output of its sockets without waiting.
  void Flush();
  // True during Turn and Flush.
  bool turning() const { return turning_; }

  // Closes everything left on the loop. True once all is closed; false while the loop is turning or
  // a lookup that cannot be cancelled is under way: call it again later. Nothing else may be called
  // after this.
  bool Finish();

 private:
  PrivateLoop() = default;

  void OnWakeUpDone() override {}
  void OnCallLater() override {}
  void OnMemoryIdle() override {}
  void OnFeedOver() override {}
  void StartFinishing();

  uv_loop_t uv_ = {};
  std::unique_ptr<Loop> loop_;
  uv_timer_t* turn_timer_ = nullptr;
  bool turning_ = false;
  bool finishing_ = false;
  bool finished_ = false;
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_PRIVATE_LOOP_H_
