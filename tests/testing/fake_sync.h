// In-memory models of a station's disk, the hub's disk and the link between them, for tests of the exchange.
//
// They keep real state: chains of ops, feeds with prefix hashes, acks. An op is a line of text; its bytes name its
// parent and its interests, and every message passes through the codec on its way. Not thread-safe.
#ifndef LIAISON_TESTS_TESTING_FAKE_SYNC_H_
#define LIAISON_TESTS_TESTING_FAKE_SYNC_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/codec/link_codec.h"
#include "common/sync/hub_session.h"
#include "common/sync/port.h"
#include "common/sync/station_session.h"

namespace liaison::fake {

struct FakeOp {
  Actor actor;
  uint64_t seq = 0;
  std::optional<sync::Tip> parent;
  std::vector<std::string> interests;
  std::string text;
};
std::string EncodeFakeOp(const FakeOp& op);
absl::StatusOr<FakeOp> DecodeFakeOp(std::string_view bytes);
OpName NameOf(const FakeOp& op);

struct Chain {
  std::optional<sync::Tip> parent;
  std::vector<std::string> ops;
  std::vector<std::string> heads;  // heads[i]: behind i ops; heads[0] hashes the parent
  uint64_t acked = 0;              // at stations

  static Chain From(std::optional<sync::Tip> parent);
  void Append(std::string op);
  bool HoldsAt(const sync::Tip& tip) const { return tip.seq < heads.size() && heads[tip.seq] == tip.head; }
};

struct Feed {
  std::string epoch;
  std::vector<sync::FeedItem> items;
  std::vector<std::string> prefixes;  // prefixes[i]: behind i items
};

class FakeStation : public sync::StationPort {
 public:
  struct Disk {
    std::string station, node;
    std::vector<Actor> order;  // own actors by creation
    std::map<Actor, Chain> own;
    std::map<OpName, std::string> ops;
    std::map<std::string, Feed> feeds;
    std::map<std::string, std::vector<sync::FeedBatch>> batches;  // of feeds, as the hub sent them, without ops
    std::vector<sync::FeedBatch> abandoned;
    std::map<Actor, uint64_t> archived;
    std::string archive_id;
  };

  FakeStation(std::string station, std::string node);

  // Opens a new actor at the first write after a start.
  OpName Commit(const std::string& text, std::vector<std::string> interests, uint64_t* actors);
  void Restart() { actor_.reset(); }

  absl::Status Apply(const sync::FeedBatch& batch);
  absl::Status Rewind(const sync::Cursor& cursor);
  void Record(const sync::RecordAck& record);

  sync::Hello Identity() override;
  std::optional<sync::Tip> tip() override;
  std::vector<sync::OwnLog> OwnLogs() override;
  absl::StatusOr<sync::Range> ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) override;
  std::vector<sync::Cursor> Feeds() override;
  bool HasOp(const OpName& name) override { return disk.ops.contains(name); }
  absl::Status Complete(sync::FeedBatch* batch) override;
  bool HoldsAt(const sync::Tip& tip) override;
  std::vector<sync::Cursor> FeedPoints(const sync::Cursor& cursor, const sync::Cursor& hub_head) override;
  std::optional<sync::FeedBatch> NextAbandoned(std::string* at) override;
  sync::Ops Lookup(const sync::Want& want) override;

  Disk disk;
  size_t max_range_bytes = sync::kMaxRangeBytes;
  uint32_t version = sync::kProtocolVersion;

 private:
  void ExtendOwn();
  std::optional<Actor> actor_;
};

class FakeHub : public sync::HubPort {
 public:
  struct Disk {
    std::string epoch;
    std::map<Actor, Chain> chains;
    std::map<OpName, std::string> ops;
    std::map<std::string, Feed> feeds;
    std::set<std::string> known;                                 // hashes of abandoned sets
    std::map<std::string, std::map<Actor, sync::Tip>> archives;  // what each holds; ids ascend
  };

  FakeHub();

  OpName Commit(const std::string& interest, const std::string& text, uint64_t* actors);
  sync::Ack Apply(const sync::Range& range);
  void Restore(Disk older, const std::string& epoch);  // a backup comes back, under a new epoch

  absl::StatusOr<sync::Admission> Admit(const sync::Hello& hello) override;
  std::string epoch() override { return disk.epoch; }
  std::vector<sync::EpochMark> lineage() override { return {}; }
  std::optional<sync::Tip> Have(const Actor& actor) override;
  bool HoldsAt(const sync::Tip& tip) override;
  sync::FeedAnswer CheckCursor(const sync::Cursor& cursor) override;
  bool KnowsAbandoned(const std::string& hash) override { return disk.known.contains(hash); }
  bool ContainsArchive(const std::string& id) override { return disk.archives.contains(id); }
  std::vector<sync::Ack> ArchivedTips(const std::string& station, const std::string& known) override;
  std::string Archive();  // a verified backup of now; its id
  absl::StatusOr<sync::Want> CheckOffer(const sync::FeedBatch& batch) override;
  void TakeOffer(const sync::TakeOffer& offer);
  std::vector<sync::Cursor> Heads(const std::vector<std::string>& interests) override;
  sync::Seal SignHeads(const sync::Welcome&) override { return {}; }
  std::optional<sync::FeedBatch> ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                          size_t max_bytes, bool whole) override;
  absl::StatusOr<std::string> ReadOp(const OpName& name) override;
  int64_t hub_time_ms() override { return 0; }

  Disk disk;
  std::map<std::string, std::vector<std::string>> subscriptions;  // station -> interests; others are not admitted
  size_t max_batch_items = 1000;
  std::function<void(const std::string& interest)> on_grew = [](const std::string&) {};

 private:
  void Append(const FakeOp& op, const std::string& bytes);
  void TellGrown();
  std::optional<Actor> actor_;
  std::set<std::string> grown_;
};

// One session and everything on its way. Messages move only when told to.
class Link {
 public:
  using Log = std::function<void(const std::string& line)>;

  Link(std::string name, FakeStation* station, FakeHub* hub, Log log);

  enum class Queue { kUp, kHubWork, kDown, kStationWork };
  size_t Waiting(Queue queue) const;
  bool Step(Queue queue);  // moves the oldest one; false if there is none
  // Moves everything until nothing moves. False if that takes more than `max_steps`.
  bool Run(size_t max_steps = 100'000);
  void LocalCommit() { OnStation(station_session.OnLocalCommit()); }
  void FeedGrew(const std::string& interest) { OnHub(hub_session.OnFeedGrew(interest)); }
  void SayToHub(sync::Message message) { up.push_back(std::move(message)); }
  void SayToStation(sync::Message message) { down.push_back(std::move(message)); }
  bool closed() const { return station_session.closed() && hub_session.closed(); }

  sync::StationSession station_session;
  sync::HubSession hub_session;
  std::deque<sync::Message> up, down;
  std::deque<sync::Range> hub_work;
  std::deque<sync::Effect> station_work;
  size_t op_bytes_up = 0, messages = 0;

 private:
  sync::Message Carry(const sync::Message& message, LinkCodec* from, LinkCodec* to);
  void OnStation(sync::Effects effects);
  void OnHub(sync::Effects effects);

  const std::string name_;
  FakeStation* const station_;
  FakeHub* const hub_;
  const Log log_;
  LinkCodec station_codec_, hub_codec_;
};

std::string Show(const Actor& actor);
std::string Show(const sync::Message& message);
std::string Show(const sync::Cursor& cursor);

}  // namespace liaison::fake

#endif  // LIAISON_TESTS_TESTING_FAKE_SYNC_H_
