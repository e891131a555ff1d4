#include <napi.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "connection/connection.h"
#include "test/native/testing/deflate_options.h"
#include "test/native/testing/sample.h"
#include "test/native/testing/testing.h"

namespace wsfd::testing {

namespace {

using connection::Batch;
using connection::Event;
using connection::Message;
using connection::ReceiveStatus;
using connection::State;

constexpr const char* kStateNames[] = {"opening", "open", "localClosing", "remoteClosing",
                                       "closed"};
constexpr const char* kEventNames[] = {"accepted", "closeSent", "closeReceived", "failed"};
constexpr const char* kStatusNames[] = {"needMore", "opened",   "batchFull",
                                        "pong",     "endAhead", "ended"};
static_assert(std::size(kStateNames) == connection::kStateCount);
static_assert(std::size(kEventNames) == connection::kEventCount);

// What cannot be found is the first.
template <size_t kCount>
size_t IndexOf(const char* const (&names)[kCount], const Napi::Value& name) {
  const std::string wanted = name.As<Napi::String>();
  for (size_t i = 0; i < kCount; i++) {
    if (wanted == names[i]) return i;
  }
  return 0;
}

ErrorCode CodeOf(const Napi::Value& symbol) {
  const std::string wanted = symbol.As<Napi::String>();
  uint8_t code = static_cast<uint8_t>(ErrorCode::kInternal);
  while (code != 0 && wanted != RowOf(ErrorCode{code}).symbol) code--;
  return ErrorCode{code};
}

// A random source that the test can foresee: the bytes that it was given, then none; without any,
// the numbers 0, 1, 2, … of four bytes each, the most significant first.
class Foreseen {
 public:
  explicit Foreseen(const Napi::Value& given) : endless_(given.IsUndefined()) {
    if (endless_) return;
    const auto bytes = given.As<Napi::Uint8Array>();
    bytes_.assign(bytes.Data(), bytes.Data() + bytes.ByteLength());
  }

  static bool Fill(void* context, uint8_t* data, size_t size) {
    auto* self = static_cast<Foreseen*>(context);
    if (self->endless_) {
      for (size_t i = 0; i < size; i++, self->used_++) {
        data[i] = static_cast<uint8_t>(self->used_ / 4 >> (24 - self->used_ % 4 * 8));
      }
      return true;
    }
    if (self->bytes_.size() - self->used_ < size) return false;
    std::memcpy(data, self->bytes_.data() + self->used_, size);
    self->used_ += size;
    return true;
  }

 private:
  bool endless_;
  std::vector<uint8_t> bytes_;
  size_t used_ = 0;
};

connection::Limits LimitsOf(const Napi::Object& options) {
  connection::Limits limits;
  bool lossless;
  const Napi::Value bytes = options.Get("maxMessageBytes");
  if (bytes.IsBigInt()) limits.max_message_bytes = bytes.As<Napi::BigInt>().Uint64Value(&lossless);
  return limits;
}

connection::CompressionOptions CompressionOf(const Napi::Value& given) {
  connection::CompressionOptions options;
  if (given.IsUndefined()) return options;
  const auto object = given.As<Napi::Object>();
  options.offered = true;
  options.parameters = DeflateOptionsOf(object);
  options.threshold = static_cast<size_t>(NumberOf(object, "threshold", 1024));
  options.level = NumberOf(object, "level", -1);
  return options;
}

// new Connection({maxMessageBytes?, random?})
class ConnectionObject : public Napi::ObjectWrap<ConnectionObject> {
 public:
  explicit ConnectionObject(const Napi::CallbackInfo& info)
      : ObjectWrap(info),
        foreseen_(info[0].As<Napi::Object>().Get("random")),
        random_(Foreseen::Fill, &foreseen_),
        connection_(LimitsOf(info[0].As<Napi::Object>()), &random_, &pool_) {}
  ~ConnectionObject() override { GiveBackHeld(); }

  // start(subprotocols, compression?): boolean
  Napi::Value Start(const Napi::CallbackInfo& info) {
    handshake::Request request;
    request.host = "localhost";
    request.target = "/";
    const auto subprotocols = info[0].As<Napi::Array>();
    for (uint32_t i = 0; i < subprotocols.Length(); i++) {
      const Napi::Value subprotocol = subprotocols.Get(i);
      request.subprotocols.push_back(subprotocol.As<Napi::String>());
    }
    const bool started = connection_.Start(std::move(request), CompressionOf(info[1]));
    return Napi::Boolean::New(info.Env(), started);
  }

  // nextSpace(): {isPlace, size}
  Napi::Value NextSpace(const Napi::CallbackInfo& info) {
    const connection::Space space = connection_.NextSpace();
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("isPlace", space.data != nullptr);
    result.Set("size", static_cast<double>(space.size));
    return result;
  }

  // receive(bytes, followsDelivered?): Received; throws if that does not fit together
  Napi::Value Receive(const Napi::CallbackInfo& info) {
    Sample bytes(info[0].As<Napi::Uint8Array>());
    return ReceiveFrom(info, bytes.data(), bytes.size());
  }

  // receiveInPlace(bytes): Received[]; of the bytes, which lie where nextSpace wanted them: several
  // where a batch was full
  Napi::Value ReceiveInPlace(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto bytes = info[0].As<Napi::Uint8Array>();
    const connection::Space space = connection_.NextSpace();
    if (space.data == nullptr || space.size < bytes.ByteLength()) {
      Napi::Error::New(env, "there is no such place").ThrowAsJavaScriptException();
      return env.Undefined();
    }
    std::memcpy(space.data, bytes.Data(), bytes.ByteLength());
    Napi::Array all = Napi::Array::New(env);
    std::string status = kStatusNames[static_cast<int>(ReceiveStatus::kBatchFull)];
    for (size_t done = 0; status == "batchFull";) {
      const auto received =
          ReceiveFrom(info, space.data + done, bytes.ByteLength() - done).As<Napi::Object>();
      if (env.IsExceptionPending()) return env.Undefined();
      connection_.Delivered();
      all.Set(all.Length(), received);
      status = received.Get("status").As<Napi::String>();
      done += received.Get("taken").As<Napi::Number>().Uint32Value();
    }
    return all;
  }

  // sharesBlocks(): void; from now on whoever gets a message that lies in a block shares that
  Napi::Value SharesBlocks(const Napi::CallbackInfo& info) {
    connection_.SharesBlocks(true);
    return info.Env().Undefined();
  }

  // releaseSpace(): void
  Napi::Value ReleaseSpace(const Napi::CallbackInfo& info) {
    connection_.ReleaseSpace();
    return info.Env().Undefined();
  }

  // held(): Buffer[]; what messages that shared a block are now; gives the blocks back
  Napi::Value Held(const Napi::CallbackInfo& info) {
    Napi::Array now = Napi::Array::New(info.Env(), held_.size());
    for (uint32_t i = 0; i < held_.size(); i++) {
      now.Set(i, Napi::Buffer<uint8_t>::Copy(info.Env(), held_[i].data, held_[i].size));
    }
    GiveBackHeld();
    return now;
  }

  void GiveBackHeld() {
    for (const Part& part : held_) part.block->Release(&pool_);
    held_.clear();
  }

  Napi::Value ReceiveFrom(const Napi::CallbackInfo& info, const uint8_t* data, size_t size) {
    const Napi::Env env = info.Env();
    Batch batch;
    batch.follows_delivered = info[1].ToBoolean();
    size_t taken = 0;
    const ReceiveStatus status = connection_.Receive(data, size, &taken, &batch);
    if (status == ReceiveStatus::kOpened) connection_.Opened();
    const State state = connection_.state();
    const bool ended = state == State::kClosed || state == State::kRemoteClosing;
    if (ended != (status == ReceiveStatus::kEnded) ||
        (status == ReceiveStatus::kNeedMore && taken != size) ||
        (status == ReceiveStatus::kBatchFull && (batch.count == 0 || taken == size)) ||
        (status == ReceiveStatus::kPong && connection_.last_pong().empty()) ||
        (status == ReceiveStatus::kEndAhead &&
         ((batch.count == 0 && !batch.follows_delivered) || taken == size))) {
      Napi::Error::New(env, "Receive broke its contract").ThrowAsJavaScriptException();
      return env.Undefined();
    }
    Napi::Object result = Napi::Object::New(env);
    result.Set("status", kStatusNames[static_cast<int>(status)]);
    result.Set("taken", static_cast<double>(taken));
    Napi::Array messages = Napi::Array::New(env, batch.count);
    for (uint32_t i = 0; i < batch.count; i++) {
      const Message& message = batch.messages[i];
      if (message.has_offset || message.data == nullptr) {
        Napi::Error::New(env, "a message is no pointer").ThrowAsJavaScriptException();
        return env.Undefined();
      }
      Napi::Object value = Napi::Object::New(env);
      value.Set("text", message.text);
      value.Set("ascii", message.ascii);
      value.Set("inPlace", message.data >= data && message.data <= data + size);
      value.Set("address", static_cast<double>(reinterpret_cast<uintptr_t>(message.data)));
      SharedBlock* const shared = connection_.BlockOf(message);
      value.Set("shared", shared != nullptr);
      if (shared != nullptr) {
        shared->AddOwner();
        held_.push_back({shared, message.data, message.size});
      }
      const Block block = connection_.DetachMessage(message);
      value.Set("detached", block.data != nullptr);
      const uint8_t* const payload = block.data == nullptr ? message.data : block.data;
      value.Set("bytes", Napi::Buffer<uint8_t>::Copy(env, payload, message.size));
      pool_.Give(block);
      messages.Set(i, value);
    }
    result.Set("messages", messages);
    return result;
  }

  // delivered(): void
  Napi::Value Delivered(const Napi::CallbackInfo& info) {
    connection_.Delivered();
    return info.Env().Undefined();
  }

  // transportEnded(symbol): void
  Napi::Value TransportEnded(const Napi::CallbackInfo& info) {
    connection_.TransportEnded(Error(CodeOf(info[0]), "as the test says"));
    return info.Env().Undefined();
  }

  // send(opcode, payload, maxPayload?, expectedPayload?): boolean | undefined. With the two the
  // message is written into the output, without them it is copied there.
  Napi::Value Send(const Napi::CallbackInfo& info) {
    const auto payload = info[1].As<Napi::Uint8Array>();
    const auto opcode = static_cast<frame::Opcode>(info[0].As<Napi::Number>().Uint32Value());
    if (info[2].IsUndefined()) {
      Sample copied(payload);
      return Napi::Boolean::New(info.Env(),
                                connection_.SendCopy(opcode, copied.data(), copied.size()));
    }
    const auto max_payload = static_cast<size_t>(info[2].As<Napi::Number>().Int64Value());
    const auto expected = static_cast<size_t>(info[3].As<Napi::Number>().Int64Value());
    uint8_t* room = connection_.ReserveMessage(max_payload, expected);
    if (room == nullptr) return info.Env().Undefined();
    if (payload.ByteLength() != 0) std::memcpy(room, payload.Data(), payload.ByteLength());
    const bool sent = connection_.CommitMessage(opcode, payload.ByteLength());
    return Napi::Boolean::New(info.Env(), sent);
  }

  // ping(payload): boolean
  Napi::Value Ping(const Napi::CallbackInfo& info) {
    Sample payload(info[0].As<Napi::Uint8Array>());
    return Napi::Boolean::New(info.Env(), connection_.SendPing(payload.data(), payload.size()));
  }

  // close(code, reason): boolean
  Napi::Value Close(const Napi::CallbackInfo& info) {
    const auto code = static_cast<uint16_t>(info[0].As<Napi::Number>().Uint32Value());
    Sample reason(info[1].As<Napi::Uint8Array>());
    const std::string_view text(reinterpret_cast<const char*>(reason.data()), reason.size());
    return Napi::Boolean::New(info.Env(), connection_.SendClose(code, text));
  }

  // sendDeferredPong(): void
  Napi::Value SendDeferredPong(const Napi::CallbackInfo& info) {
    connection_.SendDeferredPong();
    return info.Env().Undefined();
  }

  // outputDrained(): void
  Napi::Value OutputDrained(const Napi::CallbackInfo& info) {
    connection_.OutputDrained();
    return info.Env().Undefined();
  }

  // takeOutput(size?): Buffer; all of it if absent
  Napi::Value TakeOutput(const Napi::CallbackInfo& info) {
    ByteQueue& output = connection_.output();
    const size_t size =
        info[0].IsUndefined() ? output.size() : info[0].As<Napi::Number>().Uint32Value();
    const Napi::Value taken = Napi::Buffer<uint8_t>::Copy(info.Env(), output.data(), size);
    output.Consume(size);
    return taken;
  }

  // snapshot(): Snapshot
  Napi::Value Snapshot(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    Napi::Object result = Napi::Object::New(env);
    result.Set("state", kStateNames[static_cast<int>(connection_.state())]);
    const Error& error = connection_.error();
    result.Set("error", error ? RowOf(error.code).symbol : "None");
    result.Set("detail", error.detail);
    result.Set("closeCode", connection_.close_code());
    result.Set("closeReason", std::string(connection_.close_reason()));
    result.Set("closedByPeer", connection_.closed_by_peer());
    result.Set("outputBytes", static_cast<double>(connection_.output().size()));
    const std::string_view pong = connection_.last_pong();
    result.Set("lastPong", Napi::Buffer<char>::Copy(env, pong.data(), pong.size()));
    result.Set("subprotocol", connection_.accepted().subprotocol);
    result.Set("compressionMemory", static_cast<double>(connection_.compression_bytes()));
    if (const handshake::Response* response = connection_.response(); response != nullptr) {
      result.Set("responseStatus", response->status);
      result.Set("responseBody", response->body);
    }
    const connection::Counters& counters = connection_.counters();
    Napi::Object counts = Napi::Object::New(env);
    const auto set = [&counts](const char* name, uint64_t count) {
      counts.Set(name, static_cast<double>(count));
    };
    set("messagesIn", counters.messages_in);
    set("messagesOut", counters.messages_out);
    set("messageBytesIn", counters.message_bytes_in);
    set("messageBytesOut", counters.message_bytes_out);
    set("framesIn", counters.frames_in);
    set("framesOut", counters.frames_out);
    set("pongsIn", counters.pongs_in);
    result.Set("counters", counts);
    return result;
  }

 private:
  // A message in a block of which this is an owner.
  struct Part {
    SharedBlock* block;
    const uint8_t* data;
    size_t size;
  };

  Foreseen foreseen_;
  RandomPool random_;
  BlockPool pool_;
  std::vector<Part> held_;
  connection::Connection connection_;
};

// nextState(state, event): string
Napi::Value NextState(const Napi::CallbackInfo& info) {
  const auto state = static_cast<State>(IndexOf(kStateNames, info[0]));
  const auto event = static_cast<Event>(IndexOf(kEventNames, info[1]));
  return Napi::String::New(info.Env(),
                           kStateNames[static_cast<int>(connection::Next(state, event))]);
}

}  // namespace

void RegisterConnection(Napi::Env env, Napi::Object exports) {
  using Self = ConnectionObject;
  exports.Set("Connection",
              Self::DefineClass(env, "Connection",
                                {Self::InstanceMethod<&Self::Start>("start"),
                                 Self::InstanceMethod<&Self::NextSpace>("nextSpace"),
                                 Self::InstanceMethod<&Self::Receive>("receive"),
                                 Self::InstanceMethod<&Self::ReceiveInPlace>("receiveInPlace"),
                                 Self::InstanceMethod<&Self::SharesBlocks>("sharesBlocks"),
                                 Self::InstanceMethod<&Self::ReleaseSpace>("releaseSpace"),
                                 Self::InstanceMethod<&Self::Held>("held"),
                                 Self::InstanceMethod<&Self::Delivered>("delivered"),
                                 Self::InstanceMethod<&Self::TransportEnded>("transportEnded"),
                                 Self::InstanceMethod<&Self::Send>("send"),
                                 Self::InstanceMethod<&Self::Ping>("ping"),
                                 Self::InstanceMethod<&Self::Close>("close"),
                                 Self::InstanceMethod<&Self::SendDeferredPong>("sendDeferredPong"),
                                 Self::InstanceMethod<&Self::OutputDrained>("outputDrained"),
                                 Self::InstanceMethod<&Self::TakeOutput>("takeOutput"),
                                 Self::InstanceMethod<&Self::Snapshot>("snapshot")}));
  exports.Set("nextState", Napi::Function::New(env, NextState, "nextState"));
}

}  // namespace wsfd::testing
