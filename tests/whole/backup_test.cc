// A township whose hub comes back from backups: real stores, real sessions; what stations know of it and what is lost.
#include <gtest/gtest.h>

#include <filesystem>

#include "common/record/schema.h"
#include "common/store/archive.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using Rows = std::map<std::string, std::string>;

Rows RowsOf(const KvReader& kv) {
  Rows rows;
  kv.Scan("", "", [&](std::string_view key, std::string_view value) {
    rows.emplace(key, value);
    return true;
  });
  return rows;
}

class Town : public testing::Test {
 protected:
  MadeArchive Backup() {
    absl::StatusOr<MadeArchive> made = MakeArchive(hub(), dir_.path() + "/to", {});
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *made : MadeArchive();
  }
  // The hub's database is from now on what the backup holds.
  void Restore(const MadeArchive& made) {
    std::string to = dir_.path() + "/new" + std::to_string(++restores_);
    absl::StatusOr<VerifiedArchive> restored = RestoreArchive(made.records_path, made.keys_path, to, hub()->options());
    ASSERT_TRUE(restored.ok()) << restored.status();
    Rows rows;
    {
      absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocks(to + "/db", {});
      ASSERT_TRUE(kv.ok()) << kv.status();
      rows = RowsOf(**kv);
    }
    Become(rows);
  }
  void Become(const Rows& rows) {
    town_.ReopenHub([&](Kv& kv) {
      KvChanges changes;
      for (const auto& [key, value] : RowsOf(kv)) changes[key] = std::nullopt;
      for (const auto& [key, value] : rows) changes[key] = value;
      ASSERT_TRUE(kv.Write(changes, true).ok());
    });
  }
  Store* hub() { return town_.hub().store(); }
  bool Contained(const std::string& id) { return hub()->ContainsArchive(id); }

  void Enter(Site* site, const std::string& words) {
    v1::SessionView session = OpenSession(&town_, site->node.get(), "2026-11-20");
    absl::StatusOr<v1::LogVisitResponse> visit =
        site->node->reception()->LogVisit(VisitRequest(&town_, session, words));
    ASSERT_TRUE(visit.ok()) << visit.status();
  }
  void Sync(Site* site) {
    for (int sessions = 0; !town_.Sync(site->node.get()); ++sessions) ASSERT_LT(sessions, 20);
    EXPECT_EQ(site->node->store()->pending_ops(), 0u);
  }
  void Reopen(Site* site) { site->node = town_.Open(site->dir); }
  // A copy of the whole folder, as a backup program of the machine would make.
  void Copy(Site* site, const std::string& day) {
    site->node.reset();
    fs::copy(site->dir, site->dir + day, fs::copy_options::recursive);
    Reopen(site);
  }
  void PutBack(Site* site, const std::string& day) {
    site->node.reset();
    fs::remove_all(site->dir);
    fs::copy(site->dir + day, site->dir, fs::copy_options::recursive);
    Reopen(site);
  }
  // All that the station holds is at the hub, in the same states.
  void ExpectHubHoldsAllOf(Site* site) {
    StoreReader at_station = site->node->store()->Read(), at_hub = hub()->Read();
    int compared = 0;
    for (const TypeInfo& type : AllTypes()) {
      at_station.ForEach(type.type(), [&](const Aggregate& aggregate) {
        std::optional<Aggregate> other = at_hub.Load(aggregate.id());
        EXPECT_TRUE(other.has_value() && other->Canonical() == aggregate.Canonical()) << ToText(aggregate.id());
        ++compared;
        return true;
      });
    }
    EXPECT_GT(compared, 0);
    Store::Check check = hub()->Verify();
    EXPECT_TRUE(check.ok()) << check.differences.front();
  }
  size_t Matters(Store* store) {
    size_t matters = 0;
    store->Read().ForEach(TypeOf<v1::Matter>().type(), [&](const Aggregate&) { return ++matters > 0; });
    return matters;
  }

  Township town_{11};
  TempDir dir_;
  int restores_ = 0;
};

uint64_t Archived(Site* site) {
  uint64_t archived = 0;
  for (const Store::OwnLog& log : site->node->store()->OwnLogs()) archived += log.archived_seq;
  return archived;
}
uint64_t Acked(Site* site) {
  uint64_t acked = 0;
  for (const Store::OwnLog& log : site->node->store()->OwnLogs()) acked += log.acked_seq;
  return acked;
}

TEST_F(Town, ArchivedReceiptsSurviveARestoreFromThatBackupOrALaterOne) {
  std::unique_ptr<Site> a = town_.Enrol("HK-D001"), b = town_.Enrol("HK-D001");  // two devices of one station
  Enter(a.get(), "一");
  Enter(b.get(), "二");
  Sync(a.get());
  Sync(b.get());
  EXPECT_EQ(Archived(a.get()), 0u);
  MadeArchive first = Backup();
  Sync(a.get());
  Sync(b.get());
  EXPECT_EQ(Archived(a.get()), Acked(a.get()));
  EXPECT_EQ(a->node->store()->KnownArchive(), first.verified.header.id);
  EXPECT_EQ(Archived(b.get()), Acked(b.get()));
  Enter(a.get(), "三");
  Sync(a.get());
  uint64_t archived = Archived(a.get());
  EXPECT_LT(archived, Acked(a.get()));
  MadeArchive second = Backup();
  for (const MadeArchive& made : {first, second}) {
    Restore(made);
    EXPECT_TRUE(Contained(first.verified.header.id));
    for (const Store::OwnLog& log : a->node->store()->OwnLogs())
      EXPECT_GE(hub()->Have(log.actor)->seq, log.archived_seq);
    Sync(a.get());
    EXPECT_GE(Archived(a.get()), archived);
    EXPECT_EQ(a->node->store()->KnownArchive(), first.verified.header.id);
    ExpectHubHoldsAllOf(a.get());
  }
}

TEST_F(Town, AnOlderBackupIsDetectedAndEverythingIsOfferedAgain) {
  std::unique_ptr<Site> a = town_.Enrol("HK-D001"), b = town_.Enrol("HK-D002");
  Enter(a.get(), "零");
  Sync(a.get());
  MadeArchive older = Backup();
  Enter(a.get(), "一");
  Enter(b.get(), "二");
  Sync(a.get());
  Sync(b.get());
  MadeArchive newer = Backup();
  Sync(a.get());
  Sync(b.get());
  EXPECT_EQ(a->node->store()->KnownArchive(), newer.verified.header.id);
  EXPECT_EQ(Archived(a.get()), Acked(a.get()));
  Enter(a.get(), "三");
  Restore(older);
  EXPECT_FALSE(Contained(newer.verified.header.id));
  EXPECT_EQ(Matters(hub()), 1u);
  Sync(a.get());
  EXPECT_EQ(a->node->store()->KnownArchive(), "");
  EXPECT_EQ(Archived(a.get()), 0u);
  Sync(b.get());
  EXPECT_EQ(Matters(hub()), 4u);
  ExpectHubHoldsAllOf(a.get());
  ExpectHubHoldsAllOf(b.get());
  MadeArchive again = Backup();
  Sync(a.get());
  EXPECT_EQ(Archived(a.get()), Acked(a.get()));
  EXPECT_EQ(a->node->store()->KnownArchive(), again.verified.header.id);
}

TEST_F(Town, HubAndStationAreRestoredToDifferentDays) {
  std::unique_ptr<Site> a = town_.Enrol("HK-D001", /*rocks=*/true), b = town_.Enrol("HK-D002");
  Enter(a.get(), "第一天");
  Sync(a.get());
  MadeArchive day1 = Backup();
  Sync(a.get());
  Copy(a.get(), "-day1");
  Enter(a.get(), "第二天");
  Enter(b.get(), "第二天");
  Sync(a.get());
  Sync(b.get());
  MadeArchive day2 = Backup();
  Sync(a.get());
  Copy(a.get(), "-day2");
  Enter(a.get(), "第三天");
  Sync(a.get());
  // The hub's second day, the station's first: what the hub has comes back to it.
  Restore(day2);
  PutBack(a.get(), "-day1");
  Enter(a.get(), "第四天");
  Sync(a.get());
  EXPECT_EQ(Matters(hub()), 4u);
  EXPECT_EQ(Matters(a->node->store()), 3u);
  ExpectHubHoldsAllOf(a.get());
  // The other way round: what the station has comes back to the hub.
  Restore(day1);
  EXPECT_EQ(Matters(hub()), 1u);
  PutBack(a.get(), "-day2");
  Enter(a.get(), "第五天");
  Sync(a.get());
  Sync(b.get());
  EXPECT_EQ(Matters(hub()), 4u);
  ExpectHubHoldsAllOf(a.get());
  ExpectHubHoldsAllOf(b.get());
}

TEST_F(Town, ARetiredHubThatWentOnWritingIsTakenOver) {
  std::unique_ptr<Site> a = town_.Enrol("HK-D001"), b = town_.Enrol("HK-D002"), c = town_.Enrol("HK-D003");
  Enter(a.get(), "一");
  Enter(c.get(), "一");
  Sync(a.get());
  Sync(c.get());
  MadeArchive made = Backup();
  // The old hub goes on, with visitors' keys and its own enrolments; then one station's disk dies.
  Enter(a.get(), "旧机器上的一");
  Enter(c.get(), "旧机器上的二");
  v1::SessionView session = OpenSession(&town_, c->node.get(), "2026-11-19");
  v1::LogVisitRequest named = VisitRequest(&town_, session, "旧机器上的三");
  named.mutable_visitor()->set_name("张三");
  ASSERT_TRUE(c->node->reception()->LogVisit(named).ok());
  Sync(a.get());
  Sync(c.get());
  std::unique_ptr<Site> d = town_.Enrol("HK-D004");
  c->node.reset();
  const Rows retired = RowsOf(*hub()->Snapshot());
  Rows ops;
  for (const auto& row : retired)
    if (row.first.substr(0, 2) == "\x01O" || row.first.substr(0, 2) == "\x01K") ops.insert(row);
  // Stations visit both.
  Restore(made);
  Enter(a.get(), "新机器上的一");
  Sync(a.get());
  Enter(b.get(), "新机器上的二");
  Sync(b.get());
  EXPECT_EQ(Matters(hub()), 5u);  // what only the dead disk had is missing
  std::shared_ptr<Kv> other = NewMemoryKv();
  KvChanges changes(retired.begin(), retired.end());
  ASSERT_TRUE(other->Write(changes, true).ok());
  absl::StatusOr<Store::Imported> imported = hub()->Import(*other);
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_GT(imported->new_ops, 0u);
  EXPECT_GT(imported->new_keys, 0u);
  EXPECT_EQ(imported->damaged, 0u);
  EXPECT_EQ(RowsOf(*other), retired);
  Rows now = RowsOf(*hub()->Snapshot());
  for (const auto& [key, value] : ops) EXPECT_EQ(now[key], value);
  EXPECT_EQ(Matters(hub()), 7u);
  absl::StatusOr<Store::Imported> again = hub()->Import(*other);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->new_ops + again->new_keys, 0u);
  EXPECT_EQ(RowsOf(*hub()->Snapshot()), now);
  EXPECT_TRUE(hub()->Verify().ok());
  // Everybody still agrees, the device enrolled at the old hub included.
  Enter(d.get(), "四");
  for (Site* site : {a.get(), b.get(), d.get()}) {
    Sync(site);
    ExpectHubHoldsAllOf(site);
  }
  EXPECT_EQ(Matters(hub()), 8u);
}

TEST_F(Town, OnlyAHubsFolderIsTakenOver) {
  std::unique_ptr<Site> a = town_.Enrol("HK-D001");
  EXPECT_TRUE(absl::IsFailedPrecondition(hub()->Import(*a->node->store()->Snapshot()).status()));
}

}  // namespace
}  // namespace liaison
