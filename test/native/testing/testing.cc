#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

Napi::Object Register(Napi::Env env, Napi::Object exports) {
  RegisterFrame(env, exports);
  RegisterTranscode(env, exports);
  RegisterHandshake(env, exports);
  RegisterProxy(env, exports);
  RegisterDeflate(env, exports);
  RegisterByteQueue(env, exports);
  RegisterBlockPool(env, exports);
  RegisterConnection(env, exports);
  RegisterKeepalive(env, exports);
  RegisterReceiveDelay(env, exports);
  RegisterTls(env, exports);
  RegisterTlsServer(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(wsfd_testing, Register)

}  // namespace wsfd::testing
