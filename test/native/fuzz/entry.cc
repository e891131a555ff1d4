// What libFuzzer calls, once for each input.

#include "test/native/fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  wsfd::fuzz::Input input(data, size);
  wsfd::fuzz::Run(&input);
  return 0;
}
