#include "bench/native/spin.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <memory>
#include <vector>

#include "frame/mask.h"
#include "handshake/request.h"
#include "tls/openssl_ptr.h"

namespace wsfd::bench {

namespace {

constexpr size_t kBuffer = 64 * 1024;

// A client's connection. Closes the descriptor.
class Peer {
 public:
  Peer(int fd, SSL_CTX* context) : fd_(fd) {
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (context == nullptr) return;
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), fd_);
  }
  ~Peer() { close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // TLS and the opening handshake; from then on reading does not block.
  bool Open() {
    if (ssl_ && SSL_accept(ssl_.get()) != 1) return false;
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos) {
      uint8_t piece[2048];
      const ssize_t size = Read(piece, sizeof piece);
      if (size <= 0) return false;
      head.append(reinterpret_cast<const char*>(piece), static_cast<size_t>(size));
    }
    const std::string answer = Answer(head);
    if (!Write(reinterpret_cast<const uint8_t*>(answer.data()), answer.size())) return false;
    return fcntl(fd_, F_SETFL, O_NONBLOCK) == 0;
  }

  // 0: nothing is there; negative: the connection has ended.
  ssize_t TryRead(uint8_t* data, size_t size) {
    const ssize_t count = Read(data, size);
    if (count > 0) return count;
    const bool wait =
        ssl_ ? SSL_get_error(ssl_.get(), static_cast<int>(count)) == SSL_ERROR_WANT_READ
             : count < 0 && errno == EAGAIN;
    return wait ? 0 : -1;
  }

  bool Write(const uint8_t* data, size_t size) {
    const ssize_t count = ssl_ ? SSL_write(ssl_.get(), data, static_cast<int>(size))
                               : send(fd_, data, size, MSG_NOSIGNAL);
    return count == static_cast<ssize_t>(size);
  }

 private:
  ssize_t Read(uint8_t* data, size_t size) {
    return ssl_ ? SSL_read(ssl_.get(), data, static_cast<int>(size)) : recv(fd_, data, size, 0);
  }

  // Clients differ in how they write the header's name.
  static std::string Answer(const std::string& head) {
    std::string lower = head;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    static constexpr char kName[] = "sec-websocket-key: ";
    const size_t at = lower.find(kName);
    const std::string key = at == std::string::npos ? "" : head.substr(at + sizeof kName - 1, 24);
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           handshake::ComputeAccept(key) + "\r\n\r\n";
  }

  int fd_;
  tls::SslPtr ssl_;
};

// Sends one whole frame of at most 125 bytes at the front of `data` back, unmasked. Returns its
// size; 0: it is not whole; -1: it is none that is served here, such as a close frame.
int EchoFrame(Peer* peer, uint8_t* data, size_t size) {
  constexpr size_t kHeader = 6;
  if (size < kHeader) return 0;
  const size_t length = data[1] & 0x7F;
  const uint8_t opcode = data[0] & 0x0F;
  if (length > 125 || opcode == 0 || opcode > 2) return -1;
  if (size < kHeader + length) return 0;
  uint8_t* const payload = data + kHeader;
  frame::ApplyMask(payload, length, data + 2);
  // The answer's header ends where the key did, so that nothing has to be moved.
  data[4] = data[0];
  data[5] = static_cast<uint8_t>(length);
  if (!peer->Write(data + 4, 2 + length)) return -1;
  return static_cast<int>(kHeader + length);
}

void Serve(Peer* peer) {
  const std::unique_ptr<uint8_t[]> buffer(new uint8_t[kBuffer]);
  size_t size = 0;
  for (;;) {
    const ssize_t count = peer->TryRead(buffer.get() + size, kBuffer - size);
    if (count < 0) return;
    if (count == 0) continue;
    size += static_cast<size_t>(count);
    size_t at = 0;
    for (int taken = 1; taken > 0; at += static_cast<size_t>(taken)) {
      taken = EchoFrame(peer, buffer.get() + at, size - at);
      if (taken < 0) return;
    }
    std::copy(buffer.get() + at, buffer.get() + size, buffer.get());
    size -= at;
  }
}

tls::SslCtxPtr CreateContext(const std::string& key, const std::string& certificate) {
  const auto pem = [](const std::string& text) {
    return tls::BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  };
  tls::SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
  const tls::PkeyPtr owned_key(PEM_read_bio_PrivateKey(pem(key).get(), nullptr, nullptr, nullptr));
  const tls::X509Ptr leaf(PEM_read_bio_X509(pem(certificate).get(), nullptr, nullptr, nullptr));
  const bool good = context && owned_key && leaf &&
                    SSL_CTX_use_certificate(context.get(), leaf.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(context.get(), owned_key.get()) == 1;
  return good ? std::move(context) : nullptr;
}

}  // namespace

int Listen(uint16_t* port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (bind(fd, generic, size) != 0 || listen(fd, 16) != 0 || getsockname(fd, generic, &size) != 0) {
    close(fd);
    return -1;
  }
  *port = ntohs(address.sin_port);
  return fd;
}

void SpinEcho(int listener, const std::string& key, const std::string& certificate,
              std::string* error) {
  tls::SslCtxPtr context;
  if (!key.empty()) {
    context = CreateContext(key, certificate);
    if (!context) {
      *error = "no key and certificate";
      return;
    }
  }
  for (;;) {
    const int fd = accept(listener, nullptr, nullptr);
    if (fd < 0) continue;
    Peer peer(fd, context.get());
    if (peer.Open()) Serve(&peer);
  }
}

}  // namespace wsfd::bench
