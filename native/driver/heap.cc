#include "driver/heap.h"

#include <cstdlib>

#ifdef __GLIBC__

// Weak: a binary that was built with glibc loads with musl, too, which has no such function.
extern "C" int malloc_trim(size_t pad) noexcept __attribute__((weak));

void wsfd::driver::ReturnFreeMemory() noexcept {
  if (malloc_trim != nullptr) malloc_trim(0);
}

#else

void wsfd::driver::ReturnFreeMemory() noexcept {}

#endif
