#include "binding/exports.h"

#include <openssl/crypto.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "binding/environment.h"
#include "binding/failure_value.h"
#include "binding/guard.h"
#include "binding/handle.h"
#include "binding/info_value.h"
#include "binding/keep_loaded.h"
#include "binding/open.h"
#include "binding/packer.h"
#include "binding/reader.h"
#include "binding/schedule.h"
#include "binding/status.h"
#include "binding/sync.h"
#include "binding/value.h"
#include "binding/write.h"
#include "tls/trust_store.h"

namespace wsfd::binding {

namespace {

// The handle in the slot that is the call's first argument; nullptr when there is none.
Handle* ReadHandle(Reader* call) {
  const napi_value slot = call->Next();
  return slot == nullptr ? nullptr : EnvironmentOf(*call)->HandleOf(slot);
}

// The result of a call without a value: undefined, or an exception if it could not be read.
napi_value UndefinedOrThrow(napi_env env, const Reader& call) {
  return call.failed() ? call.ThrowFailed() : nullptr;
}

// An export that applies kAction to the handle in its slot, if there is one.
template <auto kAction>
napi_value DoTo(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  Handle* const handle = ReadHandle(&call);
  if (handle != nullptr) std::invoke(kAction, handle);
  return UndefinedOrThrow(env, call);
}

void Pause(Handle* handle) { handle->socket()->Pause(); }

void Resume(Handle* handle) { handle->socket()->Unpause(); }

// setUp(callbacks, staging, sharesSlabs)
napi_value SetUp(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const napi_value callbacks = call.Next();
  const napi_value staging = call.Next();
  const bool shares_slabs = call.Flag();
  if (!call.failed() && !EnvironmentOf(call)->SetStaging(staging)) {
    call.Fail("expected a Buffer of " + std::to_string(Environment::kStagingSize) + " bytes");
  }
  if (call.failed()) return call.ThrowFailed();
  EnvironmentOf(call)->SharesSlabs(shares_slabs);
  return EnvironmentOf(call)->SetCallbacks(callbacks) ? nullptr : ThrowFailure(env);
}

// A number that no socket of this process had before, in any thread.
napi_value NextNumber(napi_env env, napi_callback_info) {
  static std::atomic<uint64_t> next{1};
  return NumberValue(env, static_cast<double>(next.fetch_add(1)));
}

napi_value Close(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  Handle* const handle = ReadHandle(&call);
  const auto code = call.Whole<uint16_t>();
  const std::string reason = call.Text();
  if (call.failed()) return call.ThrowFailed();
  if (handle == nullptr || handle->socket()->closed()) return FlagValue(env, false);
  handle->socket()->Close(code, reason);
  return FlagValue(env, true);
}

// A ping carries a number of the caller, as the 8 bytes of a double.
napi_value Ping(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  Handle* const handle = ReadHandle(&call);
  const double number = call.Number();
  if (call.failed()) return call.ThrowFailed();
  uint8_t payload[driver::Socket::kPingSize];
  static_assert(sizeof payload == sizeof number);
  std::memcpy(payload, &number, sizeof number);
  return FlagValue(env, handle != nullptr && handle->socket()->Ping(payload));
}

napi_value Drain(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  Handle* const handle = ReadHandle(&call);
  if (call.failed()) return call.ThrowFailed();
  DrainStatus status = DrainStatus::kDrained;
  if (handle == nullptr || handle->socket()->lost_output()) {
    status = DrainStatus::kLost;
  } else if (handle->socket()->HasOutput()) {
    status = DrainStatus::kWaits;
    handle->NotifyWhenDrained();
  }
  return NumberValue(env, static_cast<int>(status));
}

napi_value Info(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  Handle* const handle = ReadHandle(&call);
  return handle == nullptr ? UndefinedOrThrow(env, call) : InfoValue(env, *handle->socket());
}

napi_value BufferedAmount(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  Handle* const handle = ReadHandle(&call);
  if (call.failed()) return call.ThrowFailed();
  const uint64_t amount = handle == nullptr ? 0 : handle->socket()->UnsentPayload();
  return NumberValue(env, static_cast<double>(amount));
}

napi_value LendMemory(napi_env env, napi_callback_info info) {
  const Reader call(env, info);
  if (call.failed()) return call.ThrowFailed();
  Environment* const environment = EnvironmentOf(call);
  const napi_value buffer = environment->packer()->Lend(env, environment->loop()->memory());
  return buffer == nullptr ? ThrowFailure(env) : buffer;
}

napi_value CopyBatch(napi_env env, napi_callback_info info) {
  const Reader call(env, info);
  if (call.failed()) return call.ThrowFailed();
  const napi_value buffer = EnvironmentOf(call)->packer()->Copy(env);
  return buffer == nullptr ? ThrowFailure(env) : buffer;
}

napi_value ReportUncaught(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const napi_value thrown = call.Next();
  // If it fails, the environment ends, and nobody can be notified.
  if (!call.failed()) (void)napi_fatal_exception(env, thrown);
  return nullptr;
}

// adoptTrustStore(makeSecureContext)
napi_value AdoptTrustStore(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const napi_value make = call.Next();
  const napi_value receiver = Napi::Env(env).Undefined();
  if (call.failed()) return call.ThrowFailed();
  if (receiver == nullptr) return ThrowFailure(env);
  const tls::ContextStoreWatch watch;
  // `made` keeps the context alive until the call is done.
  napi_value made = nullptr;
  if (napi_call_function(env, receiver, make, 0, nullptr, &made) != napi_ok) {
    return ThrowFailure(env);
  }
  tls::SharedStore store = watch.Take();
  const bool is_there = store != nullptr;
  if (is_there) EnvironmentOf(call)->SetDefaultTrustStore(std::move(store));
  return FlagValue(env, is_there);
}

// setTrustStore(certificates)
napi_value SetTrustStore(napi_env env, napi_callback_info info) {
  Reader call(env, info);
  const std::vector<std::string> certificates = call.AsciiTexts();
  // A list that was read in part must not become the default trust store.
  if (call.failed()) return call.ThrowFailed();
  tls::SharedStore store = tls::NewStore(certificates);
  if (store == nullptr) return ThrowNoMemory(env);
  EnvironmentOf(call)->SetDefaultTrustStore(std::move(store));
  return nullptr;
}

struct Export {
  const char* name;
  napi_callback function;
};
constexpr Export kExports[] = {
    {"setUp", Guarded<SetUp>},
    {"nextNumber", Guarded<NextNumber>},
    {"open", Guarded<Open>},
    {"openSync", Guarded<OpenSync>},
    {"run", Guarded<Run>},
    {"send", Guarded<Send>},
    {"watchSignals", Guarded<WatchSignals>},
    {"takeSignal", Guarded<TakeSignal>},
    {"now", Now},
    {"callLater", Guarded<CallLater>},
    {"startTimer", Guarded<StartTimer>},
    {"stopTimer", Guarded<StopTimer>},
    {"reportUncaught", ReportUncaught},
    {"writeText", WriteText},
    {"writeBinary", WriteBinary},
    {"writeTexts", Guarded<WriteTexts>},
    {"writeStaged", Guarded<WriteStaged>},
    {"writeMany", Guarded<WriteMany>},
    {"writePacked", Guarded<WritePacked>},
    {"drain", Guarded<Drain>},
    {"ping", Guarded<Ping>},
    {"pause", Guarded<DoTo<Pause>>},
    {"resume", Guarded<DoTo<Resume>>},
    {"close", Guarded<Close>},
    {"release", Guarded<DoTo<&Handle::Release>>},
    {"terminate", Guarded<DoTo<&Handle::Terminate>>},
    {"info", Guarded<Info>},
    {"bufferedAmount", Guarded<BufferedAmount>},
    {"pack", Guarded<DoTo<&Handle::Pack>>},
    {"lendMemory", Guarded<LendMemory>},
    {"copyBatch", Guarded<CopyBatch>},
    {"joinTexts", Guarded<JoinTexts>},
    {"adoptTrustStore", Guarded<AdoptTrustStore>},
    {"setTrustStore", Guarded<SetTrustStore>},
};

// Every function gets the environment as its data.
napi_value AddExports(napi_env env, napi_value exports) {
  if (OPENSSL_version_major() != 3) {
    const std::string found = OpenSSL_version(OPENSSL_VERSION);
    const std::string message =
        "wsfd needs the OpenSSL 3 that Node.js 18 and newer bring along; this runtime has " + found;
    return napi_throw_error(env, nullptr, message.c_str()) == napi_ok ? exports : nullptr;
  }
  Environment* const environment = Environment::Create(env);
  if (environment == nullptr) return exports;
  napi_property_descriptor properties[std::size(kExports)] = {};
  for (size_t i = 0; i < std::size(kExports); i++) {
    properties[i].utf8name = kExports[i].name;
    properties[i].method = kExports[i].function;
    properties[i].attributes = napi_enumerable;
    properties[i].data = environment;
  }
  const napi_status status =
      napi_define_properties(env, exports, std::size(properties), properties);
  return status == napi_ok ? exports : ThrowFailure(env);
}

}  // namespace

napi_value Initialize(napi_env env, napi_value exports) {
  KeepLoaded();
  try {
    return AddExports(env, exports);
  } catch (const std::bad_alloc&) {
    return ThrowNoMemory(env);
  }
}

}  // namespace wsfd::binding
