#ifndef WSFD_CONNECTION_MESSAGE_H_
#define WSFD_CONNECTION_MESSAGE_H_

#include <cstddef>
#include <cstdint>

namespace wsfd::connection {

// A whole received message. The bytes are borrowed: see Connection::Receive.
struct Message {
  union {
    const uint8_t* data;  // never nullptr
    size_t offset;        // if has_offset
  };
  size_t size;
  bool text;        // UTF-8, already checked; else binary
  bool ascii;       // text without a byte over 0x7F
  bool has_offset;  // false once Receive has returned
};

// Memory that is to be filled from its front.
struct Space {
  uint8_t* data = nullptr;  // nullptr: any buffer will do
  size_t size = 0;          // bytes that it may be filled with
};

// The messages of one Receive call, in order: at most kCapacity.
struct Batch {
  static constexpr size_t kCapacity = 512;
  size_t count = 0;
  bool follows_delivered = false;  // the application had no time yet to answer earlier messages
  Message messages[kCapacity];

  bool full() const { return count == kCapacity; }
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_MESSAGE_H_
