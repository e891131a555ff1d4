#ifndef WSFD_DRIVER_TRANSPORT_INSIDE_H_
#define WSFD_DRIVER_TRANSPORT_INSIDE_H_

#include "driver/guard.h"
#include "driver/transport.h"

namespace wsfd::driver {

// Wraps calls of a delegate: the owner may release the transport in them; the last Inside deletes
// it.
class Transport::Inside {
 public:
  explicit Inside(Transport* transport) : transport_(transport) { transport_->inside_++; }
  ~Inside() {
    if (--transport_->inside_ == 0 && transport_->destroyed_) delete transport_;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  Transport* transport_;
};

template <typename Body>
void Transport::Enter(Body body) {
  const Inside inside(this);
  Guard(body, [this] {
    if (!closed()) delegate_->OnOutOfMemory();
  });
}

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_TRANSPORT_INSIDE_H_
