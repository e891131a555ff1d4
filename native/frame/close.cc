#include "frame/header.h"
#include "frame/utf8.h"

namespace wsfd::frame {

bool IsSendableCloseCode(uint16_t code) {
  // RFC 6455 section 7.4.2: 3000 to 3999 are for libraries and frameworks, 4000 to 4999 for private
  // use.
  if (code >= 3000) return code <= 4999;
  switch (code) {
    case 1000:  // RFC 6455 section 7.4.1 names these
    case 1001:
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
    case 1010:
    case 1011:
    case 1012:  // and IANA's registry of close codes these
    case 1013:
    case 1014:
      return true;
    // RFC 6455 section 7.4.1 of 1005, 1006 and 1015: "MUST NOT be set as a status code in a Close
    // control frame by an endpoint"; 1004 is reserved, and the rest has no meaning.
    default:
      return false;
  }
}

ErrorCode ParseClosePayload(const uint8_t* data, size_t size, ClosePayload* payload) {
  if (size == 0) {
    *payload = ClosePayload{};
    return ErrorCode::kNone;
  }
  // RFC 6455 section 5.5.1: "If there is a body, the first two bytes of the body MUST be a 2-byte
  // unsigned integer (in network byte order) representing a status code".
  if (size < 2) return ErrorCode::kClosePayloadInvalid;
  const auto code = static_cast<uint16_t>(data[0] << 8 | data[1]);
  if (!IsSendableCloseCode(code)) return ErrorCode::kCloseCodeInvalid;
  // RFC 6455 section 5.5.1: "the body MAY contain UTF-8-encoded data"; by section 8.1 other data
  // fails the connection.
  if (!IsUtf8(data + 2, size - 2)) return ErrorCode::kCloseReasonNotUtf8;
  payload->code = code;
  payload->reason = reinterpret_cast<const char*>(data + 2);
  payload->reason_size = size - 2;
  return ErrorCode::kNone;
}

}  // namespace wsfd::frame
