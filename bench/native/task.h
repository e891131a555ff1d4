#ifndef WSFD_BENCH_NATIVE_TASK_H_
#define WSFD_BENCH_NATIVE_TASK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

// The bare limits that bench/ compares clients with: blocking POSIX sockets, OpenSSL where there is
// TLS, and this project's frame functions; no libuv, no JavaScript. They do no more than has to be
// done, so no client can be faster by much. Linux only.

namespace wsfd::bench {

// What to do. bench/addon.ts declares the same.
struct Task {
  uint16_t port;       // on 127.0.0.1
  std::string target;  // path and query
  std::string ca;      // PEM of the trusted root; empty: plain
  size_t size;         // bytes of each message's payload
  bool text;           // else binary
  double warm_up_ms;
  double window_ms;
  uint32_t count;   // connections
  bool resume;      // use the TLS session of an earlier connection
  bool frames;      // read frames; else bytes are received and messages reckoned from them
  int window_bits;  // of messages that come compressed; 0: they do not
  bool takeover;    // the window is kept from message to message
};

struct Outcome {
  double cpu_us = 0;   // user and system, of the whole process
  double wall_us = 0;  // that went by
  double messages = 0;
  std::vector<double> latencies_ms;  // of round trips
};

// Each works in the calling thread and returns false with *error if the server does not play along.
bool Receive(const Task& task, Outcome* outcome, std::string* error);
bool Send(const Task& task, Outcome* outcome, std::string* error);
bool Echo(const Task& task, Outcome* outcome, std::string* error);
// Opens task.count connections, one after the other; closes them, but does not measure that.
bool Open(const Task& task, Outcome* outcome, std::string* error);
// Opens task.count connections that stay until the process ends.
bool Hold(const Task& task, Outcome* outcome, std::string* error);

}  // namespace wsfd::bench

#endif  // WSFD_BENCH_NATIVE_TASK_H_
