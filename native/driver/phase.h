#ifndef WSFD_DRIVER_PHASE_H_
#define WSFD_DRIVER_PHASE_H_

#include <cstdint>

namespace wsfd::driver {

// The phases of a socket, in order.
enum class Phase : uint8_t {
  kConnecting,  // name lookup, TCP, and the proxy's consent
  kSecuring,    // the TLS handshake, where there is TLS
  kOpening,     // the opening handshake
  kOpen,        // messages both ways
  kClosing,     // the application closes: no message is delivered, the closing handshake goes on
  kLingering,   // the end was told; our last bytes go out, the peer's end of stream is awaited
  kClosed,      // no handle is left
  kDestroyed,   // nobody holds it; deleted once control has left it
};
inline constexpr int kPhaseCount = 8;

// What moves it on.
enum class PhaseEvent : uint8_t {
  kConnected,      // there is a way to the target
  kSecured,        // the TLS handshake is complete, or none is wanted
  kAccepted,       // the opening handshake was accepted
  kCloseCalled,    // the application wants the connection closed
  kEnded,          // the opening failed or the connection is over
  kHandlesClosed,  // the stream, the timer and what connects were closed
  kReleased,       // the application holds it no more
};
inline constexpr int kPhaseEventCount = 7;

// The whole machine: kNextPhase[phase][event]. docs/ARCHITECTURE.md draws it from this table.
// An event that cannot happen in a phase leads back to that phase.
inline constexpr Phase kNextPhase[kPhaseCount][kPhaseEventCount] = {
    // kConnected, kSecured, kAccepted, kCloseCalled, kEnded, kHandlesClosed, kReleased
    // kConnecting
    {Phase::kSecuring, Phase::kConnecting, Phase::kConnecting, Phase::kConnecting,
     Phase::kConnecting, Phase::kClosed, Phase::kConnecting},
    // kSecuring
    {Phase::kSecuring, Phase::kOpening, Phase::kSecuring, Phase::kSecuring, Phase::kLingering,
     Phase::kClosed, Phase::kSecuring},
    // kOpening
    {Phase::kOpening, Phase::kOpening, Phase::kOpen, Phase::kOpening, Phase::kLingering,
     Phase::kClosed, Phase::kOpening},
    // kOpen
    {Phase::kOpen, Phase::kOpen, Phase::kOpen, Phase::kClosing, Phase::kLingering, Phase::kClosed,
     Phase::kOpen},
    // kClosing
    {Phase::kClosing, Phase::kClosing, Phase::kClosing, Phase::kClosing, Phase::kLingering,
     Phase::kClosed, Phase::kClosing},
    // kLingering
    {Phase::kLingering, Phase::kLingering, Phase::kLingering, Phase::kLingering, Phase::kLingering,
     Phase::kClosed, Phase::kLingering},
    // kClosed
    {Phase::kClosed, Phase::kClosed, Phase::kClosed, Phase::kClosed, Phase::kClosed, Phase::kClosed,
     Phase::kDestroyed},
    // kDestroyed
    {Phase::kDestroyed, Phase::kDestroyed, Phase::kDestroyed, Phase::kDestroyed, Phase::kDestroyed,
     Phase::kDestroyed, Phase::kDestroyed},
};

inline Phase Next(Phase phase, PhaseEvent event) {
  return kNextPhase[static_cast<int>(phase)][static_cast<int>(event)];
}

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_PHASE_H_
