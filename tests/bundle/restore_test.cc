// A hub that was restored from an older backup, and a village that only a stick reaches.
#include <gmock/gmock.h>

#include "common/codec/op_codec.h"
#include "common/daemon/rest.h"
#include "common/store/archive.h"
#include "tests/bundle/stick.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class RestoredHub : public StickTest {
 protected:
  void Backup() {
    absl::StatusOr<MadeArchive> made = MakeArchive(hub_->store(), Dir("backups"), {});
    ASSERT_TRUE(made.ok()) << made.status();
    archive_ = made->records_path;
  }
  // The hub's disk is as in the last backup, under a new epoch.
  void Restore() {
    std::string before = hub_->store()->epoch();
    absl::StatusOr<VerifiedArchive> restored =
        RestoreArchive(archive_, "", Dir("restored"), hub_->store()->options(), nullptr,
                       [this](const std::string&) { return OpenVault(Dir("hub")); });
    ASSERT_TRUE(restored.ok()) << restored.status();
    hub_.reset();
    std::filesystem::remove_all(DbPath(Dir("hub")));
    std::filesystem::rename(DbPath(Dir("restored")), DbPath(Dir("hub")));
    std::filesystem::remove_all(Dir("restored"));
    OpenHub();
    ASSERT_NE(hub_->store()->epoch(), before);
  }
  v1::ImportBundleResponse Up() {
    absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(Export(station_.get(), "D057"));
    EXPECT_TRUE(taken.ok()) << taken.status();
    return taken.ok() ? *taken : v1::ImportBundleResponse();
  }
  v1::ImportBundleResponse Down(const std::string& path) {
    absl::StatusOr<v1::ImportBundleResponse> taken = Import(station_.get(), "D057", path);
    EXPECT_TRUE(taken.ok()) << taken.status();
    return taken.ok() ? *taken : v1::ImportBundleResponse();
  }
  v1::ImportBundleResponse Down() { return Down(ExportFor("HK-D057")); }
  // The township writes on a matter.
  void Write(const std::string& id, const std::string& title) {
    RecordId record;
    ASSERT_TRUE(ParseRecordId(id, &record));
    v1::Matter matter;
    matter.set_title(title);
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      NewOp op{record, view.Load(record)->lineage().Visible(), {}, {}, {}};
      WritesOf(matter, {}, &op.writes, &op.sealed);
      return Action{"镇", {op}, {}, ""};
    };
    ASSERT_TRUE(hub_->store()->Commit(random_.Bytes(kActionIdBytes), title, build).ok());
  }

  std::string archive_;
  std::unique_ptr<StationNode> station_;
};

TEST_F(RestoredHub, LosesNothingThatAStickCanBring) {
  station_ = Enrol("D057", "HK-D057");
  std::string first = Visit(station_.get(), "一");
  Up();
  Backup();
  Write(first, "镇里改的题目");
  std::string second = Visit(station_.get(), "二");
  Up();
  std::string old = ExportFor("HK-D057");
  ASSERT_EQ(Down(old).problems_size(), 0);
  ASSERT_EQ(Pending(station_.get()), 0u);
  ASSERT_EQ(Title(station_.get(), first), "镇里改的题目");
  Restore();
  ASSERT_EQ(Title(hub_.get(), first), "一");
  ASSERT_EQ(Title(hub_.get(), second), "(not here)");
  auto other = Enrol("D058", "HK-D058");  // the public feed goes on otherwise

  EXPECT_EQ(Up().ops(), 0) << "the station believes that all is delivered";
  v1::ImportBundleResponse down = Down();
  EXPECT_EQ(down.problems_size(), 0) << down.problems(0);
  EXPECT_GT(Pending(station_.get()), 0u);
  EXPECT_GT(station_->store()->abandoned().count, 0u);
  EXPECT_EQ(Title(station_.get(), first), "镇里改的题目") << "nothing is taken from this disk";

  std::string up = Export(station_.get(), "D057");
  EXPECT_GT(exported_.notes_size(), 0);
  absl::StatusOr<v1::ImportBundleResponse> taken = ToHub(up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->problems_size(), 0) << taken->problems(0);
  EXPECT_GT(taken->items_new(), 0);
  EXPECT_EQ(Title(hub_.get(), first), "镇里改的题目");
  EXPECT_EQ(Title(hub_.get(), second), "二");
  EXPECT_TRUE(hub_->store()->KnowsAbandoned(station_->store()->abandoned().hash));
  EXPECT_TRUE(hub_->store()->Verify().ok());
  taken = ToHub(up);
  ASSERT_TRUE(taken.ok()) << taken.status();
  EXPECT_EQ(taken->items_new(), 0);

  EXPECT_EQ(Down().problems_size(), 0);
  EXPECT_EQ(Pending(station_.get()), 0u);
  ExpectInStep(station_.get());
  Export(station_.get(), "D057");
  EXPECT_EQ(exported_.notes_size(), 0) << "the hub has said that it holds them";
  v1::ExportBundleRequest full;
  full.set_full(true);
  Export(station_.get(), "D057", full);
  EXPECT_EQ(exported_.notes_size(), 1);

  // A stick from before the restore turns nothing back.
  std::vector<sync::Cursor> heads = station_->store()->FeedHeads();
  Down(old);
  EXPECT_EQ(station_->store()->FeedHeads(), heads);
  EXPECT_EQ(Pending(station_.get()), 0u);
  EXPECT_TRUE(station_->store()->Verify().ok());

  // The same backup once more: what the hub knew of the set is gone with it, and the village says it again.
  Restore();
  Up();
  Down();
  Export(station_.get(), "D057");
  EXPECT_EQ(exported_.notes_size(), 1);
}

TEST_F(RestoredHub, TakesBackOnlyWhatItHasSigned) {
  station_ = Enrol("D057", "HK-D057");
  std::string first = Visit(station_.get(), "一");
  Up();
  Backup();
  Write(first, "镇里改的题目");
  Down();
  Restore();
  auto other = Enrol("D058", "HK-D058");
  Up();
  Down();
  std::string at;
  std::optional<sync::FeedBatch> kept = station_->store()->NextAbandoned(&at);
  ASSERT_TRUE(kept.has_value());
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(Dir("D057")));
  ASSERT_TRUE(key.ok());
  auto with = [&](const sync::FeedBatch& batch) {
    BundleHeader header;
    header.station = "HK-D057";
    header.bundle_id = random_.Bytes(16);
    header.seal = {KeyId(key->public_key), kEd25519, ""};
    auto writer = Must(BundleWriter::Create(Dir("stick"), header, station_->config().hub_public_key(), &random_));
    EXPECT_TRUE(writer->Add(sync::Offer{batch, "a set"}).ok());
    std::string path = Dir("stick/made");
    EXPECT_TRUE(writer->Finish(path, station_->store()->options().sign).ok());
    v1::ImportBundleResponse taken = Must(ToHub(path));
    EXPECT_EQ(taken.problems_size(), 1);
    EXPECT_FALSE(hub_->store()->KnowsAbandoned("a set"));
  };
  uint64_t held = hub_->store()->ops_held();
  sync::FeedBatch bad = *kept;  // its items, under another signature
  bad.seal.signature[0] ^= 1;
  with(bad);
  bad = *kept;
  bad.items[0].aggregate[0] ^= 1;
  with(bad);
  bad = *kept;
  for (size_t i = 0; i < bad.items.size(); ++i)
    if (bad.items[i].kind == sync::ItemKind::kOp) bad.ops[i] = "bytes of nothing";
  with(bad);
  EXPECT_EQ(hub_->store()->ops_held(), held);
  EXPECT_EQ(Title(hub_.get(), first), "一");
}

TEST_F(RestoredHub, SaysByStickWhatIsArchived) {
  station_ = Enrol("D057", "HK-D057");
  Visit(station_.get(), "一");
  Up();
  Down();
  ASSERT_EQ(station_->store()->OwnLogs().front().archived_seq, 0u);
  Backup();
  Down();
  Store::OwnLog log = station_->store()->OwnLogs().front();
  EXPECT_EQ(log.archived_seq, log.last_seq);
  EXPECT_EQ(log.level, sync::AckLevel::kArchived);
  EXPECT_EQ(station_->store()->KnownArchive(), hub_->store()->Lineage().back().archive_id);
  // Told once: the station's next stick says what it knows of.
  ExportFor("HK-D057");
  int64_t receipts = exported_.receipts();
  Up();
  ExportFor("HK-D057");
  EXPECT_EQ(exported_.receipts(), receipts - 1);
  // A hub restored from before that backup does not contain it.
  Visit(station_.get(), "二");
  Up();
  std::string older = archive_;
  Backup();
  Down();
  EXPECT_EQ(station_->store()->OwnLogs().front().archived_seq, station_->store()->OwnLogs().front().last_seq);
  archive_ = older;
  Restore();
  Up();
  Down();
  log = station_->store()->OwnLogs().front();
  EXPECT_LT(log.archived_seq, log.last_seq);
}

}  // namespace
}  // namespace liaison
