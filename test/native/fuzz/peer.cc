#include "test/native/fuzz/peer.h"

#include "frame/utf8.h"
#include "handshake/request.h"
#include "test/native/fuzz/input.h"
#include "test/native/reference/reference.h"

namespace wsfd::fuzz {

bool Foreseen::Fill(void* context, uint8_t* data, size_t size) {
  auto* self = static_cast<Foreseen*>(context);
  if (self->fails) return false;
  for (size_t i = 0; i < size; i++) {
    self->state = self->state * 6364136223846793005 + 1442695040888963407;
    data[i] = static_cast<uint8_t>(self->state >> 56);
  }
  return true;
}

Zlib::Zlib(Direction direction, int window_bits, bool no_context_takeover)
    : direction_(direction), no_context_takeover_(no_context_takeover) {
  const int result = direction == Direction::kInflate
                         ? inflateInit2(&stream_, -window_bits)
                         : deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                                        // zlib takes no raw window of 8 bits to deflate with.
                                        window_bits < 9 ? -9 : -window_bits, 8, Z_DEFAULT_STRATEGY);
  Check(result == Z_OK, "zlib starts");
}

Zlib::~Zlib() {
  if (direction_ == Direction::kInflate) {
    inflateEnd(&stream_);
  } else {
    deflateEnd(&stream_);
  }
}

bool Zlib::Inflate(std::string_view payload, std::string* message) {
  if (no_context_takeover_) inflateReset(&stream_);
  std::string whole(payload);
  whole.append("\x00\x00\xff\xff", 4);
  stream_.next_in = BytesOf(whole);
  stream_.avail_in = static_cast<uInt>(whole.size());
  uint8_t part[4096];
  bool behind_block = false;
  do {
    stream_.next_out = part;
    stream_.avail_out = sizeof part;
    const int result = inflate(&stream_, Z_SYNC_FLUSH);
    // There was nothing left to do.
    if (result == Z_BUF_ERROR) break;
    if (result != Z_OK) return false;
    behind_block = (stream_.data_type & 128) != 0;
    message->append(reinterpret_cast<const char*>(part), sizeof part - stream_.avail_out);
  } while (stream_.avail_in != 0 || stream_.avail_out == 0);
  return stream_.avail_in == 0 && behind_block;
}

std::string Zlib::Deflate(std::string_view message) {
  if (no_context_takeover_) deflateReset(&stream_);
  if (message.empty()) return std::string(1, '\0');
  std::string payload;
  uint8_t part[4096];
  stream_.next_in = BytesOf(message);
  stream_.avail_in = static_cast<uInt>(message.size());
  do {
    stream_.next_out = part;
    stream_.avail_out = sizeof part;
    deflate(&stream_, Z_SYNC_FLUSH);
    payload.append(reinterpret_cast<const char*>(part), sizeof part - stream_.avail_out);
  } while (stream_.avail_out == 0);
  Check(payload.size() >= 4, "a flush has its mark");
  payload.resize(payload.size() - 4);
  return payload;
}

void ClientReader::Receive(std::string_view bytes, std::vector<ClientFrame>* frames) {
  rest_.append(bytes);
  std::string_view unread = rest_;
  for (size_t taken = 0; (taken = ReadFrame(unread, frames)) != 0;) unread.remove_prefix(taken);
  rest_.erase(0, rest_.size() - unread.size());
}

// RFC 6455 section 5.2. 0 while the frame is not complete.
size_t ClientReader::ReadFrame(std::string_view bytes, std::vector<ClientFrame>* frames) {
  const auto at = [bytes](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  if (bytes.size() < 2) return 0;
  Check((at(1) & 0x80) != 0, "a client's frames are masked");
  const uint8_t code = at(1) & 0x7f;
  const size_t extended = code == 126 ? 2 : code == 127 ? 8 : 0;
  if (bytes.size() < 2 + extended + 4) return 0;
  uint64_t size = extended == 0 ? code : 0;
  for (size_t i = 0; i < extended; i++) size = size << 8 | at(2 + i);
  Check(extended != 2 || size > 125, "a length is encoded minimally");
  Check(extended != 8 || (size > 0xffff && size >> 63 == 0), "a length is encoded minimally");
  const size_t head = 2 + extended + 4;
  if (bytes.size() - head < size) return 0;
  std::string payload(bytes.substr(head, size));
  for (size_t i = 0; i < payload.size(); i++) {
    payload[i] = static_cast<char>(payload[i] ^ bytes[2 + extended + i % 4]);
  }
  Judge(at(0), std::move(payload), frames);
  return head + size;
}

// No message is fragmented: the client never does so.
void ClientReader::Judge(uint8_t first, std::string payload, std::vector<ClientFrame>* frames) {
  const uint8_t opcode = first & 0x0f;
  const bool control = opcode >= 8;
  Check((first & 0x80) != 0, "a client's frames are whole");
  Check((first & 0x30) == 0, "RSV2 and RSV3 are 0");
  Check(opcode == 1 || opcode == 2 || (opcode >= 8 && opcode <= 10), "an opcode is a known one");
  Check(!control || payload.size() <= 125, "a control frame has 125 bytes at the most");
  // RFC 6455 section 5.5.1: "The application MUST NOT send any more data frames after sending a
  // Close frame." A pong may still come.
  Check(!closed_ || opcode == 10, "nothing but a pong comes behind a close frame");
  if ((first & 0x40) != 0) {
    Check(inflater_ != nullptr && !control, "only messages are compressed, and if that was agreed");
    std::string message;
    Check(inflater_->Inflate(payload, &message), "a compressed message can be inflated");
    payload = std::move(message);
  }
  if (opcode == 1) {
    Check(IsText(payload), "a text is UTF-8");
  }
  if (opcode == 8) {
    closed_ = true;
    Check(payload.size() != 1, "a close frame has a code of two bytes");
    Check(payload.size() < 2 || IsText(std::string_view(payload).substr(2)), "a reason is UTF-8");
  }
  frames->push_back({opcode, std::move(payload)});
}

bool IsText(std::string_view text) {
  constexpr size_t kLong = 1024;
  return (text.size() > kLong ? frame::IsUtf8 : reference::IsUtf8)(BytesOf(text), text.size());
}

std::string ServerFrame(uint8_t first, std::string_view payload) {
  std::string frame(1, static_cast<char>(first));
  const size_t size = payload.size();
  if (size <= 125) {
    frame += static_cast<char>(size);
  } else {
    frame += size <= 0xffff ? '\x7e' : '\x7f';
    for (int shift = size <= 0xffff ? 8 : 56; shift >= 0; shift -= 8) {
      frame += static_cast<char>(uint64_t{size} >> shift);
    }
  }
  return frame.append(payload);
}

std::string_view HeaderOf(std::string_view request, std::string_view name) {
  const std::string start = "\r\n" + std::string(name) + ": ";
  const size_t found = request.find(start);
  if (found == std::string_view::npos) return {};
  const std::string_view value = request.substr(found + start.size());
  return value.substr(0, value.find('\r'));
}

std::string AcceptingHead(std::string_view request, std::string_view extensions,
                          std::string_view subprotocol) {
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ";
  head += handshake::ComputeAccept(HeaderOf(request, "Sec-WebSocket-Key"));
  if (!extensions.empty()) head.append("\r\nSec-WebSocket-Extensions: ").append(extensions);
  if (!subprotocol.empty()) head.append("\r\nSec-WebSocket-Protocol: ").append(subprotocol);
  return head += "\r\n\r\n";
}

}  // namespace wsfd::fuzz
