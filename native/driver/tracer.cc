#include "driver/tracer.h"

#include <utility>

#include "driver/connector.h"
#include "driver/guard.h"
#include "driver/loop.h"

namespace wsfd::driver {

using Kind = TraceEvent::Kind;

// The socket delivers the event at the end of the tick, or before it calls its delegate. An event
// for which there is no memory is dropped.
template <typename Fill>
void Tracer::Record(TraceTopic topic, Kind kind, Fill fill) noexcept {
  if (!Wants(topic)) return;
  const auto add = [&] {
    TraceEvent event(kind);
    fill(&event);
    event.time_ns = uv_hrtime();
    events_.push_back(std::move(event));
    loop_->FlushLater(socket_);
  };
  Guard(add, [] {});
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

void Tracer::Lookup(const std::string& host) noexcept {
  Record(kTraceAttempts, Kind::kLookup, [&](TraceEvent* event) { event->text = host; });
}

void Tracer::Resolved(const std::string& host,
                      const std::vector<sockaddr_storage>& addresses) noexcept {
  Record(kTraceAttempts, Kind::kResolved, [&](TraceEvent* event) {
    event->text = host;
    for (const sockaddr_storage& address : addresses) {
      event->addresses.push_back(AddressOf(address, &event->port));
    }
  });
}

void Tracer::Attempt(Kind kind, const std::string& host, const sockaddr_storage& address) noexcept {
  Record(kTraceAttempts, kind, [&](TraceEvent* event) {
    event->text = host;
    event->address = AddressOf(address, &event->port);
  });
}

void Tracer::AttemptFailed(const std::string& host, const Failure& failure) noexcept {
  Record(kTraceAttempts, Kind::kFailed, [&](TraceEvent* event) {
    event->text = host;
    event->address = failure.address;
    event->port = failure.port;
    event->failure = failure;
  });
}

void Tracer::ProxyAsked(const std::string& what) noexcept {
  Record(kTraceProxy, Kind::kProxyAsked, [&](TraceEvent* event) { event->text = what; });
}

void Tracer::ProxyAnswered(const handshake::Response* response, const Failure* failure) noexcept {
  Record(kTraceProxy, Kind::kProxyAnswered, [&](TraceEvent* event) {
    if (response != nullptr) event->response = std::make_shared<handshake::Response>(*response);
    if (failure != nullptr) event->failure = *failure;
  });
}

void Tracer::Tls(bool of_proxy, const tls::Session& session, const Failure* failure) noexcept {
  Record(kTraceTls, Kind::kTls, [&](TraceEvent* event) {
    event->of_proxy = of_proxy;
    event->tls = session.Info();
    event->certificate_errors = session.certificate_errors();
    if (failure != nullptr) event->failure = *failure;
  });
}

void Tracer::Request(std::string_view head) noexcept {
  Record(kTraceHandshake, Kind::kRequest, [&](TraceEvent* event) { event->text = head; });
}

void Tracer::Response(const handshake::Response& response) noexcept {
  Record(kTraceHandshake, Kind::kResponse, [&](TraceEvent* event) {
    event->response = std::make_shared<handshake::Response>(response);
  });
}

void Tracer::OnControlFrame(bool incoming, frame::Opcode opcode,
                            std::string_view payload) noexcept {
  control_frames_++;
  const Kind kind = incoming ? Kind::kControlIn : Kind::kControlOut;
  Record(kTraceControlFrames, kind, [&](TraceEvent* event) {
    event->opcode = opcode;
    event->text = payload;
  });
}

}  // namespace wsfd::driver
