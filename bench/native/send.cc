#include <openssl/rand.h>

#include <cstring>
#include <memory>
#include <vector>

#include "base/random_pool.h"
#include "bench/native/endpoint.h"
#include "bench/native/task.h"
#include "bench/native/usage.h"
#include "frame/header.h"
#include "frame/mask.h"

namespace wsfd::bench {

namespace {

// Written to the socket at once.
constexpr size_t kFull = 64 * 1024;

bool Random(void*, uint8_t* data, size_t size) {
  return RAND_bytes(data, static_cast<int>(size)) == 1;
}

// Encodes and masks the same message again and again.
class Encoder {
 public:
  explicit Encoder(const Task& task)
      : opcode_(task.text ? frame::Opcode::kText : frame::Opcode::kBinary),
        message_(task.size, 'x'),
        random_(Random, nullptr) {}

  // Appends one frame at `out`; returns its size.
  size_t Encode(uint8_t* out) {
    uint8_t key[4];
    random_.Take(key, sizeof key);
    const size_t header = frame::WriteClientHeader(out, opcode_, true, false, message_.size(), key);
    frame::ApplyMaskCopy(out + header, message_.data(), message_.size(), key);
    return header + message_.size();
  }

 private:
  frame::Opcode opcode_;
  std::vector<uint8_t> message_;
  RandomPool random_;
};

}  // namespace

bool Send(const Task& task, Outcome* outcome, std::string* error) {
  std::unique_ptr<Tls> tls;
  if (!CreateTls(task, &tls, error)) return false;
  const auto endpoint = Endpoint::Open(task, tls.get(), error);
  if (!endpoint) return false;
  Encoder encoder(task);
  std::vector<uint8_t> out(kFull + task.size + frame::kMaxClientHeader);
  for (Window window(task); window.GoesOn(outcome);) {
    size_t size = 0;
    while (size < kFull) {
      size += encoder.Encode(out.data() + size);
      ++outcome->messages;
    }
    if (!endpoint->Write(out.data(), size)) {
      *error = "the server closed";
      return false;
    }
  }
  return true;
}

}  // namespace wsfd::bench
