// A server's frames, in one piece and cut up: the connection makes the same of them each time, and
// that is what a receiver makes of them that is written by the book.

#include <memory>
#include <string>
#include <vector>

#include "connection/connection.h"
#include "test/native/fuzz/input.h"
#include "test/native/fuzz/peer.h"
#include "test/native/fuzz/receiver.h"

namespace wsfd::fuzz {

namespace {

using connection::Batch;
using connection::Connection;
using connection::Limits;
using connection::ReceiveStatus;
using connection::State;

// Pongs are answered at once while less than 16 KiB wait; the pongs of so few bytes are less.
constexpr size_t kMostBytes = 5000;

std::string TakeOutput(Connection* connection) {
  ByteQueue& output = connection->output();
  std::string bytes(TextOf(output.data(), output.size()));
  output.Clear();
  return bytes;
}

void Open(Connection* connection) {
  Check(connection->Start({"host", "/", "", {}, {}, ""}), "the handshake starts");
  const Exact head(AcceptingHead(TakeOutput(connection), {}, {}));
  size_t taken = 0;
  const auto batch = std::make_unique<Batch>();
  const auto status = connection->Receive(head.data(), head.size(), &taken, batch.get());
  Check(status == ReceiveStatus::kOpened && taken == head.size(), "the connection opens");
}

void Deliver(const Batch& batch, Received* to) {
  for (size_t i = 0; i < batch.count; i++) {
    const connection::Message& message = batch.messages[i];
    Check(!message.has_offset && message.data != nullptr, "a message is a pointer");
    const std::string payload(TextOf(message.data, message.size));
    bool ascii = message.text;
    for (const char byte : payload) ascii = ascii && static_cast<uint8_t>(byte) < 0x80;
    Check(message.ascii == ascii, "ascii says that a text is ASCII");
    to->messages.push_back({message.text, payload});
  }
}

// What the client sent: pongs, then perhaps a close frame.
void JudgeOutput(const Connection& connection, const std::string& output, Received* to) {
  ClientReader reader(nullptr);
  std::vector<ClientFrame> frames;
  reader.Receive(output, &frames);
  Check(reader.at_boundary(), "frames are sent whole");
  for (const ClientFrame& frame : frames) {
    Check(frame.opcode == 8 || frame.opcode == 10, "a client that was asked nothing sends no data");
    if (frame.opcode == 10) to->pongs.push_back(frame.payload);
  }
  const ErrorCode error = connection.error().code;
  Check(reader.closed() == (to->closed || error != ErrorCode::kNone),
        "a close frame answers one, or an error");
  if (!reader.closed()) return;
  const std::string& close = frames.back().payload;
  Check(frames.back().opcode == 8, "a close frame is the last");
  const int expected = to->closed ? to->close_code : RowOf(error).close_code;
  if (expected == 1005) return Check(close.empty(), "no code is answered by none");
  Check(close.size() >= 2 &&
            (static_cast<uint8_t>(close[0]) << 8 | static_cast<uint8_t>(close[1])) == expected,
        "a close frame has the right code");
}

Received ReceiveCut(std::string_view stream, const Limits& limits, uint8_t cuts) {
  Foreseen foreseen;
  RandomPool random(Foreseen::Fill, &foreseen);
  Connection connection(limits, &random, nullptr);
  Open(&connection);
  Received result;
  Cutter cutter(cuts);
  const auto batch = std::make_unique<Batch>();
  bool ended = false;
  while (!stream.empty() && !ended) {
    Exact portion(stream.substr(0, cutter.Next(stream.size())));
    for (size_t used = 0; used < portion.size() && !ended;) {
      size_t taken = 0;
      batch->count = 0;
      const auto status =
          connection.Receive(portion.data() + used, portion.size() - used, &taken, batch.get());
      used += taken;
      ended = status == ReceiveStatus::kEnded;
      Check(status != ReceiveStatus::kNeedMore || used == portion.size(), "all is taken");
      Deliver(*batch, &result);
      connection.Delivered();
    }
    stream.remove_prefix(portion.size());
  }
  Check(ended == (connection.state() != State::kOpen), "the state says whether it ended");
  result.error = connection.error().code;
  result.close_code = connection.close_code();
  result.close_reason = connection.close_reason();
  result.closed = ended && result.error == ErrorCode::kNone;
  const connection::Counters& counters = connection.counters();
  Check(counters.messages_in == result.messages.size(), "messages are counted");
  JudgeOutput(connection, TakeOutput(&connection), &result);
  return result;
}

void Compare(const Received& left, const Received& right) {
  Check(left.error == right.error, "the same error");
  Check(left.closed == right.closed && left.close_code == right.close_code &&
            left.close_reason == right.close_reason,
        "the same end");
  Check(left.pongs == right.pongs, "the same pongs");
  Check(left.messages.size() == right.messages.size(), "as many messages");
  for (size_t i = 0; i < left.messages.size(); i++) {
    Check(left.messages[i].text == right.messages[i].text &&
              left.messages[i].payload == right.messages[i].payload,
          "the same messages");
  }
}

}  // namespace

void Run(Input* input) {
  const uint8_t cuts = input->Byte();
  static constexpr uint64_t kBytes[] = {64 << 20, 0, 1, 3, 16, 125, 126, 1000};
  Limits limits;
  limits.max_message_bytes = kBytes[input->Below(std::size(kBytes))];
  const std::string_view stream = input->Rest().substr(0, kMostBytes);
  const Received expected = ReceiveByTheBook(stream, limits);
  Compare(ReceiveCut(stream, limits, 0), expected);
  Compare(ReceiveCut(stream, limits, 1), expected);
  if (cuts > 1) Compare(ReceiveCut(stream, limits, cuts), expected);
}

}  // namespace wsfd::fuzz
