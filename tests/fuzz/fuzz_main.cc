// libFuzzer's side: LIAISON_FUZZ_TARGET names the target; LIAISON_FUZZ_TARGET=list prints all of them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/targets.h"

namespace {
liaison::testing_fuzz::Run run = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* wanted = std::getenv("LIAISON_FUZZ_TARGET");
  for (const liaison::testing_fuzz::Target& target : liaison::testing_fuzz::AllTargets()) {
    if (wanted != nullptr && std::strcmp(wanted, "list") == 0) std::puts(target.name);
    if (wanted != nullptr && std::strcmp(wanted, target.name) == 0) run = target.run;
  }
  if (run != nullptr) return 0;
  if (wanted != nullptr && std::strcmp(wanted, "list") == 0) std::exit(0);
  std::fprintf(stderr, "LIAISON_FUZZ_TARGET must name a target\n");
  std::exit(2);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
