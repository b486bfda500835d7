// Old and new programs together, over real sockets. The hub is renewed first, so it meets stations that speak the
// version before; records know no versions, so what a later program wrote passes through all of them as it is.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/base/text.h"
#include "common/codec/link_codec.h"
#include "common/codec/op_codec.h"
#include "liaison/v1/sync.grpc.pb.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::Ge;
using ::testing::Le;

constexpr char kStation[] = "HK-D057";
constexpr absl::Duration kSoon = absl::Seconds(60);  // never waited for in full when the test passes
constexpr uint32_t kLaterField = 900 << 3 | 2;
constexpr uint8_t kLaterPart = 77;
constexpr int kNewestFormOfVersion2 = 5, kRawSection = 16;  // link_codec.h

// A relay between a station and the hub that looks at the packets.
class Tap : public v1::SyncService::Service {
 public:
  explicit Tap(int hub_port)
      : hub_(v1::SyncService::NewStub(
            grpc::CreateChannel(Cat("127.0.0.1:", hub_port), grpc::InsecureChannelCredentials()))) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Tap() override { server_->Shutdown(); }
  int port() const { return port_; }
  int newest_up() const { return newest_up_; }  // the largest form byte of all packets
  int newest_down() const { return newest_down_; }

 private:
  static void Note(const v1::Packet& packet, std::atomic<int>* newest) {
    *newest = std::max<int>(*newest, static_cast<uint8_t>(packet.message().at(0)));
  }
  grpc::Status Exchange(grpc::ServerContext*, grpc::ServerReaderWriter<v1::Packet, v1::Packet>* station) override {
    grpc::ClientContext context;
    auto hub = hub_->Exchange(&context);
    std::thread down([&] {
      for (v1::Packet packet; hub->Read(&packet) && station->Write(packet);) Note(packet, &newest_down_);
    });
    for (v1::Packet packet; station->Read(&packet) && hub->Write(packet);) Note(packet, &newest_up_);
    context.TryCancel();
    down.join();
    return grpc::Status::OK;
  }

  const std::unique_ptr<v1::SyncService::Stub> hub_;
  std::atomic<int> newest_up_{0}, newest_down_{0};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// A station's store under a program that speaks no newer version.
class VersionedPort : public StationPort {
 public:
  VersionedPort(StationNode* node, uint32_t version)
      : StationPort(node->store(), node->port()->Identity()), version_(version) {}
  sync::Hello Identity() override {
    sync::Hello hello = StationPort::Identity();
    hello.version = version_;
    return hello;
  }

 private:
  const uint32_t version_;
};

// A device whose own log was written by a program of a later schema.
class LaterPort : public VersionedPort {
 public:
  LaterPort(StationNode* node, uint32_t version) : VersionedPort(node, version) {
    range_.actor = {kStation, 4242};
    range_.first = 1;
    range_.head_before = range_.head_after = ChainStart(std::nullopt);
    matter_ = RecordId::Random(TypeOf<v1::Matter>().type(), ActionId(1), 0);
    Add({{{}, v1::Matter::kStationIdFieldNumber << 3 | 2, "", kStation}, {{}, kLaterField, "", "of a later schema"}},
        kWriteOp);
    Add({{{}, kLaterField, "of a set", "element"}}, kNewestKnownKind + 1);
    Add({}, kNewestKnownKind + 2);
    range_.seal = node->store()->options().sign(RangeSigningBytes(range_));
  }
  const RecordId& matter() const { return matter_; }
  const std::vector<OpName>& names() const { return names_; }
  const std::vector<std::string>& ops() const { return range_.ops; }

  std::optional<sync::Tip> tip() override { return sync::Tip{range_.actor, range_.last, range_.head_after}; }
  std::vector<sync::OwnLog> OwnLogs() override { return {{range_.actor, range_.last, 0, std::nullopt}}; }
  absl::StatusOr<sync::Range> ReadRange(const Actor&, uint64_t first, size_t) override {
    if (first != 1) return absl::NotFoundError("one range");
    return range_;
  }
  bool HoldsAt(const sync::Tip& at) override { return at == tip(); }

 private:
  static std::string ActionId(uint64_t n) { return std::string(kActionIdBytes, static_cast<char>('a' + n)); }
  // The next op on the matter; without writes, one with a part that is not known.
  void Add(std::vector<Write> writes, uint32_t kind) {
    Op op;
    op.actor = range_.actor;
    op.seq = op.n = ++range_.last;
    op.action_id = ActionId(op.n);
    op.aggregate = matter_;
    op.kind = kind;
    op.schema_version = kSchemaVersion + 1000;
    if (op.n > 1) op.previous = TagOf(names_.back().hash);
    op.user = "后来的程序";
    op.writes = std::move(writes);
    std::string bytes = EncodeOp(&op);
    if (op.writes.empty()) {
      const std::string part = "a part of later";
      bytes.back() = 1;  // the count of parts
      bytes += {static_cast<char>(kLaterPart), 0, static_cast<char>(part.size()), 0};
      bytes += part;
    }
    names_.push_back({op.actor, op.seq, DecodeOp(bytes)->hash});
    range_.head_after = ChainNext(range_.head_after, names_.back().hash);
    range_.ops.push_back(std::move(bytes));
  }

  RecordId matter_;
  sync::Range range_;
  std::vector<OpName> names_;
};

// By the version that both devices of the station speak.
class Versions : public testing::TestWithParam<uint32_t> {
 protected:
  Versions() : town_(31, "127.0.0.1:0"), today_(town_.Enrol(kStation)), later_(town_.Enrol(kStation)) {}

  // A session, until both sides have everything.
  void Visit(StationNode* station, sync::StationPort* port) {
    Tap tap(town_.hub().sync_port());
    UplinkOptions options;
    options.hub_address = Cat("127.0.0.1:", tap.port());
    auto uplink = Uplink::Start(options, port, station->sink());
    ASSERT_TRUE(uplink.ok()) << uplink.status();
    auto over = [](const UplinkState& state) { return state.synced && state.pending_ops == 0; };
    ASSERT_TRUE((*uplink)->AwaitState(over, kSoon)) << (*uplink)->state().last_error;
    (*uplink)->Stop();
    newest_up_ = std::max(newest_up_, tap.newest_up());
    newest_down_ = std::max(newest_down_, tap.newest_down());
  }
  void Write(Store* store, const RecordId& matter, const std::string& value) {
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      VersionVector seen = view.Load(matter)->lineage().Visible();
      return Action{"li", {NewOp{matter, seen, {{{}, kLaterField, "", value}}}}, {}, ""};
    };
    absl::Status status = store->Commit(town_.random().Bytes(kActionIdBytes), value, build).status();
    EXPECT_TRUE(status.ok()) << status;
  }
  // How many ops of the station's feeds are on its disk byte for byte as at the hub.
  int CompareFeeds(StationNode* station) {
    Store* hub = town_.hub().store();
    StoreReader reader = station->store()->Read();
    int compared = 0;
    for (const sync::Cursor& head : station->store()->FeedHeads()) {
      EXPECT_EQ(head, hub->FeedHead(head.interest));
      uint64_t position = 0;
      while (auto batch = hub->ReadFeed(head.interest, position, "", 1 << 20)) {
        position = batch->last;
        for (size_t i = 0; i < batch->items.size(); ++i) {
          if (batch->items[i].kind != sync::ItemKind::kOp) continue;
          const OpName& name = batch->items[i].name;
          EXPECT_EQ(reader.OpBytes(name.actor, name.seq, TagOf(name.hash)), batch->ops[i]) << name.seq;
          ++compared;
        }
      }
    }
    return compared;
  }

  Township town_;
  std::unique_ptr<Site> today_, later_;
  int newest_up_ = 0, newest_down_ = 0;
};

TEST_P(Versions, EveryByteArrivesWhicheverIsSpoken) {
  StationNode* today = today_->node.get();
  VersionedPort port(today, GetParam());
  LaterPort later(later_->node.get(), GetParam());
  v1::SessionView session = OpenSession(&town_, today, "2026-11-20");
  v1::LogVisitRequest request = VisitRequest(&town_, session, "三组水渠垮了二十来米");
  request.mutable_visitor()->set_name("张三");
  absl::StatusOr<v1::LogVisitResponse> visit = today->reception()->LogVisit(request);
  ASSERT_TRUE(visit.ok()) << visit.status();
  RecordId matter;
  ASSERT_TRUE(ParseRecordId(visit->visit().matters(0).id(), &matter));
  Write(today->store(), matter, "what this program does not know");

  ASSERT_NO_FATAL_FAILURE(Visit(today, &port));
  ASSERT_NO_FATAL_FAILURE(Visit(later_->node.get(), &later));
  Write(town_.hub().store(), matter, "what a later hub writes");
  ASSERT_NO_FATAL_FAILURE(Visit(today, &port));
  ASSERT_NO_FATAL_FAILURE(Visit(later_->node.get(), &later));

  StoreReader hub = town_.hub().store()->Read(), station = today->store()->Read();
  for (size_t i = 0; i < later.ops().size(); ++i) {
    const OpName& name = later.names()[i];
    EXPECT_EQ(hub.OpBytes(name.actor, name.seq, TagOf(name.hash)), later.ops()[i]) << i;
    EXPECT_EQ(station.OpBytes(name.actor, name.seq, TagOf(name.hash)), later.ops()[i]) << i;
  }
  int compared = CompareFeeds(today);
  EXPECT_GT(compared, 100);  // the roster too
  EXPECT_EQ(CompareFeeds(later_->node.get()), compared);
  for (const RecordId& id : {matter, later.matter()}) {
    std::optional<Aggregate> there = hub.Load(id), here = station.Load(id);
    ASSERT_TRUE(there && here);
    EXPECT_EQ(here->Canonical(), there->Canonical());
    EXPECT_EQ(here->upgrade_needed(), id == later.matter());
  }
  EXPECT_TRUE(town_.hub().store()->Verify().ok());
  EXPECT_TRUE(today->store()->Verify().ok());

  bool older = GetParam() < kSqueezeVersion;
  for (int newest : {newest_up_, newest_down_}) {
    if (older) {
      EXPECT_THAT(newest, Le(kNewestFormOfVersion2));
    } else {
      EXPECT_THAT(newest, Ge(kRawSection));
    }
  }
}

// The last one: a station that was renewed before the hub.
INSTANTIATE_TEST_SUITE_P(Spoken, Versions,
                         testing::Values(sync::kOldestProtocolVersion, sync::kProtocolVersion,
                                         sync::kProtocolVersion + 1));

}  // namespace
}  // namespace liaison
