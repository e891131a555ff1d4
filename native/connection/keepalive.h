#ifndef WSFD_CONNECTION_KEEPALIVE_H_
#define WSFD_CONNECTION_KEEPALIVE_H_

#include <cstdint>

namespace wsfd::connection {

// Decides when a connection pings its peer and when it gives the peer up. Every interval a ping is
// due unless one is unanswered. Any byte that comes is an answer: a pong may stand behind a message
// that takes longer than the time allowed. Pure: time and what was seen are handed in.
class Keepalive {
 public:
  // What went over the transport so far, as its owner counts it.
  struct Traffic {
    uint64_t reads = 0;    // grows when bytes came
    bool reading = true;   // bytes that come are taken; without that no pong can be seen
    bool backlog = false;  // bytes wait for the system to take them, a ping behind them
    uint64_t writes = 0;   // together with `unsent` different when the system took some
    uint64_t unsent = 0;
  };
  enum class Action : uint8_t { kWait, kPing, kGiveUp };
  struct Step {
    Action action;
    uint64_t wait_ms;  // when Next is due again; 0 for kGiveUp
  };

  // Milliseconds, `interval` and `pong_timeout` at least 1. `now` is of any clock that never goes
  // back; a peer that falls silent is given up within interval + pong_timeout.
  Keepalive(uint64_t interval, uint64_t pong_timeout, uint64_t now)
      : interval_(interval), pong_timeout_(pong_timeout), next_ping_(now + interval) {}

  // What is to be done at `now`. Asked again after kGiveUp it says the same while no byte came.
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
