#include "tls/wire.h"

#include <algorithm>
#include <cstring>
#include <mutex>

namespace wsfd::tls {

namespace {

Wire* WireOf(BIO* bio) { return static_cast<Wire*>(BIO_get_data(bio)); }

// OpenSSL reads the retry flags only after a failure, so success need not clear them.
int Read(BIO* bio, char* to, size_t size, size_t* count) {
  Wire* wire = WireOf(bio);
  *count = std::min(size, wire->input_left);
  if (*count == 0) {
    BIO_clear_retry_flags(bio);
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(to, wire->input, *count);
  wire->input += *count;
  wire->input_left -= *count;
  return 1;
}

int Write(BIO* bio, const char* from, size_t size, size_t* count) {
  Wire* wire = WireOf(bio);
  *count = size;
  if (wire->output.Append(from, size)) return 1;
  wire->out_of_memory = true;
  *count = 0;
  BIO_clear_retry_flags(bio);
  return 0;
}

// OpenSSL's `long`: no fixed-width type equals it on both Windows and Linux.
using Long = decltype(BIO_ctrl(nullptr, 0, 0, nullptr));

// TLS flushes, and accepts 0 for all other commands.
Long Control(BIO*, int command, Long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* MakeMethod() {
  const int index = BIO_get_new_index();
  BIO_METHOD* method = index == -1 ? nullptr : BIO_meth_new(index | BIO_TYPE_SOURCE_SINK, "wsfd");
  if (method == nullptr) return nullptr;
  if (BIO_meth_set_read_ex(method, Read) == 1 && BIO_meth_set_write_ex(method, Write) == 1 &&
      BIO_meth_set_ctrl(method, Control) == 1) {
    return method;
  }
  BIO_meth_free(method);
  return nullptr;
}

// Never freed: a BIO may be freed until the process ends. nullptr if memory ran out, this time.
BIO_METHOD* Method() {
  static std::mutex mutex;
  static BIO_METHOD* method = nullptr;
  const std::lock_guard<std::mutex> lock(mutex);
  if (method == nullptr) method = MakeMethod();
  return method;
}

}  // namespace

BIO* NewWireBio(Wire* wire) {
  BIO_METHOD* const method = Method();
  BIO* bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio != nullptr) BIO_set_data(bio, wire);
  return bio;
}

}  // namespace wsfd::tls
