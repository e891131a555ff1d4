#include "driver/low_water.h"

#ifndef _WIN32
#include <sys/socket.h>
#endif

namespace wsfd::driver {

#ifdef _WIN32

bool SetLowWaterMark(uv_stream_t*, uint32_t) { return false; }

#else

bool SetLowWaterMark(uv_stream_t* stream, uint32_t bytes) {
  uv_os_fd_t descriptor = -1;
  const int mark = static_cast<int>(bytes);
  return stream->type == UV_TCP &&
         uv_fileno(reinterpret_cast<uv_handle_t*>(stream), &descriptor) == 0 &&
         setsockopt(descriptor, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark) == 0;
}

#endif

}  // namespace wsfd::driver
