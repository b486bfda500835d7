// How an aggregate answers its store: outcomes, held ops, stored bytes. What the merge means is tested in
// tests/property.
#include "common/record/aggregate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/ops.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Outcome = Aggregate::Outcome;

const RecordId kRoot, kReply = RecordId::Random(25, "0123456789", 1);
constexpr uint32_t kTitle = 1 << 3 | 2, kPhone = 5 << 3 | 2;

Op Titled(const Dot& dot, const VersionVector& context, std::string_view title) {
  return MakeOp(dot, context, {{kRoot, kTitle, "", std::string(title)}});
}

Aggregate Folded(const std::vector<const Op*>& ops) { return Aggregate::Fold(kTestAggregate, ops); }

const Op kFirst = Titled("Alice1"_dot, {}, "一");
const Op kSecond = Titled("Alice2"_dot, "Alice1"_vv, "二");
const Op kThird = Titled("Alice3"_dot, "Alice2"_vv, "三");

TEST(Aggregate, StartsEmpty) {
  Aggregate aggregate(kTestAggregate);
  EXPECT_TRUE(aggregate.empty());
  EXPECT_EQ(aggregate.Find(kRoot), nullptr);
  EXPECT_EQ(aggregate.VoidOf(kRoot), VoidState::kLive);
  EXPECT_EQ(aggregate.lineage().Heads(), ""_vv);
}

TEST(Aggregate, AnOpThatWasAppliedIsKnown) {
  Aggregate aggregate(kTestAggregate);
  EXPECT_EQ(aggregate.Apply(kFirst), Outcome::kApplied);
  Aggregate before = aggregate;
  EXPECT_EQ(aggregate.Apply(kFirst), Outcome::kKnown);
  EXPECT_EQ(aggregate, before);
  EXPECT_FALSE(aggregate.empty());
}

TEST(Aggregate, AnOpWithoutItsPredecessorWaitsVisiblyAndChangesNothingElse) {
  Aggregate aggregate(kTestAggregate);
  EXPECT_EQ(aggregate.Apply(kThird), Outcome::kHeld);
  EXPECT_EQ(aggregate.Apply(kThird), Outcome::kKnown);
  EXPECT_EQ(aggregate.Apply(kSecond), Outcome::kHeld);
  EXPECT_EQ(aggregate.held().size(), 2u);
  EXPECT_EQ(aggregate.lineage().Heads(), ""_vv);
  EXPECT_EQ(aggregate.Find(kRoot), nullptr);
  EXPECT_THAT(aggregate.Ready(), IsEmpty());
  EXPECT_EQ(aggregate.Apply(kFirst), Outcome::kApplied);
  EXPECT_THAT(aggregate.Ready(), ElementsAre(Aggregate::HeldOp{kSecond.dot(), kFirst.tag(), kSecond.seq}));
  EXPECT_EQ(aggregate.Apply(kSecond), Outcome::kApplied);
  EXPECT_EQ(aggregate.Apply(kThird), Outcome::kApplied);
  EXPECT_THAT(aggregate.held(), IsEmpty());
  EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("三"));
}

TEST(Aggregate, FoldHoldsWhatHasNoPredecessor) {
  Aggregate aggregate = Folded({&kThird, &kFirst, &kThird});
  EXPECT_EQ(aggregate.held().size(), 1u);
  EXPECT_EQ(aggregate.lineage().Heads(), "Alice1"_vv);
}

TEST(Aggregate, AFirstOpThatNamesAPredecessorIsNeverApplied) {
  Op op = kFirst;
  op.previous = 7;
  Aggregate aggregate(kTestAggregate);
  EXPECT_EQ(aggregate.Apply(op), Outcome::kHeld);
  EXPECT_THAT(aggregate.Ready(), IsEmpty());
}

TEST(Aggregate, AVerdictOnAnAppliedOpAsksForAFoldAfresh) {
  Aggregate aggregate(kTestAggregate);
  Op verdict = MakeOp("Hub1"_dot, {}, {Verdict(kFirst, "越权")});
  aggregate.Apply(kFirst);
  EXPECT_EQ(aggregate.Apply(verdict), Outcome::kRefold);
  aggregate = Folded({&kFirst, &verdict});
  EXPECT_TRUE(aggregate.Refused(kFirst.name()));
  EXPECT_EQ(aggregate.refused_count(), 1u);
  EXPECT_EQ(aggregate.Apply(kFirst), Outcome::kKnown);
}

TEST(Aggregate, AVerdictThatComesBeforeItsOpIsRemembered) {
  Aggregate aggregate(kTestAggregate);
  Op verdict = MakeOp("Hub1"_dot, {}, {Verdict(kFirst, "越权")});
  EXPECT_EQ(aggregate.Apply(verdict), Outcome::kApplied);
  EXPECT_EQ(aggregate.refused_count(), 0u);
  EXPECT_EQ(aggregate.Apply(kFirst), Outcome::kApplied);
  EXPECT_EQ(aggregate.refused_count(), 1u);
  EXPECT_THAT(Values(aggregate, kRoot, kTitle), IsEmpty());
}

// The verdict is covered by an entry whose op has not come: when it comes, what was refused is accepted after all.
TEST(Aggregate, AnOpThatSettlesAnOlderVerdictAsksForAFoldAfresh) {
  Op refuses = MakeOp("Hub1"_dot, {}, {Verdict(kFirst, "越权")});
  Op between = MakeOp("Hub2"_dot, "Hub1"_vv, {{kReply, kTitle, "", "x"}});
  Op accepts = MakeOp("Clerk1"_dot, "Hub2"_vv, {Verdict(kFirst, "")});
  Aggregate aggregate = Folded({&kFirst, &refuses, &accepts});
  EXPECT_TRUE(aggregate.Refused(kFirst.name()));
  EXPECT_EQ(aggregate.Apply(between), Outcome::kRefold);
  EXPECT_FALSE(Folded({&kFirst, &refuses, &accepts, &between}).Refused(kFirst.name()));
}

TEST(Aggregate, AnOpOfUnknownKindIsKeptAndProjectsNothing) {
  Op op = kSecond;
  op.kind = kNewestKnownKind + 1;
  Aggregate aggregate = Folded({&kFirst, &op});
  EXPECT_TRUE(aggregate.upgrade_needed());
  EXPECT_EQ(aggregate.refused_count(), 0u);
  EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("一"));
  EXPECT_EQ(aggregate.lineage().Heads(), "Alice2"_vv);
  EXPECT_EQ(aggregate.lineage().Visible(), "Alice1"_vv);
}

TEST(Aggregate, ChildrenAndSealedFieldsAreKeptApart) {
  Op op = kFirst;
  op.sealed = {{kRoot, kTitle, "", "sealed"}, {kReply, kPhone, "", "139"}};
  Aggregate aggregate = Folded({&op});
  EXPECT_THAT(Values(aggregate, kRoot, kTitle), ElementsAre("一"));
  EXPECT_EQ(aggregate.Find(kRoot)->sealed.at({kTitle, ""}).siblings()[0].value, "sealed");
  EXPECT_EQ(aggregate.Find(kReply)->sealed.at({kPhone, ""}).siblings()[0].value, "139");
  EXPECT_TRUE(aggregate.Find(kReply)->fields.empty());
}

TEST(Aggregate, AnOpWithoutWritesLeavesTheSameStateInEitherOrder) {
  Op files = MakeOp("Bob1"_dot, "Carol5"_vv, {});  // attached files only; Carol's ops have not come
  Aggregate one(kTestAggregate), other(kTestAggregate);
  one.Apply(files);
  one.Apply(kFirst);
  other.Apply(kFirst);
  other.Apply(files);
  EXPECT_EQ(one.Encode(), other.Encode());
  EXPECT_EQ(one.Encode(), Folded({&kFirst, &files}).Encode());
}

// Something of everything: a fork, a held op, an entry that is not here, sealed values, a void, a verdict.
Aggregate Everything() {
  static const Dot kBranch = "Alice2'"_dot;
  static const Op branch = MakeOp(kBranch, "Alice1"_vv, {{kReply, kTitle, "", "分支"}, {kRoot, 9 << 3, "王", "王"}});
  static const Op dangling = MakeOp("Bob1"_dot, "Carol5 Alice2"_vv, {{kRoot, kVoidTag, "", "1重复"}});
  static const Op refuses = MakeOp("Hub1"_dot, {}, {Verdict(kSecond, "越权")});
  static const Op held = Titled("Dora2"_dot, {}, "等");
  static const Op sealed = [] {
    Op op = MakeOp("Eve1"_dot, "Carol6"_vv, {});
    op.sealed = {{kRoot, kPhone, "", std::string("\0\xff", 2)}};
    return op;
  }();
  return Folded({&kFirst, &kSecond, &branch, &dangling, &refuses, &held, &sealed});
}

TEST(Aggregate, ComesBackFromItsStoredForm) {
  for (const Aggregate& aggregate : {Aggregate(kTestAggregate), Everything()}) {
    absl::StatusOr<Aggregate> back = Aggregate::Decode(kTestAggregate, aggregate.Encode());
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(*back, aggregate);
    EXPECT_EQ(back->Encode(), aggregate.Encode());
    EXPECT_EQ(back->Canonical(), aggregate.Canonical());
  }
}

TEST(Aggregate, CanonicalFormLeavesOutSealedValuesAndHeldOps) {
  Op sealed = kFirst, erased = kFirst;
  sealed.sealed = {{kRoot, kPhone, "", "139"}};
  erased.sealed = {{kRoot, kPhone, "", ""}};
  EXPECT_EQ(Folded({&sealed}).Canonical(), Folded({&erased}).Canonical());
  EXPECT_NE(Folded({&sealed}).Encode(), Folded({&erased}).Encode());
  EXPECT_EQ(Folded({&kFirst, &kThird}).Canonical(), Folded({&kFirst}).Canonical());
  EXPECT_NE(Folded({&kFirst, &kSecond}).Canonical(), Folded({&kFirst}).Canonical());
}

TEST(Aggregate, StoredBytesCutShortOrPaddedAreDataLoss) {
  std::string bytes = Everything().Encode();
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(Aggregate::Decode(kTestAggregate, bytes.substr(0, size)).status().code(), absl::StatusCode::kDataLoss)
        << size;
  EXPECT_EQ(Aggregate::Decode(kTestAggregate, bytes + "x").status().code(), absl::StatusCode::kDataLoss);
  bytes[0] = 99;
  EXPECT_EQ(Aggregate::Decode(kTestAggregate, bytes).status().code(), absl::StatusCode::kDataLoss);
}

TEST(Aggregate, AStoredSiblingOfAnOpThatIsNotAppliedIsDataLoss) {
  for (uint8_t index : {0, 1, 2}) {  // the op of the lineage, the extra dot, none
    std::string bytes;
    ByteWriter out(&bytes);
    out.U8(1);
    out.U8(1);
    Folded({&kFirst}).lineage().Encode(&out);
    out.Varint(0);
    "Bob1"_vv.Encode(&out);
    out.Varint(1);
    out.U8(0);
    out.String("");
    out.Varint(0);  // touched
    out.Varint(1);
    out.Varint(kTitle);
    out.String("");
    out.Varint(1);
    out.Varint(index);
    out.String("x");
    for (int i : {1, 1, 0, 0}) out.Varint(static_cast<uint64_t>(i));  // covered: the extra dot; sealed, held
    EXPECT_EQ(Aggregate::Decode(kTestAggregate, bytes).ok(), index == 0) << static_cast<int>(index);
  }
}

TEST(Aggregate, StoredBytesWithAnyByteChangedAreRefusedOrTheOnlyBytesOfAnotherState) {
  std::string bytes = Everything().Encode();
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (uint8_t change : {1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 255}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ change);
      absl::StatusOr<Aggregate> decoded = Aggregate::Decode(kTestAggregate, changed);
      if (!decoded.ok()) continue;
      for (const auto& [id, child] : decoded->children()) decoded->VoidOf(id);
      decoded->lineage().Visible();
      EXPECT_EQ(decoded->Encode(), changed) << "byte " << at;
    }
  }
}

}  // namespace
}  // namespace liaison
