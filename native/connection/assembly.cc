#include "connection/assembly.h"

namespace wsfd::connection {

void Assembly::Begin(bool text) {
  active_ = true;
  text_ = text;
  fragments_ = 0;
  utf8_.Reset();
}

ErrorCode Assembly::Append(const uint8_t* data, size_t size) {
  if (text_ && !utf8_.Append(data, size)) return ErrorCode::kTextNotUtf8;
  return bytes_.Append(data, size) ? ErrorCode::kNone : ErrorCode::kOutOfMemory;
}

ErrorCode Assembly::Finish(Message* message) {
  if (text_ && !utf8_.AtBoundary()) return ErrorCode::kTextNotUtf8;
  // Even an empty message has an address, since memcpy may not be given nullptr; there may be no
  // storage yet that it could lie in.
  static constexpr uint8_t kEmpty[1] = {};
  message->size = size();
  message->assembled = message->size != 0;
  if (message->assembled) {
    message->offset = begin_;
  } else {
    message->data = kEmpty;
  }
  message->text = text_;
  message->ascii = text_ && utf8_.ascii();
  begin_ = bytes_.size();
  active_ = false;
  return ErrorCode::kNone;
}

void Assembly::Resolve(Batch* batch) const {
  for (size_t i = 0; i < batch->count; i++) {
    Message& message = batch->messages[i];
    if (!message.assembled) continue;
    message.data = bytes_.data() + message.offset;
    message.assembled = false;
  }
}

void Assembly::Delivered() {
  if (begin_ == 0) return;
  bytes_.Consume(begin_);
  begin_ = 0;
  bytes_.Release(kKeep);
}

}  // namespace wsfd::connection
