#ifndef WSFD_BENCH_NATIVE_SPIN_H_
#define WSFD_BENCH_NATIVE_SPIN_H_

#include <cstdint>
#include <string>

namespace wsfd::bench {

// A server that echoes, one connection at a time, and never sleeps while it has one: what a client
// then measures is the kernel and the client, not how fast a second process wakes up.

// Listens on a free port of 127.0.0.1; returns the descriptor and sets *port, or -1.
int Listen(uint16_t* port);

// Serves for ever in the calling thread. `key`, `certificate`: PEM; empty: plain. Returns only with
// *error, when it cannot begin.
void SpinEcho(int listener, const std::string& key, const std::string& certificate,
              std::string* error);

}  // namespace wsfd::bench

#endif  // WSFD_BENCH_NATIVE_SPIN_H_
