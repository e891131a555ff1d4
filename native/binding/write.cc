#include "binding/write.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "binding/environment.h"
#include "binding/handle.h"
#include "frame/utf8.h"

namespace wsfd::binding {

using driver::WriteStatus;
using frame::Opcode;

namespace {

// A UTF-16 unit takes at most three bytes of UTF-8 (a surrogate pair, four for its two).
constexpr size_t kBytesPerUnit = 3;
// Up to this length, room for the longest encoding is reserved without measuring the text.
constexpr size_t kReserveBlindly = 64 * 1024;

// nullptr, which is undefined in JavaScript, if Node-API fails: never for an accepted message.
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

// Sets *is_text to false, and does nothing, for a value that is no string.
WriteStatus WriteString(napi_env env, driver::Socket* socket, napi_value text, bool* is_text) {
  size_t units = 0;
  // (only the length: that of the Latin-1 form is the number of UTF-16 units)
  const napi_status measured = napi_get_value_string_latin1(env, text, nullptr, 0, &units);
  *is_text = measured != napi_string_expected;
  if (measured != napi_ok) return WriteStatus::kFailed;
  size_t longest = units * kBytesPerUnit;
  size_t expected = units;
  if (units > kReserveBlindly) {
    if (napi_get_value_string_utf8(env, text, nullptr, 0, &longest) != napi_ok) {
      return WriteStatus::kFailed;
    }
    expected = longest;
  }
  WriteStatus status = WriteStatus::kFailed;
  // Node-API needs room for a NUL after the text.
  uint8_t* room = socket->Reserve(longest + 1, expected, &status);
  if (room == nullptr) return status;
  size_t size = 0;
  if (napi_get_value_string_utf8(env, text, reinterpret_cast<char*>(room), longest + 1, &size) !=
      napi_ok) {
    return WriteStatus::kFailed;
  }
  return socket->Commit(Opcode::kText, size);
}

WriteStatus WriteAsText(napi_env env, driver::Socket* socket, napi_value text) {
  bool is_text = true;
  return WriteString(env, socket, text, &is_text);
}

WriteStatus WriteBytes(napi_env env, driver::Socket* socket, napi_value bytes) {
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_typedarray_info(env, bytes, nullptr, &size, &data, nullptr, nullptr) != napi_ok) {
    return WriteStatus::kFailed;
  }
  return socket->Write(Opcode::kBinary, static_cast<const uint8_t*>(data), size);
}

void Report(Environment* environment, WriteResult place, size_t value) {
  environment->staging_sizes()[static_cast<size_t>(place)] = static_cast<int32_t>(value);
}

// Calls `write` with the socket and the number of each message, until one is not accepted. `bytes`
// is what they have together, as far as it is known.
template <typename Write>
void WriteInTurn(Environment* environment, napi_value slot, size_t count, size_t bytes,
                 Write write) {
  Handle* const handle = environment->HandleOf(slot);
  WriteStatus status = handle == nullptr ? WriteStatus::kNotOpen : WriteStatus::kAccepted;
  if (handle != nullptr) handle->socket()->Expect(count, bytes);
  size_t done = 0;
  while (status == WriteStatus::kAccepted && done < count) {
    status = write(handle->socket(), done);
    if (status == WriteStatus::kAccepted) done++;
  }
  Report(environment, WriteResult::kDone, done);
  Report(environment, WriteResult::kStatus, static_cast<size_t>(status));
}

// How many messages can have their lengths in the staging sizes.
constexpr size_t kMostLengths =
    connection::Batch::kCapacity - static_cast<size_t>(WriteResult::kLengths);

// Writes `count` messages, one behind the other in `size` bytes; the staging sizes have their
// lengths.
void WriteJoined(Environment* environment, napi_value slot, Opcode opcode, const uint8_t* data,
                 size_t size, size_t count) {
  const int32_t* const lengths =
      environment->staging_sizes() + static_cast<size_t>(WriteResult::kLengths);
  const uint8_t* const end = data + size;
  WriteInTurn(environment, slot, count, size, [&](driver::Socket* socket, size_t i) {
    const auto length = static_cast<uint32_t>(lengths[i]);
    if (length > static_cast<size_t>(end - data)) return WriteStatus::kFailed;
    const uint8_t* const message = data;
    data += length;
    return socket->Write(opcode, message, length);
  });
}

// Messages in one piece of memory, each of which ends where the next begins.
class PackedMessages {
 public:
  // The arguments after the slot. False if they are not valid.
  bool Read(napi_env env, const napi_value* arguments) {
    napi_typedarray_type type = napi_uint8_array;
    napi_value buffer = nullptr;
    void* data = nullptr;
    bool is_own = false;
    if (napi_get_typedarray_info(env, arguments[0], &type, &size_, &data, &buffer, nullptr) !=
            napi_ok ||
        type != napi_uint8_array || napi_is_arraybuffer(env, buffer, &is_own) != napi_ok) {
      return false;
    }
    bytes_ = static_cast<const uint8_t*>(data);
    if (napi_get_typedarray_info(env, arguments[1], &type, &most_, &data, nullptr, nullptr) !=
            napi_ok ||
        type != napi_uint32_array || napi_get_value_uint32(env, arguments[2], &count_) != napi_ok ||
        napi_get_value_bool(env, arguments[3], &text_) != napi_ok) {
      return false;
    }
    ends_ = static_cast<const uint8_t*>(data);
    // Another thread may change shared memory after the check.
    if (text_ && !is_own && size_ != 0) {
      copy_.assign(bytes_, bytes_ + size_);
      bytes_ = copy_.data();
    }
    return count_ <= most_;
  }

  size_t count() const { return count_; }
  size_t size() const { return size_; }
  Opcode opcode() const { return text_ ? Opcode::kText : Opcode::kBinary; }

  // Message `i`, which begins at *at; moves that to its end. Each call checks: the ends may be in
  // shared memory.
  PackedFault Next(size_t i, size_t* at, const uint8_t** data, size_t* size) const {
    uint32_t end = 0;
    std::memcpy(&end, ends_ + i * sizeof end, sizeof end);
    if (end < *at || end > size_) return PackedFault::kEnd;
    *data = bytes_ + *at;
    *size = end - *at;
    *at = end;
    return PackedFault::kNone;
  }

  // The first fault, and the message that has it.
  PackedFault Check(size_t* place) const {
    size_t at = 0;
    for (*place = 0; *place < count_; ++*place) {
      const uint8_t* data = nullptr;
      size_t size = 0;
      const PackedFault fault = Next(*place, &at, &data, &size);
      if (fault != PackedFault::kNone) return fault;
      const bool valid = !text_ || frame::IsAscii(data, size) || frame::IsUtf8(data, size);
      if (!valid) return PackedFault::kText;
    }
    return PackedFault::kNone;
  }

 private:
  const uint8_t* bytes_ = nullptr;
  const uint8_t* ends_ = nullptr;
  std::vector<uint8_t> copy_;
  size_t size_ = 0;
  size_t most_ = 0;
  uint32_t count_ = 0;
  bool text_ = false;
};

template <WriteStatus (*Write)(napi_env env, driver::Socket* socket, napi_value message)>
napi_value WriteMessage(napi_env env, napi_callback_info info) {
  napi_value message = nullptr;
  Handle* const handle = ReadCall(env, info, &message);
  if (handle == nullptr) return StatusValue(env, WriteStatus::kNotOpen);
  // Made before: nothing may fail once the message is accepted.
  const napi_value accepted = StatusValue(env, WriteStatus::kAccepted);
  if (accepted == nullptr) return nullptr;
  const WriteStatus status = Write(env, handle->socket(), message);
  return status == WriteStatus::kAccepted ? accepted : StatusValue(env, status);
}

}  // namespace

napi_value WriteText(napi_env env, napi_callback_info info) {
  return WriteMessage<WriteAsText>(env, info);
}

napi_value WriteBinary(napi_env env, napi_callback_info info) {
  return WriteMessage<WriteBytes>(env, info);
}

napi_value WriteTexts(napi_env env, napi_callback_info info) {
  static_assert(kMostJoined * kBytesPerUnit < Environment::kTextUnits * sizeof(char16_t));
  napi_value arguments[3] = {};
  size_t given = 3;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, &data) != napi_ok) return nullptr;
  auto* const environment = static_cast<Environment*>(data);
  size_t units = 0;
  uint32_t count = 0;
  if (environment->staging() == nullptr ||
      napi_get_value_string_latin1(env, arguments[1], nullptr, 0, &units) != napi_ok ||
      units > kMostJoined || napi_get_value_uint32(env, arguments[2], &count) != napi_ok ||
      count > kMostLengths) {
    return nullptr;
  }
  auto* const text = reinterpret_cast<char*>(environment->text_units());
  size_t size = 0;
  if (napi_get_value_string_utf8(env, arguments[1], text, units * kBytesPerUnit + 1, &size) !=
      napi_ok) {
    return nullptr;
  }
  // ASCII is as long in bytes as in units. Where two texts meet in other text, a surrogate of each
  // would have become one character.
  if (size != units) {
    Report(environment, WriteResult::kFault, static_cast<size_t>(PackedFault::kText));
    return nullptr;
  }
  WriteJoined(environment, arguments[0], Opcode::kText, reinterpret_cast<const uint8_t*>(text),
              size, count);
  return nullptr;
}

napi_value WriteStaged(napi_env env, napi_callback_info info) {
  napi_value arguments[3] = {};
  size_t given = 3;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, &data) != napi_ok) return nullptr;
  auto* const environment = static_cast<Environment*>(data);
  uint32_t size = 0;
  uint32_t count = 0;
  if (environment->staging() == nullptr ||
      napi_get_value_uint32(env, arguments[1], &size) != napi_ok ||
      size > Environment::kStagingSlotBytes ||
      napi_get_value_uint32(env, arguments[2], &count) != napi_ok || count > kMostLengths) {
    return nullptr;
  }
  WriteJoined(environment, arguments[0], Opcode::kBinary, environment->staging(), size, count);
  return nullptr;
}

napi_value WriteMany(napi_env env, napi_callback_info info) {
  napi_value arguments[1 + connection::Batch::kCapacity];
  size_t count = 1 + connection::Batch::kCapacity;
  void* data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &data) != napi_ok) return nullptr;
  auto* const environment = static_cast<Environment*>(data);
  if (environment->staging() == nullptr) return nullptr;
  const size_t messages = std::clamp<size_t>(count, 1, 1 + connection::Batch::kCapacity) - 1;
  WriteInTurn(environment, arguments[0], messages, 0, [&](driver::Socket* socket, size_t i) {
    bool is_text = true;
    const WriteStatus status = WriteString(env, socket, arguments[1 + i], &is_text);
    return is_text ? status : WriteBytes(env, socket, arguments[1 + i]);
  });
  return nullptr;
}

napi_value WritePacked(napi_env env, napi_callback_info info) {
  napi_value arguments[5] = {};
  size_t count = 5;
  void* environment_data = nullptr;
  if (napi_get_cb_info(env, info, &count, arguments, nullptr, &environment_data) != napi_ok) {
    return nullptr;
  }
  auto* const environment = static_cast<Environment*>(environment_data);
  PackedMessages messages;
  if (environment->staging() == nullptr || !messages.Read(env, arguments + 1)) return nullptr;
  size_t place = 0;
  const PackedFault fault = messages.Check(&place);
  Report(environment, WriteResult::kFault, static_cast<size_t>(fault));
  Report(environment, WriteResult::kPlace, place);
  if (fault != PackedFault::kNone) return nullptr;
  size_t at = 0;
  const auto write = [&](driver::Socket* socket, size_t i) {
    const uint8_t* data = nullptr;
    size_t size = 0;
    return messages.Next(i, &at, &data, &size) == PackedFault::kNone
               ? socket->Write(messages.opcode(), data, size)
               : WriteStatus::kFailed;
  };
  WriteInTurn(environment, arguments[0], messages.count(), messages.size(), write);
  return nullptr;
}

}  // namespace wsfd::binding
