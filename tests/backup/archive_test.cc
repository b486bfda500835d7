// The files of a backup, and the folder that comes of them.
#include "common/store/archive.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/store/fixture.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using testing_store::Node;
using testing_store::TempDir;

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}
void WriteAll(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class Archives : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 40; ++i) station_.NewMatter("HK-D057", "第" + std::to_string(i) + "件：水渠漏水");
    visitor_ = station_.NewVisitor("HK-D057").id;
    hub_.Do(
        {{RecordId::Master(testing_store::kDeputyType, "DB-012"), {}, {{{}, testing_store::kStationTag, "", "王"}}}});
    PushUp(&station_, &hub_);
  }

  MadeArchive Make() {
    absl::StatusOr<MadeArchive> made = MakeArchive(hub_.store.get(), dir_.path() + "/to", {{"key", "the hub's key"}});
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : MadeArchive();
  }
  std::map<std::string, std::string> Rows(const std::string& dir) {
    std::map<std::string, std::string> rows;
    absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(dir + "/db", {});
    EXPECT_TRUE(kv.ok()) << kv.status();
    if (!kv.ok()) return rows;
    (*kv)->Scan("", "", [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    });
    return rows;
  }

  TempDir dir_;
  Node hub_{Node::kHub, 1}, station_{"HK-D057", 2};
  RecordId visitor_;
};

TEST_F(Archives, ComeBackRowByRowUnderANewEpoch) {
  std::string epoch = hub_.store->epoch();
  MadeArchive made = Make();
  std::map<std::string, std::string> now = hub_.Dump();
  EXPECT_GT(made.verified.check.ops, 40u);
  std::string to = dir_.path() + "/new/";
  absl::StatusOr<VerifiedArchive> restored = RestoreArchive(made.records_path, made.keys_path, to, hub_.Options());
  ASSERT_TRUE(restored.ok()) << restored.status();
  std::map<std::string, std::string> back = Rows(to);
  EXPECT_NE(back[key::Meta("epoch")], epoch);
  EXPECT_EQ(back[key::Meta("epoch")].size(), 16u);
  EXPECT_EQ(DecodeLineage(back[key::Meta("x-lineage")]), (std::vector<sync::EpochMark>{{epoch, restored->header.id}}));
  back[key::Meta("epoch")] = epoch;
  back.erase(key::Meta("x-lineage"));
  now[key::Archive(restored->header.id)] = back[key::Archive(restored->header.id)];  // noted as verified since
  EXPECT_EQ(back, now);
  EXPECT_EQ(ReadAll(to + "/key"), "the hub's key");
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(to + "/db", {});
  ASSERT_TRUE(kv.ok());
  Node copy(Node::kHub, 3, *std::move(kv));
  EXPECT_TRUE(copy.store->Verify().ok());
  EXPECT_EQ(copy.Canonical(visitor_), hub_.Canonical(visitor_));
  EXPECT_EQ(copy.store->Lineage().size(), 2u);
  EXPECT_TRUE(copy.store->ContainsArchive(restored->header.id));
}

TEST_F(Archives, KeepVisitorsKeysInTheOtherFileOnly) {
  MadeArchive made = Make();
  size_t keys = 0;
  for (const std::string& path : {made.records_path, made.keys_path}) {
    struct stat info {};
    ASSERT_EQ(stat(path.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u) << path;
    absl::StatusOr<std::unique_ptr<ArchiveReader>> reader = ArchiveReader::Open(path);
    ASSERT_TRUE(reader.ok()) << reader.status();
    for (;;) {
      absl::StatusOr<ArchiveEntry> entry = (*reader)->Next();
      ASSERT_TRUE(entry.ok());
      if (entry->kind == ArchiveEntry::Kind::kEnd) break;
      bool is_key = entry->kind == ArchiveEntry::Kind::kRow && entry->name.starts_with(key::kKey);
      EXPECT_EQ(is_key, path == made.keys_path && entry->kind == ArchiveEntry::Kind::kRow);
      keys += is_key;
    }
  }
  EXPECT_EQ(keys, 1u);
  std::string to = dir_.path() + "/without";
  ASSERT_TRUE(RestoreArchive(made.records_path, "", to, hub_.Options()).ok());
  for (const auto& [key, value] : Rows(to)) EXPECT_FALSE(key.starts_with(key::kKey));
  EXPECT_FALSE(fs::exists(to + "/key"));
}

TEST_F(Archives, RefuseEveryCutAndEveryFlippedByte) {
  MadeArchive made = Make();
  std::string to = dir_.path() + "/new";
  for (const std::string& path : {made.records_path, made.keys_path}) {
    const std::string whole = ReadAll(path);
    const std::string bad = dir_.path() + "/bad";
    SeededRandom random(7);
    for (int i = 0; i < 120; ++i) {
      std::string bytes = whole;
      if (i % 2 == 0) {
        bytes.resize(i < 4 ? whole.size() - 1 - i : random.U64() % whole.size());
      } else {
        bytes[i < 40 ? i : random.U64() % whole.size()] ^= static_cast<char>(1 << (i % 8));
      }
      WriteAll(bad, bytes);
      absl::Status status = VerifyArchive(bad, hub_.Options()).status();
      ASSERT_FALSE(status.ok()) << path << " damage " << i;
      EXPECT_NE(status.message().find(bad), absl::string_view::npos) << status;
      ASSERT_FALSE(RestoreArchive(path == made.records_path ? bad : made.records_path,
                                  path == made.keys_path ? bad : made.keys_path, to, hub_.Options())
                       .ok());
      ASSERT_FALSE(fs::exists(to) || fs::exists(to + ".restoring") || fs::exists(bad + ".scratch"));
    }
  }
  WriteAll(dir_.path() + "/longer", ReadAll(made.records_path) + "x");
  EXPECT_TRUE(absl::IsDataLoss(VerifyArchive(dir_.path() + "/longer", hub_.Options()).status()));
}

TEST_F(Archives, AreRestoredIntoNewFoldersAndWithTheirOwnKeysOnly) {
  MadeArchive first = Make(), second = Make();
  std::string to = dir_.path() + "/new";
  EXPECT_TRUE(
      absl::IsInvalidArgument(RestoreArchive(first.records_path, second.keys_path, to, hub_.Options()).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(RestoreArchive(first.keys_path, "", to, hub_.Options()).status()));
  fs::create_directories(to);
  ASSERT_TRUE(RestoreArchive(first.records_path, first.keys_path, to, hub_.Options()).ok());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(RestoreArchive(second.records_path, second.keys_path, to, hub_.Options()).status()));
}

// A database whose records do not follow from its ops gets no verified archive.
TEST_F(Archives, AreNotMadeOfADatabaseThatDoesNotVerify) {
  KvChanges changes;
  auto states = hub_.Dump(key::kAggregate);
  changes[states.begin()->first] = std::next(states.begin())->second;
  ASSERT_TRUE(hub_.db->Write(changes, true).ok());
  EXPECT_TRUE(absl::IsDataLoss(MakeArchive(hub_.store.get(), dir_.path() + "/to", {}).status()));
  EXPECT_TRUE(fs::is_empty(dir_.path() + "/to"));
  ASSERT_EQ(hub_.store->ArchiveMarks().size(), 1u);
  EXPECT_FALSE(hub_.store->ArchiveMarks()[0].verified);
  EXPECT_TRUE(hub_.store->ArchivedTips("HK-D057", "").empty());
}

// What came while the archive was written is not in it, and no receipt says so.
TEST_F(Archives, ReceiptsNameWhatStoodInTheSnapshot) {
  sync::Tip before = *station_.store->tip();
  absl::StatusOr<Store::ArchiveMark> mark = hub_.store->MarkArchive();
  ASSERT_TRUE(mark.ok());
  std::unique_ptr<KvReader> snapshot = hub_.store->Snapshot();
  station_.NewMatter("HK-D057", "以后");
  PushUp(&station_, &hub_);
  ASSERT_TRUE(hub_.store->NoteVerified(*mark, *snapshot).ok());
  std::vector<sync::Ack> acks = hub_.store->ArchivedTips("HK-D057", "");
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].tip, before);
  EXPECT_EQ(acks[0].archive_id, mark->id);
  EXPECT_TRUE(hub_.store->ArchivedTips("HK-D057", mark->id).empty());
  ASSERT_TRUE(station_.store->RecordAck(acks[0]).ok());
  EXPECT_EQ(station_.store->OwnLogs()[0].archived_seq, before.seq);
  EXPECT_EQ(station_.store->OwnLogs()[0].acked_seq, before.seq + 1);  // not lowered
  station_.Open();
  EXPECT_EQ(station_.store->OwnLogs()[0].archived_seq, before.seq);
  EXPECT_EQ(station_.store->KnownArchive(), mark->id);
  MadeArchive next = Make();
  acks = hub_.store->ArchivedTips("HK-D057", mark->id);
  ASSERT_EQ(acks.size(), 1u);
  EXPECT_EQ(acks[0].tip, station_.store->tip());
  ASSERT_TRUE(station_.store->RecordAck({.level = sync::AckLevel::kArchived}, /*exact=*/true).ok());
  EXPECT_EQ(station_.store->OwnLogs()[0].archived_seq, 0u);
  EXPECT_EQ(station_.store->KnownArchive(), "");
}

}  // namespace
}  // namespace liaison
