// The application's side of Machine, and where its output goes.

#include <algorithm>
#include <utility>

#include "test/native/fuzz/machine.h"

namespace wsfd::fuzz {

using connection::Keepalive;
using connection::State;

namespace {

constexpr size_t kMostUnsent = 1 << 20;  // the driver's maxBufferedBytes

std::string Coded(uint16_t code, std::string_view reason) {
  if (code == 1005) return {};
  return std::string({static_cast<char>(code >> 8), static_cast<char>(code)}).append(reason);
}

}  // namespace

void Machine::Write() {
  const uint8_t flags = input_->Byte();
  const bool text = (flags & 1) != 0;
  const std::string payload = Payload(text);
  const size_t unsent = connection_->output().size();
  if (connection_->state() != State::kOpen || unsent > kMostUnsent) return;
  const auto opcode = text ? frame::Opcode::kText : frame::Opcode::kBinary;
  const auto written = [&](bool sent) {
    Check(sent || foreseen_.fails, "a message is sent");
    Check(sent || connection_->output().size() == unsent, "nothing is sent of what was refused");
    if (sent) written_.push_back({static_cast<uint8_t>(opcode), payload});
  };
  if ((flags & 0x40) != 0) {
    return written(connection_->SendCopy(opcode, BytesOf(payload), payload.size()));
  }
  // Of a string only bounds of what it comes to are known beforehand.
  const size_t most = payload.size() * ((flags & 2) != 0 ? 3 : 1);
  const size_t expected = (flags & 4) != 0 ? most : payload.size();
  uint8_t* room = connection_->ReserveMessage(most, expected);
  Check(room != nullptr, "there is memory for a message");
  std::copy(payload.begin(), payload.end(), room);
  Check(connection_->output().size() == unsent, "what is reserved is not sent");
  // A message that would fill the buffer is given up after it was encoded.
  if ((flags & 0x38) == 0x38) return;
  written(connection_->CommitMessage(opcode, payload.size()));
}

void Machine::Ping() {
  const std::string_view payload = input_->Piece().substr(0, frame::kMaxControlPayload);
  const bool sent = connection_->SendPing(BytesOf(payload), payload.size());
  Check(!sent || state_ == State::kOpen, "pings are sent by open connections alone");
  if (sent) written_.push_back({9, std::string(payload)});
}

void Machine::Close() {
  static constexpr uint16_t kCodes[] = {1000, 1005, 1001, 3000, 4999};
  const uint16_t code = kCodes[input_->Below(std::size(kCodes))];
  std::string reason = Payload(true).substr(0, frame::kMaxControlPayload - 2);
  // Where it was cut there may be a part of a character.
  while (!reason.empty() && (reason.back() & 0x80) != 0) reason.pop_back();
  const bool open = state_ == State::kOpen || state_ == State::kRemoteClosing;
  const bool sent = connection_->SendClose(code, reason);
  Check(open || !sent, "a close frame is sent once");
  Check(sent || !open || foreseen_.fails, "a close frame is sent where one may be");
  if (sent) written_.push_back({8, Coded(code, reason)});
  CheckState();
  Check(!sent || state_ == State::kLocalClosing || state_ == State::kClosed,
        "behind our close frame we are closing");
}

void Machine::Drain(size_t most) {
  ByteQueue& output = connection_->output();
  const size_t size = std::min(most, output.size());
  const std::string bytes(TextOf(output.data(), size));
  output.Consume(size);
  if (size != 0) drains_++;
  if (reader_ != nullptr) {
    std::vector<ClientFrame> frames;
    reader_->Receive(bytes, &frames);
    for (const ClientFrame& frame : frames) TakeFrame(frame);
  } else {
    Check(size == 0, "no frame is sent before the connection is open");
  }
  if (!output.empty()) return;
  output.Release();
  connection_->OutputDrained();
  connection_->SendDeferredPong();
}

void Machine::TakeFrame(const ClientFrame& frame) {
  if (frame.opcode == 10) {
    // One pong may answer for several pings, but none may come that was not asked for.
    while (correct_ && (sent_pings_.empty() || sent_pings_.front() != frame.payload)) {
      Check(!sent_pings_.empty(), "a pong answers a ping");
      sent_pings_.pop_front();
    }
    if (!sent_pings_.empty()) sent_pings_.pop_front();
    return;
  }
  if (frame.opcode == 8 && (written_.empty() || written_.front().opcode != 8)) {
    return TakeClose(frame.payload);
  }
  Check(!written_.empty() && written_.front().opcode == frame.opcode &&
            written_.front().payload == frame.payload,
        "what is sent is what was written");
  written_.pop_front();
}

// A close frame that the application did not ask for: an answer, or what is said of an error.
void Machine::TakeClose(const std::string& payload) {
  Check(written_.empty(), "a close frame comes behind all that was written");
  const Error& error = connection_->error();
  const uint16_t code = connection_->closed_by_peer() ? connection_->close_code()
                        : error                       ? RowOf(error.code).close_code
                                                      : 0;
  Check(code != 0, "a close frame has a cause");
  Check(payload.substr(0, 2) == Coded(code, {}), "a close frame has the code of its cause");
}

void Machine::EndTransport(ErrorCode why) {
  const bool clean = state_ == State::kClosed && !connection_->error();
  connection_->TransportEnded(Error(why));
  CheckState();
  Check(state_ == State::kClosed, "without a transport a connection is closed");
  Check(clean || connection_->error(), "an end that is not clean is an error");
  CheckEnded();
}

// Time passes; the timer asks when it was told to, as the driver's does.
void Machine::PassTime() {
  const uint64_t until = now_ + input_->Number16() % 2048;
  if (state_ != State::kOpen) return;
  while (due_ <= until && state_ == State::kOpen) {
    now_ = due_;
    Tick();
  }
  now_ = until;
}

void Machine::Tick() {
  Keepalive::Traffic traffic;
  traffic.reads = reads_;
  traffic.reading = !paused_;
  traffic.backlog = !connection_->output().empty();
  traffic.progress = drains_;
  if (paused_ || traffic.backlog) heard_ = now_;
  const Keepalive::Step step = keepalive_.Next(now_, traffic);
  if (step.action == Keepalive::Action::kGiveUp) {
    Check(!paused_, "a peer that is not listened to is not given up");
    Check(keepalive_.Next(now_, traffic).action == step.action, "who is given up stays so");
    return EndTransport(ErrorCode::kPongTimeout);
  }
  Check(now_ < heard_ + interval_ + pong_timeout_, "a silent peer is given up in time");
  Check(step.wait_ms != 0 && step.wait_ms <= interval_ + pong_timeout_, "the timer is set");
  due_ = now_ + step.wait_ms;
  if (step.action != Keepalive::Action::kPing) return;
  Check(!paused_, "no ping is sent whose pong would not be seen");
  if (connection_->SendPing(BytesOf("ping"), 4)) written_.push_back({9, "ping"});
}

}  // namespace wsfd::fuzz
