#ifndef WSFD_TLS_WIRE_H_
#define WSFD_TLS_WIRE_H_

#include <openssl/bio.h>

#include <cstddef>
#include <cstdint>

#include "base/byte_queue.h"

namespace wsfd::tls {

// The network as an SSL sees it: received ciphertext, lent, and ciphertext to be sent.
struct Wire {
  const uint8_t* input = nullptr;
  size_t input_left = 0;
  ByteQueue output;
  bool out_of_memory = false;  // output could not grow
};

// A BIO that reads `wire`'s input in place and appends to its output. Does not own the wire, which
// outlives it. nullptr if memory runs out. Thread-safe.
BIO* NewWireBio(Wire* wire);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_WIRE_H_
