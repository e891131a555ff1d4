// The whole machine of a connection: what a server sends, what an application asks for and the
// time that passes, in the order that the input says.

#include "fuzz/input.h"
#include "fuzz/machine.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace wsfd::fuzz;  // NOLINT: libFuzzer's function has to be outside
  Input input(data, size);
  Machine machine(&input);
  machine.Open();
  while (!input.empty()) machine.Step();
  machine.Finish();
  return 0;
}
