#include "tests/whole/township.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <system_error>

#include "common/codec/link_codec.h"
#include "common/crypto/hash.h"
#include "common/daemon/enrolment.h"
#include "common/daemon/rest.h"
#include "common/sync/hub_session.h"
#include "hub/desk/setup.h"
#include "tests/testing/must.h"
#include "tests/testing/places.h"
#include "tests/testing/visits.h"

namespace liaison {
namespace {

constexpr int64_t kNovember20 = 1'795'136'400'000;  // 2026-11-20 09:00 in the township
constexpr int64_t kFounded = kNovember20 - int64_t{330} * 86'400'000;  // its stations were enrolled the winter before

// The two ends of one link, with what is on its way.
struct Link {
  StationNode* station;
  HubNode* hub;
  sync::StationSession station_session;
  sync::HubSession hub_session;
  std::deque<sync::Message> up, down;
  LinkCodec station_codec, hub_codec;
  bool closed = false;

  Link(StationNode* s, HubNode* h) : station(s), hub(h), station_session(s->port()), hub_session(h->port()) {}

  void AtStation(sync::Effects effects) {
    for (sync::Effect& effect : effects) {
      if (auto* send = std::get_if<sync::Send>(&effect)) up.push_back(std::move(send->message));
      if (auto* apply = std::get_if<sync::ApplyBatch>(&effect)) {
        absl::Status status = station->sink()->ApplyBatch(apply->batch);
        EXPECT_TRUE(status.ok()) << status;
        AtStation(station_session.OnBatchApplied(apply->batch.interest, status));
      }
      if (auto* rewind = std::get_if<sync::RewindFeed>(&effect))
        AtStation(station_session.OnRewound(rewind->cursor.interest, station->sink()->RewindFeed(rewind->cursor)));
      if (auto* record = std::get_if<sync::RecordAck>(&effect)) {
        EXPECT_TRUE(station->sink()->RecordAck(*record).ok());
      }
      if (auto* close = std::get_if<sync::Close>(&effect)) Closed(close->reason);
    }
  }
  void AtHub(sync::Effects effects) {
    for (sync::Effect& effect : effects) {
      if (auto* send = std::get_if<sync::Send>(&effect)) down.push_back(std::move(send->message));
      if (auto* apply = std::get_if<sync::ApplyRange>(&effect)) {
        absl::StatusOr<std::vector<sync::Ack>> acks = hub->store()->ApplyRanges({&apply->range, 1});
        ASSERT_TRUE(acks.ok()) << acks.status();
        AtHub(hub_session.OnRangeApplied(acks->front()));
      }
      if (auto* offer = std::get_if<sync::TakeOffer>(&effect))
        AtHub(hub_session.OnOfferTaken(hub->store()->TakeOffered(offer->batch, offer->keys, offer->known)));
      if (auto* close = std::get_if<sync::Close>(&effect)) Closed(close->reason);
    }
  }
  void Closed(const std::string& reason) {
    closed = true;
    ADD_FAILURE() << "session closed: " << reason;
  }
};

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "liaison-test-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void Township::OpenHub() {
  HubNode::Options options;
  options.dir = dir_.path() + "/hub";
  options.create = true;
  options.sync_address = sync_address_;
  options.clear = true;
  options.clock = &clock_;
  options.random = &random_;
  absl::StatusOr<std::unique_ptr<HubNode>> hub = HubNode::Open(std::move(options));
  ASSERT_TRUE(hub.ok()) << hub.status();
  hub_ = *std::move(hub);
}

void Township::ReopenHub(const std::function<void(Kv&)>& damage) {
  hub_.reset();
  {
    absl::StatusOr<std::unique_ptr<Kv>> kv = OpenDatabase(dir_.path() + "/hub", RocksOptions{true});
    ASSERT_TRUE(kv.ok()) << kv.status();
    damage(**kv);
  }
  OpenHub();
}

Township::Township(uint64_t seed, const std::string& sync_address, int64_t start_ms)
    : sync_address_(sync_address), clock_(start_ms > 0 ? start_ms : kFounded), random_(seed) {
  OpenHub();
  absl::StatusOr<RosterCounts> counts = LoadRoster(InSource("/hub/fixture"), hub_->store());
  EXPECT_TRUE(counts.ok()) << counts.status();
  if (start_ms == 0) clock_.Set(kNovember20);
}

int ExpectSameStates(const std::string& hub_dir, const std::vector<std::string>& station_dirs) {
  absl::StatusOr<std::unique_ptr<Kv>> hub_kv = OpenDatabase(hub_dir, RocksOptions{true});
  EXPECT_TRUE(hub_kv.ok()) << hub_kv.status();
  if (!hub_kv.ok()) return 0;
  StoreReader at_hub(hub_kv->get());
  int compared = 0;
  for (const std::string& dir : station_dirs) {
    absl::StatusOr<std::unique_ptr<Kv>> kv = OpenDatabase(dir, RocksOptions());
    EXPECT_TRUE(kv.ok()) << kv.status();
    if (!kv.ok()) continue;
    StoreReader reader(kv->get());
    for (const TypeInfo& type : AllTypes()) {
      reader.ForEach(type.type(), [&](const Aggregate& aggregate) {
        std::optional<Aggregate> other = at_hub.Load(aggregate.id());
        EXPECT_TRUE(other && Sha256(other->Canonical()) == Sha256(aggregate.Canonical())) << ToText(aggregate.id());
        ++compared;
        return true;
      });
    }
  }
  return compared;
}

void EnrolInto(const std::string& dir, const std::string& station_id, HubNode* hub, Random* random) {
  std::filesystem::create_directories(dir);
  KeyPair key = GenerateKeyPair(random);
  EXPECT_TRUE(SaveKeyPair(KeyPath(dir), key).ok());
  v1::EnrolRequest request;
  request.set_station_id(station_id);
  request.set_public_key(key.public_key);
  request.set_signature_algorithm(key.algorithm);
  absl::StatusOr<v1::EnrolResponse> response = hub->registry()->Enrol(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(WriteStation(dir, {}, *response, "").ok());
}

std::unique_ptr<Site> Township::Enrol(const std::string& station_id, bool rocks) {
  auto site = std::make_unique<Site>();
  site->dir = dir_.path() + "/site" + std::to_string(++sites_);
  // So that a test may set the clock to any day of the year: a box enrolled later than today does not believe its
  // clock.
  const int64_t now = clock_.NowMs();
  clock_.Set(std::min(now, kFounded));
  EnrolInto(site->dir, station_id, hub_.get(), &random_);
  clock_.Set(now);
  site->node = Open(site->dir, rocks ? nullptr : NewMemoryKv());
  return site;
}

std::unique_ptr<StationNode> Township::Open(const std::string& dir, std::unique_ptr<Kv> kv) {
  StationNode::Options options;
  options.dir = dir;
  options.link = false;
  options.kv = std::move(kv);
  options.clock = &clock_;
  options.random = &random_;
  return Must(StationNode::Open(std::move(options)));
}

std::string Township::Clone(Site* site) {
  site->node.reset();
  std::string copy = site->dir + "-copy";
  std::filesystem::copy(site->dir, copy, std::filesystem::copy_options::recursive);
  return copy;
}

bool Township::Sync(StationNode* station, int messages) {
  Link link(station, hub_.get());
  link.AtStation(link.station_session.Start());
  for (int sent = 0; !link.closed && (messages < 0 || sent < messages); ++sent) {
    bool up = !link.up.empty() && (link.down.empty() || Below(2) == 0);
    if (!up && link.down.empty()) break;
    std::deque<sync::Message>& queue = up ? link.up : link.down;
    // Through the bytes of the wire, as it would travel.
    sync::Message message = Must(up ? link.hub_codec.Decode(link.station_codec.Encode(queue.front()))
                                    : link.station_codec.Decode(link.hub_codec.Encode(queue.front())));
    queue.pop_front();
    ++messages_delivered;
    if (up) {
      link.AtHub(link.hub_session.OnMessage(std::move(message)));
    } else {
      link.AtStation(link.station_session.OnMessage(std::move(message)));
    }
  }
  if (!link.up.empty() || !link.down.empty()) ++cuts;
  return link.station_session.status().synced();
}

v1::SessionView OpenSession(Township* town, StationNode* station, const std::string& date, const std::string& point) {
  v1::OpenSessionRequest request;
  request.set_action_id(town->ActionId());
  request.mutable_session()->set_date(date);
  request.mutable_session()->set_station_id(point);
  request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  absl::StatusOr<v1::OpenSessionResponse> response = station->reception()->OpenSession(request);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? response->session() : v1::SessionView();
}

v1::LogVisitRequest VisitRequest(Township* town, const v1::SessionView& session, const std::string& words) {
  v1::LogVisitRequest request;
  request.set_action_id(town->ActionId());
  request.set_session_id(session.id());
  FillVisit(words, 1, &request);
  return request;
}

}  // namespace liaison
