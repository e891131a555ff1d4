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

// Bounds of received data that takes memory; a fragment as such takes none. Plain data.
struct Limits {
  uint64_t max_message_bytes = 64 << 20;  // of one message's payload
};

// Traffic of a connection.
struct Counters {
  uint64_t messages_in = 0, messages_out = 0;
  uint64_t message_bytes_in = 0, message_bytes_out = 0;  // payload of messages
  uint64_t frames_in = 0, frames_out = 0;                // control frames included
  uint64_t pongs_in = 0;
};

// The result of a Receive call.
enum class ReceiveStatus : uint8_t {
  kNeedMore,   // every byte was taken
  kOpened,     // the opening handshake was accepted; call again with the rest
  kBatchFull,  // deliver the batch, full or large, then call again with the rest; or the observer
               // is full, and must not be by then
  kPong,       // deliver the batch, look at last_pong(), then call again with the rest
  kEndAhead,   // deliver the batch; pass the rest, which ends the connection, after the answers
  kEnded,      // state() is kClosed or kRemoteClosing: later bytes are ignored
};

// The client side of one WebSocket connection: bytes of the transport in, messages and bytes for
// the transport out. No socket, no clock; random bytes come from a parameter.
class Connection {
 public:
  // Sizes of the payloads of our pings.
  static constexpr size_t kLeastPing = 8;
  static constexpr size_t kMostPing = 9;

  // `random` and `pool`, from which large messages get their memory, outlive the connection.
  // nullptr for the pool: no memory is reused.
  Connection(const Limits& limits, RandomPool* random, BlockPool* pool);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Puts the opening handshake into output(), with the offer of permessage-deflate if there is one.
  // Called once, first. False without entropy or memory.
  bool Start(handshake::Request request, const CompressionOptions& compression = {});

  // Takes bytes from the front of `data`; *taken is their number. Appends whole messages to
  // `batch`, which must be empty. Their bytes are in `data` or in the connection and stay until the
  // next Receive, Delivered or the end of `data`.
  //
  // kEndAhead comes only in kOpen, if `batch` has or follows messages: the application's answers to
  // them still go out before our close frame. Only an invalid payload that is compressed or in
  // pieces ends the connection at once.
  ReceiveStatus Receive(const uint8_t* data, size_t size, size_t* taken, Batch* batch);

  // Space into which the caller should read or decrypt the next bytes, so that Receive need not
  // copy them. With nullptr for `data` any buffer will do; `size` is then the most bytes to pass to
  // Receive at once, since those of a large message that begins there are copied. Valid until the
  // next call that is not const.
  Space NextSpace();
  // No byte in the space is needed: NextSpace is called anew.
  void ReleaseSpace() { assembly_.ReleaseLanding(); }

  // kOpened has been handled: frees the state of the opening handshake.
  void Opened();

  // Detaches the storage of a message of the last batch: the message is at the front of the block,
  // which the caller frees with std::free or gives to the pool. None, without a change, if the
  // message is not large or has no storage of its own.
  Block DetachMessage(const Message& message) { return assembly_.Detach(message); }

  // The landing block of a message of the last batch, which the caller may share; nullptr if the
  // message is elsewhere: copy it, or call DetachMessage.
  SharedBlock* BlockOf(const Message& message) {
    Landing& landing = assembly_.landing();
    return landing.Holds(message.data, message.size) ? landing.block() : nullptr;
  }
  // Whether the caller shares blocks: binary messages are then received into such.
  void SharesBlocks(bool shares) { shares_blocks_ = shares; }

  // The messages of the last batch are no longer needed: releases large storage.
  void Delivered();

  // The transport ended (end of stream or an error; `why` is the driver's reason). In kOpening a
  // complete response head decides instead; without one kClosedAbnormally becomes HandshakeEnded.
  void TransportEnded(Error why);

  // In kOpening, with a response(): ends the wait for the refusal's body.
  void EndRefusal() { TransportEnded(Error(ErrorCode::kClosedAbnormally)); }

  // Room in the output for a message of `max_payload` bytes: write it from the front, then call
  // CommitMessage with its size, and nothing in between. It is not moved if its header is as long
  // as that for `expected_payload`. nullptr when memory runs out.
  uint8_t* ReserveMessage(size_t max_payload, size_t expected_payload);
  // `payload_size` <= max_payload. Only in kOpen. False without entropy or, for a compressed
  // message, without memory: nothing is sent.
  bool CommitMessage(frame::Opcode opcode, size_t payload_size);

  // Makes room for `size` bytes of frames in output(), unless messages are compressed.
  void Expect(size_t size);
  // Puts a copy of a message into output(). Only in kOpen. False without entropy or memory: nothing
  // is sent. (SendMessage is a macro of windows.h.)
  bool SendCopy(frame::Opcode opcode, const uint8_t* payload, size_t size);

  // Frees the memory for compressing that the next message does not need.
  void OutputDrained();

  // Puts a control frame into output(); `size` at most 125. False without entropy or memory, and
  // outside kOpen (close frame: kOpen and kRemoteClosing). `code` 1005: no payload.
  bool SendPing(const uint8_t* payload, size_t size);
  bool SendClose(uint16_t code, std::string_view reason);

  // Puts a deferred pong, if there is one, into output(). Call when output() was drained.
  void SendDeferredPong();

  State state() const { return state_; }
  // Bytes to be sent; the caller consumes them.
  ByteQueue& output() { return output_; }
  const ByteQueue& output() const { return output_; }

  // Why the connection failed; kNone while it has not.
  const Error& error() const { return error_; }
  // The server's answer from its complete, valid head on until Opened(); else nullptr.
  const handshake::Response* response() const;
  const handshake::Accepted& accepted() const;

  // The peer's close frame (RFC 6455 section 7.1.5 and 7.1.6); 1005: it had no code; 1006: none
  // came.
  uint16_t close_code() const { return close_code_; }
  std::string_view close_reason() const;
  // True if the peer's close frame came before ours went out.
  bool closed_by_peer() const { return closed_by_peer_; }
  // The payload of the last pong; empty if it has another size than our pings.
  std::string_view last_pong() const;

  const Counters& counters() const { return counters_; }
  // From now on `observer` (nullptr: none) receives control frames. It must outlive their use.
  void Observe(ControlObserver* observer) { observer_ = observer; }
  // Bytes that are held for compressing and inflating.
  size_t compression_bytes() const;

 private:
  struct Opening;

  // Bytes of a landing block for messages like the last ones; 0: no block.
  size_t LandingSize() const;
  Space FindSpace();

  // Each takes bytes from the front of [p, end) and returns the new front.
  const uint8_t* ReceiveHead(const uint8_t* p, const uint8_t* end);
  const uint8_t* ReceiveHeader(const uint8_t* p, const uint8_t* end, Batch* batch);
  const uint8_t* ReceiveWholeFrames(const uint8_t* p, const uint8_t* end, Batch* batch);
  const uint8_t* ReceivePayload(const uint8_t* p, const uint8_t* end, Batch* batch);

  Error AcceptExtensions(std::string_view extensions);
  bool MustDeliverFirst(size_t messages, const Batch& batch) const;
  bool FrameIsCloseOrInvalid() const;
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
  // Puts a frame into output(). False without entropy or memory.
  bool SendFrame(frame::Opcode opcode, const uint8_t* payload, size_t size);
  bool PutFrame(frame::Opcode opcode, bool compressed, const uint8_t* payload, size_t size,
                const uint8_t key[4]);
  bool SendCompressed(frame::Opcode opcode, const uint8_t* message, size_t message_size);
  bool Compresses(size_t message_size) const;
  void CountMessage(size_t size);

  // Incoming.
  State state_ = State::kOpening;
  bool in_payload_ = false;  // header_ is complete and payload_left_ bytes of its frame are to come
  bool end_ahead_ = false;   // the next frame ends the connection, and waits
  bool pong_came_ = false;   // of the size of our pings, and is to be looked at
  bool shares_blocks_ = false;
  bool last_binary_ = false;  // the last message
  bool all_taken_ = true;     // by the last Receive
  uint8_t partial_size_ = 0;
  uint8_t control_size_ = 0;  // bytes in control_
  bool has_deferred_pong_ = false;
  bool closed_by_peer_ = false;
  uint8_t last_pong_size_ = 0;
  uint16_t close_code_ = 1006;
  frame::Header header_ = {};
  uint64_t payload_left_ = 0;
  uint64_t last_size_ = 0;    // of the last message, or the average of the last whole frames
  size_t offered_space_ = 0;  // size of the last NextSpace
  size_t burst_bytes_ = 0;    // of the last reads; each after the first filled its space
  Assembly assembly_;
  Limits limits_;
  uint8_t partial_[frame::kMaxServerHeader];  // the beginning of a header
  uint8_t last_pong_[kMostPing];
  std::unique_ptr<uint8_t[]> control_;  // the payload of a control frame that comes in pieces

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
