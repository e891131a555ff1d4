#ifndef WSFD_BINDING_WRITE_H_
#define WSFD_BINDING_WRITE_H_

#include <node_api.h>

#include <cstddef>
#include <cstdint>

namespace wsfd::binding {

// writeText(slot, text) and writeBinary(slot, bytes): a WriteStatus, or undefined for a message
// that is not accepted because Node-API failed. They do not throw. The hottest calls into native
// code, hence without a wrapper around Node-API.
napi_value WriteText(napi_env env, napi_callback_info info);
napi_value WriteBinary(napi_env env, napi_callback_info info);

// What became of several messages, which is written into the staging sizes: no value has to be made
// for it, which could fail when messages are accepted.
enum class WriteResult : uint8_t {
  kDone,     // how many messages were accepted, from the first
  kStatus,   // WriteStatus of the one behind them; kAccepted: there is none
  kFault,    // PackedFault; nothing was accepted unless it is kNone
  kPlace,    // the number of the message that has the fault
  kLengths,  // the first of the lengths that writeTexts and writeStaged are given
};

// Bounds the memory of writeTexts.
inline constexpr size_t kMostJoined = 32768;

// Why a packed list of messages cannot be sent.
enum class PackedFault : uint8_t {
  kNone,
  kEnd,   // a message ends before it begins, or past the bytes
  kText,  // it is not UTF-8; of writeTexts: they are not all ASCII
};

// writeMany(slot, ...messages): at most Batch::kCapacity strings and Uint8Arrays, already checked.
// writeTexts(slot, joined, count): `count` texts one behind the other, of kMostJoined UTF-16 units
// at most; their lengths in units lie in the staging sizes from kLengths on.
// writeStaged(slot, size, count): the same for `count` binary messages in the first `size` bytes of
// the staging area.
// writePacked(slot, bytes, ends, count, text).
// They return undefined, and throw only for lack of memory. Before SetStaging they do nothing.
napi_value WriteTexts(napi_env env, napi_callback_info info);
napi_value WriteStaged(napi_env env, napi_callback_info info);
napi_value WriteMany(napi_env env, napi_callback_info info);
napi_value WritePacked(napi_env env, napi_callback_info info);

}  // namespace wsfd::binding

#endif  // WSFD_BINDING_WRITE_H_
