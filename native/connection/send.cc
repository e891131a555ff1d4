// The outgoing half of Connection: messages and control frames into the output.

#include <cstring>

#include "connection/connection.h"
#include "frame/mask.h"

namespace wsfd::connection {

using frame::Opcode;

namespace {

constexpr size_t kKeySize = 4;

// Pings are answered at once while fewer bytes wait to be sent. With more, the peer does not read,
// and RFC 6455 section 5.5.3 allows a pong for only the most recent ping.
constexpr size_t kPongBacklog = 16 * 1024;

// Storage kept for compressed payloads, so that not every message allocates.
constexpr size_t kKeptPayload = 4096;

}  // namespace

// The payload is masked while it is copied. (inline: small messages are sent by the million)
inline bool Connection::PutFrame(Opcode opcode, bool compressed, const uint8_t* payload,
                                 size_t size, const uint8_t key[4]) {
  const size_t header_size = frame::ClientHeaderSize(size);
  uint8_t* frame = output_.Reserve(header_size + size);
  if (frame == nullptr) return false;
  frame::WriteClientHeader(frame, opcode, true, compressed, size, key);
  if (size != 0) frame::ApplyMaskCopy(frame + header_size, payload, size, key);
  output_.Commit(header_size + size);
  counters_.frames_out++;
  return true;
}

inline void Connection::CountMessage(size_t size) {
  counters_.messages_out++;
  counters_.message_bytes_out += size;
}

inline bool Connection::SendFrame(Opcode opcode, const uint8_t* payload, size_t size) {
  uint8_t key[kKeySize];
  return random_->Take(key, sizeof key) && PutFrame(opcode, false, payload, size, key);
}

uint8_t* Connection::ReserveMessage(size_t max_payload, size_t expected_payload) {
  reserved_header_ = frame::ClientHeaderSize(expected_payload);
  uint8_t* room = output_.Reserve(frame::kMaxClientHeader + max_payload);
  return room == nullptr ? nullptr : room + reserved_header_;
}

bool Connection::CommitMessage(Opcode opcode, size_t payload_size) {
  uint8_t* frame = output_.data() + output_.size();
  if (Compresses(payload_size)) {
    return SendCompressed(opcode, frame + reserved_header_, payload_size);
  }
  uint8_t key[kKeySize];
  if (!random_->Take(key, sizeof key)) return false;
  uint8_t* payload = frame + reserved_header_;
  const size_t header_size = frame::ClientHeaderSize(payload_size);
  if (header_size != reserved_header_) {
    std::memmove(frame + header_size, payload, payload_size);
    payload = frame + header_size;
  }
  frame::WriteClientHeader(frame, opcode, true, false, payload_size, key);
  frame::ApplyMask(payload, payload_size, key);
  output_.Commit(header_size + payload_size);
  counters_.frames_out++;
  CountMessage(payload_size);
  return true;
}

bool Connection::Compresses(size_t size) const {
  return compression_ != nullptr && compression_->compresses && size >= compression_->threshold;
}

void Connection::Expect(size_t size) {
  // (without memory for them, the messages find out themselves)
  if (compression_ == nullptr || !compression_->compresses) (void)output_.Reserve(size);
}

bool Connection::SendCopy(Opcode opcode, const uint8_t* payload, size_t size) {
  if (Compresses(size)) return SendCompressed(opcode, payload, size);
  if (!SendFrame(opcode, payload, size)) return false;
  CountMessage(size);
  return true;
}

bool Connection::SendCompressed(Opcode opcode, const uint8_t* message, size_t message_size) {
  uint8_t key[kKeySize];
  // Fails before compressing: a compressed message must be sent.
  if (!random_->Take(key, sizeof key)) return false;
  ByteQueue& payload = compression_->payload;
  payload.Clear();
  if (compression_->deflater.Deflate(message, message_size, &payload) != ErrorCode::kNone) {
    return false;
  }
  if (!PutFrame(opcode, true, payload.data(), payload.size(), key)) {
    compression_->deflater.Release();
    return false;
  }
  payload.Clear();
  payload.Release(kKeptPayload);
  CountMessage(message_size);
  return true;
}

// Without context takeover no message needs those before it. Not after each message: rebuilding
// zlib's tables costs as much as compressing a kilobyte or two.
void Connection::OutputDrained() {
  if (compression_ != nullptr && compression_->no_context_takeover) {
    compression_->deflater.Release();
  }
}

bool Connection::SendControl(Opcode opcode, const uint8_t* payload, size_t size) {
  if (!SendFrame(opcode, payload, size)) return false;
  if (observer_ != nullptr) {
    observer_->OnControlFrame(false, opcode, {reinterpret_cast<const char*>(payload), size});
  }
  return true;
}

bool Connection::SendPing(const uint8_t* payload, size_t size) {
  return state_ == State::kOpen && SendControl(Opcode::kPing, payload, size);
}

bool Connection::SendClose(uint16_t code, std::string_view reason) {
  if (state_ != State::kOpen && state_ != State::kRemoteClosing) return false;
  uint8_t payload[frame::kMaxControlPayload];
  size_t size = 0;
  if (code != 1005) {
    payload[0] = static_cast<uint8_t>(code >> 8);
    payload[1] = static_cast<uint8_t>(code);
    // (memcpy must not get the nullptr of an empty reason)
    size = 2 + reason.copy(reinterpret_cast<char*>(payload) + 2, sizeof payload - 2);
  }
  if (!SendControl(Opcode::kClose, payload, size)) return false;
  Move(Event::kCloseSent);
  return true;
}

// RFC 6455 section 5.5.2: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in
// response, unless it already received a Close frame." A close frame that we sent does not matter:
// section 5.5.1 forbids only data frames after it.
void Connection::ReceivePing(const uint8_t* payload, size_t size) {
  if (output_.size() < kPongBacklog) {
    has_deferred_pong_ = false;
    SendControl(Opcode::kPong, payload, size);
    return;
  }
  if (deferred_pong_ == nullptr) deferred_pong_ = std::make_unique<std::string>();
  deferred_pong_->assign(reinterpret_cast<const char*>(payload), size);
  has_deferred_pong_ = true;
}

void Connection::SendDeferredPong() {
  if (!has_deferred_pong_) return;
  has_deferred_pong_ = false;
  if (state_ == State::kOpen || state_ == State::kLocalClosing) {
    SendControl(Opcode::kPong, reinterpret_cast<const uint8_t*>(deferred_pong_->data()),
                deferred_pong_->size());
  }
  deferred_pong_.reset();
}

}  // namespace wsfd::connection
