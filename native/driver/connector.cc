#include "driver/connector.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace wsfd::driver {

namespace {

// RFC 8305 section 4: the first family is that of the resolver's first address, then they
// alternate. Of a name with more addresses than anybody needs the first ones count: each attempt
// holds a descriptor until the system gives it up.
constexpr size_t kMaxAddresses = 32;

std::vector<sockaddr_storage> Interleave(const addrinfo* list) {
  std::vector<sockaddr_storage> of_family[2];
  int first_family = 0;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
    if (first_family == 0) first_family = entry->ai_family;
    sockaddr_storage address = {};
    std::memcpy(&address, entry->ai_addr, entry->ai_addrlen);
    of_family[entry->ai_family == first_family ? 0 : 1].push_back(address);
  }
  std::vector<sockaddr_storage> all;
  for (size_t i = 0; i < std::max(of_family[0].size(), of_family[1].size()); i++) {
    for (const auto& family : of_family) {
      if (i < family.size() && all.size() < kMaxAddresses) all.push_back(family[i]);
    }
  }
  return all;
}

bool ParseAddress(const std::string& text, int port, sockaddr_storage* address) {
  return uv_ip4_addr(text.c_str(), port, reinterpret_cast<sockaddr_in*>(address)) == 0 ||
         uv_ip6_addr(text.c_str(), port, reinterpret_cast<sockaddr_in6*>(address)) == 0;
}

// A lookup that cannot open a file reports some resolver error: only a try tells that there is no
// free descriptor.
bool OutOfDescriptors(Loop* loop, int* uv_error) {
  uv_tcp_t* probe = Loop::NewHandle<uv_tcp_t>();
  if (probe == nullptr) return false;
  *uv_error = uv_tcp_init_ex(loop->uv(), probe, AF_INET);
  if (*uv_error == 0) {
    loop->CloseHandle(reinterpret_cast<uv_handle_t*>(probe));
  } else {
    std::free(probe);
  }
  return *uv_error == UV_EMFILE || *uv_error == UV_ENFILE;
}

}  // namespace

std::string AddressOf(const sockaddr_storage& address, int* port) {
  char text[64] = "";
  *port = 0;
  if (address.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
    uv_ip4_name(v4, text, sizeof text);
    *port = ntohs(v4->sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address);
    uv_ip6_name(v6, text, sizeof text);
    *port = ntohs(v6->sin6_port);
  }
  return text;
}

Connector* Connector::Start(Loop* loop, const Endpoint& endpoint, Tracer* tracer,
                            Delegate* delegate) {
  auto* connector = new Connector(loop, tracer, delegate);
  connector->Resolve(endpoint);
  return connector;
}

Connector* Connector::Start(Loop* loop, std::vector<sockaddr_storage> addresses, Tracer* tracer,
                            Delegate* delegate) {
  auto* connector = new Connector(loop, tracer, delegate);
  connector->addresses_ = std::move(addresses);
  connector->StartNextAttempt();
  return connector;
}

// The first attempt may fail at once, but the delegate must not hear of it before we return:
// StartNextAttempt and ConnectPipe see to that.
void Connector::Resolve(const Endpoint& endpoint) {
  if (!endpoint.path.empty()) return ConnectPipe(endpoint.path);
  if (!endpoint.local_address.empty()) ParseAddress(endpoint.local_address, 0, &local_);
  host_ = endpoint.host;
  sockaddr_storage address = {};
  if (!ParseAddress(host_, endpoint.port, &address)) return LookUp(endpoint);
  addresses_.push_back(address);
  StartNextAttempt();
}

void Connector::LookUp(const Endpoint& endpoint) {
  if (tracer_ != nullptr) tracer_->Lookup(host_);
  addrinfo hints = {};
  hints.ai_family = local_.ss_family;  // AF_UNSPEC unless localAddress decides
  hints.ai_socktype = SOCK_STREAM;
  char service[8];
  std::snprintf(service, sizeof service, "%u", endpoint.port);
  lookup_ = static_cast<uv_getaddrinfo_t*>(std::calloc(1, sizeof *lookup_));
  lookup_->data = this;
  const int error = uv_getaddrinfo(
      loop_->uv(), lookup_,
      [](uv_getaddrinfo_t* request, int status, addrinfo* found) {
        static_cast<Connector*>(request->data)->OnResolved(status, found);
      },
      host_.c_str(), service, &hints);
  if (error != 0) {
    std::free(lookup_);
    lookup_ = nullptr;
    AddFailure(SystemFailure(ErrorCode::kNameNotResolved, error, "getaddrinfo"));
    StartTimer();
    return;
  }
  loop_->RequestStarted();
}

void Connector::OnResolved(int status, addrinfo* found) {
  std::free(lookup_);
  lookup_ = nullptr;
  loop_->RequestDone();
  if (delegate_ == nullptr) {
    if (status == 0) uv_freeaddrinfo(found);
    return DeleteIfDone();
  }
  if (status == 0) {
    addresses_ = Interleave(found);
    uv_freeaddrinfo(found);
    if (addresses_.empty()) status = UV_EAI_NODATA;
  }
  if (status != 0) {
    int probe_error = 0;
    if (OutOfDescriptors(loop_, &probe_error)) {
      AddFailure(SystemFailure(ErrorCode::kNoFreeSockets, probe_error, "socket"));
    } else {
      Failure failure = SystemFailure(ErrorCode::kNameNotResolved, status, "getaddrinfo");
      failure.error.detail = host_ + ": " + failure.error.detail;
      AddFailure(std::move(failure));
    }
    return Finish(nullptr);
  }
  if (tracer_ != nullptr) tracer_->Resolved(host_, addresses_);
  StartNextAttempt();
}

// Starts attempts until one is under way; ends when no address is left and none is under way.
void Connector::StartNextAttempt() {
  while (next_address_ < addresses_.size()) {
    auto* attempt = new Attempt();
    attempt->connector = this;
    attempt->address = addresses_[next_address_++];
    const char* syscall = "connect";
    Trace(TraceEvent::Kind::kConnecting, *attempt);
    const int error = Connect(attempt, &syscall);
    if (error == 0) {
      attempts_.push_back(attempt);
      if (next_address_ < addresses_.size()) StartTimer();
      return;
    }
    AddFailure(SystemFailure(ErrorCode::kConnectFailed, error, syscall), attempt->address);
    delete attempt;
  }
  if (attempts_.empty()) StartTimer();
}

int Connector::Connect(Attempt* attempt, const char** syscall) {
  uv_tcp_t* tcp = Loop::NewHandle<uv_tcp_t>();
  if (tcp == nullptr) return UV_ENOMEM;
  int error = uv_tcp_init(loop_->uv(), tcp);
  if (error != 0) {
    std::free(tcp);
    return error;
  }
  attempt->stream = reinterpret_cast<uv_stream_t*>(tcp);
  attempt->request.data = attempt;
  if (local_.ss_family != AF_UNSPEC) {
    *syscall = "bind";
    // libuv keeps no word of the family: a mixture would be EINVAL, which tells nobody anything.
    error = local_.ss_family != attempt->address.ss_family
                ? UV_EAFNOSUPPORT
                : uv_tcp_bind(tcp, reinterpret_cast<const sockaddr*>(&local_), 0);
  }
  if (error == 0) {
    *syscall = "connect";
    error = uv_tcp_connect(&attempt->request, tcp,
                           reinterpret_cast<const sockaddr*>(&attempt->address), OnConnectDone);
  }
  if (error != 0) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(tcp));
  return error;
}

void Connector::ConnectPipe(const std::string& path) {
  host_ = path;
  uv_pipe_t* pipe = Loop::NewHandle<uv_pipe_t>();
  if (pipe == nullptr || uv_pipe_init(loop_->uv(), pipe, 0) != 0) {
    std::free(pipe);
    AddFailure(SystemFailure(ErrorCode::kConnectFailed, UV_ENOMEM, "connect"));
    return StartTimer();
  }
  auto* attempt = new Attempt();
  attempt->connector = this;
  attempt->stream = reinterpret_cast<uv_stream_t*>(pipe);
  attempt->request.data = attempt;
  Trace(TraceEvent::Kind::kConnecting, *attempt);
  attempts_.push_back(attempt);
  // Tells what goes wrong in its callback, never before it returns.
  uv_pipe_connect(&attempt->request, pipe, path.c_str(), OnConnectDone);
}

void Connector::OnConnectDone(uv_connect_t* request, int status) {
  auto* attempt = static_cast<Attempt*>(request->data);
  attempt->connector->OnAttempt(attempt, status);
}

void Connector::AddFailure(Failure failure, const sockaddr_storage& address) {
  failure.address = AddressOf(address, &failure.port);
  AddFailure(std::move(failure));
}

void Connector::AddFailure(Failure failure) {
  if (tracer_ != nullptr) tracer_->AttemptFailed(host_, failure);
  failures_.push_back(std::move(failure));
}

void Connector::Trace(TraceEvent::Kind kind, const Attempt& attempt) {
  if (tracer_ != nullptr) tracer_->Attempt(kind, host_, attempt.address);
}

void Connector::OnAttempt(Attempt* attempt, int status) {
  attempts_.erase(std::find(attempts_.begin(), attempts_.end(), attempt));
  uv_stream_t* stream = attempt->stream;
  const sockaddr_storage address = attempt->address;
  if (stream != nullptr && status == 0) Trace(TraceEvent::Kind::kConnected, *attempt);
  delete attempt;
  if (stream == nullptr) return DeleteIfDone();  // another one won, or cancelled
  if (status == 0) {
    if (stream->type == UV_TCP) uv_tcp_nodelay(reinterpret_cast<uv_tcp_t*>(stream), 1);
    return Finish(stream);
  }
  loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(stream));
  AddFailure(SystemFailure(ErrorCode::kConnectFailed, status, "connect"), address);
  if (next_address_ < addresses_.size()) return StartNextAttempt();
  if (attempts_.empty()) Finish(nullptr);
}

// The timer starts the next attempt; where none is left, it delivers a failure that came at once.
void Connector::StartTimer() {
  if (timer_ == nullptr) {
    timer_ = Loop::NewHandle<uv_timer_t>();
    uv_timer_init(loop_->uv(), timer_);
    timer_->data = this;
  }
  const bool waiting = !attempts_.empty();
  uv_timer_start(
      timer_,
      [](uv_timer_t* timer) {
        auto* self = static_cast<Connector*>(timer->data);
        if (self->next_address_ < self->addresses_.size()) return self->StartNextAttempt();
        if (self->attempts_.empty()) self->Finish(nullptr);
      },
      waiting ? kAttemptDelayMs : 0, 0);
}

// Closes all that is under way but the winner and tells the delegate.
void Connector::Finish(uv_stream_t* winner) {
  Delegate* delegate = delegate_;
  delegate_ = nullptr;
  for (Attempt* attempt : attempts_) {
    Trace(TraceEvent::Kind::kAbandoned, *attempt);
    loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(attempt->stream));
    attempt->stream = nullptr;
  }
  tracer_ = nullptr;
  if (timer_ != nullptr) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(timer_));
  timer_ = nullptr;
  // A request that no worker has begun is taken back; one under way comes back by itself.
  if (lookup_ != nullptr) uv_cancel(reinterpret_cast<uv_req_t*>(lookup_));
  std::vector<Failure> failures = std::move(failures_);
  DeleteIfDone();
  if (delegate == nullptr) return;
  if (winner != nullptr) return delegate->OnConnected(winner);
  // Without a free descriptor nothing else that went wrong matters.
  for (Failure& failure : failures) {
    if (failure.error.code == ErrorCode::kNoFreeSockets) std::swap(failure, failures.front());
  }
  delegate->OnConnectFailed(std::move(failures));
}

void Connector::Cancel() {
  delegate_ = nullptr;
  Finish(nullptr);
}

void Connector::DeleteIfDone() {
  if (delegate_ == nullptr && attempts_.empty() && lookup_ == nullptr) delete this;
}

}  // namespace wsfd::driver
