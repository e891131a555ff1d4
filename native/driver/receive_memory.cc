#include "driver/receive_memory.h"

#include <new>

namespace wsfd::driver {

ReceiveMemory::Owner ReceiveMemory::Create() noexcept {
  // (not ReceiveMemory(), which would fill the bytes with zeros)
  return Owner(new (std::nothrow) ReceiveMemory);
}

ReceiveMemory::Owner ReceiveMemory::Share() noexcept {
  owners_++;
  return Owner(this);
}

void ReceiveMemory::ReleaseOne() noexcept {
  if (--owners_ == 0) delete this;
}

}  // namespace wsfd::driver
