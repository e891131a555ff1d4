#ifndef WSFD_CONNECTION_CONTROL_OBSERVER_H_
#define WSFD_CONNECTION_CONTROL_OBSERVER_H_

#include <string_view>

#include "frame/header.h"

namespace wsfd::connection {

// Is notified of the control frames of a connection, also of those that it answers itself.
class ControlObserver {
 public:
  // `incoming`: a whole frame of the peer, not yet validated; otherwise ours, already in the
  // output. The payload is valid during the call. Must not call the connection.
  virtual void OnControlFrame(bool incoming, frame::Opcode opcode, std::string_view payload) = 0;
  // True: Connection::Receive stops before the next frame, so that what was observed is delivered.
  virtual bool IsFull() const = 0;

 protected:
  ~ControlObserver() = default;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_CONTROL_OBSERVER_H_
