// The drivers over a real gRPC server on loopback, with the in-memory stores of tests/testing behind them.
#include <grpcpp/grpcpp.h>

#include <thread>

#include "absl/synchronization/notification.h"
#include "common/base/text.h"
#include "common/codec/link_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hub/sync_service.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "station/uplink.h"
#include "tests/testing/fake_sync.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kSoon = absl::Seconds(30);  // never waited for in full when the test passes

// A FakeStation that the test and the uplink's thread may both use.
class SharedStation : public sync::StationPort, public UplinkSink {
 public:
  explicit SharedStation(const std::string& id) : station_(id, "n") {}

  void Commit(const std::string& text, uint64_t actor_from = 0) {
    absl::MutexLock lock(&mutex_);
    if (actors_ == 0) actors_ = actor_from;
    station_.Commit(text, {"p:" + station_.disk.station}, &actors_);
  }
  bool AwaitFeed(const std::string& interest, size_t items) {
    absl::MutexLock lock(&mutex_);
    auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      auto it = station_.disk.feeds.find(interest);
      return it != station_.disk.feeds.end() && it->second.items.size() >= items;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&there), kSoon);
  }

  sync::Hello Identity() override {
    absl::MutexLock lock(&mutex_);
    return station_.Identity();
  }
  std::optional<sync::Tip> tip() override {
    absl::MutexLock lock(&mutex_);
    return station_.tip();
  }
  std::vector<sync::OwnLog> OwnLogs() override {
    absl::MutexLock lock(&mutex_);
    return station_.OwnLogs();
  }
  absl::StatusOr<sync::Range> ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) override {
    absl::MutexLock lock(&mutex_);
    return station_.ReadRange(actor, first, max_bytes);
  }
  std::vector<sync::Cursor> Feeds() override {
    absl::MutexLock lock(&mutex_);
    return station_.Feeds();
  }
  bool HasOp(const OpName& name) override {
    absl::MutexLock lock(&mutex_);
    return station_.HasOp(name);
  }
  absl::Status Complete(sync::FeedBatch* batch) override {
    absl::MutexLock lock(&mutex_);
    return station_.Complete(batch);
  }
  bool HoldsAt(const sync::Tip& tip) override {
    absl::MutexLock lock(&mutex_);
    return station_.HoldsAt(tip);
  }
  std::vector<sync::Cursor> FeedPoints(const sync::Cursor& cursor, const sync::Cursor& hub_head) override {
    absl::MutexLock lock(&mutex_);
    return station_.FeedPoints(cursor, hub_head);
  }
  std::optional<sync::FeedBatch> NextAbandoned(std::string* at) override {
    absl::MutexLock lock(&mutex_);
    return station_.NextAbandoned(at);
  }
  sync::Ops Lookup(const sync::Want& want) override {
    absl::MutexLock lock(&mutex_);
    return station_.Lookup(want);
  }
  absl::Status ApplyBatch(const sync::FeedBatch& batch) override {
    absl::MutexLock lock(&mutex_);
    return fault.ok() ? station_.Apply(batch) : fault;
  }
  absl::Status RewindFeed(const sync::Cursor& cursor) override {
    absl::MutexLock lock(&mutex_);
    return station_.Rewind(cursor);
  }
  absl::Status RecordAck(const sync::RecordAck& record) override {
    absl::MutexLock lock(&mutex_);
    station_.Record(record);
    return absl::OkStatus();
  }

  absl::Status fault;  // of ApplyBatch; set before the uplink starts

 private:
  absl::Mutex mutex_;
  fake::FakeStation station_ ABSL_GUARDED_BY(mutex_);
  uint64_t actors_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A FakeHub behind a lock, and its one applying thread.
class SharedHub : public sync::HubPort, public Applier {
 public:
  SharedHub() : thread_([this] { ApplyAll(); }) {}
  ~SharedHub() override {
    {
      absl::MutexLock lock(&queue_mutex_);
      stopping_ = true;
      held_ = false;
    }
    thread_.join();
  }

  void Admit(const std::string& station) {
    absl::MutexLock lock(&mutex_);
    hub_.subscriptions[station] = {"all", "p:" + station};
  }
  void Commit(const std::string& interest, const std::string& text, SyncService* service = nullptr) {
    {
      absl::MutexLock lock(&mutex_);
      hub_.Commit(interest, text, &actors_);
    }
    if (service != nullptr) service->NotifyFeed(interest);
  }
  size_t OpsOf(const std::string& station) {
    absl::MutexLock lock(&mutex_);
    size_t ops = 0;
    for (const auto& [actor, chain] : hub_.disk.chains)
      if (actor.station == station) ops += chain.ops.size();
    return ops;
  }
  void Hold(bool held) {  // nothing is applied while held
    absl::MutexLock lock(&queue_mutex_);
    held_ = held;
  }
  bool AwaitQueued(size_t count) {
    absl::MutexLock lock(&queue_mutex_);
    auto there = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mutex_) { return queue_.size() >= count; };
    return queue_mutex_.AwaitWithTimeout(absl::Condition(&there), kSoon);
  }
  void Serve(SyncService* service) {
    absl::MutexLock lock(&mutex_);
    hub_.on_grew = [service](const std::string& interest) {
      if (service != nullptr) service->NotifyFeed(interest);
    };
  }

  void Submit(sync::Range range, std::function<void(absl::StatusOr<sync::Ack>)> done) override {
    absl::MutexLock lock(&queue_mutex_);
    queue_.emplace_back(std::move(range), std::move(done));
  }
  void SubmitOffer(sync::TakeOffer offer, std::function<void(absl::Status)> done) override {
    {
      absl::MutexLock lock(&mutex_);
      hub_.TakeOffer(offer);
    }
    absl::MutexLock lock(&queue_mutex_);
    queue_.emplace_back(sync::Range(), [done](const absl::StatusOr<sync::Ack>&) { done(absl::OkStatus()); });
  }
  bool KnowsAbandoned(const std::string& hash) override {
    absl::MutexLock lock(&mutex_);
    return hub_.KnowsAbandoned(hash);
  }
  bool ContainsArchive(const std::string&) override { return true; }
  std::vector<sync::Ack> ArchivedTips(const std::string&, const std::string&) override { return {}; }
  absl::StatusOr<sync::Want> CheckOffer(const sync::FeedBatch& batch) override {
    absl::MutexLock lock(&mutex_);
    return hub_.CheckOffer(batch);
  }
  absl::StatusOr<sync::Admission> Admit(const sync::Hello& hello) override {
    absl::MutexLock lock(&mutex_);
    return hub_.Admit(hello);
  }
  std::string epoch() override {
    absl::MutexLock lock(&mutex_);
    return hub_.epoch();
  }
  std::vector<sync::EpochMark> lineage() override { return {}; }
  std::optional<sync::Tip> Have(const Actor& actor) override {
    absl::MutexLock lock(&mutex_);
    return hub_.Have(actor);
  }
  bool HoldsAt(const sync::Tip& tip) override {
    absl::MutexLock lock(&mutex_);
    return hub_.HoldsAt(tip);
  }
  sync::FeedAnswer CheckCursor(const sync::Cursor& cursor) override {
    absl::MutexLock lock(&mutex_);
    return hub_.CheckCursor(cursor);
  }
  std::vector<sync::Cursor> Heads(const std::vector<std::string>& interests) override {
    absl::MutexLock lock(&mutex_);
    return hub_.Heads(interests);
  }
  sync::Seal SignHeads(const sync::Welcome&) override { return {}; }
  std::optional<sync::FeedBatch> ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                          size_t max_bytes, bool whole) override {
    absl::MutexLock lock(&mutex_);
    return hub_.ReadFeed(station, interest, position, max_bytes, whole);
  }
  absl::StatusOr<std::string> ReadOp(const OpName& name) override {
    absl::MutexLock lock(&mutex_);
    return hub_.ReadOp(name);
  }
  int64_t hub_time_ms() override { return 0; }

 private:
  void ApplyAll() {
    for (;;) {
      std::pair<sync::Range, std::function<void(absl::StatusOr<sync::Ack>)>> next;
      {
        absl::MutexLock lock(&queue_mutex_);
        auto woken = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mutex_) {
          return !held_ && (stopping_ || !queue_.empty());
        };
        queue_mutex_.Await(absl::Condition(&woken));
        if (queue_.empty()) return;
        next = std::move(queue_.front());
        queue_.pop_front();
      }
      sync::Ack ack;
      {
        absl::MutexLock lock(&mutex_);
        ack = hub_.Apply(next.first);
      }
      next.second(std::move(ack));
    }
  }

  absl::Mutex mutex_;
  fake::FakeHub hub_ ABSL_GUARDED_BY(mutex_);
  uint64_t actors_ ABSL_GUARDED_BY(mutex_) = 1'000'000;
  absl::Mutex queue_mutex_;
  std::deque<std::pair<sync::Range, std::function<void(absl::StatusOr<sync::Ack>)>>> queue_
      ABSL_GUARDED_BY(queue_mutex_);
  bool held_ ABSL_GUARDED_BY(queue_mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(queue_mutex_) = false;
  std::thread thread_;  // last
};

std::unique_ptr<SyncService> Serve(SharedHub* hub, SyncServiceOptions options = {}) {
  absl::StatusOr<std::unique_ptr<SyncService>> service = SyncService::Start(std::move(options), hub, hub);
  EXPECT_TRUE(service.ok()) << service.status();
  hub->Serve(service->get());
  return *std::move(service);
}

std::unique_ptr<Uplink> Connect(int port, SharedStation* station) {
  UplinkOptions options;
  options.hub_address = Cat("127.0.0.1:", port);
  options.retry_delay_ms = 5;
  options.retry_delay_ms_max = 20;
  absl::StatusOr<std::unique_ptr<Uplink>> uplink = Uplink::Start(options, station, station);
  EXPECT_TRUE(uplink.ok()) << uplink.status();
  return *std::move(uplink);
}

bool AwaitSynced(const Uplink& uplink) {
  return uplink.AwaitState([](const UplinkState& state) { return state.synced; }, kSoon);
}
bool AwaitError(const Uplink& uplink, const std::string& part) {
  return uplink.AwaitState([&](const UplinkState& s) { return s.last_error.find(part) != std::string::npos; }, kSoon);
}

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
  (*uplink)->NotifyCommit();  // does not end that wait
  EXPECT_FALSE((*uplink)->AwaitState([](const UplinkState& s) { return s.attempts > 1; }, absl::Milliseconds(100)));
}

TEST(SyncRpc, ARangeThatTheDoorRefusesEndsTheSession) {
  SharedHub hub;
  hub.Admit("D057");
  SyncServiceOptions options;
  options.check_range = [](const sync::Range&) { return absl::UnauthenticatedError("这台设备已停用"); };
  std::unique_ptr<SyncService> service = Serve(&hub, options);
  SharedStation station("D057");
  station.Commit("水渠");
  std::unique_ptr<Uplink> uplink = Connect(service->port(), &station);
  EXPECT_TRUE(AwaitError(*uplink, "这台设备已停用"));
  EXPECT_EQ(hub.OpsOf("D057"), 0u);
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
