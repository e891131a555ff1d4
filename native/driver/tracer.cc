#include "driver/tracer.h"

#include <utility>

#include "driver/connector.h"
#include "driver/loop.h"

namespace wsfd::driver {

using Kind = TraceEvent::Kind;

// The socket delivers it at the end of the tick, or before it calls its delegate.
void Tracer::Add(TraceEvent event) {
  event.time_ns = uv_hrtime();
  events_.push_back(std::move(event));
  loop_->FlushLater(socket_);
}

std::vector<TraceEvent> Tracer::Take() {
  constexpr double kNsPerMs = 1e6;
  const uint64_t now = uv_hrtime();
  std::vector<TraceEvent> events = std::exchange(events_, {});
  for (TraceEvent& event : events) {
    event.age_ms = static_cast<double>(now - event.time_ns) / kNsPerMs;
  }
  return events;
}

void Tracer::Stop() {
  topics_ = 0;
  events_.clear();
}

void Tracer::Lookup(const std::string& host) {
  if (!Wants(kTraceAttempts)) return;
  TraceEvent event(Kind::kLookup);
  event.text = host;
  Add(std::move(event));
}

void Tracer::Resolved(const std::string& host, const std::vector<sockaddr_storage>& addresses) {
  if (!Wants(kTraceAttempts)) return;
  TraceEvent event(Kind::kResolved);
  event.text = host;
  for (const sockaddr_storage& address : addresses) {
    event.addresses.push_back(AddressOf(address, &event.port));
  }
  Add(std::move(event));
}

void Tracer::Attempt(Kind kind, const std::string& host, const sockaddr_storage& address) {
  if (!Wants(kTraceAttempts)) return;
  TraceEvent event(kind);
  event.text = host;
  event.address = AddressOf(address, &event.port);
  Add(std::move(event));
}

void Tracer::AttemptFailed(const std::string& host, const Failure& failure) {
  if (!Wants(kTraceAttempts)) return;
  TraceEvent event(Kind::kFailed);
  event.text = host;
  event.address = failure.address;
  event.port = failure.port;
  event.failure = failure;
  Add(std::move(event));
}

void Tracer::ProxyAsked(std::string what) {
  if (!Wants(kTraceProxy)) return;
  TraceEvent event(Kind::kProxyAsked);
  event.text = std::move(what);
  Add(std::move(event));
}

void Tracer::ProxyAnswered(const handshake::Response* response, const Failure* failure) {
  if (!Wants(kTraceProxy)) return;
  TraceEvent event(Kind::kProxyAnswered);
  if (response != nullptr) event.response = std::make_shared<handshake::Response>(*response);
  if (failure != nullptr) event.failure = *failure;
  Add(std::move(event));
}

void Tracer::Tls(bool of_proxy, const tls::Session& session, const Failure* failure) {
  if (!Wants(kTraceTls)) return;
  TraceEvent event(Kind::kTls);
  event.of_proxy = of_proxy;
  event.tls = session.Info();
  event.certificate_errors = session.certificate_errors();
  if (failure != nullptr) event.failure = *failure;
  Add(std::move(event));
}

void Tracer::Request(std::string head) {
  if (!Wants(kTraceHandshake)) return;
  TraceEvent event(Kind::kRequest);
  event.text = std::move(head);
  Add(std::move(event));
}

void Tracer::Response(const handshake::Response& response) {
  if (!Wants(kTraceHandshake)) return;
  TraceEvent event(Kind::kResponse);
  event.response = std::make_shared<handshake::Response>(response);
  Add(std::move(event));
}

void Tracer::OnControlFrame(bool incoming, frame::Opcode opcode, std::string_view payload) {
  if (!Wants(kTraceControlFrames)) return;
  TraceEvent event(incoming ? Kind::kControlIn : Kind::kControlOut);
  event.opcode = opcode;
  event.text = payload;
  Add(std::move(event));
}

}  // namespace wsfd::driver
