#ifndef WSFD_DRIVER_FAILURE_H_
#define WSFD_DRIVER_FAILURE_H_

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "handshake/response.h"
#include "tls/session.h"

namespace wsfd::driver {

// Why an operation failed: the error, and details that the driver has.
struct Failure {
  Error error;
  int uv_error = 0;               // UV_E*, negative; 0: not a system error
  const char* syscall = nullptr;  // static
  std::string address;            // IP address; may be empty
  int port = 0;
  std::shared_ptr<const handshake::Response> response;  // of a refused handshake
  std::vector<tls::CertificateError> certificate_errors;

  Failure() = default;
  explicit Failure(Error e) : error(std::move(e)) {}
};

// The failure of a libuv call. EMFILE and ENFILE give NoFreeSockets; ENOMEM, ENOBUFS and EAI_MEMORY
// give OutOfMemory; others give `code`.
Failure SystemFailure(ErrorCode code, int uv_error, const char* syscall);

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_FAILURE_H_
