#include "common/base/shifted_clock.h"

#include <gtest/gtest.h>

namespace liaison {
namespace {

TEST(ShiftedClock, BeginsWhereItIsToldAndGoesOn) {
  std::unique_ptr<Clock> clock = ClockFrom("2026-11-20T09:00");
  ASSERT_NE(clock, nullptr);
  const int64_t nine = 1'795'136'400'000;  // 2026-11-20 01:00 UTC
  const int64_t first = clock->NowMs();
  EXPECT_GE(first, nine);
  EXPECT_LT(first, nine + 3'600'000);
  EXPECT_GE(clock->NowMs(), first);
  EXPECT_EQ(BusinessDate(ClockFrom("2010-01-01")->NowMs()), "2010-01-01");
}

TEST(ShiftedClock, WhatIsNoTimeIsNone) {
  for (const char* text : {"", "today", "2026-13-01", "2026-02-30", "2026-11-20T25:00", "2026-11-20 09:00"})
    EXPECT_EQ(ClockFrom(text), nullptr) << text;
}

}  // namespace
}  // namespace liaison
