#include "binding/packer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace wsfd::binding {

using connection::Message;
using driver::ReceiveMemory;

namespace {

PackedKind KindOf(const Message& message) {
  if (!message.text) return PackedKind::kBinary;
  return message.ascii ? PackedKind::kAscii : PackedKind::kText;
}

// nullptr if Node-API fails.
napi_value Undefined(napi_env env) {
  napi_value value = nullptr;
  return napi_get_undefined(env, &value) == napi_ok ? value : nullptr;
}

}  // namespace

// Writes notes at `base`, with room for `capacity` messages.
class Packer::Notes {
 public:
  Notes(uint8_t* base, size_t capacity)
      : starts_(base),
        ends_(starts_ + capacity * sizeof(uint32_t)),
        kinds_(ends_ + capacity * sizeof(uint32_t)) {}

  void Add(size_t start, const Message& message) {
    const auto first = static_cast<uint32_t>(start);
    const auto end = static_cast<uint32_t>(start + message.size);
    std::memcpy(starts_ + count_ * sizeof first, &first, sizeof first);
    std::memcpy(ends_ + count_ * sizeof end, &end, sizeof end);
    kinds_[count_++] = static_cast<uint8_t>(KindOf(message));
  }

 private:
  uint8_t* starts_;
  uint8_t* ends_;
  uint8_t* kinds_;
  size_t count_ = 0;
};

napi_value Packer::Lend(napi_env env, ReceiveMemory* memory) {
  ReceiveMemory::Owner lent = memory->Share();
  ReceiveMemory::Owner of_buffer = memory->Share();
  napi_value buffer = nullptr;
  const napi_status status = napi_create_external_buffer(
      env, ReceiveMemory::kSize, memory->bytes(),
      [](napi_env, void*, void* owned) {
        const ReceiveMemory::Owner released(static_cast<ReceiveMemory*>(owned));
      },
      memory, &buffer);
  if (status == napi_no_external_buffers_allowed) return Undefined(env);
  // If the environment can no longer be used, nothing is made; after every other failure, Node has
  // called the finalizer, or will.
  if (status != napi_pending_exception) static_cast<void>(of_buffer.release());
  if (status != napi_ok) return nullptr;
  lent_ = std::move(lent);
  return buffer;
}

bool Packer::NoteInPlace() {
  if (lent_ == nullptr) return false;
  uint8_t* const base = lent_->bytes();
  uint8_t* copy = lent_->copies();
  const uint8_t* const end = base + ReceiveMemory::kSize;
  Notes notes(lent_->notes(), kNotes);
  for (size_t i = 0; i < batch_->count; i++) {
    const Message& message = batch_->messages[i];
    const uint8_t* data = message.data;
    if (!lent_->Holds(data, message.size)) {
      if (static_cast<size_t>(end - copy) < message.size) return false;
      std::memcpy(copy, data, message.size);
      data = copy;
      copy += message.size;
    }
    notes.Add(static_cast<size_t>(data - base), message);
  }
  return true;
}

napi_value Packer::Copy(napi_env env) {
  if (batch_ == nullptr) return Undefined(env);
  const size_t notes_size = batch_->count * kBytesPerNote;
  size_t size = notes_size;
  for (size_t i = 0; i < batch_->count; i++) size += batch_->messages[i].size;
  void* base = nullptr;
  napi_value buffer = nullptr;
  lost_ = size > UINT32_MAX || napi_create_buffer(env, size, &base, &buffer) != napi_ok;
  if (lost_) return nullptr;
  auto* const bytes = static_cast<uint8_t*>(base);
  Notes notes(bytes, batch_->count);
  size_t at = notes_size;
  for (size_t i = 0; i < batch_->count; i++) {
    const Message& message = batch_->messages[i];
    std::memcpy(bytes + at, message.data, message.size);
    notes.Add(at, message);
    at += message.size;
  }
  return buffer;
}

}  // namespace wsfd::binding
