// The trace events and key log lines of a socket, if requested.

#include <string>
#include <utility>

#include "driver/inside.h"
#include "driver/socket.h"

namespace wsfd::driver {

// With the key log, which comes first. The delegate may destroy the socket: the caller is inside
// and checks for it afterwards.
void Socket::DeliverTrace() {
  DeliverKeyLog();
  if (tracer_ == nullptr) return;
  const std::vector<TraceEvent> events = tracer_->Take();
  if (!events.empty() && delegate_ != nullptr) delegate_->OnTrace(events);
}

// The lines of a flush: OpenSSL may answer a KeyUpdate only with the next bytes that it seals. The
// transport tells the others.
void Socket::DeliverKeyLog() {
  tls::Session* const session = transport_ == nullptr ? nullptr : transport_->tls();
  if (session == nullptr) return;
  const std::string lines = session->TakeKeyLog();
  if (!lines.empty() && delegate_ != nullptr) delegate_->OnKeyLog(lines);
}

// The delegate may destroy the socket, and with it the transport or the tunnel that calls this.
void Socket::OnKeyLog(const std::string& lines) {
  Enter([&] {
    if (delegate_ != nullptr) delegate_->OnKeyLog(lines);
  });
}

void Socket::TraceTls(const Failure* failure) {
  if (tracer_ != nullptr) tracer_->Tls(false, *transport_->tls(), failure);
}

// The response to the opening handshake was accepted or refused.
void Socket::TraceResponse() {
  if (tracer_ == nullptr || connection_.response() == nullptr) return;
  tracer_->Response(*connection_.response());
}

}  // namespace wsfd::driver
