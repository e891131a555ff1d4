#ifndef WSFD_DRIVER_LOW_WATER_H_
#define WSFD_DRIVER_LOW_WATER_H_

#include <uv.h>

#include <cstdint>

namespace wsfd::driver {

// Sets SO_RCVLOWAT: the system reports `stream` as readable once `bytes` have come, or its end. A
// new socket has 1. False where that cannot be set: on what is no TCP, on Windows, and on a stream
// that the system does not have any more.
bool SetLowWaterMark(uv_stream_t* stream, uint32_t bytes);

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_LOW_WATER_H_
