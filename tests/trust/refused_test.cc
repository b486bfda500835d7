// What a revoked device still delivers is kept, and a person may accept it.
#include "common/record/json.h"
#include "hub/desk/refused.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/text.h"
#include "common/daemon/metrics.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(LegibleText, IsTheChinesePiecesOfBytes) {
  EXPECT_EQ(LegibleText(""), "");
  EXPECT_EQ(LegibleText("abc\x01\x02"), "");
  EXPECT_EQ(LegibleText(Cat("\x12\x07", "三组水渠", "\xff\xe4", "中", "\x01", "垮了", ",", "要修\xe4\xb8")),
            "三组水渠 垮了 要修");
}

struct Refused : testing::Test {
  Refused() : device(town.EnrolDevice("a", "D057")), station(town.Open("a")) {
    Work(station.get(), "2026-11-19");
    station->uplink()->NotifyCommit();
    EXPECT_TRUE(AwaitSynced(station.get()));
    accepted = town.hub().store()->Have(station->store()->tip()->actor)->seq;
    v1::RevokeNodeRequest request;
    request.set_node_id(device.config.node_id());
    request.set_reason("丢失");
    EXPECT_TRUE(town.hub().registry()->RevokeNode(request).ok());
    EXPECT_TRUE(AwaitError(station.get(), "吊销"));
    Work(station.get(), "2026-11-20");
  }
  // All of the device's log, as a stick or another hub's copy of it brings it.
  sync::Ack Bring(const std::function<void(sync::Range*)>& change = [](sync::Range*) {}) {
    sync::Range range = *station->store()->ReadRange(station->store()->tip()->actor, 1, 1 << 20);
    change(&range);
    return Must(town.hub().store()->ApplyRanges({&range, 1})).front();
  }
  template <typename Response>
  absl::StatusOr<Response> Call(const std::string& method, const google::protobuf::Message& request) {
    absl::StatusOr<std::string> json =
        town.hub().dispatcher().Call("/liaison.v1.HubService/" + method, ToJson(request), {"书记"});
    if (!json.ok()) return json.status();
    Response response;
    EXPECT_TRUE(FromJson(*json, &response).ok());
    return response;
  }
  v1::ListRefusedResponse List() {
    return Must(Call<v1::ListRefusedResponse>("ListRefused", v1::ListRefusedRequest()));
  }
  absl::StatusOr<v1::AcceptRefusedResponse> Accept(const std::string& op, const std::string& node = "") {
    v1::AcceptRefusedRequest request;
    request.set_op(op);
    request.set_node_id(node);
    return Call<v1::AcceptRefusedResponse>("AcceptRefused", request);
  }
  void ExpectSound() {
    Store::Check check = town.hub().store()->Verify();
    EXPECT_TRUE(check.ok()) << check.differences[0];
    EXPECT_TRUE(town.hub().store()->Rebuild().ok());
    EXPECT_TRUE(town.hub().store()->Verify().ok());
  }

  Town town;
  Town::Device device;
  std::unique_ptr<StationNode> station;
  uint64_t accepted = 0;
};

TEST_F(Refused, ARevokedDevicesRecordsAreKeptAndSayWhy) {
  sync::Ack ack = Bring();
  EXPECT_EQ(ack.tip, *station->store()->tip()) << "the log goes on over them";
  ASSERT_EQ(ack.verdicts.size(), ack.tip.seq - accepted) << "what came before the revocation stands";
  EXPECT_EQ(ack.verdicts[0].name.seq, accepted + 1);
  EXPECT_THAT(ack.verdicts[0].reason, HasSubstr("吊销"));
  EXPECT_THAT(ack.verdicts[0].reason, HasSubstr("由镇里采用"));
  v1::ListRefusedResponse list = List();
  ASSERT_EQ(list.ops_size(), static_cast<int>(ack.verdicts.size()));
  const v1::RefusedOp& row = list.ops(0);
  EXPECT_EQ(row.op(), ToText(ack.verdicts[0].name));
  EXPECT_EQ(row.station_id(), "D057");
  EXPECT_EQ(row.node_id(), device.config.node_id());
  EXPECT_EQ(row.wall_time_ms(), town.clock.NowMs());
  EXPECT_EQ(row.record_label(), TypeOf<v1::ReceptionSession>().rules.label());
  EXPECT_THAT(row.reason(), HasSubstr("吊销"));
  EXPECT_TRUE(row.readable());
  EXPECT_THAT(row.words(), HasSubstr("2026-11-20"));
  ExpectSound();
}

TEST_F(Refused, MetricsCountWhatIsRefusedWhileItStands) {
  auto has = [](const auto& node, const std::string& line) {
    Metrics metrics;
    node.AddMetrics(&metrics);
    return metrics.Text().find("\n" + line + "\n") != std::string::npos;
  };
  EXPECT_TRUE(has(town.hub(), "liaison_refused_ops 0"));
  EXPECT_TRUE(has(*station, "liaison_sessions_total{outcome=\"synced\"} 1"));
  Bring();
  const int64_t refused = List().total();
  ASSERT_GE(refused, 1);
  EXPECT_TRUE(has(town.hub(), Cat("liaison_refused_ops ", refused)));
  ASSERT_TRUE(Accept(List().ops(0).op()).ok());
  EXPECT_TRUE(has(town.hub(), Cat("liaison_refused_ops ", refused - 1)));
}

TEST_F(Refused, ABadSignatureOfARevokedDeviceIsNotTakenAtAll) {
  sync::Ack ack = Bring([](sync::Range* range) { range->seal.signature[5] ^= 1; });
  EXPECT_EQ(ack.tip.seq, accepted);
  ASSERT_EQ(ack.verdicts.size(), 1u);
  EXPECT_THAT(ack.verdicts[0].reason, HasSubstr("不是站点"));
  EXPECT_EQ(List().total(), 0);
}

TEST_F(Refused, AnAcceptedRecordStandsAndIsNoLongerToldAsRefused) {
  Bring();
  town.EnrolDevice("b", "D057");
  std::unique_ptr<StationNode> second = town.Open("b");
  ASSERT_TRUE(AwaitSynced(second.get()));
  int refused = static_cast<int>(List().total());
  EXPECT_EQ(second->records()->GetStatus({})->refused(), refused);
  EXPECT_THAT(second->records()->GetStatus({})->refusals(0), HasSubstr("吊销"));

  absl::StatusOr<v1::AcceptRefusedResponse> done = Accept(List().ops(0).op());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->accepted(), 1);
  EXPECT_EQ(List().total(), refused - 1);
  EXPECT_EQ(town.hub().records()->GetStatus({})->refused(), refused - 1);
  second->uplink()->Stop();
  second.reset();
  second = town.Open("b");
  ASSERT_TRUE(AwaitSynced(second.get()));
  EXPECT_EQ(second->records()->GetStatus({})->refused(), refused - 1);
  v1::ListSessionsRequest sessions;
  EXPECT_EQ(second->reception()->ListSessions(sessions)->sessions_size(), 2);
  ExpectSound();
}

TEST_F(Refused, AllOfADeviceButWhatItMayNotSayAnyway) {
  // A thief edits the register of devices, to be let in again.
  v1::Node free;
  free.set_revoked(false);
  free.set_device_name("改名");
  NewOp op = MasterOp(free, device.config.node_id());
  ASSERT_TRUE(station->store()
                  ->Commit(SystemRandom()->Bytes(kActionIdBytes), "x",
                           [&](const StoreReader&) -> absl::StatusOr<Action> {
                             return Action{"贼", {op}, {}, ""};
                           })
                  .ok());
  int64_t all = static_cast<int64_t>(Bring().verdicts.size());
  absl::StatusOr<v1::AcceptRefusedResponse> done = Accept("", device.config.node_id());
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->accepted(), all - 1);
  EXPECT_EQ(done->left(), 1);
  EXPECT_EQ(List().total(), 1);
  EXPECT_THAT(List().ops(0).reason(), HasSubstr("已被吊销"));
  done = Accept("", device.config.node_id());
  EXPECT_EQ(done->accepted(), 0);
  EXPECT_EQ(Bring().verdicts.size(), 1u);
  ExpectSound();
}

TEST_F(Refused, WhatIsNotThereOrNamedWronglyIsSaidInWords) {
  Bring();
  EXPECT_TRUE(absl::IsInvalidArgument(Accept("").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Accept("x", "y").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Accept("D057#1").status()));
  EXPECT_TRUE(absl::IsNotFound(Accept("D057/0123456789abcdef#1~0123456789abcdef").status()));
  EXPECT_TRUE(absl::IsNotFound(Accept("", "N-none").status()));
  EXPECT_THAT(std::string(Accept("", "N-none").status().message()), HasSubstr("没有设备"));
}

}  // namespace
}  // namespace liaison
