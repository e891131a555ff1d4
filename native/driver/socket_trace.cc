// What a socket tells of its life beyond its results, where somebody asked for it.

#include <string>
#include <utility>

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

// The delegate may destroy the socket in it: the caller is inside, and looks before it goes on.
void Socket::DeliverTrace() {
  if (tracer_ == nullptr) return;
  const std::vector<TraceEvent> events = tracer_->Take();
  if (!events.empty() && delegate_ != nullptr) delegate_->OnTrace(events);
}

// Of the TLS handshake's last step.
void Socket::DeliverKeyLog() {
  const std::string lines = transport_->tls()->TakeKeyLog();
  if (!lines.empty() && delegate_ != nullptr) delegate_->OnKeyLog(lines);
}

void Socket::TraceTls(const Failure* failure) {
  if (tracer_ != nullptr) tracer_->Tls(false, *transport_->tls(), failure);
}

// The answer to the opening handshake has been judged.
void Socket::TraceResponse() {
  if (tracer_ == nullptr || connection_.response() == nullptr) return;
  tracer_->Response(*connection_.response());
}

}  // namespace wsfd::driver
