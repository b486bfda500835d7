// Which day a machine may be believed, and which days a person may give.
#include "common/rules/days/clock_trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace liaison {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kHour = 3'600'000, kDay = 24 * kHour;

// 09:00 of a day in the township.
int64_t At(int year, int month, int day, int hour = 9) {
  int64_t days = 0;
  for (int y = 1970; y < year; ++y) days += y % 4 == 0 ? 366 : 365;
  constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int m = 1; m < month; ++m) days += kLengths[m - 1] + (m == 2 && year % 4 == 0 ? 1 : 0);
  return (days + day - 1) * kDay + (hour - 8) * kHour;
}

TEST(ClockTrust, ADayBeforeTheEnrolmentIsSuspect) {
  ClockFacts facts{.now_ms = At(1970, 1, 2), .enrolled_ms = At(2026, 11, 20)};
  EXPECT_EQ(ClockTrouble(facts), "本机时钟是1970-01-02，早于本机入网的日期2026-11-20");
  facts.now_ms = At(2026, 11, 20, 8);  // an hour before, on the same day
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
  facts.now_ms = At(2026, 11, 21);
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
  EXPECT_THAT(ClockTrouble({.now_ms = At(1970, 1, 2)}), IsEmpty()) << "nothing is known";
}

TEST(ClockTrust, ADayBeforeTheNewestRecordIsSuspect) {
  ClockFacts facts{.now_ms = At(2027, 1, 3), .enrolled_ms = At(2026, 11, 20), .newest_ms = At(2027, 3, 5)};
  EXPECT_EQ(ClockTrouble(facts), "本机时钟是2027-01-03，早于本机最新的记录（2027-03-05）");
  facts.now_ms = At(2027, 3, 6);
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
  facts.newest_ms = At(2027, 3, 6, 24);  // minutes behind midnight
  facts.now_ms = At(2027, 3, 6, 24) - 10 * 60'000;
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
}

TEST(ClockTrust, ADayFarAheadOfAllThatIsKnownIsSuspect) {
  ClockFacts facts{.now_ms = At(2099, 12, 31), .enrolled_ms = At(2026, 11, 20), .newest_ms = At(2028, 2, 29)};
  EXPECT_THAT(ClockTrouble(facts), HasSubstr("两年以上"));
  facts.now_ms = At(2029, 12, 31);  // the box lay in a cupboard
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
}

TEST(ClockTrust, TheHubsTimeOutranksEnrolmentAndRecords) {
  // Told to this run: it alone decides.
  ClockFacts facts{.now_ms = At(2026, 12, 1),
                   .enrolled_ms = At(2027, 5, 1),
                   .newest_ms = At(2027, 5, 2),
                   .hub_ms = At(2026, 12, 1),
                   .told_ms = At(2026, 12, 1),
                   .hub_now_ms = At(2026, 12, 1, 10)};
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
  facts.now_ms = At(2026, 12, 3);
  EXPECT_EQ(ClockTrouble(facts), "本机时钟是2026-12-03，镇中心是2026-12-01");
  facts.now_ms = At(2026, 11, 30);
  EXPECT_EQ(ClockTrouble(facts), "本机时钟是2026-11-30，镇中心是2026-12-01");
  // Ten minutes apart around midnight.
  facts.now_ms = At(2026, 12, 1, 24) + 60'000;
  facts.hub_now_ms = facts.now_ms - 10 * 60'000;
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
}

TEST(ClockTrust, WhatTheHubToldAnEarlierRunStillCounts) {
  ClockFacts facts{.now_ms = At(2026, 11, 28), .hub_ms = At(2026, 12, 1), .told_ms = At(2026, 12, 1)};
  EXPECT_EQ(ClockTrouble(facts), "本机时钟是2026-11-28，早于镇中心上次告知的2026-12-01");
  facts.now_ms = At(2027, 2, 1);
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
  // It was ahead by a month when it was told, and goes on from there.
  facts.told_ms = At(2027, 1, 1);
  EXPECT_THAT(ClockTrouble(facts), HasSubstr("上次联网时比镇中心快"));
  facts.now_ms = At(2026, 12, 5);  // somebody has set it right
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
  // An enrolment by a clock that was wrong is forgotten.
  facts.enrolled_ms = At(2027, 6, 1);
  EXPECT_THAT(ClockTrouble(facts), IsEmpty());
}

absl::Status Check(std::string_view date, std::string_view today, bool doubtful = false, bool meant = false,
                   bool any_past = false) {
  return CheckPossible({"接待日期", date, today, doubtful, meant, any_past});
}

TEST(ClockTrust, NothingHasHappenedInTheFuture) {
  EXPECT_TRUE(Check("2026-11-30", "2026-11-30").ok());
  const absl::Status future = Check("2026-12-01", "2026-11-30");
  EXPECT_EQ(future.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(future.message(), "接待日期：2026-12-01晚于今天（2026-11-30），还没有到");
  EXPECT_FALSE(Check("2026-12-01", "2026-11-30", false, true).ok()) << "no word makes it possible";
  EXPECT_FALSE(future.GetPayload(kDateToConfirm).has_value());
}

TEST(ClockTrust, AheadOfADoubtfulClockADateIsConfirmed) {
  for (const char* today : {"2010-01-01", "1970-01-01"}) {
    const absl::Status ahead = Check("2026-11-30", today, true);
    EXPECT_EQ(ahead.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(ahead.message()), HasSubstr("--yes"));
    EXPECT_TRUE(ahead.GetPayload(kDateToConfirm).has_value());
    EXPECT_TRUE(Check("2026-11-30", today, true, true).ok());
  }
}

TEST(ClockTrust, MoreThanAYearBackIsConfirmed) {
  EXPECT_TRUE(Check("2025-11-30", "2026-11-30").ok());
  const absl::Status back = Check("2025-11-29", "2026-11-30");
  EXPECT_EQ(back.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(back.message()), HasSubstr("一年以上"));
  EXPECT_TRUE(Check("2025-11-29", "2026-11-30", false, true).ok());
  EXPECT_TRUE(Check("1998-03-05", "2026-11-30", false, false, true).ok()) << "of an old ledger";
  EXPECT_FALSE(Check("2026-02-30", "2026-11-30").ok());
}

}  // namespace
}  // namespace liaison
