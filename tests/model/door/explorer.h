// Random histories of the judgement, made short and told as a story when one goes wrong.
#ifndef LIAISON_TESTS_MODEL_DOOR_EXPLORER_H_
#define LIAISON_TESTS_MODEL_DOOR_EXPLORER_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/door/world.h"

namespace liaison::door {

struct History {
  Shape shape;
  std::vector<Step> steps;
};

struct Counts {
  uint64_t histories = 0, with_held = 0;
  Tally tally;
  std::array<uint64_t, static_cast<size_t>(Act::kCount)> acts{};
  std::map<std::string, uint64_t> broken;  // law: histories
};

// A function of the seed alone.
History RandomHistory(uint64_t seed);

// Runs a history and its calm: "" or the law that is broken first, beginning with its name up to ':'.
std::string Run(const Variant& variant, const History& history, Counts* counts);

struct Failure {
  History history;
  std::string what;
  uint64_t seed = 0;
};

// Histories of seeds from `first` on, at most `count`. The first failure, made short.
std::optional<Failure> Explore(const Variant& variant, uint64_t first, uint64_t count, Counts* counts);

// All of them, whatever goes wrong, for the counts.
void Count(const Variant& variant, uint64_t first, uint64_t count, Counts* counts);

// What was done, which ops came of it, and what the hub said of them.
std::string Story(const Variant& variant, const History& history);

}  // namespace liaison::door

#endif  // LIAISON_TESTS_MODEL_DOOR_EXPLORER_H_
