#include "common/causal/register.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/literals.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A register and the lineage of its aggregate, fed in the order that a test says.
class Field {
 public:
  Field& Write(const Dot& dot, const VersionVector& context, std::string_view value) {
    Come(dot);
    register_.Apply(dot, context, value, lineage_);
    return *this;
  }
  // An op that writes other fields.
  Field& Come(const Dot& dot) {
    Tag previous = dot.n == 1 ? 0 : DotFrom(dot.actor.station + std::to_string(dot.n - 1)).tag;
    lineage_.Add(dot, previous, dot.n, true);
    register_.Settle(lineage_);
    return *this;
  }
  std::vector<std::string> values() const {
    std::vector<std::string> values;
    for (const Sibling& sibling : register_.siblings()) values.push_back(sibling.value);
    return values;
  }
  const VersionVector& covered() const { return register_.covered(); }

 private:
  Lineage lineage_;
  Register register_;
};

TEST(Register, AWriteThatSawAnotherReplacesIt) {
  Field field;
  field.Write("Alice1"_dot, {}, "old").Write("Bob1"_dot, "Alice1"_vv, "new");
  EXPECT_THAT(field.values(), ElementsAre("new"));
  Field reversed;  // and never the other way round
  reversed.Write("Bob1"_dot, "Alice1"_vv, "new").Write("Alice1"_dot, {}, "old");
  EXPECT_THAT(reversed.values(), ElementsAre("new"));
}

TEST(Register, WritesThatDidNotSeeEachOtherBothStay) {
  Field field;
  field.Write("Bob1"_dot, {}, "b").Write("Alice1"_dot, {}, "a");
  EXPECT_THAT(field.values(), ElementsAre("a", "b"));
}

TEST(Register, EqualValuesKeepTheirDots) {
  Field field;
  field.Write("Bob1"_dot, {}, "same").Write("Alice1"_dot, {}, "same");
  EXPECT_THAT(field.values(), ElementsAre("same", "same"));
  field.Write("Carol1"_dot, "Alice1"_vv, "other");
  EXPECT_THAT(field.values(), ElementsAre("same", "other"));
}

TEST(Register, TwoWritesOfOneActorWithOneContextBothStay) {
  Field field;
  field.Write("Alice1"_dot, {}, "base").Write("Alice2"_dot, "Alice1"_vv, "x").Write("Alice3"_dot, "Alice1"_vv, "y");
  EXPECT_THAT(field.values(), ElementsAre("x", "y"));
}

TEST(Register, AnEntryCoversPredecessorsThatItsAuthorNamedOnlyByTheLast) {
  Field field;
  field.Write("Alice1"_dot, {}, "x").Come("Alice2"_dot).Write("Bob1"_dot, "Alice2"_vv, "y");
  EXPECT_THAT(field.values(), ElementsAre("y"));
}

TEST(Register, RemembersWhatWasCoveredAfterTheWritesAreGone) {
  Field field;
  field.Write("Carol1"_dot, "Bob1"_vv, "newest").Write("Dora1"_dot, "Carol1"_vv, "still newer");
  EXPECT_THAT(field.values(), ElementsAre("still newer"));
  EXPECT_EQ(field.covered(), "Bob1 Carol1"_vv);
  field.Write("Bob1"_dot, {}, "late");
  EXPECT_THAT(field.values(), ElementsAre("still newer"));
}

TEST(Register, AnEntryForAnOpThatComesLaterCoversItsPredecessorsThen) {
  Field field;
  field.Write("Alice1"_dot, {}, "x").Write("Bob1"_dot, "Alice2"_vv, "y");
  EXPECT_THAT(field.values(), ElementsAre("x", "y"));
  field.Come("Alice2"_dot);
  EXPECT_THAT(field.values(), ElementsAre("y"));
}

TEST(Register, TheOtherBranchOfAForkIsNotCovered) {
  Field field;
  field.Write("Alice1"_dot, {}, "base").Write("Alice2"_dot, "Alice1"_vv, "x").Write("Alice2'"_dot, "Alice1"_vv, "y");
  field.Write("Bob1"_dot, "Alice2"_vv, "z");
  EXPECT_THAT(field.values(), ElementsAre("y", "z"));
}

TEST(Register, CoveredKeepsOnlyTheLastOfEachChain) {
  Field field;
  field.Write("Alice1"_dot, {}, "1").Write("Alice2"_dot, "Alice1"_vv, "2").Write("Alice3"_dot, "Alice2"_vv, "3");
  EXPECT_EQ(field.covered(), "Alice2"_vv);
}

TEST(Register, AnEmptyValueIsAVisibleWrite) {
  Field field;
  field.Write("Alice1"_dot, {}, "x").Write("Bob1"_dot, "Alice1"_vv, "");
  EXPECT_THAT(field.values(), ElementsAre(""));
  EXPECT_THAT(Field().values(), IsEmpty());
}

}  // namespace
}  // namespace liaison
