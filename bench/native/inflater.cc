#include "bench/native/inflater.h"

namespace wsfd::bench {

Inflater::Inflater(const Task& task)
    : size_(task.size),
      takeover_(task.takeover),
      // One byte more, so that zlib never waits for room.
      message_(new uint8_t[task.size + 1]),
      good_(inflateInit2(&z_, -task.window_bits) == Z_OK) {}

Inflater::~Inflater() { inflateEnd(&z_); }

bool Inflater::Inflate(const uint8_t* payload, size_t size) {
  // RFC 7692 section 7.2.2.
  static constexpr uint8_t kTail[] = {0x00, 0x00, 0xFF, 0xFF};
  z_.next_out = message_.get();
  z_.avail_out = static_cast<uInt>(size_ + 1);
  good_ = good_ && Add(payload, size) && Add(kTail, sizeof kTail) && z_.avail_out == 1;
  if (!takeover_) good_ = good_ && inflateReset(&z_) == Z_OK;
  return good_;
}

bool Inflater::Add(const uint8_t* data, size_t size) {
  z_.next_in = data;
  z_.avail_in = static_cast<uInt>(size);
  return inflate(&z_, Z_NO_FLUSH) == Z_OK && z_.avail_in == 0;
}

}  // namespace wsfd::bench
