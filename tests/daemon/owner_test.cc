// A person works as root in the folder of a daemon that has a user of its own. Where the tests do not run as root, all
// of it is this user's anyway.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/base/file.h"
#include "common/base/text.h"
#include "common/cli/core/process.h"
#include "tests/store/fixture.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using testing_store::TempDir;

constexpr uid_t kDaemon = 64321;  // nobody has it

uid_t OwnerOf(const std::string& path) {
  struct stat info {};
  EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
  return info.st_uid;
}

class Owner : public ::testing::Test {
 protected:
  Owner() : uid_(geteuid() == 0 ? kDaemon : geteuid()) {
    if (geteuid() == 0) EXPECT_EQ(chown(dir_.path().c_str(), uid_, uid_), 0);
    fs::copy(InSource("/hub/fixture"), In("roster"), fs::copy_options::recursive);
    for (const char* name : {"hub", "st", "again"}) {
      EXPECT_EQ(mkdir(In(name).c_str(), 0700), 0);
      if (geteuid() == 0) EXPECT_EQ(chown(In(name).c_str(), uid_, uid_), 0);
    }
  }
  std::string In(const std::string& name) const { return dir_.path() + "/" + name; }
  cli::ProcessResult Shell(const std::string& line) {
    absl::StatusOr<cli::ProcessResult> result = cli::RunProcess(
        "/bin/sh", {"-c", Cat("cd ", dir_.path(), "; L=", InBuild("/bin/liaison"), "; exec 2>&1; ", line)}, "");
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : cli::ProcessResult();
  }
  void ExpectAllTheOwners(const std::string& folder) {
    int seen = 0;
    for (const auto& entry : fs::recursive_directory_iterator(In(folder))) {
      EXPECT_EQ(OwnerOf(entry.path()), uid_) << entry.path();
      ++seen;
    }
    EXPECT_GT(seen, 3) << folder;
  }

  TempDir dir_;
  const uid_t uid_;
};

TEST_F(Owner, OfADataFolderKeepsAllThatCommandsMakeThere) {
  cli::ProcessResult made = Shell(
      "$L hub init --data hub --roster roster && $L enrol --station HK-D057 --data st --hub-data hub"
      " && $L log --data st --words 水渠垮了 --category 01 --disposition 上报镇 --deputy HK-R001"
      " && mkdir stick && $L bundle export --data st stick && $L bundle import --data hub stick"
      " && $L bundle export --data hub --station HK-D057 stick && $L verify --data st && $L hub verify --data hub");
  EXPECT_EQ(made.exit_code, 0) << made.out;
  ExpectAllTheOwners("hub");
  ExpectAllTheOwners("st");
}

TEST_F(Owner, OfTheFolderOwnsWhatIsWrittenThere) {
  ASSERT_TRUE(MakeFolder(In("again/deep/deeper")).ok());
  ASSERT_TRUE(WriteFileAtomically(In("again/deep/deeper/a"), "a").ok());
  ASSERT_TRUE(WriteNewFile(In("again/b"), "b").ok());
  ASSERT_TRUE(WriteFileAtomically(In("again/b"), "c").ok());
  ExpectAllTheOwners("again");
}

}  // namespace
}  // namespace liaison
