// The laws of the merge, on random histories against the naive model.
#include <gtest/gtest.h>

#include "common/base/text.h"
#include "tests/testing/history.h"
#include "tests/testing/merge_check.h"

namespace liaison {
namespace {

std::vector<const Op*> Pointers(const History& history) {
  std::vector<const Op*> ops;
  for (const Op& op : history.ops) ops.push_back(&op);
  return ops;
}

// How often the histories held what they are meant to hold: a law that never met its case proves nothing.
struct Seen {
  size_t histories = 0, ops = 0, deliveries = 0, conflicts = 0, voids = 0, flagged = 0, refused = 0, unknown = 0;
  size_t forks = 0, held = 0, refolds = 0;

  void Count(const naive::Answers& answers) {
    for (const auto& [place, siblings] : answers.siblings) conflicts += siblings.size() > 1;
    for (const auto& [child, life] : answers.life) {
      voids += life == naive::Life::kVoid;
      flagged += life == naive::Life::kFlagged;
    }
    refused += answers.refused.size();
    unknown += answers.unknown.size();
    const naive::Name* last = nullptr;
    for (const naive::Name& name : answers.applied) {
      forks += last != nullptr && last->actor == name.actor && last->n == name.n;
      last = &name;
    }
  }
  std::string ToText() const {
    return Cat(histories, " histories, ", ops, " ops, ", deliveries, " deliveries; seen after them: ", conflicts,
               " conflicts, ", voids, " voids, ", flagged, " flagged, ", refused, " refused, ", unknown, " unknown, ",
               forks, " forks, ", held, " held, ", refolds, " refolds");
  }
};

// One site of a history, played with the fold and with the model.
struct Played {
  explicit Played(const RecordId& id) : replica(id) {}
  Replica replica;
  std::vector<const naive::Op*> plain;

  void Play(const History& history, const History::Event& event) {
    if (!event.disk_replaced) {
      replica.Deliver(history.ops[event.op]);
      plain.push_back(&history.plain[event.op]);
      return;
    }
    std::vector<const Op*> disk;
    plain.clear();
    for (size_t op : event.disk) {
      disk.push_back(&history.ops[op]);
      plain.push_back(&history.plain[op]);
    }
    replica.Replace(disk);
  }
};

std::string AgreesAfterEveryDelivery(const History& history, Seen* seen) {
  std::vector<Played> sites(history.sites, Played(history.aggregate));
  ++seen->histories;
  seen->ops += history.ops.size();
  for (const History::Event& event : history.events) {
    Played& site = sites[event.site];
    site.Play(history, event);
    std::string where = Cat("site ", event.site, " after #", event.op, ": ");
    std::vector<const Op*> ops = site.replica.ops();
    naive::Answers answers = naive::Evaluate(site.plain);
    std::string wrong = Difference(site.replica.state(), ops, answers);
    if (!wrong.empty()) return where + wrong;
    if (Aggregate::Fold(history.aggregate, ops) != site.replica.state()) return where + "the fold afresh differs\n";
    if (++seen->deliveries % 4 == 0 && !site.replica.ThroughBytes()) return where + "the stored form differs\n";
    seen->Count(answers);
  }
  for (const Played& site : sites) {
    seen->held += site.replica.held_seen();
    seen->refolds += site.replica.refolds();
  }
  return "";
}

TEST(Merge, EveryReplicaAgreesWithTheModelAfterEveryDelivery) {
  Seen seen;
  for (bool any_order : {false, true}) {
    for (bool verdicts : {false, true}) {
      HistoryOptions options;
      options.any_order = any_order;
      options.verdicts = verdicts;
      std::string failure =
          FirstFailure(options, 1, 600, [&](const History& h) { return AgreesAfterEveryDelivery(h, &seen); });
      ASSERT_EQ(failure.size(), 0u) << failure;
    }
  }
  for (size_t count :
       {seen.conflicts, seen.voids, seen.flagged, seen.refused, seen.unknown, seen.forks, seen.held, seen.refolds})
    EXPECT_GT(count, 300u) << seen.ToText();
  RecordProperty("histories", seen.ToText());
}

TEST(Merge, HistoriesFromAFuzzersBytesAgreeToo) {
  Seen seen;
  Choices bytes(uint64_t{1});
  for (int i = 0; i < 60; ++i) {
    std::string input;
    for (uint32_t size = bytes.Below(400); size > 0; --size) input.push_back(static_cast<char>(bytes.Below(256)));
    Choices choices{std::string_view(input)};
    History history = MakeHistory({}, &choices);
    ASSERT_EQ(AgreesAfterEveryDelivery(history, &seen), "") << history.ToText();
  }
  EXPECT_GT(seen.conflicts, 100u) << seen.ToText();
}

TEST(Merge, TheSameOpsGiveTheSameBytesInAnyOrderWithAnyRepetition) {
  Choices orders(uint64_t{2});
  std::string failure = FirstFailure({}, 10'000, 2000, [&](const History& history) -> std::string {
    std::vector<const Op*> ops = Pointers(history);
    Aggregate first = Aggregate::Fold(history.aggregate, ops);
    if (!first.held().empty()) return "something is held\n";
    for (int i = 0; i < 4; ++i) {
      size_t count = ops.size();
      for (size_t twice = count / 4; twice > 0; --twice) ops.push_back(ops[orders.Below(static_cast<uint32_t>(count))]);
      orders.Shuffle(&ops);
      if (Aggregate::Fold(history.aggregate, ops).Encode() != first.Encode()) return "the fold depends on the order\n";
      Replica replica(history.aggregate);
      for (const Op* op : ops) {
        replica.Deliver(*op);
        if (!replica.ThroughBytes()) return "the stored form differs\n";
      }
      if (replica.state().Encode() != first.Encode()) return "stored bytes depend on the order\n";
      if (replica.state().Canonical() != first.Canonical()) return "canonical bytes depend on the order\n";
      ops = replica.ops();
    }
    return "";
  });
  EXPECT_EQ(failure.size(), 0u) << failure;
}

TEST(Merge, WhatIsHeldDependsOnlyOnTheSetOfOps) {
  HistoryOptions options;
  options.calm = false;
  Choices orders(uint64_t{3});
  size_t held = 0;
  std::string failure = FirstFailure(options, 20'000, 1000, [&](const History& history) -> std::string {
    std::vector<const Op*> some;
    for (const Op& op : history.ops)
      if (!orders.OneIn(5)) some.push_back(&op);
    Aggregate afresh = Aggregate::Fold(history.aggregate, some);
    orders.Shuffle(&some);
    Replica replica(history.aggregate);
    for (const Op* op : some) replica.Deliver(*op);
    held += afresh.held().size();
    return afresh == replica.state() ? "" : "held ops or state depend on the order\n";
  });
  EXPECT_EQ(failure.size(), 0u) << failure;
  EXPECT_GT(held, 100u);
}

// Whether the context of `op` covers `dot`, by walking the ops themselves.
bool Saw(const Op& op, const Dot& dot, const std::map<Dot, const Op*>& ops) {
  for (Dot at : op.context.dots()) {
    for (;;) {
      if (at == dot) return true;
      auto it = ops.find(at);
      if (it == ops.end() || at.n == 1) break;
      at = {at.actor, at.n - 1, it->second->previous};
    }
  }
  return false;
}

using Place = std::pair<RecordId, FieldKey>;

std::map<Place, std::set<Dot>> VisibleDots(const Aggregate& aggregate) {
  std::map<Place, std::set<Dot>> dots;
  for (const auto& [id, child] : aggregate.children())
    for (const auto& [key, field] : child.fields)
      for (const Sibling& sibling : field.siblings()) dots[{id, key}].insert(sibling.dot);
  return dots;
}

bool SomebodyCovered(const Place& place, const Dot& dot, const std::map<Dot, const Op*>& ops) {
  for (const auto& [name, op] : ops)
    for (const Write& write : op->writes)
      if (write.child == place.first && FieldKey(write.tag, write.element) == place.second && Saw(*op, dot, ops))
        return true;
  return false;
}

// And so a conflict, which is two visible values, stays until an op covers one of them.
TEST(Merge, AValueDisappearsOnlyThroughAnOpWhoseContextCoversIt) {
  HistoryOptions options;
  options.verdicts = false;  // a refused op disappears, too
  options.unknown_kinds = false;
  size_t gone = 0;
  std::string failure = FirstFailure(options, 30'000, 2000, [&](const History& history) -> std::string {
    Replica replica(history.aggregate);
    std::map<Dot, const Op*> ops;
    std::map<Place, std::set<Dot>> before;
    for (const History::Event& event : history.events) {
      if (event.disk_replaced) continue;
      const Op& op = history.ops[event.op];
      ops[op.dot()] = &op;
      replica.Deliver(op);
      std::map<Place, std::set<Dot>> after = VisibleDots(replica.state());
      for (const auto& [place, dots] : before) {
        for (const Dot& dot : dots) {
          if (after[place].contains(dot)) continue;
          ++gone;
          if (!SomebodyCovered(place, dot, ops)) return Cat("nobody covered ", ToText(dot), "\n");
        }
      }
      before = std::move(after);
    }
    return "";
  });
  EXPECT_EQ(failure.size(), 0u) << failure;
  EXPECT_GT(gone, 1000u);
}

TEST(Merge, ClocksChangeNothing) {
  Choices clocks(uint64_t{5});
  std::string failure = FirstFailure({}, 40'000, 2000, [&](const History& history) -> std::string {
    std::vector<Op> ops = history.ops;
    for (Op& op : ops) {
      op.wall_ms = static_cast<int64_t>(clocks.UniqueBits());
      op.logical_time = clocks.UniqueBits();
      op.clock_quality = static_cast<uint8_t>(clocks.Below(4));
    }
    Replica as_written(history.aggregate), permuted(history.aggregate);
    for (const Op& op : history.ops) as_written.Deliver(op);
    for (const Op& op : ops) permuted.Deliver(op);
    return as_written.state().Encode() == permuted.state().Encode() ? "" : "a clock decided something\n";
  });
  EXPECT_EQ(failure.size(), 0u) << failure;
}

// One op and all that its actor built on it reach a replica long after everything else.
TEST(Merge, AnOpThatWasWithheldResurrectsNothing) {
  HistoryOptions options;
  options.verdicts = false;
  options.unknown_kinds = false;
  Choices picks(uint64_t{6});
  size_t covered_before_it_came = 0;
  std::string failure = FirstFailure(options, 50'000, 2000, [&](const History& history) -> std::string {
    if (history.ops.empty()) return "";
    std::map<Dot, const Op*> all;
    for (const Op& op : history.ops) all[op.dot()] = &op;
    const Op& late = history.ops[picks.Below(static_cast<uint32_t>(history.ops.size()))];
    Replica replica(history.aggregate);
    for (const Op& op : history.ops)
      if (op.actor != late.actor || op.n < late.n) replica.Deliver(op);
    for (const Op& op : history.ops)
      if (op.actor == late.actor && op.n >= late.n) replica.Deliver(op);
    std::map<Place, std::set<Dot>> visible = VisibleDots(replica.state());
    for (const Write& write : late.writes) {
      Place place{write.child, {write.tag, write.element}};
      if (!SomebodyCovered(place, late.dot(), all)) continue;
      ++covered_before_it_came;
      if (visible[place].contains(late.dot())) return Cat(ToText(late.dot()), " came back\n");
    }
    return "";
  });
  EXPECT_EQ(failure.size(), 0u) << failure;
  EXPECT_GT(covered_before_it_came, 300u);
}

// An op by a person who has seen everything.
Op SeesAll(const History& history, const Aggregate& state) {
  Op op;
  op.aggregate = history.aggregate;
  op.actor = {"HUB", 1};
  op.n = op.seq = 1;
  op.context = state.lineage().Visible();
  op.hash = std::string(32, 's');
  return op;
}

TEST(Merge, AConflictThatWasSettledOnceIsSettledAfterAnyOrderOfSyncs) {
  HistoryOptions options;
  options.verdicts = false;
  options.unknown_kinds = false;
  Choices orders(uint64_t{7});
  size_t settled = 0;
  std::string failure = FirstFailure(options, 60'000, 1500, [&](const History& history) -> std::string {
    std::vector<const Op*> ops = Pointers(history);
    Aggregate state = Aggregate::Fold(history.aggregate, ops);
    Op settle = SeesAll(history, state);
    for (const auto& [place, dots] : VisibleDots(state))
      if (dots.size() > 1) settle.writes.push_back({place.first, place.second.first, place.second.second, "settled"});
    ops.push_back(&settle);
    for (int i = 0; i < 3; ++i) {
      orders.Shuffle(&ops);
      Replica replica(history.aggregate);
      for (const Op* op : ops) replica.Deliver(*op);
      for (const auto& [place, dots] : VisibleDots(replica.state()))
        if (dots.size() > 1) return "a conflict came back\n";
    }
    settled += settle.writes.size();
    return "";
  });
  EXPECT_EQ(failure.size(), 0u) << failure;
  EXPECT_GT(settled, 1000u);
}

TEST(Merge, WhatWasVoidedByOneWhoSawAllNeverComesBack) {
  HistoryOptions options;
  options.verdicts = false;
  options.unknown_kinds = false;
  Choices orders(uint64_t{8});
  std::string failure = FirstFailure(options, 70'000, 1500, [&](const History& history) -> std::string {
    std::vector<const Op*> ops = Pointers(history);
    Op voids = SeesAll(history, Aggregate::Fold(history.aggregate, ops));
    voids.writes.push_back({{}, kVoidTag, "", "1twice"});
    ops.push_back(&voids);
    orders.Shuffle(&ops);
    Replica replica(history.aggregate);
    for (const Op* op : ops) replica.Deliver(*op);
    return replica.state().VoidOf({}) == VoidState::kVoid ? "" : "the record is back\n";
  });
  EXPECT_EQ(failure.size(), 0u) << failure;
}

}  // namespace
}  // namespace liaison
