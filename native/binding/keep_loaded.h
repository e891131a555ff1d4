#ifndef WSFD_BINDING_KEEP_LOADED_H_
#define WSFD_BINDING_KEEP_LOADED_H_

namespace wsfd::binding {

// Keeps the addon in memory from now on. Node unloads an addon when the last thread that loaded it
// ends, and socket numbers must not begin anew. On Linux, the linker's -z nodelete does it.
void KeepLoaded();

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_KEEP_LOADED_H_
