// What a store is opened with, what it tells, and what a person does at once.
#ifndef LIAISON_COMMON_STORE_STORE_OPTIONS_H_
#define LIAISON_COMMON_STORE_STORE_OPTIONS_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/ports.h"
#include "common/record/aggregate.h"
#include "common/store/judgement.h"
#include "common/store/projection.h"
#include "common/store/reader.h"

namespace liaison {

// Told after a batch is durable, under the write lock, in the order of the batches. Must be quick and must not write.
class StoreListener {
 public:
  virtual ~StoreListener() = default;
  virtual void OnCommitted(std::span<const Aggregate* const> changed, bool own_ops) = 0;
};

// An op to be authored.
struct NewOp {
  RecordId aggregate;
  VersionVector context;  // from the token of the author's screen; empty for a new record
  std::vector<Write> writes;
  std::vector<Write> sealed;
  std::vector<std::string> blobs;
};

struct StoreOptions {
  std::string station;  // the id that own actors carry; kHubStation at the hub
  Clock* clock = SystemClock();
  Random* random = SystemRandom();
  // What the clock is worth for an op that is written at `wall_ms` (a ClockQuality); `newest_wall_ms`: of the store.
  // Must be quick and must not call the store. Unset: unknown.
  std::function<uint8_t(int64_t wall_ms, int64_t newest_wall_ms)> clock_quality;
  std::vector<Projection*> projections;  // must outlive the store
  uint64_t derived_version = 1;  // of states and rows; one more when they come out otherwise: Open then makes them anew
  // The interests that an aggregate belongs to, by its folded state and the op that made it (maker.h), which `reader`
  // has. Set at the hub only: keeps the feeds.
  std::function<std::vector<std::string>(const Aggregate&, const StoreReader& reader)> interests;
  // What an op of a station that is new in a range is worth; asked once, under the write lock. `view` has the records
  // as they are before it, what came with it in front of it included; tables that are derived lag behind by the batch.
  // In the second look (judging.h) the op itself is among them, hidden. Set at the hub only.
  std::function<Judgement(const Op& op, const StoreReader& view)> judge;
  // The same as if the op's station entered for the record's place: asked when a person takes an op that is kept.
  // Unset: `judge`.
  std::function<Judgement(const Op& op, const StoreReader& view)> judge_in_scope;
  // What this disk knows of the rights of its station: own ops name it where it changed (Op::grants). Must not call the
  // store. Set at a station only.
  std::function<VersionVector(const StoreReader& view)> grants;
  // What tells the author that an op of its was kept and not folded, and why (Chinese). Set at the hub only; authored
  // in the batch that keeps the op.
  std::function<NewOp(const OpName& name, std::string_view reason)> refusal;
  // Signs with this machine's key; and checks what a range says of its station. Unset: unsigned, unchecked.
  std::function<sync::Seal(std::string_view bytes)> sign;
  std::function<absl::Status(const sync::Range&)> check_range;
  // Why what is new in a range that was well signed may not stand (Chinese), or empty: it is then kept and not folded.
  // Set at the hub only.
  std::function<std::string(const sync::Range&)> range_objection;
};

// What a person does at once.
struct Action {
  // There is nothing to write, which is no error: Store::Commit says so.
  static Action Nothing() {
    Action action;
    action.nothing = true;
    return action;
  }

  std::string user;
  std::vector<NewOp> ops;
  std::vector<sync::KeyItem> keys;
  std::string result;  // what a repetition of the same request is answered
  bool nothing = false;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_STORE_OPTIONS_H_
