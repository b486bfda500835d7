#include "station/link/retry.h"

#include <gtest/gtest.h>

namespace liaison {
namespace {

constexpr RetryDelays kDelays{1'000, 60'000};

TEST(RetryWait, GrowsToTheLongestAndIsDrawnFromItsUpperHalf) {
  EXPECT_EQ(RetryWaitOf(kDelays, false, 1, 0).most_ms, 500);
  EXPECT_EQ(RetryWaitOf(kDelays, false, 1, 500).most_ms, 1'000);
  EXPECT_EQ(RetryWaitOf(kDelays, false, 4, 4'000).most_ms, 8'000);
  EXPECT_EQ(RetryWaitOf(kDelays, false, 1'000, 30'000).most_ms, 60'000);
}

TEST(RetryWait, AnyMayBeEndedButNotBeforeTheLeast) {
  EXPECT_EQ(RetryWaitOf(kDelays, false, 1, 0).least_ms, 500);
  EXPECT_EQ(RetryWaitOf(kDelays, false, 9, 0).least_ms, 1'000);
  EXPECT_EQ(RetryWaitOf(kDelays, true, 1, 0).least_ms, 1'000);
}

TEST(RetryWait, OfARefusedStationIsTheLongestAndNoSaveEndsIt) {
  RetryWait wait = RetryWaitOf(kDelays, true, 1, 0);
  EXPECT_EQ(wait.most_ms, 30'000);
  EXPECT_FALSE(wait.commit_ends);
  EXPECT_TRUE(RetryWaitOf(kDelays, false, 9, 0).commit_ends);
}

class Receipt : public testing::Test {
 protected:
  Receipt() : watch_(30'000) {
    watch_.OnStart(1'000'000);
    watch_.OnMessage(1'000'500);
    watch_.SetWaiting(false, 1'000'500);
  }
  ReceiptWatch watch_;
};

TEST_F(Receipt, NothingIsOverdueWhereNothingWasSent) { EXPECT_EQ(watch_.LeftMs(9'000'000), 3'600'000); }

TEST_F(Receipt, IsOverdueAfterHalfAMinuteOfSilence) {
  watch_.SetWaiting(true, 2'000'000);
  EXPECT_EQ(watch_.LeftMs(2'029'000), 1'000);
  EXPECT_EQ(watch_.LeftMs(2'030'000), 0);
}

TEST_F(Receipt, MoreThatIsSentDoesNotPutItOff) {
  watch_.SetWaiting(true, 2'000'000);
  watch_.SetWaiting(true, 2'020'000);
  EXPECT_EQ(watch_.LeftMs(2'030'000), 0);
}

TEST_F(Receipt, IsNotOverdueWhileTheHubIsHeardOf) {
  watch_.SetWaiting(true, 2'000'000);
  watch_.OnMessage(2'029'000);
  EXPECT_EQ(watch_.LeftMs(2'030'000), 29'000);
  watch_.SetWaiting(false, 2'031'000);
  EXPECT_EQ(watch_.LeftMs(9'000'000), 3'600'000);
}

TEST_F(Receipt, AConnectionHasTwiceTheTimeToBeginWith) {
  watch_.OnStart(3'000'000);
  EXPECT_EQ(watch_.LeftMs(3'030'000), 30'000);
  watch_.OnMessage(3'031'000);
  EXPECT_EQ(watch_.LeftMs(3'031'000), 30'000);
}

// A hub may hold a station back for as long as the patience: it must get on all the same.
TEST_F(Receipt, PatienceDoublesAndIsForgottenAfterHalfAnHour) {
  watch_.SetWaiting(true, 2'000'000);
  watch_.OnOverdue(2'030'000);
  watch_.OnStart(2'031'000);
  watch_.OnMessage(2'031'000);
  EXPECT_EQ(watch_.LeftMs(2'031'000), 60'000);
  for (int i = 0; i < 9; ++i) watch_.OnOverdue(2'100'000);
  watch_.OnStart(2'200'000);
  watch_.OnMessage(2'200'000);
  EXPECT_EQ(watch_.LeftMs(2'200'000), 240'000);
  watch_.OnStart(4'000'000);
  watch_.OnMessage(4'000'000);
  EXPECT_EQ(watch_.LeftMs(4'000'000), 30'000);
}

}  // namespace
}  // namespace liaison
