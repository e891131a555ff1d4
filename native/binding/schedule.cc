#include "binding/schedule.h"

#include <utility>

#include "binding/environment.h"
#include "binding/reader.h"
#include "binding/value.h"

namespace wsfd::binding {

Schedule::Schedule(Environment* environment)
    : environment_(environment), timers_(environment->loop(), this) {}

bool Schedule::CallLater(napi_value function) {
  later_functions_.emplace_back();
  if (!later_functions_.back().Set(environment_->env(), function)) {
    later_functions_.pop_back();
    return false;
  }
  environment_->loop()->CallLater();
  return true;
}

void Schedule::RunLater() {
  // Functions added by these run in the next iteration.
  for (size_t left = later_functions_.size(); left != 0 && !environment_->closing(); left--) {
    if (!environment_->EnterJavaScript() || !environment_->Call(later_functions_.front().Get())) {
      // A program may wait for it: it is called in the next iteration.
      environment_->loop()->CallLater();
      break;
    }
    // (it may have ended the environment)
    if (!later_functions_.empty()) later_functions_.pop_front();
    environment_->loop()->WakeUpDone();
  }
  environment_->loop()->WakeUpDone();
}

int64_t Schedule::StartTimer(napi_value function, uint64_t after_ms) {
  const uint32_t number = timers_.Start(after_ms);
  if (timer_functions_.size() <= number) timer_functions_.resize(size_t{number} + 1);
  if (timer_functions_[number].Set(environment_->env(), function)) return number;
  timers_.Stop(number);
  return -1;
}

void Schedule::StopTimer(uint32_t number) {
  timers_.Stop(number);
  if (number < timer_functions_.size()) timer_functions_[number].Clear();
}

bool Schedule::OnTimer(uint32_t number) {
  if (environment_->closing()) return true;
  if (!environment_->EnterJavaScript() || !environment_->Call(timer_functions_[number].Get())) {
    return false;
  }
  // (it may have ended the environment)
  if (number < timer_functions_.size()) timer_functions_[number].Clear();
  return true;
}

void Schedule::Shutdown() {
  timers_.Shutdown();
  later_functions_.clear();
  timer_functions_.clear();
}

napi_value CallLater(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const napi_value function = call.Next();
  if (call.failed()) return call.ThrowFailed();
  if (!EnvironmentOf(call)->schedule()->CallLater(function)) return ThrowFailure(env);
  return nullptr;
}

napi_value StartTimer(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const napi_value function = call.Next();
  const auto after_ms = call.Whole<uint64_t>();
  if (call.failed()) return call.ThrowFailed();
  const int64_t number = EnvironmentOf(call)->schedule()->StartTimer(function, after_ms);
  return number < 0 ? ThrowFailure(env) : NumberValue(env, static_cast<double>(number));
}

napi_value StopTimer(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const auto number = call.Whole<uint32_t>();
  if (call.failed()) return call.ThrowFailed();
  EnvironmentOf(call)->schedule()->StopTimer(number);
  return nullptr;
}

napi_value Now(napi_env env, napi_callback_info) { return NumberValue(env, driver::Timers::Now()); }

}  // namespace wsfd::binding
