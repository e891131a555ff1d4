// permessage-deflate: what a peer compressed, however wrong, within a limit; what we compress, back
// to what it was; and the parameters of an answer.

#include <memory>
#include <string>
#include <vector>

#include "deflate/deflater.h"
#include "deflate/inflater.h"
#include "deflate/parameters.h"
#include "handshake/extension.h"
#include "test/native/fuzz/input.h"
#include "test/native/fuzz/peer.h"

namespace wsfd::fuzz {

namespace {

using deflate::Inflater;

struct Inflated {
  ErrorCode error = ErrorCode::kNone;
  std::vector<std::string> messages;
};

Inflated InflateCut(const std::vector<std::string_view>& payloads, int window_bits, bool forgets,
                    uint64_t limit, uint8_t cuts) {
  Inflater inflater(window_bits, forgets, limit);
  Inflated result;
  for (const std::string_view payload : payloads) {
    ByteQueue out;
    Check(out.Append("before", 6), "there is memory for a message");
    Cutter cutter(cuts);
    Error error;
    for (size_t at = 0; at < payload.size() && !error;) {
      const Exact portion(payload.substr(at, cutter.Next(payload.size() - at)));
      at += portion.size();
      error = inflater.Append(portion.data(), portion.size(), &out);
      Check(out.size() - 6 <= limit, "nothing is inflated past the limit");
    }
    if (!error) error = inflater.Finish();
    Check(TextOf(out.data(), 6) == "before", "what was there stays");
    result.error = error.code;
    if (error) return result;
    result.messages.emplace_back(TextOf(out.data() + 6, out.size() - 6));
    // As after each batch: without context takeover it gives memory back.
    if ((cuts & 1) != 0) inflater.Release();
  }
  return result;
}

// What any bytes inflate to does not depend on how they came, and what zlib itself makes of them
// is the same.
void InflateAnything(Input* input) {
  const uint8_t cuts = input->Byte();
  const uint8_t flags = input->Byte();
  const int window_bits = 8 + static_cast<int>(flags & 7);
  const bool forgets = (flags & 8) != 0;
  static constexpr uint64_t kLimits[] = {1 << 20, 0, 1, 100, 4096, 70000};
  const uint64_t limit = kLimits[input->Below(std::size(kLimits))];
  std::vector<std::string_view> payloads;
  while (!input->empty()) payloads.push_back(input->Piece());
  const Inflated whole = InflateCut(payloads, window_bits, forgets, limit, 0);
  for (const uint8_t other : {uint8_t{1}, cuts}) {
    const Inflated cut = InflateCut(payloads, window_bits, forgets, limit, other);
    Check(cut.error == whole.error && cut.messages == whole.messages, "the same messages");
  }
  Zlib zlib(Zlib::Direction::kInflate, window_bits, forgets);
  for (size_t i = 0; i < whole.messages.size(); i++) {
    std::string message;
    // zlib stops at the end of a block with BFINAL, at the four bytes behind one that is complete.
    if (!zlib.Inflate(payloads[i], &message)) return;
    Check(message == whole.messages[i], "zlib inflates the same");
  }
}

void RoundTrip(Input* input) {
  const uint8_t flags = input->Byte();
  const int window_bits = 9 + static_cast<int>(input->Below(7));
  const bool forgets = (flags & 1) != 0;
  const int level = static_cast<int>(input->Below(11)) - 1;
  const int mem_level = 1 + static_cast<int>(input->Below(9));
  deflate::Deflater deflater(window_bits, forgets, level, mem_level);
  Inflater inflater(window_bits, forgets, 1 << 20);
  Zlib zlib(Zlib::Direction::kInflate, window_bits, forgets);
  while (!input->empty()) {
    const size_t times = 1 + ((flags & 2) != 0 ? input->Byte() : 0);
    const std::string_view piece = input->Piece();
    std::string message;
    for (size_t i = 0; i < times; i++) message.append(piece);
    const Exact exact(message);
    ByteQueue payload;
    Check(deflater.Deflate(exact.data(), exact.size(), &payload) == ErrorCode::kNone,
          "a message can be deflated");
    const Exact compressed(TextOf(payload.data(), payload.size()));
    Check(compressed.size() != 0, "a payload has a byte at least");
    ByteQueue out;
    Check(!inflater.Append(compressed.data(), compressed.size(), &out) && !inflater.Finish(),
          "what we deflate we can inflate");
    Check(TextOf(out.data(), out.size()) == message, "a message comes back");
    std::string other;
    Check(zlib.Inflate(TextOf(compressed.data(), compressed.size()), &other) && other == message,
          "a message comes back from zlib");
    if ((flags & 4) != 0 && message.size() % 3 == 0) deflater.Release();
    if ((flags & 8) != 0) inflater.Release();
  }
}

bool IsBits(const std::string& value, int most, int* bits) {
  for (int i = 8; i <= most; i++) {
    if (value == std::to_string(i)) *bits = i;
  }
  return *bits != 0;
}

// RFC 7692 section 7.1 once more: true if the answer is good.
bool AcceptsByTheBook(const deflate::Options& options, const deflate::ParameterList& parameters) {
  std::string seen;
  for (const auto& [name, value] : parameters) {
    if (seen.find(" " + name + ";") != std::string::npos) return false;
    seen += " " + name + ";";
    int bits = 0;
    if (name == "client_no_context_takeover" || name == "server_no_context_takeover") {
      if (!value.empty()) return false;
    } else if (name == "server_max_window_bits") {
      if (!IsBits(value, options.server_max_window_bits, &bits)) return false;
    } else if (name == "client_max_window_bits") {
      // Section 7.1.2.2: the value of an offer is a hint, which the answer may exceed; without an
      // offer there is no answer.
      if (options.client_max_window_bits == 0) return false;
      if (!IsBits(value, deflate::kMaxWindowBits, &bits)) return false;
    } else {
      return false;
    }
  }
  return true;
}

void Negotiate(Input* input) {
  deflate::Options options;
  const uint8_t flags = input->Byte();
  options.client_no_context_takeover = (flags & 1) != 0;
  options.server_no_context_takeover = (flags & 2) != 0;
  const int client_bits = static_cast<int>(input->Below(9));
  options.client_max_window_bits = client_bits == 8 ? 0 : 15 - client_bits;
  options.server_max_window_bits = 15 - static_cast<int>(input->Below(8));
  std::vector<handshake::Extension> offer, answer;
  Check(handshake::ParseExtensions(deflate::FormatOffer(options), &offer) && offer.size() == 1 &&
            offer[0].name == deflate::kExtensionName,
        "an offer is one extension");
  std::string text(deflate::kExtensionName);
  text.append(input->Rest());
  if (!handshake::ParseExtensions(text, &answer) || answer[0].name != deflate::kExtensionName) {
    return;
  }
  deflate::Agreed agreed;
  const Error error = deflate::ValidateAnswer(options, answer[0].parameters, &agreed);
  Check(!error == AcceptsByTheBook(options, answer[0].parameters), "an answer is judged right");
  Check(!error == agreed.enabled, "what is refused changes nothing");
  if (error) return Check(error.detail.size() < 512, "a detail is short");
  Check(agreed.client_window_bits >= 8 && agreed.server_window_bits >= 8 &&
            agreed.server_window_bits <= 15 &&
            agreed.client_window_bits <=
                (options.client_max_window_bits == 0 ? 15 : options.client_max_window_bits),
        "windows are within the offer");
  Check(agreed.client_no_context_takeover || !options.client_no_context_takeover,
        "what was promised is kept");
}

}  // namespace

void Run(Input* input) {
  switch (input->Below(3)) {
    case 0:
      InflateAnything(input);
      break;
    case 1:
      RoundTrip(input);
      break;
    default:
      Negotiate(input);
  }
}

}  // namespace wsfd::fuzz
