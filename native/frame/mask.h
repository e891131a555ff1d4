#ifndef WSFD_FRAME_MASK_H_
#define WSFD_FRAME_MASK_H_

#include <cstddef>
#include <cstdint>

namespace wsfd::frame {

// XORs `size` bytes in place with the masking key (RFC 6455 section 5.3), beginning at octet
// `phase` (0 to 3) of the key.
void ApplyMask(uint8_t* data, size_t size, const uint8_t key[4], unsigned phase = 0);

// The same while copying; `to` and `from` do not overlap.
void ApplyMaskCopy(uint8_t* to, const uint8_t* from, size_t size, const uint8_t key[4],
                   unsigned phase = 0);

}  // namespace wsfd::frame

#endif  // WSFD_FRAME_MASK_H_
