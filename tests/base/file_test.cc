#include "common/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "common/base/text.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FileTest : public ::testing::Test {
 protected:
  FileTest() {
    std::string pattern = ::testing::TempDir() + "/liaison-file-XXXXXX";
    dir_ = mkdtemp(pattern.data());
    before_ = umask(0);
  }
  ~FileTest() override {
    umask(before_);
    fs::remove_all(dir_);
  }
  std::string In(const std::string& name) const { return dir_ + "/" + name; }
  static std::string Text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  }
  static mode_t Mode(const std::string& path) {
    struct stat info {};
    stat(path.c_str(), &info);
    return info.st_mode & 07777;
  }
  size_t Files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(dir_), fs::directory_iterator()));
  }

  std::string dir_;
  mode_t before_;
};

TEST_F(FileTest, WrittenWholeForTheOwnerAlone) {
  ASSERT_TRUE(WriteFileAtomically(In("a"), "one").ok());
  ASSERT_TRUE(WriteFileAtomically(In("a"), "two").ok());
  EXPECT_EQ(Text(In("a")), "two");
  EXPECT_EQ(Mode(In("a")), 0600u);
  EXPECT_EQ(Files(), 1u);
  absl::StatusOr<std::string> read = ReadFile(In("a"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, "two");
}

TEST_F(FileTest, WhatFailsHalfwayLeavesTheOldFileAndNothingElse) {
  ASSERT_TRUE(WriteFileAtomically(In("a"), "old").ok());
  absl::Status status = ReplaceFile(In("a"), [&](int fd) {
    EXPECT_TRUE(WriteAll(fd, In("a"), "half").ok());
    return FileError(ENOSPC, "写文件", In("a"));
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("磁盘已满"));
  EXPECT_EQ(Text(In("a")), "old");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(FileTest, AFullDiskIsSaidAsOne) {
  absl::Status status = WriteFileAtomically("/dev/full", "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("磁盘已满"));
}

TEST_F(FileTest, AFileBesideItWithTheNameOfATemporaryOneStays) {
  for (const char* name : {"a.new", "a.part", "a.tmp"}) std::ofstream(In(name)) << "mine";
  ASSERT_TRUE(WriteFileAtomically(In("a"), "x").ok());
  for (const char* name : {"a.new", "a.part", "a.tmp"}) EXPECT_EQ(Text(In(name)), "mine") << name;
}

TEST_F(FileTest, ALinkIsFollowedAndStays) {
  std::ofstream(In("real")) << "old";
  fs::create_symlink("real", In("link"));
  ASSERT_TRUE(WriteFileAtomically(In("link"), "new").ok());
  EXPECT_TRUE(fs::is_symlink(In("link")));
  EXPECT_EQ(Text(In("real")), "new");
}

TEST_F(FileTest, AMissingFolderBecomesNoFile) {
  for (const char* name : {"none/a", "none/", "none/a/b"}) {
    EXPECT_EQ(WriteFileAtomically(In(name), "x").code(), absl::StatusCode::kNotFound) << name;
    EXPECT_EQ(CheckWritable(In(name)).code(), absl::StatusCode::kNotFound) << name;
  }
  EXPECT_EQ(WriteFileAtomically(dir_, "x").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckWritable(dir_).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Files(), 0u);
}

TEST_F(FileTest, ANewFileNeverTakesAPlace) {
  ASSERT_TRUE(WriteNewFile(In("a"), "first").ok());
  EXPECT_EQ(WriteNewFile(In("a"), "second").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Text(In("a")), "first");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(FileTest, ANewFileNeverTakesAPlaceOnFileSystemsThatKnowLess) {
  const NamingCalls system = SystemNaming();
  const auto lacks = [](const char*, const char*) { return EINVAL; };
  const NamingCalls nfs{lacks, system.link};
  ASSERT_TRUE(WriteFileAtomically(In("made"), "first").ok());
  ASSERT_TRUE(NameNewFile(In("made"), In("a"), nfs).ok());
  EXPECT_EQ(Text(In("a")), "first");
  EXPECT_FALSE(fs::exists(In("made")));
  ASSERT_TRUE(WriteFileAtomically(In("made"), "second").ok());
  EXPECT_EQ(NameNewFile(In("made"), In("a"), nfs).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Text(In("a")), "first");

  for (int error : {EPERM, EOPNOTSUPP, ENOSYS}) {
    const NamingCalls fat{lacks, [error](const char*, const char*) { return error; }};
    const absl::Status status = NameNewFile(In("made"), In("b"), fat);
    EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("不能保证不覆盖"));
    EXPECT_FALSE(fs::exists(In("b")));
    EXPECT_EQ(Text(In("made")), "second");
  }
  const NamingCalls full{lacks, [](const char*, const char*) { return ENOSPC; }};
  EXPECT_EQ(NameNewFile(In("made"), In("b"), full).code(), absl::StatusCode::kResourceExhausted);
  const NamingCalls broken{[](const char*, const char*) { return EIO; }, system.link};
  EXPECT_FALSE(NameNewFile(In("made"), In("b"), broken).ok());
  EXPECT_FALSE(fs::exists(In("b"))) << "only what is lacking is done in another way";
}

TEST_F(FileTest, OneFileHasManyNames) {
  std::ofstream(In("a")) << "x";
  fs::create_symlink("a", In("link"));
  fs::create_hard_link(In("a"), In("hard"));
  for (const char* name : {"a", "./a", "link", "hard"}) EXPECT_TRUE(SameFile(In("a"), In(name))) << name;
  std::ofstream(In("b")) << "x";
  EXPECT_FALSE(SameFile(In("a"), In("b")));
  EXPECT_FALSE(SameFile(In("none"), In("none")));
}

TEST_F(FileTest, ReadingSaysWhatItIs) {
  EXPECT_EQ(ReadFile(In("none")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(ReadFile(dir_).status().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_EQ(mkfifo(In("pipe").c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(In("pipe")).status().code(), absl::StatusCode::kInvalidArgument);
  std::ofstream(In("a")) << std::string(100, 'x');
  EXPECT_EQ(ReadFile(In("a"), 99).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(ReadFile(In("a"), 100).ok());
}

TEST_F(FileTest, AnUnreadableDiskIsNeitherAMissingFileNorAMissingDaemon) {
  absl::Status status = FileError(EIO, "读文件", "/data/station.json");
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("读不出来"));
  for (int error : {EIO, ENOSPC, EROFS, EACCES, ENOENT, EMFILE, EBADF})
    for (const char* doing : {"读文件", "写文件", "建文件夹"})
      EXPECT_NE(FileError(error, doing, "x").code(), absl::StatusCode::kUnavailable) << error << doing;
}

TEST_F(FileTest, FoldersAreMadeForTheOwnerAlone) {
  ASSERT_TRUE(MakeFolder(In("a/b/c")).ok());
  for (const char* name : {"a", "a/b", "a/b/c"}) EXPECT_EQ(Mode(In(name)), 0700u) << name;
  EXPECT_TRUE(MakeFolder(In("a/b/c")).ok());
  std::ofstream(In("file")) << "x";
  EXPECT_FALSE(MakeFolder(In("file")).ok());
}

TEST_F(FileTest, WhatIsThereIsPutRight) {
  fs::create_directories(In("data/db"));
  std::ofstream(In("data/key")) << "k";
  std::ofstream(In("data/db/1.sst")) << "r";
  std::ofstream(In("outside")) << "o";
  fs::create_symlink(In("outside"), In("data/link"));
  for (const char* name : {"data", "data/db"}) chmod(In(name).c_str(), 0755);
  for (const char* name : {"data/key", "data/db/1.sst", "outside"}) chmod(In(name).c_str(), 0644);
  ASSERT_TRUE(KeepPrivate(In("data")).ok());
  for (const char* name : {"data", "data/db"}) EXPECT_EQ(Mode(In(name)), 0700u) << name;
  for (const char* name : {"data/key", "data/db/1.sst"}) EXPECT_EQ(Mode(In(name)), 0600u) << name;
  EXPECT_EQ(Mode(In("outside")), 0644u);
}

TEST_F(FileTest, FolderOfNames) {
  for (auto [path, folder] : {std::pair("a", "."), std::pair("/a", "/"), std::pair("a/b", "a"), std::pair("a/b/", "a"),
                              std::pair("/a/b", "/a"), std::pair("", ".")})
    EXPECT_EQ(FolderOf(path), folder) << path;
}

}  // namespace
}  // namespace liaison
