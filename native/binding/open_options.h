#ifndef WSFD_BINDING_OPEN_OPTIONS_H_
#define WSFD_BINDING_OPEN_OPTIONS_H_

#include "base/error.h"
#include "binding/reader.h"
#include "driver/socket.h"

namespace wsfd::binding {

// Reads the next value of `call`: what openTuple() of src/native/open-tuple.ts made of options that
// src/options/open-options.ts has checked. The TLS context is made here: *error says which part of
// it OpenSSL refused, or is Internal where Node-API failed. False then.
bool ReadOpenOptions(Reader* call, driver::OpenOptions* options, Error* error);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_OPEN_OPTIONS_H_
