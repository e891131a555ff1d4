// node-gyp's delay-load hook, for MinGW: its own compiles only with MSVC. Imports from "node.exe"
// resolve to the running program, whatever its file name, or to its libnode.dll.
#ifdef _WIN32
#include <windows.h>
#endif

#ifdef __MINGW32__

#include <delayimp.h>

#include <cstring>

namespace {

FARPROC WINAPI FindNode(unsigned event, DelayLoadInfo* info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  HMODULE node = GetModuleHandleW(L"libnode.dll");
  if (node == nullptr) node = GetModuleHandleW(nullptr);
  return reinterpret_cast<FARPROC>(node);
}

}  // namespace

PfnDliHook __pfnDliNotifyHook2 = FindNode;

#endif
