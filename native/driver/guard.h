#ifndef WSFD_DRIVER_GUARD_H_
#define WSFD_DRIVER_GUARD_H_

#include <new>

namespace wsfd::driver {

// Wraps libuv callbacks: no exception may pass through libuv's frames. Runs `body`, and
// `out_of_memory` if memory runs out in it. The object that `body` changed may then only be
// destroyed.
template <typename Body, typename OutOfMemory>
void Guard(Body body, OutOfMemory out_of_memory) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    out_of_memory();
  }
}

// For libuv calls that fail only for lack of memory.
inline void ThrowIfRefused(int uv_error) {
  if (uv_error != 0) throw std::bad_alloc();
}

// Cancels an object that deletes itself, if its start fails.
struct CancelDeleter {
  template <typename T>
  void operator()(T* object) const {
    object->Cancel();
  }
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_GUARD_H_
