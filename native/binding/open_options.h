#ifndef WSFD_BINDING_OPEN_OPTIONS_H_
#define WSFD_BINDING_OPEN_OPTIONS_H_

#include "base/error.h"
#include "binding/reader.h"
#include "driver/socket.h"

namespace wsfd::binding {

// Reads the next value of `call`: the result of openTuple() (src/native/open-tuple.ts) for options
// that src/options/open-options.ts has checked. Makes the TLS context. False with *error: the part
// of the context that OpenSSL refused, or Internal if Node-API failed.
bool ReadOpenOptions(Reader* call, driver::OpenOptions* options, Error* error);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_OPEN_OPTIONS_H_
