#ifndef WSFD_CONNECTION_CONTROL_OBSERVER_H_
#define WSFD_CONNECTION_CONTROL_OBSERVER_H_

#include <string_view>

#include "frame/header.h"

namespace wsfd::connection {

// Hears of the control frames of a connection, those that it answers by itself included.
class ControlObserver {
 public:
  // `incoming`: the peer's, whole but not yet judged; otherwise ours, which is in the output now.
  // The payload is valid until it returns. It must not call the connection.
  virtual void OnControlFrame(bool incoming, frame::Opcode opcode, std::string_view payload) = 0;

 protected:
  ~ControlObserver() = default;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_CONTROL_OBSERVER_H_
