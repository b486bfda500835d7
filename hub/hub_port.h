// The hub's store as the sync sessions see it, and who may speak for a station.
#ifndef LIAISON_HUB_HUB_PORT_H_
#define LIAISON_HUB_HUB_PORT_H_

#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/service/roster.h"
#include "common/store/store.h"
#include "common/sync/port.h"

namespace liaison {

class HubPort : public sync::HubPort {
 public:
  HubPort(Store* store, const RosterCache* roster) : store_(store), roster_(roster) {}  // must outlive this

  absl::StatusOr<sync::Admission> Admit(const sync::Hello& hello) override;
  std::string epoch() override { return store_->epoch(); }
  std::vector<sync::EpochMark> lineage() override { return {{store_->epoch(), ""}}; }
  std::optional<sync::Tip> Have(const Actor& actor) override { return store_->Have(actor); }
  bool HoldsAt(const sync::Tip& tip) override { return store_->HoldsAt(tip); }
  sync::FeedAnswer CheckCursor(const sync::Cursor& cursor) override;
  std::vector<sync::Cursor> Heads(const std::vector<std::string>& interests) override;
  sync::Seal SignHeads(const sync::Welcome& welcome) override;
  std::optional<sync::FeedBatch> ReadFeed(std::string_view station, std::string_view interest, uint64_t position,
                                          size_t max_bytes) override;
  absl::StatusOr<std::string> ReadOp(const OpName& name) override;
  int64_t hub_time_ms() override { return store_->options().clock->NowMs(); }

 private:
  Store* store_;
  const RosterCache* roster_;
};

// Checks that a range was signed by a device of the station whose log it is, one that is not revoked. For
// StoreOptions.check_range. kUnauthenticated with a Chinese reason.
absl::Status CheckRangeSeal(const Roster& roster, const sync::Range& range);

}  // namespace liaison

#endif  // LIAISON_HUB_HUB_PORT_H_
