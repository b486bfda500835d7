// The database on an encrypted disk: what is written is read again, and nothing that was put there in the clear.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "common/crypto/at_rest.h"
#include "common/store/head_mark.h"
#include "common/store/read_failure.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

using testing_store::TempDir;

constexpr char kWord[] = "水渠垮了没人修";
constexpr int kRows = 3000;

std::string BytesOf(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

void PutBytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::vector<fs::path> FilesNamed(const std::string& dir, const std::string& ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(dir))
    if (entry.path().filename().string().ends_with(ending)) files.push_back(entry.path());
  return files;
}

class Rest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Kv>> Open(std::shared_ptr<const Vault> vault) {
    return OpenRocks(dir_.path(), RocksOptions{false, std::move(vault)});
  }
  // Rows in a table, and one in the write-ahead log.
  void Fill() {
    SeededRandom random(11);
    KvChanges changes;
    for (int i = 0; i < kRows; ++i) changes[Cat("row", 10000 + i)] = Cat(kWord, Hex(random.Bytes(100)));
    ASSERT_TRUE(Must(Open(vault_))->Write(changes, true).ok());
    ASSERT_TRUE(Must(Open(vault_))->Write({{"last", kWord}}, true).ok());  // opening moved the log into a table
  }
  bool ReadsAll(std::shared_ptr<const Vault> vault) {
    ReadWatch reads;
    absl::StatusOr<std::unique_ptr<Kv>> kv = Open(std::move(vault));
    if (!kv.ok()) return false;
    int rows = 0;
    (*kv)->Scan("row", "rox", [&](std::string_view, std::string_view value) {
      rows += value.starts_with(kWord) ? 1 : 0;
      return true;
    });
    return reads.status().ok() && rows == kRows && (*kv)->Get("last") == kWord;
  }

  TempDir dir_;
  std::shared_ptr<const Vault> vault_ = Vault::New();
};

TEST_F(Rest, WhatIsWrittenIsReadAgainAndNoFileHasAWordOfIt) {
  Fill();
  EXPECT_TRUE(ReadsAll(vault_));
  EXPECT_TRUE(ReadsAll(vault_)) << "and after it was opened again";
  for (const auto& entry : fs::directory_iterator(dir_.path())) {
    const std::string name = entry.path().filename(), bytes = BytesOf(entry.path());
    EXPECT_EQ(bytes.find(kWord), std::string::npos) << name;
    if (name != "HEAD" && name != "LOCK") EXPECT_TRUE(LooksEncrypted(bytes)) << name;
  }
}

TEST_F(Rest, AnotherKeyOpensNothingAndChangesNothing) {
  Fill();
  const absl::Status refused = Open(Vault::New()).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kDataLoss) << refused;
  EXPECT_NE(refused.message().find("另一把数据密钥"), absl::string_view::npos) << refused;
  EXPECT_TRUE(ReadsAll(vault_));
}

TEST_F(Rest, WithoutAKeyItSaysThatItIsEncrypted) {
  Fill();
  const absl::Status refused = Open(nullptr).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_NE(refused.message().find("加密"), absl::string_view::npos) << refused;
  EXPECT_TRUE(ReadsAll(vault_));
}

TEST_F(Rest, ADamagedPrefixIsADamagedFile) {
  Fill();
  for (const char* ending : {"CURRENT", ".sst"}) {
    for (const fs::path& path : FilesNamed(dir_.path(), ending)) {
      const std::string whole = BytesOf(path);
      std::string damaged = whole;
      damaged[60] = static_cast<char>(damaged[60] ^ 1);
      PutBytes(path, damaged);
      EXPECT_FALSE(ReadsAll(vault_)) << path;
      PutBytes(path, whole);
    }
  }
  EXPECT_TRUE(ReadsAll(vault_));
}

// Who had the disk has put the same file there as he could write it without the key.
TEST_F(Rest, AFileInTheClearIsNotRead) {
  Fill();
  int tried = 0;
  for (const char* ending : {"CURRENT", ".sst"}) {
    for (const fs::path& path : FilesNamed(dir_.path(), ending)) {
      const std::string whole = BytesOf(path);
      std::string plain = whole.substr(kRestPrefixSize);
      vault_->Open(whole)->Apply(kRestPrefixSize, plain.data(), plain.size());
      PutBytes(path, plain);
      EXPECT_FALSE(ReadsAll(vault_)) << path;
      PutBytes(path, whole);
      ++tried;
    }
  }
  EXPECT_GE(tried, 2);
  EXPECT_TRUE(ReadsAll(vault_));
}

TEST_F(Rest, ALogThatNobodyCouldReadIsNoLog) {
  Fill();
  SeededRandom random(5);
  PutBytes(dir_.path() + "/009999.log", random.Bytes(6000));
  EXPECT_TRUE(ReadsAll(vault_)) << "nothing in it was acknowledged";
}

TEST_F(Rest, ALogThatWasAcknowledgedIsMissed) {
  Fill();
  const std::vector<fs::path> logs = FilesNamed(dir_.path(), ".log");
  ASSERT_EQ(logs.size(), 1u);
  const std::string whole = BytesOf(logs[0]);
  std::string damaged = whole;
  damaged[60] = static_cast<char>(damaged[60] ^ 1);
  PutBytes(logs[0], damaged);
  const absl::Status missed = Open(vault_).status();
  EXPECT_EQ(missed.code(), absl::StatusCode::kDataLoss) << missed;
  EXPECT_NE(missed.message().find("末尾缺失"), absl::string_view::npos) << missed;
  PutBytes(logs[0], whole);
  EXPECT_TRUE(ReadsAll(vault_));
}

}  // namespace
}  // namespace liaison
