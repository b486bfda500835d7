// Who answers at the hub's address with a certificate of the hub's own authority, made for something else or by an
// older program.
#include "station/link/known_door.h"

#include <gmock/gmock.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <gtest/gtest.h>

#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/enrolment.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "station/link/hub_channel.h"
#include "tests/trust/forge.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

std::string DerOf(const TlsIdentity& identity) { return *FirstOfPem(identity.certificate); }

// Answers in TLS as `identity`, and signs the time with `key`.
class Answering : public v1::DoorService::Service {
 public:
  Answering(const TlsIdentity& identity, KeyPair key) : key_(std::move(key)) {
    std::vector<grpc::experimental::IdentityKeyCertPair> pairs = {{identity.secret_key, identity.certificate}};
    grpc::experimental::TlsServerCredentialsOptions options(
        std::make_shared<grpc::experimental::StaticDataCertificateProvider>("", pairs));
    options.watch_identity_key_cert_pairs();
    options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::experimental::TlsServerCredentials(options), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Answering() override { server_->Shutdown(); }
  std::string address() const { return Cat("127.0.0.1:", port_); }
  grpc::Status Renew(grpc::ServerContext*, const v1::RenewRequest* request, v1::RenewResponse* response) override {
    ++renewals;
    response->set_hub_time_ms(kNow);
    response->set_signature_algorithm(key_.algorithm);
    response->set_signature(Sign(key_, TimeSigningBytes(request->nonce(), kNow)));
    return grpc::Status::OK;
  }
  std::atomic<int> renewals = 0;

 private:
  const KeyPair key_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Whether a station in this folder gets through to somebody's door.
struct Knocking {
  explicit Knocking(const Town& town, const Town::Device& device) {
    v1::StationConfig config;
    EXPECT_TRUE(ReadConfig(town.Dir("a") + "/station.json", &config).ok());
    HubChannels::Options options;
    options.dir = town.Dir("a");
    options.config = config;
    options.key = device.key;
    options.clock = &clock;
    channels = *HubChannels::Open(std::move(options));
  }
  bool Passes(const Answering& at) {
    std::shared_ptr<grpc::Channel> channel = channels->NewChannel(at.address());
    return CallRaw(channel.get(), "/liaison.v1.SyncService/Exchange").error_code() != grpc::StatusCode::UNAVAILABLE;
  }
  SetClock clock;
  std::unique_ptr<HubChannels> channels;
};

struct Doors : testing::Test {
  Doors() : device(town.EnrolDevice("a", "D057")) {
    hub_key = *LoadKeyPair(KeyPath(town.Dir("hub")));
    RequireTls13();
  }
  // As a station that was enrolled by an older program.
  void ForgetUsage() {
    v1::StationConfig config = Config();
    config.clear_door_usage_seen();
    ASSERT_TRUE(WriteConfig(town.Dir("a") + "/station.json", config).ok());
  }
  v1::StationConfig Config() {
    v1::StationConfig config;
    EXPECT_TRUE(ReadConfig(town.Dir("a") + "/station.json", &config).ok());
    return config;
  }
  TlsIdentity OldDoor() { return IssueServer(town.authority(), kDoorName, "serverAuth"); }

  Town town;
  Town::Device device;
  KeyPair hub_key;
};
class CertificateOfTheDoor : public Doors {};

TEST_F(CertificateOfTheDoor, APageIsNoDoor) {
  const std::string authority = town.authority().certificate;
  for (const auto& [cn, usages] : {std::pair("D057.local", "serverAuth"), std::pair("hub.local", "serverAuth"),
                                   std::pair("D057.local", "serverAuth,2.25.133898075420989147872719222278722391953"),
                                   std::pair("hub", "clientAuth")}) {
    Certificate page = *ParseCertificate(DerOf(IssueServer(town.authority(), cn, usages)));
    EXPECT_FALSE(VerifyIssued(page, authority, Purpose::kDoor).ok()) << cn << " " << usages;
    EXPECT_FALSE(VerifyIssued(page, authority, Purpose::kOldDoor).ok()) << cn << " " << usages;
  }
  Certificate old = *ParseCertificate(DerOf(OldDoor()));
  EXPECT_FALSE(VerifyIssued(old, authority, Purpose::kDoor).ok());
  EXPECT_TRUE(VerifyIssued(old, authority, Purpose::kOldDoor).ok());
  EXPECT_TRUE(
      VerifyIssued(*ParseCertificate(DerOf(IssueDoor(town.authority(), kNow))), authority, Purpose::kDoor).ok());

  // Over the wire, also to a station that has not seen the hub's new door yet.
  for (bool seen : {true, false}) {
    if (!seen) ForgetUsage();
    Answering page(IssueServer(town.authority(), "D057.local", "serverAuth"), hub_key);
    Knocking station(town, device);
    EXPECT_FALSE(station.Passes(page)) << seen;
    EXPECT_THAT(station.channels->Complaint(), HasSubstr("不是本镇的镇中心"));
    EXPECT_TRUE(station.channels->Prepare(page.address()).ok());
    EXPECT_FALSE(station.Passes(page)) << seen;
    EXPECT_EQ(page.renewals, 0);
  }
}

TEST_F(CertificateOfTheDoor, OfAnOlderProgramPassesOnlyWithTheKnownKey) {
  ForgetUsage();
  Answering hub(OldDoor(), hub_key), thief(OldDoor(), GenerateKeyPair(SystemRandom()));
  {
    Knocking station(town, device);
    EXPECT_FALSE(station.Passes(thief));
    EXPECT_TRUE(absl::IsUnauthenticated(station.channels->Prepare(thief.address())));
    EXPECT_EQ(thief.renewals, 1);
    EXPECT_FALSE(station.Passes(thief));
    EXPECT_FALSE(station.Passes(hub));
    EXPECT_THAT(station.channels->Complaint(), HasSubstr("核对"));
    absl::Status proved = station.channels->Prepare(hub.address());
    ASSERT_TRUE(proved.ok()) << proved;
    EXPECT_TRUE(station.Passes(hub));
    EXPECT_FALSE(station.Passes(thief));
  }
  EXPECT_FALSE(Config().door_key().empty());
  Knocking again(town, device);  // remembered
  EXPECT_TRUE(again.Passes(hub));
  EXPECT_EQ(hub.renewals, 1);
}

TEST_F(CertificateOfTheDoor, AnOlderOneNeverPassesAfterOneWithTheUsage) {
  EXPECT_TRUE(Config().door_usage_seen()) << "enrolment has seen it";
  ForgetUsage();
  Answering hub(OldDoor(), hub_key);
  {
    std::unique_ptr<StationNode> station = town.Open("a");
    ASSERT_TRUE(AwaitSynced(station.get()));
  }
  EXPECT_TRUE(Config().door_usage_seen());
  Knocking station(town, device);
  EXPECT_FALSE(station.Passes(hub));
  EXPECT_TRUE(station.channels->Prepare(hub.address()).ok()) << "nothing to prove";
  EXPECT_FALSE(station.Passes(hub));
  EXPECT_EQ(hub.renewals, 0);
}

TEST_F(CertificateOfTheDoor, ACodeIsNotToldToAnOlderOne) {
  // Nothing that a new station knows could tell it from a page.
  class Old : public Answering {
   public:
    Old(const TlsIdentity& identity, KeyPair key, std::string authority)
        : Answering(identity, std::move(key)), authority_(std::move(authority)) {}
    grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolByCodeRequest* request,
                       v1::EnrolResponse*) override {
      if (!request->secret().empty()) told = true;
      context->AddTrailingMetadata("authority-bin", authority_);
      return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "");
    }
    std::atomic<bool> told = false;

   private:
    const std::string authority_;
  };
  Old old(OldDoor(), hub_key, town.authority().certificate);
  absl::Status status = town.Enrol("b", town.Invite("D058"), old.address()).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("升级"));
  EXPECT_FALSE(old.told);
}

}  // namespace
}  // namespace liaison
