#ifndef WSFD_DRIVER_CONNECTOR_H_
#define WSFD_DRIVER_CONNECTOR_H_

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "driver/failure.h"
#include "driver/loop.h"
#include "driver/tracer.h"

namespace wsfd::driver {

// The remote and the local address of a connection. Plain data.
struct Endpoint {
  std::string host;  // name or IP address without brackets
  uint16_t port = 0;
  std::string path;           // of a Unix domain socket or named pipe, in place of both; else empty
  std::string local_address;  // the IP address to connect from; empty: the system chooses
};

// Connects to a host: resolves its name and tries its addresses as in RFC 8305 ("Happy Eyeballs").
// The address families alternate. An attempt starts when the previous one fails or has not
// succeeded within 250 ms. The first connection wins. Deletes itself when the last of its requests
// is done.
class Connector {
 public:
  class Delegate {
   public:
    // `stream` is connected, over TCP with TCP_NODELAY set. The delegate owns it now.
    virtual void OnConnected(uv_stream_t* stream) = 0;
    // One failure for each address tried, or one for the name lookup; none if memory ran out.
    // Neither function throws.
    virtual void OnConnectFailed(std::vector<Failure> failures) = 0;

   protected:
    ~Delegate() = default;
  };

  // Calls the delegate at most once, and never before it returns. `tracer` (may be nullptr) records
  // every step until then.
  static Connector* Start(Loop* loop, const Endpoint& endpoint, Tracer* tracer, Delegate* delegate);

  // Closes everything; the delegate is not called after this.
  void Cancel();

  // How far it has come without a result, for the detail of an error.
  std::string DescribeWait() const;

 private:
  struct Attempt {
    uv_connect_t request;
    Connector* connector;
    uv_stream_t* stream;  // nullptr once it was closed or handed over
    sockaddr_storage address;
  };

  static constexpr uint64_t kAttemptDelayMs = 250;  // RFC 8305 section 5

  Connector(Loop* loop, Tracer* tracer, Delegate* delegate)
      : loop_(loop), tracer_(tracer), delegate_(delegate) {}
  ~Connector() = default;

  // Runs the body of a libuv callback; fails if memory runs out in it.
  template <typename Body>
  void Enter(Body body);
  void Resolve(const Endpoint& endpoint);
  void LookUp(const Endpoint& endpoint);
  void ConnectPipe(const std::string& path);
  void OnResolved(int status, addrinfo* found);
  void UseAnswer(int status, const addrinfo* found);
  Failure LookupFailure(int error) const;
  void StartNextAttempt();
  std::unique_ptr<Attempt> NewAttempt();
  int Connect(Attempt* attempt, const char** syscall);
  Failure StartFailure(int error, const char* syscall) const;
  static void OnConnectDone(uv_connect_t* request, int status);
  void OnAttempt(uv_stream_t* stream, const sockaddr_storage& address, int status);
  void AddFailure(Failure failure, const sockaddr_storage& address);
  void AddFailure(Failure failure);
  void Trace(TraceEvent::Kind kind, const sockaddr_storage& address);
  void StartTimer();
  void Finish(uv_stream_t* winner);
  void DeleteIfDone();

  Loop* loop_;
  Tracer* tracer_;               // nullptr once delegate_ is
  Delegate* delegate_;           // nullptr once called or cancelled
  std::string host_;             // or the path of a Unix domain socket
  sockaddr_storage local_ = {};  // AF_UNSPEC: the system chooses
  std::vector<sockaddr_storage> addresses_;
  size_t next_address_ = 0;
  std::vector<Attempt*> attempts_;  // with a request under way
  uv_getaddrinfo_t* lookup_ = nullptr;
  uv_timer_t* timer_ = nullptr;
  std::vector<Failure> failures_;
};

// "127.0.0.1" and 80 for an address; empty and 0 for families other than IPv4 and IPv6.
std::string AddressOf(const sockaddr_storage& address, int* port);

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_CONNECTOR_H_
