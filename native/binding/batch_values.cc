#include "binding/batch_values.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "frame/transcode.h"

namespace wsfd::binding {

using connection::Batch;
using connection::Message;

namespace {

// A binary message of this size gets a Buffer of its own: in any case, and if JavaScript cannot let
// messages share a slab without copying them once more.
constexpr size_t kLeastOwnBuffer = 16384;
constexpr size_t kLeastBufferWithoutSlabs = 4096;
constexpr size_t kMessagesPerSlab = 8;

// Memory of a message besides its bytes: resident memory measured on Node.js 18 to 26, including
// room for the collector to copy it.
constexpr size_t kStringOverhead = 64;
constexpr size_t kBufferOverhead = 640;

// A string with a character beyond Latin-1 takes two bytes for each of its characters.
size_t WeightOf(const Message& message) {
  if (!message.text) return message.size + kBufferOverhead;
  return message.size * (message.ascii ? 1 : 2) + kStringOverhead;
}

bool IsStaged(const Message& message) { return message.size <= Environment::kStagingSlotSize; }

// Fills slabs with binary messages of medium size, in order.
class Slabs {
 public:
  Slabs(Environment* environment, const Batch& batch)
      : env_(environment->env()),
        batch_(batch),
        least_own_(environment->shares_slabs() ? kLeastOwnBuffer : kLeastBufferWithoutSlabs) {}

  bool Takes(const Message& message) const {
    return !message.text && !IsStaged(message) && message.size < least_own_;
  }

  // Copies message `index` of the batch into the slab; *value is the new slab if one begins.
  bool Add(size_t index, napi_value* value) {
    const Message& message = batch_.messages[index];
    if (left_ < message.size && !Begin(index, value)) return false;
    std::memcpy(next_, message.data, message.size);
    next_ += message.size;
    left_ -= message.size;
    return true;
  }

 private:
  // A slab is exactly as large as the messages that go into it.
  bool Begin(size_t index, napi_value* value) {
    const size_t bound = batch_.messages[index].size * kMessagesPerSlab;
    size_t size = 0;
    for (size_t i = index; i < batch_.count; i++) {
      const Message& message = batch_.messages[i];
      if (!Takes(message)) continue;
      if (size + message.size > bound || message.size * kMessagesPerSlab < size) break;
      size += message.size;
    }
    void* data = nullptr;
    if (napi_create_buffer(env_, size, &data, value) != napi_ok) return false;
    next_ = static_cast<uint8_t*>(data);
    left_ = size;
    return true;
  }

  napi_env env_;
  const Batch& batch_;
  size_t least_own_;
  uint8_t* next_ = nullptr;
  size_t left_ = 0;
};

napi_status Latin1Value(napi_env env, const uint8_t* text, size_t size, napi_value* value) {
  return napi_create_string_latin1(env, reinterpret_cast<const char*>(text), size, value);
}

// The string of a text that is not ASCII. `units`: scratch space for as many units as the text has
// bytes.
napi_status ConvertedValue(napi_env env, const Message& message, char16_t* units,
                           napi_value* value) {
  if (frame::IsLatin1(message.data, message.size)) {
    auto* const latin1 = reinterpret_cast<uint8_t*>(units);
    const size_t count = frame::Utf8ToLatin1(message.data, message.size, latin1);
    return Latin1Value(env, latin1, count, value);
  }
  const size_t count = frame::Utf8ToUtf16(message.data, message.size, units);
  return napi_create_string_utf16(env, units, count, value);
}

// This text is validated UTF-8 already: converting it here costs about a quarter of V8's decoder.
napi_status TextValue(Environment* environment, const Message& message, napi_value* value) {
  const napi_env env = environment->env();
  if (message.ascii) return Latin1Value(env, message.data, message.size, value);
  if (message.size <= Environment::kTextUnits) {
    return ConvertedValue(env, message, environment->text_units(), value);
  }
  const std::shared_ptr<BlockPool>& pool = environment->loop()->pool();
  const size_t bytes = message.size * sizeof(char16_t);
  Block block = pool->Take(bytes);
  if (block.data == nullptr) block = {static_cast<uint8_t*>(std::malloc(bytes)), bytes};
  if (block.data == nullptr) throw std::bad_alloc();
  auto* const units = reinterpret_cast<char16_t*>(block.data);
  const napi_status status = ConvertedValue(env, message, units, value);
  pool->Give(block);
  // Messages of a private loop are converted outside of this loop's wake-ups.
  environment->loop()->TrimLater();
  return status;
}

// A Buffer on the block that the message was received into, if it can be shared; else on storage of
// the message or of the pool; else with a copy.
napi_status LargeValue(Environment* environment, driver::Socket* socket, const Message& message,
                       napi_value* value) {
  const napi_env env = environment->env();
  const std::shared_ptr<BlockPool>& pool = environment->loop()->pool();
  SharedBlock* const shared = socket == nullptr ? nullptr : socket->BlockOf(message);
  if (shared != nullptr) {
    return environment->lender()->LendPart(env, shared, message.data, message.size, value);
  }
  Block block;
  if (socket != nullptr && message.size >= BlockPool::kSmallest) {
    block = socket->DetachMessage(message);
    if (block.data == nullptr) {
      block = pool->Take(message.size);
      if (block.data != nullptr) std::memcpy(block.data, message.data, message.size);
    }
  }
  if (block.data == nullptr) {
    return napi_create_buffer_copy(env, message.size, message.data, nullptr, value);
  }
  return environment->lender()->Lend(env, block, message.size, value);
}

}  // namespace

bool BatchValues(Environment* environment, driver::Socket* socket, const Batch& batch,
                 napi_value* arguments) {
  const napi_env env = environment->env();
  napi_value* const values = arguments + kBatchPrefix;
  Slabs slabs(environment, batch);
  size_t weight = 0;
  size_t staged = 0;
  bool binary = false;
  napi_value undefined = nullptr;
  if (napi_get_undefined(env, &undefined) != napi_ok) return false;
  for (size_t i = 0; i < batch.count; i++) {
    const Message& message = batch.messages[i];
    weight += WeightOf(message);
    napi_status status = napi_ok;
    if (message.text) {
      status = TextValue(environment, message, &values[i]);
    } else if (IsStaged(message)) {
      std::memcpy(environment->staging() + Environment::kStagingSlotSize * staged++, message.data,
                  message.size);
      environment->staging_sizes()[i] = static_cast<int32_t>(message.size);
      values[i] = undefined;
      binary = true;
    } else if (slabs.Takes(message)) {
      values[i] = undefined;
      if (!slabs.Add(i, &values[i])) return false;
      environment->staging_sizes()[i] = -static_cast<int32_t>(message.size);
      binary = true;
    } else {
      status = LargeValue(environment, socket, message, &values[i]);
      environment->staging_sizes()[i] = 0;
    }
    if (status != napi_ok) return false;
  }
  return napi_get_boolean(env, binary, &arguments[1]) == napi_ok &&
         napi_create_double(env, static_cast<double>(weight), &arguments[0]) == napi_ok;
}

}  // namespace wsfd::binding
