#ifndef WSFD_TEST_NATIVE_TESTING_TESTING_H_
#define WSFD_TEST_NATIVE_TESTING_TESTING_H_

#include <napi.h>

#include <cstddef>

// The addon wsfd_testing hands the pure core to the tests: each function of JavaScript calls one of
// C++ with the bytes it is given. test/support/core.ts declares them. It is never published.

namespace wsfd::testing {

// A number of JavaScript's as a size.
inline size_t SizeOf(const Napi::Value& value) {
  return static_cast<size_t>(value.As<Napi::Number>().Int64Value());
}

// Each adds its folder's functions to `exports`.
void RegisterFrame(Napi::Env env, Napi::Object exports);
void RegisterTranscode(Napi::Env env, Napi::Object exports);
void RegisterHandshake(Napi::Env env, Napi::Object exports);
void RegisterProxy(Napi::Env env, Napi::Object exports);
void RegisterDeflate(Napi::Env env, Napi::Object exports);
void RegisterByteQueue(Napi::Env env, Napi::Object exports);
void RegisterBlockPool(Napi::Env env, Napi::Object exports);
void RegisterConnection(Napi::Env env, Napi::Object exports);
void RegisterKeepalive(Napi::Env env, Napi::Object exports);
void RegisterReceiveDelay(Napi::Env env, Napi::Object exports);
void RegisterTls(Napi::Env env, Napi::Object exports);
void RegisterTlsServer(Napi::Env env, Napi::Object exports);

}  // namespace wsfd::testing

#endif  // WSFD_TEST_NATIVE_TESTING_TESTING_H_
