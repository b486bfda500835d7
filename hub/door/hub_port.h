// The hub's store as the sync sessions see it, and who may speak for a station.
#ifndef LIAISON_HUB_DOOR_HUB_PORT_H_
#define LIAISON_HUB_DOOR_HUB_PORT_H_

#include <functional>
#include <string>

#include "common/rules/roster/roster.h"
#include "common/store/store.h"
#include "common/sync/port.h"

namespace liaison {

// The public key of this hub, for stations to check what it signs; kept in the store's own facts by the daemon.
inline constexpr char kHubKeyMeta[] = "hub-public-key";

class HubPort : public sync::HubPort {
 public:
  // `store` and `roster` must outlive this. `on_in_step` is told when a station comes whose every op is here already.
  HubPort(Store* store, const RosterCache* roster, std::function<void(const std::string&)> on_in_step)
      : store_(store), roster_(roster), on_in_step_(std::move(on_in_step)) {}

  absl::StatusOr<sync::Admission> Admit(const sync::Hello& hello) override;
  std::string epoch() override { return store_->epoch(); }
  std::vector<sync::EpochMark> lineage() override { return store_->Lineage(); }
  std::optional<sync::Tip> Have(const Actor& actor) override { return store_->Have(actor); }
  bool HoldsAt(const sync::Tip& tip) override { return store_->HoldsAt(tip); }
  sync::FeedAnswer CheckCursor(const sync::Cursor& cursor) override;
  bool KnowsAbandoned(const std::string& hash) override { return store_->KnowsAbandoned(hash); }
  bool ContainsArchive(const std::string& archive_id) override { return store_->ContainsArchive(archive_id); }
  std::vector<sync::Ack> ArchivedTips(const std::string& station, const std::string& known) override {
    return store_->ArchivedTips(station, known);
  }
  absl::StatusOr<sync::Want> CheckOffer(const sync::FeedBatch& batch) override;
  std::vector<sync::Cursor> Heads(const std::vector<std::string>& interests) override;
  sync::Seal SignHeads(const sync::Welcome& welcome) override;
  std::optional<sync::FeedBatch> ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                          size_t max_bytes, bool whole) override;
  absl::StatusOr<std::string> ReadOp(const OpName& name) override;
  int64_t hub_time_ms() override { return store_->options().clock->NowMs(); }

 private:
  Store* store_;
  const RosterCache* roster_;
  std::function<void(const std::string&)> on_in_step_;
};

// A station's op on a master record: only the township edits those. What is kept of a device is not taken over this.
std::string ObjectionTo(const Op& op);

// The record that tells a station of an op of its that is kept and not folded. For StoreOptions.refusal.
NewOp RefusalOf(const OpName& name, std::string_view reason);

// Checks that a range was signed by a device of the station whose log it is, revoked or not. For
// StoreOptions.check_range. kUnauthenticated with a Chinese reason.
absl::Status CheckRangeSeal(const Roster& roster, const sync::Range& range);

// What a revoked device signed may not stand until a person takes it; empty for any other device. For
// StoreOptions.range_objection. REQUIRES: CheckRangeSeal() passes.
std::string RangeObjectionTo(const Roster& roster, const sync::Range& range);

// The device of `station` with this key; null: none. One that is not revoked, if there is one.
const v1::Node* DeviceOfKey(const Roster& roster, std::string_view station, std::string_view key_id);

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_HUB_PORT_H_
