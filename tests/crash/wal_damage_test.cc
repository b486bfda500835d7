// The write-ahead log is damaged behind RocksDB's back. By itself RocksDB opens many such logs without a complaint,
// short of what was acknowledged; the store must not.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>

#include "common/store/head_mark.h"
#include "tests/crash/disk.h"
#include "tests/store/fixture.h"

namespace liaison::testing_crash {
namespace {

using testing::HasSubstr;
using testing_store::TempDir;

// A disk as a killed process has left it: `kActions` acknowledged actions, all in the write-ahead log.
class WalDamage : public testing::Test {
 protected:
  static constexpr size_t kActions = 12;

  void SetUp() override {
    MakeFolder(original_);
    Life life(home_.path() + "/live", &random_);
    ASSERT_TRUE(life.opened().ok()) << life.opened();
    for (size_t i = 0; i < kActions; ++i) {
      actions_.push_back(random_.Bytes(kActionIdBytes));
      marks_.push_back(ReadFile(HeadMark::PathIn(home_.path() + "/live")));
      ASSERT_TRUE(Act(life.store(), actions_.back(), 300).ok());
    }
    life.fs()->TakeImage(original_, {.tail = Tail::kKept});
    WriteFile(HeadMark::PathIn(original_), ReadFile(HeadMark::PathIn(home_.path() + "/live")));
    ASSERT_EQ(WalFiles(original_).size(), 1u);
    wal_ = ReadFile(WalFiles(original_)[0]);
    wal_name_ = std::filesystem::path(WalFiles(original_)[0]).filename().string();
  }

  std::string Copy(const std::string& wal) {
    std::string dir = Cat(home_.path(), "/copy-", copies_++);
    CopyFolder(original_, dir);
    WriteFile(Cat(dir, "/", wal_name_), wal);
    return dir;
  }
  size_t Held(const Found& found) const {
    size_t held = 0;
    while (held < actions_.size() && found.actions.contains(actions_[held])) ++held;
    EXPECT_EQ(found.actions.size(), held) << "not a prefix of what was done";
    return held;
  }
  // Opens with everything that was acknowledged, or says that it lacks something. True if it opened.
  bool WholeOrSaid(const std::string& dir) {
    Found found = Inspect(dir);
    if (found.status.ok()) {
      EXPECT_EQ(found.problem, "");
      EXPECT_EQ(Held(found), kActions) << "acknowledged actions are gone and nothing was said";
      return true;
    }
    EXPECT_EQ(found.status.code(), absl::StatusCode::kDataLoss) << found.status;
    EXPECT_FALSE(found.status.message().empty());
    return false;
  }

  TempDir home_;
  SeededRandom random_{4711};
  const std::string original_ = home_.path() + "/original";
  std::vector<std::string> actions_, marks_;  // a mark for each action, as it was before
  std::string wal_, wal_name_;
  int copies_ = 0;
};

TEST_F(WalDamage, OneFlippedByteLosesNothingSilently) {
  const int flips = FromEnvironment("LIAISON_CRASH_FLIPS", 200);
  int opened = 0;
  for (int i = 0; i < flips; ++i) {
    std::string wal = wal_;
    size_t at = random_.U64() % wal.size();
    wal[at] = static_cast<char>(wal[at] ^ (1 + random_.U64() % 255));
    SCOPED_TRACE(Cat("byte ", at, " of ", wal.size()));
    std::string dir = Copy(wal);
    opened += WholeOrSaid(dir) ? 1 : 0;
    RemoveFolder(dir);
  }
  EXPECT_LT(opened, flips) << "no flip was felt";
  std::printf("%d flips in a log of %zu bytes, %d opened whole, %d refused\n", flips, wal_.size(), opened,
              flips - opened);
}

// Every header of a record, byte by byte: a length that points behind the end of the file looks like a torn tail.
TEST_F(WalDamage, AFlippedLengthIsNotTakenForATornTail) {
  constexpr size_t kBlock = 32768, kHeader = 7;
  int refused = 0, headers = 0;
  for (size_t at = 0; at + kHeader <= wal_.size() && headers < 14;) {
    size_t length = static_cast<uint8_t>(wal_[at + 4]) | static_cast<size_t>(static_cast<uint8_t>(wal_[at + 5])) << 8;
    for (size_t byte : {at + 4, at + 5}) {
      std::string wal = wal_;
      wal[byte] = static_cast<char>(wal[byte] ^ 0x7f);
      std::string dir = Copy(wal);
      SCOPED_TRACE(Cat("byte ", byte));
      refused += WholeOrSaid(dir) ? 0 : 1;
      RemoveFolder(dir);
    }
    ++headers;
    at += kHeader + length;
    if (kBlock - at % kBlock < kHeader) at += kBlock - at % kBlock;
  }
  EXPECT_GE(headers, 10);
  EXPECT_GT(refused, headers);
}

TEST_F(WalDamage, ACutTailIsDataLossAndNothingIsTouched) {
  for (int i = 0; i < 40; ++i) {
    size_t size = i == 0 ? 0 : random_.U64() % wal_.size();
    SCOPED_TRACE(Cat("cut to ", size, " of ", wal_.size()));
    std::string dir = Copy(wal_.substr(0, size));
    std::map<std::string, std::string> before, after;
    auto read = [&](std::map<std::string, std::string>* files) {
      for (const auto& entry : std::filesystem::directory_iterator(dir))
        if (!entry.path().filename().string().starts_with("LO"))  // RocksDB's own log and lock
          (*files)[entry.path().filename().string()] = ReadFile(entry.path().string());
    };
    read(&before);
    Found found = Inspect(dir);
    ASSERT_EQ(found.status.code(), absl::StatusCode::kDataLoss) << found.status;
    EXPECT_THAT(std::string(found.status.message()), HasSubstr("末尾缺失"));
    EXPECT_THAT(std::string(found.status.message()), HasSubstr("HEAD"));
    read(&after);
    EXPECT_EQ(before, after);
    // The person accepts it, as the message says.
    std::filesystem::remove(HeadMark::PathIn(dir));
    found = Inspect(dir);
    ASSERT_TRUE(found.status.ok()) << found.status;
    EXPECT_EQ(found.problem, "");
    EXPECT_LT(Held(found), kActions);
    absl::Status goes_on = GoesOn(dir, &random_);
    EXPECT_TRUE(goes_on.ok()) << goes_on;
    RemoveFolder(dir);
  }
}

// After a power cut the mark may be some milliseconds old; what it had seen stays guarded.
TEST_F(WalDamage, AnOlderMarkStillGuardsAllThatItHasSeen) {
  int silent = 0, said = 0;
  for (int i = 0; i < 60; ++i) {
    size_t marked = random_.U64() % kActions, size = random_.U64() % wal_.size();
    SCOPED_TRACE(Cat("mark of ", marked, " actions, cut to ", size));
    std::string dir = Copy(wal_.substr(0, size));
    WriteFile(HeadMark::PathIn(dir), marks_[marked]);
    Found found = Inspect(dir);
    if (found.status.ok()) {
      EXPECT_EQ(found.problem, "");
      EXPECT_GE(Held(found), marked);
      ++silent;
    } else {
      EXPECT_EQ(found.status.code(), absl::StatusCode::kDataLoss) << found.status;
      ++said;
    }
    RemoveFolder(dir);
  }
  EXPECT_GT(silent, 0);
  EXPECT_GT(said, 0);
}

TEST_F(WalDamage, AMissingLogFileIsDataLoss) {
  std::string dir = Copy(wal_);
  std::filesystem::remove(Cat(dir, "/", wal_name_));
  EXPECT_EQ(Inspect(dir).status.code(), absl::StatusCode::kDataLoss);
}

// RocksDB takes a folder without CURRENT for a new one, and throws the tables away.
TEST_F(WalDamage, ALostDatabaseIsNotMadeAnew) {
  for (bool readable : {true, false})
    for (const char* gone : {"CURRENT", "MANIFEST"}) {
      std::string dir = Copy(wal_);
      if (!readable) WriteFile(HeadMark::PathIn(dir), "damaged");
      for (const auto& entry : std::filesystem::directory_iterator(dir))
        if (entry.path().filename().string().starts_with(gone)) std::filesystem::remove(entry.path());
      Found found = Inspect(dir);
      EXPECT_EQ(found.status.code(), absl::StatusCode::kDataLoss) << gone << ": " << found.status;
      EXPECT_EQ(ReadFile(Cat(dir, "/", wal_name_)), wal_) << gone;
    }
  // With the log gone as well, nothing but the mark says that there was a database.
  std::string dir = Copy(wal_);
  WriteFile(HeadMark::PathIn(dir), "damaged");
  for (const std::string& name : {std::string("CURRENT"), wal_name_}) std::filesystem::remove(Cat(dir, "/", name));
  Found found = Inspect(dir);
  EXPECT_EQ(found.status.code(), absl::StatusCode::kDataLoss) << found.status;
  EXPECT_FALSE(std::filesystem::exists(dir + "/CURRENT"));
}

TEST_F(WalDamage, AnotherDatabaseUnderTheMarkIsDataLoss) {
  std::string other = home_.path() + "/other", dir = Copy(wal_);
  {
    Life life(other, &random_);
    ASSERT_TRUE(life.opened().ok());
    for (size_t i = 0; i <= kActions; ++i) ASSERT_TRUE(Act(life.store(), random_.Bytes(kActionIdBytes), 300).ok());
  }
  std::filesystem::copy(HeadMark::PathIn(dir), HeadMark::PathIn(other),
                        std::filesystem::copy_options::overwrite_existing);
  Found found = Inspect(other);
  EXPECT_EQ(found.status.code(), absl::StatusCode::kDataLoss) << found.status;
  EXPECT_THAT(std::string(found.status.message()), HasSubstr("另一个"));
}

// Damage of the mark alone costs its protection, not the station.
TEST_F(WalDamage, ADamagedMarkStopsNobody) {
  std::string mark = ReadFile(HeadMark::PathIn(original_));
  ASSERT_EQ(mark.size(), 64u);
  for (size_t at = 0; at < mark.size(); at += 7) {
    std::string dir = Copy(wal_), flipped = mark;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x20);
    WriteFile(HeadMark::PathIn(dir), flipped);
    EXPECT_TRUE(WholeOrSaid(dir)) << "byte " << at;
    EXPECT_NE(ReadFile(HeadMark::PathIn(dir)), flipped) << "written anew";
  }
}

}  // namespace
}  // namespace liaison::testing_crash
