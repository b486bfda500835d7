// Feeds down, and two nodes of one station with a hub between them.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "common/codec/message_codec.h"
#include "common/crypto/hash.h"
#include "common/store/store.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using namespace testing_store;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::vector<sync::FeedItem> Items(const Node& hub, const std::string& interest) {
  std::optional<sync::FeedBatch> batch = hub.store->ReadFeed(interest, 0, "", 1 << 20);
  return batch ? batch->items : std::vector<sync::FeedItem>();
}
std::vector<sync::ItemKind> Kinds(const std::vector<sync::FeedItem>& items) {
  std::vector<sync::ItemKind> kinds;
  for (const sync::FeedItem& item : items) kinds.push_back(item.kind);
  return kinds;
}
constexpr sync::ItemKind kOp = sync::ItemKind::kOp, kEnter = sync::ItemKind::kEnter, kLeave = sync::ItemKind::kLeave,
                         kKeyItem = sync::ItemKind::kKey;

struct Feeds : testing::Test {
  Node hub{Node::kHub, 100};
  Node station{"HK-D057", 1};
};

TEST_F(Feeds, RecordThatMovesEntersWithAllItsOpsAndLeaves) {
  RecordId id = station.NewMatter("HK-D057", "路灯");
  station.Set(id, kContentTag, "不亮");
  PushUp(&station, &hub);
  EXPECT_THAT(Kinds(Items(hub, "point:HK-D057")), ElementsAre(kEnter, kOp, kOp));
  station.Set(id, kContentTag, "全村不亮");
  PushUp(&station, &hub);
  EXPECT_THAT(Kinds(Items(hub, "point:HK-D057")), ElementsAre(kEnter, kOp, kOp, kOp));
  hub.Set(id, kStationTag, "HK-D058");
  std::vector<sync::FeedItem> left = Items(hub, "point:HK-D057"), entered = Items(hub, "point:HK-D058");
  EXPECT_THAT(Kinds(left), ElementsAre(kEnter, kOp, kOp, kOp, kLeave));
  ASSERT_THAT(Kinds(entered), ElementsAre(kEnter, kOp, kOp, kOp, kOp));
  EXPECT_EQ(entered[0].count, 4u);
  std::map<Actor, uint64_t> last;
  for (size_t i = 1; i < entered.size(); ++i) {
    EXPECT_EQ(entered[i].aggregate, ToBytes(id));
    EXPECT_GT(entered[i].name.seq, last[entered[i].name.actor]);  // each actor's in its own order
    last[entered[i].name.actor] = entered[i].name.seq;
  }
  hub.Set(id, kStationTag, "HK-D057");  // and comes back whole
  EXPECT_THAT(Kinds(Items(hub, "point:HK-D057")),
              ElementsAre(kEnter, kOp, kOp, kOp, kLeave, kEnter, kOp, kOp, kOp, kOp, kOp));
}

TEST_F(Feeds, NewStationConvergesWithTheHubWhateverTheBatchSize) {
  std::vector<RecordId> ids;
  for (int i = 0; i < 6; ++i) ids.push_back(station.NewMatter("HK-D057", "事项"));
  for (const RecordId& id : ids) station.Set(id, kContentTag, "内容");
  PushUp(&station, &hub, 200);
  hub.Set(ids[0], kTitleTag, "镇里改");
  hub.Do({{RecordId::Master(kDeputyType, "DB-1"), {}, {{{}, kTitleTag, "", "代表"}}}});
  for (size_t bytes : {1, 300, 1 << 20}) {
    Node box("HK-D057", 50 + bytes);
    PullDown(&box, &hub, "point:HK-D057", bytes);
    PullDown(&box, &hub, "all", bytes);
    for (const RecordId& id : ids) EXPECT_EQ(Hex(box.Canonical(id)), Hex(hub.Canonical(id)));
    EXPECT_TRUE(box.store->Verify().ok()) << box.store->Verify().differences[0];
    EXPECT_THAT(box.store->FeedHeads(), UnorderedElementsAre(hub.store->FeedHeads()[0], hub.store->FeedHeads()[1]));
  }
}

TEST_F(Feeds, WhatIsNotAcceptedMovesNoClock) {
  RecordId id = station.NewMatter("HK-D057", "路灯");
  const int64_t before = station.store->newest_wall_ms();
  EXPECT_GT(before, 0);
  hub.clock.Advance(int64_t{400} * 86'400'000);
  hub.Do({{RecordId::Master(kDeputyType, "DB-1"), {}, {{{}, kTitleTag, "", "代表"}}}});
  sync::FeedBatch batch = *hub.store->ReadFeed("all", 0, "", 1 << 20);
  sync::FeedBatch damaged = batch;
  damaged.prefix_after[0] ^= 1;
  EXPECT_FALSE(station.store->ApplyFeedBatch(damaged).ok());
  EXPECT_EQ(station.store->newest_wall_ms(), before);
  const std::string much(kMaxOpBytes + 1, 'x');  // the second op of the action does not fit
  EXPECT_FALSE(station
                   .Try(station.NewActionId(), {{id, station.Seen(id), {{{}, kTitleTag, "", "灯"}}},
                                                {id, station.Seen(id), {{{}, kContentTag, "", much}}}})
                   .ok());
  EXPECT_EQ(station.store->newest_wall_ms(), before);
  *station.fails = true;
  EXPECT_FALSE(station.Try(station.NewActionId(), {{id, station.Seen(id), {{{}, kTitleTag, "", "灯"}}}}).ok());
  EXPECT_EQ(station.store->newest_wall_ms(), before);
  *station.fails = false;
  ASSERT_TRUE(station.store->ApplyFeedBatch(batch).ok());
  const int64_t after = station.store->newest_wall_ms();
  EXPECT_GT(after, before);
  station.Open();
  EXPECT_EQ(station.store->newest_wall_ms(), after);
}

TEST_F(Feeds, KeysGoToTheFeedsOfStationsOnly) {
  auto [visitor, key] = station.NewVisitor("HK-D057");
  PushUp(&station, &hub);
  EXPECT_THAT(Kinds(Items(hub, "point:HK-D057")), ElementsAre(kEnter, kOp));
  ASSERT_THAT(Kinds(Items(hub, "station:HK-D057")), ElementsAre(kKeyItem));
  EXPECT_EQ(Items(hub, "station:HK-D057")[0].key_hash, Sha256(key.key));
  Node box("HK-D057", 9);
  PullDown(&box, &hub, "point:HK-D057");
  EXPECT_FALSE(box.store->Read().VisitorKey(visitor, key.key_id).has_value());
  PullDown(&box, &hub, "station:HK-D057");
  EXPECT_EQ(box.store->Read().VisitorKey(visitor, key.key_id), key);
  // A visitor that moves can be read where it now is.
  hub.Set(visitor, kStationTag, "HK-D058");
  EXPECT_THAT(Kinds(Items(hub, "station:HK-D058")), ElementsAre(kKeyItem));
  // No secret byte stands in the feeds' tables.
  for (const auto& [at, value] : hub.Dump(key::kFeedItem)) EXPECT_EQ(value.find(key.key), std::string::npos);
}

TEST_F(Feeds, KeyThatIsNotThatOfItsItemIsRefused) {
  auto [visitor, key] = station.NewVisitor("HK-D057");
  PushUp(&station, &hub);
  Node box("HK-D057", 9);
  sync::FeedBatch batch = *hub.store->ReadFeed("station:HK-D057", 0, "HK-D057", 1 << 20);
  batch.keys[0].key[0] = 'x';
  EXPECT_EQ(box.store->ApplyFeedBatch(batch).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(box.store->Read().VisitorKey(visitor, key.key_id).has_value());
  batch.keys[0].key.clear();  // destroyed since the item was written, which an item of its own will say
  EXPECT_TRUE(box.store->ApplyFeedBatch(batch).ok());
  EXPECT_FALSE(box.store->Read().VisitorKey(visitor, key.key_id).has_value());
}

TEST_F(Feeds, AKeyGoesByTheHubsOwnWordAlone) {
  auto [visitor, key] = station.NewVisitor("HK-D057");
  PushUp(&station, &hub);
  Node box("HK-D057", 9);
  PullDown(&box, &hub, "station:HK-D057");
  ASSERT_EQ(box.store->Read().VisitorKey(visitor, key.key_id), key);
  sync::KeyItem none = key;
  none.key.clear();
  hub.Do({{visitor, hub.Seen(visitor), {{{}, kTitleTag, "", "已销毁"}}}}, {none});
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), none);
  PushUp(&station, &hub);  // it has the key still
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), none);
  PullDown(&box, &hub, "station:HK-D057");
  EXPECT_EQ(box.store->Read().VisitorKey(visitor, key.key_id), none);
}

TEST_F(Feeds, BatchThatDoesNotFitLeavesNothing) {
  RecordId id = station.NewMatter("HK-D057", "路灯");
  station.Set(id, kTitleTag, "改");
  PushUp(&station, &hub);
  const sync::FeedBatch good = *hub.store->ReadFeed("point:HK-D057", 0, "", 1 << 20);
  Node box("HK-D057", 9);
  auto before = box.Dump();
  auto code = [&](const std::function<void(sync::FeedBatch*)>& change) {
    sync::FeedBatch batch = good;
    change(&batch);
    absl::StatusCode code = box.store->ApplyFeedBatch(batch).code();
    EXPECT_EQ(box.Dump(), before);
    return code;
  };
  using C = absl::StatusCode;
  EXPECT_EQ(code([](auto* b) { ++b->first, ++b->last; }), C::kFailedPrecondition);
  EXPECT_EQ(code([](auto* b) { b->prefix_before[0]++; }), C::kFailedPrecondition);
  EXPECT_EQ(code([](auto* b) { b->ops.pop_back(); }), C::kInvalidArgument);
  EXPECT_EQ(code([](auto* b) { b->last++; }), C::kInvalidArgument);
  EXPECT_EQ(code([](auto* b) { b->ops[2].clear(); }), C::kInvalidArgument);
  EXPECT_EQ(code([](auto* b) { b->ops[2] = b->ops[1]; }), C::kInvalidArgument);
  EXPECT_EQ(code([](auto* b) {  // an op under another record, with prefix hashes that agree
              b->items[2].aggregate[3]++;
              b->prefix_after = b->prefix_before;
              for (const sync::FeedItem& item : b->items) b->prefix_after = FeedNext(b->prefix_after, item);
            }),
            C::kInvalidArgument);
  EXPECT_EQ(code([](auto* b) { b->prefix_after[0]++; }), C::kInvalidArgument);
  EXPECT_EQ(code([](auto* b) { b->items.clear(), b->ops.clear(), b->last = 0, b->prefix_after = b->prefix_before; }),
            C::kInvalidArgument);
  EXPECT_TRUE(box.store->ApplyFeedBatch(good).ok());
  EXPECT_EQ(box.store->ApplyFeedBatch(good).code(), C::kFailedPrecondition);  // it is past that
}

// A stick brings what a link has brought in part.
TEST_F(Feeds, ABatchThatOverlapsWhatIsHereBringsItsTail) {
  for (int i = 0; i < 2; ++i) station.NewMatter("HK-D057", "事项");
  PushUp(&station, &hub);
  Node box("HK-D057", 9);
  PullDown(&box, &hub, "point:HK-D057");
  ASSERT_EQ(box.store->FeedHeads()[0].position, 4u);
  station.NewMatter("HK-D057", "新的");
  PushUp(&station, &hub);
  const sync::FeedBatch whole = *hub.store->ReadFeed("point:HK-D057", 0, "", 1 << 20);
  ASSERT_EQ(whole.last, 6u);
  auto before = box.Dump();
  sync::FeedBatch other = whole;  // agrees with itself, but not with what is here
  other.items[3].name.hash[0] ^= 1;
  other.prefix_after = other.prefix_before;
  for (const sync::FeedItem& item : other.items) other.prefix_after = FeedNext(other.prefix_after, item);
  EXPECT_EQ(box.store->ApplyFeedBatch(other).code(), absl::StatusCode::kFailedPrecondition);
  sync::FeedBatch part = whole;
  part.ops[5].clear();  // of the tail
  EXPECT_EQ(box.store->ApplyFeedBatch(part).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(box.Dump(), before);
  part = whole;
  part.ops[1].clear();  // of what is here
  ASSERT_TRUE(box.store->ApplyFeedBatch(part).ok());
  EXPECT_EQ(box.Dump(key::kFeedItem), hub.Dump(key::kFeedItem));
  EXPECT_EQ(box.store->FeedHeads()[0].prefix, whole.prefix_after);
  EXPECT_TRUE(box.store->Verify().ok());
  EXPECT_EQ(box.store->ApplyFeedBatch(whole).code(), absl::StatusCode::kFailedPrecondition);  // nothing new
}

TEST_F(Feeds, OwnOpsComeWithoutBytes) {
  station.NewMatter("HK-D057", "路灯");
  PushUp(&station, &hub);
  EXPECT_EQ(hub.store->ReadFeed("point:HK-D057", 0, "HK-D057", 1 << 20)->ops[1], "");
  EXPECT_NE(hub.store->ReadFeed("point:HK-D057", 0, "HK-D058", 1 << 20)->ops[1], "");
  EXPECT_FALSE(hub.store->ReadFeed("point:HK-D057", 2, "", 1 << 20).has_value());
  EXPECT_FALSE(hub.store->ReadFeed("point:HK-D057", 3, "", 1 << 20).has_value());
  PullDown(&station, &hub, "point:HK-D057");
  EXPECT_TRUE(station.store->Verify().ok());
}

TEST_F(Feeds, RewindKeepsWhatWasAbandoned) {
  for (int i = 0; i < 3; ++i) station.NewMatter("HK-D057", "事项");
  PushUp(&station, &hub);
  Node box("HK-D057", 9);
  PullDown(&box, &hub, "point:HK-D057", 1);
  auto items = box.Dump(key::kFeedItem);
  ASSERT_EQ(items.size(), 6u);
  std::string prefix = *box.store->FeedPrefix("point:HK-D057", 6);
  sync::Cursor wrong{"point:HK-D057", "", 2, Sha256("not this")};
  EXPECT_EQ(box.store->RewindFeed(wrong).code(), absl::StatusCode::kFailedPrecondition);
  sync::Cursor beyond{"point:HK-D057", "", 7, prefix};
  EXPECT_EQ(box.store->RewindFeed(beyond).code(), absl::StatusCode::kFailedPrecondition);
  sync::Cursor common{"point:HK-D057", hub.store->epoch(), 2, *box.store->FeedPrefix("point:HK-D057", 2)};
  ASSERT_TRUE(box.store->RewindFeed(common).ok());
  EXPECT_THAT(box.store->FeedHeads(), ElementsAre(common));
  EXPECT_EQ(box.Dump(key::kFeedItem).size(), 2u);
  EXPECT_EQ(box.Dump(key::kBatch).size(), 2u);
  EXPECT_EQ(box.Dump(key::kAbandonedBatch).size(), 2u);  // of four: enter follows from the records
  auto abandoned = box.Dump(key::kAbandoned);
  ASSERT_EQ(abandoned.size(), 2u);
  for (uint64_t at : {3, 5})
    EXPECT_EQ(abandoned[key::Abandoned("point:HK-D057", prefix, at)], items[key::FeedItem("point:HK-D057", at)]);
  PullDown(&box, &hub, "point:HK-D057");  // the same again: nothing is lost, nothing doubled
  EXPECT_EQ(box.Dump(key::kFeedItem), items);
  EXPECT_TRUE(box.store->Verify().ok());
  ASSERT_TRUE(box.store->RewindFeed({"point:HK-D057", "", 0, ""}).ok());
  EXPECT_EQ(box.store->FeedHeads()[0].position, 0u);
  PullDown(&box, &hub, "point:HK-D057");
  EXPECT_EQ(box.Dump(key::kFeedItem), items);
}

TEST_F(Feeds, OpsHeldAreThoseThatAStoreOpenedAnewCounts) {
  Node box("HK-D057", 9);
  uint64_t before = 0;
  auto check = [&before](Node& node) {
    const auto again = Must(Store::Open(std::make_unique<SharedKv>(node.db, node.fails), node.Options()));
    EXPECT_EQ(node.store->ops_held(), again->ops_held());
    EXPECT_NE(node.store->ops_held(), std::exchange(before, node.store->ops_held()));
  };
  for (int i = 0; i < 3; ++i) station.NewMatter("HK-D057", "事项");
  check(station);
  PushUp(&station, &hub);
  EXPECT_EQ(hub.store->ops_held(), station.store->ops_held());
  PullDown(&box, &hub, "point:HK-D057", 1);
  before = 0;
  check(box);
  ASSERT_TRUE(
      box.store->RewindFeed({"point:HK-D057", hub.store->epoch(), 2, *box.store->FeedPrefix("point:HK-D057", 2)}).ok());
  check(box);
  PullDown(&box, &hub, "point:HK-D057");
  check(box);
}

// The disk of a station comes back from an older copy: the feed brings what was lost, under the old names.
TEST_F(Feeds, RestoredStationGetsItsOwnLostOpsBack) {
  RecordId early = station.NewMatter("HK-D057", "早");
  std::map<std::string, std::string> backup = station.Dump();
  RecordId late = station.NewMatter("HK-D057", "晚");
  PushUp(&station, &hub);
  std::shared_ptr<Kv> disk = NewMemoryKv();
  KvChanges changes(backup.begin(), backup.end());
  ASSERT_TRUE(disk->Write(changes, true).ok());
  Node restored("HK-D057", 77, disk);
  EXPECT_EQ(restored.store->pending_ops(), 1u);
  RecordId later = restored.NewMatter("HK-D057", "恢复之后");
  PushUp(&restored, &hub);
  PullDown(&restored, &hub, "point:HK-D057");
  for (const RecordId& id : {early, late, later}) EXPECT_EQ(Hex(restored.Canonical(id)), Hex(hub.Canonical(id)));
  EXPECT_EQ(restored.store->pending_ops(), 0u);
  EXPECT_TRUE(restored.store->Verify().ok()) << restored.store->Verify().differences[0];
  restored.Open();
}

// ---------------------------------------------------------------- three stores

struct Three : testing::Test {
  Node hub{Node::kHub, 100};
  Node a{"HK-D057", 1};
  Node b{"HK-D057", 2};
  void Exchange(Node* node) {
    PushUp(node, &hub, 300);
    PullDown(node, &hub, "point:HK-D057", 300);
  }
  void Everybody() {
    for (int round = 0; round < 2; ++round)
      for (Node* node : {&a, &b}) Exchange(node);
  }
  void ExpectSame(const RecordId& id) {
    EXPECT_EQ(Hex(a.Canonical(id)), Hex(hub.Canonical(id)));
    EXPECT_EQ(Hex(b.Canonical(id)), Hex(hub.Canonical(id)));
  }
};

TEST_F(Three, DifferentFieldsMergeAndOneFieldIsOneConflictUntilSettled) {
  RecordId id = a.NewMatter("HK-D057", "路灯");
  Everybody();
  a.Set(id, kTitleTag, "甲题");
  b.Set(id, kTitleTag, "乙题");
  b.Set(id, kContentTag, "内容");
  Everybody();
  ExpectSame(id);
  for (Node* node : {&a, &b, &hub}) {
    EXPECT_THAT(node->Values(id, kTitleTag), UnorderedElementsAre("甲题", "乙题"));
    EXPECT_THAT(node->Values(id, kContentTag), ElementsAre("内容"));
    EXPECT_EQ(ConflictsOf(*node->store->Read().Load(id)).size(), 1u);
  }
  a.Set(id, kTitleTag, "商定");
  Everybody();
  ExpectSame(id);
  EXPECT_THAT(b.Values(id, kTitleTag), ElementsAre("商定"));
  EXPECT_TRUE(ConflictsOf(*hub.store->Read().Load(id)).empty());
}

TEST_F(Three, AnyOrderOfExchangesEndsInTheSameState) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SeededRandom random(seed);
    Node town(Node::kHub, 100 + seed), left("HK-D057", 2 * seed), right("HK-D057", 2 * seed + 1);
    Node* nodes[] = {&left, &right, &town};
    std::vector<RecordId> ids = {left.NewMatter("HK-D057", "一"), right.NewMatter("HK-D057", "二")};
    for (int step = 0; step < 40; ++step) {
      Node* node = nodes[random.U64() % 3];
      const RecordId& id = ids[random.U64() % 2];
      switch (random.U64() % 6) {
        case 0:
          node->Set(id, kTitleTag, "t" + std::to_string(step));
          break;
        case 1:
          node->Set(id, kContentTag, "c" + std::to_string(step));
          break;
        case 2:
          if (node != &town) PushUp(node, &town, 1 + random.U64() % 600);
          break;
        case 3:
          if (node != &town) PullDown(node, &town, "point:HK-D057", 1 + random.U64() % 600);
          break;
        case 4:
          if (random.U64() % 3 == 0) node->Open();
          break;
        default: {  // a page that was loaded before the last exchange
          VersionVector seen = node->Seen(id);
          if (node != &town) PullDown(node, &town, "point:HK-D057");
          node->Do({{id, seen, {{{}, kTitleTag, "", "stale" + std::to_string(step)}}}});
        }
      }
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << " step " << step;
    }
    for (int round = 0; round < 2; ++round) {
      for (Node* node : {&left, &right}) {
        PushUp(node, &town);
        PullDown(node, &town, "point:HK-D057");
      }
    }
    for (const RecordId& id : ids) {
      EXPECT_EQ(Hex(left.Canonical(id)), Hex(town.Canonical(id))) << "seed " << seed;
      EXPECT_EQ(Hex(right.Canonical(id)), Hex(town.Canonical(id))) << "seed " << seed;
    }
    for (Node* node : nodes) {
      Store::Check check = node->store->Verify();
      EXPECT_TRUE(check.ok()) << "seed " << seed << ": " << check.differences[0];
      auto before = node->Dump();
      ASSERT_TRUE(node->store->Rebuild().ok());
      EXPECT_EQ(node->Dump(), before);
    }
    EXPECT_EQ(left.store->pending_ops() + right.store->pending_ops(), 0u);
  }
}

}  // namespace
}  // namespace liaison
