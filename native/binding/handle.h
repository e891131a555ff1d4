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

// Connects a socket to its inbox in JavaScript: callbacks of the socket become calls of the inbox's
// methods. Occupies a slot of its environment from open until it is released.
class Handle final : public driver::Socket::Delegate {
 public:
  // Starts opening; the inbox is kept alive until the handle is released. -1, and nothing is
  // opened, if Node-API fails. With a `private_loop`, the socket runs only while that turns, and
  // calls the inbox within the call that turns it; otherwise it uses the environment's loop.
  static int32_t Open(Environment* environment, napi_value inbox, driver::OpenOptions options,
                      std::unique_ptr<driver::PrivateLoop> private_loop = nullptr);

  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  driver::Socket* socket() { return socket_; }
  int32_t slot() const { return slot_; }
  // nullptr if the socket is on the environment's loop.
  driver::PrivateLoop* private_loop() { return private_loop_.get(); }
  uint64_t inbox_calls() const { return inbox_calls_; }
  // True, once, if V8 terminated a method of the inbox: what that call delivered is lost, and
  // OnMessages and OnEnd deliver nothing after it.
  bool TakeBroken() { return broken_ && !std::exchange(broken_reported_, true); }
  // From now on, onPacked delivers messages.
  void Pack() { packed_ = true; }
  // Calls onDrained at the next OnDrained, once.
  void NotifyWhenDrained() { notify_when_drained_ = true; }
  // Releases the socket, frees the slot and deletes the handle.
  void Release();
  // The same, and the connection ends at once.
  void Terminate();
  // The environment is torn down: calls nothing, and deletes the handle.
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
  // Why the messages are lost; kNone if they are not.
  ErrorCode TellMessages(const connection::Batch& batch) noexcept;
  ErrorCode TellPacked(const connection::Batch& batch) noexcept;
  // Calls a method of the inbox; as Environment::Call. The handle may be gone after it.
  bool Call(Callback callback, napi_value inbox, size_t argc, const napi_value* argv);
  // Calls a method of the inbox with the value of each `make` for the environment; a second time if
  // Node-API fails, since an event occurs only once. False if that fails again.
  template <typename... Make>
  bool Tell(Callback callback, Make... make) noexcept;
  void Free();
  void RetireLoop();

  Environment* environment_;
  driver::Socket* socket_ = nullptr;
  std::unique_ptr<driver::PrivateLoop> private_loop_;
  Reference inbox_;
  uint64_t inbox_calls_ = 0;
  int32_t slot_ = -1;
  bool notify_when_drained_ = false;
  bool packed_ = false;
  bool broken_ = false;
  bool broken_reported_ = false;
};

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_HANDLE_H_
