// What the hub logs of ops that it does not use.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/synchronization/notification.h"
#include "common/base/log.h"
#include "common/base/text.h"
#include "hub/door/apply_queue.h"
#include "tests/store/fixture.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RefusedLog, HasTheStationAndCountsAndNoReason) {
  testing_store::TempDir dir;
  LogSettings settings;
  settings.folder = dir.path() + "/log";
  settings.name = "hub";
  settings.level = LogLevel::kDebug;
  ProgramLog log(settings);
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> station = town.Open("a");
  Work(station.get(), "2026-11-19");
  station->uplink()->NotifyCommit();
  ASSERT_TRUE(AwaitSynced(station.get()));
  v1::RevokeNodeRequest revoke;
  revoke.set_node_id(device.config.node_id());
  revoke.set_reason("遗失");
  ASSERT_TRUE(town.hub().registry()->RevokeNode(revoke).ok());
  ASSERT_TRUE(AwaitError(station.get(), "吊销"));
  Work(station.get(), "2026-11-20");

  ApplyQueue queue(town.hub().store(), [](const std::string&) {});
  absl::Notification done;
  absl::StatusOr<sync::Ack> ack;
  queue.Submit(Must(station->store()->ReadRange(station->store()->tip()->actor, 1, 1 << 20)),
               [&](absl::StatusOr<sync::Ack> answer) {
                 ack = std::move(answer);
                 done.Notify();
               });
  done.WaitForNotification();
  const size_t refused = Must(std::move(ack)).verdicts.size();
  ASSERT_GT(refused, 0u);
  std::ifstream in(dir.path() + "/log/hub.log");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(text, HasSubstr(Cat("[注意] 站点 D057 送来的操作有 ", refused, " 条没有采用")));
  EXPECT_THAT(text, Not(HasSubstr("由镇里采用才算数"))) << "the reason of a verdict";
}

}  // namespace
}  // namespace liaison
