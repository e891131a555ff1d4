#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <memory>
#include <vector>

#include "bench/native/endpoint.h"
#include "bench/native/task.h"
#include "bench/native/usage.h"
#include "frame/header.h"
#include "frame/mask.h"

namespace wsfd::bench {

namespace {

std::vector<uint8_t> EncodeOnce(const Task& task) {
  std::vector<uint8_t> out(frame::kMaxClientHeader + task.size, 'x');
  const uint8_t key[4] = {0x12, 0x34, 0x56, 0x78};
  const size_t header =
      frame::WriteClientHeader(out.data(), frame::Opcode::kText, true, false, task.size, key);
  frame::ApplyMask(out.data() + header, task.size, key);
  out.resize(header + task.size);
  return out;
}

// Waits in epoll, as an event loop does, until a whole frame of `task` has come.
bool AwaitFrame(const Task& task, Endpoint* endpoint, int epoll) {
  uint8_t buffer[16 * 1024];
  size_t size = 0;
  for (;;) {
    epoll_event event;
    if (epoll_wait(epoll, &event, 1, -1) != 1) continue;
    const size_t count = endpoint->Read(buffer + size, sizeof buffer - size);
    if (count == 0) {
      // TLS: what came was not a message, such as a session ticket.
      if (endpoint->ssl() != nullptr && SSL_want_read(endpoint->ssl())) continue;
      return false;
    }
    size += count;
    frame::Header header;
    ErrorCode code = ErrorCode::kNone;
    const auto status = frame::ParseHeader(buffer, size, &header, &code);
    if (status == frame::HeaderStatus::kFailed) return false;
    if (status == frame::HeaderStatus::kComplete && header.size + task.size <= size) return true;
  }
}

// Its own descriptor, closed.
class Epoll {
 public:
  explicit Epoll(int watched) : fd_(epoll_create1(0)) {
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(fd_, EPOLL_CTL_ADD, watched, &event);
  }
  ~Epoll() { close(fd_); }
  Epoll(const Epoll&) = delete;
  Epoll& operator=(const Epoll&) = delete;

  int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

bool Echo(const Task& task, Outcome* outcome, std::string* error) {
  std::unique_ptr<Tls> tls;
  if (!CreateTls(task, &tls, error)) return false;
  const auto endpoint = Endpoint::Open(task, tls.get(), error);
  if (!endpoint) return false;
  fcntl(endpoint->fd(), F_SETFL, O_NONBLOCK);
  const Epoll epoll(endpoint->fd());
  const std::vector<uint8_t> message = EncodeOnce(task);
  for (Window window(task); window.GoesOn(outcome);) {
    const double sent_at = NowMs();
    if (!endpoint->Write(message.data(), message.size()) ||
        !AwaitFrame(task, endpoint.get(), epoll.fd())) {
      *error = "the server did not send the message back";
      return false;
    }
    outcome->latencies_ms.push_back(NowMs() - sent_at);
    ++outcome->messages;
  }
  return true;
}

}  // namespace wsfd::bench
