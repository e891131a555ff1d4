// The codec's fast paths against the sentences of the RFCs: UTF-8 whole and in pieces, its
// transcoding, masks, frame headers and close payloads.

#include <string>
#include <vector>

#include "frame/header.h"
#include "frame/mask.h"
#include "frame/transcode.h"
#include "frame/utf8.h"
#include "test/native/fuzz/input.h"
#include "test/native/reference/reference.h"

namespace wsfd::fuzz {

namespace {

void Validate(std::string_view text, uint8_t cuts) {
  Exact exact(text);
  const bool utf8 = reference::IsUtf8(exact.data(), exact.size());
  const bool ascii = reference::IsAscii(exact.data(), exact.size());
  Check(frame::IsUtf8(exact.data(), exact.size()) == utf8, "IsUtf8 is its reference");
  Check(frame::IsAscii(exact.data(), exact.size()) == ascii, "IsAscii is its reference");
  frame::Utf8Stream stream;
  Cutter cutter(cuts);
  bool good = true;
  for (size_t taken = 0; taken < text.size();) {
    const size_t size = cutter.Next(text.size() - taken);
    Exact portion(text.substr(taken, size));
    const bool now = stream.Append(portion.data(), portion.size());
    Check(good || !now, "a stream that failed stays so");
    good = now;
    taken += size;
  }
  Check((good && stream.AtBoundary()) == utf8, "UTF-8 in pieces is UTF-8");
  Check(!good || stream.ascii() == ascii, "ASCII in pieces is ASCII");
}

void Transcode(std::string_view text) {
  Exact utf8(text);
  if (!reference::IsUtf8(utf8.data(), utf8.size())) return;
  const bool latin1 = reference::IsLatin1(utf8.data(), utf8.size());
  Check(frame::IsLatin1(utf8.data(), utf8.size()) == latin1, "IsLatin1 is its reference");
  std::vector<char16_t> wide(text.size()), expected_wide(text.size());
  const size_t units = frame::Utf8ToUtf16(utf8.data(), utf8.size(), wide.data());
  Check(units == reference::Utf8ToUtf16(utf8.data(), utf8.size(), expected_wide.data()) &&
            std::equal(wide.begin(), wide.begin() + static_cast<ptrdiff_t>(units),
                       expected_wide.begin()),
        "Utf8ToUtf16 is its reference");
  if (!latin1) return;
  std::vector<uint8_t> narrow(text.size()), expected(text.size());
  const size_t count = frame::Utf8ToLatin1(utf8.data(), utf8.size(), narrow.data());
  Check(count == reference::Utf8ToLatin1(utf8.data(), utf8.size(), expected.data()) &&
            std::equal(narrow.begin(), narrow.begin() + static_cast<ptrdiff_t>(count),
                       expected.begin()),
        "Utf8ToLatin1 is its reference");
}

void Mask(std::string_view bytes, const uint8_t key[4], unsigned phase) {
  Exact original(bytes), fast(bytes), slow(bytes), copy(bytes);
  frame::ApplyMask(fast.data(), fast.size(), key, phase);
  reference::ApplyMask(slow.data(), slow.size(), key, phase);
  frame::ApplyMaskCopy(copy.data(), original.data(), original.size(), key, phase);
  const std::string_view expected = TextOf(slow.data(), slow.size());
  Check(TextOf(fast.data(), fast.size()) == expected, "ApplyMask is its reference");
  Check(TextOf(copy.data(), copy.size()) == expected, "ApplyMaskCopy is its reference");
}

// What is found at the first byte that breaks a rule is found with any more bytes too.
void ParseHeaders(std::string_view bytes, const uint8_t key[4]) {
  ErrorCode code = ErrorCode::kNone;
  frame::Header header = {};
  frame::HeaderStatus status = frame::HeaderStatus::kNeedMore;
  for (size_t size = 0; size <= bytes.size() && size <= frame::kMaxServerHeader + 1; size++) {
    Exact exact(bytes.substr(0, size));
    frame::Header now = {};
    ErrorCode why = ErrorCode::kNone;
    const frame::HeaderStatus next = frame::ParseHeader(exact.data(), size, &now, &why);
    if (status != frame::HeaderStatus::kNeedMore) {
      Check(next == status && why == code, "more bytes do not change a header");
      continue;
    }
    status = next;
    code = why;
    if (status == frame::HeaderStatus::kComplete) header = now;
  }
  if (status != frame::HeaderStatus::kComplete) return;
  Check(header.size <= bytes.size(), "a header is as long as what it was read of");
  uint8_t written[frame::kMaxClientHeader];
  const size_t size = frame::WriteClientHeader(written, header.opcode, header.fin, header.rsv1,
                                               header.payload_length, key);
  Check(size == size_t{header.size} + 4, "a client's header has a key more");
  Check(written[0] == BytesOf(bytes)[0] && written[1] == (BytesOf(bytes)[1] | 0x80) &&
            std::memcmp(written + 2, bytes.data() + 2, header.size - 2u) == 0 &&
            std::memcmp(written + header.size, key, 4) == 0,
        "a header that is written is the one that was read");
}

void ParseClose(std::string_view bytes) {
  Exact exact(bytes);
  frame::ClosePayload payload;
  if (frame::ParseClosePayload(exact.data(), exact.size(), &payload) != ErrorCode::kNone) return;
  if (bytes.empty()) return Check(payload.code == 1005, "no payload is no code");
  Check(bytes.size() >= 2 && payload.reason_size == bytes.size() - 2, "the reason is the rest");
  Check(frame::IsSendableCloseCode(payload.code), "a code that came may be sent");
  Check(reference::IsUtf8(exact.data() + 2, exact.size() - 2), "a reason is UTF-8");
}

}  // namespace

void Run(Input* input) {
  const uint8_t cuts = input->Byte();
  const unsigned phase = input->Byte() % 4;
  uint8_t key[4];
  for (uint8_t& byte : key) byte = input->Byte();
  const std::string_view rest = input->Rest();
  Validate(rest, cuts);
  Transcode(rest);
  Mask(rest, key, phase);
  ParseHeaders(rest, key);
  ParseClose(rest);
}

}  // namespace wsfd::fuzz
