// Makes histories, runs them, and makes failing ones short.
#ifndef LIAISON_TESTS_MODEL_EXPLORER_H_
#define LIAISON_TESTS_MODEL_EXPLORER_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/model/rules.h"
#include "tests/model/world.h"

namespace liaison::model {

struct Counts {
  uint64_t histories = 0, states = 0, messages = 0;
  int calm_rounds_max = 0;
  std::array<uint64_t, static_cast<size_t>(Act::kCount)> acts{};
};

struct Failure {
  History history;
  std::string what;
  uint64_t seed = 0;       // of a random one
  uint64_t histories = 0;  // how many it took
};

// A function of the seed alone.
History RandomHistory(uint64_t seed);

// Runs a history and its calm; "" or what is wrong.
std::string Run(const Rules& rules, const History& history, Counts* counts);

// Runs histories of seeds from `first` on, at most `count`; the first failure, made short.
std::optional<Failure> Explore(const Rules& rules, uint64_t first, uint64_t count, Counts* counts);

// All words of at most `depth` letters behind `start`; every one is brought to calm. A letter is a few steps.
struct Alphabet {
  std::string name;
  Shape shape;
  std::vector<Step> start;
  std::vector<std::vector<Step>> letters;
  int depth = 0;
};
std::optional<Failure> ExploreAll(const Rules& rules, const Alphabet& alphabet, Counts* counts);

// A history that still fails, from which no step can be dropped.
History Shortened(const Rules& rules, const History& history);

// The steps that do something, one a line, and what goes wrong.
std::string Print(const Rules& rules, const History& history);

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_EXPLORER_H_
