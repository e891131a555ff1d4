// Memory: what cannot be had, and what has not been given back.

#include <atomic>
#include <cstddef>
#include <new>

#include "test/native/faults/faults.h"

namespace wsfd::faults {

namespace {

std::atomic<int64_t> live{0};

void* Counted(void* memory) {
  if (memory != nullptr) live++;
  return memory;
}

}  // namespace

int64_t LiveBlocks() { return live; }

extern "C" {

void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* memory, size_t size);
void __real_free(void* memory);

void* __wrap_malloc(size_t size) {
  return Hit(Row::malloc) ? nullptr : Counted(__real_malloc(size));
}

void* __wrap_calloc(size_t count, size_t size) {
  return Hit(Row::calloc) ? nullptr : Counted(__real_calloc(count, size));
}

void* __wrap_realloc(void* memory, size_t size) {
  if (Hit(Row::realloc)) return nullptr;
  void* moved = __real_realloc(memory, size);
  return memory == nullptr ? Counted(moved) : moved;
}

void __wrap_free(void* memory) {
  if (memory == nullptr) return;
  live--;
  __real_free(memory);
}

static void* NewOrNull(Row row, size_t size) {
  return Hit(row) ? nullptr : Counted(__real_malloc(size == 0 ? 1 : size));
}

static void* New(Row row, size_t size) {
  void* memory = NewOrNull(row, size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

// operator new and new[], both also with std::nothrow; operator delete in its forms.
void* __wrap__Znwm(size_t size) { return New(Row::_Znwm, size); }
void* __wrap__Znam(size_t size) { return New(Row::_Znam, size); }
void* __wrap__ZnwmRKSt9nothrow_t(size_t size, const std::nothrow_t&) {
  return NewOrNull(Row::_ZnwmRKSt9nothrow_t, size);
}
void* __wrap__ZnamRKSt9nothrow_t(size_t size, const std::nothrow_t&) {
  return NewOrNull(Row::_ZnamRKSt9nothrow_t, size);
}
void __wrap__ZdlPv(void* memory) { __wrap_free(memory); }
void __wrap__ZdlPvm(void* memory, size_t) { __wrap_free(memory); }
void __wrap__ZdaPv(void* memory) { __wrap_free(memory); }

}  // extern "C"

}  // namespace wsfd::faults
