#ifndef WSFD_BINDING_ENVIRONMENT_H_
#define WSFD_BINDING_ENVIRONMENT_H_

#include <node_api.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "binding/lender.h"
#include "binding/packer.h"
#include "binding/reader.h"
#include "binding/reference.h"
#include "binding/schedule.h"
#include "driver/loop.h"
#include "driver/private_loop.h"
#include "driver/signal_watch.h"
#include "tls/trust_store.h"

namespace wsfd::binding {

class Handle;

// The methods of src/socket/inbox.ts's Inbox that native code calls, with the inbox as `this`.
enum class Callback : uint8_t {
  kOnOpen,
  kOnOpenFailed,
  kOnMessages,
  kOnPong,
  kOnEnd,
  kOnDrained,
  kOnClosed,
  kOnKeyLog,
  kOnTrace,
  kOnPacked,
};
inline constexpr int kCallbackCount = static_cast<int>(Callback::kOnPacked) + 1;

// The addon's state for one JavaScript environment (the main thread's or a worker's): its loop, its
// handles by slot, and the calls into JavaScript. Freed when the environment is torn down and the
// last libuv handle is closed.
class Environment final : public driver::Loop::Delegate {
 public:
  // Makes the environment's instance; nullptr with an exception pending when that fails.
  static Environment* Create(napi_env env);
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  napi_env env() const { return env_; }
  driver::Loop* loop() { return &loop_; }
  Schedule* schedule() { return &schedule_; }
  Packer* packer() { return &packer_; }

  // Stores the methods, an array in the order of Callback. False if Node-API fails.
  bool SetCallbacks(napi_value functions);

  // Calls a callback of `inbox`. All calls of one libuv wake-up share one callback scope: promises
  // run once, when it ends. An exception is reported as uncaught. With `terminated`, V8's own
  // termination (a script's timeout, Ctrl-C in the REPL) sets that instead. False if Node-API
  // failed, in this call or when the inbox or an argument was made, which is nullptr then.
  bool Call(Callback callback, napi_value inbox, size_t argc, const napi_value* argv,
            bool* terminated = nullptr);
  // Calls a function in the wake-up's scope, which is open; the same with its exception. False if
  // it could not be called, also if `function` is nullptr.
  bool Call(napi_value function);
  // Opens the wake-up's scope; handles made after it live until the wake-up is done. False if
  // Node-API fails, or the environment ends.
  bool EnterJavaScript();

  // True once the environment is being torn down: JavaScript is not called after that.
  bool closing() const { return closing_; }

  // Slots: small integers for the handles of this environment, reused once they are free.
  int32_t AddHandle(Handle* handle);
  void RemoveHandle(int32_t slot) noexcept;
  // nullptr when there is none in that slot.
  Handle* HandleAt(int32_t slot) const {
    return static_cast<size_t>(slot) < handles_.size() ? handles_[static_cast<size_t>(slot)]
                                                       : nullptr;
  }
  // The handle in the slot that `value` names; nullptr when there is none.
  Handle* HandleOf(napi_value value) const {
    // (not an int32_t, to which Node-API would truncate a larger number)
    int64_t slot = -1;
    if (napi_get_value_int64(env_, value, &slot) != napi_ok || slot < 0) return nullptr;
    return slot < static_cast<int64_t>(handles_.size()) ? HandleAt(static_cast<int32_t>(slot))
                                                        : nullptr;
  }

  // Finishes a loop whose socket is destroyed: now or, while it is turning or a name lookup is
  // under way, in a later FinishRetired.
  void Retire(std::unique_ptr<driver::PrivateLoop> loop) noexcept;
  // Called before a handle gets such a loop, so that Retire needs no memory.
  void MakeRoomToRetire();
  void FinishRetired();

  // Watches these signals, and no others, as far as the system allows.
  void WatchSignals(const std::vector<int>& signals);
  // The first watched signal since the last call; 0: none.
  int TakeSignal() { return signal_watch_ != nullptr ? signal_watch_->Take() : 0; }

  // The default trust store of connections; nullptr before it is set.
  const tls::SharedStore& default_trust_store() const { return default_trust_store_; }
  void SetDefaultTrustStore(tls::SharedStore store) { default_trust_store_ = std::move(store); }

  // The staging area, shared with src/native/binary.ts, from which JavaScript copies small binary
  // messages: a slot of kStagingSlotSize bytes for each message of a batch, and behind the slots a
  // size for each. See batch_values.h. Small binary messages go the other way too: see write.h.
  static constexpr size_t kStagingSlotSize = 64;
  static constexpr size_t kStagingSlotBytes = connection::Batch::kCapacity * kStagingSlotSize;
  uint8_t* staging() { return staging_; }
  int32_t* staging_sizes() { return reinterpret_cast<int32_t*>(staging_ + kStagingSlotBytes); }
  // Scratch space to convert text, of a batch or of a call that writes: kTextUnits UTF-16 units,
  // made when first needed.
  static constexpr size_t kTextUnits = 64 * 1024;
  char16_t* text_units() {
    if (text_units_ == nullptr) text_units_.reset(new char16_t[kTextUnits]);
    return text_units_.get();
  }
  static constexpr size_t kStagingSize =
      kStagingSlotBytes + connection::Batch::kCapacity * sizeof(int32_t);
  // Sets the staging area to a Buffer of kStagingSize bytes, and keeps it alive. False for another,
  // or if Node-API fails.
  bool SetStaging(napi_value buffer);

  // Whether JavaScript can keep a slab from being detached: larger messages share one then.
  bool shares_slabs() const { return shares_slabs_; }
  void SharesSlabs(bool shares) { shares_slabs_ = shares; }

  Lender* lender() { return &lender_; }

 private:
  Environment(napi_env env, uv_loop_t* loop);
  ~Environment();

  // Makes the objects that every wake-up needs. False if Node-API fails.
  bool Prepare();
  void ReportException();
  // True if the pending exception is null, which stands for V8's own termination. Clears it then.
  bool ClearTermination();
  // Closes all libuv handles, then deletes this and removes the cleanup hook.
  void Shutdown();

  void OnWakeUpDone() override;
  void OnCallLater() override { schedule_.RunLater(); }
  void OnMemoryIdle() override { lender_.CollectYoung(env_); }
  void OnFeedOver() override { lender_.CollectOld(env_); }
  static void OnCleanup(napi_async_cleanup_hook_handle hook, void* data);

  napi_env env_;
  driver::Loop loop_;
  Schedule schedule_{this};
  Packer packer_;
  Lender lender_{loop_.pool()};
  bool closing_ = false;
  napi_async_context async_context_ = nullptr;
  Reference resource_;
  napi_handle_scope handle_scope_ = nullptr;
  napi_callback_scope callback_scope_ = nullptr;
  napi_async_cleanup_hook_handle cleanup_hook_ = nullptr;
  Reference callbacks_[kCallbackCount];
  Reference staging_buffer_;
  uint8_t* staging_ = nullptr;
  bool shares_slabs_ = false;
  std::unique_ptr<char16_t[]> text_units_;
  std::vector<Handle*> handles_;
  std::vector<int32_t> free_slots_;
  std::vector<std::unique_ptr<driver::PrivateLoop>> retired_;
  std::unique_ptr<driver::SignalWatch> signal_watch_;
  tls::SharedStore default_trust_store_;
};

// The environment that a function of the addon's exports is called in.
inline Environment* EnvironmentOf(const Reader& call) {
  return static_cast<Environment*>(call.data());
}

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_ENVIRONMENT_H_
