#include "driver/connector.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

#include "driver/guard.h"

namespace wsfd::driver {

namespace {

// RFC 8305 section 4: the first family is that of the resolver's first address, then they
// alternate. Addresses beyond kMaxAddresses are not tried: each attempt holds a descriptor until it
// ends.
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

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { uv_freeaddrinfo(addresses); }
};

// Descriptors that lookups in libuv's four threads open at once, rounded up: resolver files and
// sockets to name servers.
constexpr size_t kLookupDescriptors = 16;

struct CloseIn {
  Loop* loop;
  void operator()(uv_tcp_t* handle) const {
    loop->CloseHandle(reinterpret_cast<uv_handle_t*>(handle));
  }
};

// UV_EMFILE or UV_ENFILE if the system has too few free descriptors for a lookup, else 0. A lookup
// without one reports some resolver error, and one may be free again by then: this opens as many as
// a lookup needs.
int DescriptorShortage(Loop* loop) {
  std::vector<std::unique_ptr<uv_tcp_t, CloseIn>> probes;
  probes.reserve(kLookupDescriptors);
  while (probes.size() < kLookupDescriptors) {
    auto probe = Loop::NewHandle<uv_tcp_t>();
    const int error = uv_tcp_init_ex(loop->uv(), probe.get(), AF_INET);
    if (error != 0) return error == UV_EMFILE || error == UV_ENFILE ? error : 0;
    probes.emplace_back(probe.release(), CloseIn{loop});
  }
  return 0;
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
  std::unique_ptr<Connector, CancelDeleter> connector(new Connector(loop, tracer, delegate));
  connector->Resolve(endpoint);
  return connector.release();
}

template <typename Body>
void Connector::Enter(Body body) {
  Guard(body, [this] {
    failures_.clear();
    Finish(nullptr);
  });
}

// The first attempt may fail at once. StartNextAttempt and ConnectPipe defer that failure: the
// delegate must not be called before Start returns.
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
  auto lookup = std::make_unique<uv_getaddrinfo_t>();
  lookup->data = this;
  const int error = uv_getaddrinfo(
      loop_->uv(), lookup.get(),
      [](uv_getaddrinfo_t* request, int status, addrinfo* found) {
        auto* self = static_cast<Connector*>(request->data);
        delete request;
        self->OnResolved(status, found);
      },
      host_.c_str(), service, &hints);
  if (error != 0) {
    AddFailure(LookupFailure(error));
    StartTimer();
    return;
  }
  lookup_ = lookup.release();
  loop_->RequestStarted();
}

void Connector::OnResolved(int status, addrinfo* found) {
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(status == 0 ? found : nullptr);
  lookup_ = nullptr;
  loop_->RequestDone();
  if (delegate_ == nullptr) return DeleteIfDone();
  Enter([&] { UseAnswer(status, addresses.get()); });
}

Failure Connector::LookupFailure(int error) const {
  Failure failure = SystemFailure(ErrorCode::kNameNotResolved, error, "getaddrinfo");
  failure.error.detail.insert(0, host_ + ": ");
  return failure;
}

void Connector::UseAnswer(int status, const addrinfo* found) {
  if (status == 0) {
    addresses_ = Interleave(found);
    if (addresses_.empty()) status = UV_EAI_NODATA;
  }
  if (status != 0) {
    Failure failure = LookupFailure(status);
    if (const int shortage = DescriptorShortage(loop_); shortage != 0) {
      Failure without = SystemFailure(ErrorCode::kNoFreeSockets, shortage, "socket");
      without.error.detail += "; fewer than " + std::to_string(kLookupDescriptors) +
                              " descriptors are free, which name lookups may need at once; " +
                              failure.error.detail;
      AddFailure(std::move(without));
    } else {
      if (local_.ss_family != AF_UNSPEC) {
        const char* family = local_.ss_family == AF_INET ? "IPv4" : "IPv6";
        failure.error.detail.append("; as localAddress is one, only ").append(family);
        failure.error.detail.append(" addresses count");
      }
      AddFailure(std::move(failure));
    }
    return Finish(nullptr);
  }
  if (tracer_ != nullptr) tracer_->Resolved(host_, addresses_);
  StartNextAttempt();
}

// Starts attempts until one is under way. If none is, the timer reports the failure.
void Connector::StartNextAttempt() {
  while (next_address_ < addresses_.size()) {
    std::unique_ptr<Attempt> attempt = NewAttempt();
    attempt->address = addresses_[next_address_++];
    const char* syscall = "connect";
    Trace(TraceEvent::Kind::kConnecting, attempt->address);
    const int error = Connect(attempt.get(), &syscall);
    if (error == 0) {
      attempts_.push_back(attempt.release());
      if (next_address_ < addresses_.size()) StartTimer();
      return;
    }
    AddFailure(StartFailure(error, syscall), attempt->address);
  }
  if (attempts_.empty()) StartTimer();
}

Failure Connector::StartFailure(int error, const char* syscall) const {
  Failure failure = SystemFailure(ErrorCode::kConnectFailed, error, syscall);
  int port = 0;
  if (std::string_view(syscall) == "bind") {
    failure.error.detail += " for localAddress " + AddressOf(local_, &port);
  }
  return failure;
}

// Reserves room in attempts_ first: an attempt must not be lost once its request is under way.
std::unique_ptr<Connector::Attempt> Connector::NewAttempt() {
  attempts_.reserve(attempts_.size() + 1);
  auto attempt = std::make_unique<Attempt>();
  attempt->connector = this;
  attempt->request.data = attempt.get();
  return attempt;
}

int Connector::Connect(Attempt* attempt, const char** syscall) {
  auto handle = Loop::NewHandle<uv_tcp_t>();
  int error = uv_tcp_init(loop_->uv(), handle.get());
  if (error != 0) return error;
  uv_tcp_t* const tcp = handle.release();
  attempt->stream = reinterpret_cast<uv_stream_t*>(tcp);
  if (local_.ss_family != AF_UNSPEC) {
    *syscall = "bind";
    // libuv does not compare the families: connect() would fail with EINVAL.
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
  std::unique_ptr<Attempt> attempt = NewAttempt();
  auto handle = Loop::NewHandle<uv_pipe_t>();
  const int error = uv_pipe_init(loop_->uv(), handle.get(), 0);
  if (error != 0) {
    AddFailure(SystemFailure(ErrorCode::kConnectFailed, error, "connect"));
    return StartTimer();
  }
  uv_pipe_t* const pipe = handle.release();
  attempt->stream = reinterpret_cast<uv_stream_t*>(pipe);
  Trace(TraceEvent::Kind::kConnecting, attempt->address);
  // Reports every error in its callback, never before it returns.
  uv_pipe_connect(&attempt->request, pipe, path.c_str(), OnConnectDone);
  attempts_.push_back(attempt.release());
}

void Connector::OnConnectDone(uv_connect_t* request, int status) {
  auto* attempt = static_cast<Attempt*>(request->data);
  Connector* self = attempt->connector;
  self->attempts_.erase(std::find(self->attempts_.begin(), self->attempts_.end(), attempt));
  uv_stream_t* const stream = attempt->stream;
  const sockaddr_storage address = attempt->address;
  delete attempt;
  if (stream == nullptr) return self->DeleteIfDone();  // another attempt won, or cancelled
  self->Enter([&] { self->OnAttempt(stream, address, status); });
}

void Connector::AddFailure(Failure failure, const sockaddr_storage& address) {
  failure.address = AddressOf(address, &failure.port);
  AddFailure(std::move(failure));
}

void Connector::AddFailure(Failure failure) {
  if (tracer_ != nullptr) tracer_->AttemptFailed(host_, failure);
  failures_.push_back(std::move(failure));
}

void Connector::Trace(TraceEvent::Kind kind, const sockaddr_storage& address) {
  if (tracer_ != nullptr) tracer_->Attempt(kind, host_, address);
}

void Connector::OnAttempt(uv_stream_t* stream, const sockaddr_storage& address, int status) {
  if (status == 0) {
    Trace(TraceEvent::Kind::kConnected, address);
    if (stream->type == UV_TCP) uv_tcp_nodelay(reinterpret_cast<uv_tcp_t*>(stream), 1);
    return Finish(stream);
  }
  loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(stream));
  AddFailure(SystemFailure(ErrorCode::kConnectFailed, status, "connect"), address);
  if (next_address_ < addresses_.size()) return StartNextAttempt();
  if (attempts_.empty()) Finish(nullptr);
}

// The timer starts the next attempt; if none is left, it reports a failure that came at once.
void Connector::StartTimer() {
  if (timer_ == nullptr) {
    auto timer = Loop::NewHandle<uv_timer_t>();
    ThrowIfRefused(uv_timer_init(loop_->uv(), timer.get()));
    timer_ = timer.release();
    timer_->data = this;
  }
  const bool waiting = !attempts_.empty();
  const auto on_timer = [](uv_timer_t* timer) {
    auto* self = static_cast<Connector*>(timer->data);
    self->Enter([self] {
      if (self->next_address_ < self->addresses_.size()) return self->StartNextAttempt();
      if (self->attempts_.empty()) self->Finish(nullptr);
    });
  };
  ThrowIfRefused(loop_->StartTimer(timer_, on_timer, waiting ? kAttemptDelayMs : 0));
}

// Closes all that is under way except the winner, then calls the delegate.
void Connector::Finish(uv_stream_t* winner) {
  Delegate* delegate = delegate_;
  delegate_ = nullptr;
  for (Attempt* attempt : attempts_) {
    Trace(TraceEvent::Kind::kAbandoned, attempt->address);
    loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(attempt->stream));
    attempt->stream = nullptr;
  }
  tracer_ = nullptr;
  if (timer_ != nullptr) loop_->CloseHandle(reinterpret_cast<uv_handle_t*>(timer_));
  timer_ = nullptr;
  // Cancels a lookup that no worker has begun; one under way runs to its end.
  if (lookup_ != nullptr) uv_cancel(reinterpret_cast<uv_req_t*>(lookup_));
  std::vector<Failure> failures = std::move(failures_);
  DeleteIfDone();
  if (delegate == nullptr) return;
  if (winner != nullptr) return delegate->OnConnected(winner);
  // A lack of descriptors outranks every other failure.
  for (Failure& failure : failures) {
    if (failure.error.code == ErrorCode::kNoFreeSockets) std::swap(failure, failures.front());
  }
  delegate->OnConnectFailed(std::move(failures));
}

void Connector::Cancel() {
  delegate_ = nullptr;
  Finish(nullptr);
}

std::string Connector::DescribeWait() const {
  if (lookup_ != nullptr) return "the lookup of the name " + host_ + " was not complete";
  std::string text = "no TCP connection was made yet";
  for (const Failure& failure : failures_) {
    text.append("; ").append(failure.address).append(": ").append(failure.error.detail);
  }
  return text;
}

void Connector::DeleteIfDone() {
  if (delegate_ == nullptr && attempts_.empty() && lookup_ == nullptr) delete this;
}

}  // namespace wsfd::driver
