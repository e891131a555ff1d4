#ifndef WSFD_CONNECTION_STATE_H_
#define WSFD_CONNECTION_STATE_H_

#include <cstdint>

namespace wsfd::connection {

// Where a connection is (RFC 6455 section 4.1 for kOpening, section 7.1 for the end).
enum class State : uint8_t {
  kOpening,        // the request was or will be sent; no frame may pass
  kOpen,           // messages both ways
  kLocalClosing,   // our close frame is out; the peer may still send
  kRemoteClosing,  // the peer's close frame came; ours is still owed
  kClosed,         // nothing more comes in; what is in the output still goes out
};
inline constexpr int kStateCount = 5;

// The events that change the state.
enum class Event : uint8_t {
  kAccepted,       // the server's 101 was judged good
  kCloseSent,      // a close frame of ours was put into the output
  kCloseReceived,  // the peer's close frame was read
  kFailed,         // the peer broke the protocol or the transport ended
};
inline constexpr int kEventCount = 4;

// The whole machine: kNextState[state][event]. docs/ARCHITECTURE.md draws it from this table.
// An event that cannot happen in a state leads back to that state.
inline constexpr State kNextState[kStateCount][kEventCount] = {
    // kAccepted       kCloseSent             kCloseReceived          kFailed
    {State::kOpen, State::kOpening, State::kOpening, State::kClosed},              // kOpening
    {State::kOpen, State::kLocalClosing, State::kRemoteClosing, State::kClosed},   // kOpen
    {State::kLocalClosing, State::kLocalClosing, State::kClosed, State::kClosed},  // kLocalClosing
    {State::kRemoteClosing, State::kClosed, State::kRemoteClosing,
     State::kClosed},                                                  // kRemoteClosing
    {State::kClosed, State::kClosed, State::kClosed, State::kClosed},  // kClosed
};

inline State Next(State state, Event event) {
  return kNextState[static_cast<int>(state)][static_cast<int>(event)];
}

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_STATE_H_
