#include "station/link/link_pace.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace liaison {
namespace {

// A link of some rate and round trip that answers ranges of what the pace asks for, packed five to one.
struct Simulated {
  LinkPace pace;
  int64_t now_ms = 0;
  double pack_us = 0.03;  // that this machine takes for a plain byte at level 5

  // Sends for a while; returns the most packed bytes that were out at once.
  size_t Send(double bytes_per_second, int64_t round_trip_ms, size_t plain_total, uint64_t cut_after = 0) {
    struct Out {
      size_t packed;
      int64_t answered_ms;
    };
    std::deque<Out> out;
    size_t most = 0, busy = 0;
    uint64_t sent = 0;
    double free_ms = static_cast<double>(now_ms);
    while (plain_total > 0 || !out.empty()) {
      sync::PushLimits limits = pace.limits();
      while (plain_total > 0 && out.size() < limits.ranges_in_flight) {
        size_t plain = std::min(plain_total, limits.range_bytes), packed = plain / 5 + 80;
        plain_total -= plain;
        int level = pace.zip(plain_total).level;
        auto took_us = static_cast<int64_t>(plain * pack_us * (level == 19 ? 14 : level == 12 ? 4 : 1));
        now_ms += took_us / 1000;
        pace.OnRange({plain, packed, took_us, level}, now_ms);
        free_ms = std::max<double>(free_ms, now_ms) + packed / bytes_per_second * 1000;
        out.push_back({packed, static_cast<int64_t>(free_ms) + round_trip_ms});
        busy += packed;
        sent += packed;
        most = std::max(most, busy);
        if (cut_after > 0 && sent > cut_after) {
          pace.OnCut();
          return most;
        }
      }
      now_ms = std::max(now_ms, out.front().answered_ms);
      busy -= out.front().packed;
      out.pop_front();
      pace.OnAnswer(now_ms);
    }
    return most;
  }
};

TEST(LinkPace, AFastLinkGetsLargeRangesAndLightCompression) {
  Simulated link;
  link.pace.OnStart(link.now_ms);
  link.Send(20'000'000, 1, 1 << 20);
  EXPECT_EQ(link.pace.limits().range_bytes, sync::kMaxRangeBytes);
  EXPECT_GE(link.pace.limits().ranges_in_flight, 2u);
  EXPECT_LT(link.pace.zip(1 << 20).level, 9);
}

TEST(LinkPace, ASlowLinkIsKeptBusyAndGetsStrongCompression) {
  Simulated link;
  link.pace.OnStart(link.now_ms);
  link.pace.OnWelcome(link.now_ms += 2'400);
  EXPECT_EQ(link.pace.zip(1 << 20).level, 19) << "a far hub counts as slow";
  int64_t from = link.now_ms;
  constexpr size_t kPlain = 400'000;
  link.Send(8'000, 600, kPlain);
  double packed = kPlain / 5.0 * 1.06, alone = packed / 8'000 * 1000 + 600;
  EXPECT_LT(link.now_ms - from, 1.15 * alone);
  EXPECT_GE(link.pace.zip(1 << 20).level, 15);
  EXPECT_NEAR(link.pace.bytes_per_second(), 8'000, 2'500);
}

TEST(LinkPace, ANearHubIsNotKeptWaitingByTheFirstRanges) {
  LinkPace pace;
  pace.OnStart(1'000);
  EXPECT_EQ(pace.zip(1 << 20).level, 5) << "nothing is known";
  pace.OnWelcome(1'040);
  EXPECT_EQ(pace.zip(1 << 20).level, 5);
}

// What a level costs is this machine's; what it saves is the link's.
TEST(LinkPace, AnOldMachineOnAMiddlingLinkPacksLightly) {
  Simulated quick, old;
  old.pack_us = 1;
  for (Simulated* link : {&quick, &old})
    for (int session = 0; session < 3; ++session) {
      link->pace.OnStart(link->now_ms);
      link->Send(100'000, 60, 1 << 20);
    }
  EXPECT_EQ(quick.pace.zip(1 << 20).level, 19);
  EXPECT_EQ(old.pace.zip(1 << 20).level, 5);
}

TEST(LinkPace, ASlowLinkHasAboutTwoSecondsOnItsWay) {
  Simulated link;
  link.pace.OnStart(link.now_ms);
  link.Send(8'000, 600, 200'000);
  link.pace.OnStart(link.now_ms);
  EXPECT_LE(link.Send(8'000, 600, 2 << 20), 20'000u);
}

TEST(LinkPace, ALinkThatIsCutHasLittleOnItsWay) {
  Simulated link;
  for (int i = 0; i < 6; ++i) {
    link.pace.OnStart(link.now_ms);
    link.Send(8'000, 600, 1 << 20, 16'000);
  }
  link.pace.OnStart(link.now_ms);
  EXPECT_LE(link.Send(8'000, 600, 60'000), 2'500u);
}

TEST(LinkPace, ALinkThatIsLostAtRestIsNotOneThatIsCut) {
  Simulated link;
  link.pace.OnStart(link.now_ms);
  link.Send(200'000, 50, 100'000);
  sync::PushLimits before = link.pace.limits();
  link.pace.OnCut();
  EXPECT_EQ(link.pace.limits().ranges_in_flight, before.ranges_in_flight);
  EXPECT_EQ(link.pace.limits().range_bytes, before.range_bytes);
}

TEST(LinkPace, ALinkThatHasBecomeBetterIsNotHeldDown) {
  Simulated link;
  for (int i = 0; i < 4; ++i) {
    link.pace.OnStart(link.now_ms);
    link.Send(200'000, 50, 1 << 20, 16'000);
  }
  size_t held = link.pace.limits().range_bytes * link.pace.limits().ranges_in_flight;
  link.pace.OnStart(link.now_ms);
  link.Send(200'000, 50, 2 << 20);
  EXPECT_GT(link.pace.limits().range_bytes * link.pace.limits().ranges_in_flight, 2 * held);
}

TEST(LinkPace, TheWindowIsNoLargerThanWhatIsToBeSent) {
  LinkPace pace;
  EXPECT_EQ(pace.zip(10'000'000).window_log, kMaxWindowLog);
  EXPECT_EQ(pace.zip(100'000).window_log, 17);
  EXPECT_EQ(pace.zip(0).window_log, 14);
}

}  // namespace
}  // namespace liaison
