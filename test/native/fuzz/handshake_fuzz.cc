// A server's answer to the opening handshake, whole, byte by byte and cut up, and the judgement of
// it; header fields, lists and extensions as they come.

#include <string>
#include <vector>

#include "base/quote.h"
#include "handshake/extension.h"
#include "handshake/field.h"
#include "handshake/response.h"
#include "test/native/fuzz/input.h"

namespace wsfd::fuzz {

namespace {

using handshake::Response;
using handshake::ResponseReader;
using Status = ResponseReader::Status;

// So that the corpus can hold answers that are accepted: 16 zero bytes.
constexpr std::string_view kKey = "AAAAAAAAAAAAAAAAAAAAAA==";

struct Answer {
  Status status = Status::kNeedMore;
  Status ended = Status::kNeedMore;
  size_t taken = 0;
  ErrorCode error = ErrorCode::kNone;
  Response response;
};

bool IsPrintable(std::string_view text) {
  for (const char byte : text) {
    if (byte < ' ' || byte > '~') return false;
  }
  return true;
}

// Head fields as RFC 9110 section 5 has them, within the bounds.
void CheckHead(const Response& response) {
  Check(response.status >= 100 && response.status <= 999, "a status has three digits");
  Check(response.headers.size() <= handshake::kMaxHeadLines, "headers are bounded");
  size_t bytes = response.reason.size();
  for (const auto& [name, value] : response.headers) {
    Check(handshake::IsToken(name), "a header's name is a token");
    Check(handshake::TrimSpace(value).size() == value.size(), "a value has no space around it");
    for (const char byte : value) {
      Check(static_cast<uint8_t>(byte) >= ' ' || byte == '\t', "a value has no control character");
    }
    bytes += name.size() + value.size();
  }
  Check(bytes <= handshake::kMaxHeadBytes, "a head is bounded");
  Check(response.body.size() <= handshake::kMaxBodyBytes, "what is kept of a body is bounded");
}

Answer Read(std::string_view stream, ResponseReader::Method method, uint8_t cuts) {
  ResponseReader reader(method);
  Answer answer;
  Cutter cutter(cuts);
  for (size_t at = 0; at < stream.size() && answer.status == Status::kNeedMore;) {
    const Exact portion(stream.substr(at, cutter.Next(stream.size() - at)));
    at += portion.size();
    size_t taken = SIZE_MAX;
    answer.status = reader.Receive(portion.data(), portion.size(), &taken);
    Check(taken <= portion.size(), "no more is taken than there is");
    Check(answer.status != Status::kNeedMore || taken == portion.size(), "all is taken");
    answer.taken += taken;
  }
  if (answer.status != Status::kNeedMore) {
    const Exact more("HTTP/1.1 200 OK\r\n\r\n");
    size_t taken = SIZE_MAX;
    Check(reader.Receive(more.data(), more.size(), &taken) == answer.status && taken == 0,
          "what is not kNeedMore is final");
  }
  Check((answer.status == Status::kFailed) == (reader.error().code != ErrorCode::kNone),
        "a failure has an error");
  Check(IsPrintable(reader.error().detail), "a detail can be shown");
  if (reader.has_head()) CheckHead(reader.response());
  answer.ended = reader.End();
  Check(answer.ended == (reader.has_head() ? Status::kComplete : Status::kFailed),
        "the end completes what has a head");
  answer.error = reader.error().code;
  if (reader.has_head()) answer.response = reader.response();
  return answer;
}

void Compare(const Answer& left, const Answer& right) {
  Check(left.status == right.status && left.ended == right.ended, "the same status");
  Check(left.error == right.error, "the same error");
  Check(left.status == Status::kFailed || left.taken == right.taken, "the same end");
  Check(left.response.status == right.response.status &&
            left.response.reason == right.response.reason &&
            left.response.headers == right.response.headers &&
            left.response.body == right.response.body,
        "the same answer");
}

void Judge(const Answer& answer, uint8_t flags) {
  handshake::Request request{"example.org", "/", "", {}, {}, ""};
  if ((flags & 1) != 0) request.subprotocols = {"chat", "v2.chat"};
  if ((flags & 2) != 0) request.extensions = "permessage-deflate; client_max_window_bits";
  if ((flags & 4) != 0) request.headers = {{"Sec-WebSocket-Protocol", "mqtt, chat"}};
  handshake::Accepted accepted{"as", "it was"};
  const Error error = handshake::CheckResponse(request, kKey, answer.response, &accepted);
  Check(IsPrintable(error.detail), "a detail can be shown");
  Check(IsPrintable(handshake::DescribeRefusal(answer.response)), "a refusal can be shown");
  if (error) {
    return Check(accepted.subprotocol == "as" && accepted.extensions == "it was",
                 "what is refused changes nothing");
  }
  Check(answer.response.status == 101, "none but a 101 opens a connection");
  const std::string* accept = answer.response.Find("sec-websocket-accept");
  Check(accept != nullptr && *accept == handshake::ComputeAccept(kKey), "the accept is the key's");
  Check(accepted.subprotocol.empty() ||
            handshake::OfferedSubprotocols(request).find(accepted.subprotocol) != std::string::npos,
        "a subprotocol was offered");
  std::vector<handshake::Extension> extensions;
  const bool any = handshake::ParseExtensions(accepted.extensions, &extensions);
  Check(any != accepted.extensions.empty(), "accepted extensions are a list");
  Check(!any || (!request.extensions.empty() && extensions.size() == 1 &&
                 extensions[0].name == "permessage-deflate"),
        "an extension was offered");
}

// A list that can be read says the same when it is written anew.
void ReadLists(std::string_view text) {
  std::vector<handshake::Extension> extensions, again;
  if (handshake::ParseExtensions(text, &extensions)) {
    std::string written;
    for (const handshake::Extension& extension : extensions) {
      Check(handshake::IsToken(extension.name), "an extension is a token");
      written.append(written.empty() ? "" : ", ").append(extension.name);
      for (const auto& [name, value] : extension.parameters) {
        Check(handshake::IsToken(name), "a parameter is a token");
        Check(value.empty() || handshake::IsToken(value), "a value is a token");
        written.append("; ").append(name);
        if (!value.empty()) written.append("=\"").append(value).append("\"");
      }
    }
    Check(handshake::ParseExtensions(written, &again), "what was read can be read again");
    Check(extensions.size() == again.size(), "as many extensions");
    for (size_t i = 0; i < again.size(); i++) {
      Check(extensions[i].name == again[i].name && extensions[i].parameters == again[i].parameters,
            "the same extensions");
    }
  }
  std::string_view element;
  for (std::string_view list = text; handshake::NextElement(&list, &element);) {
    Check(!element.empty() && element.find(',') == std::string_view::npos &&
              handshake::TrimSpace(element).size() == element.size(),
          "an element is what stands between commas");
  }
  Check(IsPrintable(Quote(text)) && Quote(text).size() <= 2 + 80 * 4 + 3,
        "a quotation can be shown");
}

}  // namespace

void Run(Input* input) {
  const uint8_t cuts = input->Byte();
  const uint8_t flags = input->Byte();
  const std::string_view stream = input->Rest();
  const auto method =
      (flags & 8) != 0 ? ResponseReader::Method::kConnect : ResponseReader::Method::kGet;
  const Answer whole = Read(stream, method, 0);
  Compare(whole, Read(stream, method, 1));
  if (cuts > 1) Compare(whole, Read(stream, method, cuts));
  Judge(whole, flags);
  ReadLists(stream.substr(0, 512));
}

}  // namespace wsfd::fuzz
