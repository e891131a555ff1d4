#include "driver/failure.h"

#include <uv.h>

namespace wsfd::driver {

Failure SystemFailure(ErrorCode code, int uv_error, const char* syscall) {
  const bool no_free = uv_error == UV_EMFILE || uv_error == UV_ENFILE;
  const bool no_memory =
      uv_error == UV_ENOMEM || uv_error == UV_ENOBUFS || uv_error == UV_EAI_MEMORY;
  if (no_free) code = ErrorCode::kNoFreeSockets;
  if (no_memory) code = ErrorCode::kOutOfMemory;
  char text[128];
  Failure failure(Error(code, uv_strerror_r(uv_error, text, sizeof text)));
  failure.uv_error = uv_error;
  failure.syscall = syscall;
  return failure;
}

}  // namespace wsfd::driver
