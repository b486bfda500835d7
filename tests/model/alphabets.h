// Small worlds for the exhaustive mode. Each is about one question; its letters are what can happen there.
#ifndef LIAISON_TESTS_MODEL_ALPHABETS_H_
#define LIAISON_TESTS_MODEL_ALPHABETS_H_

#include <vector>

#include "tests/model/explorer.h"

namespace liaison::model {

std::vector<Alphabet> Alphabets(int depth);

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_ALPHABETS_H_
