// Who is let through the hub's door, call by call.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <iostream>

#include "common/base/text.h"
#include "common/codec/link_codec.h"
#include "common/daemon/enrolment.h"
#include "liaison/v1/attachments.pb.h"
#include "liaison/v1/devices.pb.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "tests/trust/town.h"
#include "tests/trust/wire.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

constexpr char kExchange[] = "/liaison.v1.SyncService/Exchange";
constexpr char kEnrol[] = "/liaison.v1.DoorService/Enrol";
constexpr char kRenew[] = "/liaison.v1.DoorService/Renew";

std::vector<std::string> MethodsOf(const google::protobuf::FileDescriptor* file) {
  std::vector<std::string> methods;
  for (int s = 0; s < file->service_count(); ++s)
    for (int m = 0; m < file->service(s)->method_count(); ++m)
      methods.push_back(Cat("/", file->service(s)->full_name(), "/", file->service(s)->method(m)->name()));
  return methods;
}

// Everything that answers on the port, and everything else that this program knows or a client might try.
std::vector<std::string> AllMethods() {
  std::vector<std::string> methods = MethodsOf(v1::Packet::descriptor()->file());
  for (const auto* file : {v1::EnrolRequest::descriptor()->file(), v1::StatFilesRequest::descriptor()->file()})
    for (const std::string& method : MethodsOf(file)) methods.push_back(method);
  for (const char* method : {"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch",
                             "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "/no.Such/Thing", "/"})
    methods.push_back(method);
  return methods;
}

// Seconds. Watch goes on for ever where it is answered.
int PatienceWith(const std::string& method) { return method.ends_with("/Watch") ? 2 : 60; }

TEST(Door, EveryMethodOfEveryServiceNeedsACertificate) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  std::vector<std::string> methods = AllMethods();
  ASSERT_GE(methods.size(), 8u);
  ASSERT_THAT(methods, ::testing::IsSupersetOf({kExchange, kEnrol, kRenew}));

  std::shared_ptr<grpc::Channel> nothing = ChannelWithoutCertificate(town.address());
  std::shared_ptr<grpc::Channel> clear = grpc::CreateChannel(town.address(), grpc::InsecureChannelCredentials());
  KeyPair stranger_key = GenerateKeyPair(SystemRandom());
  std::shared_ptr<grpc::Channel> stranger = ChannelAs(town.address(), DeviceIdentity(stranger_key, ""));
  std::shared_ptr<grpc::Channel> member = ChannelAs(town.address(), DeviceIdentity(device.key, device.certificate.der));
  int answered = 0;
  for (const std::string& method : methods) {
    for (grpc::Channel* channel : {nothing.get(), clear.get()}) {
      grpc::Status status = CallRaw(channel, method);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << method << ": " << status.error_message();
      EXPECT_NE(channel->GetState(false), GRPC_CHANNEL_READY) << method;
    }
    grpc::Status status = CallRaw(stranger.get(), method);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method << ": " << status.error_message();
    EXPECT_EQ(status.error_message(), method == kEnrol ? "没有邀请码" : "设备还没有入网") << method;

    status = CallRaw(member.get(), method, PatienceWith(method));
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method << ": " << status.error_message();
    answered += status.error_code() != grpc::StatusCode::UNIMPLEMENTED ? 1 : 0;
  }
  // Nothing is served on the port that the list above does not name: Exchange, Enrol, Renew, the three of
  // AttachmentService, and the two of health.
  EXPECT_EQ(answered, 8);
}

TEST(Door, AnExpiredCertificateMayOnlyRenew) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  std::shared_ptr<grpc::Channel> channel =
      ChannelAs(town.address(), DeviceIdentity(device.key, device.certificate.der));
  EXPECT_EQ(CallRaw(channel.get(), "/grpc.health.v1.Health/Check").error_code(), grpc::StatusCode::OK);
  for (int64_t now : {kNow + (kCertificateDays + 1) * kDayMs, kNow - 2 * kDayMs}) {
    town.clock.Set(now);
    for (const std::string& method : AllMethods()) {
      grpc::Status status = CallRaw(channel.get(), method, PatienceWith(method));
      if (method == kRenew) {
        EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);  // let in; the nonce is missing
      } else if (method == kEnrol) {
        EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
      } else {
        EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << method;
        EXPECT_THAT(status.error_message(), HasSubstr("有效期")) << method;
      }
    }
  }
}

TEST(Door, ARevokedDeviceMayNothing) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  std::shared_ptr<grpc::Channel> channel =
      ChannelAs(town.address(), DeviceIdentity(device.key, device.certificate.der));
  v1::RevokeNodeRequest request;
  request.set_node_id(device.config.node_id());
  request.set_reason("丢失");
  ASSERT_TRUE(town.hub().registry()->RevokeNode(request).ok());
  for (const std::string& method : AllMethods()) {
    grpc::Status status = CallRaw(channel.get(), method, PatienceWith(method));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << method;
    EXPECT_THAT(status.error_message(), HasSubstr("吊销")) << method;
  }
  // Neither does its key get in with a new code.
  EXPECT_TRUE(absl::IsPermissionDenied(town.Enrol("a", town.Invite("D057")).status()));
}

TEST(Door, CertificatesThatSayTooMuchAreNotBelieved) {
  Town town, other;
  Town::Device a = town.EnrolDevice("a", "D057"), b = town.EnrolDevice("b", "D058");
  KeyPair stray = GenerateKeyPair(SystemRandom());
  auto try_as = [&](const Authority& authority, const DeviceName& name, const KeyPair& key) {
    std::string der = *IssueDevice(authority, name, key.public_key, kNow, kNow + kDayMs);
    return CallRaw(ChannelAs(town.address(), DeviceIdentity(key, der)).get(), "/grpc.health.v1.Health/Check")
        .error_code();
  };
  DeviceName own{"D057", a.config.node_id()};
  EXPECT_EQ(try_as(town.authority(), own, a.key), grpc::StatusCode::OK);
  EXPECT_EQ(try_as(town.authority(), {"D058", own.node}, a.key), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(try_as(town.authority(), {"D058", b.config.node_id()}, a.key), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(try_as(town.authority(), own, stray), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(try_as(town.authority(), {"D057", "N-0"}, stray), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(try_as(other.authority(), own, a.key), grpc::StatusCode::UNAUTHENTICATED);
}

// One stream without a session behind it.
class RawStream {
 public:
  RawStream(Town* town, const Town::Device& device)
      : stub_(v1::SyncService::NewStub(ChannelAs(town->address(), DeviceIdentity(device.key, device.certificate.der)))),
        stream_(Open(stub_.get(), &context_)) {}
  void Say(const sync::Message& message) {
    v1::Packet packet;
    packet.set_message(codec_.Encode(message));
    stream_->Write(packet);
  }
  bool AwaitWelcome() {
    v1::Packet packet;
    while (stream_->Read(&packet)) {
      absl::StatusOr<sync::Message> message = codec_.Decode(packet.message());
      if (message.ok() && std::holds_alternative<sync::Welcome>(*message)) return true;
    }
    return false;
  }
  // Reads to the goodbye; none if the stream ends without.
  std::optional<sync::Goodbye> Goodbye() {
    v1::Packet packet;
    std::optional<sync::Goodbye> goodbye;
    while (stream_->Read(&packet)) {
      absl::StatusOr<sync::Message> message = codec_.Decode(packet.message());
      if (message.ok() && std::holds_alternative<sync::Welcome>(*message)) welcomed = true;
      if (message.ok() && std::holds_alternative<sync::Goodbye>(*message)) goodbye = std::get<sync::Goodbye>(*message);
    }
    return goodbye;
  }
  bool welcomed = false;

 private:
  using Stream = grpc::ClientReaderWriter<v1::Packet, v1::Packet>;
  // A hub that says nothing ends the test, not the patience of whoever runs it.
  static std::unique_ptr<Stream> Open(v1::SyncService::Stub* stub, grpc::ClientContext* context) {
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return stub->Exchange(context);
  }

  LinkCodec codec_;
  grpc::ClientContext context_;
  std::unique_ptr<v1::SyncService::Stub> stub_;
  std::unique_ptr<Stream> stream_;
};

sync::Hello HelloOf(const std::string& station, const std::string& node) {
  sync::Hello hello;
  hello.station = station;
  hello.node = node;
  return hello;
}

TEST(Door, AHelloOfAnotherStationOrDeviceEndsTheStream) {
  Town town;
  Town::Device a = town.EnrolDevice("a", "D057"), b = town.EnrolDevice("b", "D058");
  Town::Device second = town.EnrolDevice("c", "D057");
  for (const sync::Hello& hello : {HelloOf("D058", b.config.node_id()), HelloOf("D058", a.config.node_id()),
                                   HelloOf("D057", second.config.node_id())}) {
    RawStream stream(&town, a);
    stream.Say(hello);
    std::optional<sync::Goodbye> goodbye = stream.Goodbye();
    ASSERT_TRUE(goodbye.has_value());
    EXPECT_FALSE(goodbye->retry);
    EXPECT_THAT(goodbye->reason, HasSubstr("证书"));
    EXPECT_FALSE(stream.welcomed);
  }
}

TEST(Door, RevocationEndsAnOpenStreamWithALastWord) {
  Town town;
  Town::Device a = town.EnrolDevice("a", "D057"), b = town.EnrolDevice("b", "D058");
  RawStream revoked(&town, a), kept(&town, b);
  revoked.Say(HelloOf("D057", a.config.node_id()));
  kept.Say(HelloOf("D058", b.config.node_id()));
  ASSERT_TRUE(revoked.AwaitWelcome());
  ASSERT_TRUE(kept.AwaitWelcome());
  v1::RevokeNodeRequest request;
  request.set_node_id(a.config.node_id());
  request.set_reason("丢失");
  ASSERT_TRUE(town.hub().registry()->RevokeNode(request).ok());
  std::optional<sync::Goodbye> goodbye = revoked.Goodbye();
  ASSERT_TRUE(goodbye.has_value());
  EXPECT_FALSE(goodbye->retry);
  EXPECT_THAT(goodbye->reason, HasSubstr("吊销"));
  // The other station's stream is open still: it answers nonsense.
  kept.Say(sync::Welcome{});
  goodbye = kept.Goodbye();
  ASSERT_TRUE(goodbye.has_value());
  EXPECT_EQ(goodbye->reason.find("吊销"), std::string::npos);
}

TEST(Door, VersionsBefore13AreRefused) {
  Town town;
  EXPECT_EQ(AgreedTlsVersion(town.hub().sync_port(), TLS1_3_VERSION), "TLSv1.3");
  EXPECT_EQ(AgreedTlsVersion(town.hub().sync_port(), TLS1_2_VERSION), "");
}

TEST(Door, ClearTextIsForThisMachineAlone) {
  TempDir dir;
  auto open = [&](bool clear, const std::string& address) {
    HubNode::Options options;
    options.dir = dir.In("hub");
    options.create = true;
    options.kv = NewMemoryKv();
    options.clear = clear;
    options.sync_address = address;
    return HubNode::Open(std::move(options)).status();
  };
  EXPECT_TRUE(absl::IsInvalidArgument(open(true, "0.0.0.0:0")));
  EXPECT_TRUE(absl::IsInvalidArgument(open(true, "[::]:0")));
  EXPECT_TRUE(absl::IsInvalidArgument(open(true, "192.0.2.1:0")));
  EXPECT_TRUE(open(true, "127.0.0.1:0").ok());
  EXPECT_TRUE(open(false, "0.0.0.0:0").ok());
}

TEST(Door, HowMuchAFreshChannelCosts) {
  Town town;
  Town::Device device = town.EnrolDevice("a", "D057");
  CountingRelay relay(town.hub().sync_port());
  std::shared_ptr<grpc::Channel> channel =
      ChannelAs(Cat("127.0.0.1:", relay.port()), DeviceIdentity(device.key, device.certificate.der));
  ASSERT_TRUE(CallRaw(channel.get(), "/grpc.health.v1.Health/Check").ok());
  CountingRelay::Count count = relay.count();
  std::cout << "a fresh channel and one call: " << count.up_bytes << " bytes up, " << count.down_bytes << " down, "
            << count.turns << " round trips with that of TCP\n";
  EXPECT_LE(count.up_bytes + count.down_bytes, 4'700);
  EXPECT_LE(count.turns, 5);
}

}  // namespace
}  // namespace liaison
