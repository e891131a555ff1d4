#ifndef WSFD_DRIVER_HEAP_H_
#define WSFD_DRIVER_HEAP_H_

namespace wsfd::driver {

// Returns the free memory of the C library's heap to the system, as far as that needs a call: glibc
// keeps what lies below a block in use. Takes some milliseconds per 100 MiB.
void ReturnFreeMemory() noexcept;

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_HEAP_H_
