#ifndef WSFD_DRIVER_PRIVATE_LOOP_H_
#define WSFD_DRIVER_PRIVATE_LOOP_H_

#include <uv.h>

#include <cstdint>
#include <memory>

#include "driver/loop.h"

namespace wsfd::driver {

// An event loop for sockets whose callers wait: it turns only while Turn is called, in the thread
// that calls it, and nothing of it happens in between.
class PrivateLoop final : private Loop::Delegate {
 public:
  // nullptr with *uv_error set (UV_EMFILE, say) when the system has no loop to give.
  static std::unique_ptr<PrivateLoop> Create(int* uv_error);
  // Finishes, and waits for that: for as long as the resolver takes, if a lookup is under way.
  ~PrivateLoop();
  PrivateLoop(const PrivateLoop&) = delete;
  PrivateLoop& operator=(const PrivateLoop&) = delete;

  Loop* loop() { return loop_.get(); }

  // Waits until something happens, at most `most_ms`, and handles it; with 0 it handles what has
  // happened already. May return early, with nothing done. Not from inside itself.
  void Turn(uint64_t most_ms);
  // Sends of what its sockets have to send what can be sent without waiting.
  void Flush();
  // True in the midst of either.
  bool turning() const { return turning_; }

  // Destroys what is left on the loop. True once all is closed; false while the loop is turning, or
  // a lookup that cannot be taken back is under way: call it again later. Nothing else may be
  // called after this.
  bool Finish();

 private:
  PrivateLoop() = default;

  void OnWakeUpDone() override {}
  void OnCallLater() override {}
  void OnMemoryIdle() override {}
  void StartFinishing();

  uv_loop_t uv_ = {};
  std::unique_ptr<Loop> loop_;
  uv_timer_t* alarm_ = nullptr;
  bool turning_ = false;
  bool finishing_ = false;
  bool finished_ = false;
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_PRIVATE_LOOP_H_
