// A data folder and what is written beside it, with the real programs: who may read it, what is never overwritten, and
// which folder is whose.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "tests/testing/places.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinaries = InBuild("/bin/");
const std::string kFixture = InSource("/hub/fixture");

std::string Text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

class DataFolder : public ::testing::Test {
 protected:
  std::string In(const std::string& name) const { return dir_.path() + "/" + name; }
  // A line of the shell, $L being the command; both outputs.
  cli::ProcessResult Shell(const std::string& line) {
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(
        "/bin/sh", {"-c", Cat("cd ", dir_.path(), "; L=", kBinaries, "liaison; exec 2>&1; ", line)}, "");
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : cli::ProcessResult();
  }
  void Town(const std::string& before = "") {
    cli::ProcessResult made = Shell(Cat(before, "$L hub init --data hub --roster ", kFixture,
                                        " && $L enrol --station HK-D057 --data st --hub-data hub"));
    ASSERT_EQ(made.exit_code, 0) << made.out;
  }
  // Everything in it, with its mode.
  std::map<std::string, mode_t> ModesIn(const std::string& folder) {
    std::map<std::string, mode_t> modes;
    auto add = [&](const fs::path& path) {
      struct stat info {};
      ASSERT_EQ(stat(path.c_str(), &info), 0);
      modes[path] = info.st_mode & 07777;
    };
    add(In(folder));
    for (const auto& entry : fs::recursive_directory_iterator(In(folder))) add(entry.path());
    return modes;
  }
  void ExpectPrivate(const std::string& folder) {
    for (const auto& [path, mode] : ModesIn(folder)) EXPECT_EQ(mode, fs::is_directory(path) ? 0700u : 0600u) << path;
  }

  TempDir dir_;
};

TEST_F(DataFolder, IsForItsOwnerAloneWhateverTheUmask) {
  Town("umask 000; ");
  ExpectPrivate("hub");
  ExpectPrivate("st");
  // One that an earlier version has made is put right by the next start.
  cli::ProcessResult used = Shell("umask 000; chmod -R a+rwX hub st; $L status --data st; $L stations --data hub");
  EXPECT_EQ(used.exit_code, 0) << used.out;
  ExpectPrivate("hub");
  ExpectPrivate("st");
}

TEST_F(DataFolder, WhatIsWrittenForAPersonIsThisPersons) {
  Town("umask 000; ");
  std::ofstream(In("bad.csv")) << "序号,日期,反映内容\n1,x,y\n";
  cli::ProcessResult wrote =
      Shell(Cat("umask 000; mkdir out backup stick; $L export --data st --format csv --out out/a.csv;"
                "$L import --data st --mend out/mend.csv ",
                kFixture,
                "/ledger-old.csv;"
                "$L print 台账 --data st -o out/a.html; $L hub backup backup --data hub;"
                "$L bundle export --data st stick"));
  EXPECT_EQ(wrote.exit_code, 0) << wrote.out;
  for (const char* folder : {"out", "backup", "stick"})
    for (const auto& [path, mode] : ModesIn(folder))
      if (!fs::is_directory(path)) EXPECT_EQ(mode, 0600u) << path;
  EXPECT_TRUE(fs::exists(In("out/a.csv"))) << wrote.out;
}

TEST_F(DataFolder, OfAStationIsNotTakenForAHubs) {
  Town();
  const std::string config = Text(In("st/station.json"));
  for (const char* line : {"$L hub run --data st --http 127.0.0.1:0 --sync 127.0.0.1:0", "$L hub backup b --data st",
                           "$L hub init --data st --roster $PWD"}) {
    cli::ProcessResult refused = Shell(line);
    EXPECT_EQ(refused.exit_code, 1) << line << refused.out;
  }
  EXPECT_THAT(Shell("$L hub run --data st --http 127.0.0.1:0 --sync 127.0.0.1:0").out, HasSubstr("是站点的数据"));
  EXPECT_EQ(Text(In("st/station.json")), config);
  EXPECT_FALSE(fs::exists(In("st/authority")));
  cli::ProcessResult well = Shell("$L verify --data st && $L list --data st");
  EXPECT_EQ(well.exit_code, 0) << well.out;
}

TEST_F(DataFolder, OfAHubIsNotEnrolledInto) {
  Town();
  EXPECT_EQ(Shell("$L enrol --station HK-D003 --data hub --hub-data hub").exit_code, 1);
  EXPECT_FALSE(fs::exists(In("hub/station.json")));
  EXPECT_EQ(Shell("$L hub verify --data hub").exit_code, 0);
}

// The notes of the installation are followed once more, years later.
TEST_F(DataFolder, AHubIsSetUpOnce) {
  Town();
  cli::ProcessResult changed =
      Shell(Cat("(head -1 ", kFixture, "/deputies.csv; grep HK-R001 ", kFixture,
                "/deputies.csv | sed 's/薛云/薛云霞/') > d.csv; $L roster import d.csv --data hub --user 镇"));
  ASSERT_EQ(changed.exit_code, 0) << changed.out;
  cli::ProcessResult again = Shell(Cat("$L hub init --data hub --roster ", kFixture));
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.out, HasSubstr("已建立过"));
  const std::string roster =
      Shell(Cat("echo '{}' | ", kBinaries, "liaison-hub call --data hub /liaison.v1.RecordService/GetRoster")).out;
  EXPECT_THAT(roster, HasSubstr("薛云霞"));
}

TEST_F(DataFolder, ASetupShowsTheCodeForTheFirstAdmin) {
  EXPECT_THAT(Shell(Cat("$L hub init --data hub --roster ", kFixture)).out, HasSubstr("设置码    "));
  EXPECT_THAT(Shell("$L hub setup-code --data hub").out, HasSubstr("设置码    "));
  EXPECT_EQ(Shell("$L account add 王明 --at 镇中心 --role 系统管理员 --data hub").exit_code, 0);
  const cli::ProcessResult late = Shell("$L hub setup-code --data hub");
  EXPECT_EQ(late.exit_code, 1);
  EXPECT_THAT(late.out, HasSubstr("已有系统管理员"));
}

TEST_F(DataFolder, ADemoHasLoginsAndServesThisMachineAlone) {
  const cli::ProcessResult made =
      Shell(Cat("$L hub init --data demo --roster ", kFixture, " --demo logins.txt --station HK-D057"));
  ASSERT_EQ(made.exit_code, 0) << made.out;
  EXPECT_THAT(made.out, HasSubstr("演示账号 5 个"));
  struct stat info {};
  ASSERT_EQ(stat(In("logins.txt").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(Shell("grep -c ^HUB logins.txt; grep -c ^HK-D057 logins.txt").out, "3\n2\n");
  ASSERT_EQ(Shell("$L enrol --station HK-D057 --data st --hub-data demo").exit_code, 0);
  const cli::ProcessResult set = Shell(
      "grep 联络员 logins.txt | cut -f5 | $L pin set $(grep 联络员 logins.txt | cut -f3) --data st");
  EXPECT_EQ(set.exit_code, 0) << set.out;
  EXPECT_THAT(set.out, HasSubstr("授权送到后才能登录")) << "the account came with the roster, the right comes by the link";
  ExpectPrivate("st");
  const cli::ProcessResult open = Shell("timeout 60 $L hub run --data demo --http 127.0.0.1:0 --sync 0.0.0.0:0");
  EXPECT_EQ(open.exit_code, 1) << open.out;
  EXPECT_THAT(open.out, HasSubstr("只限本机"));
}

TEST_F(DataFolder, ASetupThatFailedMayBeRepeated) {
  EXPECT_NE(Shell("mkdir empty; $L hub init --data hub --roster empty").exit_code, 0);
  EXPECT_EQ(Shell(Cat("$L hub init --data hub --roster ", kFixture)).exit_code, 0);
}

TEST_F(DataFolder, TheInputIsNeverTheOutput) {
  Town();
  const std::string ledger = Text(kFixture + "/ledger-old.csv");
  ASSERT_FALSE(ledger.empty());
  for (const char* mend : {"台账.csv", "./台账.csv", "link.csv", "hard.csv"}) {
    fs::remove(In("link.csv"));
    fs::remove(In("hard.csv"));
    std::ofstream(In("台账.csv"), std::ios::binary) << ledger;
    fs::create_symlink("台账.csv", In("link.csv"));
    fs::create_hard_link(In("台账.csv"), In("hard.csv"));
    cli::ProcessResult refused = Shell(Cat("$L import --data st 台账.csv --mend ", mend));
    EXPECT_EQ(refused.exit_code, 2) << mend << refused.out;
    EXPECT_THAT(refused.out, HasSubstr("就是读入的文件")) << mend;
    EXPECT_EQ(Text(In("台账.csv")), ledger) << mend;
  }
  EXPECT_EQ(Shell("$L import --data st 台账.csv --mend none/m.csv").exit_code, 2);
  EXPECT_THAT(Shell("$L list --data st --json").out, Not(HasSubstr("\"id\"")));  // and nothing came in
}

// 恒民意〔2026〕D057-0001号, with the brackets that a keyboard has.
TEST_F(DataFolder, ANumberIsFoundWhateverItsBrackets) {
  Town();
  const cli::ProcessResult logged = Shell(
      "$L log --data st --words 水渠垮了 --category 01 --disposition 上报镇 --deputy HK-R001 > /dev/null; "
      "$L find 水渠 --data st --json");
  const size_t at = logged.out.find("恒民意〔");
  ASSERT_NE(at, std::string::npos) << logged.out;
  const std::string number = logged.out.substr(at, logged.out.find('"', at) - at);
  const std::vector<std::pair<std::string, std::string>> brackets = {
      {"〔", "〕"}, {"[", "]"}, {"（", "）"}, {"【", "】"}};
  for (const auto& [open, close] : brackets) {
    const std::string typed = absl::StrReplaceAll(number, {{"〔", open}, {"〕", close}});
    EXPECT_THAT(Shell(Cat("$L find '", typed, "' --data st")).out, HasSubstr(number)) << typed;
  }
}

TEST_F(DataFolder, ItsOwnFilesAreNoPlaceForOutput) {
  Town();
  ASSERT_EQ(Shell("$L hub backup bk --data hub && ln -s st/station.json link.csv && ln -s st there").exit_code, 0);
  const std::map<std::string, mode_t> st = ModesIn("st"), hub = ModesIn("hub");
  const std::string config = Text(In("st/station.json")), key = Text(In("hub/key"));
  for (const char* out : {"st/station.json", "./st/../st/key", "st/certificate.der", "st/db/CURRENT", "st/db/new.csv",
                          "link.csv", "there/enrolment", "hub/authority", "hub/key", "hub/metrics.token"}) {
    cli::ProcessResult refused = Shell(Cat("$L export --data st --format csv --out ", out));
    EXPECT_EQ(refused.exit_code, 2) << out << refused.out;
    EXPECT_THAT(refused.out, HasSubstr("自己的文件")) << out;
  }
  EXPECT_EQ(Shell(Cat("$L import --dry-run --data st --mend st/station.json ", kFixture, "/ledger-old.csv")).exit_code,
            2);
  EXPECT_EQ(Text(In("st/station.json")), config);
  EXPECT_EQ(Text(In("hub/key")), key);
  EXPECT_EQ(Shell("mkdir db; $L export --data st --format csv --out db/a.csv && $L export --data st --format csv --out "
                  "st/a.csv")
                .exit_code,
            0);
}

// A command for the other kind of folder says so, in words, and changes nothing.
TEST_F(DataFolder, ACommandOfTheOtherKindSaysWhoseItIs) {
  Town();
  for (const char* line :
       {"$L hub devices --data st", "$L hub invite HK-D057 --address 10.0.0.1:7061 --data st", "$L stations --data st",
        "$L report 上半年 --data st", "$L hub backup bk --data st", "$L refused --data st", "$L policy --data st"}) {
    cli::ProcessResult refused = Shell(line);
    EXPECT_EQ(refused.exit_code, 1) << line;
    EXPECT_THAT(refused.out, HasSubstr("这是镇中心的命令，文件夹 st 是站点的数据")) << line;
  }
  for (const char* line : {"$L list --data hub", "$L close-session --data hub", "$L retry --data hub"}) {
    cli::ProcessResult refused = Shell(line);
    EXPECT_EQ(refused.exit_code, 1) << line;
    EXPECT_THAT(refused.out, HasSubstr("这是站点的命令，文件夹 hub 是镇中心的数据")) << line;
  }
}

TEST_F(DataFolder, OutputThatCannotBeWrittenIsAnError) {
  Town();
  for (const char* line : {"$L status --data st > /dev/full", "$L --help > /dev/full",
                           "$L stations --data hub > /dev/full", "$L export --data st --format csv --out /dev/full"}) {
    cli::ProcessResult full = Shell(line);
    EXPECT_EQ(full.exit_code, 1) << line;
    EXPECT_THAT(full.out, HasSubstr("磁盘已满")) << line;
  }
  cli::ProcessResult call = Shell(
      Cat("echo '{}' | ", kBinaries, "liaison-station call --data st /liaison.v1.RecordService/GetStatus > /dev/full"));
  EXPECT_EQ(call.exit_code, 1);
  EXPECT_THAT(call.out, HasSubstr("磁盘已满"));
  for (const char* program : {"liaison-station", "liaison-hub"}) {
    EXPECT_EQ(Shell(Cat(kBinaries, program, " --help > /dev/full")).exit_code, 1) << program;
    EXPECT_EQ(Shell(Cat(kBinaries, program, " run --no-such-option")).exit_code, 2) << program;
  }
}

// What a process inherits: signals that whoever started it has set otherwise, no environment, a folder that is gone.
TEST_F(DataFolder, WhatIsInheritedChangesNothing) {
  Town();
  const std::string log = "$L log --data $D --category 01 --disposition 村级办理 --deputy HK-R001 --words ";
  const std::string in = "D=$PWD/st; ";
  EXPECT_EQ(Shell(in + "trap '' CHLD TERM PIPE; " + log + "词一").exit_code, 0);
  // Through a pipe, since what is heard of a command otherwise goes into a file, as it were.
  const std::string small = Shell(in + "(ulimit -f 0; " + log + "不能写 2>&1; echo code $?) | cat").out;
  EXPECT_THAT(small, HasSubstr("code 1\n")) << "an error, not the end by a signal";
  EXPECT_THAT(small, HasSubstr("出错"));
  EXPECT_EQ(Shell(in + "ulimit -n 64; " + log + "词二").exit_code, 0);
  EXPECT_EQ(Shell(in + "mkdir gone; cd gone; rmdir ../gone; " + log + "词三").exit_code, 0);
  EXPECT_EQ(Shell(in + "env -i TMPDIR=/nonexistent HOME= " + log + "词四").exit_code, 0);
  EXPECT_EQ(Shell(in + "umask 000; exec <&- 3<&-; " + log + "词五").exit_code, 0);
  const std::string list = Shell("$L list --data st").out;
  for (const char* words : {"词一", "词二", "词三", "词四", "词五"}) EXPECT_THAT(list, HasSubstr(words));
  EXPECT_THAT(list, Not(HasSubstr("不能写")));
  EXPECT_EQ(Shell("$L verify --data st").exit_code, 0);
  ExpectPrivate("st");
}

}  // namespace
}  // namespace liaison
