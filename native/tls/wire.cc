#include "tls/wire.h"

#include <algorithm>
#include <cstring>

namespace wsfd::tls {

namespace {

Wire* WireOf(BIO* bio) { return static_cast<Wire*>(BIO_get_data(bio)); }

// OpenSSL looks at the retry flags after a failure alone, so that success need not clear them.
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

long Control(BIO* bio, int command, long, void*) {  // NOLINT: OpenSSL's signature
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_PENDING:
      return static_cast<long>(WireOf(bio)->input_left);  // NOLINT: OpenSSL's type
    case BIO_CTRL_WPENDING:
      return static_cast<long>(WireOf(bio)->output.size());  // NOLINT: OpenSSL's type
    default:
      return 0;
  }
}

// Lives as long as the process: a BIO may be freed at any time up to its end.
BIO_METHOD* MakeMethod() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wsfd");
  if (method == nullptr) return nullptr;
  BIO_meth_set_read_ex(method, Read);
  BIO_meth_set_write_ex(method, Write);
  BIO_meth_set_ctrl(method, Control);
  return method;
}

}  // namespace

BIO* NewWireBio(Wire* wire) {
  static BIO_METHOD* const method = MakeMethod();
  BIO* bio = method == nullptr ? nullptr : BIO_new(method);
  if (bio != nullptr) BIO_set_data(bio, wire);
  return bio;
}

}  // namespace wsfd::tls
