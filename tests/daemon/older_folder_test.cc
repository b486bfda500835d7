// Folders of other versions. tests/golden/folders/0.4.0.tar.gz was made by the programs of 0.4.0: a hub with a small
// roster that holds two visits of station HK-D001, stopped; and the folder of that station, whose power went after a
// third visit was saved and before it was delivered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "common/daemon/rest.h"
#include "common/store/keys.h"
#include "common/store/kv.h"
#include "tests/store/fixture.h"
#include "tests/testing/places.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using testing_store::TempDir;
using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kBinaries = InBuild("/bin/");

class OlderFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_EQ(Shell(Cat("tar -xzf ", InSource("/tests/golden/folders/0.4.0.tar.gz"))).exit_code, 0);
  }
  std::string In(const std::string& name) const { return dir_.path() + "/" + name; }
  cli::ProcessResult Shell(const std::string& line) {
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(
        "/bin/sh", {"-c", Cat("cd ", dir_.path(), "; L=", kBinaries, "liaison; exec 2>&1; ", line)}, "");
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : cli::ProcessResult();
  }
  std::string Ok(const std::string& line) {
    cli::ProcessResult result = Shell(line);
    EXPECT_EQ(result.exit_code, 0) << line << "\n" << result.out;
    return result.out;
  }

  TempDir dir_;
};

TEST_F(OlderFolder, Of040GoesOnWithEveryVisitAtBothSides) {
  const std::string clock = "2026-12-02T09:00";  // the certificates in it are of that year
  Daemon hub(kBinaries + "liaison-hub", In("hub"),
             {"run", "--data", In("hub"), "--http", "127.0.0.1:0", "--sync", "127.0.0.1:0", "--start-at", clock});
  hub.Start();
  EXPECT_THAT(Ok("$L hub setup-code --data hub"), HasSubstr("设置码    "));
  EXPECT_EQ(Shell("$L find 水渠 --data hub | grep -c 民意.*D001-0001").out, "1\n");
  EXPECT_EQ(Shell("$L find 垃圾 --data hub | grep -c 民意.*D001-0003").out, "0\n");
  Daemon station(kBinaries + "liaison-station", In("station"),
                 {"run", "--data", In("station"), "--http", "127.0.0.1:0", "--hub",
                  Cat("127.0.0.1:", hub.sync_port()), "--start-at", clock});
  station.Start();
  EXPECT_THAT(Ok("$L list --data station"), AllOf(HasSubstr("水渠"), HasSubstr("路灯"), HasSubstr("垃圾")));
  EXPECT_THAT(Ok("$L log --data station --words 桥栏杆断了 --category 02 --disposition 上报镇 --deputy HK-R001"),
              HasSubstr("D001-0004"));
  Ok("$L wait --data station --sent --timeout 120");
  EXPECT_EQ(Shell("$L find 垃圾 --data hub | grep -c 民意.*D001-0003").out, "1\n");
  EXPECT_EQ(Shell("$L find 桥栏杆 --data hub | grep -c 民意.*D001-0004").out, "1\n");
  EXPECT_EQ(Shell("$L find 李长顺 --data station | grep -c D001-0002").out, "1\n");  // sealed by 0.4.0
  Ok("$L hub verify --data hub");
  Ok("$L verify --data station");
  station.Stop(SIGTERM);
  hub.Stop(SIGTERM);
  EXPECT_THAT(Ok("cat hub/log/hub.log"), HasSubstr("还没有系统管理员"));
}

// A program that is older than the folder must not write to it.
TEST_F(OlderFolder, ANewerOneIsRefusedWithASentenceAndLeftAsItIs) {
  for (const char* name : {"hub", "station"}) {
    {
      absl::StatusOr<std::unique_ptr<Kv>> kv = OpenDatabase(In(name), {});
      ASSERT_TRUE(kv.ok()) << kv.status();
      ASSERT_TRUE((*kv)->Write({{key::Meta("format"), "liaison-store-2"}}, true).ok());
    }
    auto secrets = [&] { return Ok(Cat("cd ", name, "; find key station.json authority 2>&- | xargs sha256sum")); };
    const std::string before = secrets();
    for (const std::string& line : {Cat("timeout 60 $L ", name, " run --data ", name, " --http 127.0.0.1:0"),
                                    Cat("$L status --data ", name)}) {
      cli::ProcessResult refused = Shell(line);
      EXPECT_EQ(refused.exit_code, 1) << line;
      EXPECT_THAT(refused.out, AllOf(HasSubstr("liaison-store-2"), HasSubstr("请升级程序"))) << line;
    }
    EXPECT_EQ(secrets(), before) << name;
    absl::StatusOr<std::unique_ptr<Kv>> kv = OpenDatabase(In(name), {});
    ASSERT_TRUE(kv.ok()) << kv.status();
    EXPECT_EQ((*kv)->Get(key::Meta("format")), "liaison-store-2");
  }
}

}  // namespace
}  // namespace liaison
