// The long mode: LIAISON_HISTORIES=5000000 LIAISON_DEPTH=6, and LIAISON_SEED to go on elsewhere.
#include <cstdlib>
#include <iostream>
#include <ostream>

#include "gtest/gtest.h"
#include "tests/model/alphabets.h"
#include "tests/model/explorer.h"
#include "tests/model/switches.h"

namespace liaison::model {
namespace {

uint64_t Number(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string Shown(const Rules& rules, const Failure& failure) {
  return "seed " + std::to_string(failure.seed) + ": " + failure.what + "\n" + Print(rules, failure.history);
}

std::ostream& operator<<(std::ostream& out, const Counts& counts) {
  return out << counts.histories << " histories, " << counts.states << " states, " << counts.messages
             << " messages, calm after at most " << counts.calm_rounds_max << " rounds";
}

TEST(Model, NothingGoesWrongInRandomHistories) {
  Rules rules;
  Counts counts;
  uint64_t histories = Number("LIAISON_HISTORIES", 60'000);
  std::optional<Failure> failure = Explore(rules, Number("LIAISON_SEED", 1), histories, &counts);
  if (failure) FAIL() << Shown(rules, *failure);
  std::cout << counts << "\n ";
  for (size_t i = 0; i < counts.acts.size(); ++i)
    std::cout << " " << NameOf(static_cast<Act>(i)) << " " << counts.acts[i];
  std::cout << std::endl;
  if (histories < 1'000) return;
  for (size_t i = 0; i < counts.acts.size(); ++i)
    EXPECT_GT(counts.acts[i], 0u) << NameOf(static_cast<Act>(i)) << " never happened";
}

TEST(Model, NothingGoesWrongInAnyShortHistory) {
  Rules rules;
  for (const Alphabet& alphabet : Alphabets(static_cast<int>(Number("LIAISON_DEPTH", 5)))) {
    Counts counts;
    std::optional<Failure> failure = ExploreAll(rules, alphabet, &counts);
    if (failure) FAIL() << alphabet.name << ", " << Shown(rules, *failure);
    std::cout << alphabet.name << ", depth " << alphabet.depth << ": " << counts << std::endl;
  }
}

TEST(Model, TagsAloneTellApartWhatOneNameWasGivenTo) {
  Rules rules;
  rules.*kNewActor.rule = false;
  Counts counts;
  std::optional<Failure> failure = Explore(rules, 1, 5'000, &counts);
  EXPECT_FALSE(failure) << Shown(rules, *failure);
}

class Safeguard : public testing::TestWithParam<Switch> {};

TEST_P(Safeguard, IsMissedWhenOff) {
  Rules rules;
  rules.*GetParam().rule = false;
  Counts counts;
  std::optional<Failure> failure = Explore(rules, 1, Number("LIAISON_MUTANT_HISTORIES", 200'000), &counts);
  ASSERT_TRUE(failure) << "nothing goes wrong without " << GetParam().name;
  std::cout << GetParam().name << " off: found in " << failure->histories << " histories, e.g.\n"
            << Print(rules, failure->history) << std::endl;
}

INSTANTIATE_TEST_SUITE_P(Model, Safeguard, testing::ValuesIn(kSwitches),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace liaison::model
