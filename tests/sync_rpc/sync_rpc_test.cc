// The drivers over a real gRPC server on loopback, with the in-memory stores of tests/testing behind them.
#include <grpcpp/grpcpp.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/base/text.h"
#include "common/codec/link_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hub/door/sync_service.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "station/link/uplink.h"
#include "tests/sync_rpc/shared_hub.h"
#include "tests/sync_rpc/shared_station.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(SyncRpc, CarriesBothWays) {
  SharedHub hub;
  hub.Admit("D057");
  hub.Commit("all", "花名册");
  SharedStation station("D057");
  for (const char* text : {"水渠", "减速带", "卫生室"}) station.Commit(text);
  std::unique_ptr<SyncService> service = Serve(&hub);
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(AwaitSynced(*uplink)) << uplink->state().last_error;
  EXPECT_EQ(hub.OpsOf("D057"), 3u);
  EXPECT_TRUE(station.AwaitFeed("all", 1));
  EXPECT_TRUE(station.AwaitFeed("p:D057", 3));
  UplinkState state = uplink->state();
  EXPECT_TRUE(state.link_up);
  EXPECT_EQ(state.pending_ops, 0u);
  EXPECT_GT(state.last_receipt_ms, 0);
  EXPECT_EQ(state.last_error, "");
}

TEST(SyncRpc, NewOpsGoBothWaysOverTheOpenLink) {
  SharedHub hub;
  hub.Admit("D057");
  SharedStation station("D057");
  std::unique_ptr<SyncService> service = Serve(&hub);
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(AwaitSynced(*uplink));
  station.Commit("水渠");
  uplink->NotifyCommit();
  EXPECT_TRUE(station.AwaitFeed("p:D057", 1));
  EXPECT_EQ(hub.OpsOf("D057"), 1u);
  hub.Commit("all", "通知", service.get());
  EXPECT_TRUE(station.AwaitFeed("all", 1));
  EXPECT_EQ(uplink->state().attempts, 1u);
}

TEST(SyncRpc, ComesBackAfterTheHubRestarts) {
  SharedHub hub;
  hub.Admit("D057");
  SharedStation station("D057");
  std::unique_ptr<SyncService> service = Serve(&hub);
  int port = service->port();
  std::unique_ptr<Uplink> uplink = Connect(port, &station);
  ASSERT_TRUE(AwaitSynced(*uplink));
  hub.Serve(nullptr);
  service.reset();
  ASSERT_TRUE(AwaitError(*uplink, "连不上镇中心"));
  EXPECT_FALSE(uplink->state().link_up);
  station.Commit("水渠");
  uplink->NotifyCommit();
  SyncServiceOptions options;
  options.address = Cat("127.0.0.1:", port);
  service = Serve(&hub, options);
  ASSERT_TRUE(AwaitSynced(*uplink)) << uplink->state().last_error;
  EXPECT_EQ(hub.OpsOf("D057"), 1u);
  EXPECT_EQ(uplink->state().last_error, "");
}

TEST(SyncRpc, ServesSixteenStationsAtOnce) {
  constexpr size_t kStations = 16, kOps = 200;
  SharedHub hub;
  std::vector<std::unique_ptr<SharedStation>> stations;
  std::vector<std::unique_ptr<Uplink>> uplinks;
  for (size_t i = 0; i < kStations; ++i) {
    std::string id = Cat("D", 100 + i);
    hub.Admit(id);
    stations.push_back(std::make_unique<SharedStation>(id));
    for (size_t op = 0; op < kOps; ++op) stations.back()->Commit(Cat(std::string(500, 'x'), op), 1000 * i);
  }
  std::unique_ptr<SyncService> service = Serve(&hub);
  for (auto& station : stations) uplinks.push_back(Connect(service->port(), station.get()));
  for (size_t i = 0; i < kStations; ++i) {
    ASSERT_TRUE(AwaitSynced(*uplinks[i])) << uplinks[i]->state().last_error;
    EXPECT_EQ(hub.OpsOf(Cat("D", 100 + i)), kOps);
    EXPECT_TRUE(stations[i]->AwaitFeed(Cat("p:D", 100 + i), kOps));
    EXPECT_EQ(uplinks[i]->state().attempts, 1u);
  }
  EXPECT_EQ(service->streams(), kStations);
}

// A feed that comes back empty from a bad disk is not an empty feed.
TEST(SyncRpc, AHubThatCannotReadEndsTheStreamInsteadOfSendingLess) {
  SharedHub hub;
  hub.Admit("D057");
  hub.Commit("all", "花名册");
  hub.unreadable = true;
  SharedStation station("D057");
  std::unique_ptr<SyncService> service = Serve(&hub);
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(AwaitError(*uplink, "读不出来"));
  hub.unreadable = false;
  ASSERT_TRUE(AwaitSynced(*uplink)) << uplink->state().last_error;
}

TEST(SyncRpc, AStationThatCannotReadSaysSoAndTellsTheHubNothing) {
  SharedHub hub;
  hub.Admit("D057");
  SharedStation station("D057");
  station.Commit("水渠");
  station.unreadable = true;
  std::unique_ptr<SyncService> service = Serve(&hub);
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(AwaitError(*uplink, "读不出来"));
  EXPECT_EQ(hub.OpsOf("D057"), 0u);
  station.unreadable = false;
  ASSERT_TRUE(AwaitSynced(*uplink)) << uplink->state().last_error;
}

// A client without a session behind it.
class RawClient {
 public:
  explicit RawClient(int port)
      : stub_(
            v1::SyncService::NewStub(grpc::CreateChannel(Cat("127.0.0.1:", port), grpc::InsecureChannelCredentials()))),
        stream_(stub_->Exchange(&context_)) {}
  bool Write(std::string bytes) {
    v1::Packet packet;
    packet.set_message(std::move(bytes));
    return stream_->Write(packet);
  }
  absl::StatusOr<sync::Message> Read() {
    v1::Packet packet;
    if (!stream_->Read(&packet)) return absl::OutOfRangeError("end of stream");
    return codec.Decode(packet.message());
  }
  grpc::Status Finish() {
    v1::Packet packet;
    while (stream_->Read(&packet)) {
    }
    return stream_->Finish();
  }
  void Cancel() { context_.TryCancel(); }

  LinkCodec codec;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::SyncService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::Packet, v1::Packet>> stream_;
};

TEST(SyncRpc, GarbageFromAStationEndsItsStreamWithAGoodbye) {
  SharedHub hub;
  hub.Admit("D057");
  SharedStation station("D057");
  std::unique_ptr<SyncService> service = Serve(&hub);
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(AwaitSynced(*uplink));
  for (const std::string& garbage : {std::string(), std::string("\0\1", 2), std::string(1000, '\xff'),
                                     std::string("\1 no zstd frame"), std::string(100'000, '\1')}) {
    RawClient client(service->port());
    client.Write(garbage);
    absl::StatusOr<sync::Message> answer = client.Read();
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_TRUE(std::holds_alternative<sync::Goodbye>(*answer));
    EXPECT_THAT(std::get<sync::Goodbye>(*answer).reason, HasSubstr("读不懂"));
    EXPECT_TRUE(client.Finish().ok());
  }
  RawClient oversized(service->port());
  oversized.Write(std::string(5 << 20, 'x'));
  EXPECT_FALSE(oversized.Finish().ok());
  station.Commit("水渠");  // the others do not notice
  uplink->NotifyCommit();
  EXPECT_TRUE(station.AwaitFeed("p:D057", 1));
  EXPECT_EQ(uplink->state().attempts, 1u);
  uplink->Stop();
  service->Stop();  // each stream is counted once, whatever became of it
  EXPECT_EQ(service->sessions().welcomed, 1u);
  EXPECT_EQ(service->sessions().refused, 5u);
  EXPECT_EQ(service->sessions().lost, 1u);
}

class GarbageHub : public v1::SyncService::Service {
  grpc::Status Exchange(grpc::ServerContext*, grpc::ServerReaderWriter<v1::Packet, v1::Packet>* stream) override {
    v1::Packet packet;
    stream->Read(&packet);
    packet.set_message("garbage");
    stream->Write(packet);
    while (stream->Read(&packet)) {
    }
    return grpc::Status::OK;
  }
};

TEST(SyncRpc, GarbageFromTheHubIsAnErrorThatAPersonCanRead) {
  GarbageHub garbage;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&garbage);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  SharedStation station("D057");
  station.Commit("水渠");
  std::unique_ptr<Uplink> uplink = Connect(port, &station);
  EXPECT_TRUE(AwaitError(*uplink, "读不懂"));
  EXPECT_EQ(uplink->state().pending_ops, 1u);
  EXPECT_FALSE(uplink->state().synced);
  uplink->Stop();
  server->Shutdown();
}

TEST(SyncRpc, AStationThatDoesNotReadHoldsUpNobody) {
  SharedHub hub;
  hub.Admit("D057");
  hub.Admit("D058");
  for (int i = 0; i < 200; ++i) hub.Commit("all", std::string(20'000, static_cast<char>('a' + i % 26)) + Cat(i));
  SyncServiceOptions options;
  options.stop_grace_ms = 50;
  std::unique_ptr<SyncService> service = Serve(&hub, options);
  RawClient slow(service->port());
  sync::Hello hello;
  hello.station = "D058";
  hello.node = "n";
  slow.Write(slow.codec.Encode(hello));
  SharedStation station("D057");
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  EXPECT_TRUE(AwaitSynced(*uplink)) << uplink->state().last_error;
  EXPECT_TRUE(station.AwaitFeed("all", 200));
  uplink->Stop();
  service->Stop();
  slow.Finish();
}

TEST(SyncRpc, StopsWhileRangesAreWithTheApplier) {
  SharedHub hub;
  hub.Admit("D057");
  SharedStation station("D057");
  for (int i = 0; i < 300; ++i) station.Commit(Cat(std::string(1'000, 'x'), i));
  std::unique_ptr<SyncService> service = Serve(&hub);
  hub.Hold(true);
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(hub.AwaitQueued(sync::kMaxRangesInFlight));
  hub.Serve(nullptr);
  service->Stop();
  EXPECT_TRUE(AwaitError(*uplink, "镇中心"));
  service.reset();
  hub.Hold(false);  // answers come to streams that are no more
  uplink->Stop();
  service = Serve(&hub);
  uplink = Connect(service->port(), &station);
  EXPECT_TRUE(AwaitSynced(*uplink));
  EXPECT_EQ(hub.OpsOf("D057"), 300u);
}

TEST(SyncRpc, StationStopsWhileStreaming) {
  SharedHub hub;
  hub.Admit("D057");
  SharedStation station("D057");
  for (int i = 0; i < 300; ++i) station.Commit(Cat(std::string(1'000, 'x'), i));
  std::unique_ptr<SyncService> service = Serve(&hub);
  hub.Hold(true);
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  ASSERT_TRUE(hub.AwaitQueued(1));
  uplink->Stop();
  hub.Hold(false);
  uplink = Connect(service->port(), &station);
  EXPECT_TRUE(AwaitSynced(*uplink));
  EXPECT_EQ(hub.OpsOf("D057"), 300u);
}

TEST(SyncRpc, ARefusedStationWaitsAndSaysWhy) {
  SharedHub hub;
  std::unique_ptr<SyncService> service = Serve(&hub);
  SharedStation station("D999");
  UplinkOptions options;
  options.hub_address = Cat("127.0.0.1:", service->port());
  options.retry_delay_ms = 1;
  options.retry_delay_ms_max = 3'600'000;
  absl::StatusOr<std::unique_ptr<Uplink>> uplink = Uplink::Start(options, &station, &station);
  ASSERT_TRUE(uplink.ok());
  EXPECT_TRUE(AwaitError(**uplink, "没有登记这个站点"));
  // Counted at its end, which comes after the reason.
  EXPECT_TRUE((*uplink)->AwaitState([](const UplinkState& state) { return state.sessions.refused == 1; }, kSoon));
  EXPECT_EQ((*uplink)->state().sessions.synced, 0u);
  (*uplink)->NotifyCommit();  // does not end that wait; see RetryWait
  hub.Admit("D999");
  (*uplink)->RetryNow();  // a person does
  EXPECT_TRUE(AwaitSynced(**uplink));
  EXPECT_EQ((*uplink)->state().sessions.refused, 1u);
  EXPECT_EQ((*uplink)->state().sessions.synced, 1u);
  EXPECT_EQ(service->sessions().refused, 1u);
  EXPECT_EQ(service->sessions().welcomed, 1u);
}

// The way of a device whose certificate is due while nobody answers.
class Unready : public Channels {
 public:
  std::shared_ptr<grpc::Channel> NewChannel(const std::string&) override { return nullptr; }
  absl::Status Prepare(const std::string&) override { return absl::UnavailableError("连不上镇中心，会自动重试"); }
  void OnRefused() override {}
  void Cancel() override {}
  std::string Complaint() const override { return ""; }
};

TEST(SyncRpc, AnAttemptThatWasAskedForIsMadeOnceAlsoWhereNothingIsReady) {
  SharedStation station("D057");
  Unready channels;
  UplinkOptions options;
  options.hub_address = "127.0.0.1:9";
  options.channels = &channels;
  options.retry_delay_ms = 1;
  options.retry_delay_ms_max = 3'600'000;
  absl::StatusOr<std::unique_ptr<Uplink>> uplink = Uplink::Start(options, &station, &station);
  ASSERT_TRUE(uplink.ok());
  (*uplink)->RetryNow();
  (*uplink)->NotifyCommit();
  // Doubled from a millisecond, twenty take minutes.
  EXPECT_FALSE((*uplink)->AwaitState([](const UplinkState& s) { return s.attempts > 40; }, absl::Milliseconds(100)));
}

TEST(SyncRpc, AConnectionWithoutReceiptsIsGivenUpAndNotShownAsUp) {
  SharedHub hub;
  hub.Admit("D057");
  SharedStation station("D057");
  std::unique_ptr<SyncService> service = Serve(&hub);
  UplinkOptions options;
  options.hub_address = Cat("127.0.0.1:", service->port());
  options.retry_delay_ms = options.retry_delay_ms_max = 1;
  options.receipt_ms = 50;
  absl::StatusOr<std::unique_ptr<Uplink>> uplink = Uplink::Start(options, &station, &station);
  ASSERT_TRUE(uplink.ok());
  ASSERT_TRUE(AwaitSynced(**uplink));
  hub.Hold(true);
  station.Commit("水渠");
  (*uplink)->NotifyCommit();
  EXPECT_TRUE((*uplink)->AwaitState(
      [](const UplinkState& s) { return !s.link_up && s.last_error.find("没有回执") != std::string::npos; }, kSoon));
  hub.Hold(false);
  EXPECT_TRUE(AwaitSynced(**uplink));
  EXPECT_EQ(hub.OpsOf("D057"), 1u);
}

TEST(SyncRpc, AFullDiskEndsTheSessionAndKeepsTheCursor) {
  SharedHub hub;
  hub.Admit("D057");
  hub.Commit("all", "花名册");
  std::unique_ptr<SyncService> service = Serve(&hub);
  SharedStation station("D057");
  station.fault = absl::DataLossError("disk full");
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  EXPECT_TRUE(AwaitError(*uplink, "本机存盘出错"));
  EXPECT_TRUE(station.Feeds().empty());
  EXPECT_TRUE(uplink->AwaitState([](const UplinkState& s) { return s.sessions.cut > 0; }, kSoon));
  EXPECT_EQ(uplink->state().sessions.synced, 0u);
}

TEST(SyncRpc, MoreStreamsThanAllowedAreToldToComeBack) {
  SharedHub hub;
  hub.Admit("D057");
  hub.Admit("D058");
  SyncServiceOptions options;
  options.max_streams = 1;
  std::unique_ptr<SyncService> service = Serve(&hub, options);
  SharedStation first("D057"), second("D058");
  std::unique_ptr<Uplink> one = Connect(service->port(), &first);
  ASSERT_TRUE(AwaitSynced(*one));
  std::unique_ptr<Uplink> two = Connect(service->port(), &second);
  EXPECT_TRUE(AwaitError(*two, "镇中心正忙"));
  one->Stop();
  EXPECT_TRUE(AwaitSynced(*two));
}

TEST(SyncRpc, OnlyThisMachineUntilThereAreCertificates) {
  SharedHub hub;
  SharedStation station("D057");
  for (const char* address : {"192.168.1.10:7061", "0.0.0.0:7061", "[::]:7061", "hub.example:7061", ""}) {
    UplinkOptions up;
    up.hub_address = address;
    EXPECT_THAT(std::string(Uplink::Start(up, &station, &station).status().message()), HasSubstr("不加密时只允许"));
    SyncServiceOptions down;
    down.address = address;
    EXPECT_THAT(std::string(SyncService::Start(down, &hub, &hub).status().message()), HasSubstr("不加密时只允许"));
  }
}

TEST(SyncRpc, ATakenPortIsAnError) {
  SharedHub hub;
  std::unique_ptr<SyncService> service = Serve(&hub);
  SyncServiceOptions options;
  options.address = Cat("127.0.0.1:", service->port());
  EXPECT_EQ(SyncService::Start(options, &hub, &hub).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace liaison
