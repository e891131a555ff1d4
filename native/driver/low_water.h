#ifndef WSFD_DRIVER_LOW_WATER_H_
#define WSFD_DRIVER_LOW_WATER_H_

#include <uv.h>

#include <cstdint>

namespace wsfd::driver {

// Sets SO_RCVLOWAT: the system reports `stream` as readable once `bytes` bytes, or its end, have
// arrived. The default is 1. False if it cannot be set: on a pipe, on Windows, and on a connection
// that the system has dropped.
bool SetLowWaterMark(uv_stream_t* stream, uint32_t bytes);

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_LOW_WATER_H_
