#include "handshake/body.h"

#include <algorithm>

#include "handshake/field.h"

namespace wsfd::handshake {

namespace {

// A body of one-byte chunks needs five bytes of framing for each; a server that sends more than
// this may never end.
constexpr size_t kMaxFramingPerByte = 8;

constexpr int HexDigit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

// 1*DIGIT; a number beyond 64 bits becomes the largest.
bool ParseLength(std::string_view text, uint64_t* length) {
  *length = 0;
  for (const char byte : text) {
    if (byte < '0' || byte > '9') return false;
    const auto digit = static_cast<uint64_t>(byte - '0');
    *length = *length > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *length * 10 + digit;
  }
  return !text.empty();
}

// RFC 9112 section 6.3: an invalid Content-Length is "an unrecoverable error, unless the field
// value can be successfully parsed as a comma-separated list (Section 5.6.1 of [HTTP]), all values
// in the list are valid, and all values in the list are the same".
bool ParseLengths(std::string_view list, uint64_t* length) {
  std::string_view element;
  if (!NextElement(&list, &element) || !ParseLength(element, length)) return false;
  while (NextElement(&list, &element)) {
    uint64_t other = 0;
    if (!ParseLength(element, &other) || other != *length) return false;
  }
  return true;
}

// RFC 9112 section 6.3: "If a Transfer-Encoding header field is present in a response and the
// chunked transfer coding is not the final encoding, the message body length is determined by
// reading the connection until it is closed by the server."
bool EndsInChunked(std::string_view codings) {
  std::string_view last;
  while (NextElement(&codings, &last)) {
  }
  return EqualsIgnoreCase(last, "chunked");
}

}  // namespace

bool BodyReader::Begin(int status, const HeaderList& headers) {
  if (status == 204 || status == 304) return true;
  const JoinedHeaders codings = JoinHeaders(headers, "Transfer-Encoding");
  const JoinedHeaders lengths = JoinHeaders(headers, "Content-Length");
  chunked_ = codings.count != 0 && EndsInChunked(codings.values);
  remaining_ = UINT64_MAX;
  // RFC 9112 section 6.3: "the Transfer-Encoding overrides the Content-Length".
  if (codings.count == 0 && lengths.count != 0 && !ParseLengths(lengths.values, &remaining_)) {
    return false;
  }
  if (chunked_) {
    remaining_ = 0;
    state_ = State::kChunkSize;
  } else if (remaining_ != 0) {
    state_ = State::kData;
  }
  return true;
}

size_t BodyReader::Receive(std::string_view bytes, std::string* kept) {
  size_t taken = 0;
  while (taken < bytes.size() && state_ != State::kDone) {
    if (state_ != State::kData) {
      state_ = framing_bytes_++ == most_ * kMaxFramingPerByte ? State::kDone
                                                              : AfterFramingByte(bytes[taken++]);
      continue;
    }
    const size_t room = std::min(bytes.size() - taken, most_ - kept->size());
    const auto count = static_cast<size_t>(std::min<uint64_t>(remaining_, room));
    kept->append(bytes.substr(taken, count));
    taken += count;
    remaining_ -= count;
    if (kept->size() == most_) {
      state_ = State::kDone;
    } else if (remaining_ == 0) {
      state_ = chunked_ ? State::kChunkEnd : State::kDone;
    }
  }
  return taken;
}

// The chunked transfer coding (RFC 9112 section 7.1). The body ends with the last chunk: trailers
// are ignored, and the connection is not used again.
BodyReader::State BodyReader::AfterFramingByte(char byte) {
  switch (state_) {
    case State::kChunkSize:
      return AfterSizeByte(byte);
    case State::kChunkExtension:
      return byte == '\r' ? State::kChunkSizeEnd : State::kChunkExtension;
    case State::kChunkSizeEnd:
      return byte == '\n' && remaining_ != 0 ? State::kData : State::kDone;
    case State::kChunkEnd:
      return byte == '\r' ? State::kChunkEndLine : State::kDone;
    case State::kChunkEndLine:
      return byte == '\n' ? State::kChunkSize : State::kDone;
    case State::kData:
    case State::kDone:
      break;
  }
  return State::kDone;
}

// A size without a digit reads as 0 and ends the body.
BodyReader::State BodyReader::AfterSizeByte(char byte) {
  if (const int digit = HexDigit(byte); digit >= 0) {
    if (remaining_ > UINT64_MAX >> 4) return State::kDone;
    remaining_ = remaining_ << 4 | static_cast<uint64_t>(digit);
    return State::kChunkSize;
  }
  if (byte == '\r') return State::kChunkSizeEnd;
  return byte == ';' || byte == ' ' || byte == '\t' ? State::kChunkExtension : State::kDone;
}

}  // namespace wsfd::handshake
