// What a station keeps of feeds that a restored hub has lost, and how the hub takes it back.
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison::testing_store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Offers : testing::Test {
  Offers() : hub(Node::kHub, 1), station("HK-D057", 2) {}

  // The hub as it was when `copy` was taken, on another disk.
  std::unique_ptr<Node> Restored(const std::map<std::string, std::string>& copy, uint64_t seed) {
    std::shared_ptr<Kv> disk = NewMemoryKv();
    EXPECT_TRUE(disk->Write(KvChanges(copy.begin(), copy.end()), true).ok());
    return std::make_unique<Node>(Node::kHub, seed, disk);
  }
  void Rewind(Node* node, uint64_t position) {
    std::string interest = "point:HK-D057";
    sync::Cursor point{interest, hub.store->epoch(), position, *node->store->FeedPrefix(interest, position)};
    ASSERT_TRUE(node->store->RewindFeed(point).ok());
  }
  // Everything that is abandoned, taken by `to`; returns how many ops it lacked.
  size_t Offer(Node* from, Node* to) {
    size_t lacked = 0;
    std::string at, set = from->store->abandoned().hash;
    std::optional<sync::FeedBatch> next = from->store->NextAbandoned(&at);
    while (next) {
      sync::FeedBatch offered = *next;
      sync::Want want = Must(to->store->LackingOf(offered));
      sync::Ops ops = from->store->Lookup(want);
      lacked += want.names.size();
      for (size_t i = 0; i < want.names.size(); ++i)
        for (size_t k = 0; k < offered.items.size(); ++k)
          if (offered.items[k].name == want.names[i]) offered.ops[k] = ops.ops[i];
      next = from->store->NextAbandoned(&at);
      EXPECT_TRUE(to->store->TakeOffered(offered, ops.keys, next ? "" : set).ok());
    }
    return lacked;
  }

  Node hub, station;
};

TEST_F(Offers, WhatTheHubWroteAndLostComesBackByName) {
  RecordId id = station.NewMatter("HK-D057", "路灯");
  PushUp(&station, &hub);
  PullDown(&station, &hub, "point:HK-D057");
  auto backup = hub.Dump();
  hub.Set(id, kContentTag, "镇里的答复");
  PullDown(&station, &hub, "point:HK-D057");
  std::string reply = station.Canonical(id);
  std::unique_ptr<Node> restored = Restored(backup, 7);
  restored->Set(id, kTitleTag, "恢复之后的改动");  // a new actor of the hub
  EXPECT_THAT(restored->Values(id, kContentTag), IsEmpty());
  EXPECT_EQ(station.store->abandoned().count, 0u);
  Rewind(&station, 2);
  EXPECT_EQ(station.store->abandoned().count, 1u);
  EXPECT_FALSE(restored->store->KnowsAbandoned(station.store->abandoned().hash));
  EXPECT_EQ(Offer(&station, restored.get()), 1u);
  EXPECT_TRUE(restored->store->KnowsAbandoned(station.store->abandoned().hash));
  EXPECT_THAT(restored->Values(id, kContentTag), ElementsAre("镇里的答复"));
  EXPECT_TRUE(restored->store->Verify().ok());
  EXPECT_EQ(Offer(&station, restored.get()), 0u);  // again: nothing is lacked, nothing changes
  PullDown(&station, restored.get(), "point:HK-D057");
  EXPECT_EQ(station.Canonical(id), restored->Canonical(id));
  EXPECT_TRUE(station.store->Verify().ok());
}

TEST_F(Offers, TheMarkIsForgottenWithTheOpsInTheNextRestore) {
  RecordId id = station.NewMatter("HK-D057", "路灯");
  PushUp(&station, &hub);
  auto backup = hub.Dump();
  hub.Set(id, kContentTag, "答复");
  PullDown(&station, &hub, "point:HK-D057");
  Rewind(&station, 2);
  std::string set = station.store->abandoned().hash;
  for (uint64_t seed : {7, 8, 9}) {
    std::unique_ptr<Node> restored = Restored(backup, seed);
    EXPECT_FALSE(restored->store->KnowsAbandoned(set));
    Offer(&station, restored.get());
    EXPECT_TRUE(restored->store->KnowsAbandoned(set));
    EXPECT_THAT(restored->Values(id, kContentTag), ElementsAre("答复"));
  }
}

TEST_F(Offers, ACutBatchIsKeptWholeSoThatItsSignatureHolds) {
  for (int i = 0; i < 3; ++i) station.NewMatter("HK-D057", "事项");
  PushUp(&station, &hub);
  Node box("HK-D057", 9);
  PullDown(&box, &hub, "point:HK-D057");  // one batch of six items
  Rewind(&box, 4);
  std::string at;
  std::optional<sync::FeedBatch> kept = box.store->NextAbandoned(&at);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->first, 0u);
  EXPECT_EQ(kept->last, 6u);
  EXPECT_EQ(kept->items.size(), 6u);
  EXPECT_TRUE(hub.store->LackingOf(*kept).ok());
  EXPECT_EQ(kept->seal, hub.store->ReadFeed("point:HK-D057", 0, "", 1 << 20)->seal);
  EXPECT_FALSE(box.store->NextAbandoned(&at).has_value());
  std::string set = box.store->abandoned().hash;
  Rewind(&box, 1);  // deeper: the same names are not kept twice
  EXPECT_EQ(box.store->abandoned().hash, set);
  EXPECT_EQ(box.Dump(key::kAbandonedBatch).size(), 1u);
}

TEST_F(Offers, ABatchThatOverlappedIsOfferedAsItWasSigned) {
  RecordId id = station.NewMatter("HK-D057", "路灯");
  PushUp(&station, &hub);
  PullDown(&station, &hub, "point:HK-D057");
  auto backup = hub.Dump();
  hub.Set(id, kContentTag, "镇里的答复");
  sync::FeedBatch whole = *hub.store->ReadFeed("point:HK-D057", 0, "", 1 << 20);
  ASSERT_EQ(whole.last, 3u);
  ASSERT_TRUE(station.store->ApplyFeedBatch(whole).ok());
  Rewind(&station, 2);
  std::string at;
  std::optional<sync::FeedBatch> kept = station.store->NextAbandoned(&at);
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->items, whole.items);
  EXPECT_EQ(kept->seal, hub.Options().sign(FeedSigningBytes(*kept)));
  std::unique_ptr<Node> restored = Restored(backup, 7);
  EXPECT_EQ(Offer(&station, restored.get()), 1u);
  EXPECT_THAT(restored->Values(id, kContentTag), ElementsAre("镇里的答复"));
}

TEST_F(Offers, AnAlteredOfferIsRefused) {
  RecordId id = station.NewMatter("HK-D057", "路灯");
  PushUp(&station, &hub);
  PullDown(&station, &hub, "point:HK-D057");
  Rewind(&station, 0);
  std::string at;
  sync::FeedBatch batch = *station.store->NextAbandoned(&at);
  sync::FeedBatch altered = batch;
  altered.items[1].name.hash[0] ^= 1;
  EXPECT_EQ(hub.store->LackingOf(altered).status().code(), absl::StatusCode::kInvalidArgument);
  altered = batch;
  altered.items.pop_back();
  EXPECT_EQ(hub.store->LackingOf(altered).status().code(), absl::StatusCode::kInvalidArgument);
  Node other(Node::kHub, 5);
  auto before = other.Dump();
  batch.ops[1] = "bytes of nothing";
  EXPECT_EQ(other.store->TakeOffered(batch, {}, "set").code(), absl::StatusCode::kInvalidArgument);
  batch.ops[1].clear();
  std::vector<sync::KeyItem> keys = {{ToBytes(id), 1, "key-of-8", "k"}};
  EXPECT_EQ(other.store->TakeOffered(batch, keys, "set").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(other.Dump(), before);
}

TEST_F(Offers, AFragmentJoinsWhenItsAuthorsLogReachesIt) {
  RecordId first = station.NewMatter("HK-D057", "一"), second = station.NewMatter("HK-D057", "二");
  PushUp(&station, &hub);
  Node box("HK-D057", 9);
  PullDown(&box, &hub, "point:HK-D057", 1);
  Rewind(&box, 2);  // only the second op is beyond
  Node lost(Node::kHub, 5);
  EXPECT_EQ(Offer(&box, &lost), 1u);
  EXPECT_THAT(lost.Values(second, kTitleTag), ElementsAre("二"));
  EXPECT_FALSE(lost.store->Have(station.store->tip()->actor).has_value()) << "a fragment counts in no receipt";
  EXPECT_TRUE(lost.store->Verify().ok());
  lost.Open();
  auto range = station.store->ReadRange(station.store->tip()->actor, 1, 1 << 20);
  ASSERT_TRUE(range.ok());
  auto acks = lost.store->ApplyRanges({&*range, 1});
  ASSERT_TRUE(acks.ok());
  EXPECT_EQ((*acks)[0].tip, *station.store->tip());
  EXPECT_TRUE(lost.store->HoldsAt(*station.store->tip()));
  EXPECT_THAT(lost.Values(first, kTitleTag), ElementsAre("一"));
  EXPECT_THAT(lost.Dump(key::kBranch), IsEmpty());
  EXPECT_TRUE(lost.store->Verify().ok());
}

TEST_F(Offers, AnotherOpUnderAFragmentsNumberIsABranch) {
  RecordId id = station.NewMatter("HK-D057", "一");
  PushUp(&station, &hub);
  PullDown(&station, &hub, "point:HK-D057");
  Rewind(&station, 0);
  Node lost(Node::kHub, 5);
  EXPECT_EQ(Offer(&station, &lost), 1u);
  sync::Range twin = *station.store->ReadRange(station.store->tip()->actor, 1, 1 << 20);
  Op op = *DecodeOp(twin.ops[0]);
  op.writes[1].value = "另一支";
  op.aggregate.name[0] ^= 1;
  twin.ops[0] = EncodeOp(&op);
  auto acks = lost.store->ApplyRanges({&twin, 1});
  ASSERT_TRUE(acks.ok());
  EXPECT_EQ((*acks)[0].tip.seq, 1u);
  EXPECT_THAT(lost.Values(id, kTitleTag), ElementsAre("一"));
  EXPECT_THAT(lost.Values(op.aggregate, kTitleTag), ElementsAre("另一支"));
  EXPECT_EQ(lost.Dump(key::kBranch).size(), 1u);
  EXPECT_TRUE(lost.store->Verify().ok());
}

TEST_F(Offers, PointsAreSpacedFromTheNewestOn) {
  for (int i = 0; i < 10; ++i) station.NewMatter("HK-D057", "事项");
  PushUp(&station, &hub);
  PullDown(&station, &hub, "point:HK-D057");
  sync::Cursor cursor = *station.store->FeedHead("point:HK-D057");
  auto positions = [&](const sync::Cursor& hub_head) {
    std::vector<uint64_t> at;
    for (const sync::Cursor& point : station.store->FeedPoints(cursor, hub_head)) {
      EXPECT_EQ(point.prefix, *station.store->FeedPrefix("point:HK-D057", point.position));
      at.push_back(point.position);
    }
    return at;
  };
  EXPECT_THAT(positions({}), ElementsAre(19, 18, 16, 12, 4));
  sync::Cursor head{"point:HK-D057", "", 7, *station.store->FeedPrefix("point:HK-D057", 7)};
  EXPECT_THAT(positions(head), ElementsAre(7, 19, 18, 16, 12, 4));
  head.prefix = Sha256("another");
  EXPECT_THAT(positions(head), ElementsAre(19, 18, 16, 12, 4));
}

TEST_F(Offers, ALiveBatchIsCompletedFromThisDisk) {
  station.NewVisitor("HK-D057");
  station.NewMatter("HK-D057", "路灯");
  PushUp(&station, &hub);
  for (const char* interest : {"point:HK-D057", "station:HK-D057"}) {
    sync::FeedBatch whole = *hub.store->ReadFeed(interest, 0, "HK-D057", 1 << 20, true);
    sync::FeedBatch live = *hub.store->ReadFeed(interest, 0, "HK-D057", 1 << 20, false);
    // As the link leaves it out.
    live.prefix_after.resize(sync::kCheckBytes);
    for (sync::FeedItem& item : live.items) {
      if (item.kind == sync::ItemKind::kOp) item.name.hash.clear();
      if (item.kind == sync::ItemKind::kKey) {
        EXPECT_EQ(item.by.seq, 1u);
        item = {.kind = sync::ItemKind::kKey, .by = item.by};
      } else {
        item.aggregate.clear();
      }
    }
    sync::FeedBatch here = live;
    ASSERT_TRUE(station.store->CompleteBatch(&here).ok()) << interest;
    EXPECT_EQ(here.items, whole.items);
    EXPECT_EQ(here.prefix_after, whole.prefix_after);
    Node other("HK-D057", 11);  // another disk of the same station
    here = live;
    EXPECT_EQ(other.store->CompleteBatch(&here).code(), absl::StatusCode::kNotFound);
    here = live;
    here.prefix_after[0] ^= 1;
    EXPECT_EQ(station.store->CompleteBatch(&here).code(), absl::StatusCode::kNotFound);
  }
}

}  // namespace
}  // namespace liaison::testing_store
