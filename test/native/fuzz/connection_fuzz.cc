// The whole machine of a connection: what a server sends, what an application asks for and the
// time that passes, in the order that the input says.

#include "test/native/fuzz/input.h"
#include "test/native/fuzz/machine.h"

namespace wsfd::fuzz {

void Run(Input* input) {
  Machine machine(input);
  machine.Open();
  while (!input->empty()) machine.Step();
  machine.Finish();
}

}  // namespace wsfd::fuzz
