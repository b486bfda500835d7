#include "common/base/shifted_clock.h"

#include <gtest/gtest.h>

namespace liaison {
namespace {

TEST(ShiftedClock, BeginsWhereItIsToldAndGoesOn) {
  absl::StatusOr<std::unique_ptr<Clock>> made = ClockFrom("2026-11-20T09:00");
  ASSERT_TRUE(made.ok()) << made.status();
  Clock* clock = made->get();
  const int64_t nine = 1'795'136'400'000;  // 2026-11-20 01:00 UTC
  const int64_t first = clock->NowMs();
  EXPECT_GE(first, nine);
  EXPECT_LT(first, nine + 3'600'000);
  EXPECT_GE(clock->NowMs(), first);
  EXPECT_EQ(BusinessDate((*ClockFrom("2010-01-01"))->NowMs()), "2010-01-01");
}

TEST(ShiftedClock, WithoutAStartItIsTheMachines) {
  const int64_t now = SystemClock()->NowMs();
  EXPECT_LT((*ClockFrom(""))->NowMs() - now, 3'600'000);
}

TEST(ShiftedClock, WhatIsNoTimeIsRefused) {
  for (const char* text : {" ", "today", "2026-13-01", "2026-02-30", "2026-11-20T25:00", "2026-11-20 09:00"})
    EXPECT_TRUE(absl::IsInvalidArgument(ClockFrom(text).status())) << text;
}

}  // namespace
}  // namespace liaison
