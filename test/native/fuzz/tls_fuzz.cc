// A TLS session whose peer sends any bytes at all, or is a real server some of whose bytes were
// changed, lost or doubled on their way: what comes out is what the server wrote, or nothing.

#include <memory>
#include <string>
#include <vector>

#include "test/native/fuzz/input.h"
#include "test/native/fuzz/tls_server.h"
#include "tls/context.h"
#include "tls/nested_session.h"
#include "tls/session.h"

namespace wsfd::fuzz {

namespace {

using tls::Session;
using Status = Session::Status;

std::shared_ptr<tls::Context> ContextFor(uint8_t flags) {
  tls::Config config;
  if ((flags & 1) != 0) config.ca_certificates = {ServerCertificate()};
  if ((flags & 2) != 0) config.ignore = tls::IgnoreList::All();
  config.keylog = (flags & 4) != 0;
  Error error;
  std::shared_ptr<tls::Context> context = tls::Context::Get(config, &error);
  Check(context != nullptr, "a context can be made");
  return context;
}

class Dialogue {
 public:
  explicit Dialogue(Input* input) : input_(input), flags_(input->Byte()) {
    const uint8_t kind = input->Byte();
    session_ = New(flags_, "localhost");
    const int version = (kind & 1) != 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    server_ = std::make_unique<TlsServer>(version, nullptr);
    // Any bytes; or a server, with which all went well up to here; or one inside of another.
    if ((kind & 6) == 0) return;
    Exchange();
    if ((kind & 6) == 6 && connected_) {
      session_ = tls::Nest(std::move(session_), New(flags_, "127.0.0.1"), {});
      server_ = std::make_unique<TlsServer>(version, std::move(server_));
      connected_ = false;
      sent_.clear();
      if ((kind & 8) != 0) Exchange();
    }
  }

  void Step() {
    switch (input_->Below(12)) {
      case 0:
      case 1:
        return SendRecord();
      case 2:
        return SendToServer();
      case 3:
        network_ += server_->Take();
        return;
      case 4:
        return Deliver(input_->Bool() ? SIZE_MAX : input_->Number16());
      case 5:
        return Damage();
      case 6:
        return ServerWrites();
      case 7:
        return ClientWrites();
      case 8:
        return server_->KeyUpdate(input_->Bool());
      case 9:
        // OpenSSL's server gives up a client that does not want to.
        tampered_ = true;
        return server_->Renegotiate();
      case 10:
        return input_->Bool() ? server_->CloseNotify() : CloseClient();
      default:
        return Exchange();
    }
  }

  void Finish() {
    Deliver(SIZE_MAX);
    Look();
  }

 private:
  static std::unique_ptr<Session> New(uint8_t flags, const char* host) {
    Error error;
    const tls::Target target{host, 443, host[0] == 'l' ? host : ""};
    std::unique_ptr<Session> session = Session::Create(ContextFor(flags), target, &error);
    Check(session != nullptr, "a session can be made");
    return session;
  }

  // Everything there and back, until there is nothing more to be said.
  void Exchange() {
    for (int rounds = 0; rounds < 6; rounds++) {
      Deliver(SIZE_MAX);
      SendToServer();
      network_ += server_->Take();
    }
    Deliver(SIZE_MAX);
  }

  void SendRecord() {
    static constexpr char kTypes[] = {20, 21, 22, 23, 24, 0};
    const char type = kTypes[input_->Below(sizeof kTypes)];
    const std::string_view payload = input_->Piece();
    tampered_ = true;
    if (type == 0) return void(network_ += payload);
    network_ += {type, 3, static_cast<char>(input_->Bool() ? 3 : 1)};
    network_ += {static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size())};
    network_ += payload;
  }

  void SendToServer() {
    ByteQueue& output = session_->output();
    const std::string bytes(TextOf(output.data(), output.size()));
    CheckRecords(bytes);
    output.Clear();
    output.Release();
    server_->Receive(bytes, &arrived_);
    Check(written_.compare(0, arrived_.size(), arrived_) == 0, "the server reads what was written");
  }

  // RFC 8446 section 5.1: records are sent whole, and are of a known type.
  static void CheckRecords(std::string_view bytes) {
    while (!bytes.empty()) {
      Check(bytes.size() >= 5 && bytes[0] >= 20 && bytes[0] <= 23 && bytes[1] == 3,
            "what is sent are records");
      const size_t size = BytesOf(bytes)[3] << 8 | BytesOf(bytes)[4];
      Check(size <= (1 << 14) + 2048 && bytes.size() - 5 >= size, "records are sent whole");
      bytes.remove_prefix(5 + size);
    }
  }

  void Deliver(size_t most) {
    const Exact portion(std::string_view(network_).substr(0, most));
    network_.erase(0, portion.size());
    if (ended_) return;
    session_->SetInput(portion.data(), portion.size());
    if (!connected_ && !Handshake()) return session_->SetInput(nullptr, 0);
    Read();
    session_->SetInput(nullptr, 0);
  }

  bool Handshake() {
    const Status status = session_->Handshake();
    Check(status != Status::kClosed, "a handshake is completed, or it fails");
    connected_ = status == Status::kOk;
    if (status == Status::kFailed) return Failed();
    return connected_;
  }

  void Read() {
    const size_t capacity = 1 + input_->Byte() * size_t{128};
    for (;;) {
      const std::unique_ptr<uint8_t[]> room(new uint8_t[capacity]);
      size_t count = SIZE_MAX;
      const Status status = session_->Read(room.get(), capacity, &count);
      Check(count <= capacity, "no more is read than there is room for");
      read_.append(TextOf(room.get(), count));
      Check(sent_.compare(0, read_.size(), read_) == 0, "what comes out is what the server wrote");
      if (status == Status::kFailed) return void(Failed());
      if (status == Status::kClosed) return void(ended_ = true);
      if (status == Status::kWantRead) return;
      Check(count == capacity, "there is more only where the room is full");
    }
  }

  // What failed stays so.
  bool Failed() {
    ended_ = true;
    Check(static_cast<bool>(session_->error()), "a failure has an error");
    const bool refused = session_->error().code == ErrorCode::kCertificateRefused;
    // Nobody reads on who has said that it closes: there may be answers that cannot be sent.
    const bool expected = tampered_ || refused || closed_;
    if (!expected) std::fprintf(stderr, "%s\n", session_->error().detail.c_str());
    Check(expected, "with an honest server nothing fails");
    size_t count = SIZE_MAX;
    uint8_t byte = 0;
    Check(session_->Handshake() == Status::kFailed, "what failed stays so");
    Check(session_->Read(&byte, 1, &count) == Status::kFailed && count == 0,
          "what failed gives nothing");
    Check(session_->Write(&byte, 1) == Status::kFailed, "what failed takes nothing");
    return false;
  }

  void Damage() {
    if (network_.empty()) return;
    tampered_ = true;
    const size_t at = input_->Number16() % network_.size();
    const uint8_t how = input_->Byte();
    switch (how % 4) {
      case 0:
        network_[at] = static_cast<char>(network_[at] ^ (1 << how / 32));
        break;
      case 1:
        network_.erase(at, 1 + how / 4);
        break;
      case 2:
        network_.insert(at, network_.substr(at, 1 + how / 4));
        break;
      default:
        network_.resize(at);
    }
  }

  void ServerWrites() {
    std::string text(input_->Piece());
    if (input_->Byte() % 8 == 7) text.resize(20000, 't');
    if (server_->Write(text)) sent_ += text;
  }

  void ClientWrites() {
    const Exact text(input_->Piece());
    if (!connected_ || ended_ || closed_) return;
    if (session_->Write(text.data(), text.size()) == Status::kOk) {
      written_.append(TextOf(text.data(), text.size()));
    } else {
      Failed();
    }
  }

  void CloseClient() {
    session_->SendCloseNotify();
    closed_ = true;
  }

  void Look() {
    const tls::SessionInfo info = session_->Info();
    Check(info.version.substr(0, 3) == (info.version.empty() ? "" : "TLS"), "a version is TLS's");
    Check(!connected_ || !info.version.empty(), "a session has a version");
    for (const tls::CertificateError& error : session_->certificate_errors()) {
      Check(!error.text.empty(), "a certificate's error says what is wrong");
    }
    session_->TakeKeyLog();
    if (!connected_ || (flags_ & 3) != 1) return;
    Check(session_->certificate_errors().empty(), "who is trusted has no errors");
  }

  Input* const input_;
  const uint8_t flags_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<TlsServer> server_;
  std::string network_;    // from the server
  std::string sent_;       // by the server, in plain
  std::string read_;       // by the client
  std::string written_;    // by the client
  std::string arrived_;    // at the server
  bool tampered_ = false;  // somebody was on the way
  bool connected_ = false;
  bool closed_ = false;  // by the client
  bool ended_ = false;
};

}  // namespace

void Run(Input* input) {
  Dialogue dialogue(input);
  while (!input->empty()) dialogue.Step();
  dialogue.Finish();
}

}  // namespace wsfd::fuzz
