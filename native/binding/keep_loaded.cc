#include "binding/keep_loaded.h"

#ifdef _WIN32
#include <windows.h>
#elif defined(__APPLE__)
#include <dlfcn.h>
#endif

namespace wsfd::binding {

#ifdef _WIN32

void KeepLoaded() {
  HMODULE self = nullptr;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                     reinterpret_cast<LPCWSTR>(&KeepLoaded), &self);
}

#elif defined(__APPLE__)

void KeepLoaded() {
  Dl_info self;
  if (dladdr(reinterpret_cast<const void*>(&KeepLoaded), &self) == 0) return;
  dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

#else

void KeepLoaded() {}

#endif

}  // namespace wsfd::binding
