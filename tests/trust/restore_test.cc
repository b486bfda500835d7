// What a restore asks of the signatures in a backup, with the real program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/store/archive.h"
#include "common/store/keys.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

const std::string kBinaries = InBuild("/bin/");

cli::ProcessResult Hub(const std::string& command) {
  return Must(cli::RunProcess("/bin/sh", {"-c", Cat("exec 2>&1; '", kBinaries, "liaison-hub' ", command)}, ""));
}

// A backup of what the hub holds, in `folder`; `change` may alter its rows first. By a store that asks for no
// signature, as whoever forges a backup would: a hub makes none of what it does not verify.
std::string BackUp(Town* town, const std::string& folder, const std::function<void(KvChanges*)>& change) {
  const Store& hub = *town->hub().store();
  KvChanges rows;
  hub.Snapshot()->Scan("", "", [&](std::string_view key, std::string_view value) {
    rows[std::string(key)] = std::string(value);
    return true;
  });
  change(&rows);
  std::unique_ptr<Kv> kv = NewMemoryKv();
  Must(kv->Write(rows, true));
  StoreOptions asks_nobody;
  asks_nobody.station = hub.options().station;
  asks_nobody.projections = hub.options().projections;
  asks_nobody.derived_version = hub.options().derived_version;
  std::unique_ptr<Store> store = Must(Store::Open(std::move(kv), asks_nobody));
  return Must(MakeArchive(store.get(), town->Dir(folder), {})).records_path;
}

TEST(Restore, RefusesABackupInWhichASignatureIsFalse) {
  Town town;
  town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> box = town.Open("a");
  Work(box.get(), "2026-11-19");
  box->uplink()->NotifyCommit();
  ASSERT_TRUE(AwaitSynced(box.get()));

  const std::string good = BackUp(&town, "good", [](KvChanges*) {});
  int ranges = 0;
  const std::string forged = BackUp(&town, "forged", [&](KvChanges* rows) {
    for (auto& [key, value] : *rows)
      if (key.starts_with(key::kRange) && ++ranges == 1) value->back() ^= 1;  // the signature's last byte
  });
  ASSERT_GE(ranges, 1);

  const std::string taken = town.Dir("taken"), refused = town.Dir("refused");
  cli::ProcessResult done = Hub(Cat("restore '", good, "' --data '", taken, "'"));
  EXPECT_EQ(done.exit_code, 0) << done.out;
  EXPECT_TRUE(std::filesystem::exists(taken)) << done.out;

  for (const std::string& command :
       {Cat("restore '", forged, "' --data '", refused, "'"), Cat("verify-backup '", forged, "'")}) {
    done = Hub(command);
    EXPECT_EQ(done.exit_code, 1) << command;
    EXPECT_THAT(done.out, HasSubstr("这段记录不是站点 D057 的设备签的")) << command;
  }
  EXPECT_FALSE(std::filesystem::exists(refused)) << "no folder of what is not believed";
}

}  // namespace
}  // namespace liaison
