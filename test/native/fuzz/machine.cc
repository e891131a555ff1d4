#include "test/native/fuzz/machine.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "deflate/parameters.h"
#include "frame/utf8.h"
#include "handshake/extension.h"

namespace wsfd::fuzz {

using connection::ReceiveStatus;
using connection::State;

namespace {

constexpr size_t kControlFrame = 6 + 125;
// From the sources of connection: what has to hold is that such bounds exist.
constexpr size_t kPongBacklog = 16 * 1024;
constexpr size_t kLargeBatch = 1 << 20;
constexpr size_t kMostHeld = 8;
constexpr size_t kMostCompressionMemory = 400 * 1024;

connection::Limits LimitsOf(Input* input) {
  static constexpr uint64_t kBytes[] = {1 << 20, 1, 100, 126, 5000, 70000};
  connection::Limits limits;
  limits.max_message_bytes = kBytes[input->Below(std::size(kBytes))];
  return limits;
}

connection::CompressionOptions CompressionOf(Input* input) {
  connection::CompressionOptions options;
  const uint8_t flags = input->Byte();
  options.offered = (flags & 1) != 0;
  options.parameters.client_no_context_takeover = (flags & 2) != 0;
  options.parameters.server_no_context_takeover = (flags & 4) != 0;
  const size_t client_bits = input->Below(9);
  options.parameters.client_max_window_bits = client_bits == 8 ? 0 : 15 - int(client_bits);
  options.parameters.server_max_window_bits = 15 - static_cast<int>(input->Below(8));
  options.threshold = input->Byte() * size_t{8};
  options.level = static_cast<int>(input->Below(11)) - 1;
  return options;
}

// The parameters with which a server accepts permessage-deflate, mostly good ones.
std::string ExtensionsOf(Input* input) {
  std::string extensions = "permessage-deflate";
  const uint8_t flags = input->Byte();
  if ((flags & 1) != 0) extensions += "; client_no_context_takeover";
  if ((flags & 2) != 0) extensions += "; server_no_context_takeover";
  if ((flags & 4) != 0) extensions += "; client_max_window_bits=" + std::to_string(flags >> 4);
  if ((flags & 8) != 0) {
    extensions += "; server_max_window_bits=" + std::to_string(input->Byte() & 15);
  }
  return extensions;
}

}  // namespace

Machine::Machine(Input* input)
    : input_(input),
      random_(Foreseen::Fill, &foreseen_),
      limits_(LimitsOf(input)),
      compression_(CompressionOf(input)),
      connection_(std::make_unique<connection::Connection>(limits_, &random_, &pool_)),
      batch_(std::make_unique<connection::Batch>()),
      interval_(100 + input->Byte()),
      pong_timeout_(1 + input->Byte()),
      due_(interval_),
      keepalive_(interval_, pong_timeout_, 0) {}

Machine::~Machine() {
  while (!held_.empty()) LetGo();
}

void Machine::Open() {
  handshake::Request request{"example.org", "/", "wsfd", {}, {"chat", "superchat"}, ""};
  Check(connection_->Start(std::move(request), compression_), "the handshake starts");
  const std::string sent(TextOf(connection_->output().data(), connection_->output().size()));
  connection_->output().Clear();
  Check(sent.size() > 4 && sent.substr(sent.size() - 4) == "\r\n\r\n", "a request has its end");
  Check(HeaderOf(sent, "Sec-WebSocket-Extensions").empty() != compression_.offered,
        "compression is offered where it is wanted");
  switch (input_->Below(4)) {
    case 0:
      network_ = AcceptingHead(sent, {}, {});
      break;
    case 1:
      network_ = AcceptingHead(sent, ExtensionsOf(input_), input_->Bool() ? "chat" : "");
      break;
    case 2:
      network_ = input_->Piece();
      correct_ = false;
      break;
    default:
      break;
  }
}

void Machine::Opened() {
  Zlib* inflater = nullptr;
  const std::string& extensions = connection_->accepted().extensions;
  if (!extensions.empty()) {
    Check(compression_.offered, "nothing is accepted that was not offered");
    std::vector<handshake::Extension> chosen;
    deflate::Agreed agreed;
    Check(handshake::ParseExtensions(extensions, &chosen) &&
              !deflate::ValidateAnswer(compression_.parameters, chosen[0].parameters, &agreed),
          "what was accepted is good");
    server_inflater_ = std::make_unique<Zlib>(Zlib::Direction::kInflate, agreed.client_window_bits,
                                              agreed.client_no_context_takeover);
    server_deflater_ = std::make_unique<Zlib>(Zlib::Direction::kDeflate, agreed.server_window_bits,
                                              agreed.server_no_context_takeover);
    // zlib would deflate with 9 bits where 8 were agreed.
    if (agreed.server_window_bits == 8) server_deflater_ = nullptr;
    inflater = server_inflater_.get();
  }
  reader_ = std::make_unique<ClientReader>(inflater);
}

void Machine::Step() {
  switch (input_->Below(14)) {
    case 0:
      return SendRaw();
    case 1:
      return SendFrame();
    case 2:
    case 3:
      return SendMessage();
    case 4:
    case 5:
      return Receive();
    case 6:
    case 7:
      return Write();
    case 8:
      return Ping();
    case 9:
      return Close();
    case 10:
      return Drain(input_->Bool() ? SIZE_MAX : input_->Number16());
    case 11:
      paused_ = !paused_;
      heard_ = now_;
      return;
    case 12:
      return PassTime();
    default:
      break;
  }
  static constexpr ErrorCode kEnds[] = {ErrorCode::kClosedAbnormally, ErrorCode::kConnectionLost,
                                        ErrorCode::kTlsTruncated};
  const size_t what = input_->Below(8);
  if (what < std::size(kEnds)) return EndTransport(kEnds[what]);
  foreseen_.fails = what == 7;
}

void Machine::Finish() {
  foreseen_.fails = false;
  Drain(SIZE_MAX);
  Drain(SIZE_MAX);
  if (reader_ == nullptr) return;
  Check(connection_->output().empty() && reader_->at_boundary(), "frames are sent whole");
  Check(written_.empty(), "all that was accepted is sent");
}

std::string Machine::Payload(bool utf8) {
  const uint8_t kind = input_->Byte();
  std::string payload;
  if ((kind & 1) == 0) {
    payload = input_->Piece();
  } else {
    // Repetitive text or noise, mostly little of it.
    const uint64_t step = (kind & 4) != 0 ? 0x9E3779B97F4A7C15 : 1;
    const int shift = (kind & 4) != 0 ? 40 : 4;
    uint64_t state = input_->Byte();
    payload.resize(input_->Number16() * size_t{2} % ((kind & 0x1a) == 0x1a ? 140000 : 3000));
    for (char& byte : payload) {
      byte = static_cast<char>((state >> shift) & (utf8 ? 0x7f : 0xff));
      state += step;
    }
  }
  if (utf8 && !IsText(payload)) {
    for (char& byte : payload) byte = static_cast<char>(byte & 0x7f);
  }
  return payload;
}

void Machine::SendRaw() {
  network_ += input_->Piece();
  correct_ = false;
}

void Machine::SendFrame() {
  const uint8_t first = input_->Byte();
  const std::string_view payload = input_->Piece();
  network_ += ServerFrame(first, payload);
  if (first == 0x89 && payload.size() <= 125) {
    sent_pings_.emplace_back(payload);
  } else if (first != 0x8a || payload.size() > 125) {
    correct_ = false;
  }
}

void Machine::SendMessage() {
  const uint8_t flags = input_->Byte();
  const bool text = (flags & 1) != 0;
  // Of texts some are no UTF-8; the connection may only fail then.
  std::string payload = Payload(text && (flags & 2) != 0);
  sent_messages_.push_back({static_cast<uint8_t>(text ? 1 : 2), payload});
  uint8_t first = text ? 1 : 2;
  if ((flags & 4) != 0 && server_deflater_ != nullptr) {
    payload = server_deflater_->Deflate(payload);
    first |= 0x40;
  }
  size_t fragments = (flags & 8) != 0 ? 1 + input_->Below(8) : 1;
  std::string_view rest = payload;
  while (fragments-- != 0) {
    const std::string_view part =
        fragments == 0 ? rest : rest.substr(0, rest.size() / (fragments + 1));
    rest.remove_prefix(part.size());
    network_ += ServerFrame(static_cast<uint8_t>(first | (fragments == 0 ? 0x80 : 0)), part);
    first = 0;
  }
}

void Machine::Receive() {
  const size_t most = input_->Bool() ? network_.size() : input_->Number16();
  Cutter cutter(input_->Byte());
  const size_t wanted = std::min(most, network_.size());
  size_t got = 0;
  while (got < wanted && !paused_ && state_ != State::kClosed && state_ != State::kRemoteClosing) {
    const Exact portion(std::string_view(network_).substr(got, cutter.Next(wanted - got)));
    reads_++;
    heard_ = now_;
    const uint8_t* const bytes = Place(portion);
    for (size_t used = 0; used < portion.size();) {
      if (ReceiveOnce(bytes + used, portion.size() - used, &used) == ReceiveStatus::kEnded) break;
    }
    got += portion.size();
  }
  network_.erase(0, got);
}

// Where the portion is received from: where the connection wants it, every other time.
const uint8_t* Machine::Place(const Exact& portion) {
  if (reads_ % 16 == 0) connection_->SharesBlocks(input_->Bool());
  if (reads_ % 8 == 0) {
    (void)connection_->NextSpace();
    connection_->ReleaseSpace();
  }
  const connection::Space space = connection_->NextSpace();
  Check(space.size != 0, "something may come");
  if (space.data == nullptr || reads_ % 2 == 0) return portion.data();
  if (portion.size() > space.size) return portion.data();
  std::memcpy(space.data, portion.data(), portion.size());
  return space.data;
}

ReceiveStatus Machine::ReceiveOnce(const uint8_t* data, size_t left, size_t* used) {
  const size_t unsent = connection_->output().size();
  size_t taken = SIZE_MAX;
  batch_->count = 0;
  const ReceiveStatus status = connection_->Receive(data, left, &taken, batch_.get());
  Check(taken <= left, "no more is taken than there is");
  *used += taken;
  CheckState();
  const bool ended = state_ == State::kClosed || state_ == State::kRemoteClosing;
  Check(ended == (status == ReceiveStatus::kEnded), "the status says when it ended");
  Check(status != ReceiveStatus::kNeedMore || taken == left, "all is taken");
  const bool held = status == ReceiveStatus::kBatchFull || status == ReceiveStatus::kEndAhead;
  Check(!held || (batch_->count != 0 && taken != left),
        "bytes are held back behind messages alone");
  Check(taken != 0 || status != ReceiveStatus::kOpened, "an answer has bytes");
  Check(status != ReceiveStatus::kPong || !connection_->last_pong().empty(), "a pong is there");
  CheckBatch(data, left);
  Check(connection_->output().size() <=
            std::max(unsent, kPongBacklog + kControlFrame) + kControlFrame,
        "a peer's pings do not fill the memory");
  Check(connection_->compression_bytes() <= kMostCompressionMemory,
        "compression takes no more memory than it needs");
  if (input_->Bool()) connection_->Delivered();
  if (status == ReceiveStatus::kOpened) Opened();
  if (ended) CheckEnded();
  return status;
}

void Machine::CheckBatch(const uint8_t* data, size_t size) {
  Check(batch_->count <= connection::Batch::kCapacity, "a batch is bounded");
  size_t assembled = 0;
  for (size_t i = 0; i < batch_->count; i++) {
    const connection::Message& message = batch_->messages[i];
    CheckMessage(message);
    const bool in_place = message.data >= data && message.data <= data + size;
    if (!in_place) assembled += message.size;
    Hold(message);
  }
  Check(assembled <= kLargeBatch + limits_.max_message_bytes, "what is assembled is bounded");
}

// Shares the block that the message lies in, until a few others have been shared.
void Machine::Hold(const connection::Message& message) {
  SharedBlock* const block = connection_->BlockOf(message);
  if (block == nullptr) return;
  block->AddOwner();
  held_.push_back({block, message.data, std::string(TextOf(message.data, message.size))});
  if (held_.size() > kMostHeld) LetGo();
}

void Machine::LetGo() {
  const Held& oldest = held_.front();
  Check(TextOf(oldest.data, oldest.bytes.size()) == oldest.bytes,
        "who keeps a message has its bytes");
  oldest.block->Release(&pool_);
  held_.pop_front();
}

void Machine::CheckMessage(const connection::Message& message) {
  Check(reader_ != nullptr, "no message comes before the connection is open");
  Check(!message.has_offset && message.data != nullptr, "a message is a pointer");
  Check(message.size <= limits_.max_message_bytes, "a message is within the limit");
  const bool ascii = frame::IsAscii(message.data, message.size);
  Check(message.ascii == (message.text && ascii), "ascii says that a text is ASCII");
  Check(!message.text || IsText(TextOf(message.data, message.size)), "a text is UTF-8");
  if (!correct_) return;
  Check(!sent_messages_.empty() && message.text == (sent_messages_.front().opcode == 1) &&
            TextOf(message.data, message.size) == sent_messages_.front().payload,
        "a message is the one that was sent");
  sent_messages_.pop_front();
}

// The error of a peer that kept to the protocol: one of the limits, or a text that is none.
void Machine::CheckError() const {
  const ErrorCode code = connection_->error().code;
  if (!correct_ || code == ErrorCode::kNone) return;
  const char* category = RowOf(code).category;
  Check(reader_ == nullptr || std::string_view(category) != "protocol" ||
            code == ErrorCode::kTextNotUtf8,
        "who keeps to the protocol is not blamed");
}

// docs/ARCHITECTURE.md draws the states; where no arrow leads, none may come.
void Machine::CheckState() {
  const State before = state_;
  state_ = connection_->state();
  CheckError();
  if (before == state_ || state_ == State::kClosed) return;
  Check(before == State::kOpening ? state_ == State::kOpen : before == State::kOpen,
        "a connection goes from state to state as drawn");
  Check(state_ != State::kOpening, "a connection goes from state to state as drawn");
}

// Nothing comes behind the end, whatever the peer sends.
void Machine::CheckEnded() {
  const size_t unsent = connection_->output().size();
  const uint16_t code = connection_->close_code();
  const Exact more(ServerFrame(0x81, "late") + ServerFrame(0x89, "late") + ServerFrame(0x88, ""));
  size_t taken = SIZE_MAX;
  batch_->count = 0;
  const auto status = connection_->Receive(more.data(), more.size(), &taken, batch_.get());
  Check(status == ReceiveStatus::kEnded && taken == 0 && batch_->count == 0,
        "nothing comes behind the end");
  Check(connection_->output().size() == unsent && connection_->close_code() == code &&
            connection_->state() == state_,
        "nothing is made of what comes behind the end");
}

}  // namespace wsfd::fuzz
