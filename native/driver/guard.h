#ifndef WSFD_DRIVER_GUARD_H_
#define WSFD_DRIVER_GUARD_H_

#include <new>

namespace wsfd::driver {

// Stands around everything that libuv calls: no exception may pass through its frames. Runs `body`,
// and `out_of_memory` if memory ran out in it. What `body` was changing may then be used for
// nothing but to be destroyed.
template <typename Body, typename OutOfMemory>
void Guard(Body body, OutOfMemory out_of_memory) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    out_of_memory();
  }
}

// For calls that libuv refuses for lack of memory alone.
inline void ThrowIfRefused(int uv_error) {
  if (uv_error != 0) throw std::bad_alloc();
}

// Owns what deletes itself, from when it is made until it works.
struct CancelDeleter {
  template <typename T>
  void operator()(T* object) const {
    object->Cancel();
  }
};

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_GUARD_H_
