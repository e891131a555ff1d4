#include "binding/write.h"

#include <cstring>

#include "binding/environment.h"
#include "binding/handle.h"

namespace wsfd::binding {

using driver::WriteStatus;
using frame::Opcode;

namespace {

// A UTF-16 unit becomes at most three bytes of UTF-8 (a surrogate pair four for its two).
constexpr size_t kBytesPerUnit = 3;
// Up to here room for the longest encoding is reserved without asking for the true length.
constexpr size_t kReserveBlindly = 64 * 1024;

// nullptr, which is undefined in JavaScript and no status of a message that was accepted, where
// Node-API fails.
napi_value StatusValue(napi_env env, WriteStatus status) {
  napi_value value = nullptr;
  return napi_create_uint32(env, static_cast<uint32_t>(status), &value) == napi_ok ? value
                                                                                   : nullptr;
}

// The handle and the message of a call; nullptr when there is no such handle.
Handle* ReadCall(napi_env env, napi_callback_info info, napi_value* message) {
  napi_value arguments[2];
  size_t count = 2;
  void* environment = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &environment) != napi_ok) {
    return nullptr;
  }
  *message = arguments[1];
  return static_cast<Environment*>(environment)->HandleOf(arguments[0]);
}

WriteStatus WriteString(napi_env env, driver::Socket* socket, napi_value text) {
  size_t units = 0;
  // (asks for the length alone; that of the Latin-1 form is the number of UTF-16 units)
  if (napi_get_value_string_latin1(env, text, nullptr, 0, &units) != napi_ok) {
    return WriteStatus::kFailed;
  }
  size_t longest = units * kBytesPerUnit;
  size_t expected = units;
  if (units > kReserveBlindly) {
    if (napi_get_value_string_utf8(env, text, nullptr, 0, &longest) != napi_ok) {
      return WriteStatus::kFailed;
    }
    expected = longest;
  }
  WriteStatus status = WriteStatus::kFailed;
  // Node-API wants room for a NUL behind the text.
  uint8_t* room = socket->Reserve(longest + 1, expected, &status);
  if (room == nullptr) return status;
  size_t size = 0;
  if (napi_get_value_string_utf8(env, text, reinterpret_cast<char*>(room), longest + 1, &size) !=
      napi_ok) {
    return WriteStatus::kFailed;
  }
  return socket->Commit(Opcode::kText, size);
}

WriteStatus WriteBytes(napi_env env, driver::Socket* socket, napi_value bytes) {
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_typedarray_info(env, bytes, nullptr, &size, &data, nullptr, nullptr) != napi_ok) {
    return WriteStatus::kFailed;
  }
  WriteStatus status = WriteStatus::kFailed;
  uint8_t* room = socket->Reserve(size, size, &status);
  if (room == nullptr) return status;
  if (size != 0) std::memcpy(room, data, size);
  return socket->Commit(Opcode::kBinary, size);
}

template <WriteStatus (*Write)(napi_env env, driver::Socket* socket, napi_value message)>
napi_value WriteMessage(napi_env env, napi_callback_info info) {
  napi_value message = nullptr;
  Handle* const handle = ReadCall(env, info, &message);
  if (handle == nullptr) return StatusValue(env, WriteStatus::kNotOpen);
  // Made before: once the message is accepted nothing can fail.
  const napi_value accepted = StatusValue(env, WriteStatus::kAccepted);
  if (accepted == nullptr) return nullptr;
  const WriteStatus status = Write(env, handle->socket(), message);
  return status == WriteStatus::kAccepted ? accepted : StatusValue(env, status);
}

}  // namespace

napi_value WriteText(napi_env env, napi_callback_info info) {
  return WriteMessage<WriteString>(env, info);
}

napi_value WriteBinary(napi_env env, napi_callback_info info) {
  return WriteMessage<WriteBytes>(env, info);
}

}  // namespace wsfd::binding
