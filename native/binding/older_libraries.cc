// Symbols that the headers of a new GCC and glibc use, and older libraries lack. Defined here,
// hidden from the rest of the process, these three let a binary built on Debian 12 load with glibc
// 2.17, libstdc++ of GCC 5 (GLIBCXX_3.4.21, which Node.js itself needs) and musl.
//
// An addon that has libstdc++ linked in (test/native/faults) has them already.

#include <new>
#include <typeinfo>

#if defined(__linux__) && defined(__GLIBCXX__)

namespace wsfd::binding {

// glibc 2.32. Nonzero lets shared_ptr count without atomic instructions, which it must never do.
extern const char kSingleThreaded __asm__("__libc_single_threaded");
const char kSingleThreaded = 0;

// GCC 11. std::allocator calls it for a number of elements that no memory holds. Callers catch its
// base class std::bad_alloc.
[[noreturn]] void ThrowBadArrayNewLength() __asm__("_ZSt28__throw_bad_array_new_lengthv");
void ThrowBadArrayNewLength() { throw std::bad_array_new_length(); }

// GCC 9. Without RTTI, std::make_shared calls it for objects that a libstdc++ before GCC 9 made.
// There are none.
bool IsMakeSharedTag(const std::type_info& type) __asm__(
    "_ZNSt19_Sp_make_shared_tag5_S_eqERKSt9type_info");
bool IsMakeSharedTag(const std::type_info&) { return false; }

}  // namespace wsfd::binding

#endif
