#ifndef WSFD_BENCH_NATIVE_INFLATER_H_
#define WSFD_BENCH_NATIVE_INFLATER_H_

// zlib's input pointer is then one to const.
#define ZLIB_CONST
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <memory>

#include "bench/native/task.h"

namespace wsfd::bench {

// zlib and nothing else: what each compressed message of a task costs at least.
class Inflater {
 public:
  explicit Inflater(const Task& task);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Inflates a message's payload into memory that is used again and again. False unless it comes to
  // the task's size.
  bool Inflate(const uint8_t* payload, size_t size);

 private:
  bool Add(const uint8_t* data, size_t size);

  const size_t size_;
  const bool takeover_;
  const std::unique_ptr<uint8_t[]> message_;
  z_stream z_ = {};
  bool good_;
};

}  // namespace wsfd::bench

#endif  // WSFD_BENCH_NATIVE_INFLATER_H_
