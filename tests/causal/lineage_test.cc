#include "common/causal/lineage.h"

#include <gtest/gtest.h>

#include "tests/testing/literals.h"

namespace liaison {
namespace {

// Alice1 ─ Alice2 ─ Alice3
//       └─ Alice2' ─ Alice3'      Bob1 ─ Bob2
Lineage Forked() {
  Lineage lineage;
  lineage.Add("Alice1"_dot, 0, 1, true);
  lineage.Add("Alice2"_dot, "Alice1"_dot.tag, 2, true);
  lineage.Add("Alice2'"_dot, "Alice1"_dot.tag, 2, true);
  lineage.Add("Alice3"_dot, "Alice2"_dot.tag, 3, true);
  lineage.Add("Alice3'"_dot, "Alice2'"_dot.tag, 3, true);
  lineage.Add("Bob1"_dot, 0, 1, true);
  lineage.Add("Bob2"_dot, "Bob1"_dot.tag, 5, true);
  return lineage;
}

struct CoverCase {
  const char* entry;
  const char* dot;
  bool covers;
};

TEST(Lineage, AnEntryCoversItselfAndItsPredecessorsOnly) {
  const CoverCase kCases[] = {
      {"Alice3", "Alice3", true},   {"Alice3", "Alice2", true},
      {"Alice3", "Alice1", true},   {"Alice3", "Alice3'", false},
      {"Alice3", "Alice2'", false}, {"Alice3'", "Alice2'", true},
      {"Alice3'", "Alice1", true},  {"Alice3'", "Alice2", false},
      {"Alice2", "Alice3", false},  {"Alice2'", "Alice2", false},
      {"Alice1", "Alice2", false},  {"Bob2", "Bob1", true},
      {"Bob2", "Alice1", false},    {"Alice1", "Bob1", false},
      {"Alice4", "Alice3", false},  // Alice4 is not here: who knows which branch it follows
      {"Alice4", "Alice4", true},   {"Carol2", "Carol1", false},
      {"Carol2", "Carol2", true},
  };
  Lineage lineage = Forked();
  for (const CoverCase& c : kCases)
    EXPECT_EQ(lineage.Covers(DotFrom(c.entry), DotFrom(c.dot)), c.covers) << c.entry << " covers " << c.dot;
}

TEST(Lineage, AVectorCoversWhatOneOfItsEntriesCovers) {
  Lineage lineage = Forked();
  EXPECT_TRUE(lineage.Covers("Alice2' Bob1"_vv, "Alice1"_dot));
  EXPECT_TRUE(lineage.Covers("Alice2' Bob1"_vv, "Bob1"_dot));
  EXPECT_FALSE(lineage.Covers("Alice2' Bob1"_vv, "Alice2"_dot));
  EXPECT_FALSE(lineage.Covers(""_vv, "Alice1"_dot));
}

TEST(Lineage, AnEntryCoversMoreOnceItsOpHasCome) {
  Lineage lineage = Forked();
  EXPECT_FALSE(lineage.Covers("Bob3"_vv, "Bob2"_dot));
  lineage.Add("Bob3"_dot, "Bob2"_dot.tag, 9, true);
  EXPECT_TRUE(lineage.Covers("Bob3"_vv, "Bob2"_dot));
  EXPECT_TRUE(lineage.Covers("Bob3"_vv, "Bob1"_dot));
}

TEST(Lineage, AnOpIsReadyAfterThePredecessorThatItNames) {
  Lineage lineage = Forked();
  EXPECT_TRUE(lineage.Ready("Carol1"_dot, 0));
  EXPECT_FALSE(lineage.Ready("Carol2"_dot, "Carol1"_dot.tag));
  EXPECT_TRUE(lineage.Ready("Bob3"_dot, "Bob2"_dot.tag));
  EXPECT_FALSE(lineage.Ready("Bob3"_dot, "Bob2'"_dot.tag));  // the other branch has not come
  EXPECT_FALSE(lineage.Ready("Bob4"_dot, "Bob3"_dot.tag));
  EXPECT_FALSE(lineage.Ready("Carol1"_dot, 7));  // a first op that claims a predecessor
  EXPECT_FALSE(lineage.Ready({{"Carol", 0}, 0, 7}, 0));
}

TEST(Lineage, ContainsTellsBranchesApart) {
  Lineage lineage = Forked();
  EXPECT_TRUE(lineage.Contains("Alice2'"_dot));
  EXPECT_FALSE(lineage.Contains("Bob2'"_dot));
  EXPECT_EQ(lineage.size(), 7u);
}

TEST(Lineage, HeadsAreTheLastOfEachBranch) {
  EXPECT_EQ(Forked().Heads(), "Alice3 Alice3' Bob2"_vv);
  EXPECT_EQ(Lineage().Heads(), ""_vv);
}

TEST(Lineage, WhatAuthorsSeePassesOverWhatAVerdictHides) {
  Lineage lineage;
  lineage.Add("Alice1"_dot, 0, 1, true);
  lineage.Add("Alice2"_dot, "Alice1"_dot.tag, 2, false, true);
  EXPECT_EQ(lineage.Visible(), "Alice1"_vv);  // nobody is handed what nobody could see
  lineage.Add("Alice3"_dot, "Alice2"_dot.tag, 3, true);
  lineage.Add("Bob1"_dot, 0, 1, false, true);
  EXPECT_EQ(lineage.Visible(), "Alice3"_vv);
  lineage.Add("Bob2"_dot, "Bob1"_dot.tag, 4, false, true);
  lineage.Add("Bob3"_dot, "Bob2"_dot.tag, 5, true);
  EXPECT_EQ(lineage.Visible(), "Alice3 Bob3"_vv);
  lineage.Add("Alice4"_dot, "Alice3"_dot.tag, 6, false);  // of a kind that is not known here
  lineage.Add("Alice5"_dot, "Alice4"_dot.tag, 7, true);
  EXPECT_EQ(lineage.Visible(), "Alice3 Bob3"_vv);
}

TEST(Lineage, WhatIsHiddenIsToldAnewAfterDecoding) {
  Lineage lineage;
  lineage.Add("Alice1"_dot, 0, 1, false, true);
  lineage.Add("Alice2"_dot, "Alice1"_dot.tag, 2, true);
  std::string bytes;
  ByteWriter writer(&bytes);
  lineage.Encode(&writer);
  ByteReader reader(bytes);
  Lineage decoded = Lineage::Decode(&reader);
  EXPECT_EQ(decoded.Visible(), ""_vv);
  decoded.Hide("Alice1"_dot.actor, 1, "Alice1"_dot.tag);
  decoded.Hide("Alice2"_dot.actor, 2, "Alice2"_dot.tag);  // it is projected
  EXPECT_EQ(decoded, lineage);
  EXPECT_EQ(decoded.Visible(), "Alice2"_vv);
}

TEST(Lineage, WhatAuthorsSeeStopsBeforeTheFirstOpThatIsNotProjected) {
  Lineage lineage;
  lineage.Add("Alice1"_dot, 0, 1, true);
  lineage.Add("Alice2"_dot, "Alice1"_dot.tag, 2, false);
  lineage.Add("Alice3"_dot, "Alice2"_dot.tag, 3, true);
  lineage.Add("Alice2'"_dot, "Alice1"_dot.tag, 2, true);
  lineage.Add("Bob1"_dot, 0, 1, false);
  EXPECT_EQ(lineage.Visible(), "Alice2'"_vv);
  EXPECT_EQ(lineage.Heads(), "Alice2' Alice3 Bob1"_vv);
  lineage.Add("Carol1"_dot, 0, 1, true);
  lineage.Add("Carol2"_dot, "Carol1"_dot.tag, 1, false);
  EXPECT_EQ(lineage.Visible(), "Alice2' Carol1"_vv);
}

TEST(Lineage, JoinKeepsTheEntriesThatNoOtherCovers) {
  Lineage lineage = Forked();
  VersionVector vector = "Alice2 Bob2"_vv;
  lineage.Join("Alice3 Bob1 Carol5"_vv, &vector);
  EXPECT_EQ(vector, "Alice3 Bob2 Carol5"_vv);
  lineage.Join("Alice3'"_vv, &vector);
  EXPECT_EQ(vector, "Alice3 Alice3' Bob2 Carol5"_vv);
}

TEST(Lineage, JoinReducesEvenWhenNothingIsAdded) {
  Lineage lineage = Forked();
  VersionVector vector = "Bob1 Bob2"_vv;
  lineage.Join("Bob2"_vv, &vector);
  EXPECT_EQ(vector, "Bob2"_vv);
}

TEST(Lineage, ComesBackFromItsBytes) {
  Lineage lineage = Forked();
  lineage.Add("Carol1"_dot, 0, 300, false);
  std::string bytes;
  ByteWriter writer(&bytes);
  lineage.Encode(&writer);
  ByteReader reader(bytes);
  EXPECT_EQ(Lineage::Decode(&reader), lineage);
  EXPECT_TRUE(reader.Finish("lineage").ok());
  for (size_t size = 0; size < bytes.size(); ++size) {
    ByteReader cut(std::string_view(bytes).substr(0, size));
    Lineage::Decode(&cut);
    EXPECT_FALSE(cut.ok()) << size;
  }
}

TEST(Lineage, RefusesActorsAndStepsOutOfOrder) {
  auto decodes = [](std::vector<std::vector<Dot>> actors) {
    std::string bytes;
    ByteWriter writer(&bytes);
    writer.Varint(actors.size());
    for (const std::vector<Dot>& steps : actors) {
      EncodeActor(steps[0].actor, &writer);
      writer.Varint(steps.size());
      for (const Dot& dot : steps) {
        writer.Varint(dot.n);
        writer.Fixed64(dot.tag);
        writer.Fixed64(0);
        writer.Varint(1);
        writer.U8(1);
      }
    }
    ByteReader reader(bytes);
    Lineage::Decode(&reader);
    return reader.Finish("lineage").ok();
  };
  EXPECT_TRUE(decodes({{"Alice1"_dot, "Alice2"_dot}, {"Bob1"_dot}}));
  EXPECT_FALSE(decodes({{"Alice2"_dot, "Alice1"_dot}}));
  EXPECT_FALSE(decodes({{"Alice1"_dot, "Alice1"_dot}}));
  EXPECT_FALSE(decodes({{"Bob1"_dot}, {"Alice1"_dot}}));
  EXPECT_FALSE(decodes({{"Bob1"_dot}, {"Bob2"_dot}}));
}

}  // namespace
}  // namespace liaison
