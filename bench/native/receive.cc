#include <algorithm>
#include <cstring>
#include <memory>

#include "bench/native/endpoint.h"
#include "bench/native/inflater.h"
#include "bench/native/task.h"
#include "bench/native/usage.h"
#include "frame/header.h"

namespace wsfd::bench {

namespace {

// Room for the largest header, and at least as much as wsfd reads at once.
constexpr size_t kHeader = 14;
constexpr size_t kLeastBuffer = 256 * 1024;

// Counts the whole frames at the front of `data`, reads the header of each and inflates what is
// compressed (`inflater`: nullptr for an uncompressed stream); returns the bytes that they take, or
// `size` + 1 after a frame that breaks a rule.
size_t CountFrames(const uint8_t* data, size_t size, Inflater* inflater, Outcome* outcome) {
  size_t at = 0;
  for (;;) {
    frame::Header header;
    ErrorCode code = ErrorCode::kNone;
    const auto status = frame::ParseHeader(data + at, size - at, &header, &code);
    if (status == frame::HeaderStatus::kFailed) return size + 1;
    if (status == frame::HeaderStatus::kNeedMore) return at;
    if (header.payload_length > size - at - header.size) return at;
    const auto length = static_cast<size_t>(header.payload_length);
    if (inflater != nullptr && !inflater->Inflate(data + at + header.size, length)) return size + 1;
    at += header.size + length;
    ++outcome->messages;
  }
}

// Bytes of a frame from the server.
double FrameSize(const Task& task) {
  return static_cast<double>(task.size + (task.size <= 125 ? 2 : task.size <= 0xFFFF ? 4 : 10));
}

}  // namespace

bool Receive(const Task& task, Outcome* outcome, std::string* error) {
  std::unique_ptr<Tls> tls;
  if (!CreateTls(task, &tls, error)) return false;
  const auto endpoint = Endpoint::Open(task, tls.get(), error);
  if (!endpoint) return false;
  const size_t capacity = std::max(kLeastBuffer, task.size + kHeader);
  const std::unique_ptr<uint8_t[]> buffer(new uint8_t[capacity]);
  std::unique_ptr<Inflater> inflater;
  if (task.window_bits != 0) inflater = std::make_unique<Inflater>(task);
  size_t kept = 0;
  for (Window window(task); window.GoesOn(outcome);) {
    const size_t count = endpoint->Read(buffer.get() + kept, capacity - kept);
    if (count == 0) {
      *error = "the server closed, or a message is larger than the buffer";
      return false;
    }
    if (!task.frames) {
      outcome->messages += static_cast<double>(count) / FrameSize(task);
      continue;
    }
    const size_t size = kept + count;
    const size_t taken = CountFrames(buffer.get(), size, inflater.get(), outcome);
    if (taken > size) {
      *error = "the server sent a bad frame";
      return false;
    }
    kept = size - taken;
    std::memmove(buffer.get(), buffer.get() + taken, kept);
  }
  return true;
}

}  // namespace wsfd::bench
