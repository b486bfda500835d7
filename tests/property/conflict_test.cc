// The edits that people really make at the same time, in every order in which the ops can arrive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "tests/testing/history.h"
#include "tests/testing/ops.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const RecordId kRoot;
constexpr uint32_t kTitle = 1 << 3 | 2, kText = 2 << 3 | 2, kDeputies = 3 << 3 | 2;

void InEveryOrder(const std::vector<Op>& ops, const std::function<void(const Aggregate&)>& check) {
  std::vector<size_t> order(ops.size());
  std::iota(order.begin(), order.end(), 0);
  do {
    Replica replica(kTestAggregate);
    std::string text;
    for (size_t i : order) {
      replica.Deliver(ops[i]);
      text += Cat(" ", ToText(ops[i].dot()));
    }
    SCOPED_TRACE(text);
    check(replica.state());
    if (::testing::Test::HasFailure()) return;
  } while (std::next_permutation(order.begin(), order.end()));
}

size_t Conflicts(const Aggregate& aggregate) {
  size_t conflicts = 0;
  for (const auto& [id, child] : aggregate.children())
    for (const auto& [key, field] : child.fields) conflicts += field.siblings().size() > 1;
  return conflicts;
}

const Op kFirst = MakeOp("Village1"_dot, {}, {{kRoot, kTitle, "", "路灯"}, {kRoot, kText, "", "三盏不亮"}});

TEST(ConcurrentEdit, OfDifferentFieldsMergesWithoutAConflict) {
  Op village = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kTitle, "", "修路灯"}});
  Op town = MakeOp("Town1"_dot, "Village1"_vv, {{kRoot, kText, "", "五盏不亮"}});
  InEveryOrder({kFirst, village, town}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("修路灯"));
    EXPECT_THAT(Values(aggregate, kRoot, kText), ElementsAre("五盏不亮"));
    EXPECT_EQ(Conflicts(aggregate), 0u);
  });
}

TEST(ConcurrentEdit, OfOneFieldIsOneConflictOfTwoAndTheAncestorIsKnown) {
  Op village = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kTitle, "", "修路灯"}, {kRoot, kText, "", "村里的话"}});
  Op town = MakeOp("Town1"_dot, "Village1"_vv, {{kRoot, kTitle, "", "换路灯"}});
  InEveryOrder({kFirst, village, town}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("换路灯", "修路灯"));
    EXPECT_THAT(Values(aggregate, kRoot, kText), ElementsAre("村里的话"));
    EXPECT_EQ(Conflicts(aggregate), 1u);
    EXPECT_EQ(aggregate.Find(kRoot)->fields.at({kTitle, ""}).covered(), "Village1"_vv);
  });
}

TEST(ConcurrentEdit, SettledOnOneReplicaStaysSettledAndALaterEditOpensItAgain) {
  Op village = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kTitle, "", "修路灯"}});
  Op town = MakeOp("Town1"_dot, "Village1"_vv, {{kRoot, kTitle, "", "换路灯"}});
  Op settles = MakeOp("Town2"_dot, "Village2 Town1"_vv, {{kRoot, kTitle, "", "修换路灯"}});
  InEveryOrder({kFirst, village, town, settles}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("修换路灯"));
  });
  Op unaware = MakeOp("Village3"_dot, "Village2"_vv, {{kRoot, kTitle, "", "修好路灯"}});
  InEveryOrder({kFirst, village, town, settles, unaware}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("修换路灯", "修好路灯"));
  });
}

TEST(ConcurrentEdit, OfTwoPagesAtOneStationKeepsBoth) {
  Op first_page = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kTitle, "", "甲"}});
  Op second_page = MakeOp("Village3"_dot, "Village1"_vv, {{kRoot, kTitle, "", "乙"}});
  InEveryOrder({kFirst, first_page, second_page}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("甲", "乙"));
  });
}

TEST(ConcurrentEdit, OfAProcessThatWasResumedTwiceKeepsBothBranches) {
  Dot branch = "Village2'"_dot;
  Op here = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kTitle, "", "甲"}});
  Op there = MakeOp(branch, "Village1"_vv, {{kRoot, kTitle, "", "乙"}});
  Op there_again = MakeOp("Village3'"_dot, "Village2'"_vv, {{kRoot, kTitle, "", "丙"}}, &branch);
  InEveryOrder({kFirst, here, there, there_again}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("甲", "丙"));
    EXPECT_EQ(aggregate.lineage().Heads(), "Village2 Village3'"_vv);
  });
  Op settles = MakeOp("Town1"_dot, "Village2 Village3'"_vv, {{kRoot, kTitle, "", "丁"}});
  InEveryOrder({kFirst, here, there, there_again, settles},
               [](const Aggregate& aggregate) { EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("丁")); });
}

TEST(ConcurrentEdit, AddingWinsOverTakingOut) {
  Op adds = MakeOp("Town1"_dot, {}, {{kRoot, kDeputies, "王", "王"}});
  Op takes_out = MakeOp("Town2"_dot, "Town1"_vv, {{kRoot, kDeputies, "王", ""}});
  Op adds_too = MakeOp("Village1"_dot, "Town1"_vv, {{kRoot, kDeputies, "王", "王"}, {kRoot, kDeputies, "李", "李"}});
  InEveryOrder({adds, takes_out, adds_too}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kDeputies, "王"), ElementsAre("", "王"));
    EXPECT_THAT(Values(aggregate, kRoot, kDeputies, "李"), ElementsAre("李"));
  });
}

// The clerk covers Village2; Village1, which Village2 had not seen, must not go with it from another field.
TEST(ConcurrentEdit, ACoveredOpHidesItsWritesOnlyInTheFieldsThatTheCovererWrote) {
  Op title = MakeOp("Town1"_dot, "Village1"_vv, {{kRoot, kTitle, "", "修路灯"}});
  InEveryOrder({kFirst, title}, [](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("修路灯"));
    EXPECT_THAT(Values(aggregate, kRoot, kText), ElementsAre("三盏不亮"));
  });
}

// Three ops replace one another; a replica that gets the newest first must not show the older ones afterwards.
TEST(ConcurrentEdit, AnOlderWriteThatComesLastAddsNothing) {
  Op second = MakeOp("Town1"_dot, "Village1"_vv, {{kRoot, kTitle, "", "二"}});
  Op third = MakeOp("Area1"_dot, "Village1 Town1"_vv, {{kRoot, kTitle, "", "三"}});
  InEveryOrder({kFirst, second, third},
               [](const Aggregate& aggregate) { EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("三")); });
}

TEST(Void, OfWhatItsAuthorSawHoldsAndALaterUnawareEditFlagsIt) {
  Op voids = MakeOp("Town1"_dot, "Village1"_vv, {{kRoot, kVoidTag, "", "1登记重复"}});
  InEveryOrder({kFirst, voids}, [](const Aggregate& aggregate) {
    EXPECT_EQ(aggregate.VoidOf(kRoot), VoidState::kVoid);
    EXPECT_EQ(aggregate.VoidReason(kRoot), "登记重复");
  });
  Op unaware = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kText, "", "补充"}});
  InEveryOrder({kFirst, voids, unaware},
               [](const Aggregate& aggregate) { EXPECT_EQ(aggregate.VoidOf(kRoot), VoidState::kFlagged); });
  Op takes_back = MakeOp("Town2"_dot, "Village2 Town1"_vv, {{kRoot, kVoidTag, "", ""}});
  InEveryOrder({kFirst, voids, unaware, takes_back}, [](const Aggregate& aggregate) {
    EXPECT_EQ(aggregate.VoidOf(kRoot), VoidState::kLive);
    EXPECT_EQ(aggregate.VoidReason(kRoot), "");
  });
}

TEST(Void, OfTheRootMustHaveSeenTheChildrenToo) {
  RecordId reply = RecordId::Random(25, "0123456789", 1);
  Op replies = MakeOp("Dept1"_dot, "Village1"_vv, {{reply, kText, "", "已修"}});
  Op voids = MakeOp("Town1"_dot, "Village1"_vv, {{kRoot, kVoidTag, "", "1重复"}});
  InEveryOrder({kFirst, replies, voids}, [&](const Aggregate& aggregate) {
    EXPECT_EQ(aggregate.VoidOf(kRoot), VoidState::kFlagged);
    EXPECT_EQ(aggregate.VoidOf(reply), VoidState::kLive);
  });
}

// Two pages of one station: the page that voids was loaded before the other one wrote. That both are one actor, or that
// the voiding op writes the record, too, must not pass for having seen the edit.
TEST(Void, DoesNotHoldOverAnEditFromAnotherPageOfItsOwnStation) {
  Op edits = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kText, "", "补充"}});
  Op voids = MakeOp("Village3"_dot, "Village1"_vv, {{kRoot, kVoidTag, "", "1重复"}});
  Op voids_and_writes = voids;
  voids_and_writes.writes.push_back({kRoot, kTitle, "", "重复"});
  for (const Op& op : {voids, voids_and_writes})
    InEveryOrder({kFirst, edits, op},
                 [](const Aggregate& aggregate) { EXPECT_EQ(aggregate.VoidOf(kRoot), VoidState::kFlagged); });
  voids_and_writes.context = "Village2"_vv;
  InEveryOrder({kFirst, edits, voids_and_writes},
               [](const Aggregate& aggregate) { EXPECT_EQ(aggregate.VoidOf(kRoot), VoidState::kVoid); });
}

TEST(Verdict, ARefusedOpLeavesNeitherItsValuesNorItsContext) {
  Op edits = MakeOp("Village2"_dot, "Village1"_vv, {{kRoot, kTitle, "", "改"}});
  Op refuses = MakeOp("Hub1"_dot, {}, {Verdict(edits, "越权")});
  InEveryOrder({kFirst, edits, refuses}, [&](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("路灯"));
    EXPECT_TRUE(aggregate.Refused(edits.name()));
    EXPECT_EQ(aggregate.lineage().Heads(), "Hub1 Village2"_vv);
    EXPECT_EQ(aggregate.lineage().Visible(), "Hub1 Village1"_vv);
  });
  Op accepts = MakeOp("Hub2"_dot, "Hub1"_vv, {Verdict(edits, "")});
  InEveryOrder({kFirst, edits, refuses, accepts}, [&](const Aggregate& aggregate) {
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("改"));
    EXPECT_FALSE(aggregate.Refused(edits.name()));
  });
}

TEST(Verdict, AnOpThatCarriesOneCannotBeRefused) {
  Op judges = MakeOp("Hub1"_dot, {}, {Verdict(kFirst, "越权"), {kRoot, kText, "", "说明"}});
  Op refuses = MakeOp("Hub2"_dot, {}, {Verdict(judges, "误")});
  InEveryOrder({kFirst, judges, refuses}, [&](const Aggregate& aggregate) {
    EXPECT_FALSE(aggregate.Refused(judges.name()));
    EXPECT_TRUE(aggregate.Refused(kFirst.name()));
    EXPECT_THAT(Values(aggregate, kRoot, kText), ElementsAre("说明"));
    EXPECT_THAT(Values(aggregate, kRoot, kTitle), IsEmpty());
  });
}

}  // namespace
}  // namespace liaison
