// Reading records out of a snapshot, or out of a batch that is being made.
#ifndef LIAISON_COMMON_STORE_READER_H_
#define LIAISON_COMMON_STORE_READER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/codec/message_codec.h"
#include "common/record/aggregate.h"
#include "common/record/view.h"
#include "common/store/kv.h"

namespace liaison {

// A mark of what came: all up to `last` of one log that no mark before it covers.
struct ArrivalMark {
  uint64_t last = 0;
  int64_t ms = 0;  // since 1970, by the clock of this machine
};
// The first marks at or behind `seq`, ascending, so many at most. None of them covers what came as part of no range, or
// before arrivals were kept. One that cannot be read ends them.
std::vector<ArrivalMark> ArrivalsFrom(const KvReader& kv, const Actor& actor, uint64_t seq, size_t most);

// Cheap to make; not thread-safe, but any number may be used at once.
class StoreReader {
 public:
  explicit StoreReader(const KvReader* kv) : kv_(kv) {}  // must outlive this
  explicit StoreReader(std::unique_ptr<KvReader> kv) : owned_(std::move(kv)), kv_(owned_.get()) {}

  const KvReader& kv() const { return *kv_; }

  // Null if nothing was ever written to it. A state that does not decode reads as if folded afresh from its ops.
  std::optional<Aggregate> Load(const RecordId& id) const;
  // All aggregates of a type, ascending by id.
  void ForEach(uint8_t type, const std::function<bool(const Aggregate&)>& visit) const;

  std::optional<std::string> OpBytes(const Actor& actor, uint64_t seq, Tag tag) const;
  // The ops of an aggregate, applied and held, by logical time: its history.
  std::vector<Op> OpsOf(const Aggregate& aggregate) const;
  // The logical time of each applied op by its dot; 0: not applied, or its bytes are not here. Reads when it is asked;
  // this and the aggregate must outlive it.
  std::function<uint64_t(const Dot&)> TimesOf(const Aggregate& aggregate) const;

  // When what stands there in another's log had come, at the latest: the first of ArrivalsFrom.
  std::optional<int64_t> ArrivalMs(const Actor& actor, uint64_t seq) const;

  // The key that opens a visitor's sealed value; absent when it never came, empty when it was destroyed.
  std::optional<sync::KeyItem> VisitorKey(const RecordId& visitor, std::string_view key_id) const;

 private:
  std::unique_ptr<KvReader> owned_;
  const KvReader* kv_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_READER_H_
