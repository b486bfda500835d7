#include "common/record/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "tests/testing/literals.h"
#include "tests/testing/ops.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint32_t kName = 4 << 3 | 2;

TEST(VerdictValue, ComesBackFromItsText) {
  VerdictText held = ParseVerdict(HeldValue("moved_on", "镇里 已经办理"));
  EXPECT_TRUE(held.held);
  EXPECT_EQ(held.code, "moved_on");
  EXPECT_EQ(held.words, "镇里 已经办理");
  VerdictText refused = ParseVerdict(RefusedValue("编号不能改"));
  EXPECT_FALSE(refused.held);
  EXPECT_EQ(refused.code, "");
  EXPECT_EQ(refused.words, "编号不能改");
  EXPECT_EQ(RefusedValue("越权"), "1越权") << "as it was before there were others";
  // Cut, or of a later version: it says that it hides.
  EXPECT_EQ(ParseVerdict("2").code, "");
  EXPECT_EQ(ParseVerdict("2missing").code, "missing");
  EXPECT_EQ(ParseVerdict("2missing").words, "");
  EXPECT_FALSE(ParseVerdict("7x").held);
  EXPECT_EQ(ParseVerdict("").words, "");
}

Write Says(const Op& judged, std::string value) {
  return {{}, kVerdictTag, VerdictElement(judged.name()), std::move(value)};
}

// The fold of 0.4.0 knows "hidden" alone, and hides what is held like what is refused.
TEST(VerdictValue, AHeldOpIsHiddenInEveryOrder) {
  const Op first = MakeOp("Alice1"_dot, {}, {{{}, kName, "", "路灯"}});
  const Op late = MakeOp("Alice2"_dot, "Alice1"_vv, {{{}, kName, "", "路灯两盏"}});
  const Op verdict = MakeOp("Hub1"_dot, {}, {Says(late, HeldValue("moved_on", "已经办理"))});
  const Op next = MakeOp("Alice3"_dot, "Alice2"_vv, {{{}, kName + 8, "", "五组"}});
  std::vector<const Op*> ops = {&first, &late, &verdict, &next};
  std::sort(ops.begin(), ops.end());
  do {
    const Aggregate folded = Aggregate::Fold(kTestAggregate, ops);
    EXPECT_THAT(Values(folded, {}, kName), ElementsAre("路灯"));
    EXPECT_THAT(Values(folded, {}, kName + 8), ElementsAre("五组"));
    EXPECT_TRUE(folded.Refused(late.name()));
    EXPECT_EQ(folded.lineage().Visible(), "Alice3 Hub1"_vv);
    const std::vector<HiddenOp> hidden = HiddenBy(folded);
    ASSERT_EQ(hidden.size(), 1u);
    EXPECT_EQ(hidden[0].name, late.name());
    EXPECT_TRUE(hidden[0].verdict.held);
    // The same vector after the state was stored.
    const absl::StatusOr<Aggregate> decoded = Aggregate::Decode(folded.id(), folded.Encode());
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, folded);
    EXPECT_EQ(decoded->lineage().Visible(), "Alice3 Hub1"_vv);
  } while (std::next_permutation(ops.begin(), ops.end()));
}

TEST(VerdictValue, RefusedGoesBeforeHeldAndWhatIsTakenBackHidesNothing) {
  const Op first = MakeOp("Alice1"_dot, {}, {{{}, kName, "", "路灯"}});
  const Op holds = MakeOp("Hub1"_dot, {}, {Says(first, HeldValue("missing", "没有到"))});
  const Op refuses = MakeOp("Other1"_dot, {}, {Says(first, RefusedValue("不采用"))});
  const Op takes = MakeOp("Hub2"_dot, "Hub1 Other1"_vv, {Says(first, "")});
  auto hidden = [](std::vector<const Op*> ops) { return HiddenBy(Aggregate::Fold(kTestAggregate, ops)); };
  ASSERT_EQ(hidden({&first, &holds, &refuses}).size(), 1u);
  EXPECT_EQ(hidden({&first, &holds, &refuses})[0].value, RefusedValue("不采用"));
  EXPECT_THAT(hidden({&first, &holds, &refuses, &takes}), IsEmpty());
  const std::vector<const Op*> all = {&first, &holds, &refuses, &takes};
  EXPECT_NE(VerdictsOn(Aggregate::Fold(kTestAggregate, all), first.name()), nullptr) << "it was judged";
  EXPECT_THAT(hidden({&first}), IsEmpty());
}

}  // namespace
}  // namespace liaison
