// The seeds of the corpus, made from the golden files, the township's fixture and the services' own requests.
#ifndef LIAISON_TESTS_FUZZ_CORPUS_MAKER_H_
#define LIAISON_TESTS_FUZZ_CORPUS_MAKER_H_

#include <map>
#include <string>

namespace liaison::testing_fuzz {

// "TARGET/NAME" -> bytes. What fuzzing has found stands beside the seeds, in files whose names begin with "found-".
std::map<std::string, std::string> MakeSeeds();

}  // namespace liaison::testing_fuzz

#endif  // LIAISON_TESTS_FUZZ_CORPUS_MAKER_H_
