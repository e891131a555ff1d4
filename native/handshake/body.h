#ifndef WSFD_HANDSHAKE_BODY_H_
#define WSFD_HANDSHAKE_BODY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "handshake/request.h"

namespace wsfd::handshake {

// Reads the beginning of a response's body (RFC 9112 section 6), which only describes an error.
// Invalid framing therefore ends the body, and the head stays valid.
class BodyReader {
 public:
  // `most`: how many bytes of the body are kept.
  explicit BodyReader(size_t most) : most_(most) {}

  // Chooses how the body is delimited. False when Content-Length is not one number.
  bool Begin(int status, const HeaderList& headers);
  // Appends body bytes to *kept, which holds those of earlier calls. Returns how many of `bytes`
  // were taken: all, unless done().
  size_t Receive(std::string_view bytes, std::string* kept);
  // The body has ended, or `most` bytes are kept.
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State : uint8_t {
    kData,
    kChunkSize,
    kChunkExtension,
    kChunkSizeEnd,  // the line feed behind a chunk's size
    kChunkEnd,      // the carriage return behind a chunk's data
    kChunkEndLine,  // the line feed behind that
    kDone,
  };

  State AfterFramingByte(char byte);
  State AfterSizeByte(char byte);

  size_t most_;
  State state_ = State::kDone;
  bool chunked_ = false;
  uint64_t remaining_ = 0;    // of the body or of the chunk
  size_t framing_bytes_ = 0;  // that were not data
};

}  // namespace wsfd::handshake

#endif  // WSFD_HANDSHAKE_BODY_H_
