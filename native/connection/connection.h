#ifndef WSFD_CONNECTION_CONNECTION_H_
#define WSFD_CONNECTION_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/byte_queue.h"
#include "base/error.h"
#include "base/random_pool.h"
#include "connection/assembly.h"
#include "connection/compression.h"
#include "connection/control_observer.h"
#include "connection/message.h"
#include "connection/state.h"
#include "frame/header.h"
#include "handshake/request.h"
#include "handshake/response.h"

namespace wsfd::connection {

// Bounds of what may come in: of what takes memory, which a fragment does not. Plain data.
struct Limits {
  uint64_t max_message_bytes = 64 << 20;  // of one message's payload
};

// What went through a connection.
struct Counters {
  uint64_t messages_in = 0, messages_out = 0;
  uint64_t message_bytes_in = 0, message_bytes_out = 0;  // payload of messages
  uint64_t frames_in = 0, frames_out = 0;                // control frames included
  uint64_t pongs_in = 0;
};

// What a Receive call ended with.
enum class ReceiveStatus : uint8_t {
  kNeedMore,   // every byte was taken
  kOpened,     // the opening handshake was accepted; call again with the rest
  kBatchFull,  // deliver the batch, full or large, then call again with the rest
  kEndAhead,   // deliver the batch; the rest, which ends the connection, when that may be answered
  kEnded,      // state() is kClosed or kRemoteClosing: no byte after this one counts
};

// The client's side of one WebSocket connection: bytes of the transport in, messages and bytes for
// the transport out. No socket, no clock; random bytes are handed in.
class Connection {
 public:
  // `random` and `pool`, from which large messages get their memory, outlive the connection.
  // nullptr for the pool: no memory is used again.
  Connection(const Limits& limits, RandomPool* random, BlockPool* pool);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Puts the opening handshake into output(), with the offer of permessage-deflate as its
  // extensions where there is one. Called once, first. False when there is no entropy.
  bool Start(handshake::Request request, const CompressionOptions& compression = {});

  // Reads `size` bytes; *taken says how many were used. Appends whole messages to `batch`, which
  // must be empty at the call. Their bytes lie in `data` or in the connection and stay until the
  // next Receive, Delivered or the end of `data`.
  //
  // kEndAhead comes in kOpen alone, and where `batch` has or follows messages: what the application
  // answers to them still goes out before our close frame. Only a payload that breaks a rule where
  // it is taken in pieces ends the connection at once.
  ReceiveStatus Receive(const uint8_t* data, size_t size, size_t* taken, Batch* batch);

  // Where bytes that come next are best put, for whoever reads them from the system or decrypts
  // them: Receive need not copy what lies there. Where that is nowhere in particular, `size` is how
  // many are best handed on at once: of a large message that begins in another buffer, that much
  // has to be copied. Good until the next call that is not const.
  Space NextSpace();
  // Nothing came into it: it is asked for anew.
  void SpaceUnused() { assembly_.ReleaseLanding(); }

  // kOpened has been acted upon: gives back what was needed for the opening handshake.
  void Opened();

  // Gives away the storage of a message of the last batch: its bytes, which the caller finds at the
  // front of the block, and frees with std::free or gives to the pool. None, and nothing is
  // changed, for one that is not large or does not lie in storage of its own.
  Block DetachMessage(const Message& message) { return assembly_.Detach(message); }

  // The block that a message of the last batch lies in, for whoever keeps it to share; nullptr
  // where its bytes are to be copied, or given away by DetachMessage.
  SharedBlock* BlockOf(const Message& message) {
    Landing& landing = assembly_.landing();
    return landing.Holds(message.data, message.size) ? landing.block() : nullptr;
  }
  // Whether blocks are shared: says whether binary messages are best received into such.
  void SharesBlocks(bool shares) { shares_blocks_ = shares; }

  // The messages of the last batch are no longer needed: gives large storage back.
  void Delivered();

  // The transport ended (end of stream or an error; `why` says what the driver saw).
  // In kOpening an answer whose head had come is complete now, and counts more than `why`.
  void TransportEnded(Error why);

  // In kOpening, with a response(): no more of the refusal's body is waited for.
  void EndRefusal() { TransportEnded(Error(ErrorCode::kClosedAbnormally)); }

  // A message that is encoded straight into the output: room for `max_payload` bytes, to be filled
  // from its front, then CommitMessage with what it came to. Nothing may be called in between. It
  // need not be moved where it comes to about `expected_payload`. nullptr when memory runs out.
  uint8_t* ReserveMessage(size_t max_payload, size_t expected_payload);
  // `payload_size` <= max_payload. Only in kOpen. False when there is no entropy or, for a message
  // that is compressed, no memory: nothing is sent.
  bool CommitMessage(frame::Opcode opcode, size_t payload_size);

  // All of output() has been taken: gives back what was held for compressing and the next message
  // does not need.
  void Sent();

  // Puts a control frame into output(); `size` at most 125. Only in kOpen (ping) or, for the close
  // frame, kOpen and kRemoteClosing. `code` 1005: a close frame without payload.
  bool SendPing(const uint8_t* payload, size_t size);
  bool SendClose(uint16_t code, std::string_view reason);

  // Puts a pong that had to wait into output(), where there is one: call when output() was drained.
  void SendDeferredPong();

  State state() const { return state_; }
  // Frames to be sent; the caller consumes them.
  ByteQueue& output() { return output_; }
  const ByteQueue& output() const { return output_; }

  // Why the connection failed; kNone while it has not.
  const Error& error() const { return error_; }
  // The server's answer, in kOpening, until Opened() or when the opening handshake failed; else
  // nullptr.
  const handshake::Response* response() const;
  // What the server accepted.
  const handshake::Accepted& accepted() const;

  // The peer's close frame (RFC 6455 section 7.1.5 and 7.1.6); 1005: it had no code; 1006: none
  // came.
  uint16_t close_code() const { return close_code_; }
  std::string_view close_reason() const;
  // True if the peer's close frame came before ours went out.
  bool closed_by_peer() const { return closed_by_peer_; }
  // The payload of the last pong.
  std::string_view last_pong() const;

  const Counters& counters() const { return counters_; }
  // From now on `observer` (nullptr: nobody) hears of control frames. It must outlive that.
  void Observe(ControlObserver* observer) { observer_ = observer; }
  // Bytes that are held for compressing and inflating.
  size_t compression_bytes() const;

 private:
  struct Opening;

  // Bytes of a block for messages like the last ones; 0: they have none.
  size_t LandingSize() const;
  Space FindSpace();

  // Each takes bytes from the front of [p, end) and returns the new front.
  const uint8_t* ReceiveHead(const uint8_t* p, const uint8_t* end);
  const uint8_t* ReceiveHeader(const uint8_t* p, const uint8_t* end, Batch* batch);
  const uint8_t* ReceiveWholeFrames(const uint8_t* p, const uint8_t* end, Batch* batch);
  const uint8_t* ReceivePayload(const uint8_t* p, const uint8_t* end, Batch* batch);

  Error AcceptExtensions(std::string_view extensions);
  bool Waits(size_t messages, const Batch& batch) const;
  bool EndsConnection() const;
  void BeginFrame(Batch* batch);
  Error ValidateFrame() const;
  const uint8_t* ReceiveControlPayload(const uint8_t* p, size_t size);
  void FinishFrame(Batch* batch);
  void FinishControlFrame(const uint8_t* payload, size_t size);
  void ReceiveClose(const uint8_t* payload, size_t size);
  void ReceivePing(const uint8_t* payload, size_t size);

  void Fail(ErrorCode code, std::string detail = {}) { Fail(Error(code, std::move(detail))); }
  void Fail(Error error);
  void Move(Event event) { state_ = Next(state_, event); }
  bool SendControl(frame::Opcode opcode, const uint8_t* payload, size_t size);
  bool CommitCompressed(frame::Opcode opcode, size_t message_size);

  // Incoming.
  State state_ = State::kOpening;
  bool in_payload_ = false;  // header_ is complete and payload_left_ bytes of its frame are to come
  bool end_ahead_ = false;   // the frame that is next ends the connection, and waits
  bool shares_blocks_ = false;
  bool last_binary_ = false;  // the last message
  bool all_taken_ = true;     // of what came
  uint8_t partial_size_ = 0;
  uint8_t control_size_ = 0;  // bytes in control_
  bool has_deferred_pong_ = false;
  bool closed_by_peer_ = false;
  uint8_t last_pong_size_ = 0;
  uint16_t close_code_ = 1006;
  frame::Header header_ = {};
  uint64_t payload_left_ = 0;
  uint64_t last_size_ = 0;  // of a message, on average of the last ones that came together
  size_t offered_ = 0;      // the space that NextSpace gave
  size_t flow_ = 0;         // bytes that came since an offered space was not filled
  Assembly assembly_;
  Limits limits_;
  uint8_t partial_[frame::kMaxServerHeader];  // the beginning of a header
  uint8_t last_pong_[9];                      // our pings carry 8 or 9 bytes
  std::unique_ptr<uint8_t[]> control_;        // the payload of a control frame that comes in pieces

  // Outgoing.
  RandomPool* random_;
  ByteQueue output_;
  size_t reserved_header_ = 0;

  ControlObserver* observer_ = nullptr;
  std::unique_ptr<Opening> opening_;
  std::unique_ptr<Compression> compression_;  // nullptr unless it was agreed
  std::unique_ptr<std::string> deferred_pong_;
  std::unique_ptr<handshake::Accepted> accepted_;  // nullptr: neither
  std::unique_ptr<std::string> close_reason_;      // nullptr: none
  Error error_;
  Counters counters_;
};

}  // namespace wsfd::connection

#endif  // WSFD_CONNECTION_CONNECTION_H_
