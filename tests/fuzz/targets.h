// Every decoder that reads bytes which this program did not write, as a function of bytes alone. The fuzzer drives them
// with bytes of its own, the replay test with the corpus.
#ifndef LIAISON_TESTS_FUZZ_TARGETS_H_
#define LIAISON_TESTS_FUZZ_TARGETS_H_

#include <string_view>
#include <vector>

namespace liaison::testing_fuzz {

// Ends the process where what must hold does not hold: any bytes may come, so nothing may depend on them.
using Run = void (*)(std::string_view bytes);
struct Target {
  const char* name;  // its folder in corpus/
  Run run;
};

std::vector<Target> CodecTargets();    // ops, messages, bundles, tokens, states, files of the data folder
std::vector<Target> TableTargets();    // spreadsheets, rosters, text as people bring it
std::vector<Target> ServiceTargets();  // requests and errors in JSON
std::vector<Target> AllTargets();

void Require(bool holds, const char* what);
// What Require() prints beside it: the input, for those who cannot ask the fuzzer.
void SetInput(std::string_view name, std::string_view bytes);

}  // namespace liaison::testing_fuzz

#endif  // LIAISON_TESTS_FUZZ_TARGETS_H_
