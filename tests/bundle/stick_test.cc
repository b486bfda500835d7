#include "tests/bundle/stick.h"

#include <gmock/gmock.h>

#include "common/codec/op_codec.h"
#include "station/link/station_port.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

TEST_F(StickTest, UpAndDown) {
  auto station = Enrol("D057", "HK-D057");
  std::string matter = Visit(station.get(), "三组水渠垮了");
  ASSERT_GT(Pending(station.get()), 0u);
  uint64_t written = Pending(station.get());

  std::string up = Export(station.get(), "D057");
  EXPECT_EQ(exported_.ops(), static_cast<int64_t>(written));
  EXPECT_EQ(Pending(station.get()), written);  // a stick is no receipt
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->ops_new(), static_cast<int64_t>(written));
  EXPECT_EQ(taken->problems_size(), 0);
  EXPECT_EQ(Title(hub_.get(), matter), "三组水渠垮了");
  EXPECT_GT(hub_->LastSyncMs("HK-D057"), 0);

  std::string down = ExportFor("HK-D057");
  taken = Import(station.get(), "D057", down);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->problems_size(), 0);
  EXPECT_EQ(taken->items_new(), taken->items());  // it began where the station stood
  EXPECT_EQ(Pending(station.get()), 0u);
  ExpectInStep(station.get());
  EXPECT_TRUE(station->store()->Verify().ok());
  EXPECT_TRUE(hub_->store()->Verify().ok());
}

TEST_F(StickTest, TheHubsVisitorKeyGoesWithIt) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "要看病");
  ASSERT_TRUE(ToHub(Export(station.get(), "D057")).ok());
  int keys = 0;
  for (const auto& [key, value] : Dump(*hub_->store())) keys += key.starts_with("\x01K") ? 1 : 0;
  EXPECT_EQ(keys, 1);
}

TEST_F(StickTest, TheSameAgainChangesNothing) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "三组水渠垮了");
  std::string up = Export(station.get(), "D057");
  ASSERT_TRUE(ToHub(up).ok());
  Rows before = Dump(*hub_->store());
  absl::StatusOr<v1::ImportBundleResponse> again = ToHub(up);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->ops_new(), 0);
  EXPECT_EQ(again->problems_size(), 0);
  EXPECT_EQ(Dump(*hub_->store()), before);

  std::string down = ExportFor("HK-D057");
  ASSERT_TRUE(Import(station.get(), "D057", down).ok());
  before = Dump(*station->store());
  again = Import(station.get(), "D057", down);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->items_new(), 0);
  EXPECT_EQ(again->problems_size(), 0);
  EXPECT_EQ(Dump(*station->store()), before);
}

TEST_F(StickTest, OlderOnesAfterNewerBringOnlyWhatIsNew) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "一");
  std::string first = Export(station.get(), "D057");
  int64_t few = exported_.ops();
  Visit(station.get(), "二");
  std::string second = Export(station.get(), "D057");
  ASSERT_GT(exported_.ops(), few);
  ASSERT_TRUE(ToHub(first).ok());
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(second);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->ops_new(), exported_.ops() - few);
  std::string down_second = ExportFor("HK-D057");
  Rows before = Dump(*hub_->store());
  taken = ToHub(first);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->ops_new(), 0);
  // Only the note where the way back begins is that of the bundle that came last.
  Rows after = Dump(*hub_->store());
  for (Rows* rows : {&before, &after})
    std::erase_if(*rows, [](const auto& row) { return row.first.starts_with("\x01Mx-bundle-"); });
  EXPECT_EQ(after, before);

  std::string down_first = ExportFor("HK-D057", true);
  ASSERT_TRUE(Import(station.get(), "D057", down_second).ok());
  ExpectInStep(station.get());
  before = Dump(*station->store());
  taken = Import(station.get(), "D057", down_first);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_GT(taken->items(), 0);
  EXPECT_EQ(taken->items_new(), 0);
  EXPECT_EQ(Dump(*station->store()), before);
}

TEST_F(StickTest, WhichBundleIsLaterIsSaidByWhatItHoldsNotByAClock) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "一");
  Visit(station.get(), "二");
  const std::string first = Export(station.get(), "D057");
  ASSERT_TRUE(ToHub(first).ok());
  const std::string down = ExportFor("HK-D057");
  const int64_t all = exported_.items();
  ASSERT_TRUE(Import(station.get(), "D057", down).ok());
  clock_.Advance(-7'200'000);  // the box was set back
  Visit(station.get(), "三");
  ASSERT_TRUE(ToHub(Export(station.get(), "D057")).ok());
  ExportFor("HK-D057");
  EXPECT_LT(exported_.items(), all) << "the way back begins where the station stood last";
  ASSERT_TRUE(ToHub(first).ok());  // still on the stick
  ExportFor("HK-D057");
  EXPECT_LT(exported_.items(), all);
}

TEST_F(StickTest, WhatALinkHasBroughtIsPassedOver) {
  auto station = Enrol("D057", "HK-D057");
  for (int i = 0; i < 6; ++i) Visit(station.get(), "事项" + std::to_string(i));
  std::string up = Export(station.get(), "D057");
  PushByLink(station.get(), false, 600, 3);  // the link delivers three small ranges and breaks before its receipts
  uint64_t held = hub_->store()->ops_held();
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->problems_size(), 0);
  EXPECT_EQ(hub_->store()->ops_held() - held, static_cast<uint64_t>(taken->ops_new()));
  EXPECT_LT(taken->ops_new(), taken->ops());

  std::string down = ExportFor("HK-D057");
  PullByLink(station.get(), "point:HK-D057", 900);
  uint64_t position = station->store()->FeedHead("point:HK-D057")->position;
  ASSERT_GT(position, 0u);
  ASSERT_LT(position, hub_->store()->FeedHead("point:HK-D057")->position);
  taken = Import(station.get(), "D057", down);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->problems_size(), 0);
  EXPECT_EQ(taken->items_new(), taken->items() - static_cast<int64_t>(position));
  ExpectInStep(station.get());
  EXPECT_EQ(Pending(station.get()), 0u);
  // What overlapped is kept as the hub signed it: a restored hub will take it back.
  ASSERT_TRUE(
      station->store()
          ->RewindFeed({"point:HK-D057", "", position, *station->store()->FeedPrefix("point:HK-D057", position)})
          .ok());
  std::string at;
  std::optional<sync::FeedBatch> kept = station->store()->NextAbandoned(&at);
  ASSERT_TRUE(kept.has_value());
  EXPECT_LT(kept->first, position);
  EXPECT_TRUE(CheckBatchSeal(*hub_->store()->GetMeta(kHubKeyMeta), *kept).ok());
}

TEST_F(StickTest, DamageIsRefusedAndChangesNothing) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "三组水渠垮了");
  std::string up = Export(station.get(), "D057");
  std::string bytes = ReadBytes(up), bad = Dir("stick/bad");
  auto start = DecodeBundleHeader(bytes);
  ASSERT_TRUE(start.ok());
  Rows before = Dump(*hub_->store());
  auto refused = [&](const std::string& damaged) {
    WriteBytes(bad, damaged);
    absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(bad);
    EXPECT_FALSE(taken.ok());
    return std::string(taken.status().message());
  };
  size_t body = start->body_at;
  EXPECT_THAT(refused(""), ::testing::HasSubstr("不完整"));
  for (size_t n : {size_t{5}, size_t{16}, body / 2, body - 1, body, body + 50, body + 110, bytes.size() - 1})
    EXPECT_THAT(refused(bytes.substr(0, n)), ::testing::HasSubstr("不完整")) << n;
  EXPECT_THAT(refused(bytes + "x"), ::testing::HasSubstr("损坏"));
  EXPECT_THAT(refused("接待选民台账"), ::testing::HasSubstr("不是联络站的数据包"));
  // The magic, the version, the length, every byte of the header with its tables and its seal; then the sealed key, the
  // stream's header, its chunks and its end.
  for (size_t i = 0; i < bytes.size(); i += i < body ? 1 : 37) {
    std::string flipped = bytes;
    flipped[i] ^= 0x04;
    EXPECT_NE(refused(flipped), "") << i;
  }
  std::string last = bytes;
  last.back() ^= 1;
  EXPECT_THAT(refused(last), ::testing::HasSubstr("已损坏"));
  EXPECT_EQ(Dump(*hub_->store()), before);

  ASSERT_TRUE(ToHub(up).ok());
  bytes = ReadBytes(ExportFor("HK-D057"));
  start = DecodeBundleHeader(bytes);
  ASSERT_TRUE(start.ok());
  body = start->body_at;
  before = Dump(*station->store());
  for (size_t i = 0; i < bytes.size(); i += i < body ? 1 : 37) {
    std::string flipped = bytes;
    flipped[i] ^= 0x04;
    WriteBytes(bad, flipped);
    EXPECT_FALSE(Import(station.get(), "D057", bad).ok()) << i;
    WriteBytes(bad, bytes.substr(0, i));
    EXPECT_FALSE(Import(station.get(), "D057", bad).ok()) << i;
  }
  EXPECT_EQ(Dump(*station->store()), before);
  EXPECT_TRUE(std::filesystem::is_empty(SpoolFolder(Dir("D057"))));
  EXPECT_FALSE(std::filesystem::exists(CarriedFolder(Dir("D057"))));
}

// A file that a device made and signed, but wrongly: nothing of it is taken, not even what stands before the mistake.
TEST_F(StickTest, ABadRangeSpoilsTheWholeFile) {
  auto station = Enrol("D057", "HK-D057");
  for (int i = 0; i < 4; ++i) Visit(station.get(), "事项" + std::to_string(i));
  auto other = Enrol("D058", "HK-D058");
  Visit(other.get(), "别站的事项");
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(Dir("D057")));
  ASSERT_TRUE(key.ok());
  const Store::OwnLog log = station->store()->OwnLogs().front();
  sync::Range good = *station->store()->ReadRange(log.actor, 1, 1);
  sync::Range next = *station->store()->ReadRange(log.actor, 2, 1);
  ASSERT_LT(next.last, log.last_seq);
  auto with = [&](sync::Range bad) {
    BundleHeader header;
    header.station = "HK-D057";
    header.bundle_id = random_.Bytes(16);
    header.seal = {KeyId(key->public_key), kEd25519, ""};
    auto writer = Must(BundleWriter::Create(Dir("stick"), header, station->config().hub_public_key(), &random_));
    EXPECT_TRUE(writer->Add(good).ok() && writer->Add(bad).ok());
    std::string path = Dir("stick/made");
    EXPECT_TRUE(writer->Finish(path, station->store()->options().sign).ok());
    return ToHub(path).status();
  };
  Rows before = Dump(*hub_->store());
  sync::Range bad = next;
  bad.ops[0] = station->store()->ReadRange(log.actor, log.last_seq, 1)->ops[0];
  EXPECT_EQ(with(bad).code(), absl::StatusCode::kInvalidArgument);
  bad = next;
  bad.head_after[0] ^= 1;
  EXPECT_FALSE(with(bad).ok());
  bad = next;
  bad.head_before[0] ^= 1;
  EXPECT_FALSE(with(bad).ok());
  bad = next;
  bad.seal.signature[0] ^= 1;
  EXPECT_EQ(with(bad).code(), absl::StatusCode::kUnauthenticated);
  bad = next;
  bad.actor.station = "HK-D058";
  EXPECT_FALSE(with(bad).ok());
  // Genuine, and another station's: that one brings it itself.
  const Store::OwnLog theirs = other->store()->OwnLogs().front();
  EXPECT_EQ(with(*other->store()->ReadRange(theirs.actor, 1, 1)).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Dump(*hub_->store()), before);
  EXPECT_TRUE(with(next).ok());
  EXPECT_NE(Dump(*hub_->store()), before);
}

TEST_F(StickTest, ARevokedDevicesStickIsKeptAndCountsNothing) {
  auto station = Enrol("D057", "HK-D057");
  Visit(station.get(), "三组水渠垮了");
  std::string up = Export(station.get(), "D057");
  std::string node_id = station->config().node_id();
  v1::Node node;
  node.set_node_id(node_id);
  node.set_station_id("HK-D057");
  node.set_revoked(true);
  auto revoke = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    NewOp op = MasterOp(node, node_id);
    std::optional<Aggregate> known = view.Load(op.aggregate);
    op.context = known->lineage().Visible();
    return Action{"镇", {op}, {}, ""};
  };
  ASSERT_TRUE(hub_->store()->Commit(random_.Bytes(kActionIdBytes), "revoke", revoke).ok());
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_GT(taken->ops_new(), 0);
  ASSERT_EQ(taken->problems_size(), 1);
  EXPECT_THAT(taken->problems(0), ::testing::HasSubstr("吊销"));
  EXPECT_EQ(hub_->store()->Verify().kept, static_cast<uint64_t>(taken->ops_new()));
  v1::ListMattersRequest matters;
  EXPECT_EQ(hub_->desk()->ListMatters(matters)->total(), 0);
  EXPECT_EQ(ToHub(up)->ops_new(), 0);
  EXPECT_TRUE(hub_->store()->Verify().ok());
  v1::ExportBundleRequest request;
  request.set_station_id("HK-D057");
  EXPECT_EQ(hub_->bundles()->Export(request).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace liaison
