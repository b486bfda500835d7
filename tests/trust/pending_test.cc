// A device that waits: it has a code, and nothing else before a person at the hub has compared six digits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/invitation.h"
#include "hub/door/waiting.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A town whose station D057 has a device at work.
struct Boxes {
  Boxes() { town.EnrolDevice("a", "D057"); }

  Registry* hub() { return town.hub().registry(); }
  // A box tries; what it shows is noted.
  absl::Status Try(const std::string& folder, const std::string& code) {
    EnrolByCode options;
    options.dir = town.Dir(folder);
    options.code = code;
    options.hub_address = town.address();
    options.device_name = "新电脑";
    options.wait = [this](const std::string& digits) {
      shown = digits;
      return false;
    };
    return Enrol(options).status();
  }
  absl::StatusOr<v1::ConfirmDeviceResponse> Confirm(const std::string& node, const std::string& digits) {
    v1::ConfirmDeviceRequest request;
    request.set_node_id(node);
    request.set_digits(digits);
    request.set_user("王主任");
    return hub()->ConfirmDevice(request);
  }
  absl::Status Revoke(const std::string& node) {
    v1::RevokeNodeRequest request;
    request.set_node_id(node);
    request.set_reason("丢失");
    return hub()->RevokeNode(request).status();
  }
  std::vector<v1::PendingDevice> All() {
    const v1::ListNodesResponse response = Must(hub()->ListNodes({}));
    return {response.pending().begin(), response.pending().end()};
  }
  int Nodes() { return Must(hub()->ListNodes({})).nodes_size(); }

  Town town;
  std::string shown;
};

class Pending : public testing::Test, protected Boxes {};

TEST(Enrol, ASecondDeviceWaits) {
  Boxes boxes;
  Town& town = boxes.town;
  std::string& shown = boxes.shown;
  const std::string code = town.Invite("D057");
  const absl::Status waits = boxes.Try("b", code);
  EXPECT_TRUE(absl::IsFailedPrecondition(waits)) << waits;
  EXPECT_EQ(boxes.Nodes(), 1) << "no node, so no certificate, no feed and no key";
  EXPECT_FALSE(std::filesystem::exists(town.Dir("b") + "/station.json"));
  EXPECT_FALSE(std::filesystem::exists(town.Dir("b") + "/certificate.der"));
  ASSERT_EQ(boxes.All().size(), 1u);
  const v1::PendingDevice pending = boxes.All()[0];
  EXPECT_EQ(pending.digits(), shown) << "reckoned on either side";
  EXPECT_EQ(shown.size(), 6u);
  EXPECT_EQ(pending.station_id(), "D057");
  EXPECT_EQ(pending.device_name(), "新电脑");
  EXPECT_THAT(pending.why(), HasSubstr("已有在用的设备"));
  // It asks again, and is told the same.
  shown.clear();
  EXPECT_TRUE(absl::IsFailedPrecondition(boxes.Try("b", code)));
  EXPECT_EQ(shown, pending.digits());
  EXPECT_EQ(boxes.All().size(), 1u);
  // Its own certificate opens nothing else.
  const KeyPair key = Must(LoadKeyPair(KeyPath(town.Dir("b"))));
  const auto channel = ChannelAs(town.address(), DeviceIdentity(key, ""));
  EXPECT_EQ(CallRaw(channel.get(), kExchangeMethod).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(CallRaw(channel.get(), kRenewMethod).error_code(), grpc::StatusCode::UNAUTHENTICATED);

  const v1::ConfirmDeviceResponse confirmed = Must(boxes.Confirm(pending.node_id(), shown));
  EXPECT_EQ(confirmed.node().node_id(), pending.node_id());
  EXPECT_EQ(confirmed.node().block(), "b");
  EXPECT_TRUE(boxes.All().empty());
  Must(boxes.Try("b", code));
  EXPECT_TRUE(AwaitSynced(town.Open("b").get()));
  EXPECT_TRUE(boxes.Confirm(pending.node_id(), shown).ok()) << "a second click changes nothing";
  EXPECT_EQ(boxes.Nodes(), 2);
}

TEST_F(Pending, OtherDigitsLetNobodyIn) {
  const std::string code = town.Invite("D057");
  EXPECT_FALSE(Try("b", code).ok());
  const std::string node = All()[0].node_id();
  std::string wrong = shown;
  wrong[5] = wrong[5] == '0' ? '1' : '0';
  for (const std::string& digits : {wrong, std::string(), std::string("000000000"), shown + "0"}) {
    const absl::Status status = Confirm(node, digits).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << digits << " " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("核对数字"));
  }
  EXPECT_TRUE(absl::IsNotFound(Confirm("N-0", shown).status()));
  EXPECT_EQ(Nodes(), 1);
  EXPECT_TRUE(Confirm(node, Cat(shown.substr(0, 3), " ", shown.substr(3))).ok()) << "as it is shown";
}

TEST_F(Pending, ARefusedOneIsToldAndNeedsAnotherInvitation) {
  const std::string code = town.Invite("D057");
  EXPECT_FALSE(Try("b", code).ok());
  const std::string node = All()[0].node_id();
  Must(Revoke(node));
  EXPECT_TRUE(All().empty());
  EXPECT_TRUE(absl::IsFailedPrecondition(Confirm(node, shown).status()));
  const absl::Status refused = Try("b", code);
  EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("没有同意"));
  EXPECT_EQ(Nodes(), 1);
  const std::string first = shown;
  EXPECT_TRUE(absl::IsFailedPrecondition(Try("b", town.Invite("D057"))));
  EXPECT_NE(shown, first) << "it begins anew, with another nonce";
}

TEST_F(Pending, AStolenBoxLeavesVisitorsAndSoTheNextOneWaits) {
  std::unique_ptr<StationNode> station = town.Open("a");
  LogVisitor(station.get(), "2026-11-20", "张三丰", "13900001111");
  ASSERT_TRUE(AwaitSynced(station.get()));
  const std::string stolen = station->config().node_id();
  station.reset();
  v1::RevokeNodeRequest request;
  request.set_node_id(stolen);
  request.set_reason("被盗");
  EXPECT_EQ(Must(hub()->RevokeNode(request)).held_visitors(), 1);
  v1::ListHeldByRequest ask;
  ask.set_node_id(stolen);
  const v1::ListHeldByResponse held = Must(hub()->ListHeldBy(ask));
  ASSERT_EQ(held.visitors_size(), 1);
  EXPECT_EQ(held.total(), 1);
  EXPECT_EQ(held.visitors(0).station_id(), "D057");
  EXPECT_THAT(held.visitors(0).name(), HasSubstr("张"));
  EXPECT_THAT(held.visitors(0).name(), Not(HasSubstr("三丰")));
  EXPECT_TRUE(absl::IsFailedPrecondition(Try("b", town.Invite("D057"))));
  EXPECT_THAT(All()[0].why(), HasSubstr("选民的信息"));
  // A fresh station is let in by its code alone.
  Must(Try("c", town.Invite("D058")));
}

TEST_F(Pending, TwoThatComeAtOnceDoNotBothCountAsTheFirst) {
  Town fresh;
  const std::vector<std::string> codes = {fresh.Invite("D058"), fresh.Invite("D058")};
  std::vector<int> let_in(2);
  std::vector<std::thread> boxes;
  for (size_t i = 0; i < 2; ++i)
    boxes.emplace_back([&, i] { let_in[i] = fresh.Enrol(Cat("box", i), codes[i]).ok() ? 1 : 0; });
  for (std::thread& box : boxes) box.join();
  EXPECT_EQ(let_in[0] + let_in[1], 1);
  EXPECT_EQ(Must(fresh.hub().registry()->ListNodes({})).pending_size(), 1);
}

TEST_F(Pending, AProgramWithoutDigitsIsToldThemInWords) {
  // As 0.4.0 asks: it knows no waiting, and shows what the hub says.
  const absl::Status status = town.Enrol("b", town.Invite("D057")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(SpacedDigits(All()[0].digits())));
  EXPECT_THAT(std::string(status.message()), HasSubstr("请打电话给镇里"));
}

TEST_F(Pending, ABoxThatAsksAgainIsLetInWhenItIsConfirmed) {
  EnrolByCode options;
  options.dir = town.Dir("b");
  options.code = town.Invite("D057");
  options.hub_address = town.address();
  int asked = 0;
  options.wait = [&](const std::string& digits) {
    if (++asked == 2) EXPECT_TRUE(Confirm(All()[0].node_id(), digits).ok());
    return asked < 10;
  };
  EXPECT_TRUE(Enrol(options).ok());
  EXPECT_EQ(asked, 2);
}

TEST(WaitingList, SurvivesARestartAndForgetsAfterAMonth) {
  Town town;
  v1::WaitingDevice asked;
  asked.set_public_key("key");
  asked.set_invitation_id("i");
  asked.set_station_id("D057");
  const v1::WaitingDevice first = Must(WaitingDevices(town.hub().store()).Note(asked));
  EXPECT_EQ(Must(WaitingDevices(town.hub().store()).Note(asked)).nonce(), first.nonce());
  town.clock.Advance(31 * kDayMs);
  asked.set_public_key("another");
  Must(WaitingDevices(town.hub().store()).Note(asked));
  std::vector<std::string> keys;
  for (const v1::WaitingDevice& one : WaitingDevices(town.hub().store()).List()) keys.push_back(one.public_key());
  EXPECT_THAT(keys, ElementsAre("another"));
}

TEST(EnrolDigitsAre, OfAllThreeParts) {
  const std::string digits = EnrolDigits("key", "authority", "nonce");
  EXPECT_EQ(digits.size(), 6u);
  EXPECT_NE(EnrolDigits("key2", "authority", "nonce"), digits);
  EXPECT_NE(EnrolDigits("key", "authority2", "nonce"), digits);
  EXPECT_NE(EnrolDigits("key", "authority", "nonce2"), digits);
  EXPECT_NE(EnrolDigits("keya", "uthority", "nonce"), digits) << "where one ends is part of it";
  EXPECT_EQ(SpacedDigits("012345"), "012 345");
}

}  // namespace
}  // namespace liaison
