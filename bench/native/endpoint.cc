#include "bench/native/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace wsfd::bench {

std::unique_ptr<Endpoint> Endpoint::Open(const Task& task, Tls* tls, std::string* error) {
  std::unique_ptr<Endpoint> endpoint(new Endpoint(socket(AF_INET, SOCK_STREAM, 0)));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(task.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(endpoint->fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    *error = std::string("connect: ") + std::strerror(errno);
    return nullptr;
  }
  const int on = 1;
  setsockopt(endpoint->fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (tls != nullptr) {
    endpoint->ssl_ = tls->Connect(endpoint->fd_, task.resume);
    if (!endpoint->ssl_) {
      *error = "the TLS handshake failed";
      return nullptr;
    }
  }
  if (!endpoint->Shake(task)) {
    *error = "the opening handshake failed";
    return nullptr;
  }
  return endpoint;
}

Endpoint::~Endpoint() {
  if (fd_ >= 0) close(fd_);
}

bool Endpoint::Shake(const Task& task) {
  const std::string request = "GET " + task.target +
                              " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (!Write(reinterpret_cast<const uint8_t*>(request.data()), request.size())) return false;
  std::string head;
  for (;;) {
    uint8_t piece[2048];
    const size_t size = ReadTransport(piece, sizeof piece);
    if (size == 0) return false;
    head.append(reinterpret_cast<const char*>(piece), size);
    const size_t end = head.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    rest_ = head.substr(end + 4);
    return head.compare(0, 12, "HTTP/1.1 101") == 0;
  }
}

size_t Endpoint::ReadTransport(uint8_t* data, size_t size) {
  const ssize_t count =
      ssl_ ? SSL_read(ssl_.get(), data, static_cast<int>(size)) : recv(fd_, data, size, 0);
  return count > 0 ? static_cast<size_t>(count) : 0;
}

size_t Endpoint::Read(uint8_t* data, size_t size) {
  if (rest_.empty()) return ReadTransport(data, size);
  const size_t count = std::min(size, rest_.size());
  std::memcpy(data, rest_.data(), count);
  rest_.erase(0, count);
  return count;
}

bool Endpoint::Write(const uint8_t* data, size_t size) {
  while (size > 0) {
    const ssize_t count = ssl_ ? SSL_write(ssl_.get(), data, static_cast<int>(size))
                               : send(fd_, data, size, MSG_NOSIGNAL);
    if (count <= 0) return false;
    data += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool CreateTls(const Task& task, std::unique_ptr<Tls>* tls, std::string* error) {
  if (task.ca.empty()) return true;
  *tls = Tls::Create(task.ca);
  if (!*tls) *error = "no root certificate";
  return *tls != nullptr;
}

}  // namespace wsfd::bench
