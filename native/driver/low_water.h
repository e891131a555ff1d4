#ifndef WSFD_DRIVER_LOW_WATER_H_
#define WSFD_DRIVER_LOW_WATER_H_

#include <uv.h>

#include <cstdint>

namespace wsfd::driver {

// Has the system call `stream` readable only when `bytes` of it have come, or its end (SO_RCVLOWAT;
// 1 is what every socket begins with). False where it does not: what is no TCP, Windows, and a
// stream that the system does not have any more.
bool SetLowWaterMark(uv_stream_t* stream, uint32_t bytes);

}  // namespace wsfd::driver

#endif  // WSFD_DRIVER_LOW_WATER_H_
