// What the headers of a new GCC and glibc call, and older libraries do not have. Defined here,
// hidden from the rest of the process, these three let a binary that is made on Debian 12 load with
// glibc 2.17, libstdc++ of GCC 5 (GLIBCXX_3.4.21, which Node.js itself needs) and musl.
//
// An addon that has libstdc++ linked in (test/native/faults) has them already.

#include <new>
#include <typeinfo>

#if defined(__linux__) && defined(__GLIBCXX__)

namespace wsfd::binding {

// glibc 2.32. Not zero: shared_ptr may count without atomic instructions. It never may.
extern const char kSingleThreaded __asm__("__libc_single_threaded");
const char kSingleThreaded = 0;

// GCC 11. std::allocator's answer to a number of elements that no memory holds. Its base class
// std::bad_alloc is what is caught.
[[noreturn]] void ThrowBadArrayNewLength() __asm__("_ZSt28__throw_bad_array_new_lengthv");
void ThrowBadArrayNewLength() { throw std::bad_array_new_length(); }

// GCC 9. Without RTTI, std::make_shared asks it about objects that a libstdc++ of before GCC 9
// made. There are none.
bool IsMakeSharedTag(const std::type_info& type) __asm__(
    "_ZNSt19_Sp_make_shared_tag5_S_eqERKSt9type_info");
bool IsMakeSharedTag(const std::type_info&) { return false; }

}  // namespace wsfd::binding

#endif
