#ifndef WSFD_TEST_NATIVE_TESTING_DEFLATE_OPTIONS_H_
#define WSFD_TEST_NATIVE_TESTING_DEFLATE_OPTIONS_H_

#include <napi.h>

#include "deflate/parameters.h"

namespace wsfd::testing {

// A boolean that may be absent, then false.
inline bool FlagOf(const Napi::Object& object, const char* name) {
  return object.Get(name).ToBoolean().Value();
}

// A number that may be absent.
inline int NumberOf(const Napi::Object& object, const char* name, int absent) {
  const Napi::Value value = object.Get(name);
  return value.IsUndefined() ? absent : value.As<Napi::Number>().Int32Value();
}

// interface DeflateOptions of test/support/deflate-core.ts.
inline deflate::Options DeflateOptionsOf(const Napi::Object& given) {
  deflate::Options options;
  options.client_no_context_takeover = FlagOf(given, "clientNoContextTakeover");
  options.server_no_context_takeover = FlagOf(given, "serverNoContextTakeover");
  options.client_max_window_bits = NumberOf(given, "clientMaxWindowBits", 15);
  options.server_max_window_bits = NumberOf(given, "serverMaxWindowBits", 15);
  return options;
}

}  // namespace wsfd::testing

#endif  // WSFD_TEST_NATIVE_TESTING_DEFLATE_OPTIONS_H_
