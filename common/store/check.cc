// Verify: what is derived can be made again, and must come out the same.
//
// One scan of the ops and one walk of the states, each folded from its own ops; names of ops and derived rows are
// compared as sums (own_ops.h, bucket_sums.h). A store in order is known by that. Otherwise what is different lies in
// the buckets whose sums are not zero, or is a state that the walk has met: only these are gone through again and held
// in memory, some buckets at a time. Each of them has at least one difference, so that few passes fill the list.
#include <algorithm>
#include <map>

#include "common/base/progress.h"
#include "common/base/text.h"
#include "common/record/schema.h"
#include "common/store/batch.h"
#include "common/store/fresh_rows.h"
#include "common/store/keys.h"
#include "common/store/own_ops.h"
#include "common/store/signed_ranges.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr size_t kMostDifferences = 100;
constexpr size_t kBucketsAtOnce = 16;  // of ten million ops 20,000

std::string Describe(const RecordId& id) {
  const TypeInfo* type = FindType(id.type);
  return Cat(type == nullptr ? "未知类型" : type->rules.label(), " ", ToText(id));
}

std::string RowElement(std::string_view key, std::string_view value) {
  std::string element;
  ByteWriter out(&element);
  out.String(key);
  out.Raw(value);
  return element;
}

class Checker {
 public:
  Checker(const KvReader* kv, const StoreOptions* options, Store::Check* check)
      : kv_(kv),
        options_(options),
        check_(check),
        aggregates_(BucketSums::kBuckets),
        suspect_(BucketSums::kBuckets) {}

  void Run() {
    ScanOps();
    WalkStates();
    NameRecords();
    RecountRows();
    CheckLogs();
    NameRows();
  }

 private:
  using OpsById = std::map<RecordId, std::vector<Op>>;
  using Marks = std::vector<bool>;  // a bucket each

  bool Full() const { return check_->differences.size() >= kMostDifferences; }
  void Differ(std::string what) {
    if (!Full()) check_->differences.push_back(std::move(what));
  }

  void ScanOps();
  void WalkStates();
  // The state's aggregate, folded from the ops that it names; false: they cannot be all, or it is another one.
  bool FoldOwn(const RecordId& id, std::string_view state, std::vector<Op>* ops, Aggregate* folded) const;
  void NameRecords();
  void NameRecordsOf(const Marks& some);
  void RecountRows();
  void CheckLogs();
  void CountLiveRows();
  void NameRows();
  void NameRowsOf(const Marks& some);
  OpsById OpsOf(const Marks& some) const;
  // Every aggregate that has ops, folded from all of them.
  void ForEachFolded(const std::function<void(const Aggregate&)>& visit) const;
  // The marked buckets, some at a time, until the list of differences is full.
  void InGroups(const Marks& all, const std::function<void(const Marks& some)>& run) const;

  const KvReader* kv_;
  const StoreOptions* options_;
  Store::Check* check_;
  BucketSums ops_;                    // of O, without what the states name
  BucketSums rows_;                   // fresh rows, without the live ones
  std::vector<uint32_t> aggregates_;  // in each bucket
  Marks suspect_;                     // buckets of aggregates in which something is not as it should be
};

void Checker::ScanOps() {
  ProgressScope progress("核对原文", "条", static_cast<int64_t>(OpsInLogs(*kv_)));
  ForEachOp(*kv_, "", [&](std::string_view key, bool kept, absl::StatusOr<Op> op) {
    progress.Add();
    if (!op.ok()) {
      Differ(Cat("记录原文损坏 ", Hex(key), "：", op.status().message()));
      return true;
    }
    ++check_->ops;
    check_->kept += kept;
    if (!kept) ops_.Add(BucketOf(ToBytes(op->aggregate)), key);
    return true;
  });
}

bool Checker::FoldOwn(const RecordId& id, std::string_view state, std::vector<Op>* ops, Aggregate* folded) const {
  absl::StatusOr<Aggregate> aggregate = Aggregate::Decode(id, state);
  if (!aggregate.ok() || !ReadOwnOps(*kv_, *aggregate, ops) || ops->empty()) return false;
  *folded = FoldOps(id, *ops);
  return folded->Encode() == state;
}

void Checker::WalkStates() {
  ProgressScope progress("重新计算", "条", static_cast<int64_t>(check_->ops - check_->kept));
  FreshRows fresh(
      kv_, &options_->projections, [](std::string_view) { return true; },
      [&](std::string_view key, std::string_view value) { rows_.Add(BucketOf(key), RowElement(key, value)); });
  kv_->ScanPrefix(key::kAggregate, [&](std::string_view key, std::string_view state) {
    const std::string_view name = key.substr(2);
    const size_t bucket = BucketOf(name);
    RecordId id;
    std::vector<Op> ops;
    Aggregate folded;
    if (!RecordIdFromBytes(name, &id) || !FoldOwn(id, state, &ops, &folded)) {
      suspect_[bucket] = true;
      return true;
    }
    ++aggregates_[bucket];
    ForEachOwnKey(folded, [&](std::string_view own) { ops_.TakeAway(bucket, own); });
    fresh.Add(folded);
    progress.Add(static_cast<int64_t>(ops.size()));
    return true;
  });
  fresh.Finish();
  for (size_t bucket = 0; bucket < suspect_.size(); ++bucket) {
    if (!ops_.IsZero(bucket)) suspect_[bucket] = true;
    if (!suspect_[bucket]) check_->aggregates += aggregates_[bucket];
  }
}

void Checker::InGroups(const Marks& all, const std::function<void(const Marks& some)>& run) const {
  for (size_t next = 0; next < all.size() && !Full();) {
    Marks some(all.size());
    size_t marked = 0;
    for (; next < all.size() && marked < kBucketsAtOnce; ++next) {
      some[next] = all[next];
      marked += all[next];
    }
    if (marked > 0) run(some);
  }
}

Checker::OpsById Checker::OpsOf(const Marks& some) const {
  OpsById ops;
  ForEachOp(*kv_, "", [&](std::string_view, bool kept, absl::StatusOr<Op> op) {
    if (kept || !op.ok() || !some[BucketOf(ToBytes(op->aggregate))]) return true;
    std::vector<Op>& list = ops[op->aggregate];
    list.push_back(*std::move(op));
    return true;
  });
  return ops;
}

void Checker::NameRecordsOf(const Marks& some) {
  const OpsById all = OpsOf(some);
  for (const auto& [id, ops] : all) {
    ++check_->aggregates;
    const std::optional<std::string> stored = kv_->Get(key::Aggregate(id));
    if (!stored || *stored != FoldOps(id, ops).Encode())
      Differ(Cat(Describe(id), stored ? "：与重新计算的结果不同" : "：缺少"));
  }
  kv_->ScanPrefix(key::kAggregate, [&](std::string_view key, std::string_view) {
    RecordId id;
    if (!some[BucketOf(key.substr(2))]) return true;
    if (!RecordIdFromBytes(key.substr(2), &id) || !all.contains(id)) Differ(Cat(Describe(id), "：没有原文"));
    return !Full();
  });
}

void Checker::NameRecords() {
  InGroups(suspect_, [this](const Marks& some) { NameRecordsOf(some); });
}

void Checker::ForEachFolded(const std::function<void(const Aggregate&)>& visit) const {
  kv_->ScanPrefix(key::kAggregate, [&](std::string_view key, std::string_view state) {
    RecordId id;
    std::vector<Op> ops;
    Aggregate folded;
    if (!suspect_[BucketOf(key.substr(2))] && RecordIdFromBytes(key.substr(2), &id) &&
        FoldOwn(id, state, &ops, &folded))
      visit(folded);
    return true;
  });
  InGroups(suspect_, [&](const Marks& some) {
    const OpsById all = OpsOf(some);
    for (const auto& [id, ops] : all) visit(FoldOps(id, ops));
  });
}

// The walk has left out the rows of records that are not in order, and projections have not seen these.
void Checker::RecountRows() {
  if (Full() || std::find(suspect_.begin(), suspect_.end(), true) == suspect_.end()) return;
  BucketSums rows;
  FreshRows fresh(
      kv_, &options_->projections, [](std::string_view) { return true; },
      [&](std::string_view key, std::string_view value) { rows.Add(BucketOf(key), RowElement(key, value)); });
  ForEachFolded([&](const Aggregate& folded) { fresh.Add(folded); });
  fresh.Finish();
  rows_ = std::move(rows);
}

void Checker::CheckLogs() {
  kv_->ScanPrefix(key::kChain, [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(2));
    Actor actor = DecodeActor(&in);
    absl::StatusOr<Store::OwnLog> log = DecodeChain(actor, value);
    if (!log.ok() || WalkChain(*kv_, actor, 0, "", log->last_seq) != log->head)
      Differ(Cat("日志 ", ToText(actor), "：与链头不符"));
    return true;
  });
  if (!options_->check_range) return;
  ForEachSignedRange(*kv_, [&](const SignedRange& signed_range) {
    const sync::Range& range = signed_range.range;
    const std::string which = Cat("日志 ", ToText(range.actor), " 第 ", range.first, " 至 ", range.last, " 条：");
    if (signed_range.keys.empty()) {
      Differ(Cat(which, "与站点签的不符"));
    } else if (absl::Status status = options_->check_range(range); !status.ok()) {
      Differ(Cat(which, StdView(status.message())));
    }
    return true;
  });
}

void Checker::CountLiveRows() {
  for (Projection* projection : options_->projections) {
    kv_->ScanPrefix(ProjectionPrefix(projection->prefix()), [&](std::string_view key, std::string_view value) {
      ++check_->rows;
      rows_.TakeAway(BucketOf(key), RowElement(key, value));
      return true;
    });
  }
}

// Compares the rows of some buckets one by one.
void Checker::NameRowsOf(const Marks& some) {
  std::map<std::string, std::string, std::less<>> expected;
  FreshRows fresh(
      kv_, &options_->projections, [&](std::string_view key) { return some[BucketOf(key)]; },
      [&](std::string_view key, std::string_view value) { expected.emplace(key, value); });
  ForEachFolded([&](const Aggregate& folded) { fresh.Add(folded); });
  fresh.Finish();
  for (Projection* projection : options_->projections) {
    const std::string prefix = ProjectionPrefix(projection->prefix());
    auto differ = [&](std::string_view key, std::string_view what) {
      Differ(Cat(projection->name(), " ", Hex(key.substr(prefix.size())), "：", what));
    };
    kv_->ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
      if (!some[BucketOf(key)]) return true;
      auto it = expected.find(key);
      if (it == expected.end()) {
        differ(key, "多出一行");
      } else {
        if (it->second != value) differ(key, Cat("应为 ", Hex(it->second), "，现为 ", Hex(value)));
        expected.erase(it);
      }
      return !Full();
    });
    for (auto it = expected.lower_bound(prefix); it != expected.end() && it->first.starts_with(prefix); ++it)
      differ(it->first, "缺少一行");
  }
}

void Checker::NameRows() {
  CountLiveRows();
  if (Full()) return;
  Marks different(BucketSums::kBuckets);
  for (size_t bucket = 0; bucket < different.size(); ++bucket) different[bucket] = !rows_.IsZero(bucket);
  InGroups(different, [this](const Marks& some) { NameRowsOf(some); });
}

}  // namespace

Store::Check Store::Verify() const {
  Check check;
  const std::unique_ptr<KvReader> kv = kv_->Snapshot();
  Checker(kv.get(), &options_, &check).Run();
  return check;
}

}  // namespace liaison
