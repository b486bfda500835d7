// A station that sends more than its budget is read more slowly, and nobody else is.
#include "hub/door/budget.h"

#include "gmock/gmock.h"
#include "tests/sync_rpc/shared_hub.h"
#include "tests/sync_rpc/shared_station.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kHourMs = 3'600'000, kYearMs = 365 * 24 * kHourMs;
constexpr BudgetOptions kThousandAnHour{.bytes_per_hour = 3'600, .burst_bytes = 100};  // a byte a second

TEST(TokenBucket, GivesTheBurstAtOnceAndThenTheRate) {
  TokenBucket bucket(kThousandAnHour, 0);
  EXPECT_EQ(bucket.Take(60, 0), 0);
  EXPECT_EQ(bucket.Take(40, 0), 0);
  EXPECT_FALSE(bucket.full());
  EXPECT_EQ(bucket.Take(1, 0), 1'000);
  EXPECT_EQ(bucket.Take(9, 0), 10'000);
  EXPECT_EQ(bucket.Take(0, 4'000), 6'000);
  EXPECT_EQ(bucket.Take(0, 10'000), 0);
  EXPECT_EQ(bucket.Take(5, 15'000), 0);
  EXPECT_EQ(bucket.Take(1, 15'000), 1'000);
}

TEST(TokenBucket, HoldsNoMoreThanTheBurstHoweverLongItRested) {
  TokenBucket bucket(kThousandAnHour, 0);
  EXPECT_EQ(bucket.Take(100, 0), 0);
  EXPECT_EQ(bucket.Take(0, kYearMs), 0);
  EXPECT_TRUE(bucket.full());
  EXPECT_EQ(bucket.Take(101, kYearMs), 1'000);
}

TEST(TokenBucket, AClockThatGoesBackGivesNothingAndTakesNothing) {
  TokenBucket bucket(kThousandAnHour, kYearMs);
  EXPECT_EQ(bucket.Take(110, kYearMs), 10'000);
  EXPECT_EQ(bucket.Take(0, 0), 10'000);
  EXPECT_EQ(bucket.Take(0, 4'000), 6'000);
}

TEST(StationBudget, IsOfEachStationAndTellsWhoIsSlowed) {
  ManualClock clock;
  StationBudget budget(kThousandAnHour, &clock);
  EXPECT_EQ(budget.Charge("D057", 0), 0);
  EXPECT_EQ(budget.Charge("D057", 105), 5'000);
  EXPECT_EQ(budget.Charge("D058", 100), 0);
  EXPECT_THAT(budget.Slowed(), ElementsAre("D057"));
  clock.Advance(5'000);
  EXPECT_THAT(budget.Slowed(), IsEmpty());
  EXPECT_EQ(budget.Charge("D057", 0), 0);
  EXPECT_EQ(budget.Charge("D057", 1'000'000), kLongestWaitMs) << "a live stream always makes progress";
}

// Reads that wait, until the test lets them go on.
class Waits {
 public:
  std::function<void(int64_t, std::function<void()>)> Later() {
    return [this](int64_t ms, std::function<void()> done) {
      EXPECT_GT(ms, 0);
      absl::MutexLock lock(&mutex_);
      waiting_.push_back(std::move(done));
      ++count_;
    };
  }
  bool AwaitOne() {
    absl::MutexLock lock(&mutex_);
    auto some = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !waiting_.empty(); };
    return mutex_.AwaitWithTimeout(absl::Condition(&some), kSoon);
  }
  void LetOneGo() {
    std::function<void()> done;
    {
      absl::MutexLock lock(&mutex_);
      done = std::move(waiting_.front());
      waiting_.pop_front();
    }
    done();
  }
  size_t count() {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

 private:
  absl::Mutex mutex_;
  std::deque<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t count_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST(BudgetOverASocket, TheSlowedStationArrivesWholeAndAnotherOneDoesNotWait) {
  constexpr size_t kOps = 600;  // some ranges of 64 KB
  Waits waits;
  ManualClock clock;  // it stands still: what is in debt stays in debt
  StationBudget budget({.bytes_per_hour = 1 << 20, .burst_bytes = 100 << 10}, &clock);
  SharedHub hub;
  hub.Admit("D057");
  hub.Admit("D058");
  SyncServiceOptions options;
  options.budget = &budget;
  options.later = waits.Later();
  std::unique_ptr<SyncService> service = Serve(&hub, options);
  SharedStation heavy("D057"), light("D058");
  for (size_t i = 0; i < kOps; ++i) heavy.Commit(Cat(std::string(500, 'x'), i));
  std::unique_ptr<Uplink> first = Connect(service->port(), &heavy);
  ASSERT_TRUE(waits.AwaitOne());
  EXPECT_THAT(budget.Slowed(), ElementsAre("D057"));

  for (size_t i = 0; i < 20; ++i) light.Commit(Cat("路灯", i), 5'000);
  std::unique_ptr<Uplink> second = Connect(service->port(), &light);
  ASSERT_TRUE(AwaitSynced(*second)) << second->state().last_error;
  EXPECT_EQ(hub.OpsOf("D058"), 20u);
  EXPECT_LT(hub.OpsOf("D057"), kOps);
  EXPECT_FALSE(first->state().synced);
  EXPECT_EQ(waits.count(), 1u) << "only the heavy one has waited";

  while (hub.OpsOf("D057") < kOps) {
    ASSERT_TRUE(waits.AwaitOne());
    waits.LetOneGo();
  }
  EXPECT_EQ(first->state().attempts, 1u) << "it was slowed, not refused";
  EXPECT_EQ(first->state().last_error, "");
  EXPECT_GE(waits.count(), 2u);
}

TEST(BudgetOverASocket, TheHubsOwnAlarmLetsItGoOn) {
  ManualClock clock;
  StationBudget budget({.bytes_per_hour = int64_t{1} << 40, .burst_bytes = 1}, &clock);  // in debt at once, for a ms
  SharedHub hub;
  hub.Admit("D057");
  SyncServiceOptions options;
  options.budget = &budget;
  std::unique_ptr<SyncService> service = Serve(&hub, options);
  SharedStation station("D057");
  for (size_t i = 0; i < 400; ++i) station.Commit(Cat(std::string(500, 'x'), i));
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(AwaitSynced(*uplink)) << uplink->state().last_error;
  EXPECT_EQ(hub.OpsOf("D057"), 400u);
  EXPECT_EQ(uplink->state().attempts, 1u);
  EXPECT_THAT(budget.Slowed(), ElementsAre("D057"));
}

}  // namespace
}  // namespace liaison
