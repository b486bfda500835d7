#include "tests/fuzz/targets.h"

namespace liaison::testing_fuzz {

std::vector<Target> AllTargets() {
  std::vector<Target> all = CodecTargets();
  for (const auto& more : {TableTargets(), ServiceTargets()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

}  // namespace liaison::testing_fuzz
