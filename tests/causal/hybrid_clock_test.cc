#include "common/causal/hybrid_clock.h"

#include <gtest/gtest.h>

namespace liaison {
namespace {

constexpr int64_t kNow = 1'795'000'000'000, kDay = HybridClock::kMaxLeadMs;

uint64_t At(int64_t ms) { return static_cast<uint64_t>(ms) << 16; }

TEST(HybridClock, FollowsTheWallClock) {
  HybridClock clock;
  EXPECT_EQ(clock.Next(kNow), At(kNow));
  EXPECT_EQ(clock.Next(kNow + 5), At(kNow + 5));
  EXPECT_EQ(HybridClock::Milliseconds(clock.last()), kNow + 5);
}

TEST(HybridClock, NeverGoesBackOrStandsStill) {
  HybridClock clock;
  uint64_t last = clock.Next(kNow);
  for (int64_t wall : {kNow, kNow - 1, kNow - 365 * kDay, int64_t{0}, int64_t{-1}, INT64_MIN}) {
    uint64_t next = clock.Next(wall);
    EXPECT_EQ(next, last + 1) << wall;
    last = next;
  }
}

TEST(HybridClock, ContinuesWhereTheStoreLeftOff) {
  HybridClock clock(At(kNow) + 7);
  EXPECT_EQ(clock.Next(kNow - kDay), At(kNow) + 8);
}

TEST(HybridClock, FollowsOthersADayAheadAndNoFurther) {
  HybridClock clock;
  EXPECT_TRUE(clock.Witness(At(kNow + kDay), kNow));
  EXPECT_EQ(clock.Next(kNow), At(kNow + kDay) + 1);
  EXPECT_FALSE(clock.Witness(At(kNow + kDay + 1), kNow));
  EXPECT_EQ(clock.last(), At(kNow + kDay) + 1);
}

TEST(HybridClock, AnOlderReadingFromElsewhereChangesNothing) {
  HybridClock clock(At(kNow));
  EXPECT_TRUE(clock.Witness(At(kNow - kDay), kNow));
  EXPECT_EQ(clock.last(), At(kNow));
}

TEST(HybridClock, SurvivesClocksThatAreNonsense) {
  HybridClock clock;
  EXPECT_FALSE(clock.Witness(At(kNow), INT64_MIN));
  EXPECT_TRUE(clock.Witness(At(kNow), INT64_MAX));
  uint64_t latest = clock.Next(INT64_MAX);
  EXPECT_EQ(HybridClock::Milliseconds(latest), (int64_t{1} << 48) - 1);
  EXPECT_GT(clock.Next(INT64_MAX), latest);
}

}  // namespace
}  // namespace liaison
