#ifndef WSFD_TLS_UNSENT_ANSWERS_H_
#define WSFD_TLS_UNSENT_ANSWERS_H_

#include <cstddef>

#include "base/byte_queue.h"
#include "base/error.h"

namespace wsfd::tls {

// Bounds OpenSSL's own answers to a peer (to a KeyUpdate, to a HelloRequest): a peer that wants
// answers and does not read them gets no more memory. Counts what reading added to the output since
// it was empty.
class UnsentAnswers {
 public:
  void BeforeRead(const ByteQueue& output) {
    size_before_ = output.size();
    if (size_before_ == 0) bytes_ = 0;
  }
  // kNone while the peer may go on.
  Error AfterRead(const ByteQueue& output) {
    bytes_ += output.size() - size_before_;
    if (bytes_ <= kMost) return {};
    return Error(ErrorCode::kTlsFailed, "the server wants answers and does not take them");
  }

 private:
  // About two thousand answers of 30 bytes.
  static constexpr size_t kMost = 64 * 1024;

  size_t bytes_ = 0;
  size_t size_before_ = 0;
};

}  // namespace wsfd::tls

#endif  // WSFD_TLS_UNSENT_ANSWERS_H_
