#include "tls/random.h"

#include <openssl/rand.h>

#include "tls/failure.h"

namespace wsfd::tls {

bool FillRandom(void*, uint8_t* data, size_t size) {
  if (RAND_bytes(data, static_cast<int>(size)) == 1) return true;
  ClearErrors();
  return false;
}

}  // namespace wsfd::tls
