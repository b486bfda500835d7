// Certificates of pages: what their authority is bound to, who gets one, and that none of them opens the sync door.
#include "common/crypto/page_certificate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/text.h"
#include "common/crypto/x509_parts.h"
#include "common/daemon/daemon.h"
#include "common/daemon/lan_door.h"
#include "common/daemon/page_names.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/record/view.h"
#include "hub/door/pages.h"
#include "liaison/v1/people.pb.h"
#include "station/link/known_door.h"
#include "tests/testing/loopback.h"
#include "tests/testing/must.h"
#include "tests/trust/town.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Names = std::vector<std::string>;

// What somebody with an authority's key can sign, past our own rules: a leaf for `key_pem` with these names.
std::string Forged(const Authority& authority, const std::string& key_pem, const char* names) {
  const crypto_internal::BioPtr bio = crypto_internal::Reading(key_pem);
  const crypto_internal::KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const crypto_internal::CertPtr cert = crypto_internal::Draft(key.get(), kNow, kNow + kDayMs);
  crypto_internal::AddName(X509_get_subject_name(cert.get()), "CN", "hub");
  crypto_internal::AddExtension(cert.get(), NID_ext_key_usage, "serverAuth");
  crypto_internal::AddExtension(cert.get(), NID_subject_alt_name, names);
  crypto_internal::Complete(cert.get(), authority);
  return crypto_internal::ToDer(cert.get());
}

TEST(PageNames, ArePrivateAddressesAndLocalNames) {
  for (const char* good : {"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.20", "127.0.0.1", "169.254.7.7",
                           "::1", "fd00::7", "fe80::1", "hk-d057.local", "n-01ab.local", "a.b.local"})
    EXPECT_TRUE(IsPageName(good)) << good;
  for (const char* bad : {"",
                          "8.8.8.8",
                          "172.32.0.1",
                          "172.15.0.1",
                          "192.169.0.1",
                          "11.0.0.1",
                          "2001:db8::1",
                          "example.com",
                          "local",
                          ".local",
                          "a..local",
                          "-a.local",
                          "A.local",
                          "a_b.local",
                          "a.local.",
                          "a.local.example.com",
                          "*.local",
                          "10.0.0",
                          "a b.local",
                          "a.local,DNS:example.com"})
    EXPECT_FALSE(IsPageName(bad)) << bad;
  EXPECT_FALSE(IsPageName(std::string("10.0.0.1\0.example.com", 21)));
  EXPECT_THAT(LocalNames("HK-D057", "b", "N-01AB"), ElementsAre("hk-d057.local", "hk-d057-b.local", "n-01ab.local"));
  EXPECT_THAT(LocalNames("HUB", "", ""), ElementsAre("hub.local"));
  for (const std::string& address : PresentAddresses()) EXPECT_TRUE(IsPrivateAddress(address)) << address;
}

TEST(PageAuthority, IsBoundToPrivateAddressesAndLocalNames) {
  const Authority pages = NewPageAuthority(kNow), unbound = NewAuthority(kNow);
  const std::string key = NewPageKey(), half = Must(PublicHalf(key));
  for (const char* beyond : {"DNS:d057.local,DNS:example.com", "DNS:d057.local,DNS:xlocal", "DNS:d057.local,IP:8.8.8.8",
                             "DNS:d057.local,IP:172.32.0.1", "DNS:d057.local,IP:2001:db8::1"}) {
    EXPECT_FALSE(VerifyPage(Forged(pages, key, beyond), pages.certificate, half, "d057.local").ok()) << beyond;
    EXPECT_TRUE(VerifyPage(Forged(unbound, key, beyond), unbound.certificate, half, "d057.local").ok())
        << "nothing else is wrong with it: " << beyond;
  }
  EXPECT_TRUE(VerifyPage(Forged(pages, key, "DNS:d057.local"), pages.certificate, half, "d057.local").ok());
  for (const char* name :
       {"10.1.2.3", "172.16.9.9", "192.168.1.20", "127.0.0.1", "169.254.1.1", "fd00::7", "d057.local"}) {
    const std::string leaf = Must(IssuePage(pages, half, {name}, kNow, kNow + kDayMs));
    EXPECT_TRUE(VerifyPage(leaf, pages.certificate, half, name).ok())
        << name << " " << VerifyPage(leaf, pages.certificate, half, name);
    EXPECT_FALSE(VerifyPage(leaf, pages.certificate, half, "d058.local").ok());
    EXPECT_FALSE(VerifyPage(leaf, pages.certificate, Must(PublicHalf(NewPageKey())), name).ok()) << "another key";
    EXPECT_FALSE(VerifyPage(leaf, NewPageAuthority(kNow).certificate, half, name).ok()) << "another township";
    EXPECT_THAT(PageNamesOf(leaf), ElementsAre(name));
  }
}

TEST(PageAuthority, IssuesNothingElse) {
  const Authority pages = NewPageAuthority(kNow);
  const std::string half = Must(PublicHalf(NewPageKey()));
  EXPECT_FALSE(IssuePage(pages, half, {}, kNow, kNow + kDayMs).ok());
  EXPECT_FALSE(IssuePage(pages, half, {"d057.local", "example.com"}, kNow, kNow + kDayMs).ok());
  EXPECT_FALSE(IssuePage(pages, half, Names(kMostPageNames + 1, "d057.local"), kNow, kNow + kDayMs).ok());
  EXPECT_FALSE(IssuePage(pages, half + "x", {"d057.local"}, kNow, kNow + kDayMs).ok());
  EXPECT_FALSE(IssuePage(pages, "", {"d057.local"}, kNow, kNow + kDayMs).ok());
  const KeyPair device = GenerateKeyPair(SystemRandom());
  EXPECT_FALSE(IssuePage(pages, device.public_key, {"d057.local"}, kNow, kNow + kDayMs).ok()) << "a device's key";
}

TEST(PageKey, IsMadeOnceAndKeptToItself) {
  TempDir dir;
  std::filesystem::create_directories(dir.In(""));
  const std::string path = dir.In("page.key");
  const std::string key = Must(OpenPageKey(path));
  EXPECT_EQ(Must(OpenPageKey(path)), key);
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(Certificate, APageIsNoDoor) {
  Town town;
  const Town::Device device = town.EnrolDevice("a", "D057");
  const Authority pages = Must(LoadAuthority(town.Dir("hub/page-authority")));
  EXPECT_NE(pages.certificate, town.authority().certificate);
  const std::string key = NewPageKey(), half = Must(PublicHalf(key));
  // A page's certificate, and the most that the page authority's key can sign.
  for (const std::string& der :
       {Must(IssuePage(pages, half, {"hub.local", "127.0.0.1"}, kNow, kNow + kDayMs)), Forged(pages, key, "DNS:hub")}) {
    const Certificate page = Must(ParseCertificate(der));
    for (const Purpose purpose : {Purpose::kDevice, Purpose::kDoor, Purpose::kOldDoor})
      EXPECT_FALSE(VerifyIssued(page, town.authority().certificate, purpose).ok());
    KnownDoor known(town.Dir("a"), device.config);
    EXPECT_FALSE(known.Accept(der).ok()) << "as a door";
    EXPECT_FALSE(known.wants_proof());
    const TlsIdentity identity = PageIdentity(der, pages.certificate, key);
    const auto channel = ChannelAs(town.address(), identity);
    for (const char* method : {kExchangeMethod, kRenewMethod, kEnrolMethod})
      EXPECT_EQ(CallRaw(channel.get(), method).error_code(), grpc::StatusCode::UNAUTHENTICATED) << "as a device";
  }
  // And the other way: what opens the sync door is no page.
  const std::string door = Must(FirstOfPem(IssueDoor(town.authority(), kNow).certificate));
  for (const std::string& der : {device.certificate.der, door})
    for (const std::string& authority : {town.authority().certificate, pages.certificate})
      for (const char* name : {"d057.local", "hub", "hub.local", "127.0.0.1"})
        EXPECT_FALSE(VerifyPage(der, authority, half, name).ok());
}

TEST(HubsPages, AreIssuedByOneAuthorityThatStays) {
  TempDir dir;
  std::filesystem::create_directories(dir.In(""));
  const std::unique_ptr<Store> store = [] {
    StoreOptions options;
    options.station = kHubStation;
    return Must(Store::Open(NewMemoryKv(), std::move(options)));
  }();
  const std::string first = Must(PageIssuer::Open(dir.In(""), store.get(), SystemClock()))->authority();
  EXPECT_EQ(Must(PageIssuer::Open(dir.In(""), store.get(), SystemClock()))->authority(), first);
  std::filesystem::resize_file(dir.In("page-authority"), 20);
  EXPECT_FALSE(PageIssuer::Open(dir.In(""), store.get(), SystemClock()).ok()) << "a damaged one is not replaced";
}

// A station with a link, whose township allows and forbids.
class Network : public testing::Test {
 protected:
  Network() {
    town.EnrolDevice("a", "D057");
    station = town.Open("a");
    door = std::make_unique<LanDoor>(Options());
    Must(server.Listen("127.0.0.1", 0));
  }
  LanDoor::Options Options() {
    LanDoor::Options options;
    options.dir = town.Dir("a");
    options.host = "127.0.0.1";
    options.port = 0;
    options.names = {"d057.local"};
    options.allowed = [this] { return allowed; };
    options.login_required = [this] { return login; };
    options.ask = [this](const std::string& half, const Names& names) -> absl::StatusOr<v1::PageConfig> {
      ++asked;
      ASSIGN_OR_RETURN(const HubChannels::Page page, station->channels()->AskForPage(town.address(), half, names));
      v1::PageConfig config;
      config.set_certificate(page.certificate);
      config.set_authority(page.authority);
      return config;
    };
    options.addresses = [this] { return addresses; };
    options.clock = &town.clock;
    return options;
  }
  void Allow(bool allow, const std::string& place = "D057") {
    v1::AllowNetworkRequest request;
    request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
    request.set_place(place);
    request.set_allowed(allow);
    Must(town.hub().registry()->AllowNetwork(request).status());
  }
  absl::StatusOr<HubChannels::Page> Ask(const Names& names) {
    return station->channels()->AskForPage(town.address(), half, names);
  }

  Town town;
  std::unique_ptr<StationNode> station;
  const std::string half = Must(PublicHalf(NewPageKey()));
  bool allowed = true, login = true;
  int asked = 0;
  Names addresses = {"192.168.1.20"};
  http::Server server;
  std::unique_ptr<LanDoor> door;
};

TEST_F(Network, ACertificateIsIssuedWhereAClerkAllowsItForItsOwnNames) {
  EXPECT_TRUE(absl::IsPermissionDenied(Ask({"d057.local"}).status())) << "off by default";
  Allow(true, "D058");
  EXPECT_TRUE(absl::IsPermissionDenied(Ask({"d057.local"}).status())) << "another station's";
  Allow(true);
  const std::string node = LocalNames("D057", "", station->config().node_id())[1];
  const Names own = {"d057.local", node, "192.168.1.20", "fd00::7"};
  const HubChannels::Page page = Must(Ask(own));
  for (const std::string& name : own)
    EXPECT_TRUE(VerifyPage(page.certificate, page.authority, half, name).ok()) << name;
  EXPECT_EQ(page.authority, town.hub().pages()->authority());
  const Certificate leaf = Must(ParseCertificate(page.certificate));
  EXPECT_EQ(leaf.not_after_ms, town.clock.NowMs() + PageIssuer::kDays * kDayMs);
  for (const char* other : {"d058.local", "hub.local", "d057-b.local", "example.com", "8.8.8.8", "D057.local", ""}) {
    const absl::Status status = Ask({"d057.local", other}).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << other << " " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("网页证书不发给")) << other;
  }
  Allow(false);
  EXPECT_TRUE(absl::IsPermissionDenied(Ask({"d057.local"}).status())) << "withdrawn";
}

TEST_F(Network, IsOffByDefaultAndWithoutLogin) {
  allowed = false;
  door->Step(&server);
  EXPECT_EQ(server.network_port(), 0);
  EXPECT_FALSE(door->State().allowed());
  allowed = true;
  login = false;
  Allow(true);
  door->Step(&server);
  EXPECT_EQ(server.network_port(), 0);
  EXPECT_THAT(door->State().trouble(), HasSubstr("登录"));
  EXPECT_EQ(asked, 0);
}

TEST_F(Network, OpensWithACertificateAndClosesWhenItIsWithdrawn) {
  door->Step(&server);
  EXPECT_EQ(server.network_port(), 0) << "the hub has issued nothing";
  EXPECT_THAT(door->State().trouble(), HasSubstr("没有允许"));
  Allow(true);
  addresses.push_back("192.168.1.21");  // another question, so it is asked at once
  door->Step(&server);
  const int port = server.network_port();
  ASSERT_GT(port, 0) << door->State().trouble();
  EXPECT_EQ(door->State().address(), Cat("https://192.168.1.20:", port, "/"));
  EXPECT_EQ(door->State().fingerprint(), FingerprintText(town.hub().pages()->authority()));
  EXPECT_EQ(door->State().trouble(), "");
  const int socket = ConnectToLoopback(port);
  EXPECT_GE(socket, 0);
  ::close(socket);
  allowed = false;
  door->Step(&server);
  EXPECT_EQ(server.network_port(), 0);
  EXPECT_LT(ConnectToLoopback(port), 0);
  EXPECT_EQ(door->State().address(), "");
}

TEST_F(Network, TheCertificateGoesWithTheAddressesAndIsRenewedEarly) {
  Allow(true);
  door->Step(&server);
  auto held = [&] {
    v1::PageConfig config;
    Must(ReadConfig(town.Dir("a") + "/page.json", &config));
    return config.certificate();
  };
  const std::string first = held();
  door->Step(&server);
  LanDoor(Options()).Step(&server);  // a program that has just started
  EXPECT_EQ(held(), first);
  EXPECT_EQ(asked, 1) << "what is good is not asked for again";
  addresses = {"10.0.0.9"};
  door->Step(&server);
  EXPECT_THAT(PageNamesOf(held()), ElementsAre("10.0.0.9", "d057.local"));
  const std::string second = held();
  town.clock.Advance(59 * kDayMs);
  LanDoor(Options()).Step(&server);
  EXPECT_EQ(held(), second);
  town.clock.Advance(2 * kDayMs);
  LanDoor(Options()).Step(&server);
  EXPECT_NE(held(), second);
  EXPECT_EQ(Must(ParseCertificate(held())).not_after_ms, town.clock.NowMs() + PageIssuer::kDays * kDayMs);
}

TEST_F(Network, AStationOpensItWhenItHearsOfIt) {
  http::Server own;
  station->lan()->Register(&own);
  Must(own.Listen("127.0.0.1", 0));
  station->lan()->Step(&own);
  EXPECT_EQ(own.network_port(), 0);
  Allow(true);
  auto hears = [&](const std::function<bool(const v1::Rights&)>& done) {
    const bool heard = Await(*station, [&](const UplinkState&) {
      const auto rights = station->store()->Read().Load(RecordId::Master(TypeOf<v1::Rights>().type(), "D057"));
      return done(rights ? Show<v1::Rights>(*rights) : v1::Rights());
    });
    station->lan()->Step(&own);
    return heard;
  };
  EXPECT_TRUE(hears([](const v1::Rights& rights) { return rights.network_allowed(); }));
  EXPECT_TRUE(station->lan()->State().allowed());
  EXPECT_NE(own.network_port(), 0) << station->lan()->State().trouble();
  const http::Client plain("127.0.0.1", own.port());
  const std::string page = Must(plain.Get("/trust", 20'000));
  EXPECT_THAT(page, HasSubstr(station->lan()->State().fingerprint()));
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_EQ(Must(plain.Get("/page-authority.crt", 20'000)), town.hub().pages()->authority());
  v1::GetStatusRequest status;
  EXPECT_THAT(Must(station->records()->GetStatus(status)).network().address(), HasSubstr("https://"));
  Allow(false);
  EXPECT_TRUE(hears([](const v1::Rights& rights) { return !rights.network_allowed(); }));
  EXPECT_EQ(own.network_port(), 0);
}

TEST_F(Network, TheHubHasItsOwn) {
  http::Server own;
  Must(own.Listen("127.0.0.1", 0));
  town.hub().lan()->Step(&own);
  EXPECT_EQ(own.network_port(), 0);
  Allow(true, kHubStation);
  town.hub().lan()->Step(&own);
  EXPECT_GT(own.network_port(), 0) << town.hub().lan()->State().trouble();
  Allow(false, kHubStation);
  town.hub().lan()->Step(&own);
  EXPECT_EQ(own.network_port(), 0);
}

TEST_F(Network, OnlyAStationThatThereIsIsAllowed) {
  v1::AllowNetworkRequest request;
  request.set_action_id(Hex(SystemRandom()->Bytes(kActionIdBytes)));
  request.set_place("D999");
  request.set_allowed(true);
  const absl::Status status = town.hub().registry()->AllowNetwork(request).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

}  // namespace
}  // namespace liaison
