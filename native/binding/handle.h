#ifndef WSFD_BINDING_HANDLE_H_
#define WSFD_BINDING_HANDLE_H_

#include <node_api.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "binding/reference.h"
#include "driver/private_loop.h"
#include "driver/socket.h"

namespace wsfd::binding {

// Ties a socket to its inbox in JavaScript: what the socket reports becomes calls of the inbox's
// methods. Lives in a slot of its environment from open until the socket is released.
class Handle final : public driver::Socket::Delegate {
 public:
  // Starts opening; the inbox is kept alive until the handle is released. -1, and nothing is
  // opened, where Node-API fails. With a loop of its own the socket lives only while that turns,
  // and what the inbox is told is told in the call that turns it; without one it is the
  // environment's.
  static int32_t Open(Environment* environment, napi_value inbox, driver::OpenOptions options,
                      std::unique_ptr<driver::PrivateLoop> private_loop = nullptr);

  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  driver::Socket* socket() { return socket_; }
  int32_t slot() const { return slot_; }
  // nullptr where the socket is on the environment's loop.
  driver::PrivateLoop* private_loop() { return private_loop_.get(); }
  // How often the inbox was told something.
  uint64_t reports() const { return reports_; }
  // True, once, if V8 ended the inbox's method while it took what it was told: that is lost, and
  // nothing that comes after it is told any more.
  bool TakeBroken() { return broken_ && !std::exchange(broken_reported_, true); }
  // From now on messages are told by onPacked.
  void Pack() { packed_ = true; }
  // JavaScript waits for OnDrained, once.
  void NotifyWhenDrained() { notify_when_drained_ = true; }
  // The slot is free after this and the handle gone.
  void Release();
  // The same, and the connection ends at once.
  void Terminate();
  // The environment is torn down: nothing is called any more. Deletes the handle.
  void Abandon();

 private:
  explicit Handle(Environment* environment) : environment_(environment) {}
  ~Handle() = default;

  // driver::Socket::Delegate
  void OnOpen() override;
  void OnOpenFailed(std::vector<driver::Failure> failures) override;
  void OnMessages(const connection::Batch& batch) override;
  void OnPong(std::string_view payload, uint64_t round_trip_ns) override;
  void OnEnd(const driver::Failure* failure) override;
  void OnDrained() override;
  void OnClosed(const driver::Failure* failure) override;
  void OnKeyLog(const std::string& lines) override;
  void OnTrace(const std::vector<driver::TraceEvent>& events) override;

  napi_value Inbox();
  // Why the messages were lost; kNone if they were not.
  ErrorCode TellMessages(const connection::Batch& batch) noexcept;
  ErrorCode TellPacked(const connection::Batch& batch) noexcept;
  // Calls a method of the inbox; as Environment::Call. The handle may be gone after it.
  bool Call(Callback callback, napi_value inbox, size_t argc, const napi_value* argv);
  // Calls a method of the inbox with what each `make` gives for the environment; once more if
  // Node-API fails, since what is to be told comes once. False where it fails again.
  template <typename... Make>
  bool Tell(Callback callback, Make... make) noexcept;
  void Free();
  void RetireLoop();

  Environment* environment_;
  driver::Socket* socket_ = nullptr;
  std::unique_ptr<driver::PrivateLoop> private_loop_;
  Reference inbox_;
  uint64_t reports_ = 0;
  int32_t slot_ = -1;
  bool notify_when_drained_ = false;
  bool packed_ = false;
  bool broken_ = false;
  bool broken_reported_ = false;
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_HANDLE_H_
