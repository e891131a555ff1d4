#ifndef WSFD_CONNECTION_MESSAGE_H_
#define WSFD_CONNECTION_MESSAGE_H_

#include <cstddef>
#include <cstdint>

namespace wsfd::connection {

// A whole message that came in. The bytes are borrowed: see Connection::Receive.
struct Message {
  union {
    const uint8_t* data;  // never nullptr
    size_t offset;        // where it is while `assembled`
  };
  size_t size;
  bool text;       // UTF-8, already checked; else binary
  bool ascii;      // text without a byte over 0x7F
  bool assembled;  // inside the connection; false once Receive has returned
};

// Memory that is to be filled from its front.
struct Space {
  uint8_t* data = nullptr;  // nullptr: nowhere in particular
  size_t size = 0;          // bytes that it may be filled with
};

// The messages of one Receive call, in order. Bounded, so that a wake-up's work is.
struct Batch {
  static constexpr size_t kCapacity = 512;
  size_t count = 0;
  bool follows = false;  // messages were delivered that the application had no time to answer yet
  Message messages[kCapacity];

  bool full() const { return count == kCapacity; }
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_MESSAGE_H_
