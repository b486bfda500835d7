#include "common/base/repeater.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <utility>

#include "absl/synchronization/notification.h"

namespace liaison {
namespace {

TEST(Repeater, GoesOnUntilItIsTakenAway) {
  absl::Mutex mutex;
  int times = 0;
  auto held = std::make_shared<bool>(true);  // by the task
  std::weak_ptr<bool> task = held;
  {
    Repeater repeater(absl::Milliseconds(1), [&, held = std::move(held)] {
      absl::MutexLock lock(&mutex);
      ++times;
    });
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(
                                           +[](int* n) { return *n >= 3; }, &times),
                                       absl::Seconds(60)));
    EXPECT_FALSE(task.expired());
  }
  EXPECT_TRUE(task.expired()) << "it can run again";
}

TEST(Repeater, BeginsAtOnceAndItsEndDoesNotWaitForThePause) {
  std::atomic<int> times = 0;
  absl::Notification begun;
  {
    Repeater repeater(absl::Hours(24), [&] {
      ++times;
      begun.Notify();
    });
    begun.WaitForNotification();
  }
  EXPECT_EQ(times, 1);
}

TEST(Repeater, ItsEndWaitsForTheTask) {
  absl::Notification begun, leave;
  std::atomic<bool> done = false;
  std::thread opener;
  {
    Repeater repeater(absl::Hours(24), [&] {
      begun.Notify();
      leave.WaitForNotification();
      done = true;
    });
    begun.WaitForNotification();
    opener = std::thread([&] { leave.Notify(); });
  }
  EXPECT_TRUE(done);
  opener.join();
}

}  // namespace
}  // namespace liaison
