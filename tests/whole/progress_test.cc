#include "common/base/progress.h"

#include <gtest/gtest.h>

#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

std::string TextOf(const v1::GetStatusResponse& status, const std::string& what) {
  for (const v1::RunningWork& work : status.work())
    if (work.what() == what) return ProgressText({work.what(), work.unit(), work.done(), work.total(), 0});
  return "";
}

TEST(ProgressTest, TheStatusTellsWhatRunsAndNoLonger) {
  Township town(1);
  {
    ProgressScope scope("核对原文", "条", 5);
    scope.Add(2);
    const v1::GetStatusResponse status = Must(town.hub().records()->GetStatus({}));
    EXPECT_EQ(TextOf(status, "核对原文"), "核对原文 2/5 条");
    EXPECT_GT(status.work(0).started_ms(), 0);
  }
  EXPECT_EQ(TextOf(Must(town.hub().records()->GetStatus({})), "核对原文"), "");
}

}  // namespace
}  // namespace liaison
