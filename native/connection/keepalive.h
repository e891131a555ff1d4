#ifndef WSFD_CONNECTION_KEEPALIVE_H_
#define WSFD_CONNECTION_KEEPALIVE_H_

#include <cstdint>

namespace wsfd::connection {

// Decides when a connection pings its peer and when it gives the peer up. A ping is due every
// interval unless one is unanswered. Any received byte is an answer: a pong may follow a message
// that takes longer than the timeout. Pure: time and traffic are parameters.
class Keepalive {
 public:
  // The transport's traffic so far, as its owner counts it.
  struct Traffic {
    uint64_t reads = 0;     // grows when bytes arrive
    bool reading = true;    // the transport is being read; else no pong can arrive
    bool backlog = false;   // the system has not taken all bytes; a ping waits too
    uint64_t progress = 0;  // grows when the system takes bytes, not when more bytes wait
  };
  enum class Action : uint8_t { kWait, kPing, kGiveUp };
  struct Step {
    Action action;
    uint64_t wait_ms;  // when Next is due again; 0 for kGiveUp
  };

  // Milliseconds, `interval` and `pong_timeout` at least 1. `now` is of any clock that never goes
  // back. Without a backlog a silent peer is given up within interval + pong_timeout.
  Keepalive(uint64_t interval, uint64_t pong_timeout, uint64_t now)
      : interval_(interval), pong_timeout_(pong_timeout), next_ping_(now + interval) {}

  // The action at `now`. After kGiveUp it stays the same while `traffic` does not change.
  Step Next(uint64_t now, const Traffic& traffic);

 private:
  void Await(uint64_t now, const Traffic& traffic);

  uint64_t interval_;
  uint64_t pong_timeout_;
  uint64_t next_ping_;
  uint64_t deadline_ = 0;
  Traffic at_ping_;
  bool awaiting_ = false;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_KEEPALIVE_H_
