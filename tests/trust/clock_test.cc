// A device's clock beside the hub's, over a real link.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Clocks, TheHubListsTheSkewOfEachDeviceAndTheDeviceKnowsItsOwn) {
  Town town;
  const Town::Device fast = town.EnrolDevice("fast", "D057"), right = town.EnrolDevice("right", "D058");
  SetClock ahead(kNow + 3 * kDayMs);
  std::unique_ptr<StationNode> one = town.Open("fast", &ahead), other = town.Open("right");
  ASSERT_TRUE(AwaitSynced(one.get()));
  ASSERT_TRUE(AwaitSynced(other.get()));
  absl::StatusOr<v1::ListNodesResponse> nodes = town.hub().registry()->ListNodes({});
  ASSERT_TRUE(nodes.ok());
  std::map<std::string, int64_t> skew;
  for (const v1::NodeClock& clock : nodes->clocks()) skew[clock.node_id()] = clock.ahead_ms();
  EXPECT_EQ(skew, (std::map<std::string, int64_t>{{fast.config.node_id(), 3 * kDayMs}, {right.config.node_id(), 0}}));
  EXPECT_THAT(one->records()->GetStatus({})->clock().trouble(), HasSubstr("镇中心是"));
  EXPECT_EQ(one->records()->GetStatus({})->clock().ahead_ms(), 3 * kDayMs);
  EXPECT_THAT(other->records()->GetStatus({})->clock().trouble(), IsEmpty());
}

}  // namespace
}  // namespace liaison
