// What std::terminate calls where nobody set a handler. libstdc++ is linked in on Windows, and its
// own handler brings along the demangler, a twentieth of the binary, to name an exception that
// nobody caught.

#ifdef __MINGW32__

#include <cstdlib>

namespace __gnu_cxx {

[[noreturn]] void __verbose_terminate_handler();
void __verbose_terminate_handler() { std::abort(); }

}  // namespace __gnu_cxx

#endif
