#include "connection/assembly.h"

#include <cstring>
#include <utility>

namespace wsfd::connection {

void Assembly::Begin(bool text, deflate::Inflater* inflater) {
  active_ = true;
  text_ = text;
  inflater_ = inflater;
  utf8_.Reset();
}

Error Assembly::Append(const uint8_t* data, size_t size) {
  const size_t before = bytes_.size();
  if (compressed()) {
    if (Error error = inflater_->Append(data, size, &bytes_)) return error;
    data = bytes_.data() + before;
    size = bytes_.size() - before;
  }
  if (text_ && !utf8_.Append(data, size)) return Error(ErrorCode::kTextNotUtf8);
  if (compressed() || size == 0) return {};
  uint8_t* const room =
      expected_ < kLarge ? bytes_.Reserve(size) : bytes_.ReserveTowards(size, expected_);
  if (room == nullptr) return Error(ErrorCode::kOutOfMemory);
  std::memcpy(room, data, size);
  bytes_.Commit(size);
  return {};
}

Error Assembly::Finish(Message* message) {
  if (compressed()) {
    if (Error error = inflater_->Finish()) return error;
  }
  if (text_ && !utf8_.AtBoundary()) {
    return Error(ErrorCode::kTextNotUtf8, "it ends inside a character");
  }
  // Even an empty message has an address, since memcpy may not be given nullptr; there may be no
  // storage yet that it could lie in.
  static constexpr uint8_t kEmpty[1] = {};
  message->size = size();
  message->assembled = message->size != 0;
  if (message->assembled) {
    message->offset = begin_;
    unresolved_ = true;
  } else {
    message->data = kEmpty;
  }
  message->text = text_;
  message->ascii = text_ && utf8_.ascii();
  begin_ = bytes_.size();
  active_ = false;
  return {};
}

void Assembly::Resolve(Batch* batch) {
  if (!std::exchange(unresolved_, false)) return;
  for (size_t i = 0; i < batch->count; i++) {
    Message& message = batch->messages[i];
    if (!message.assembled) continue;
    message.data = bytes_.data() + message.offset;
    message.assembled = false;
  }
}

uint8_t* Assembly::Detach(const Message& message) {
  if (message.data != bytes_.data() || message.size != bytes_.size()) return nullptr;
  if (message.size < kLarge) return nullptr;
  uint8_t* const storage = bytes_.Detach();
  if (storage != nullptr) begin_ = 0;
  return storage;
}

void Assembly::Delivered() {
  if (begin_ == 0) return;
  bytes_.Consume(begin_);
  begin_ = 0;
  bytes_.Release(kKeep);
}

}  // namespace wsfd::connection
