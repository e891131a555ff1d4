// Failures that libuv's callbacks are told: the callback is led through a trampoline that may put
// an error into the place of what came.

#include <uv.h>

#include <atomic>

#include "test/native/faults/faults.h"

namespace wsfd::faults {

namespace {

// A trampoline for each of the addon's callbacks of one type, of which there are few.
constexpr int kMost = 4;

template <typename Callback, Callback (*Make)(int)>
class Trampolines {
 public:
  static Callback For(Callback callback) {
    for (int i = 0; i < kMost; i++) {
      Callback expected = nullptr;
      if (known_[i].compare_exchange_strong(expected, callback) || expected == callback) {
        return Make(i);
      }
    }
    return callback;
  }
  static Callback At(int i) { return known_[i]; }

 private:
  static inline std::atomic<Callback> known_[kMost];
};

uv_read_cb MakeRead(int i);
uv_connect_cb MakeConnect(int i);
uv_write_cb MakeWrite(int i);
uv_shutdown_cb MakeShutdown(int i);
uv_getaddrinfo_cb MakeLookup(int i);

using Reads = Trampolines<uv_read_cb, MakeRead>;
using Connects = Trampolines<uv_connect_cb, MakeConnect>;
using Writes = Trampolines<uv_write_cb, MakeWrite>;
using Shutdowns = Trampolines<uv_shutdown_cb, MakeShutdown>;
using Lookups = Trampolines<uv_getaddrinfo_cb, MakeLookup>;

template <int I>
void Read(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  Reads::At(I)(stream, count != 0 && Hit(Row::uv_read_cb) ? ssize_t{UV_ECONNRESET} : count, buffer);
}

template <int I>
void Connect(uv_connect_t* request, int status) {
  Connects::At(I)(request, Hit(Row::uv_connect_cb) ? UV_ECONNREFUSED : status);
}

template <int I>
void Write(uv_write_t* request, int status) {
  Writes::At(I)(request, Hit(Row::uv_write_cb) ? UV_ENOBUFS : status);
}

template <int I>
void Shutdown(uv_shutdown_t* request, int status) {
  Shutdowns::At(I)(request, Hit(Row::uv_shutdown_cb) ? UV_ENOTCONN : status);
}

template <int I>
void Lookup(uv_getaddrinfo_t* request, int status, addrinfo* found) {
  if (!Hit(Row::uv_getaddrinfo_cb)) return Lookups::At(I)(request, status, found);
  if (status == 0) uv_freeaddrinfo(found);
  Lookups::At(I)(request, UV_EAI_AGAIN, nullptr);
}

// clang-format off
uv_read_cb MakeRead(int i) {
  constexpr uv_read_cb kAll[kMost] = {Read<0>, Read<1>, Read<2>, Read<3>};
  return kAll[i];
}
uv_connect_cb MakeConnect(int i) {
  constexpr uv_connect_cb kAll[kMost] = {Connect<0>, Connect<1>, Connect<2>, Connect<3>};
  return kAll[i];
}
uv_write_cb MakeWrite(int i) {
  constexpr uv_write_cb kAll[kMost] = {Write<0>, Write<1>, Write<2>, Write<3>};
  return kAll[i];
}
uv_shutdown_cb MakeShutdown(int i) {
  constexpr uv_shutdown_cb kAll[kMost] = {Shutdown<0>, Shutdown<1>, Shutdown<2>, Shutdown<3>};
  return kAll[i];
}
uv_getaddrinfo_cb MakeLookup(int i) {
  constexpr uv_getaddrinfo_cb kAll[kMost] = {Lookup<0>, Lookup<1>, Lookup<2>, Lookup<3>};
  return kAll[i];
}
// clang-format on

}  // namespace

extern "C" {

decltype(::uv_read_start) __real_uv_read_start;
decltype(::uv_tcp_connect) __real_uv_tcp_connect;
decltype(::uv_pipe_connect) __real_uv_pipe_connect;
decltype(::uv_write) __real_uv_write;
decltype(::uv_shutdown) __real_uv_shutdown;
decltype(::uv_getaddrinfo) __real_uv_getaddrinfo;

int __wrap_uv_read_start(uv_stream_t* stream, uv_alloc_cb allocate, uv_read_cb read) {
  if (Hit(Row::uv_read_start)) return UV_ENOTCONN;
  return __real_uv_read_start(stream, allocate, Reads::For(read));
}

int __wrap_uv_tcp_connect(uv_connect_t* request, uv_tcp_t* handle, const sockaddr* address,
                          uv_connect_cb connected) {
  if (Hit(Row::uv_tcp_connect)) return UV_ENETUNREACH;
  return __real_uv_tcp_connect(request, handle, address, Connects::For(connected));
}

// Tells what goes wrong in its callback.
void __wrap_uv_pipe_connect(uv_connect_t* request, uv_pipe_t* handle, const char* name,
                            uv_connect_cb connected) {
  const bool fails = Hit(Row::uv_pipe_connect);
  __real_uv_pipe_connect(request, handle, fails ? "/nowhere/at/all" : name,
                         Connects::For(connected));
}

int __wrap_uv_write(uv_write_t* request, uv_stream_t* stream, const uv_buf_t buffers[],
                    unsigned int count, uv_write_cb written) {
  if (Hit(Row::uv_write)) return UV_ENOMEM;
  return __real_uv_write(request, stream, buffers, count, Writes::For(written));
}

int __wrap_uv_shutdown(uv_shutdown_t* request, uv_stream_t* stream, uv_shutdown_cb finished) {
  if (Hit(Row::uv_shutdown)) return UV_ENOTCONN;
  return __real_uv_shutdown(request, stream, Shutdowns::For(finished));
}

int __wrap_uv_getaddrinfo(uv_loop_t* loop, uv_getaddrinfo_t* request, uv_getaddrinfo_cb found,
                          const char* node, const char* service, const addrinfo* hints) {
  if (Hit(Row::uv_getaddrinfo)) return UV_ENOMEM;
  return __real_uv_getaddrinfo(loop, request, Lookups::For(found), node, service, hints);
}

}  // extern "C"

}  // namespace wsfd::faults
