// Ops that are kept and not folded, and a person who takes them.
#include "common/store/kept.h"

#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison::testing_store {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr char kBarred[] = "设备已被吊销";

struct Kept : testing::Test {
  Kept() { Open(&hub); }

  void Open(Node* node) {
    node->store.reset();
    StoreOptions options = node->Options();
    options.refusal = [](const OpName& name, std::string_view reason) {
      return NewOp{
          TellingOf(name), {}, {{{}, kStationTag, "", name.actor.station}, {{}, kTitleTag, "", std::string(reason)}}};
    };
    options.range_objection = [this](const sync::Range&) { return barred ? kBarred : ""; };
    node->store = *Store::Open(std::make_unique<SharedKv>(node->db, node->fails), options);
  }
  static RecordId TellingOf(const OpName& name) {
    return RecordId::Random(kMatterType, name.hash.substr(0, kActionIdBytes), 0);
  }
  sync::Ack Apply(const sync::Range& range) {
    return Must(hub.store->ApplyRanges({&range, 1}))[0];
  }
  sync::Range RangeFrom(uint64_t first) {
    return *station.store->ReadRange(station.store->tip()->actor, first, 1 << 20);
  }
  sync::Range Three() {
    for (const char* title : {"一", "二", "三"}) ids.push_back(station.NewMatter("HK-D057", title));
    return RangeFrom(1);
  }
  static OpName NameOf(const std::string& bytes) { return DecodeFrame(bytes)->name(); }
  // It writes one field twice: it can be named, not read.
  static void Spoil(std::string* bytes) {
    Op op = *DecodeOp(*bytes);
    op.writes.push_back(op.writes[0]);
    *bytes = EncodeOp(&op);
    ASSERT_FALSE(DecodeOp(*bytes).ok());
  }
  std::vector<KeptOp> All() const {
    std::vector<KeptOp> all;
    ForEachKept(*hub.store->Snapshot(), [&](const KeptOp& kept) {
      all.push_back(kept);
      return true;
    });
    return all;
  }
  // The names that stand in any feed of the hub.
  std::set<OpName> InFeeds(const Node& node) const {
    std::set<OpName> names;
    for (const sync::Cursor& head : node.store->FeedHeads()) {
      std::optional<sync::FeedBatch> batch = node.store->ReadFeed(head.interest, 0, "", 1 << 24);
      for (const sync::FeedItem& item : batch->items)
        if (item.kind == sync::ItemKind::kOp) names.insert(item.name);
    }
    return names;
  }
  absl::StatusOr<size_t> Accept(const std::vector<OpName>& names) { return hub.store->AcceptKept(names, "书记"); }
  void ExpectSound() {
    Store::Check check = hub.store->Verify();
    EXPECT_TRUE(check.ok()) << check.differences[0];
    auto before = hub.Dump();
    EXPECT_TRUE(hub.store->Rebuild().ok());
    EXPECT_EQ(hub.Dump(), before);
  }

  Node hub{Node::kHub, 1}, station{"HK-D057", 2};
  bool barred = false;
  std::vector<RecordId> ids;
};

TEST_F(Kept, AnOpThatCannotBeReadStopsNothing) {
  sync::Range range = Three();
  std::string& bytes = range.ops[1];
  Spoil(&bytes);
  ASSERT_TRUE(DecodeFrame(bytes).ok());
  OpName name = DecodeFrame(bytes)->name();
  sync::Ack ack = Apply(range);
  EXPECT_EQ(ack.tip.seq, 3u);
  ASSERT_EQ(ack.verdicts.size(), 1u);
  EXPECT_EQ(ack.verdicts[0].name, name);
  EXPECT_EQ(ack.verdicts[0].verdict, sync::Verdict::kMalformed);
  EXPECT_EQ(*hub.store->Read().OpBytes(name.actor, name.seq, TagOf(name.hash)), bytes) << "the bytes are kept";
  EXPECT_THAT(hub.Values(ids[2], kTitleTag), ElementsAre("三"));
  EXPECT_THAT(hub.Values(ids[1], kTitleTag), IsEmpty());
  Store::Check check = hub.store->Verify();
  EXPECT_TRUE(check.ok()) << check.differences[0];
  EXPECT_EQ(check.kept, 1u);
  auto before = hub.Dump();
  EXPECT_EQ(Apply(range).tip.seq, 3u);  // again: not told twice
  EXPECT_EQ(hub.Dump(), before);
  // The author reads it in a record of the hub's.
  PullDown(&station, &hub, "point:HK-D057");
  RecordId refusal = RecordId::Random(kMatterType, name.hash.substr(0, kActionIdBytes), 0);
  EXPECT_EQ(station.Values(refusal, kTitleTag).size(), 1u);
}

TEST_F(Kept, OnlyTheHubJudgesAndTheLogGoesOn) {
  Three();
  OpName other{{"HK-D058", 3}, 1, Sha256("theirs")};
  std::string element;
  ByteWriter out(&element);
  EncodeOpName(other, &out);
  station.Do({{ids[0], station.Seen(ids[0]), {{{}, kVerdictTag, element, "1理由"}}}});
  RecordId after = station.NewMatter("HK-D057", "之后");
  sync::Ack ack = Apply(*station.store->ReadRange(station.store->tip()->actor, 1, 1 << 20));
  EXPECT_EQ(ack.tip, *station.store->tip());
  ASSERT_EQ(ack.verdicts.size(), 1u);
  EXPECT_EQ(ack.verdicts[0].verdict, sync::Verdict::kRefused);
  EXPECT_EQ(ack.verdicts[0].name.seq, 4u);
  EXPECT_THAT(hub.Values(after, kTitleTag), ElementsAre("之后"));
  EXPECT_TRUE(hub.store->Verify().ok());
}

TEST_F(Kept, AFailedWriteLeavesTheHubsOwnLogAsItWas) {
  sync::Range range = Three();
  Spoil(&range.ops[1]);
  *hub.fails = true;
  EXPECT_FALSE(hub.store->ApplyRanges({&range, 1}).ok());
  EXPECT_FALSE(hub.store->tip().has_value());
  *hub.fails = false;
}

// ---------------------------------------------------------------- a range that may not stand

TEST_F(Kept, WhatAnObjectionMeetsIsKeptAndWhatWasTakenBeforeStands) {
  sync::Range three = Three();
  EXPECT_THAT(Apply(three).verdicts, IsEmpty());
  ids.push_back(station.NewMatter("HK-D057", "四"));
  ids.push_back(station.NewMatter("HK-D057", "五"));
  barred = true;
  sync::Range all = RangeFrom(1);
  sync::Ack ack = Apply(all);
  EXPECT_EQ(ack.tip, *station.store->tip());
  ASSERT_EQ(ack.verdicts.size(), 2u);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(ack.verdicts[i].name, NameOf(all.ops[3 + i]));
    EXPECT_EQ(ack.verdicts[i].verdict, sync::Verdict::kRefused);
    EXPECT_EQ(ack.verdicts[i].reason, kBarred);
    const OpName& name = ack.verdicts[i].name;
    EXPECT_EQ(hub.store->Read().OpBytes(name.actor, name.seq, TagOf(name.hash)), all.ops[3 + i]);
    EXPECT_FALSE(InFeeds(hub).contains(name));
    EXPECT_THAT(hub.Values(ids[3 + i], kTitleTag), IsEmpty());
    EXPECT_THAT(hub.Values(TellingOf(name), kTitleTag), ElementsAre(kBarred));
  }
  EXPECT_THAT(hub.Values(ids[2], kTitleTag), ElementsAre("三"));
  ASSERT_EQ(All().size(), 2u);
  EXPECT_TRUE(All()[0].readable);
  EXPECT_EQ(All()[0].mark.key_id, "key-of-8");
  auto before = hub.Dump();
  EXPECT_EQ(Apply(all).verdicts.size(), 2u);
  EXPECT_EQ(hub.Dump(), before);
  ExpectSound();
}

TEST_F(Kept, AKeyOfWhatIsKeptIsHereAndInNoFeed) {
  station.NewMatter("HK-D057", "一");
  Apply(RangeFrom(1));
  auto [visitor, key] = station.NewVisitor("HK-D057");
  barred = true;
  sync::Range range = RangeFrom(2);
  ASSERT_THAT(range.keys, ElementsAre(key));
  Apply(range);
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), key);
  EXPECT_FALSE(hub.store->FeedHead("station:HK-D057").has_value());
  ASSERT_EQ(*Accept({NameOf(range.ops[0])}), 1u);
  std::optional<sync::FeedBatch> told = hub.store->ReadFeed("station:HK-D057", 0, "", 1 << 20);
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->items[0].key_hash, Sha256(key.key));
  ExpectSound();
}

// The second one: what it opens is of a visitor that the station's feed has already.
TEST_F(Kept, AKeyOfWhatIsKeptEntersNoFeedThatHasTheVisitor) {
  auto [visitor, first] = station.NewVisitor("HK-D057");
  Apply(RangeFrom(1));
  const std::optional<sync::Cursor> before = hub.store->FeedHead("station:HK-D057");
  ASSERT_TRUE(before.has_value());
  const SealKey seal = NewSealKey(&station.random);
  const sync::KeyItem key{ToBytes(visitor), seal.algorithm, seal.id, seal.key};
  const std::string sealed = Seal(seal, "李四", ToBytes(visitor), &station.random);
  ASSERT_TRUE(station.Try(station.NewActionId(), {{visitor, station.Seen(visitor), {}, {{{}, kSealedTag, "", sealed}}}},
                          {key}).ok());
  barred = true;
  sync::Range range = RangeFrom(2);
  Apply(range);
  EXPECT_EQ(hub.store->Read().VisitorKey(visitor, key.key_id), key);
  EXPECT_EQ(hub.store->FeedHead("station:HK-D057"), before);
  ASSERT_EQ(*Accept({NameOf(range.ops[0])}), 1u);
  const std::optional<sync::FeedBatch> told = hub.store->ReadFeed("station:HK-D057", before->position, "", 1 << 20);
  ASSERT_TRUE(told.has_value());
  EXPECT_THAT(told->items, Contains(Field(&sync::FeedItem::key_hash, Sha256(key.key))));
  ExpectSound();
}

// ---------------------------------------------------------------- a person takes one

TEST_F(Kept, OneThatIsTakenStandsAsIfItHadJustCome) {
  Node other(Node::kHub, 9);  // took all of it at once
  sync::Range range = Three();
  ASSERT_TRUE(other.store->ApplyRanges({&range, 1}).ok());
  barred = true;
  Apply(range);
  EXPECT_THAT(hub.store->FeedHead("point:HK-D057")->position, 6u);  // three records that tell of a refusal
  OpName second = NameOf(range.ops[1]);
  EXPECT_EQ(*Accept({second}), 1u);
  EXPECT_EQ(hub.Canonical(ids[1]), other.Canonical(ids[1]));
  EXPECT_THAT(hub.Values(ids[0], kTitleTag), IsEmpty());
  EXPECT_TRUE(InFeeds(hub).contains(second));
  EXPECT_EQ(hub.store->Read().Load(TellingOf(second))->VoidOf({}), VoidState::kVoid);
  EXPECT_EQ(All().size(), 2u);
  EXPECT_EQ(hub.store->Verify().kept, 2u);
  ExpectSound();
  auto before = hub.Dump();
  EXPECT_EQ(*Accept({second}), 0u);
  EXPECT_EQ(hub.Dump(), before);
  sync::Ack again = Apply(range);  // and it is no longer told as refused
  ASSERT_EQ(again.verdicts.size(), 2u);
  EXPECT_EQ(again.verdicts[1].name.seq, 3u);
  EXPECT_EQ(hub.Dump(), before);
  // The author's other device, with nothing of its own, sees what the hub sees.
  Node box("HK-D057", 9);
  PullDown(&box, &hub, "point:HK-D057");
  EXPECT_EQ(box.Canonical(ids[1]), other.Canonical(ids[1]));
  EXPECT_EQ(box.store->Read().Load(TellingOf(second))->VoidOf({}), VoidState::kVoid);
}

TEST_F(Kept, AllOfThemInAnyOrderGiveTheStateOfOnesThatCame) {
  RecordId id = station.NewMatter("HK-D057", "一");
  for (const char* title : {"二", "三", "四"}) station.Set(id, kTitleTag, title);
  barred = true;
  sync::Range range = RangeFrom(1);
  Apply(range);
  std::vector<OpName> names;
  for (const std::string& bytes : range.ops) names.push_back(NameOf(bytes));
  EXPECT_EQ(*Accept({names[3], names[1]}), 2u);
  EXPECT_THAT(hub.Values(id, kTitleTag), IsEmpty());  // held: those before them are not here
  ExpectSound();
  EXPECT_EQ(*Accept(names), 2u);
  EXPECT_EQ(hub.Canonical(id), station.Canonical(id));
  EXPECT_THAT(All(), IsEmpty());
  ExpectSound();
}

TEST_F(Kept, WhatCannotBeReadOrJudgesOthersIsNotTaken) {
  sync::Range range = Three();
  Spoil(&range.ops[1]);
  std::string element;
  ByteWriter out(&element);
  EncodeOpName({{"HK-D058", 3}, 1, Sha256("theirs")}, &out);
  Op judging = *DecodeOp(range.ops[2]);
  judging.writes = {{{}, kVerdictTag, element, "1理由"}};
  range.ops[2] = EncodeOp(&judging);
  barred = true;
  ASSERT_EQ(Apply(range).verdicts.size(), 3u);
  auto before = hub.Dump();
  std::vector<OpName> names;
  for (const std::string& bytes : range.ops) names.push_back(NameOf(bytes));
  // One of them spoils the whole call.
  EXPECT_EQ(Accept({names[0], names[1]}).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Accept({names[2]}).status().code(), absl::StatusCode::kFailedPrecondition);
  OpName unknown = names[0];
  unknown.hash[31] ^= 1;
  EXPECT_EQ(Accept({unknown}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(hub.Dump(), before);
  EXPECT_FALSE(All()[1].readable);
  EXPECT_EQ(*Accept({names[0]}), 1u);
}

TEST_F(Kept, AFailedWriteTakesNothingAndTheNextOneWorks) {
  sync::Range range = Three();
  barred = true;
  Apply(range);
  std::optional<sync::Tip> tip = hub.store->tip();
  auto before = hub.Dump();
  *hub.fails = true;
  EXPECT_FALSE(Accept({NameOf(range.ops[0])}).ok());
  *hub.fails = false;
  EXPECT_EQ(hub.store->tip(), tip);
  EXPECT_EQ(hub.Dump(), before);
  EXPECT_EQ(*Accept({NameOf(range.ops[0])}), 1u);
  ExpectSound();
}

// An older backup has the op among the kept ones; the station has it in a feed that the hub has signed.
TEST_F(Kept, WhatWasTakenBeforeARestoreStandsAfterItToo) {
  sync::Range range = Three();
  barred = true;
  Apply(range);
  PullDown(&station, &hub, "point:HK-D057");
  auto backup = hub.Dump();
  uint64_t common = hub.store->FeedHead("point:HK-D057")->position;
  ASSERT_EQ(*Accept({NameOf(range.ops[0])}), 1u);
  PullDown(&station, &hub, "point:HK-D057");
  sync::Cursor point{"point:HK-D057", hub.store->epoch(), common, *station.store->FeedPrefix("point:HK-D057", common)};
  ASSERT_TRUE(station.store->RewindFeed(point).ok());
  std::string at;
  sync::FeedBatch offered = *station.store->NextAbandoned(&at);

  std::shared_ptr<Kv> disk = NewMemoryKv();
  ASSERT_TRUE(disk->Write(KvChanges(backup.begin(), backup.end()), true).ok());
  Node restored(Node::kHub, 7, disk);
  Open(&restored);
  ASSERT_THAT(restored.Values(ids[0], kTitleTag), IsEmpty());
  absl::StatusOr<sync::Want> want = restored.store->LackingOf(offered);
  ASSERT_TRUE(want.ok()) << want.status();
  sync::Ops ops = station.store->Lookup(*want);
  for (size_t i = 0; i < want->names.size(); ++i)
    for (size_t k = 0; k < offered.items.size(); ++k)
      if (offered.items[k].name == want->names[i]) offered.ops[k] = ops.ops[i];
  ASSERT_TRUE(restored.store->TakeOffered(offered, ops.keys, "set").ok());
  EXPECT_THAT(restored.Values(ids[0], kTitleTag), ElementsAre("一"));
  EXPECT_THAT(restored.Values(ids[1], kTitleTag), IsEmpty());
  EXPECT_EQ(restored.store->Read().Load(TellingOf(NameOf(range.ops[0])))->VoidOf({}), VoidState::kVoid);
  EXPECT_TRUE(restored.store->Verify().ok());
}

}  // namespace
}  // namespace liaison::testing_store
