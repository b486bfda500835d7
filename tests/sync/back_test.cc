// A hub that has lost something, and what a station does of its own accord so that it comes back.
#include <algorithm>

#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_sync.h"

namespace liaison::fake {
namespace {

// All of this log was acknowledged; the hub was restored, and has since got the other branch of a process that was
// resumed twice. It has as many ops under these numbers, and none of these.
TEST(Back, WhatTheHubHasOfAnotherBranchIsNotTakenForOurs) {
  uint64_t actors = 0;
  FakeStation station("D057", "n");
  for (int i = 0; i < 3; ++i) station.Commit(Cat("t", i), {"p"}, &actors);
  Actor actor = station.disk.order.back();
  station.disk.own.at(actor).acked = 3;
  sync::StationSession session(&station);
  session.Start();
  sync::Welcome welcome;
  welcome.epoch = std::string(16, 'e');
  welcome.verdict = sync::TipVerdict::kHave;
  welcome.have = sync::Tip{actor, 3, Sha256("the other branch")};
  std::optional<uint64_t> lowered, sent;
  for (const sync::Effect& effect : session.OnMessage(welcome)) {
    if (const auto* record = std::get_if<sync::RecordAck>(&effect)) lowered = record->ack.tip.seq;
    const auto* send = std::get_if<sync::Send>(&effect);
    const auto* range = send == nullptr ? nullptr : std::get_if<sync::Range>(&send->message);
    if (range != nullptr && !sent) sent = range->first;
  }
  EXPECT_EQ(lowered, 0u);
  EXPECT_EQ(sent, 1u);
}

// What is abandoned is offered in every session until the hub says, by the mark on its disk, that it has it all.
TEST(Back, WhatIsAbandonedIsOfferedUntilTheHubHasIt) {
  uint64_t actors = 0;
  FakeHub hub;
  hub.subscriptions["D057"] = {"p"};
  FakeStation station("D057", "n");
  hub.Commit("p", "first", &actors);
  FakeHub::Disk backup = hub.disk;
  hub.Commit("p", "second", &actors);
  std::vector<std::string> log;
  auto sync = [&] {
    log.clear();
    Link link("box", &station, &hub, [&](const std::string& line) { log.push_back(line); });
    EXPECT_TRUE(link.Run());
    return std::count_if(log.begin(), log.end(),
                         [](const std::string& line) { return line.find("takes offer") != std::string::npos; });
  };
  EXPECT_EQ(sync(), 0);
  // The session that went back was cut before it could offer anything.
  const Feed& feed = station.disk.feeds.at("p");
  ASSERT_TRUE(station.Rewind({"p", feed.epoch, 1, feed.prefixes[1]}).ok());
  hub.Restore(backup, std::string(16, 'e'));
  EXPECT_EQ(sync(), 1);
  EXPECT_EQ(hub.disk.ops.size(), 2u) << "the second is back";
  EXPECT_EQ(sync(), 0);
  hub.Restore(backup, std::string(16, 'f'));  // and the mark goes with what it is about
  EXPECT_GE(sync(), 1);
  EXPECT_EQ(hub.disk.ops.size(), 2u);
}

}  // namespace
}  // namespace liaison::fake
