// The formats on disk: every key, the state of an aggregate, and two whole small databases.
#include <gtest/gtest.h>

#include "tests/golden/golden.h"
#include "tests/golden/samples.h"
#include "tests/store/fixture.h"

namespace liaison {
namespace {

using testing_store::Node;

TEST(GoldenStore, Keys) {
  std::string text = "# every kind of key of common/store/keys.h\n";
  auto add = [&](const char* name, const std::string& key) { text += std::string(name) + " = " + Hex(key) + "\n"; };
  const Actor actor = sample::Station();
  const RecordId id = sample::Matter(), visitor = sample::Visitor();
  add("meta name", key::Meta("name"));
  add("ops of an actor", key::OpPrefix(actor));
  add("ops at seq 513", key::OpAt(actor, 513));
  add("op seq 513 tag 0102030405060708", key::Op(actor, 513, 0x0102030405060708));
  add("chain", key::Chain(actor));
  add("range marks at 513", key::RangeAt(actor, 513));
  add("range mark", key::Range(actor, 513, 0x0102030405060708));
  add("branches at 513", key::BranchAt(actor, 513));
  add("branch", key::Branch(actor, 513, 0x0102030405060708));
  add("aggregate", key::Aggregate(id));
  add("aggregate of a master", key::Aggregate(RecordId::Master(3, "DB-012")));
  add("action", key::Action(sample::ActionId()));
  add("visitor keys", key::VisitorKeys(visitor));
  add("visitor key", key::VisitorKey(visitor, sample::Bytes(8, 0x60)));
  add("feed item 258 of all", key::FeedItem("all", 258));
  add("feed head of all", key::FeedHead("all"));
  add("batch of all up to 258", key::Batch("all", 258));
  add("abandoned item", key::Abandoned("all", sample::Hash("prefix"), 258));
  add("abandoned batch", key::AbandonedBatch("all", sample::Hash("prefix"), 258));
  add("members", key::Members(id));
  add("member", key::Member(id, "all"));
  add("archive", key::Archive("archive-1"));
  add("projection r", ProjectionPrefix('r'));
  golden::Check("keys", text);
}

// A state with everything in it: two actors, a conflict, a void, a sealed value, a set element, a refused op, one of an
// unknown kind, one that waits for its predecessor, and a context that names what is not here.
TEST(GoldenStore, AggregateState) {
  Op first = sample::FirstOp(), other = sample::LaterOp(), later = sample::LaterOp(), unknown = sample::LaterOp();
  first.context = {};
  EncodeOp(&first);
  other.actor = sample::Older();
  other.seq = 9;
  other.n = 1;
  other.previous = 0;
  other.context = {{sample::Hub(), 4, 99}};
  other.writes = {{{}, 4 << 3 | 2, "", "另一标题"}, {{}, 18 << 3 | 2, "17.1", ""}};
  EncodeOp(&other);
  later.n = 2;
  later.previous = first.tag();
  later.context = {first.dot()};
  EncodeOp(&later);
  unknown.kind = 7;
  unknown.actor = sample::Hub();
  unknown.n = 1;
  unknown.previous = 0;
  unknown.context = {};
  EncodeOp(&unknown);
  Op refuse = sample::LaterOp(), refused = sample::LaterOp(), held = sample::LaterOp();
  refused.actor = {"HK-D058", 5};
  refused.n = 1;
  refused.previous = 0;
  refused.context = {};
  EncodeOp(&refused);
  std::string element;
  ByteWriter writer(&element);
  EncodeOpName(refused.name(), &writer);
  refuse.actor = sample::Hub();
  refuse.seq = 201;
  refuse.n = 2;
  refuse.previous = unknown.tag();
  refuse.context = {};
  refuse.writes = {{{}, kVerdictTag, element, "1编号重复"}};
  EncodeOp(&refuse);
  held.actor = {"HK-D059", 6};
  held.n = 4;
  EncodeOp(&held);
  const Op* ops[] = {&first, &other, &later, &unknown, &refused, &refuse, &held};
  Aggregate state = Aggregate::Fold(sample::Matter(), ops);
  EXPECT_EQ(state.held().size(), 1u);
  EXPECT_EQ(state.refused_count(), 1u);
  EXPECT_TRUE(state.upgrade_needed());
  EXPECT_NE(state.VoidOf({}), VoidState::kLive);
  EXPECT_EQ(ConflictsOf(state).size(), 1u);
  golden::Check("aggregate-state", golden::BytesText("the stored state of a matter", state.Encode()));
  golden::Check("aggregate-canonical",
                golden::BytesText("its canonical form: without sealed values and held ops", state.Canonical()));
  auto read = Aggregate::Decode(sample::Matter(), golden::BytesOf(golden::ReadText("aggregate-state")));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, state);
}

std::string DumpText(const std::string& note, const Node& node) {
  std::string text = "# " + note + "\n";
  for (const auto& [key, value] : node.Dump())
    text += std::string(1, key[1]) + " " + Hex(key) + " = " + Hex(value) + "\n";
  return text;
}

// A database as the file has it.
std::shared_ptr<Kv> DatabaseFrom(const std::string& name) {
  std::shared_ptr<Kv> kv = NewMemoryKv();
  KvChanges changes;
  for (const std::string& line : golden::Lines(golden::ReadText(name))) {
    size_t equals = line.find(" = ");
    std::string key, value;
    if (line[0] == '#' || equals == std::string::npos) continue;
    EXPECT_TRUE(Unhex(line.substr(2, equals - 2), &key) && Unhex(line.substr(equals + 3), &value)) << line;
    changes[key] = value;
  }
  EXPECT_TRUE(kv->Write(changes, true).ok());
  return kv;
}

// What a hub and a station write, table by table; and that this version opens what stands in the files.
TEST(GoldenStore, DatabasesOfAHubAndAStation) {
  Node hub(Node::kHub, 1), station("HK-D057", 2);
  station.NewMatter("HK-D057", "路灯");
  std::string action = station.NewActionId();
  RecordId visitor = RecordId::Random(testing_store::kVisitorType, action, 0);
  sync::KeyItem key{ToBytes(visitor), 1, sample::Bytes(8, 0x60), sample::Bytes(32, 0x80)};
  SeededRandom sealing(7);
  const std::string sealed = Seal({key.algorithm, key.key_id, key.key}, "张三", key.aggregate, &sealing);
  ASSERT_TRUE(station
                  .Try(action,
                       {{visitor,
                         {},
                         {{{}, testing_store::kStationTag, "", "HK-D057"}},
                         {{{}, 1 << 3 | 2, "", sealed}}}},
                       {key})
                  .ok());
  station.Open();
  station.NewMatter("HK-D057", "水渠");
  hub.Do({{RecordId::Master(testing_store::kDeputyType, "DB-012"), {}, {{{}, testing_store::kStationTag, "", "王"}}}});
  PushUp(&station, &hub);
  for (const char* interest : {"all", "point:HK-D057", "station:HK-D057"}) PullDown(&station, &hub, interest);
  hub.Do({{RecordId::Master(testing_store::kDeputyType, "DB-013"), {}, {{{}, testing_store::kStationTag, "", "赵"}}}});
  PullDown(&station, &hub, "all");
  sync::Cursor common{"all", hub.store->epoch(), 2, *station.store->FeedPrefix("all", 2)};
  ASSERT_TRUE(station.store->RewindFeed(common).ok());  // fills the tables of what was abandoned
  Node twin("HK-D057", 2);  // the same process, resumed twice: the same actor, another first op
  twin.NewMatter("HK-D057", "路灯坏了");
  PushUp(&twin, &hub);
  golden::Check("store-station",
                DumpText("a station's database: two runs, one visitor, a feed that was rewound", station));
  golden::Check("store-hub", DumpText("the hub's database beside it, with a branch of one log", hub));

  for (const auto& [name, id] :  // those of 0.4.0 have a sealed value that no key opens
       {std::pair("store-station", "HK-D057"), std::pair("store-hub", Node::kHub),
        std::pair("store-station-0.4", "HK-D057"), std::pair("store-hub-0.4", Node::kHub)}) {
    Node old(id, 3, DatabaseFrom(name));
    Store::Check check = old.store->Verify();
    EXPECT_TRUE(check.ok()) << name << ": " << check.differences[0];
    EXPECT_EQ(check.ops, id == std::string(Node::kHub) ? 6u : 5u) << name;
  }
  Node old("HK-D057", 4, DatabaseFrom("store-station"));
  EXPECT_EQ(old.store->tip(), station.store->tip());
  EXPECT_EQ(old.store->FeedHeads(), station.store->FeedHeads());
  EXPECT_EQ(old.store->Read().VisitorKey(visitor, key.key_id), key);
}

}  // namespace
}  // namespace liaison
