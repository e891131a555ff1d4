// The incoming half of Connection: bytes of the transport become messages.

#include <algorithm>
#include <cstring>
#include <utility>

#include "connection/connection.h"
#include "frame/utf8.h"

namespace wsfd::connection {

using frame::Header;
using frame::HeaderStatus;
using frame::Opcode;

namespace {

// A larger count has no further effect.
constexpr size_t kMostBurst = 1024 * 1024;

// Bytes to take at once if a large message may begin: messages of one connection are mostly alike.
constexpr size_t kHeadOfLarge = 4 * 1024;

}  // namespace

ReceiveStatus Connection::Receive(const uint8_t* data, size_t size, size_t* taken, Batch* batch) {
  assembly_.Delivered();
  burst_bytes_ = size == offered_space_ ? std::min(burst_bytes_, kMostBurst) + size : size;
  const uint8_t* p = data;
  const uint8_t* const end = data + size;
  ReceiveStatus status = ReceiveStatus::kNeedMore;
  if (state_ == State::kOpening) {
    p = ReceiveHead(p, end);
    if (state_ == State::kOpen) status = ReceiveStatus::kOpened;
  } else {
    while (p != end && (state_ == State::kOpen || state_ == State::kLocalClosing)) {
      if (batch->full() || assembly_.IsFull() || (observer_ != nullptr && observer_->IsFull())) {
        status = ReceiveStatus::kBatchFull;
        break;
      }
      if (in_payload_) {
        p = ReceivePayload(p, end, batch);
      } else {
        p = ReceiveWholeFrames(p, end, batch);
        const bool goes_on = p != end && !batch->full() && !error_ && !end_ahead_;
        if (goes_on) p = ReceiveHeader(p, end, batch);
        if (std::exchange(end_ahead_, false)) {
          status = ReceiveStatus::kEndAhead;
          break;
        }
      }
      // A later pong, which may be unsolicited, must not take its place.
      if (std::exchange(pong_came_, false)) {
        status = ReceiveStatus::kPong;
        break;
      }
    }
    assembly_.Resolve(batch);
  }
  *taken = static_cast<size_t>(p - data);
  all_taken_ = p == end;
  if (state_ == State::kClosed || state_ == State::kRemoteClosing) return ReceiveStatus::kEnded;
  return status;
}

Space Connection::NextSpace() {
  const Space space = FindSpace();
  offered_space_ = space.size;
  return space;
}

Space Connection::FindSpace() {
  const size_t landing = LandingSize();
  Space space;
  if (in_payload_ && !IsControl(header_.opcode)) {
    space = assembly_.Reserve(static_cast<size_t>(payload_left_), landing);
  }
  if (space.data == nullptr && landing != 0 && !assembly_.has_landed()) {
    space = assembly_.landing().Begin(landing);
  }
  if (space.data != nullptr) return space;
  return {nullptr, last_size_ >= Assembly::kLarge ? kHeadOfLarge : SIZE_MAX};
}

// Frames like the last one fill a block exactly: its end cuts none. If little arrives at once, a
// copy is cheaper than a mostly empty block.
size_t Connection::LandingSize() const {
  if (!shares_blocks_ || !last_binary_) return 0;
  if (last_size_ < Landing::kLeastMessage || last_size_ > Landing::kMostMessage) return 0;
  const size_t frame = frame::ServerHeaderSize(last_size_) + static_cast<size_t>(last_size_);
  const size_t size = std::min(Landing::kMessages, Landing::kMostBlock / frame) * frame;
  return burst_bytes_ >= size / 2 ? size : 0;
}

void Connection::Delivered() {
  assembly_.Delivered();
  if (all_taken_) assembly_.ReleaseLanding();
  if (compression_ != nullptr) compression_->inflater.Release();
}

// The usual case, and the only one that has to be fast: validates unfragmented messages that are
// wholly in the buffer, and appends them in place. Stops at the first other frame.
const uint8_t* Connection::ReceiveWholeFrames(const uint8_t* p, const uint8_t* end, Batch* batch) {
  if (partial_size_ != 0 || assembly_.active()) return p;
  constexpr uint8_t kFinText = 0x81;
  constexpr uint8_t kFinBinary = 0x82;
  size_t count = batch->count;
  uint64_t bytes = 0;
  while (count != Batch::kCapacity && end - p >= 2) {
    if (p[0] != kFinText && p[0] != kFinBinary) break;
    const bool text = p[0] == kFinText;
    size_t header_size = 2;
    uint64_t size = p[1];
    if (size > frame::kMaxControlPayload) {
      Header header;
      ErrorCode ignored;
      const auto available = static_cast<size_t>(end - p);
      if (frame::ParseHeader(p, available, &header, &ignored) != HeaderStatus::kComplete) break;
      header_size = header.size;
      size = header.payload_length;
    }
    const size_t behind_header = static_cast<size_t>(end - p) - header_size;
    if (size > behind_header || size > limits_.max_message_bytes) break;
    const uint8_t* payload = p + header_size;
    const bool ascii = text && frame::IsAscii(payload, size);
    if (text && !ascii && !frame::IsUtf8(payload, size)) {
      end_ahead_ = MustDeliverFirst(count, *batch);
      if (end_ahead_) break;
      counters_.frames_in++;
      Fail(ErrorCode::kTextNotUtf8);
      break;
    }
    batch->messages[count++] = {{payload}, static_cast<size_t>(size), text, ascii, false};
    bytes += size;
    p = payload + size;
  }
  const uint64_t added = count - batch->count;
  if (added != 0) {
    last_size_ = bytes / added;
    last_binary_ = !batch->messages[count - 1].text;
  }
  counters_.frames_in += added;
  counters_.messages_in += added;
  counters_.message_bytes_in += bytes;
  batch->count = count;
  return p;
}

// One header, which may arrive in pieces.
const uint8_t* Connection::ReceiveHeader(const uint8_t* p, const uint8_t* end, Batch* batch) {
  const size_t available = static_cast<size_t>(end - p);
  const size_t added = std::min(available, sizeof partial_ - partial_size_);
  std::memcpy(partial_ + partial_size_, p, added);
  ErrorCode code = ErrorCode::kNone;
  const size_t size = partial_size_ + added;
  switch (frame::ParseHeader(partial_, size, &header_, &code)) {
    case HeaderStatus::kNeedMore:
      partial_size_ = static_cast<uint8_t>(size);
      return p + added;
    case HeaderStatus::kFailed:
      end_ahead_ = MustDeliverFirst(batch->count, *batch);
      if (!end_ahead_) Fail(code);
      return p;
    case HeaderStatus::kComplete:
      end_ahead_ = MustDeliverFirst(batch->count, *batch) && FrameIsCloseOrInvalid();
      if (end_ahead_) return p;
      break;
  }
  p += header_.size - partial_size_;
  partial_size_ = 0;
  BeginFrame(batch);
  return p;
}

// The peer may send a close frame, or break a rule, right after a message that needs an answer. The
// answer is allowed until our close frame is out (RFC 6455 section 5.5.1), and the application
// gives it when it has the message.
bool Connection::MustDeliverFirst(size_t messages, const Batch& batch) const {
  return state_ == State::kOpen && (messages != 0 || batch.follows_delivered);
}

bool Connection::FrameIsCloseOrInvalid() const {
  return header_.opcode == Opcode::kClose || ValidateFrame();
}

// header_ is complete: is this frame allowed here (RFC 6455 section 5.4)?
Error Connection::ValidateFrame() const {
  const bool control = IsControl(header_.opcode);
  const bool continuation = header_.opcode == Opcode::kContinuation;
  if (header_.rsv1) {
    // RFC 6455 section 5.2: RSV1 "MUST be 0 unless an extension is negotiated that defines meanings
    // for non-zero values".
    if (compression_ == nullptr) {
      return Error(ErrorCode::kReservedBits, "RSV1 without permessage-deflate");
    }
    // RFC 7692 section 6: "An endpoint MUST NOT set the "Per-Message Compressed" bit of control
    // frames and non-first fragments of a data message. An endpoint receiving such a frame MUST
    // _Fail the WebSocket Connection_."
    if (control || continuation) {
      return Error(ErrorCode::kReservedBits, "RSV1 in a frame that does not begin a message");
    }
  }
  if (control) return {};
  if (continuation && !assembly_.active()) return Error(ErrorCode::kContinuationUnexpected);
  if (!continuation && assembly_.active()) return Error(ErrorCode::kContinuationExpected);
  // The declared length is checked before a byte is kept. A compressed payload is not kept, and its
  // inflated size is bounded as it grows.
  const bool compressed = continuation ? assembly_.compressed() : header_.rsv1;
  const size_t before = continuation ? assembly_.size() : 0;
  if (!compressed && header_.payload_length > limits_.max_message_bytes - before) {
    return Error(ErrorCode::kMessageTooBig,
                 std::to_string(limits_.max_message_bytes) + " bytes are allowed");
  }
  return {};
}

void Connection::BeginFrame(Batch* batch) {
  counters_.frames_in++;
  payload_left_ = header_.payload_length;
  control_size_ = 0;
  if (Error error = ValidateFrame()) return Fail(std::move(error));
  if (!IsControl(header_.opcode)) {
    if (header_.opcode != Opcode::kContinuation) {
      assembly_.Begin(header_.opcode == Opcode::kText,
                      header_.rsv1 ? &compression_->inflater : nullptr);
    }
    assembly_.Expect(static_cast<size_t>(header_.payload_length));
  }
  in_payload_ = true;
  if (payload_left_ != 0) return;
  if (IsControl(header_.opcode)) return FinishControlFrame(partial_, 0);
  FinishFrame(batch);
}

const uint8_t* Connection::ReceivePayload(const uint8_t* p, const uint8_t* end, Batch* batch) {
  const size_t size =
      static_cast<size_t>(std::min<uint64_t>(payload_left_, static_cast<uint64_t>(end - p)));
  if (IsControl(header_.opcode)) return ReceiveControlPayload(p, size);
  if (Error error = assembly_.Append(p, size)) {
    Fail(std::move(error));
    return p;
  }
  payload_left_ -= size;
  if (payload_left_ == 0) FinishFrame(batch);
  return p + size;
}

// Takes `size` bytes: the payload of a control frame, or the next piece of it. A whole payload is
// read in place.
const uint8_t* Connection::ReceiveControlPayload(const uint8_t* p, size_t size) {
  payload_left_ -= size;
  const bool whole = control_size_ == 0 && payload_left_ == 0;
  if (!whole) {
    if (control_ == nullptr) control_ = std::make_unique<uint8_t[]>(frame::kMaxControlPayload);
    std::memcpy(control_.get() + control_size_, p, size);
    control_size_ = static_cast<uint8_t>(control_size_ + size);
  }
  if (payload_left_ != 0) return p + size;
  const std::unique_ptr<uint8_t[]> gathered = std::move(control_);
  FinishControlFrame(whole ? p : gathered.get(), whole ? size : control_size_);
  return p + size;
}

// The payload is complete. The batch has room: Receive checks before each frame.
void Connection::FinishFrame(Batch* batch) {
  in_payload_ = false;
  if (!header_.fin) return;
  Message message;
  if (Error error = assembly_.Finish(&message)) return Fail(std::move(error));
  counters_.messages_in++;
  counters_.message_bytes_in += message.size;
  last_size_ = message.size;
  last_binary_ = !message.text;
  batch->messages[batch->count++] = message;
}

void Connection::FinishControlFrame(const uint8_t* payload, size_t size) {
  in_payload_ = false;
  if (observer_ != nullptr) {
    observer_->OnControlFrame(true, header_.opcode, {reinterpret_cast<const char*>(payload), size});
  }
  switch (header_.opcode) {
    case Opcode::kPing:
      return ReceivePing(payload, size);
    case Opcode::kPong:
      counters_.pongs_in++;
      pong_came_ = size >= kLeastPing && size <= kMostPing;
      last_pong_size_ = pong_came_ ? static_cast<uint8_t>(size) : 0;
      std::copy_n(payload, last_pong_size_, last_pong_);
      return;
    default:
      return ReceiveClose(payload, size);
  }
}

// RFC 6455 section 5.5.1: "If an endpoint receives a Close frame and did not previously send a
// Close frame, the endpoint MUST send a Close frame in response. (When sending a Close frame in
// response, the endpoint typically echos the status code it received.)"
void Connection::ReceiveClose(const uint8_t* payload, size_t size) {
  frame::ClosePayload parsed;
  const ErrorCode code = frame::ParseClosePayload(payload, size, &parsed);
  if (code != ErrorCode::kNone) return Fail(code);
  close_code_ = parsed.code;
  if (parsed.reason_size != 0) {
    close_reason_ = std::make_unique<std::string>(parsed.reason, parsed.reason_size);
  }
  closed_by_peer_ = state_ == State::kOpen;
  Move(Event::kCloseReceived);
  if (state_ == State::kRemoteClosing) SendClose(parsed.code, {});
}

}  // namespace wsfd::connection
