// The disk runs full: the action fails with words that a person understands, nothing of it is there, reading goes on,
// and when there is space again a restart goes on.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/crash/disk.h"
#include "tests/store/fixture.h"

namespace liaison::testing_crash {
namespace {

using testing::HasSubstr;
using testing_store::TempDir;

constexpr char kFull[] = "磁盘已满";

void FillUp(uint64_t seed, uint64_t space, size_t text, int* refused) {
  SCOPED_TRACE(Cat("seed ", seed, ", ", space, " bytes left"));
  TempDir home;
  SeededRandom random(seed);
  std::string dir = home.path() + "/disk";
  std::vector<std::string> acknowledged;
  {
    Life life(dir, &random);
    ASSERT_TRUE(life.opened().ok()) << life.opened();
    for (int i = 0; i < 5; ++i) {
      acknowledged.push_back(random.Bytes(kActionIdBytes));
      ASSERT_TRUE(Act(life.store(), acknowledged.back(), 300).ok());
    }
    life.fs()->SetSpace(space);
    absl::Status status;
    std::string failed;
    for (int i = 0; i < 1000 && status.ok(); ++i) {
      failed = random.Bytes(kActionIdBytes);
      status = Act(life.store(), failed, text);
      if (status.ok()) acknowledged.push_back(failed);
    }
    ASSERT_FALSE(status.ok()) << "never full";
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(kFull));
    EXPECT_GT(life.fs()->refusals(), 0u);
    // Reading goes on, and shows nothing of the action that failed; the next one is told the same.
    for (const std::string& action : acknowledged)
      EXPECT_TRUE(life.store()->Read().Load(RecordId::Random(24, action, 0)).has_value());
    EXPECT_FALSE(life.store()->Read().Load(RecordId::Random(24, failed, 0)).has_value());
    EXPECT_TRUE(life.store()->Verify().ok());
    status = Act(life.store(), random.Bytes(kActionIdBytes), 300);
    EXPECT_THAT(std::string(status.message()), HasSubstr(kFull));
    ++*refused;
  }
  {  // Started again while it is still full: it opens, or says why not, and harms nothing.
    Life life(dir, &random, [](PowerFs* fs) { fs->SetSpace(0); });
    if (!life.opened().ok()) {
      EXPECT_EQ(life.opened().code(), absl::StatusCode::kResourceExhausted) << life.opened();
      EXPECT_THAT(std::string(life.opened().message()), HasSubstr(kFull));
    }
  }
  Found found = Inspect(dir);
  ASSERT_TRUE(found.status.ok()) << found.status;
  EXPECT_EQ(found.problem, "");
  for (const std::string& action : acknowledged) EXPECT_TRUE(found.actions.contains(action));
  EXPECT_LE(found.actions.size(), acknowledged.size() + 1);
  absl::Status goes_on = GoesOn(dir, &random);
  EXPECT_TRUE(goes_on.ok()) << goes_on;
}

TEST(FullDisk, AnActionThatDoesNotFitFailsInWordsAndLeavesNothing) {
  SeededRandom random(99);
  int refused = 0;
  for (int i = 0; i < 12; ++i) FillUp(random.U64(), random.U64() % 30'000, 300, &refused);
  EXPECT_EQ(refused, 12);
}

// The log finds space and the table behind it does not.
TEST(FullDisk, ATableThatDoesNotFitStopsWritingInWords) {
  int refused = 0;
  for (uint64_t space : {1'100'000, 2'400'000}) FillUp(space, space, 60'000, &refused);
  EXPECT_EQ(refused, 2);
}

// A log of the database's own would end the process with its first line that does not fit, and nobody reads it.
TEST(FullDisk, TheDatabaseKeepsNoLogOfItsOwn) {
  TempDir home;
  SeededRandom random(3);
  const std::string dir = home.path() + "/disk";
  for (int start = 0; start < 2; ++start) {
    Life life(dir, &random);
    ASSERT_TRUE(life.opened().ok()) << life.opened();
    ASSERT_TRUE(Act(life.store(), random.Bytes(kActionIdBytes), 300).ok());
  }
  for (const auto& entry : std::filesystem::directory_iterator(dir))
    EXPECT_NE(entry.path().filename().string().substr(0, 3), "LOG") << entry.path();
}

}  // namespace
}  // namespace liaison::testing_crash
