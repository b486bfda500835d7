// All targets of a binary that has no station and no hub in it: half of the compiling.
#include "tests/fuzz/targets.h"

namespace liaison::testing_fuzz {

std::vector<Target> AllTargets() {
  std::vector<Target> all = CodecTargets();
  for (const Target& target : TableTargets()) all.push_back(target);
  return all;
}

}  // namespace liaison::testing_fuzz
