#ifndef WSFD_TLS_RANDOM_H_
#define WSFD_TLS_RANDOM_H_

#include <cstddef>
#include <cstdint>

namespace wsfd::tls {

// A RandomPool::Source: OpenSSL's generator, as for node:crypto, which the system's generator
// seeds. `size` is at most INT_MAX. False when it fails.
bool FillRandom(void* context, uint8_t* data, size_t size);

}  // namespace wsfd::tls

#endif  // WSFD_TLS_RANDOM_H_
