// What a command says of long work: in the status, and on a terminal while its call lasts.
#include <gmock/gmock.h>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "tests/cli/fixture.h"
#include "tests/testing/terminal.h"

namespace liaison::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ProgressTest : public CliTest {
 protected:
  static v1::GetStatusResponse Busy() {
    v1::GetStatusResponse status = StationStatus();
    v1::RunningWork& work = *status.add_work();
    work.set_what("核对原文");
    work.set_unit("条");
    work.set_done(3200);
    work.set_total(50'000);
    return status;
  }
};

TEST_F(ProgressTest, TheStatusHasARowForIt) {
  MakeStation();
  FakeDaemon daemon;
  daemon.Add("RecordService/GetStatus", Busy());
  daemon.Start(dir_);
  Outcome outcome = Run({"status", "--data", dir_});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("正在"));
  EXPECT_THAT(outcome.out, HasSubstr("核对原文 3200/50000 条"));
}

TEST_F(ProgressTest, ACallThatTakesLongShowsOnATerminalWhatTheDaemonIsAt) {
  MakeStation();
  FakeDaemon daemon;
  absl::Notification seen;
  v1::VerifyResponse verified;
  verified.set_ok(true);
  verified.set_summary("重新计算与现有数据一致");
  daemon.Add("RecordService/GetStatus", Busy());
  daemon.Add("RecordService/Verify", [&](const std::string&) {
    seen.WaitForNotificationWithTimeout(absl::Seconds(20));
    return ToJson(verified);
  });
  daemon.Start(dir_);
  TerminalOnStandardError terminal;
  bool shown = false;
  std::thread reader([&] {
    shown = terminal.Await("正在核对原文 3200/50000 条");
    seen.Notify();
  });
  Outcome outcome = Run({"verify", "--data", dir_});
  reader.join();
  EXPECT_TRUE(shown);
  EXPECT_TRUE(terminal.Finish().ends_with("\r\x1b[K"));
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "重新计算与现有数据一致\n");
  EXPECT_THAT(outcome.err, Not(HasSubstr("核对原文")));
}

}  // namespace
}  // namespace liaison::cli
