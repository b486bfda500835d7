// Compares the fold with the naive model.
#ifndef LIAISON_TESTS_TESTING_MERGE_CHECK_H_
#define LIAISON_TESTS_TESTING_MERGE_CHECK_H_

#include <string>
#include <vector>

#include "common/record/aggregate.h"
#include "common/record/op.h"
#include "tests/testing/naive_model.h"

namespace liaison {

naive::Op ToNaive(const Op& op);
naive::Name ToNaive(const Dot& dot);

// "" if the aggregate answers every question as the model does; else the first difference, for people.
// `ops` are those that the aggregate was given, `expected` is what the model says of them.
std::string Difference(const Aggregate& aggregate, const std::vector<const Op*>& ops, const naive::Answers& expected);

}  // namespace liaison

#endif  // LIAISON_TESTS_TESTING_MERGE_CHECK_H_
