#include "common/base/progress.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/testing/terminal.h"

namespace liaison {
namespace {

TEST(ProgressTest, IsThereWhileTheWorkRuns) {
  EXPECT_TRUE(AllRunningWork().empty());
  {
    ProgressScope index("建立索引", "条", 50'000);
    ProgressScope check("核对原文", "条");
    index.Add(3200);
    const std::vector<RunningWork> all = AllRunningWork();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(ProgressText(all[0]), "建立索引 3200/50000 条");
    EXPECT_GT(all[0].started_ms, 0);
    EXPECT_EQ(ProgressText(all[1]), "核对原文");
    check.Add();
    EXPECT_EQ(ProgressText(AllRunningWork()[1]), "核对原文 1 条");
  }
  EXPECT_TRUE(AllRunningWork().empty());
}

TEST(ProgressTest, ATotalThatWasTooSmallGrows) {
  ProgressScope scope("导入台账", "行", 2);
  scope.Add(5);
  EXPECT_EQ(ProgressText(AllRunningWork()[0]), "导入台账 5/5 行");
}

TEST(ProgressTest, ThreadsCountTogether) {
  ProgressScope scope("核对原文", "条");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&scope] {
      for (int n = 0; n < 1000; ++n) {
        scope.Add();
        ProgressScope short_work("短", "条");
        AllRunningWork();
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(AllRunningWork()[0].done, 4000);
}

TEST(ProgressTest, ATerminalShowsALineAndLosesItAtTheEnd) {
  TerminalOnStandardError terminal;
  ProgressScope scope("建立索引", "条", 50'000);
  {
    ProgressLine line;
    scope.Add(3200);
    EXPECT_TRUE(terminal.Await("正在建立索引 3200/50000 条"));
    scope.Add(100);
    EXPECT_TRUE(terminal.Await("\r\x1b[K正在建立索引 3300/50000 条"));
  }
  EXPECT_TRUE(terminal.Finish().ends_with("条\r\x1b[K"));
}

// A line that wraps would leave its first half on the screen.
TEST(ProgressTest, ALineIsCutToTheWidthOfTheTerminal) {
  TerminalOnStandardError terminal;
  std::vector<RunningWork> work(30, {"重做统计表", "条", 7, 9, 0});
  {
    ProgressLine line([&] { return work; });
    EXPECT_TRUE(terminal.Await("正在重做统计表 7/9 条；正在"));
  }
  const std::string seen = terminal.Finish();
  EXPECT_LT(seen.size(), 3 * 80u);
  EXPECT_EQ(seen.find('\n'), std::string::npos);
}

TEST(ProgressTest, WhereThereIsNoTerminalNothingIsAskedOrWritten) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  const int before = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  absl::Notification asked;
  bool was_asked = false;
  {
    ProgressLine line([&] {
      if (!asked.HasBeenNotified()) asked.Notify();
      return std::vector<RunningWork>{{"核对原文", "条", 1, 2, 0}};
    });
    was_asked = asked.WaitForNotificationWithTimeout(absl::Milliseconds(3 * ProgressLine::kPatienceMs));
  }
  dup2(before, STDERR_FILENO);
  close(before);
  close(ends[1]);
  char byte;
  EXPECT_FALSE(was_asked);
  EXPECT_EQ(read(ends[0], &byte, 1), 0) << "something was written";
  close(ends[0]);
}

}  // namespace
}  // namespace liaison
