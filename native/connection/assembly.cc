#include "connection/assembly.h"

#include <algorithm>
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
  if (FollowsInLanding(data, size)) {
    if (text_ && !utf8_.Append(data, size)) return Error(ErrorCode::kTextNotUtf8);
    if (landed_size_ == 0) landed_ = data;
    landed_size_ += size;
    return {};
  }
  if (landed_size_ != 0 && !MoveToStorage()) return Error(ErrorCode::kOutOfMemory);
  const size_t before = bytes_.size();
  TakeStorage();
  if (compressed()) {
    if (Error error = inflater_->Append(data, size, &bytes_)) return error;
    data = bytes_.data() + before;
    size = bytes_.size() - before;
  }
  if (text_ && !utf8_.Append(data, size)) return Error(ErrorCode::kTextNotUtf8);
  if (compressed() || size == 0) return {};
  uint8_t* const room = MakeRoom(size);
  if (room == nullptr) return Error(ErrorCode::kOutOfMemory);
  if (room != data) std::memcpy(room, data, size);
  bytes_.Commit(size);
  return {};
}

Space Assembly::Reserve(size_t missing, size_t landing) {
  if (!active_ || compressed()) return {};
  if (landed_size_ != 0) {
    const Space space = landing_.Continue(&landed_, landed_size_, missing, landing);
    if (space.data != nullptr || missing < kLeastMissing || !MoveToStorage()) return space;
  }
  const bool is_stored = size() != 0 || expected_ > landing;
  if (!is_stored || missing < kLeastMissing || expected_ < kLarge || begin_ != 0) return {};
  TakeStorage();
  uint8_t* const room = MakeRoom(std::min(missing, std::max(bytes_.room(), kStep)));
  if (room == nullptr) return {};
  return {room, std::min(missing, bytes_.room())};
}

bool Assembly::FollowsInLanding(const uint8_t* data, size_t size) const {
  if (compressed() || !landing_.Holds(data, size)) return false;
  return landed_size_ == 0 ? this->size() == 0 : data == landed_ + landed_size_;
}

bool Assembly::MoveToStorage() {
  TakeStorage();
  uint8_t* const room = MakeRoom(landed_size_);
  if (room == nullptr) return false;
  std::memcpy(room, landed_, landed_size_);
  bytes_.Commit(std::exchange(landed_size_, 0));
  return true;
}

// The length of a message of several frames is unknown: growth by each frame's length would move
// the message with each frame.
uint8_t* Assembly::MakeRoom(size_t size) {
  const bool fits = first_frame_ && expected_ >= kLarge;
  return fits ? bytes_.ReserveTowards(size, expected_) : bytes_.Reserve(size);
}

void Assembly::TakeStorage() {
  // The length of a compressed message is unknown; messages of one connection are mostly alike.
  const size_t wanted = compressed() ? last_size_ : expected_;
  // (reserved storage may hold bytes that are not appended yet)
  const bool has_storage = !bytes_.empty() || bytes_.capacity() >= kLarge;
  if (pool_ == nullptr || wanted < kLarge || has_storage) return;
  const Block block = pool_->Take(wanted);
  if (block.data != nullptr) bytes_.Adopt(block);
}

void Assembly::GiveStorage() {
  if (pool_ != nullptr && last_size_ >= kLarge) return pool_->Give(bytes_.Detach());
  bytes_.Release(kKeptWhenEmpty);
}

Error Assembly::Finish(Message* message) {
  if (compressed()) {
    if (Error error = inflater_->Finish()) return error;
  }
  if (text_ && !utf8_.AtBoundary()) {
    return Error(ErrorCode::kTextNotUtf8, "it ends inside a character");
  }
  // An empty message has an address too, since memcpy must not get nullptr; it may have no storage.
  static constexpr uint8_t kEmpty[1] = {};
  message->size = last_size_ = size();
  message->has_offset = message->size != 0 && landed_size_ == 0;
  if (message->has_offset) {
    message->offset = begin_;
    unresolved_ = true;
  } else {
    message->data = landed_size_ != 0 ? landed_ : kEmpty;
    landed_size_ = 0;
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
    if (!message.has_offset) continue;
    message.data = bytes_.data() + message.offset;
    message.has_offset = false;
  }
}

Block Assembly::Detach(const Message& message) {
  if (message.data != bytes_.data() || message.size != bytes_.size()) return {};
  if (message.size < kLarge) return {};
  if (bytes_.capacity() / 2 > message.size) bytes_.ShrinkToFit();
  begin_ = 0;
  return bytes_.Detach();
}

void Assembly::Delivered() {
  if (begin_ == 0) return;
  bytes_.Consume(begin_);
  begin_ = 0;
  if (bytes_.empty()) GiveStorage();
}

}  // namespace wsfd::connection
