// Who has a stolen, revoked or foreign box, and keys of visitors.
#include "common/record/json.h"
#include "common/store/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/text.h"
#include "common/codec/bundle_file.h"
#include "common/crypto/seal.h"
#include "common/daemon/bundle_spool.h"
#include "common/record/view.h"
#include "common/rules/visitor/visitors.h"
#include "common/store/judging.h"
#include "common/store/verdict_rows.h"
#include "hub/desk/refused.h"
#include "liaison/v1/bundles.pb.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

sync::KeyItem KeyOf(const Store& store, const RecordId& visitor) {
  sync::KeyItem found;
  std::string prefix = key::VisitorKeys(visitor);
  StoreReader reader = store.Read();
  reader.kv().ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
    found = reader.VisitorKey(visitor, key.substr(prefix.size())).value_or(sync::KeyItem());
    return true;
  });
  return found;
}

std::string NameAt(const Store& store, const RecordId& visitor) {
  StoreReader reader = store.Read();
  std::optional<Aggregate> aggregate = reader.Load(visitor);
  if (!aggregate) return "(not here)";
  std::optional<v1::VisitorFields> fields = OpenVisitor(reader, *aggregate);
  return fields ? fields->name() : "(sealed)";
}

// The thief has the folder of D057's box, and its key to sign with.
struct Keys : testing::Test {
  Keys() : device(town.EnrolDevice("a", "D057")), box(town.Open("a")) {
    visitor = LogVisitor(box.get(), "2026-11-17", "钱月仙", "13900001234");
    box->uplink()->NotifyCommit();
    EXPECT_TRUE(AwaitSynced(box.get()));
    key = KeyOf(hub(), visitor);
    EXPECT_EQ(key.key.size(), kSealKeySize);
  }
  Store& hub() { return *town.hub().store(); }
  void Revoke() {
    v1::RevokeNodeRequest request;
    request.set_node_id(device.config.node_id());
    request.set_reason("丢失");
    EXPECT_TRUE(town.hub().registry()->RevokeNode(request).ok());
  }
  sync::Range Log() { return *box->store()->ReadRange(box->store()->tip()->actor, 1, 1 << 20); }
  sync::Ack Bring(const sync::Range& range) { return Must(hub().ApplyRanges({&range, 1})).front(); }
  // A stick that the box made, with `change` on its ranges.
  absl::StatusOr<v1::ImportBundleResponse> BringByStick(const std::function<void(sync::Range*)>& change) {
    BundleHeader header;
    header.direction = BundleDirection::kToHub;
    header.bundle_id = SystemRandom()->Bytes(16);
    header.station = "D057";
    header.wall_ms = town.clock.NowMs();
    header.tip = box->store()->tip();
    header.seal.key_id = KeyId(device.key.public_key);
    header.seal.algorithm = device.key.algorithm;
    auto sign = [&](std::string_view bytes) {
      return sync::Seal{KeyId(device.key.public_key), device.key.algorithm, Sign(device.key, bytes)};
    };
    v1::ImportBundleRequest request;
    request.set_spool(NewSpoolName(SystemRandom()));
    std::string path = *SpoolPath(town.Dir("hub"), request.spool());
    auto writer = Must(BundleWriter::Create(town.Dir("hub"), header, device.config.hub_public_key(), SystemRandom()));
    sync::Range range = Log();
    change(&range);
    EXPECT_TRUE(writer->Add(range).ok());
    EXPECT_TRUE(writer->Finish(path, sign).ok());
    absl::StatusOr<std::string> json =
        town.hub().dispatcher().Call("/liaison.v1.BundleService/ImportBundle", ToJson(request), {"书记"});
    if (!json.ok()) return json.status();
    v1::ImportBundleResponse response;
    EXPECT_TRUE(FromJson(*json, &response).ok());
    return response;
  }
  v1::ListRefusedResponse Told() {
    std::string json = Must(town.hub().dispatcher().Call("/liaison.v1.HubService/ListRefused", "{}", {"书记"}));
    v1::ListRefusedResponse response;
    EXPECT_TRUE(FromJson(json, &response).ok());
    return response;
  }

  Town town;
  Town::Device device;
  std::unique_ptr<StationNode> box;
  RecordId visitor;
  sync::KeyItem key;
};

TEST_F(Keys, AReplayedRangeWithEmptyKeysErasesNothing) {
  Revoke();
  sync::Range wipe = Log();
  ASSERT_THAT(wipe.keys, ElementsAre(key));
  wipe.keys[0].key.clear();
  EXPECT_EQ(Bring(wipe).tip, *box->store()->tip()) << "its ops are known";
  EXPECT_EQ(KeyOf(hub(), visitor), key);
  ASSERT_EQ(Told().notes_size(), 1);
  EXPECT_THAT(Told().notes(0), HasSubstr(device.config.node_id()));
  EXPECT_THAT(Told().notes(0), HasSubstr("1 把没有采用"));

  auto stick = BringByStick([](sync::Range* range) { range->keys[0].key.clear(); });
  ASSERT_TRUE(stick.ok()) << stick.status();
  EXPECT_EQ(stick->ops_new(), 0);
  ASSERT_EQ(stick->problems_size(), 1);
  EXPECT_THAT(stick->problems(0), HasSubstr("1 把没有采用"));
  EXPECT_EQ(KeyOf(hub(), visitor), key);
  EXPECT_TRUE(hub().Verify().ok());

  town.EnrolDevice("b", "D057");
  std::unique_ptr<StationNode> second = town.Open("b");
  ASSERT_TRUE(AwaitSynced(second.get()));
  EXPECT_EQ(NameAt(*second->store(), visitor), "钱月仙");
}

TEST_F(Keys, AKeyThatOpensNothingIsIgnored) {
  sync::Range range = Log();
  range.keys = {key, key};
  range.keys[0].key[7] ^= 1;     // another under the same id
  range.keys[1].key_id[0] ^= 1;  // the right one under an id that no value names
  Bring(range);
  EXPECT_EQ(KeyOf(hub(), visitor), key);
  EXPECT_FALSE(hub().Read().VisitorKey(visitor, range.keys[1].key_id).has_value());
  EXPECT_THAT(Told().notes(0), HasSubstr("2 把没有采用"));
}

// A restored hub lacks what it had: the box brings it back, but the thief's key of the same name must not be first.
TEST_F(Keys, TheRightKeyIsTakenAfterAWrongOne) {
  sync::Range fresh = Log();
  std::unique_ptr<Store> bare = *Store::Open(NewMemoryKv(), [] {
    StoreOptions of_hub;
    of_hub.station = std::string(kHubStation);
    return of_hub;
  }());
  sync::Range wrong = fresh;
  wrong.keys[0].key[0] ^= 1;
  ASSERT_TRUE(bare->ApplyRanges({&wrong, 1}).ok());
  EXPECT_EQ(KeyOf(*bare, visitor).key, "");
  ASSERT_TRUE(bare->ApplyRanges({&fresh, 1}).ok());
  EXPECT_EQ(NameAt(*bare, visitor), "钱月仙");
}

// The centre may enter for every point and holds their records, sealed.
struct Visitors : Keys {
  Visitors() {
    town.EnrolDevice("z", "Z001");
    centre = town.Open("z");
    EXPECT_TRUE(AwaitSynced(centre.get()));
    EXPECT_EQ(NameAt(*centre->store(), visitor), "(sealed)");
  }
  absl::StatusOr<v1::VoidRecordResponse> Void(const std::string& reason) {
    v1::GetRecordRequest get;
    get.set_id(ToText(visitor));
    auto record = Must(centre->records()->GetRecord(get));
    v1::VoidRecordRequest request;
    request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
    request.set_id(get.id());
    request.set_token(record.record().token());
    request.set_reason(reason);
    request.set_take_back(reason.empty());
    return centre->records()->VoidRecord(request);
  }
  // As a program of the thief's own writes: no guard is asked.
  void Write(const v1::Visitor& change) {
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      Action action;
      action.user = "伪造者";
      NewOp& op = action.ops.emplace_back();
      op.aggregate = visitor;
      op.context = view.Load(visitor)->lineage().Visible();
      WritesOf(change, {}, &op.writes, &op.sealed);
      return action;
    };
    absl::Status status = centre->store()->Commit(SystemRandom()->Bytes(kActionIdBytes), "forged", build).status();
    ASSERT_TRUE(status.ok()) << status;
  }
  void ExpectNoKey(const std::string& date = "2026-11-18") {
    centre->uplink()->NotifyCommit();
    const sync::Tip forged = *centre->store()->tip();
    ASSERT_TRUE(Await(*centre, [&](const UplinkState&) { return hub().HoldsAt(forged); }));
    LogVisitor(box.get(), date, "孙二", "");  // comes down behind whatever the hub had for the centre
    box->uplink()->NotifyCommit();
    ASSERT_TRUE(AwaitSynced(box.get()));
    for (const sync::Cursor& head : hub().FeedHeads()) {
      if (head.interest != "station:Z001" && head.interest != "point:Z001") continue;
      const sync::FeedBatch feed = *hub().ReadFeed(head.interest, 0, "", 1 << 20);
      for (const sync::FeedItem& item : feed.items) EXPECT_NE(item.kind, sync::ItemKind::kKey) << head.interest;
    }
    EXPECT_EQ(NameAt(*centre->store(), visitor), "(sealed)");
    EXPECT_EQ(KeyOf(hub(), visitor), key);
    EXPECT_TRUE(hub().Verify().ok());
  }

  std::unique_ptr<StationNode> centre;
};

TEST_F(Visitors, VoidAndUnvoidGiveNoKey) {
  auto done = Void("录错");
  ASSERT_TRUE(done.ok()) << done.status();
  done = Void("");
  ASSERT_TRUE(done.ok()) << done.status();
  ExpectNoKey();
  v1::Visitor change;
  change.set_import_batch("x");
  Write(change);
  ExpectNoKey("2026-11-16");
}

TEST_F(Visitors, AForgedPlaceGivesNoKey) {
  v1::Visitor change;
  change.set_station_id("Z001");
  Write(change);
  ExpectNoKey();
  // The honest box keeps its own.
  EXPECT_EQ(NameAt(*box->store(), visitor), "钱月仙");
}

TEST_F(Visitors, ItsMakersNameIsNotForged) {
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    Action action;
    action.user = "伪造者";
    NewOp& op = action.ops.emplace_back();
    op.aggregate = visitor;
    op.context = view.Load(visitor)->lineage().Visible();
    v1::Visitor change;
    change.set_station_id("Z001");
    WritesOf(change, {}, &op.writes, &op.sealed);
    return action;
  };
  ASSERT_TRUE(centre->store()->Commit(visitor.name.substr(0, kActionIdBytes), "forged", build).ok());
  ExpectNoKey();
  ASSERT_EQ(Told().ops_size(), 1);
  EXPECT_THAT(Told().ops(0).reason(), HasSubstr("别的站点登记"));
}

// Taking back a void asks what voiding asks: another village may do neither.
TEST_F(Visitors, AnotherVillageTakesNoVoidBack) {
  ASSERT_TRUE(Void("录错").ok());
  centre->uplink()->NotifyCommit();
  const sync::Tip voided = *centre->store()->tip();
  ASSERT_TRUE(Await(*centre, [&](const UplinkState&) { return hub().HoldsAt(voided); }));
  // The centre did not make the visitor: its void counts when a person has taken it.
  std::vector<OpName> held;
  ForEachHidden(*hub().Snapshot(), "", [&](std::string_view, const JudgedOp& one) {
    held.push_back(one.name);
    return true;
  });
  ASSERT_THAT(held, SizeIs(1));
  ASSERT_EQ(Must(Store::Judging(&hub()).Take(held, "何国强")), 1u);
  v1::GetRecordRequest get;
  get.set_id(ToText(visitor));
  auto record = town.hub().records()->GetRecord(get);
  ASSERT_TRUE(record.ok()) << record.status();
  town.EnrolDevice("v", "D058");
  std::unique_ptr<StationNode> village = town.Open("v");
  ASSERT_TRUE(AwaitSynced(village.get()));
  // It has no business with the record; a copy of it came on a stick.
  for (const Op& op : hub().Read().OpsOf(*hub().Read().Load(visitor))) {
    sync::FeedBatch batch;
    batch.interest = "copied";
    batch.items = {{.kind = sync::ItemKind::kOp, .aggregate = ToBytes(visitor), .name = op.name()}};
    batch.ops = {*hub().Read().OpBytes(op.actor, op.seq, op.tag())};
    ASSERT_TRUE(village->store()->TakeOffered(batch, {}, "").ok());
  }
  record = village->records()->GetRecord(get);
  ASSERT_TRUE(record.ok()) << record.status();
  v1::VoidRecordRequest request;
  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.set_id(get.id());
  request.set_token(record->record().token());
  request.set_take_back(true);
  absl::Status status = village->records()->VoidRecord(request).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
}

}  // namespace
}  // namespace liaison
