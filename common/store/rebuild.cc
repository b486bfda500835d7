// Rebuild: the derived tables made anew, in parts of bounded size.
//
// Order, each step one batch or more:
//   1. Every op is read; nothing has changed when one is damaged.
//   2. The mark of the derived version goes, and the row Remaking() comes, durable: from here on every program, also an
//      older one that does not know that row, sees tables that are not its own, and makes them anew before it serves.
//   3. States of buckets in which the states do not name all ops (own_ops.h) are deleted and made from the log.
//   4. Rows are deleted.
//   5. Some states a batch: each is folded from its own ops and put right, its rows are made. The last state's key is
//      in Remaking() of the same batch, so a counter takes each record once, wherever the process ends.
//   6. Remaking() goes and the mark of the version comes, in one batch, durable.
// A process that ends in steps 2 to 4 begins anew, in step 5 it goes on. Batches between the first and the last are not
// synced: a power cut takes the newest of them, and their cursors with them.
#include <functional>
#include <map>
#include <utility>

#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/store/keys.h"
#include "common/store/own_ops.h"
#include "common/store/reader.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr size_t kRecordsAtOnce = 1000;
constexpr size_t kRowsAtOnce = 10'000;
constexpr size_t kBytesAtOnce = 4 << 20;  // of what is read for a batch
constexpr char kNoVersion[] = "0";        // what no program takes for its own

enum Phase : uint8_t { kBegun = 1, kRows = 2 };

std::string DerivedMark() { return key::Meta("derived"); }

std::string EncodeCursor(uint64_t version, Phase phase, std::string_view last_state) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(version);
  out.U8(phase);
  out.Raw(last_state);
  return bytes;
}

class Remaker {
 public:
  Remaker(Kv* kv, const StoreOptions* options) : kv_(kv), options_(options) {}

  absl::Status Run() {
    std::optional<std::string> last = LastState();
    if (!last) {
      RETURN_IF_ERROR(CheckOps());
      FindIncomplete();
      RETURN_IF_ERROR(Begin());
      RETURN_IF_ERROR(DropIncomplete());
      RETURN_IF_ERROR(MakeIncomplete());
      RETURN_IF_ERROR(DropRows());
      last = "";
    }
    RETURN_IF_ERROR(MakeRows(*last));
    return End();
  }

 private:
  std::optional<std::string> LastState() const;
  absl::Status CheckOps();
  void FindIncomplete();
  absl::Status Begin();
  absl::Status Drop(std::string_view prefix, const std::function<bool(std::string_view key)>& wanted);
  absl::Status DropIncomplete();
  absl::Status MakeIncomplete();
  absl::Status DropRows();
  absl::Status MakeRows(std::string last);
  absl::Status MakeRowsOf(std::string_view key, std::string_view state, KvWriter* out, int64_t* ops) const;
  absl::Status End();

  Kv* kv_;
  const StoreOptions* options_;
  BucketSums ops_;                // of O, without what the states name
  std::vector<bool> incomplete_;  // buckets in which a state is missing, or does not name all of its ops
  int64_t count_ = 0;             // of ops that are folded; 0: not known
};

// Where step 5 of a run of this version stopped.
std::optional<std::string> Remaker::LastState() const {
  const std::optional<std::string> bytes = kv_->Get(key::Remaking());
  if (!bytes) return std::nullopt;
  ByteReader in(*bytes);
  if (in.Varint() != options_->derived_version || in.U8() != kRows || !in.ok()) return std::nullopt;
  return std::string(in.rest());
}

absl::Status Remaker::CheckOps() {
  ProgressScope progress("检查原文", "条", static_cast<int64_t>(OpsInLogs(*kv_)));
  absl::Status status;
  ForEachOp(*kv_, "", [&](std::string_view key, bool kept, absl::StatusOr<Op> op) {
    progress.Add();
    if (!op.ok()) {
      status = absl::DataLossError(Cat("记录原文损坏 ", Hex(key), "：", op.status().message()));
      return false;
    }
    if (!kept) ops_.Add(BucketOf(ToBytes(op->aggregate)), key);
    count_ += kept ? 0 : 1;
    return true;
  });
  return status;
}

void Remaker::FindIncomplete() {
  incomplete_.assign(BucketSums::kBuckets, false);
  kv_->ScanPrefix(key::kAggregate, [&](std::string_view key, std::string_view state) {
    const size_t bucket = BucketOf(key.substr(2));
    RecordId id;
    absl::StatusOr<Aggregate> aggregate = absl::DataLossError("no id");
    if (RecordIdFromBytes(key.substr(2), &id)) aggregate = Aggregate::Decode(id, state);
    bool named = false;
    if (aggregate.ok())
      ForEachOwnKey(*aggregate, [&](std::string_view own) {
        ops_.TakeAway(bucket, own);
        named = true;
      });
    if (!named) incomplete_[bucket] = true;
    return true;
  });
  for (size_t bucket = 0; bucket < incomplete_.size(); ++bucket)
    if (!ops_.IsZero(bucket)) incomplete_[bucket] = true;
}

absl::Status Remaker::Begin() {
  KvChanges changes;
  changes[DerivedMark()] = kNoVersion;
  changes[key::Remaking()] = EncodeCursor(options_->derived_version, kBegun, "");
  return kv_->Write(changes, true);
}

absl::Status Remaker::Drop(std::string_view prefix, const std::function<bool(std::string_view key)>& wanted) {
  for (std::string from(prefix);;) {
    KvChanges changes;
    kv_->Scan(from, PrefixEnd(prefix), [&](std::string_view key, std::string_view) {
      if (wanted(key)) changes.emplace(key, std::nullopt);
      return changes.size() < kRowsAtOnce;
    });
    if (changes.empty()) return absl::OkStatus();
    from = changes.rbegin()->first;
    RETURN_IF_ERROR(kv_->Write(changes, false));
  }
}

absl::Status Remaker::DropIncomplete() {
  return Drop(key::kAggregate, [this](std::string_view key) { return incomplete_[BucketOf(key.substr(2))]; });
}

// In the order of the log, so that no more than the records of one part are held.
absl::Status Remaker::MakeIncomplete() {
  for (std::string from = key::kOp, next; !from.empty(); from = std::exchange(next, "")) {
    std::map<RecordId, Aggregate> made;
    size_t bytes = 0;
    absl::Status status;
    ForEachOp(*kv_, from, [&](std::string_view key, bool kept, absl::StatusOr<Op> op) {
      if (!op.ok()) status = absl::DataLossError(op.status().message());
      if (kept || !op.ok() || !incomplete_[BucketOf(ToBytes(op->aggregate))]) return op.ok();
      if (made.size() == kRecordsAtOnce || bytes > kBytesAtOnce) {
        next = key;
        return false;
      }
      auto [it, fresh] = made.try_emplace(op->aggregate, op->aggregate);
      if (fresh) it->second = StoreReader(kv_).Load(op->aggregate).value_or(it->second);
      ApplyOp(*kv_, *op, &it->second);
      for (const Write& write : op->writes) bytes += write.value.size();
      return true;
    });
    RETURN_IF_ERROR(status);
    KvChanges changes;
    for (const auto& [id, aggregate] : made) changes[key::Aggregate(id)] = aggregate.Encode();
    if (!changes.empty()) RETURN_IF_ERROR(kv_->Write(changes, false));
  }
  return absl::OkStatus();
}

absl::Status Remaker::DropRows() {
  RETURN_IF_ERROR(Drop(key::kProjection, [](std::string_view key) { return key != key::Remaking(); }));
  return kv_->Write({{key::Remaking(), EncodeCursor(options_->derived_version, kRows, "")}}, false);
}

// A state that its own ops do not give is replaced; its rows are added to what is there.
absl::Status Remaker::MakeRowsOf(std::string_view key, std::string_view state, KvWriter* out, int64_t* ops) const {
  RecordId id;
  std::vector<Op> own;
  absl::StatusOr<Aggregate> aggregate = absl::DataLossError("no id");
  if (RecordIdFromBytes(key.substr(2), &id)) aggregate = Aggregate::Decode(id, state);
  if (!aggregate.ok() || !ReadOwnOps(*kv_, *aggregate, &own))
    return absl::DataLossError(Cat("记录原文损坏，重做统计表停在 ", Hex(key)));
  const Aggregate folded = FoldOps(id, own);
  if (std::string made = folded.Encode(); made != state) out->Put(key, std::move(made));
  for (Projection* projection : options_->projections) projection->OnChange(nullptr, folded, *out);
  *ops += static_cast<int64_t>(own.size());
  return absl::OkStatus();
}

absl::Status Remaker::MakeRows(std::string last) {
  ProgressScope progress("重做统计表", "条", count_);
  for (;;) {
    std::vector<std::pair<std::string, std::string>> states;
    size_t bytes = 0;
    const std::string from = last.empty() ? key::kAggregate : last + '\0';
    kv_->Scan(from, PrefixEnd(key::kAggregate), [&](std::string_view key, std::string_view state) {
      states.emplace_back(key, state);
      return states.size() < kRecordsAtOnce && (bytes += state.size()) < kBytesAtOnce;
    });
    if (states.empty()) return absl::OkStatus();
    KvWriter out(kv_);
    int64_t ops = 0;
    for (const auto& [key, state] : states) RETURN_IF_ERROR(MakeRowsOf(key, state, &out, &ops));
    last = states.back().first;
    out.Put(key::Remaking(), EncodeCursor(options_->derived_version, kRows, last));
    RETURN_IF_ERROR(kv_->Write(out.changes(), false));
    progress.Add(ops);
  }
}

absl::Status Remaker::End() {
  KvChanges changes;
  changes[key::Remaking()] = std::nullopt;
  changes[DerivedMark()] = std::nullopt;  // of version 1, as in folders of before there was the mark
  if (options_->derived_version != 1) changes[DerivedMark()] = std::to_string(options_->derived_version);
  return kv_->Write(changes, true);
}

}  // namespace

bool Store::DerivedIsWhole() const {
  return kv_->Get(DerivedMark()).value_or("1") == std::to_string(options_.derived_version);
}

absl::Status Store::Rebuild() {
  absl::MutexLock lock(&write_mutex_);
  return Remaker(kv_.get(), &options_).Run();
}

}  // namespace liaison
