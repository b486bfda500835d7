// The laws of coverage and of vectors on random chains of ops with forks. RapidCheck cuts a failure to a small one.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "common/causal/lineage.h"

namespace liaison {
namespace {

// The same cases in every run. An environment that sets RC_PARAMS itself may look further.
const bool kParams = setenv("RC_PARAMS", "seed=1 max_success=2000", 0) == 0;

struct Ops {
  Lineage lineage;
  std::vector<Dot> names;                 // of all ops
  std::vector<std::vector<bool>> behind;  // [i][j]: op j is op i or one of its predecessors
};

// Each pair makes an op: an actor, and which of its ops to follow (or none).
Ops OpsFrom(const std::vector<std::pair<uint8_t, uint8_t>>& plan) {
  Ops ops;
  for (const auto& [actor_pick, follow] : plan) {
    Actor actor{"S", static_cast<uint64_t>(actor_pick % 3)};
    std::vector<size_t> own;
    for (size_t i = 0; i < ops.names.size(); ++i)
      if (ops.names[i].actor == actor) own.push_back(i);
    Tag tag = 100 - ops.names.size();  // descending, so that tags do not follow the order of the ops
    Dot dot{actor, 1, tag};
    Tag previous = 0;
    std::vector<bool> behind(plan.size());
    // Mostly the newest op is followed; 1 in 8 plans a fork.
    if (!own.empty()) {
      size_t pick = follow < 224 ? own.size() - 1 : follow % (own.size() + 1);
      if (pick < own.size()) {
        dot.n = ops.names[own[pick]].n + 1;
        previous = ops.names[own[pick]].tag;
        behind = ops.behind[own[pick]];
      }
    }
    behind[ops.names.size()] = true;
    ops.lineage.Add(dot, previous, ops.names.size(), true);
    ops.names.push_back(dot);
    ops.behind.push_back(behind);
  }
  return ops;
}

// Each byte picks an op; large ones a name that is not applied.
VersionVector VectorFrom(const Ops& ops, const std::vector<uint8_t>& picks) {
  VersionVector vector;
  for (uint8_t pick : picks) {
    if (pick > 230 || ops.names.empty()) {
      vector.Insert({{"S", static_cast<uint64_t>(pick % 3)}, 1u + pick % 4, 1000u + pick % 8});
    } else {
      vector.Insert(ops.names[pick % ops.names.size()]);
    }
  }
  return vector;
}

using Plan = std::vector<std::pair<uint8_t, uint8_t>>;
using Picks = std::vector<uint8_t>;

TEST(LineageLaws, CoversIsExactlyTheChainOfPredecessors) {
  EXPECT_TRUE(rc::check([](const Plan& plan) {
    Ops ops = OpsFrom(plan);
    for (size_t i = 0; i < ops.names.size(); ++i)
      for (size_t j = 0; j < ops.names.size(); ++j)
        RC_ASSERT(ops.lineage.Covers(ops.names[i], ops.names[j]) == ops.behind[i][j]);
  }));
}

TEST(LineageLaws, CoversIsReflexiveAntisymmetricAndTransitive) {
  EXPECT_TRUE(rc::check([](Plan plan, const Picks& picks) {
    if (plan.size() > 20) plan.resize(20);
    Ops ops = OpsFrom(plan);
    VersionVector names = VectorFrom(ops, picks);  // some of them not applied
    for (const Dot& dot : ops.names) names.Insert(dot);
    const Lineage& lineage = ops.lineage;
    for (const Dot& a : names.dots()) {
      RC_ASSERT(lineage.Covers(a, a));
      for (const Dot& b : names.dots()) {
        if (a != b && lineage.Covers(a, b)) RC_ASSERT(!lineage.Covers(b, a));
        for (const Dot& c : names.dots())
          if (lineage.Covers(a, b) && lineage.Covers(b, c)) RC_ASSERT(lineage.Covers(a, c));
      }
    }
  }));
}

TEST(LineageLaws, AnEntryThatIsNotAppliedCoversItsNameOnly) {
  EXPECT_TRUE(rc::check([](const Plan& plan, uint8_t n, uint8_t actor) {
    Ops ops = OpsFrom(plan);
    Dot foreign{{"S", actor % 3u}, 1u + n, 5000};
    for (const Dot& dot : ops.names) RC_ASSERT(!ops.lineage.Covers(foreign, dot));
  }));
}

TEST(LineageLaws, JoinIsCommutativeAssociativeAndIdempotent) {
  EXPECT_TRUE(rc::check([](const Plan& plan, const Picks& p, const Picks& q, const Picks& r) {
    Ops ops = OpsFrom(plan);
    VersionVector a = VectorFrom(ops, p), b = VectorFrom(ops, q), c = VectorFrom(ops, r);
    auto join = [&](VersionVector into, const VersionVector& more) {
      ops.lineage.Join(more, &into);
      return into;
    };
    RC_ASSERT(join(a, b) == join(b, a));
    RC_ASSERT(join(join(a, b), c) == join(a, join(b, c)));
    VersionVector reduced = join(a, a);
    RC_ASSERT(join(reduced, reduced) == reduced);
    RC_ASSERT(join(a, {}) == reduced);
    for (const Dot& dot : ops.names)
      RC_ASSERT(ops.lineage.Covers(join(a, b), dot) == (ops.lineage.Covers(a, dot) || ops.lineage.Covers(b, dot)));
  }));
}

TEST(LineageLaws, HeadsCoverEverythingAndNoHeadCoversAnother) {
  EXPECT_TRUE(rc::check([](const Plan& plan) {
    Ops ops = OpsFrom(plan);
    VersionVector heads = ops.lineage.Heads();
    for (const Dot& dot : ops.names) RC_ASSERT(ops.lineage.Covers(heads, dot));
    for (const Dot& head : heads.dots())
      for (const Dot& other : heads.dots()) RC_ASSERT(head == other || !ops.lineage.Covers(head, other));
    RC_ASSERT(ops.lineage.Visible() == heads);  // all steps are projected
    VersionVector all;
    for (const Dot& dot : ops.names) all.Insert(dot);
    ops.lineage.Reduce(&all);
    RC_ASSERT(all == heads);
  }));
}

TEST(LineageLaws, TheStoredFormComesBackAndDoesNotDependOnTheOrder) {
  EXPECT_TRUE(rc::check([](const Plan& plan) {
    Ops ops = OpsFrom(plan);
    std::string bytes, again;
    ByteWriter writer(&bytes), other(&again);
    ops.lineage.Encode(&writer);
    ByteReader reader(bytes);
    RC_ASSERT(Lineage::Decode(&reader) == ops.lineage);
    RC_ASSERT(reader.Finish("lineage").ok());
    Lineage reordered;  // by actor from the last to the first, each actor's own order kept
    for (uint64_t actor : {2, 1, 0})
      for (const auto& [name, steps] : ops.lineage.steps())
        for (const Lineage::Step& step : steps)
          if (name.random == actor) reordered.Add({name, step.n, step.tag}, step.previous, step.seq, step.projected);
    reordered.Encode(&other);
    RC_ASSERT(again == bytes);
  }));
}

TEST(VectorLaws, EqualSetsHaveEqualBytesWhicheverOrderTheyWereMadeIn) {
  EXPECT_TRUE(rc::check([](const Plan& plan, Picks picks) {
    Ops ops = OpsFrom(plan);
    VersionVector forward = VectorFrom(ops, picks);
    std::reverse(picks.begin(), picks.end());
    VersionVector backward = VectorFrom(ops, picks);
    std::string bytes, again;
    ByteWriter writer(&bytes), other(&again);
    forward.Encode(&writer);
    backward.Encode(&other);
    RC_ASSERT(bytes == again);
    ByteReader reader(bytes);
    RC_ASSERT(VersionVector::Decode(&reader) == forward);
    RC_ASSERT(reader.Finish("vector").ok());
  }));
}

}  // namespace
}  // namespace liaison
