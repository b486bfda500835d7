#include "station/link/slice_pace.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/attachments/partial.h"

namespace liaison {
namespace {

struct Slow {
  double bytes_per_ms;
  int64_t round_trip_ms;
  int64_t Took(size_t bytes) const { return round_trip_ms + static_cast<int64_t>(bytes / bytes_per_ms); }
};

TEST(SlicePace, ARecordNeverWaitsLongBehindASliceOnASlowLink) {
  for (Slow link : {Slow{8, 600}, Slow{8, 50}, Slow{4, 1'000}, Slow{125, 40}}) {
    SlicePace pace;
    size_t moved = 0;
    int64_t took = 0;
    for (int i = 0; i < 100; ++i) {
      size_t bytes = pace.bytes();
      EXPECT_LE(bytes / link.bytes_per_ms, 2'100) << link.bytes_per_ms;
      int64_t one = link.Took(bytes);
      pace.OnAnswer(bytes, one);
      moved += bytes;
      took += one;
    }
    // And the link is not left lying: most of a turn is transfer.
    EXPECT_GE(moved / (took * link.bytes_per_ms), link.round_trip_ms >= 1'000 ? 0.4 : 0.6);
  }
}

TEST(SlicePace, AFastLinkCarriesWholePiecesSoon) {
  SlicePace pace;
  int slices = 0;
  for (; pace.bytes() < kPieceBytes && slices < 10; ++slices) pace.OnAnswer(pace.bytes(), 3);
  EXPECT_EQ(slices, 3);
  EXPECT_EQ(pace.bytes(), kPieceBytes);
}

TEST(SlicePace, ALinkThatBecomesSlowIsFollowedAndTheEndOfAPieceMisleadsNobody) {
  SlicePace pace;
  while (pace.bytes() < kPieceBytes) pace.OnAnswer(pace.bytes(), 3);
  pace.OnAnswer(100, 600);  // a few bytes behind a long way
  EXPECT_EQ(pace.bytes(), kPieceBytes);
  Slow link{8, 600};
  for (int i = 0; i < 4; ++i) pace.OnAnswer(pace.bytes(), link.Took(pace.bytes()));
  EXPECT_LE(pace.bytes(), 16'000u);
  pace = SlicePace();
  while (pace.bytes() < kPieceBytes) pace.OnAnswer(pace.bytes(), 3);
  pace.OnStart();
  EXPECT_EQ(pace.bytes(), 8'192u);
  size_t before = pace.bytes();
  pace.OnLoss();
  EXPECT_EQ(pace.bytes(), before / 2);
  for (int i = 0; i < 20; ++i) pace.OnLoss();
  EXPECT_GE(pace.bytes(), 1'024u);
  EXPECT_LE(pace.bytes(), 2'048u);
  pace.OnStart();
  EXPECT_LE(pace.bytes(), 2'048u);
}

}  // namespace
}  // namespace liaison
