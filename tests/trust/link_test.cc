// A station's link under TLS: clocks, renewal, revocation, wrong hubs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "absl/time/clock.h"
#include "common/base/text.h"
#include "common/daemon/enrolment.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "tests/testing/loopback.h"
#include "tests/trust/town.h"
#include "tests/trust/wire.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

TEST(Link, ABoxThatThinksItIs2010Or2040Delivers) {
  Town town;
  for (int64_t year : {k2010, k2040}) {
    std::string folder = Cat("box", year);
    Town::Device device = town.EnrolDevice(folder, "D057");
    SetClock box(year);
    std::unique_ptr<StationNode> station = town.Open(folder, &box);
    Work(station.get(), "2026-11-20");
    ASSERT_TRUE(AwaitSynced(station.get())) << station->uplink()->state().last_error;
    EXPECT_EQ(station->channels()->HubNowMs(), kNow);
    EXPECT_EQ(ReadCertificate(town.Dir(folder))->der, device.certificate.der);  // it was good all the time
  }
}

TEST(Link, AnExpiredCertificateIsRenewedOnTheWayInWhateverTheBoxThinks) {
  for (int64_t box_now : {k2010, kNow, kNow + 400 * kDayMs, k2040}) {
    Town town;
    Town::Device device = town.EnrolDevice("a", "D057");
    town.clock.Advance(400 * kDayMs);
    SetClock box(box_now);
    std::unique_ptr<StationNode> station = town.Open("a", &box);
    Work(station.get(), "2026-11-20");
    ASSERT_TRUE(AwaitSynced(station.get())) << station->uplink()->state().last_error;
    Certificate renewed = *ReadCertificate(town.Dir("a"));
    EXPECT_EQ(renewed.not_before_ms, town.clock.NowMs());
    EXPECT_EQ(renewed.not_after_ms, town.clock.NowMs() + kCertificateDays * kDayMs);
    EXPECT_EQ(renewed.public_key, device.key.public_key);
  }
}

TEST(Link, ACertificateIsRenewedWhenAThirdIsLeft) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  town.clock.Advance(243 * kDayMs);
  ASSERT_TRUE(AwaitSynced(town.Open("a").get()));
  EXPECT_EQ(ReadCertificate(town.Dir("a"))->der, device.certificate.der);
  town.clock.Advance(1 * kDayMs);
  std::unique_ptr<StationNode> station = town.Open("a");
  ASSERT_TRUE(AwaitSynced(station.get()));
  EXPECT_EQ(ReadCertificate(town.Dir("a"))->not_before_ms, town.clock.NowMs());
  EXPECT_EQ(station->channels()->certificate().not_before_ms, town.clock.NowMs());
}

TEST(Link, RevocationTakesEffectOnTheOpenLinkAndKeepsWhatCame) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057"), other = town.EnrolDevice("b", "D058");
  std::unique_ptr<StationNode> station = town.Open("a"), neighbour = town.Open("b");
  Work(station.get(), "2026-11-19");
  station->uplink()->NotifyCommit();
  ASSERT_TRUE(AwaitSynced(station.get()));
  ASSERT_TRUE(AwaitSynced(neighbour.get()));
  uint64_t accepted = town.hub().store()->Have(station->store()->tip()->actor)->seq;
  uint64_t attempts = neighbour->uplink()->state().attempts;

  v1::RevokeNodeRequest request;
  request.set_node_id(device.config.node_id());
  request.set_reason("丢失");
  ASSERT_TRUE(town.hub().registry()->RevokeNode(request).ok());
  ASSERT_TRUE(AwaitError(station.get(), "吊销"));
  EXPECT_FALSE(station->uplink()->state().link_up);
  Work(station.get(), "2026-11-20");
  ASSERT_TRUE(Await(*station, [&](const UplinkState& s) { return s.attempts >= 4 && s.pending_ops > 0; }));
  EXPECT_THAT(station->uplink()->state().last_error, HasSubstr("吊销"));
  EXPECT_EQ(town.hub().store()->Have(station->store()->tip()->actor)->seq, accepted);

  Work(neighbour.get(), "2026-11-20");
  EXPECT_TRUE(AwaitSynced(neighbour.get()));
  EXPECT_EQ(neighbour->uplink()->state().attempts, attempts);
}

TEST(Link, NoProxyOfTheEnvironmentIsUsed) {
  for (const char* name : {"http_proxy", "https_proxy", "grpc_proxy"}) setenv(name, "http://127.0.0.1:9", 1);
  Town town;
  absl::StatusOr<v1::StationConfig> enrolled = town.Enrol("a", town.Invite("D057"));
  bool synced = enrolled.ok() && AwaitSynced(town.Open("a").get());
  for (const char* name : {"http_proxy", "https_proxy", "grpc_proxy"}) unsetenv(name);
  EXPECT_TRUE(enrolled.ok()) << enrolled.status();
  EXPECT_TRUE(synced);
}

TEST(Link, APersonNeedNotWaitForTheNextAttempt) {
  Town town;
  town.EnrolDevice("a", "D057");
  StationNode::Options options;
  options.dir = town.Dir("a");
  options.kv = NewMemoryKv();
  options.clock = &town.clock;
  options.hub_address = "127.0.0.1:9";
  options.retry_delay_ms = 1;
  options.retry_delay_ms_max = 3'600'000;
  absl::StatusOr<std::unique_ptr<StationNode>> station = StationNode::Open(std::move(options));
  ASSERT_TRUE(station.ok()) << station.status();
  // By itself the wait would grow to an hour before so many attempts.
  auto attempts = [&] { return (*station)->uplink()->state().attempts; };
  for (absl::Time end = absl::Now() + kSoon; attempts() < 22 && absl::Now() < end;) {
    uint64_t before = attempts();
    ASSERT_TRUE((*station)->dispatcher().Call("/liaison.v1.StationService/RetryNow", "{}", {}).ok());
    (void)(*station)->uplink()->AwaitState([&](const UplinkState& s) { return s.attempts > before; },
                                           absl::Milliseconds(50));  // it may have come while an attempt was made
  }
  EXPECT_GE(attempts(), 22u);
}

TEST(Link, TheHubsNewAddressIsKept) {
  Town town;
  town.EnrolDevice("a", "D057");
  std::string file = town.Dir("a") + "/station.json";
  v1::StationConfig config;
  ASSERT_TRUE(ReadConfig(file, &config).ok());
  config.set_hub_address("127.0.0.1:9");
  ASSERT_TRUE(WriteConfig(file, config).ok());
  for (const char* wrong :
       {"", "192.168.1.10", "192.168.1.10:0", ":7061", "192.168.1.10:70610", "http://192.168.1.10:7061",
        "dns:///192.168.1.10:7061", "10.0.0.1:7061,10.0.0.2:7061", "fe80::1:7061", ".:7061", "[::1:7061", "[]:7061"})
    EXPECT_EQ(KeepHubAddress(town.Dir("a"), wrong).status().code(), absl::StatusCode::kInvalidArgument) << wrong;
  absl::StatusOr<bool> kept = KeepHubAddress(town.Dir("a"), town.address());
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(*kept);
  EXPECT_FALSE(*KeepHubAddress(town.Dir("a"), town.address()));
  EXPECT_TRUE(AwaitSynced(town.Open("a").get()));
  EXPECT_TRUE(absl::IsNotFound(KeepHubAddress(town.Dir("nobody"), town.address()).status()));
}

TEST(Link, AnAddressIsKeptAsItIsMeantHoweverItWasTyped) {
  const std::pair<const char*, const char*> typed[] = {
      {" 192.168.1.10:7061\u3000", "192.168.1.10:7061"}, {"１９２．１６８．１．１０：７０６１", "192.168.1.10:7061"},
      {"Hub.Example.CN.:7061", "hub.example.cn:7061"},    {"\u200b10.0.0.1\u00a0:7061", "10.0.0.1:7061"},
      {"[fe80::1%eth0]:7061", "[fe80::1%eth0]:7061"},     {"［::1］：7061", "[::1]:7061"}};
  for (const auto& [text, meant] : typed) EXPECT_EQ(PlainAddress(text).value_or("refused"), meant);
  Town town;
  town.EnrolDevice("a", "D057");
  ASSERT_TRUE(KeepHubAddress(town.Dir("a"), Cat(" ", town.address(), "\u3000")).ok());
  EXPECT_TRUE(AwaitSynced(town.Open("a").get()));
}

// A page, a proxy or a router's login stands where the hub is looked for.
TEST(Link, AnotherServiceOnThePortIsNamed) {
  Town town;
  town.EnrolDevice("a", "D057");
  PlainPage page("HTTP/1.1 400 Bad Request\r\n\r\n");
  std::unique_ptr<StationNode> station = town.Open("a", nullptr, Cat("127.0.0.1:", page.port()));
  EXPECT_TRUE(AwaitError(station.get(), "应答的不是镇中心，请核对地址")) << station->uplink()->state().last_error;
  EXPECT_FALSE(station->uplink()->state().link_up);
  station.reset();
  // What the transport says of a name that nobody has, and of a port where nobody listens.
  EXPECT_THAT(WhyUnreached("DNS resolution failed for nobody.invalid:7061: C-ares status is not ARES_SUCCESS qtype=A "
                           "name=nobody.invalid is_balancer=0: Domain name not found"),
              ::testing::HasSubstr("找不到这个主机名"));
  EXPECT_EQ(
      WhyUnreached("failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to connect to "
                   "remote host: Connection refused"),
      "连不上镇中心，会自动重试");
}

TEST(Link, AnotherHubIsNotTalkedTo) {
  Town town, other;
  town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> station = town.Open("a", nullptr, other.address());
  ASSERT_TRUE(AwaitError(station.get(), "不是本镇的镇中心")) << station->uplink()->state().last_error;
  EXPECT_FALSE(station->uplink()->state().link_up);
}

TEST(Link, ClearTextAndTlsDoNotMeet) {
  Town town;
  town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> clear = town.Open("a", nullptr, "", true);
  ASSERT_TRUE(Await(*clear, [](const UplinkState& state) { return state.attempts >= 3; }));
  EXPECT_FALSE(clear->uplink()->state().link_up);
  clear.reset();
  HubNode::Options options;
  options.clear = true;
  Town bare(std::move(options));
  std::unique_ptr<StationNode> station = town.Open("a", nullptr, bare.address());
  ASSERT_TRUE(Await(*station, [](const UplinkState& state) { return state.attempts >= 3; }));
  EXPECT_FALSE(station->uplink()->state().link_up);
}

TEST(Link, ClearTextGoesToThisMachineAlone) {
  Town town;
  town.EnrolDevice("a", "D057");
  StationNode::Options options;
  options.dir = town.Dir("a");
  options.kv = NewMemoryKv();
  options.clear = true;
  options.hub_address = "192.0.2.1:7061";
  EXPECT_TRUE(absl::IsInvalidArgument(StationNode::Open(std::move(options)).status()));
}

TEST(Link, AStationWithoutACertificateWorksOnAndSaysWhatToDo) {
  Town town;
  town.EnrolDevice("a", "D057");
  std::filesystem::remove(town.Dir("a") + "/certificate.der");
  std::unique_ptr<StationNode> station = town.Open("a");
  EXPECT_EQ(station->uplink(), nullptr);
  Work(station.get(), "2026-11-20");
  absl::StatusOr<v1::GetStatusResponse> status = station->records()->GetStatus({});
  ASSERT_TRUE(status.ok());
  EXPECT_THAT(status->link_error(), HasSubstr("重新办理入网"));
}

// A hub's door whose hub does not sign the time, or signs another nonce.
class LyingDoor : public v1::DoorService::Service {
 public:
  explicit LyingDoor(KeyPair key, bool other_nonce) : key_(std::move(key)), other_nonce_(other_nonce) {}
  grpc::Status Renew(grpc::ServerContext*, const v1::RenewRequest* request, v1::RenewResponse* response) override {
    std::string nonce = other_nonce_ ? std::string(kTimeNonceBytes, 'x') : request->nonce();
    response->set_hub_time_ms(k2040);
    response->set_signature_algorithm(kEd25519);
    response->set_signature(Sign(key_, TimeSigningBytes(nonce, k2040)));
    return grpc::Status::OK;
  }

 private:
  const KeyPair key_;
  const bool other_nonce_;
};

TEST(Link, OnlyTheHubsSignatureOverOurNonceTellsTheTime) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  KeyPair hub_key = *LoadKeyPair(KeyPath(town.Dir("hub")));
  SetClock box(k2010);
  for (bool own_key : {true, false}) {
    for (bool other_nonce : {true, false}) {
      LyingDoor door(own_key ? hub_key : GenerateKeyPair(SystemRandom()), other_nonce);
      int port = 0;
      grpc::ServerBuilder builder;
      builder.AddListeningPort("127.0.0.1:0", DoorCredentials(town.hub().admission()), &port);
      builder.RegisterService(&door);
      std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
      absl::StatusOr<std::unique_ptr<HubChannels>> channels =
          HubChannels::Open({town.Dir("a"), device.config, device.key, &box});
      ASSERT_TRUE(channels.ok()) << channels.status();
      bool good = own_key && !other_nonce;
      absl::Status status = (*channels)->Prepare(Cat("127.0.0.1:", port));
      EXPECT_EQ(status.ok(), good) << status;
      EXPECT_EQ((*channels)->HubNowMs(), good ? k2040 : k2010);
      server->Shutdown();
    }
  }
}

TEST(Link, AChannelForOtherServicesPresentsTheDevice) {
  Town town;
  town.EnrolDevice("a", "D057");
  std::unique_ptr<StationNode> station = town.Open("a");
  std::shared_ptr<grpc::Channel> channel = station->channels()->NewChannel(station->hub_address());
  EXPECT_TRUE(CallRaw(channel.get(), "/grpc.health.v1.Health/Check").ok());
}

}  // namespace
}  // namespace liaison
