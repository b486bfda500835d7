// Another hub's database is taken over: every op by its name, wherever it stood, and the keys.
#include "tests/store/fixture.h"

namespace liaison::testing_store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class Imports : public testing::Test {
 protected:
  // The retired hub has: a chain of three, of which this hub has one, and a branch of it; an op whose predecessor it
  // lacks; an op that cannot be read, and the chain goes on behind it; a key that it has destroyed, and one that it has
  // not.
  void SetUp() override {
    chain_.push_back(station_.NewMatter("HK-D057", "一"));
    PushUp(&station_, &hub_);
    for (const char* title : {"二", "三"}) chain_.push_back(station_.NewMatter("HK-D057", title));
    Deliver(Range(&station_, 1));
    sync::Range twin = Range(&station_, 1);
    twin.ops.resize(1);
    twin.last = 1;
    twin.head_after.clear();
    Op op = *DecodeOp(twin.ops[0]);
    op.writes[1].value = "另一支";
    op.aggregate.name[0] ^= 1;
    branch_ = op.aggregate;
    twin.ops[0] = EncodeOp(&op);
    Deliver(twin);

    second_.NewMatter("HK-D058", "前一件");
    fragment_ = second_.NewMatter("HK-D058", "没有前一件");
    sync::Range range = Range(&second_, 2);
    op = *DecodeOp(range.ops[0]);
    sync::FeedBatch offered;
    offered.items = {{.kind = sync::ItemKind::kOp, .aggregate = ToBytes(op.aggregate), .name = op.name()}};
    offered.ops = {range.ops[0]};
    ASSERT_TRUE(retired_.store->TakeOffered(offered, {}, "").ok());
    ASSERT_EQ(retired_.store->Have(op.actor), std::nullopt);

    third_.NewMatter("HK-D057", "读不出来");
    behind_ = third_.NewMatter("HK-D057", "之后");
    range = Range(&third_, 1);
    op = *DecodeOp(range.ops[0]);
    op.writes.push_back(op.writes[0]);
    range.ops[0] = EncodeOp(&op);
    range.head_after.clear();
    Deliver(range);
    ASSERT_EQ(retired_.Dump(key::kKept).size(), 1u);

    gone_ = keeper_.NewVisitor("HK-D057");
    PushUp(&keeper_, &hub_);
    kept_ = keeper_.NewVisitor("HK-D057");
    Deliver(Range(&keeper_, 1));
    sync::KeyItem none = gone_.key;
    none.key.clear();
    retired_.Do({{gone_.id, retired_.Seen(gone_.id), {{{}, kTitleTag, "", "已销毁"}}}}, {none});
    ASSERT_TRUE(retired_.store->MarkArchive().ok());
  }

  static sync::Range Range(Node* node, uint64_t first) {
    return *node->store->ReadRange(node->store->tip()->actor, first, 1 << 20);
  }
  void Deliver(const sync::Range& range) {
    auto acks = retired_.store->ApplyRanges({&range, 1});
    ASSERT_TRUE(acks.ok()) << acks.status();
    ASSERT_FALSE((*acks)[0].gap);
    ASSERT_EQ((*acks)[0].tip.seq, range.last);
  }
  Store::Imported Import() {
    absl::StatusOr<Store::Imported> done = hub_.store->Import(*retired_.store->Snapshot());
    EXPECT_TRUE(done.ok()) << done.status();
    return done.ok() ? *done : Store::Imported();
  }
  std::set<OpName> InFeeds(Node* node) {
    std::set<OpName> names;
    for (const sync::Cursor& head : node->store->FeedHeads()) {
      sync::FeedBatch batch = *node->store->ReadFeed(head.interest, 0, "", 1 << 24);
      for (const sync::FeedItem& item : batch.items)
        if (item.kind == sync::ItemKind::kOp) names.insert(item.name);
    }
    return names;
  }

  Node hub_{Node::kHub, 1}, retired_{Node::kHub, 2};
  Node station_{"HK-D057", 3}, second_{"HK-D058", 4}, third_{"HK-D057", 5}, keeper_{"HK-D057", 6};
  std::vector<RecordId> chain_;
  RecordId branch_, fragment_, behind_;
  Node::Visitor gone_, kept_;
};

TEST_F(Imports, BringEveryOpAndKeyWhereverItStood) {
  std::string epoch = hub_.store->epoch();
  Store::Imported done = Import();
  EXPECT_EQ(done.ops, retired_.Dump(key::kOp).size());
  EXPECT_EQ(done.new_ops, done.ops - 2);  // one of the chain, one of the keeper's
  EXPECT_EQ(done.new_keys, 1u);
  EXPECT_EQ(done.ignored_keys, 1u);
  EXPECT_EQ(done.damaged, 0u);
  EXPECT_EQ(hub_.Dump(key::kOp), retired_.Dump(key::kOp));
  EXPECT_EQ(hub_.Dump(key::kKept), retired_.Dump(key::kKept));
  EXPECT_EQ(hub_.store->Read().VisitorKey(kept_.id, kept_.key.key_id), kept_.key);
  EXPECT_EQ(hub_.store->Read().VisitorKey(gone_.id, gone_.key.key_id), gone_.key) << "another folder erases nothing";
  for (const RecordId& id : {chain_[0], chain_[1], chain_[2], branch_, fragment_, behind_, gone_.id, kept_.id})
    EXPECT_EQ(Hex(hub_.Canonical(id)), Hex(retired_.Canonical(id)));
  EXPECT_THAT(hub_.Values(branch_, kTitleTag), ElementsAre("另一支"));
  EXPECT_THAT(hub_.Values(fragment_, kTitleTag), ElementsAre("没有前一件"));
  EXPECT_THAT(InFeeds(&hub_), IsSupersetOf(InFeeds(&retired_)));
  EXPECT_EQ(hub_.store->epoch(), epoch);
  EXPECT_THAT(hub_.store->ArchiveMarks(), IsEmpty());
  Store::Check check = hub_.store->Verify();
  EXPECT_TRUE(check.ok()) << check.differences[0];
}

TEST_F(Imports, AreNewItemsBehindWhatIsThere) {
  std::map<std::string, std::string> before = hub_.Dump(key::kFeedItem);
  ASSERT_FALSE(before.empty());
  Import();
  std::map<std::string, std::string> after = hub_.Dump(key::kFeedItem);
  EXPECT_THAT(after, IsSupersetOf(before));
  EXPECT_GT(after.size(), before.size());
  Node box("HK-D057", 9);
  for (const char* feed : {"point:HK-D057", "station:HK-D057"}) PullDown(&box, &hub_, feed);
  for (const RecordId& id : {chain_[2], branch_, behind_, kept_.id})
    EXPECT_EQ(Hex(box.Canonical(id)), Hex(hub_.Canonical(id)));
}

TEST_F(Imports, AgainChangeNothing) {
  Import();
  auto before = hub_.Dump();
  Store::Imported again = Import();
  EXPECT_EQ(again.new_ops, 0u);
  EXPECT_EQ(again.new_keys, 0u);
  EXPECT_EQ(hub_.Dump(), before);
}

// No receipt counts what came without its log; the author's log then joins it.
TEST_F(Imports, CountInNoReceiptUntilTheAuthorsLogComes) {
  Import();
  EXPECT_EQ(hub_.store->Have(station_.store->tip()->actor)->seq, 1u);
  EXPECT_FALSE(hub_.store->HoldsAt(*station_.store->tip()));
  for (Node* node : {&station_, &second_}) {
    PushUp(node, &hub_);
    EXPECT_EQ(*hub_.store->Have(node->store->tip()->actor), *node->store->tip());
  }
  EXPECT_TRUE(hub_.store->Verify().ok());
}

TEST_F(Imports, AStationsDatabaseIsRefused) {
  auto before = hub_.Dump();
  EXPECT_TRUE(absl::IsFailedPrecondition(hub_.store->Import(*station_.store->Snapshot()).status()));
  EXPECT_EQ(hub_.Dump(), before);
}

}  // namespace
}  // namespace liaison::testing_store
