#include "handshake/response.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/quote.h"
#include "handshake/field.h"

namespace wsfd::handshake {

namespace {

constexpr std::string_view kProtocolName = "HTTP/";
constexpr size_t kExcerptBytes = 128;  // more than Quote shows

// RFC 9110 section 5.5: "Field values containing CR, LF, or NUL characters are invalid and
// dangerous"; in a log, so is any other control character except a tab.
bool HasControl(std::string_view text) {
  bool found = false;
  for (const char byte : text) {
    const auto value = static_cast<uint8_t>(byte);
    found |= (value < ' ' && value != '\t') || value == 0x7f;
  }
  return found;
}

// An alert or a handshake record: a TLS server's answer to a plain-text request.
bool LooksLikeTls(std::string_view bytes) {
  return (bytes[0] == 0x15 || bytes[0] == 0x16) && (bytes.size() == 1 || bytes[1] == 0x03);
}

bool IsDigit(char byte) { return byte >= '0' && byte <= '9'; }

}  // namespace

const std::string* Response::Find(std::string_view name) const { return FindHeader(headers, name); }

ResponseReader::Status ResponseReader::Receive(const uint8_t* data, size_t size, size_t* taken) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  *taken = ReceiveHead(bytes);
  if (phase_ == Phase::kBody) {
    *taken += body_.Receive(bytes.substr(*taken), &response_.body);
    if (body_.done()) phase_ = Phase::kComplete;
  }
  switch (phase_) {
    case Phase::kFailed:
      return Status::kFailed;
    case Phase::kSwitched:
      return Status::kHead;
    case Phase::kComplete:
      return Status::kComplete;
    default:
      return Status::kNeedMore;
  }
}

ResponseReader::Status ResponseReader::End() {
  if (has_head()) {
    phase_ = Phase::kComplete;
    return Status::kComplete;
  }
  if (phase_ != Phase::kFailed) {
    Fail(ErrorCode::kHandshakeEnded,
         head_bytes_ == 0 ? "no byte of an answer came"
                          : std::to_string(head_bytes_) + " bytes of a response head came");
  }
  return Status::kFailed;
}

// Returns how many bytes were taken: all, unless the head ended or is invalid.
size_t ResponseReader::ReceiveHead(std::string_view bytes) {
  size_t taken = 0;
  while (taken < bytes.size() && (phase_ == Phase::kStatusLine || phase_ == Phase::kFields)) {
    // Bytes past the bound are not read.
    const std::string_view rest = bytes.substr(taken, kMaxHeadBytes - head_bytes_);
    if (rest.empty()) {
      Fail(ErrorCode::kHandshakeHeadTooLarge,
           "more than " + std::to_string(kMaxHeadBytes) + " bytes");
      return taken;
    }
    if (phase_ == Phase::kStatusLine && !ValidateStatusLineStart(rest)) return taken;
    const void* end = std::memchr(rest.data(), '\n', rest.size());
    const size_t size =
        end == nullptr ? rest.size() : static_cast<const char*>(end) - rest.data() + 1;
    taken += size;
    head_bytes_ += size;
    if (end == nullptr) {
      // A string grows by doubling; a line this long gets the maximum at once.
      if (partial_.size() + size > kMaxHeadBytes / 4) partial_.reserve(kMaxHeadBytes);
      partial_.append(rest);
    } else if (partial_.empty()) {
      ReceiveLine(rest.substr(0, size));
    } else {
      partial_.append(rest.substr(0, size));
      ReceiveLine(partial_);
      partial_.clear();
    }
  }
  return taken;
}

// Fails at the first byte that cannot belong to a status line: a server of another protocol may
// wait for our next bytes, and its first bytes identify it.
bool ResponseReader::ValidateStatusLineStart(std::string_view bytes) {
  if (partial_.size() >= kProtocolName.size()) return true;
  const std::string_view expected = kProtocolName.substr(partial_.size(), bytes.size());
  if (bytes.substr(0, expected.size()) == expected) return true;
  const std::string came = partial_ + std::string(bytes.substr(0, kExcerptBytes));
  Fail(ErrorCode::kHandshakeMalformed,
       LooksLikeTls(came) ? "the server seems to speak TLS here: use wss; it sent " + Quote(came)
                          : "expected \"HTTP/1.1\", got " + Quote(came));
  return false;
}

// `line` with its line feed.
void ResponseReader::ReceiveLine(std::string_view line) {
  if (++head_lines_ > kMaxHeadLines) {
    Fail(ErrorCode::kHandshakeHeadTooLarge,
         "more than " + std::to_string(kMaxHeadLines) + " lines");
    return;
  }
  line.remove_suffix(1);
  // RFC 9112 section 2.2: "a recipient MAY recognize a single LF as a line terminator". wsfd does
  // not: two parsers could read such a head in two ways.
  if (line.empty() || line.back() != '\r') return FailAtLine("ends without a CR", line);
  line.remove_suffix(1);
  if (HasControl(line)) return FailAtLine("has a control character", line);
  if (phase_ == Phase::kStatusLine) {
    ReceiveStatusLine(line);
  } else if (line.empty()) {
    FinishHead();
  } else {
    ReceiveField(line);
  }
}

// RFC 9112 section 4: HTTP-version SP status-code SP [ reason-phrase ]. Servers that give no reason
// often omit the second space too.
void ResponseReader::ReceiveStatusLine(std::string_view line) {
  constexpr size_t kCode = 9, kReason = 13;  // where these begin
  const std::string_view version = line.substr(0, kCode);
  if (version != "HTTP/1.1 " && version != "HTTP/1.0 ") {
    return FailAtLine("is no status line of HTTP/1.1", line);
  }
  const std::string_view code = line.substr(kCode, 3);
  if (code.size() != 3 || !std::all_of(code.begin(), code.end(), IsDigit) || code[0] == '0' ||
      (line.size() >= kReason && line[kReason - 1] != ' ')) {
    return FailAtLine("has no status code of three digits", line);
  }
  response_.status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  // RFC 9110 section 15.2: "HTTP/1.0 did not define any 1xx status codes"; by RFC 6455
  // section 4.2.2 an accepting server's answer begins with "HTTP/1.1 101".
  if (code[0] == '1' && version == "HTTP/1.0 ") return FailAtLine("has a 1xx of HTTP/1.0", line);
  if (line.size() > kReason) response_.reason = TrimSpace(line.substr(kReason));
  phase_ = Phase::kFields;
}

void ResponseReader::ReceiveField(std::string_view line) {
  // RFC 9112 section 5.2 would have obs-fold replaced by spaces. No server folds the headers of an
  // opening handshake, and an attacker who injects line ends must not benefit.
  if (line[0] == ' ' || line[0] == '\t') return FailAtLine("is folded", line);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return FailAtLine("has no colon", line);
  // RFC 9112 section 5.1: "No whitespace is allowed between the field name and colon."
  const std::string_view name = line.substr(0, colon);
  if (!IsToken(name)) return FailAtLine("has a header name that is no token", line);
  response_.headers.emplace_back(name, TrimSpace(line.substr(colon + 1)));
}

void ResponseReader::FinishHead() {
  const int status = response_.status;
  if (method_ == Method::kGet ? status == 101 : status / 100 == 2) {
    phase_ = Phase::kSwitched;
  } else if (status < 200) {
    // RFC 9110 section 15.2: "A client MUST be able to parse one or more 1xx responses received
    // prior to a final response, even if the client does not expect one."
    response_ = {};
    phase_ = Phase::kStatusLine;
  } else if (!body_.Begin(status, response_.headers)) {
    Fail(ErrorCode::kHandshakeMalformed,
         "Content-Length: expected one number, got " +
             Quote(JoinHeaders(response_.headers, "Content-Length").values));
  } else {
    phase_ = body_.done() ? Phase::kComplete : Phase::kBody;
  }
}

void ResponseReader::Fail(ErrorCode code, std::string detail) {
  error_ = Error(code, std::move(detail));
  phase_ = Phase::kFailed;
}

void ResponseReader::FailAtLine(std::string_view what, std::string_view line) {
  std::string detail = "line " + std::to_string(head_lines_) + " ";
  detail.append(what).append(": ").append(Quote(line));
  Fail(ErrorCode::kHandshakeMalformed, std::move(detail));
}

}  // namespace wsfd::handshake
