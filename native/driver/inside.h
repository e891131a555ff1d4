#ifndef WSFD_DRIVER_INSIDE_H_
#define WSFD_DRIVER_INSIDE_H_

#include "driver/guard.h"
#include "driver/socket.h"

namespace wsfd::driver {

// Stands at the top of every libuv callback that reaches a socket. The application may destroy the
// socket during the callback; the last Inside deletes it. The outermost Inside ends the wake-up.
class Socket::Inside {
 public:
  explicit Inside(Socket* socket) : socket_(socket) { socket_->inside_++; }
  ~Inside() {
    if (socket_->inside_ == 1) socket_->loop_->WakeUpDone();
    if (--socket_->inside_ == 0 && socket_->phase_ == Phase::kDestroyed) delete socket_;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  Socket* socket_;
};

template <typename Body>
void Socket::Enter(Body body) {
  Inside inside(this);
  if (!closed()) Guard(body, [this] { FailHard(ErrorCode::kOutOfMemory); });
}

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_INSIDE_H_
