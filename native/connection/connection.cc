#include "connection/connection.h"

#include <utility>
#include <vector>

#include "handshake/extension.h"

namespace wsfd::connection {

using handshake::ResponseReader;

// State of the opening handshake.
struct Connection::Opening {
  handshake::Request request;
  std::string key;
  CompressionOptions compression;
  ResponseReader reader;
};

Connection::Connection(const Limits& limits, RandomPool* random, BlockPool* pool)
    : assembly_(pool), limits_(limits), random_(random) {}

Connection::~Connection() = default;

bool Connection::Start(handshake::Request request, const CompressionOptions& compression) {
  uint8_t nonce[16];
  if (!random_->Take(nonce, sizeof nonce)) return false;
  opening_ = std::make_unique<Opening>();
  opening_->request = std::move(request);
  opening_->compression = compression;
  if (compression.offered) {
    opening_->request.extensions = deflate::FormatOffer(compression.parameters);
  }
  opening_->key = handshake::EncodeKey(nonce);
  const std::string bytes = handshake::WriteRequest(opening_->request, opening_->key);
  return output_.Append(bytes.data(), bytes.size());
}

const handshake::Response* Connection::response() const {
  return opening_ != nullptr && opening_->reader.has_head() ? &opening_->reader.response()
                                                            : nullptr;
}

const handshake::Accepted& Connection::accepted() const {
  static const handshake::Accepted kNothing;
  return accepted_ != nullptr ? *accepted_ : kNothing;
}

std::string_view Connection::close_reason() const {
  return close_reason_ != nullptr ? std::string_view(*close_reason_) : std::string_view();
}

std::string_view Connection::last_pong() const {
  return {reinterpret_cast<const char*>(last_pong_), last_pong_size_};
}

const uint8_t* Connection::ReceiveHead(const uint8_t* p, const uint8_t* end) {
  size_t taken = 0;
  const auto status = opening_->reader.Receive(p, static_cast<size_t>(end - p), &taken);
  if (status == ResponseReader::Status::kFailed) {
    error_ = opening_->reader.error();
    Move(Event::kFailed);
  } else if (status != ResponseReader::Status::kNeedMore) {
    handshake::Accepted accepted;
    error_ = handshake::CheckResponse(opening_->request, opening_->key, opening_->reader.response(),
                                      &accepted);
    if (!error_) error_ = AcceptExtensions(accepted.extensions);
    if (!accepted.subprotocol.empty() || !accepted.extensions.empty()) {
      accepted_ = std::make_unique<handshake::Accepted>(std::move(accepted));
    }
    Move(error_ ? Event::kFailed : Event::kAccepted);
  }
  return p + taken;
}

void Connection::Opened() { opening_.reset(); }

// The server can have chosen only permessage-deflate, since no other extension is offered.
Error Connection::AcceptExtensions(std::string_view extensions) {
  std::vector<handshake::Extension> chosen;
  if (!handshake::ParseExtensions(extensions, &chosen)) return {};
  const CompressionOptions& options = opening_->compression;
  deflate::Agreed agreed;
  Error error = deflate::ValidateAnswer(options.parameters, chosen.front().parameters, &agreed);
  if (!error) {
    compression_ = std::make_unique<Compression>(agreed, options, limits_.max_message_bytes);
  }
  return error;
}

size_t Connection::compression_bytes() const {
  return compression_ == nullptr
             ? 0
             : compression_->inflater.zlib_bytes() + compression_->deflater.zlib_bytes();
}

void Connection::TransportEnded(Error why) {
  if (state_ == State::kOpening && opening_ != nullptr &&
      (why.code == ErrorCode::kClosedAbnormally || opening_->reader.has_head())) {
    handshake::Accepted nothing;
    const bool complete = opening_->reader.End() == ResponseReader::Status::kComplete;
    why = complete ? handshake::CheckResponse(opening_->request, opening_->key,
                                              opening_->reader.response(), &nothing)
                   : opening_->reader.error();
  }
  if (state_ != State::kClosed && !error_) error_ = std::move(why);
  Move(Event::kFailed);
}

// RFC 6455 section 7.1.7: "an endpoint MUST NOT continue to attempt to process data (including a
// responding Close frame) from the remote endpoint after being instructed to _Fail the WebSocket
// Connection_". In kOpen a close frame tells the peer the reason.
void Connection::Fail(Error error) {
  const ErrorRow& row = RowOf(error.code);
  if (state_ == State::kOpen && row.close_code != 0) SendClose(row.close_code, row.text);
  error_ = std::move(error);
  Move(Event::kFailed);
}

}  // namespace wsfd::connection
