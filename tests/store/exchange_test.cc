// Ranges up: what the hub takes, and what it makes of two branches of one log.
#include <gtest/gtest.h>

#include "common/codec/message_codec.h"
#include "common/crypto/hash.h"
#include "common/store/store.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using namespace testing_store;
using testing::ElementsAre;

sync::Range RangeOf(const Node& node, const Actor& actor, uint64_t first, uint64_t last) {
  sync::Range range;
  range.actor = actor;
  range.first = first;
  range.last = last;
  for (uint64_t seq = first; seq <= last; ++seq) {
    absl::StatusOr<sync::Range> one = node.store->ReadRange(actor, seq, 1);
    EXPECT_TRUE(one.ok()) << one.status();
    if (one.ok()) range.ops.push_back(one->ops[0]);
  }
  return range;
}

sync::Ack Apply(Node* hub, const sync::Range& range) {
  auto acks = hub->store->ApplyRanges({&range, 1});
  EXPECT_TRUE(acks.ok()) << acks.status();
  return acks.ok() ? (*acks)[0] : sync::Ack{};
}

struct Pair : testing::Test {
  Node hub{Node::kHub, 100};
  Node station{"HK-D057", 1};
  // `n` ops in one run.
  Actor Write(int n) {
    for (int i = 0; i < n; ++i) station.NewMatter("HK-D057", "事项" + std::to_string(i));
    return station.store->tip()->actor;
  }
};

using RangeTest = Pair;

TEST_F(RangeTest, WhatIsReadIsContiguousBoundedAndEndsAtTheHead) {
  Actor actor = Write(5);
  absl::StatusOr<sync::Range> all = station.store->ReadRange(actor, 1, 1 << 20);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->ops.size(), 5u);
  EXPECT_EQ(all->last, 5u);
  EXPECT_EQ(all->head_after, station.store->tip()->head);
  absl::StatusOr<sync::Range> one = station.store->ReadRange(actor, 3, 1);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one->last, 3u);
  absl::StatusOr<sync::Range> rest = station.store->ReadRange(actor, 4, 1 << 20);
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(rest->head_before, one->head_after);
  EXPECT_EQ(rest->head_after, all->head_after);
  for (uint64_t none : {uint64_t{0}, uint64_t{6}, ~uint64_t{0}})
    EXPECT_EQ(station.store->ReadRange(actor, none, 100).status().code(), absl::StatusCode::kNotFound) << none;
}

TEST_F(RangeTest, WhenWhatCameIsKnownByTheHubsClockAndStays) {
  Actor actor = Write(4);
  hub.clock.Set(1'000);
  Apply(&hub, RangeOf(station, actor, 1, 2));
  hub.clock.Set(2'000);
  Apply(&hub, RangeOf(station, actor, 1, 2));  // again
  Apply(&hub, RangeOf(station, actor, 2, 4));
  hub.clock.Set(3'000);
  Apply(&hub, RangeOf(station, actor, 3, 4));
  StoreReader at_hub(hub.store->Snapshot());
  EXPECT_EQ(at_hub.ArrivalMs(actor, 1), 1'000);
  EXPECT_EQ(at_hub.ArrivalMs(actor, 2), 1'000);
  EXPECT_EQ(at_hub.ArrivalMs(actor, 3), 2'000);
  EXPECT_EQ(at_hub.ArrivalMs(actor, 4), 2'000);
  EXPECT_EQ(at_hub.ArrivalMs(actor, 5), std::nullopt);
  EXPECT_EQ(StoreReader(station.store->Snapshot()).ArrivalMs(actor, 1), std::nullopt);
}

TEST_F(RangeTest, HubTakesWhatFollowsAndAsksForWhatIsMissing) {
  Actor actor = Write(6);
  sync::Ack ack = Apply(&hub, RangeOf(station, actor, 1, 2));
  EXPECT_EQ(ack.tip.seq, 2u);
  EXPECT_FALSE(ack.gap.has_value());
  auto before = hub.Dump();
  ack = Apply(&hub, RangeOf(station, actor, 4, 6));
  ASSERT_TRUE(ack.gap.has_value());
  EXPECT_EQ(ack.gap->seq, 2u);
  EXPECT_EQ(hub.Dump(), before);
  ack = Apply(&hub, RangeOf(station, actor, 2, 4));  // overlaps
  EXPECT_EQ(ack.tip.seq, 4u);
  ack = Apply(&hub, RangeOf(station, actor, 5, 6));
  EXPECT_EQ(ack.tip, *station.store->tip());
  EXPECT_EQ(hub.store->Have(actor), *station.store->tip());
  EXPECT_TRUE(hub.store->HoldsAt(*station.store->tip()));
  EXPECT_TRUE(hub.store->Verify().ok()) << hub.store->Verify().differences[0];
}

TEST_F(RangeTest, RepeatedRangesChangeNothing) {
  Actor actor = Write(4);
  Apply(&hub, RangeOf(station, actor, 1, 4));
  auto before = hub.Dump();
  for (const auto& [first, last] : {std::pair(1, 4), std::pair(2, 3), std::pair(4, 4)}) {
    sync::Ack ack = Apply(&hub, RangeOf(station, actor, static_cast<uint64_t>(first), static_cast<uint64_t>(last)));
    EXPECT_EQ(ack.tip.seq, static_cast<uint64_t>(last));
    EXPECT_EQ(ack.tip.head, station.store->ReadRange(actor, 1, 1 << 20)->head_after.substr(0, last == 4 ? 32 : 0) +
                                (last == 4 ? "" : ack.tip.head));
    EXPECT_TRUE(station.store->RecordAck(ack).ok());
    EXPECT_EQ(hub.Dump(), before);
  }
}

TEST_F(RangeTest, RunIsTakenOnlyBehindItsParent) {
  Actor first = Write(2);
  station.Open();
  Actor second = Write(2);
  sync::Ack ack = Apply(&hub, RangeOf(station, second, 1, 2));
  ASSERT_TRUE(ack.gap.has_value());
  EXPECT_EQ(ack.gap->actor, first);
  EXPECT_EQ(ack.gap->seq, 0u);
  Apply(&hub, RangeOf(station, first, 1, 1));
  ack = Apply(&hub, RangeOf(station, second, 1, 2));
  ASSERT_TRUE(ack.gap.has_value());
  EXPECT_EQ(ack.gap->seq, 1u);
  Apply(&hub, RangeOf(station, first, 2, 2));
  ack = Apply(&hub, RangeOf(station, second, 1, 2));
  EXPECT_FALSE(ack.gap.has_value());
  EXPECT_EQ(ack.tip, *station.store->tip());
}

TEST_F(RangeTest, ParentMayComeInTheSameBatch) {
  Actor first = Write(2);
  station.Open();
  Actor second = Write(1);
  std::vector<sync::Range> ranges = {RangeOf(station, first, 1, 2), RangeOf(station, second, 1, 1)};
  auto acks = hub.store->ApplyRanges(ranges);
  ASSERT_TRUE(acks.ok());
  EXPECT_FALSE((*acks)[1].gap.has_value());
  EXPECT_TRUE(hub.store->HoldsAt(*station.store->tip()));
}

TEST_F(RangeTest, ParentAtAnotherHeadIsNotTheParent) {
  Actor first = Write(2);
  station.Open();
  Actor second = Write(1);
  Apply(&hub, RangeOf(station, first, 1, 2));
  sync::Range range = RangeOf(station, second, 1, 1);
  Op op = *DecodeOp(range.ops[0]);
  op.parent->head = Sha256("another history");
  range.ops[0] = EncodeOp(&op);
  EXPECT_TRUE(Apply(&hub, range).gap.has_value());
  EXPECT_FALSE(hub.store->Have(second).has_value());
}

TEST_F(RangeTest, MalformedOpLeavesNothingOfItsRange) {
  Actor actor = Write(4);
  sync::Range good = RangeOf(station, actor, 1, 4);
  auto before = hub.Dump();
  auto refused = [&](sync::Range range) {
    sync::Ack ack = Apply(&hub, range);
    EXPECT_EQ(hub.Dump(), before);
    return ack.verdicts.size() == 1 && ack.verdicts[0].verdict == sync::Verdict::kMalformed ? ack.verdicts[0].name.seq
                                                                                            : 0;
  };
  for (size_t i = 0; i < 4; ++i) {
    sync::Range bad = good;
    bad.ops[i].resize(bad.ops[i].size() / 2);
    EXPECT_EQ(refused(bad), i + 1);
    bad.ops[i].clear();
    EXPECT_EQ(refused(bad), i + 1);
  }
  sync::Range swapped = good;
  std::swap(swapped.ops[1], swapped.ops[2]);
  EXPECT_EQ(refused(swapped), 2u);
  sync::Range counts = good;
  counts.last = 5;
  EXPECT_EQ(refused(counts), 1u);
  sync::Range nothing;
  nothing.actor = actor;
  nothing.first = 1;  // last 0: as many ops as there are, none
  EXPECT_EQ(refused(nothing), 1u);
  nothing.first = 7;
  nothing.last = 6;
  EXPECT_EQ(refused(nothing), 7u);
  sync::Range zero = good;
  zero.first = 0;
  zero.last = 3;
  sync::Ack ack = Apply(&hub, zero);
  EXPECT_EQ(ack.verdicts.size(), 1u);
  EXPECT_EQ(hub.Dump(), before);
  EXPECT_EQ(Apply(&hub, good).tip.seq, 4u);
}

TEST_F(RangeTest, GoodRangesBesideABadOneAreTaken) {
  Node other("HK-D058", 2);
  other.NewMatter("HK-D058", "好");
  Actor actor = Write(1);
  sync::Range bad = RangeOf(station, actor, 1, 1), good = RangeOf(other, other.store->tip()->actor, 1, 1);
  bad.ops[0] = "not an op";
  std::vector<sync::Range> ranges = {bad, good};
  auto acks = hub.store->ApplyRanges(ranges);
  ASSERT_TRUE(acks.ok());
  EXPECT_EQ((*acks)[0].verdicts.size(), 1u);
  EXPECT_EQ((*acks)[1].tip.seq, 1u);
  EXPECT_TRUE(hub.store->HoldsAt(*other.store->tip()));
}

TEST_F(RangeTest, RefusedByTheDoorLeavesNothing) {
  Actor actor = Write(1);
  hub.store.reset();
  StoreOptions options = hub.Options();
  sync::Range seen;
  options.check_range = [&](const sync::Range& range) {
    seen = range;
    return absl::UnauthenticatedError("签名不对");
  };
  auto opened = Store::Open(std::make_unique<SharedKv>(hub.db, hub.fails), options);
  ASSERT_TRUE(opened.ok());
  hub.store = *std::move(opened);
  auto before = hub.Dump();
  sync::Ack ack = Apply(&hub, RangeOf(station, actor, 1, 1));
  ASSERT_EQ(ack.verdicts.size(), 1u);
  EXPECT_EQ(ack.verdicts[0].verdict, sync::Verdict::kRefused);
  EXPECT_EQ(ack.verdicts[0].reason, "签名不对");
  EXPECT_EQ(seen.head_after, station.store->tip()->head);  // the door sees the heads that it has to check
  EXPECT_EQ(hub.Dump(), before);
}

// The state before the new op is what the counters were made from, even when its bytes are lost.
TEST_F(RangeTest, CountersStayRightWhenAStateIsDamaged) {
  RecordId id = station.NewMatter("HK-D057", "原题");
  PushUp(&station, &hub);
  ASSERT_TRUE(hub.db->Write({{key::Aggregate(id), "damaged"}}, true).ok());
  station.Set(id, kTitleTag, "新题");
  PushUp(&station, &hub);
  EXPECT_TRUE(hub.store->Verify().ok()) << hub.store->Verify().differences[0];
}

// ---------------------------------------------------------------- branches

// Two processes resumed from one snapshot: the same actor goes on in two places, one op in common.
struct Twins : testing::Test {
  Node hub{Node::kHub, 100};
  Node a{"HK-D057", 1};
  Node b{"HK-D057", 1};
  Actor actor;
  RecordId shared;
  void SetUp() override {
    shared = a.NewMatter("HK-D057", "共同");
    ASSERT_EQ(b.NewMatter("HK-D057", "共同"), shared);
    ASSERT_EQ(a.store->tip(), b.store->tip());
    actor = a.store->tip()->actor;
    a.Set(shared, kContentTag, "甲一");
    a.Set(shared, kTitleTag, "甲二");
    for (const char* text : {"乙一", "乙二", "乙三", "乙四"}) b.Set(shared, kContentTag, text);
    ASSERT_EQ(b.store->tip()->actor, actor);
  }
  // As signatures do: a range that is not where its author made it is refused.
  void OpenHubWithSignatures() {
    hub.store.reset();
    StoreOptions options = hub.Options();
    options.check_range = [](const sync::Range& range) {
      return range.seal.signature == RangeSigningBytes(range) ? absl::OkStatus()
                                                              : absl::UnauthenticatedError("签名不对");
    };
    auto opened = Store::Open(std::make_unique<SharedKv>(hub.db, hub.fails), options);
    ASSERT_TRUE(opened.ok());
    hub.store = *std::move(opened);
  }
  // Live: the signature is sent, the heads are not.
  static sync::Range Signed(const Node& node, const Actor& actor, uint64_t first, uint64_t last) {
    sync::Range range = RangeOf(node, actor, first, last);
    range.head_before = Must(node.store->ReadRange(actor, first, 1)).head_before;
    range.head_after = Must(node.store->ReadRange(actor, last, 1)).head_after;
    range.seal.signature = RangeSigningBytes(range);
    range.head_before.clear();
    range.head_after.clear();
    return range;
  }
};

TEST_F(Twins, BothBranchesAreKeptFoldedAndAckedByTheirOwnHeads) {
  OpenHubWithSignatures();
  sync::Ack ack = Apply(&hub, Signed(a, actor, 1, 2));
  EXPECT_TRUE(ack.verdicts.empty());
  ack = Apply(&hub, Signed(b, actor, 1, 3));
  ASSERT_TRUE(ack.verdicts.empty()) << ack.verdicts[0].reason;
  EXPECT_EQ(ack.tip, (sync::Tip{actor, 3, b.store->ReadRange(actor, 3, 1)->head_after}));
  EXPECT_TRUE(b.store->RecordAck(ack).ok());
  EXPECT_FALSE(a.store->RecordAck(ack).ok());  // a's third op is not at the hub
  EXPECT_EQ(a.store->pending_ops(), 3u);
  ack = Apply(&hub, Signed(a, actor, 3, 3));
  ASSERT_TRUE(ack.verdicts.empty()) << ack.verdicts[0].reason;
  EXPECT_EQ(ack.tip, *a.store->tip());
  ack = Apply(&hub, Signed(b, actor, 4, 5));  // goes on where its own branch is, beyond the other's end
  ASSERT_TRUE(ack.verdicts.empty()) << ack.verdicts[0].reason;
  EXPECT_EQ(ack.tip, *b.store->tip());
  EXPECT_TRUE(hub.store->HoldsAt(*a.store->tip()));
  EXPECT_TRUE(hub.store->HoldsAt(*b.store->tip()));
  EXPECT_FALSE(hub.store->HoldsAt({actor, 3, Sha256("nobody's")}));
  EXPECT_EQ(hub.store->Read().Load(shared)->lineage().size(), 7u);
  EXPECT_TRUE(hub.store->Verify().ok()) << hub.store->Verify().differences[0];
  auto before = hub.Dump();
  for (const auto& [node, last] : {std::pair(&a, 3), std::pair(&b, 5)})
    Apply(&hub, Signed(*node, actor, 1, static_cast<uint64_t>(last)));
  hub.Open();
  EXPECT_TRUE(hub.store->HoldsAt(*a.store->tip()));  // without the cache of heads
  EXPECT_TRUE(hub.store->HoldsAt(*b.store->tip()));
}

TEST_F(Twins, ChildOfEitherBranchFindsItsParent) {
  OpenHubWithSignatures();
  Apply(&hub, Signed(a, actor, 1, 3));
  b.Open();
  b.NewMatter("HK-D057", "乙的新一次运行");
  Actor child = b.store->tip()->actor;
  EXPECT_TRUE(Apply(&hub, Signed(b, child, 1, 1)).gap.has_value());
  Apply(&hub, Signed(b, actor, 1, 5));
  EXPECT_FALSE(Apply(&hub, Signed(b, child, 1, 1)).gap.has_value());
  EXPECT_TRUE(hub.store->HoldsAt(*b.store->tip()));
}

// The process that learns of its twin opens a new actor, and its old log stays readable as it wrote it.
TEST_F(Twins, LearningOfTheTwinOpensANewActor) {
  PushUp(&a, &hub);
  sync::Tip tip = *b.store->tip();
  std::vector<std::string> log = RangeOf(b, actor, 1, 5).ops;
  PullDown(&b, &hub, "point:HK-D057");
  EXPECT_EQ(b.store->tip(), tip);
  EXPECT_EQ(RangeOf(b, actor, 1, 5).ops, log);
  b.Set(shared, kTitleTag, "商定");
  EXPECT_NE(b.store->tip()->actor, actor);
  EXPECT_EQ(b.store->OwnLogs().size(), 2u);
  EXPECT_EQ(RangeOf(b, actor, 1, 5).ops, log);
  EXPECT_TRUE(b.store->Verify().ok()) << b.store->Verify().differences[0];
  b.Open();
  EXPECT_EQ(RangeOf(b, actor, 1, 5).ops, log);
  // And the other way round: what a longer twin wrote never gets into this one's ranges.
  PushUp(&b, &hub);
  PullDown(&a, &hub, "point:HK-D057");
  absl::StatusOr<sync::Range> range = a.store->ReadRange(actor, 1, 1 << 20);
  ASSERT_TRUE(range.ok());
  EXPECT_EQ(range->last, 3u);
  EXPECT_EQ(range->head_after, a.store->OwnLogs()[0].head);
  a.Set(shared, kContentTag, "商定");
  PushUp(&a, &hub);
  PullDown(&b, &hub, "point:HK-D057");
  for (Node* node : {&a, &b}) EXPECT_EQ(Hex(node->Canonical(shared)), Hex(hub.Canonical(shared)));
}

// ---------------------------------------------------------------- keys

TEST_F(RangeTest, AKeyComesOnceAndOnlyForARecordOfTheRange) {
  auto [visitor, key] = station.NewVisitor("HK-D057");
  RecordId other = RecordId::Random(kVisitorType, station.NewActionId(), 1);
  absl::StatusOr<sync::Range> range = station.store->ReadRange(station.store->tip()->actor, 1, 1 << 20);
  ASSERT_TRUE(range.ok());
  ASSERT_THAT(range->keys, ElementsAre(key));
  range->keys.push_back({ToBytes(other), 1, key.key_id, std::string(32, 'x')});
  Apply(&hub, *range);
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), key);
  EXPECT_FALSE(hub.store->Read().VisitorKey(other, key.key_id).has_value());
  ASSERT_EQ(hub.store->ignored_keys().size(), 1u);
  range->keys = {{ToBytes(visitor), 1, key.key_id, std::string(32, 'x')}};
  Apply(&hub, *range);
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), key) << "never replaced";
  range->keys[0].key.clear();
  Apply(&hub, *range);
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), key) << "an empty one is no word of a station's";
  Store::IgnoredKeys ignored = hub.store->ignored_keys()[0];
  EXPECT_EQ(ignored.station, station.name);
  EXPECT_EQ(ignored.key_id, range->seal.key_id);
  EXPECT_EQ(ignored.count, 3u);
  EXPECT_EQ(ignored.last_ms, hub.clock.NowMs());
  range->keys = {key};
  Apply(&hub, *range);
  EXPECT_EQ(hub.store->ignored_keys()[0].count, 3u) << "the one that is held is no news";
}

// The key of a record that is not here opens nothing, and what comes first must not be in the way of the right one.
TEST_F(RangeTest, AKeyThatOpensNothingIsNotTaken) {
  auto [visitor, key] = station.NewVisitor("HK-D057");
  sync::Range range = *station.store->ReadRange(station.store->tip()->actor, 1, 1 << 20);
  const std::vector<sync::KeyItem> right = range.keys;
  range.keys[0].key[0] ^= 1;
  Apply(&hub, range);
  EXPECT_FALSE(hub.store->Read().VisitorKey(visitor, key.key_id).has_value());
  range.keys = right;
  Apply(&hub, range);
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), key);
}

// Whoever knows a record's id can write an op of the action that made it.
TEST_F(RangeTest, WhoClaimsAnothersRecordIsRefused) {
  auto [visitor, key] = station.NewVisitor("HK-D057");
  PushUp(&station, &hub);
  Node thief("HK-D058", 77);
  PullDown(&thief, &hub, "point:HK-D057");
  ASSERT_TRUE(
      thief.Try(visitor.name.substr(0, kActionIdBytes), {{visitor, {}, {{{}, kStationTag, "", "HK-D058"}}}}).ok());
  sync::Range range = *thief.store->ReadRange(thief.store->tip()->actor, 1, 1 << 20);
  auto acks = hub.store->ApplyRanges({&range, 1});
  ASSERT_TRUE(acks.ok()) << acks.status();
  ASSERT_EQ((*acks)[0].verdicts.size(), 1u);
  EXPECT_THAT((*acks)[0].verdicts[0].reason, testing::HasSubstr("别的站点建立"));
  EXPECT_THAT(hub.Values(visitor, kStationTag), ElementsAre("HK-D057"));
}

}  // namespace
}  // namespace liaison
