// The judgement at the sync door, over random histories. The long mode: LIAISON_DOOR_HISTORIES=1000000, and
// LIAISON_SEED to go on elsewhere.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "gtest/gtest.h"
#include "tests/model/door/explorer.h"

namespace liaison::door {
namespace {

uint64_t Number(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string Shown(const Variant& variant, const Failure& failure) {
  return "seed " + std::to_string(failure.seed) + ": " + failure.what + "\n" + Story(variant, failure.history);
}

std::string ToText(const Counts& counts) {
  const Tally& tally = counts.tally;
  std::ostringstream out;
  out << counts.histories << " histories, " << counts.with_held << " with some held; honest words " << tally.honest
      << ", of them held " << tally.held_honest << "; forged " << tally.forged << ", of them held " << tally.held_forged
      << ", refused " << tally.refused_forged << ", in Q " << tally.q_forged << "; marked " << tally.marked
      << ", taken " << tally.taken << ", forged claims believed after a restore " << tally.claims_after_restore
      << ", alarms " << tally.alarms;
  for (const auto& [why, count] : tally.held_why) out << "\n    held " << why << " " << count;
  for (const auto& [law, count] : counts.broken) out << "\n    BROKEN " << law << " " << count;
  return out.str();
}

TEST(DoorModel, HonestWordsAreNeverRefusedAndForgedOnesChangeNothing) {
  Variant variant;
  Counts counts;
  const uint64_t histories = Number("LIAISON_DOOR_HISTORIES", 6'000);
  std::optional<Failure> failure = Explore(variant, Number("LIAISON_SEED", 1), histories, &counts);
  if (failure) FAIL() << Shown(variant, *failure);
  std::cout << ToText(counts) << "\n   ";
  for (size_t i = 0; i < counts.acts.size(); ++i)
    std::cout << " " << NameOf(static_cast<Act>(i)) << " " << counts.acts[i];
  std::cout << std::endl;
  if (histories < 1'000) return;
  for (size_t i = 0; i < counts.acts.size(); ++i)
    EXPECT_GT(counts.acts[i], 0u) << NameOf(static_cast<Act>(i)) << " never happened";
}

// The other ways to judge, and each rule beyond the two questions left out. `law` is broken then.
struct Other {
  const char* name;
  const char* law;
  void (*change)(Variant*);
  uint64_t from = 1;  // the first seed: rare ones are found soon after it
};

constexpr Other kOthers[] = {
    {"Nothing", "law 2", [](Variant* v) { v->rules.judge = false; }},
    {"ByTheStateNowRefusing", "law 1", [](Variant* v) { v->rules.state_refuses = true; }},
    {"ByTheAuthorsContextRefusing", "law 2", [](Variant* v) { v->rules.context_refuses = true; }},
    {"IntoTableQ", "law 1", [](Variant* v) { v->verdict_is_op = false; }},
    {"WhatIsMissingIsRefused", "law 1", [](Variant* v) { v->rules.missing_is_held = false; }},
    {"VersionOneKnewNoScope", "law 1", [](Variant* v) { v->rules.version_one_has_no_grants = false; }},
    {"AReturnTakenBackIsTheHubsState", "law 1", [](Variant* v) { v->rules.taken_back_return = false; }},
    {"AVisitorVoidedInScopeIsRefused", "law 1", [](Variant* v) { v->rules.visitor_void_is_held = false; }},
    {"ASecondClaimIsRefused", "law 1", [](Variant* v) { v->rules.second_claim_is_held = false; }, 880},
    {"ARecordIsMadeAgain", "law 2", [](Variant* v) { v->rules.made_again_is_held = false; }, 300},
    {"AnEndIsLikeARevocationThatWasKnown", "law 1", [](Variant* v) { v->rules.ended_is_held = false; }},
    {"AnOldLedgerIsARootLikeAny", "law 2", [](Variant* v) { v->rules.historical_is_closed = false; }, 4950},
    {"AnybodyTakesBackAStep", "law 2", [](Variant* v) { v->rules.own_child_only = false; }, 5900},
    {"EnteringRecordsAreSortedByName", "law 5", [](Variant* v) { v->verdict_first = false; }},
    {"KeysToWhoeverWroteFirst", "law 6",
     [](Variant* v) {
       v->rules.judge = false;
       v->key_by_maker = false;
     }},
    {"TakingWritesNoValues", "law 3", [](Variant* v) { v->take_writes_values = false; }},
    {"TheVectorStopsAtWhatIsHidden", "law 3", [](Variant* v) { v->vector_passes = false; }},
    {"RulingsOfTwoHubsStandBesideEachOther", "law 8", [](Variant* v) { v->first_ruling_stays = false; }},
    {"ClaimsAreNotDisputed", "law 1", [](Variant* v) { v->claims_are_disputed = false; }, 9000},
    {"NothingIsOfferedAfterARestore", "law 4", [](Variant* v) { v->takes_offers = false; }},
    {"NoRevocationIsOfferedAfterARestore", "law 7", [](Variant* v) { v->takes_offers = false; }},
    {"WhatIsOfferedIsJudgedAgain", "law 8", [](Variant* v) { v->offers_are_judged = true; }, 7300},
};

class OtherJudge : public testing::TestWithParam<Other> {};

TEST_P(OtherJudge, IsFound) {
  Variant variant;
  GetParam().change(&variant);
  Counts counts;
  std::optional<Failure> found;
  for (uint64_t seed = GetParam().from; seed < GetParam().from + 4'000 && !found; ++seed) {
    std::optional<Failure> failure = Explore(variant, seed, 1, &counts);
    if (failure && failure->what.starts_with(GetParam().law)) found = failure;
  }
  ASSERT_TRUE(found) << "nothing breaks " << GetParam().law << " in " << ToText(counts);
  std::cout << GetParam().name << ": " << counts.histories << " histories, e.g.\n"
            << Shown(variant, *found) << std::endl;
}

// How many histories go wrong; of the long mode.
TEST_P(OtherJudge, IsCounted) {
  const uint64_t histories = std::min<uint64_t>(Number("LIAISON_DOOR_HISTORIES", 0), 20'000);
  if (histories == 0) return;
  Variant variant;
  GetParam().change(&variant);
  Counts counts;
  Count(variant, GetParam().from, histories, &counts);
  std::cout << GetParam().name << ": " << ToText(counts) << std::endl;
  EXPECT_GT(counts.broken[GetParam().law], 0u);
}

INSTANTIATE_TEST_SUITE_P(DoorModel, OtherJudge, testing::ValuesIn(kOthers),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace liaison::door
