#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "common/base/ports.h"
#include "common/crypto/hash.h"
#include "common/crypto/sign.h"

// Stands before libc's: notes what was synced, whether the key file had its name by then, and fails on demand.
struct Syncs {
  std::string watched;
  std::vector<std::string> seen;
  size_t fail_at = 0;  // counted from 1; 0: never
};
static Syncs syncs;

extern "C" int fsync(int fd) {
  struct stat info;
  if (fstat(fd, &info) != 0) return -1;
  bool named = access(syncs.watched.c_str(), F_OK) == 0;
  syncs.seen.push_back(std::string(S_ISDIR(info.st_mode) ? "folder" : "file") + (named ? ", named" : ", not named"));
  if (syncs.seen.size() == syncs.fail_at) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(syscall(SYS_fsync, fd));
}

namespace liaison {
namespace {

class KeyFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "key_file_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ + "/device.key";
    SeededRandom random(1);
    keys_ = GenerateKeyPair(&random);
    syncs = Syncs{path_, {}, 0};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Read() {
    std::ifstream in(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  void Write(const std::string& bytes, mode_t mode = 0600) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
  }
  size_t FilesInFolder() {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  absl::StatusCode LoadCode() { return LoadKeyPair(path_).status().code(); }

  std::string folder_, path_;
  KeyPair keys_;
};

std::string WithChecksum(std::string file) {
  file.resize(file.size() - kSha256Size);
  return file + Sha256(file);
}

TEST_F(KeyFile, WhatIsSavedLoadsAndSigns) {
  ASSERT_TRUE(SaveKeyPair(path_, keys_).ok());
  absl::StatusOr<KeyPair> loaded = LoadKeyPair(path_);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->public_key, keys_.public_key);
  EXPECT_EQ(loaded->secret_key, keys_.secret_key);
  EXPECT_EQ(loaded->algorithm, kEd25519);
  EXPECT_TRUE(Verify(kEd25519, keys_.public_key, "m", Sign(*loaded, "m")).ok());
}

TEST_F(KeyFile, OnlyTheOwnerCanReadItWhateverTheUmask) {
  mode_t before = umask(0);
  absl::Status saved = SaveKeyPair(path_, keys_);
  umask(before);
  ASSERT_TRUE(saved.ok()) << saved;
  struct stat info;
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(FilesInFolder(), 1u) << "a temporary file was left behind";
}

TEST_F(KeyFile, BytesAreSyncedBeforeTheNameAndTheNameBeforeTheAnswer) {
  ASSERT_TRUE(SaveKeyPair(path_, keys_).ok());
  EXPECT_EQ(syncs.seen, (std::vector<std::string>{"file, not named", "folder, named"}));
}

TEST_F(KeyFile, AFailedSyncIsNotASave) {
  syncs.fail_at = 1;
  EXPECT_FALSE(SaveKeyPair(path_, keys_).ok());
  EXPECT_EQ(FilesInFolder(), 0u);
  syncs = Syncs{path_, {}, 2};
  EXPECT_FALSE(SaveKeyPair(path_, keys_).ok());
  EXPECT_EQ(LoadCode(), absl::StatusCode::kOk) << "the file may be there, and whole";
}

TEST_F(KeyFile, AnExistingFileIsNeverOverwritten) {
  Write("precious");
  absl::Status saved = SaveKeyPair(path_, keys_);
  EXPECT_EQ(saved.code(), absl::StatusCode::kAlreadyExists) << saved;
  EXPECT_NE(saved.message().find("device.key"), absl::string_view::npos);
  EXPECT_EQ(Read(), "precious");
  EXPECT_EQ(FilesInFolder(), 1u) << "a temporary file was left behind";
}

TEST_F(KeyFile, ADanglingLinkCountsAsExisting) {
  ASSERT_EQ(symlink((folder_ + "/elsewhere").c_str(), path_.c_str()), 0);
  EXPECT_EQ(SaveKeyPair(path_, keys_).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(FilesInFolder(), 1u);
}

TEST_F(KeyFile, AnyRightOfOthersIsRefused) {
  ASSERT_TRUE(SaveKeyPair(path_, keys_).ok());
  for (mode_t mode : {0640, 0604, 0620, 0602, 0610, 0601, 0666}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(LoadCode(), absl::StatusCode::kFailedPrecondition) << std::oct << mode;
  }
  for (mode_t mode : {0400, 0600}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_EQ(LoadCode(), absl::StatusCode::kOk) << std::oct << mode;
  }
}

TEST_F(KeyFile, AMissingFileOrFolderIsNotFound) {
  EXPECT_EQ(LoadCode(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SaveKeyPair(folder_ + "/none/device.key", keys_).code(), absl::StatusCode::kNotFound);
}

TEST_F(KeyFile, AFolderOrAPipeIsRefusedAtOnce) {
  EXPECT_EQ(LoadKeyPair(folder_).status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(LoadCode(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(KeyFile, EveryDamagedByteAndEveryCutIsNoticed) {
  ASSERT_TRUE(SaveKeyPair(path_, keys_).ok());
  const std::string good = Read();
  ASSERT_EQ(good.size(), 106u);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x10;
    Write(bad);
    // The magic and the version stand before the checksum is looked at; all the rest is damage.
    EXPECT_EQ(LoadCode(), i < 9 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kDataLoss) << i;
    Write(good.substr(0, i));
    EXPECT_EQ(LoadCode(), i < 8 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kDataLoss) << i;
  }
  Write(good + "x");
  EXPECT_EQ(LoadCode(), absl::StatusCode::kDataLoss);
  Write(good);
  EXPECT_EQ(LoadCode(), absl::StatusCode::kOk);
}

TEST_F(KeyFile, UnknownVersionsAndAlgorithmsAreRefusedByName) {
  ASSERT_TRUE(SaveKeyPair(path_, keys_).ok());
  const std::string good = Read();
  std::string version = good, algorithm = good;
  version[8] = 2;
  Write(WithChecksum(version) + "a longer format");
  absl::Status status = LoadKeyPair(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("unknown version 2"), absl::string_view::npos) << status;
  algorithm[9] = 2;
  Write(WithChecksum(algorithm));
  status = LoadKeyPair(path_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("unknown algorithm 2"), absl::string_view::npos) << status;
}

// Signing with the halves of two pairs would give the secret away.
TEST_F(KeyFile, HalvesOfTwoPairsAreRefused) {
  ASSERT_TRUE(SaveKeyPair(path_, keys_).ok());
  SeededRandom random(2);
  std::string mixed = Read();
  mixed.replace(10, kPublicKeySize, GenerateKeyPair(&random).public_key);
  Write(WithChecksum(mixed));
  EXPECT_EQ(LoadCode(), absl::StatusCode::kDataLoss);
}

TEST_F(KeyFile, ErrorsNeverShowKeyBytes) {
  ASSERT_TRUE(SaveKeyPair(path_, keys_).ok());
  std::string bad = Read();
  bad[80] ^= 1;
  Write(bad);
  std::string message(LoadKeyPair(path_).status().message());
  EXPECT_EQ(message, "key file " + path_ + ": damaged, its checksum does not match");
}

}  // namespace
}  // namespace liaison
