#include "connection/keepalive.h"

#include <algorithm>

namespace wsfd::connection {

void Keepalive::Await(uint64_t now, const Traffic& traffic) {
  awaiting_ = true;
  at_ping_ = traffic;
  deadline_ = now + pong_timeout_;
}

Keepalive::Step Keepalive::Next(uint64_t now, const Traffic& traffic) {
  if (!traffic.reading || traffic.reads != at_ping_.reads) awaiting_ = false;
  if (awaiting_ && now >= deadline_) {
    const bool moved = traffic.progress != at_ping_.progress;
    if (!at_ping_.backlog || !moved) return {Action::kGiveUp, 0};
    // The peer still takes bytes from before the ping, which may not have reached it yet.
    Await(now, traffic);
  }
  Action action = Action::kWait;
  if (now >= next_ping_) {
    next_ping_ = now + interval_;
    if (!awaiting_ && traffic.reading) {
      Await(now, traffic);
      action = Action::kPing;
    }
  }
  return {action, (awaiting_ ? std::min(next_ping_, deadline_) : next_ping_) - now};
}

}  // namespace wsfd::connection
