// The station's store as its sync session sees it.
#ifndef LIAISON_STATION_LINK_STATION_PORT_H_
#define LIAISON_STATION_LINK_STATION_PORT_H_

#include <string>

#include "common/store/store.h"
#include "common/sync/port.h"

namespace liaison {

class StationPort : public sync::StationPort {
 public:
  // `store` must outlive this. `identity`: station, node and machine id.
  StationPort(Store* store, sync::Hello identity) : store_(store), identity_(std::move(identity)) {}

  sync::Hello Identity() override;
  std::optional<sync::Tip> tip() override { return store_->tip(); }
  std::vector<sync::OwnLog> OwnLogs() override;
  absl::StatusOr<sync::Range> ReadRange(const Actor& actor, uint64_t first, size_t max_bytes) override {
    return store_->ReadRange(actor, first, max_bytes);
  }
  std::vector<sync::Cursor> Feeds() override { return store_->FeedHeads(); }
  bool HasOp(const OpName& name) override;
  bool HoldsAt(const sync::Tip& tip) override { return store_->HoldsAt(tip); }
  std::vector<sync::Cursor> FeedPoints(const sync::Cursor& cursor, const sync::Cursor& hub_head) override {
    return store_->FeedPoints(cursor, hub_head);
  }
  std::optional<sync::FeedBatch> NextAbandoned(std::string* at) override { return store_->NextAbandoned(at); }
  sync::Ops Lookup(const sync::Want& want) override { return store_->Lookup(want); }
  absl::Status Complete(sync::FeedBatch* batch) override { return store_->CompleteBatch(batch); }

 private:
  Store* store_;
  sync::Hello identity_;
};

// Checks that a batch was signed by the hub whose public key this station was given when it was enrolled.
absl::Status CheckBatchSeal(std::string_view hub_public_key, const sync::FeedBatch& batch);

}  // namespace liaison

#endif  // LIAISON_STATION_LINK_STATION_PORT_H_
