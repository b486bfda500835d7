#include "tests/fuzz/targets.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/base/bytes.h"

namespace liaison::testing_fuzz {
namespace {

std::string input_name;
std::string_view input_bytes;

}  // namespace

void SetInput(std::string_view name, std::string_view bytes) {
  input_name = std::string(name);
  input_bytes = bytes;
}

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  if (!input_name.empty()) std::fprintf(stderr, "input %s: %s\n", input_name.c_str(), Hex(input_bytes).c_str());
  std::abort();
}

}  // namespace liaison::testing_fuzz
