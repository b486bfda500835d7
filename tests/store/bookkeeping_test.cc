// What the exchange, readers and pages keep for themselves (receipts, cursors, marks) is no op and enters no record.
#include <gtest/gtest.h>

#include "common/store/keys.h"
#include "tests/store/fixture.h"

namespace liaison {
namespace {

using testing_store::Node;

std::map<std::string, std::string> Records(const Node& node) {
  std::map<std::string, std::string> records;
  for (std::string_view table : {std::string_view(key::kOp), std::string_view(key::kAggregate)})
    records.merge(node.Dump(table));
  return records;
}

TEST(Bookkeeping, EntersNoVectorAndNoLog) {
  Node station("HK-D001", 1), hub(Node::kHub, 2);
  for (int i = 0; i < 5; ++i) station.NewMatter("HK-D001", "水渠");
  const auto written = Records(station);
  testing_store::PushUp(&station, &hub);
  const auto taken = Records(hub);
  EXPECT_EQ(taken, written);

  for (int day = 0; day < 3; ++day) {
    station.clock.Advance(86'400'000);
    testing_store::PushUp(&station, &hub);                                        // receipts
    testing_store::PullDown(&station, &hub, "point:HK-D001");                     // cursors
    ASSERT_TRUE(station.store->PutMeta("last-login", std::to_string(day)).ok());  // what a daemon notes
    ASSERT_TRUE(hub.store->PutMeta("last-seen", std::to_string(day)).ok());
    for (const Store::OwnLog& log : station.store->OwnLogs()) {
      sync::Ack again;
      again.epoch = hub.store->epoch();
      again.tip = {log.actor, log.last_seq, log.head};
      ASSERT_TRUE(station.store->RecordAck(again).ok());
    }
    for (Node* node : {&station, &hub}) {
      EXPECT_TRUE(node->store->Verify().ok());
      node->Open();  // a start
    }
  }
  EXPECT_EQ(Records(station), written);
  EXPECT_EQ(Records(hub), taken);
}

}  // namespace
}  // namespace liaison
