#include "deflate/parameters.h"

#include <algorithm>
#include <iterator>

#include "base/quote.h"

namespace wsfd::deflate {

namespace {

enum Name : size_t {
  kClientNoContextTakeover,
  kServerNoContextTakeover,
  kClientMaxWindowBits,
  kServerMaxWindowBits,
};
constexpr std::string_view kNames[] = {
    "client_no_context_takeover",
    "server_no_context_takeover",
    "client_max_window_bits",
    "server_max_window_bits",
};

std::string Text(Name name) { return std::string(kNames[name]); }

Error Refuse(const std::string& expected, const std::string& came) {
  std::string detail("Sec-WebSocket-Extensions: ");
  detail.append(kExtensionName).append(": expected ").append(expected);
  return Error(ErrorCode::kHandshakeExtensionInvalid, detail.append(", got ").append(came));
}

// RFC 7692 section 7.1.1: the parameter "has no value".
Error ParseFlag(Name name, const std::string& value, bool* flag) {
  if (!value.empty()) return Refuse(Text(name) + " without a value", Quote(value));
  *flag = true;
  return {};
}

// RFC 7692 section 7.1.2: the value is "a decimal integer value without leading zeroes between 8 to
// 15, inclusive"; `most` is the largest allowed here. An answer must have the value.
Error ParseWindowBits(Name name, const std::string& value, int most, int* bits) {
  for (int candidate = kMinWindowBits; candidate <= most; candidate++) {
    if (value != std::to_string(candidate)) continue;
    *bits = candidate;
    return {};
  }
  const std::string range = std::to_string(kMinWindowBits) + " to " + std::to_string(most);
  return Refuse(Text(name) + " of " + range, value.empty() ? "no value" : Quote(value));
}

Error ParseParameter(const Options& options, Name name, const std::string& value, Agreed* agreed) {
  switch (name) {
    case kClientNoContextTakeover:
      return ParseFlag(name, value, &agreed->client_no_context_takeover);
    case kServerNoContextTakeover:
      return ParseFlag(name, value, &agreed->server_no_context_takeover);
    case kServerMaxWindowBits:
      // RFC 7692 section 7.1.2.1: the server accepts "with the same or smaller value as the offer".
      return ParseWindowBits(name, value, options.server_max_window_bits,
                             &agreed->server_window_bits);
    case kClientMaxWindowBits:
      break;
  }
  // RFC 7692 section 7.1.2.2: "If a received extension negotiation offer doesn't have the
  // "client_max_window_bits" extension parameter, the corresponding extension negotiation response
  // to the offer MUST NOT include the "client_max_window_bits" extension parameter."
  if (options.client_max_window_bits == 0) return Refuse("no " + Text(name), Quote(value));
  // The value of our offer is "a hint": the answer may have "a value greater than the one in the
  // extension negotiation offer", and our window is within both.
  int answered = 0;
  Error error = ParseWindowBits(name, value, kMaxWindowBits, &answered);
  if (!error) agreed->client_window_bits = std::min(options.client_max_window_bits, answered);
  return error;
}

}  // namespace

std::string FormatOffer(const Options& options) {
  std::string offer(kExtensionName);
  const auto add = [&offer](Name name) { offer.append("; ").append(kNames[name]); };
  const auto add_bits = [&](Name name, int bits) {
    add(name);
    offer.append("=").append(std::to_string(bits));
  };
  if (options.client_no_context_takeover) add(kClientNoContextTakeover);
  if (options.server_no_context_takeover) add(kServerNoContextTakeover);
  if (options.server_max_window_bits != kMaxWindowBits) {
    add_bits(kServerMaxWindowBits, options.server_max_window_bits);
  }
  if (options.client_max_window_bits == kMaxWindowBits) {
    add(kClientMaxWindowBits);
  } else if (options.client_max_window_bits != 0) {
    add_bits(kClientMaxWindowBits, options.client_max_window_bits);
  }
  return offer;
}

// RFC 7692 section 7.1: "A client MUST _Fail the WebSocket Connection_ if the peer server accepted
// an extension negotiation offer for this extension with an extension negotiation response meeting
// any of the following conditions": a parameter that is not defined for a response, an invalid
// value, several parameters with the same name, a configuration that the client does not support.
//
// An answer without a server_no_context_takeover or server_max_window_bits that was offered is none
// of these: it costs memory, but every window can be inflated. Some servers answer so (uWebSockets
// with a compressor for each connection).
Error ValidateAnswer(const Options& options, const ParameterList& parameters, Agreed* agreed) {
  Agreed result;
  result.enabled = true;
  // RFC 7692 sections 7.1.1.2 and 7.1.2.2: a client keeps to its own part of the offer "even if the
  // server doesn't include" it in its answer.
  result.client_no_context_takeover = options.client_no_context_takeover;
  if (options.client_max_window_bits != 0) {
    result.client_window_bits = options.client_max_window_bits;
  }
  bool seen[std::size(kNames)] = {};
  for (const auto& [name, value] : parameters) {
    const auto* known = std::find(std::begin(kNames), std::end(kNames), name);
    if (known == std::end(kNames)) return Refuse("a parameter of RFC 7692", Quote(name));
    const auto which = static_cast<Name>(known - std::begin(kNames));
    if (seen[which]) return Refuse(name + " once", "it again");
    seen[which] = true;
    if (Error error = ParseParameter(options, which, value, &result)) return error;
  }
  *agreed = result;
  return {};
}

}  // namespace wsfd::deflate
