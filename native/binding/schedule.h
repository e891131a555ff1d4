#ifndef WSFD_BINDING_SCHEDULE_H_
#define WSFD_BINDING_SCHEDULE_H_

#include <node_api.h>

#include <cstdint>
#include <deque>
#include <vector>

#include "binding/reference.h"
#include "driver/loop.h"
#include "driver/timers.h"

namespace wsfd::binding {

class Environment;

// JavaScript functions that the event loop calls later. JavaScript's own timers and immediates are
// not used: tests with fake timers replace them, and stop their clock.
class Schedule final : public driver::Timers::Delegate {
 public:
  explicit Schedule(Environment* environment);
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;

  // Calls it in the loop's next iteration, in a callback scope of its own: promises run between two
  // functions. False if Node-API fails.
  bool CallLater(napi_value function);
  // Calls it once `after_ms` have passed; the timer's number, or -1 if Node-API fails.
  int64_t StartTimer(napi_value function, uint64_t after_ms);
  void StopTimer(uint32_t number);

  // Calls the functions of CallLater.
  void RunLater();
  // Calls nothing after this. Called before the loop shuts down.
  void Shutdown();

 private:
  bool OnTimer(uint32_t number) override;

  Environment* environment_;
  driver::Timers timers_;
  std::deque<Reference> later_functions_;
  std::vector<Reference> timer_functions_;  // by the timer's number
};

// Functions of the addon's exports.
napi_value CallLater(napi_env env, napi_callback_info info);
napi_value StartTimer(napi_env env, napi_callback_info info);
napi_value StopTimer(napi_env env, napi_callback_info info);
napi_value Now(napi_env env, napi_callback_info info);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_SCHEDULE_H_
