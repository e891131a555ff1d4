// Gives a target each of the files that are named, once: what libFuzzer's own program does, for
// tools that its sanitizers get in the way of.

#include <cstdio>
#include <string>

#include "test/native/fuzz/input.h"

int main(int count, char** names) {
  for (int i = 1; i < count; i++) {
    std::FILE* file = std::fopen(names[i], "rb");
    wsfd::fuzz::Check(file != nullptr, "an input can be opened");
    std::string bytes;
    char part[4096];
    for (size_t got = 0; (got = std::fread(part, 1, sizeof part, file)) != 0;) {
      bytes.append(part, got);
    }
    std::fclose(file);
    const wsfd::fuzz::Exact exact(bytes);
    wsfd::fuzz::Input input(exact.data(), exact.size());
    wsfd::fuzz::Run(&input);
  }
  return 0;
}
