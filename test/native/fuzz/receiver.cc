#include "test/native/fuzz/receiver.h"

#include "test/native/fuzz/input.h"
#include "test/native/reference/reference.h"

namespace wsfd::fuzz {

namespace {

bool IsUtf8(const std::string& text) { return reference::IsUtf8(BytesOf(text), text.size()); }

// True if bytes can be appended that make `text` UTF-8.
bool MayBecomeUtf8(const std::string& text) {
  if (IsUtf8(text)) return true;
  // The bounds of what may follow the first byte of a character, and what may follow the second.
  static constexpr const char* kEnds[] = {
      "\x80", "\x8f", "\x90", "\x9f", "\xa0", "\xbf",
  };
  for (size_t begun = 1; begun <= 3 && begun <= text.size(); begun++) {
    if (!IsUtf8(text.substr(0, text.size() - begun))) continue;
    const std::string character = text.substr(text.size() - begun);
    for (const char* end : kEnds) {
      std::string whole = character + end;
      for (size_t size = whole.size(); size <= 4; size++, whole += '\x80') {
        if (IsUtf8(whole)) return true;
      }
    }
  }
  return false;
}

class ByTheBook {
 public:
  ByTheBook(std::string_view stream, const connection::Limits& limits)
      : stream_(stream), limits_(limits) {}

  Received Run() {
    while (!Ended() && ReadFrame()) {
    }
    return std::move(result_);
  }

 private:
  bool Ended() const { return result_.closed || result_.error != ErrorCode::kNone; }
  bool Fail(ErrorCode code) {
    result_.error = code;
    return false;
  }
  bool Has(size_t count) const { return stream_.size() >= count; }
  uint8_t At(size_t i) const { return static_cast<uint8_t>(stream_[i]); }

  // False when no more can be read.
  bool ReadFrame() {
    if (!Has(1)) return false;
    if ((At(0) & 0x30) != 0) return Fail(ErrorCode::kReservedBits);
    const uint8_t opcode = At(0) & 0x0f;
    if ((opcode > 2 && opcode < 8) || opcode > 10) return Fail(ErrorCode::kReservedOpcode);
    const bool fin = (At(0) & 0x80) != 0;
    if (opcode >= 8 && !fin) return Fail(ErrorCode::kControlFrameFragmented);
    uint64_t size = 0;
    size_t header = 0;
    if (!ReadLength(&header, &size)) return false;
    if ((At(0) & 0x40) != 0) return Fail(ErrorCode::kReservedBits);
    if (opcode < 8 && !BeginData(opcode, size)) return false;
    const std::string_view payload = stream_.substr(header, size);
    const bool complete = payload.size() == size;
    stream_.remove_prefix(header + payload.size());
    if (opcode < 8) return Data(payload, complete, fin) && complete;
    if (complete) Control(opcode, std::string(payload));
    return complete;
  }

  bool ReadLength(size_t* header, uint64_t* size) {
    if (!Has(2)) return false;
    if ((At(1) & 0x80) != 0) return Fail(ErrorCode::kMaskedFrame);
    *size = At(1);
    if ((At(0) & 0x08) != 0 && *size > 125) return Fail(ErrorCode::kControlFrameTooLong);
    const size_t extended = *size < 126 ? 0 : *size == 126 ? 2 : 8;
    *header = 2 + extended;
    if (extended == 0) return true;
    *size = 0;
    for (size_t i = 2; i < *header && Has(i + 1); i++) {
      if (i == 2 && extended == 8 && At(i) > 0x7f) return Fail(ErrorCode::kLengthInvalid);
      *size = *size << 8 | At(i);
      if (i == 7 && extended == 8 && *size == 0) return Fail(ErrorCode::kLengthNotMinimal);
    }
    if (!Has(*header)) return false;
    return extended == 8 || *size > 125 || Fail(ErrorCode::kLengthNotMinimal);
  }

  bool BeginData(uint8_t opcode, uint64_t size) {
    if (opcode == 0 && !active_) return Fail(ErrorCode::kContinuationUnexpected);
    if (opcode != 0 && active_) return Fail(ErrorCode::kContinuationExpected);
    if (opcode != 0) {
      active_ = true;
      message_ = {opcode == 1, {}};
    }
    return size <= limits_.max_message_bytes - message_.payload.size() ||
           Fail(ErrorCode::kMessageTooBig);
  }

  bool Data(std::string_view payload, bool complete, bool fin) {
    message_.payload.append(payload);
    const bool ends = complete && fin;
    if (message_.text && !(ends ? IsUtf8(message_.payload) : MayBecomeUtf8(message_.payload))) {
      return Fail(ErrorCode::kTextNotUtf8);
    }
    if (!ends) return true;
    active_ = false;
    result_.messages.push_back(std::move(message_));
    return true;
  }

  void Control(uint8_t opcode, std::string payload) {
    if (opcode == 9) result_.pongs.push_back(payload);
    if (opcode != 8) return;
    if (payload.empty()) {
      result_.close_code = 1005;
    } else {
      if (payload.size() == 1) return void(Fail(ErrorCode::kClosePayloadInvalid));
      const int code = static_cast<uint8_t>(payload[0]) << 8 | static_cast<uint8_t>(payload[1]);
      const bool known = (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) ||
                         (code >= 3000 && code <= 4999);
      if (!known) return void(Fail(ErrorCode::kCloseCodeInvalid));
      if (!IsUtf8(payload.substr(2))) return void(Fail(ErrorCode::kCloseReasonNotUtf8));
      result_.close_code = static_cast<uint16_t>(code);
      result_.close_reason = payload.substr(2);
    }
    result_.closed = true;
  }

  std::string_view stream_;
  const connection::Limits limits_;
  Received result_;
  bool active_ = false;
  ReceivedMessage message_ = {};
};

}  // namespace

Received ReceiveByTheBook(std::string_view stream, const connection::Limits& limits) {
  return ByTheBook(stream, limits).Run();
}

}  // namespace wsfd::fuzz
