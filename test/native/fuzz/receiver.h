#ifndef WSFD_TEST_NATIVE_FUZZ_RECEIVER_H_
#define WSFD_TEST_NATIVE_FUZZ_RECEIVER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "connection/connection.h"

namespace wsfd::fuzz {

struct ReceivedMessage {
  bool text;
  std::string payload;
};

// What a client makes of a stream of frames.
struct Received {
  std::vector<ReceivedMessage> messages;
  std::vector<std::string> pongs;  // that it answers with
  ErrorCode error = ErrorCode::kNone;
  bool closed = false;  // a close frame came
  uint16_t close_code = 1006;
  std::string close_reason;
};

// RFC 6455 for a client without extensions, as simple as it can be written: it looks at the whole
// stream at once.
Received ReceiveByTheBook(std::string_view stream, const connection::Limits& limits);

}  // namespace wsfd::fuzz

#endif  // WSFD_TEST_NATIVE_FUZZ_RECEIVER_H_
