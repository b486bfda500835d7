// Enrolment by code, over real TLS sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/invitation.h"
#include "hub/door/invitations.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "tests/trust/town.h"
#include "tests/trust/wire.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(EnrolByCode, MakesAStationThatDelivers) {
  Town town;
  absl::StatusOr<v1::StationConfig> config = town.Enrol("a", town.Invite("D057"));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->station_id(), "D057");
  EXPECT_EQ(config->authority(), town.authority().certificate);
  absl::StatusOr<Certificate> certificate = ReadCertificate(town.Dir("a"));
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_EQ(certificate->name, (DeviceName{"D057", config->node_id()}));
  EXPECT_EQ(certificate->not_after_ms, kNow + kCertificateDays * kDayMs);
  std::unique_ptr<StationNode> station = town.Open("a");
  Work(station.get(), "2026-11-20");
  ASSERT_TRUE(AwaitSynced(station.get())) << station->uplink()->state().last_error;
  EXPECT_TRUE(town.hub().store()->Have(station->store()->tip()->actor).has_value());
}

TEST(EnrolByCode, AFolderAnswersTheSameWhenItComesAgain) {
  Town town;
  std::string code = town.Invite("D057");
  absl::StatusOr<v1::StationConfig> first = town.Enrol("a", code);
  ASSERT_TRUE(first.ok()) << first.status();
  // All that an interruption can leave behind: the key alone, and everything but station.json.
  for (const char* lost : {"station.json", "certificate.der", "enrolment"}) {
    std::filesystem::remove(town.Dir("a") + "/" + lost);
    town.clock.Advance(1000 * kHourMs);  // a used code does not expire for the device that used it
    absl::StatusOr<v1::StationConfig> again = town.Enrol("a", code);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->node_id(), first->node_id());
    EXPECT_EQ(again->block(), first->block());
  }
  EXPECT_EQ(town.hub().registry()->ListNodes({})->nodes_size(), 1);
  EXPECT_TRUE(AwaitSynced(town.Open("a").get()));
}

TEST(EnrolByCode, ASecondDeviceHasANodeAndABlockOfItsOwn) {
  Town town;
  Town::Device first = town.EnrolDevice("a", "D057"), second = town.EnrolDevice("b", "D057");
  EXPECT_NE(first.config.node_id(), second.config.node_id());
  EXPECT_EQ(first.config.block(), "");
  EXPECT_EQ(second.config.block(), "b");
}

TEST(EnrolByCode, AWrongCodeMakesNothing) {
  Town town;
  std::string code = town.Invite("D057");
  InviteCode wrong = *ParseCode(code);
  wrong.secret[3] = static_cast<char>(wrong.secret[3] ^ 1);
  absl::Status status = town.Enrol("a", TypedCode(wrong)).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("邀请码不对"));
  code.back() = code.back() == 'A' ? 'B' : 'A';
  EXPECT_TRUE(absl::IsInvalidArgument(town.Enrol("a", code).status()));
  EXPECT_EQ(town.hub().registry()->ListNodes({})->nodes_size(), 0);
  EXPECT_FALSE(std::filesystem::exists(town.Dir("a") + "/station.json"));
}

TEST(EnrolByCode, AUsedCodeIsNoGoodForAnotherDevice) {
  Town town;
  std::string code = town.Invite("D057");
  ASSERT_TRUE(town.Enrol("a", code).ok());
  absl::Status status = town.Enrol("b", code).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("用过"));
  EXPECT_EQ(town.hub().registry()->ListNodes({})->nodes_size(), 1);
}

TEST(EnrolByCode, AnExpiredCodeIsNoGood) {
  Town town;
  std::string code = town.Invite("D057", 24);
  town.clock.Advance(24 * kHourMs);
  absl::Status status = town.Enrol("a", code).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("过期"));
  town.clock.Advance(-1);
  EXPECT_TRUE(town.Enrol("a", code).ok());
}

TEST(EnrolByCode, AWithdrawnCodeIsNoGood) {
  Town town;
  std::string code = town.Invite("D057");
  v1::WithdrawInvitationRequest request;
  request.set_id(town.hub().registry()->ListInvitations({})->invitations(0).id());
  ASSERT_TRUE(town.hub().registry()->WithdrawInvitation(request).ok());
  absl::Status status = town.Enrol("a", code).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("撤回"));
  EXPECT_EQ(town.hub().registry()->ListInvitations({})->invitations(0).state(), v1::INVITATION_WITHDRAWN);
}

TEST(EnrolByCode, TheHubKeepsNoCode) {
  Town town;
  std::string secret = ParseCode(town.Invite("D057"))->secret;
  std::optional<std::string> kept = town.hub().store()->GetMeta("invitations");
  ASSERT_TRUE(kept.has_value());
  EXPECT_EQ(kept->find(secret), std::string::npos);
}

TEST(Enrol, TheRightCodeWorksWhileWrongOnesAreTried) {
  Town town;
  InviteCode right = *ParseCode(town.Invite("D057"));
  InviteCode wrong = right;
  for (int i = 0; i < 10; ++i) {
    wrong.secret[0] = static_cast<char>(right.secret[0] ^ (i + 1));
    ASSERT_TRUE(absl::IsUnauthenticated(town.Enrol("a", TypedCode(wrong)).status())) << i;
  }
  EXPECT_TRUE(absl::IsResourceExhausted(town.Enrol("a", TypedCode(wrong)).status()));
  EXPECT_TRUE(town.Enrol("a", TypedCode(right)).ok());
  Invitations invitations(town.hub().store());  // from a hundred addresses
  const std::string other = ParseCode(town.Invite("D058"))->secret;
  for (int i = 0; i < 1500; ++i) {
    absl::Status status = invitations.Find(Cat("wrong", i), "key", Cat("10.0.0.", i % 100)).status();
    EXPECT_EQ(absl::IsResourceExhausted(status), i >= 1000) << i << " " << status;
  }
  EXPECT_TRUE(invitations.Find(other, "key", "10.0.0.7").ok());
  EXPECT_TRUE(invitations.Find(other, "key", "10.9.9.9").ok());
  town.clock.Advance(60'000);
  EXPECT_TRUE(absl::IsUnauthenticated(invitations.Find("wrong", "key", "10.0.0.7").status()));
}

TEST(EnrolByCode, ASecondHubIsNotToldTheCode) {
  Town town, other;
  std::string code = town.Invite("D057");
  absl::Status status = town.Enrol("a", code, other.address()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("指纹不符"));
  EXPECT_FALSE(std::filesystem::exists(town.Dir("a") + "/station.json"));
  // A hub that shows our authority's certificate without having its key is found out by its own door.
  EXPECT_TRUE(town.Enrol("a", code).ok());
}

// Shows another hub's authority in the trailing metadata, as whoever sits in between can.
class Impostor : public v1::DoorService::Service {
 public:
  explicit Impostor(std::string shown) : shown_(std::move(shown)) {}
  grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolByCodeRequest* request, v1::EnrolResponse*) override {
    if (!request->secret().empty()) told = true;
    context->AddTrailingMetadata("authority-bin", shown_);
    return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "");
  }
  std::atomic<bool> told = false;

 private:
  const std::string shown_;
};

TEST(EnrolByCode, AnImpostorWithTheRightAuthorityButAnotherDoorIsNotToldTheCode) {
  Town town, other;
  Impostor impostor(town.authority().certificate);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", DoorCredentials(other.hub().admission()), &port);
  builder.RegisterService(&impostor);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  absl::Status status = town.Enrol("a", town.Invite("D057"), Cat("127.0.0.1:", port)).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_FALSE(impostor.told);
  server->Shutdown();
}

// A network's login page, which answers whatever is asked.
class LoginPage : public v1::DoorService::Service {
 public:
  explicit LoginPage(grpc::Status answer) : answer_(std::move(answer)) {}
  grpc::Status Enrol(grpc::ServerContext*, const v1::EnrolByCodeRequest*, v1::EnrolResponse*) override {
    return answer_;
  }

 private:
  const grpc::Status answer_;
};

TEST(EnrolByCode, ALoginPageIsNamedAndNotToldTheCode) {
  Town town, other;
  const std::string code = town.Invite("D057");
  for (const grpc::Status& answer :
       {grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "Received http2 header with status: 403"),
        grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""), grpc::Status(grpc::StatusCode::UNKNOWN, "Stream removed"),
        grpc::Status::OK}) {
    LoginPage page(answer);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", DoorCredentials(other.hub().admission()), &port);
    builder.RegisterService(&page);
    std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    const absl::Status status = town.Enrol("a", code, Cat("127.0.0.1:", port)).status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(Message(status), HasSubstr(Cat("地址 127.0.0.1:", port, " 上应答的不是镇中心")));
    EXPECT_THAT(Message(status), HasSubstr("请先用浏览器登录"));
    EXPECT_THAT(Message(status), Not(HasSubstr("http2")));
    server->Shutdown();
  }
  EXPECT_TRUE(town.Enrol("a", code).ok()) << "the code is good still";
}

TEST(EnrolByCode, APageWithoutTlsIsNamed) {
  Town town;
  PlainPage page("HTTP/1.1 302 Found\r\n\r\n");
  const absl::Status status = town.Enrol("a", town.Invite("D057"), Cat("127.0.0.1:", page.port())).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(Message(status), HasSubstr("应答的不是镇中心，请核对地址"));
  EXPECT_THAT(Message(status), Not(HasSubstr("自动重试"))) << "nobody but the person tries again";
}

TEST(EnrolByCode, AFolderOfAnotherStationIsLeftAsItIs) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  absl::Status status = town.Enrol("a", town.Invite("D058")).status();
  EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
  EXPECT_EQ(FolderBefore(town.Dir("a"))->station_id(), "D057");
  // The code was not used up by the refusal.
  EXPECT_EQ(town.hub().registry()->ListInvitations({})->invitations(0).state(), v1::INVITATION_OPEN);
}

TEST(EnrolOnThisMachine, GivesACertificateToo) {
  Town town;
  absl::StatusOr<KeyPair> key = OpenDeviceKey(town.Dir("a"), SystemRandom());
  ASSERT_TRUE(key.ok());
  v1::EnrolRequest request;
  request.set_station_id("D057");
  request.set_public_key(key->public_key);
  request.set_signature_algorithm(key->algorithm);
  absl::StatusOr<v1::EnrolResponse> response = town.hub().registry()->Enrol(request);
  ASSERT_TRUE(response.ok()) << response.status();
  ASSERT_TRUE(WriteStation(town.Dir("a"), {}, *response, town.address()).ok());
  EXPECT_TRUE(AwaitSynced(town.Open("a").get()));
}

TEST(HubAuthority, IsMadeForAnOldFolderAndNeverSilentlyTwice) {
  TempDir dir;
  auto open = [&](bool create) {
    HubNode::Options options;
    options.dir = dir.In("hub");
    options.create = create;
    options.sync_address = "";
    return HubNode::Open(std::move(options)).status();
  };
  ASSERT_TRUE(open(true).ok());
  std::string first = LoadAuthority(dir.In("hub/authority"))->certificate;
  ASSERT_TRUE(open(false).ok());
  EXPECT_EQ(LoadAuthority(dir.In("hub/authority"))->certificate, first);
  std::filesystem::remove(dir.In("hub/authority"));
  EXPECT_TRUE(absl::IsFailedPrecondition(open(false)));
  EXPECT_TRUE(open(true).ok());
  EXPECT_NE(LoadAuthority(dir.In("hub/authority"))->certificate, first);
}

}  // namespace
}  // namespace liaison
