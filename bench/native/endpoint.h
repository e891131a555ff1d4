#ifndef WSFD_BENCH_NATIVE_ENDPOINT_H_
#define WSFD_BENCH_NATIVE_ENDPOINT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "bench/native/task.h"
#include "bench/native/tls.h"

namespace wsfd::bench {

// A blocking connection to the server of a task, its opening handshake done.
class Endpoint {
 public:
  // `tls`: nullptr for plain. nullptr with *error when it cannot be opened.
  static std::unique_ptr<Endpoint> Open(const Task& task, Tls* tls, std::string* error);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  // At most `size` bytes, at least one; 0 when the connection has ended.
  size_t Read(uint8_t* data, size_t size);
  // All of it; false when the connection has ended.
  bool Write(const uint8_t* data, size_t size);

  int fd() const { return fd_; }
  SSL* ssl() const { return ssl_.get(); }

 private:
  explicit Endpoint(int fd) : fd_(fd) {}
  bool Shake(const Task& task);
  size_t ReadTransport(uint8_t* data, size_t size);

  int fd_;
  tls::SslPtr ssl_;
  std::string rest_;  // what came behind the answer to the opening handshake
};

// The TLS of a task, or nullptr if it is plain; false with *error if its root is none.
bool CreateTls(const Task& task, std::unique_ptr<Tls>* tls, std::string* error);

}  // namespace wsfd::bench

#endif  // WSFD_BENCH_NATIVE_ENDPOINT_H_
