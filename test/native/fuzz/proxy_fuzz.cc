// A proxy's answers, whole, byte by byte and cut up: HTTP CONNECT and SOCKS5.

#include <memory>
#include <string>

#include "handshake/proxy_dialogue.h"
#include "test/native/fuzz/input.h"

namespace wsfd::fuzz {

namespace {

using handshake::ProxyDialogue;
using handshake::ProxyRequest;
using Status = ProxyDialogue::Status;

struct Outcome {
  Status status = Status::kNeedMore;
  size_t taken = 0;
  std::string output;
  bool has_response = false;
  int http_status = 0;
};

std::unique_ptr<ProxyDialogue> New(bool http, const ProxyRequest& request) {
  return http ? handshake::NewHttpConnect(request) : handshake::NewSocks5(request);
}

void CheckError(const Error& error) {
  Check(error.code == ErrorCode::kProxyRefused, "what a proxy does wrong is its refusal");
  Check(!error.detail.empty(), "a refusal says why");
  for (const char byte : error.detail) {
    Check(byte >= ' ' && byte <= '~', "a detail can be shown");
  }
}

Outcome Talk(bool http, const ProxyRequest& request, std::string_view stream, uint8_t cuts) {
  const std::unique_ptr<ProxyDialogue> dialogue = New(http, request);
  Outcome outcome;
  outcome.output = dialogue->TakeOutput();
  Check(!outcome.output.empty() && dialogue->TakeOutput().empty(), "we begin, once");
  Cutter cutter(cuts);
  for (size_t at = 0; at < stream.size() && outcome.status == Status::kNeedMore;) {
    const Exact portion(stream.substr(at, cutter.Next(stream.size() - at)));
    at += portion.size();
    size_t taken = SIZE_MAX;
    outcome.status = dialogue->Receive(portion.data(), portion.size(), &taken);
    Check(taken <= portion.size(), "no more is taken than there is");
    Check(outcome.status != Status::kNeedMore || taken == portion.size(), "all is taken");
    outcome.taken += taken;
    outcome.output += dialogue->TakeOutput();
  }
  Check((outcome.status == Status::kRefused) == (dialogue->error().code != ErrorCode::kNone),
        "a refusal has an error");
  if (outcome.status == Status::kNeedMore) dialogue->End();
  if (outcome.status != Status::kOpened) CheckError(dialogue->error());
  outcome.has_response = dialogue->response() != nullptr;
  if (outcome.has_response) outcome.http_status = dialogue->response()->status;
  return outcome;
}

// RFC 1928 and RFC 1929: what a proxy has read when all went well.
void CheckSocks5(const ProxyRequest& request, const std::string& output) {
  const bool credentials = !request.username.empty() || !request.password.empty();
  std::string expected =
      credentials ? std::string("\x05\x02\x00\x02", 4) : std::string("\x05\x01\x00", 3);
  Check(output.substr(0, expected.size()) == expected, "the methods are offered");
  std::string rest = output.substr(expected.size());
  if (credentials && rest[0] == 1) {
    expected = std::string("\x01") + static_cast<char>(request.username.size()) + request.username +
               static_cast<char>(request.password.size()) + request.password;
    Check(rest.substr(0, expected.size()) == expected, "who asks is said");
    rest = rest.substr(expected.size());
  }
  expected = std::string("\x05\x01\x00", 3);
  if (request.ip_address.empty()) {
    expected += std::string("\x03") + static_cast<char>(request.host.size()) + request.host;
  } else {
    expected += (request.ip_address.size() == 4 ? "\x01" : "\x04") + request.ip_address;
  }
  expected += {static_cast<char>(request.port >> 8), static_cast<char>(request.port)};
  Check(rest == expected, "the target is asked for");
}

}  // namespace

void Run(Input* input) {
  const uint8_t cuts = input->Byte();
  const uint8_t flags = input->Byte();
  const bool http = (flags & 1) != 0;
  ProxyRequest request;
  request.host = "example.org";
  request.port = static_cast<uint16_t>(flags * 257);
  if ((flags & 2) != 0) request.username = "user";
  if ((flags & 4) != 0) request.password = std::string(flags, 'p');
  if ((flags & 8) != 0) request.ip_address = std::string((flags & 16) != 0 ? 16 : 4, '\x7f');
  if ((flags & 32) != 0) request.host = std::string(255 + (flags >> 7), 'h');
  if ((flags & 64) != 0) request.authorization = "Basic dXNlcjpw";
  const std::string_view stream = input->Rest();
  const Outcome whole = Talk(http, request, stream, 0);
  for (const uint8_t other : {uint8_t{1}, cuts}) {
    const Outcome cut = Talk(http, request, stream, other);
    Check(cut.status == whole.status && cut.output == whole.output, "the same dialogue");
    Check(whole.status == Status::kRefused || cut.taken == whole.taken, "the same end");
    Check(cut.has_response == whole.has_response && cut.http_status == whole.http_status,
          "the same answer");
  }
  if (whole.status != Status::kOpened) return;
  if (!http) {
    CheckSocks5(request, whole.output);
  } else {
    Check(whole.has_response && whole.http_status / 100 == 2, "a 2xx opens the tunnel");
  }
}

}  // namespace wsfd::fuzz
