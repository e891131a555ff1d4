#ifndef WSFD_TEST_NATIVE_FAULTS_CONTROL_H_
#define WSFD_TEST_NATIVE_FAULTS_CONTROL_H_

#include <node_api.h>

namespace wsfd::faults {

// Adds to the addon's exports `faults`, with
//
// arm(kind, symbol, n)   the n-th use of that kind of call fails, or of that one symbol ('': any)
// disarm()               the symbol that failed since then, or undefined
// errorLeft()            true if an error is on this thread's queue of OpenSSL's, which is empty
// then liveBlocks()           blocks of memory that the addon has allocated and not freed
void AddTo(napi_env env, napi_value exports);

}  // namespace wsfd::faults

#endif  // WSFD_TEST_NATIVE_FAULTS_CONTROL_H_
