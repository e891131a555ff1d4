#ifndef WSFD_BINDING_OPEN_OPTIONS_H_
#define WSFD_BINDING_OPEN_OPTIONS_H_

#include <napi.h>

#include "base/error.h"
#include "driver/socket.h"

namespace wsfd::binding {

// Reads interface NativeOpenOptions of src/native.ts, which src/options.ts has checked. The TLS
// context is made here: *error says which part of it OpenSSL refused. False then.
bool ReadOpenOptions(Napi::Object source, driver::OpenOptions* options, Error* error);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_OPEN_OPTIONS_H_
