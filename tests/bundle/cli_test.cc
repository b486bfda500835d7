// The command line and the daemons as real processes.
#include "common/cli/commands/cli.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "common/cli/core/link.h"
#include "tests/attachments/files.h"
#include "tests/bundle/stick.h"
#include "tests/testing/places.h"
#include "tests/whole/process.h"

namespace liaison {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

const std::string kBinaries = InBuild("/bin/");

struct Outcome {
  int code = -1;
  std::string out, err;
};

class BundleCommands : public StickTest {
 protected:
  // Everything is closed: from here on only processes open the folders.
  void CloseAll() { hub_.reset(); }
  Outcome Run(std::vector<std::string> args) {
    std::ostringstream out, err;
    cli::Environment environment;
    environment.bin_dir = InBuild("/bin");
    environment.out = &out;
    environment.err = &err;
    environment.random = &random_;
    int code = cli::Run(args, environment);
    return {code, out.str(), err.str()};
  }
  std::unique_ptr<Daemon> Start(const std::string& binary, const std::string& name) {
    std::vector<std::string> arguments{"run", "--data", Dir(name), "--http", "127.0.0.1:0"};
    if (binary == "liaison-hub") arguments.insert(arguments.end(), {"--sync", "127.0.0.1:0"});
    auto daemon = std::make_unique<Daemon>(kBinaries + binary, Dir(name), arguments);
    daemon->Start();
    return daemon;
  }
  std::vector<std::string> Stick() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Dir("stick")))
      names.push_back(entry.path().filename().string());
    return names;
  }
  // The most memory that the process of a folder ever had, in KB.
  int64_t PeakKb(const std::string& name) {
    v1::Endpoint endpoint;
    EXPECT_TRUE(ReadConfig(Dir(name) + "/endpoint.json", &endpoint).ok());
    std::ifstream status("/proc/" + std::to_string(endpoint.pid()) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmHWM:")) return std::atoll(line.c_str() + 6);
    ADD_FAILURE() << "no VmHWM";
    return 0;
  }
};

TEST_F(BundleCommands, UpAndDownWithDaemonsAndWithout) {
  {
    auto station = Enrol("D057", "HK-D057");
    Visit(station.get(), "三组水渠垮了");
  }
  CloseAll();
  Outcome out = Run({"bundle", "export", "--data", Dir("D057"), Dir("stick")});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("交镇中心，记录 "));
  ASSERT_EQ(Stick().size(), 1u);
  std::string up = Dir("stick/") + Stick()[0];
  EXPECT_THAT(up, HasSubstr("HK-D057-to-hub-20"));

  out = Run({"bundle", "show", up});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("从 站点 HK-D057 到 镇中心"));
  EXPECT_THAT(out.out, HasSubstr("文件完整"));

  auto hub = Start("liaison-hub", "hub");
  out = Run({"bundle", "import", "--data", Dir("hub"), Dir("stick")});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("站点 HK-D057 的记录 "));
  out = Run({"bundle", "import", "--data", Dir("hub"), up});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("新收 0 条"));

  std::string down = Dir("stick/back.bundle");
  out = Run({"bundle", "export", "--data", Dir("hub"), down});
  EXPECT_EQ(out.code, cli::kUsage);
  EXPECT_THAT(out.err, HasSubstr("--station"));
  out = Run({"bundle", "export", "--data", Dir("hub"), "--station", "HK-D057", down});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("给站点 HK-D057"));
  auto station = Start("liaison-station", "D057");
  out = Run({"bundle", "import", "--data", Dir("D057"), down});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("回执 "));
  EXPECT_THAT(Run({"status", "--data", Dir("D057"), "--json"}).out, HasSubstr("\"pendingOps\":\"0\""));
  for (const char* name : {"hub", "D057"}) EXPECT_TRUE(std::filesystem::is_empty(SpoolFolder(Dir(name)))) << name;
  EXPECT_EQ(Stick().size(), 2u);
}

TEST_F(BundleCommands, PhotosGoBesideTheBundleAndBack) {
  std::vector<std::string> hashes;
  {
    auto station = Enrol("D057", "HK-D057");
    const std::string matter = Visit(station.get(), "三组水渠垮了");
    for (uint64_t seed : {7, 8}) hashes.push_back(Attach(station.get(), matter, Photo(900'000, seed), "渠.jpg"));
  }
  CloseAll();
  EXPECT_EQ(Run({"bundle", "export", "--data", Dir("D057"), "--files-mb", "9999", Dir("stick")}).code, cli::kUsage);
  Outcome out = Run({"bundle", "export", "--data", Dir("D057"), "--files-mb", "1", Dir("stick")});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("照片和文件 1 个，"));
  EXPECT_THAT(out.out, HasSubstr("下次再带"));
  ASSERT_EQ(Stick().size(), 2u);
  out = Run({"bundle", "export", "--data", Dir("D057"), Dir("stick")});  // 512 MB hold both
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("照片和文件 2 个，"));
  out = Run({"bundle", "import", "--data", Dir("hub"), Dir("stick")});
  EXPECT_EQ(out.code, cli::kDone) << out.err << out.out;
  // Both bundles are of one minute: either may be the first.
  EXPECT_THAT(out.out, AnyOf(HasSubstr("照片和文件 2 个，新收 2 个"), HasSubstr("照片和文件 2 个，新收 1 个")));
  for (const std::string& hash : hashes) EXPECT_TRUE(std::filesystem::exists(PathIn(Dir("hub/files"), hash)));
  const std::string down = Dir("stick/back.bundle");
  out = Run({"bundle", "export", "--data", Dir("hub"), "--station", "HK-D057", down});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(Run({"bundle", "show", down}).out, HasSubstr("back.files：完整"));
  out = Run({"bundle", "import", "--data", Dir("D057"), down});
  EXPECT_EQ(out.code, cli::kDone) << out.err << out.out;
  out = Run({"bundle", "export", "--data", Dir("D057"), "--files-mb", "0", Dir("stick")});
  EXPECT_THAT(out.out, ::testing::Not(HasSubstr("照片和文件")));
  for (const char* name : {"hub", "D057"}) EXPECT_TRUE(std::filesystem::is_empty(SpoolFolder(Dir(name)))) << name;
}

// A stopped process answers nobody and holds its database: no timeout may tell it from none.
TEST_F(BundleCommands, ADaemonThatIsSlowIsNotTakenForAbsent) {
  { auto station = Enrol("D057", "HK-D057"); }
  CloseAll();
  auto station = Start("liaison-station", "D057");
  ASSERT_EQ(kill(station->endpoint().pid(), SIGSTOP), 0);
  cli::Link link(Dir("D057"), InBuild("/bin"), "");
  const v1::Endpoint* endpoint = link.running();
  ASSERT_EQ(kill(station->endpoint().pid(), SIGCONT), 0);
  ASSERT_NE(endpoint, nullptr);
  EXPECT_EQ(endpoint->pid(), station->endpoint().pid());
  EXPECT_TRUE(link.Call("RecordService/GetStatus", "{}").ok());
  // Killed, it leaves its endpoint behind and its lock goes with it.
  station->Stop(SIGKILL);
  EXPECT_TRUE(std::filesystem::exists(Dir("D057") + "/endpoint.json"));
  EXPECT_EQ(Run({"status", "--data", Dir("D057")}).code, cli::kDone);
}

TEST_F(BundleCommands, DamageIsSaidInChineseAndChangesNothing) {
  {
    auto station = Enrol("D057", "HK-D057");
    Visit(station.get(), "三组水渠垮了");
  }
  CloseAll();
  std::string up = Dir("stick/up.bundle"), bad = Dir("stick/bad.bundle");
  ASSERT_EQ(Run({"bundle", "export", "--data", Dir("D057"), up}).code, cli::kDone);
  std::string bytes = ReadBytes(up);
  WriteBytes(bad, bytes.substr(0, bytes.size() / 2));
  Outcome out = Run({"bundle", "import", "--data", Dir("hub"), bad});
  EXPECT_EQ(out.code, cli::kFailed);
  EXPECT_THAT(out.err, HasSubstr("数据包不完整：少了 "));
  EXPECT_EQ(Run({"bundle", "show", bad}).code, cli::kFailed);
  bytes[bytes.size() - 30] ^= 1;
  WriteBytes(bad, bytes);
  out = Run({"bundle", "import", "--data", Dir("hub"), bad});
  EXPECT_EQ(out.code, cli::kFailed);
  EXPECT_THAT(out.err, HasSubstr("数据包已损坏"));
  EXPECT_EQ(Run({"bundle", "show", bad}).code, cli::kFailed);
  out = Run({"bundle", "import", "--data", Dir("hub"), Dir("stick/none.bundle")});
  EXPECT_EQ(out.code, cli::kFailed);
  EXPECT_THAT(out.err, HasSubstr("没有文件"));
  OpenHub();
  EXPECT_EQ(hub_->LastSyncMs("HK-D057"), 0);
}

TEST_F(BundleCommands, CarriedOnesGoOnTheNextStick) {
  {
    auto station = Enrol("D057", "HK-D057");
    Visit(station.get(), "三组水渠垮了");
  }
  { auto area = Enrol("P008", "HK-P008"); }
  CloseAll();
  ASSERT_EQ(Run({"bundle", "export", "--data", Dir("D057"), Dir("stick")}).code, cli::kDone);
  Outcome out = Run({"bundle", "import", "--data", Dir("P008"), Dir("stick")});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("代转"));
  std::string name = Stick()[0];
  std::filesystem::remove(Dir("stick/") + name);
  out = Run({"bundle", "export", "--data", Dir("P008"), Dir("stick")});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("另有代转的数据包 1 个"));
  EXPECT_EQ(Stick().size(), 2u);
  out = Run({"bundle", "import", "--data", Dir("hub"), Dir("stick")});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("站点 HK-D057 的记录 "));
  EXPECT_THAT(out.out, HasSubstr("站点 HK-P008 的记录 0 条"));
  EXPECT_THAT(Run({"bundle", "carried", "--data", Dir("P008"), "--clear"}).out, HasSubstr(name));
  EXPECT_THAT(Run({"bundle", "carried", "--data", Dir("P008")}).out, HasSubstr("0 个"));
}

// One stick, never emptied: each side passes over what it has put there itself, and nothing comes twice.
TEST_F(BundleCommands, TheRoundTripByStickEndsWithoutAnErrorAndBringsNothingTwice) {
  {
    auto station = Enrol("D057", "HK-D057");
    Visit(station.get(), "三组水渠垮了");
  }
  CloseAll();
  for (int trip = 0; trip < 3; ++trip) {
    Outcome out = Run({"bundle", "export", "--data", Dir("D057"), Dir("stick")});
    ASSERT_EQ(out.code, cli::kDone) << trip << out.err;
    out = Run({"bundle", "import", "--data", Dir("hub"), Dir("stick")});
    EXPECT_EQ(out.code, cli::kDone) << trip << out.err;
    if (trip > 0) EXPECT_THAT(out.out, HasSubstr("镇中心自己导出的，已跳过"));
    out = Run({"bundle", "export", "--data", Dir("hub"), "--station", "HK-D057", Dir("stick")});
    ASSERT_EQ(out.code, cli::kDone) << trip << out.err;
    if (trip > 0) EXPECT_THAT(out.out, HasSubstr("内容 0 条"));
    out = Run({"bundle", "import", "--data", Dir("D057"), Dir("stick")});
    EXPECT_EQ(out.code, cli::kDone) << trip << out.err;
    EXPECT_THAT(out.out, HasSubstr("本站自己导出的，已跳过"));
  }
}

// What stands on a stick after a Mac and an old camera.
TEST_F(BundleCommands, TheFilesOfAMacAreSkippedAndUpperCaseIsTaken) {
  {
    auto station = Enrol("D057", "HK-D057");
    Visit(station.get(), "三组水渠垮了");
  }
  CloseAll();
  ASSERT_EQ(Run({"bundle", "export", "--data", Dir("D057"), Dir("stick")}).code, cli::kDone);
  const std::string name = Stick()[0];
  std::filesystem::rename(Dir("stick/") + name, Dir("stick/UP.BUNDLE"));
  WriteBytes(Dir("stick/._") + name, "Mac OS X");
  WriteBytes(Dir("stick/.bundle"), "x");
  Outcome out = Run({"bundle", "import", "--data", Dir("hub"), Dir("stick")});
  EXPECT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("站点 HK-D057 的记录 "));
}

TEST_F(BundleCommands, AFolderThatIsMissingDoesNotBecomeAFile) {
  { auto station = Enrol("D057", "HK-D057"); }
  CloseAll();
  for (const char* target : {"stick/none", "stick/none/", "none/a.bundle", "stick/a.bundle/"}) {
    Outcome out = Run({"bundle", "export", "--data", Dir("D057"), Dir(target)});
    EXPECT_EQ(out.code, cli::kUsage) << target << out.out;
    EXPECT_THAT(out.err, HasSubstr("没有")) << target;
  }
  EXPECT_TRUE(Stick().empty());
  const std::string spool = SpoolFolder(Dir("D057"));
  EXPECT_TRUE(!std::filesystem::exists(spool) || std::filesystem::is_empty(spool));
}

// 4 KB on the stick that say they are half a gigabyte: looked at where they lie, never copied.
TEST_F(BundleCommands, AFileOfHolesIsRefusedBeforeAByteIsCopied) {
  {
    auto station = Enrol("D057", "HK-D057");
    Visit(station.get(), "三组水渠垮了");
  }
  CloseAll();
  const std::string up = Dir("stick/up.bundle"), bad = Dir("stick/bad.bundle");
  ASSERT_EQ(Run({"bundle", "export", "--data", Dir("D057"), up}).code, cli::kDone);
  BundleHeader header = DecodeBundleHeader(ReadBytes(up))->header;
  for (uint64_t length : {uint64_t{512} << 20, uint64_t{3} << 30}) {
    header.body_length = length;
    const std::string start = EncodeBundleHeader(header);
    WriteBytes(bad, start);
    std::filesystem::resize_file(bad, start.size() + length);
    absl::Status status = BundleReader::Open(bad).status();
    EXPECT_EQ(status.code(),
              length > kMaxBundleBytes ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kDataLoss)
        << status;
    Outcome out = Run({"bundle", "import", "--data", Dir("hub"), bad});
    EXPECT_NE(out.code, cli::kDone);
    EXPECT_FALSE(std::filesystem::exists(SpoolFolder(Dir("hub"))));
  }
}

TEST_F(BundleCommands, TwentyThousandOpsTakeLittleMemory) {
  constexpr int kOps = 20'000, kPerAction = 500;
  constexpr size_t kBytes = 3000;          // of noise in each: 60 MB that do not compress
  constexpr uint32_t kUnknownField = 900;  // kept and carried, but in no index
  {
    auto station = Enrol("D057", "HK-D057");
    const TypeInfo& type = TypeOf<v1::Matter>();
    for (int done = 0; done < kOps; done += kPerAction) {
      std::string id = random_.Bytes(kActionIdBytes);
      auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
        Action action{"d057", {}, {}, ""};
        for (int i = 0; i < kPerAction; ++i)
          action.ops.push_back({RecordId::Random(type.type(), id, static_cast<uint32_t>(i)),
                                {},
                                {{{}, kUnknownField << 3 | 2, "", random_.Bytes(kBytes)}}});
        return action;
      };
      ASSERT_TRUE(station->store()->Commit(id, "many", build).ok());
    }
  }
  CloseAll();
  auto station = Start("liaison-station", "D057");
  auto hub = Start("liaison-hub", "hub");
  int64_t station_before = PeakKb("D057"), hub_before = PeakKb("hub");
  std::string up = Dir("stick/up.bundle"), down = Dir("stick/down.bundle");
  Outcome out = Run({"bundle", "export", "--data", Dir("D057"), up});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("记录 20000 条"));
  int64_t export_kb = PeakKb("D057") - station_before;
  out = Run({"bundle", "import", "--data", Dir("hub"), up});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  EXPECT_THAT(out.out, HasSubstr("新收 20000 条"));
  int64_t import_kb = PeakKb("hub") - hub_before;
  out = Run({"bundle", "export", "--data", Dir("hub"), "--station", "HK-D057", down});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  out = Run({"bundle", "import", "--data", Dir("D057"), down});
  ASSERT_EQ(out.code, cli::kDone) << out.err;
  std::cout << "file " << std::filesystem::file_size(up) << " bytes; peak memory grew by KB: export " << export_kb
            << ", import at the hub " << import_kb << ", all " << PeakKb("D057") - station_before << " and "
            << PeakKb("hub") - hub_before << std::endl;
  EXPECT_GT(std::filesystem::file_size(up), 60'000'000u);
  EXPECT_LT(export_kb, 40 << 10);
}

}  // namespace
}  // namespace liaison
