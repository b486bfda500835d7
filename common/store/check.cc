// Verify and rebuild: what is derived can be made again, and must come out the same.
#include <algorithm>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/record/schema.h"
#include "common/store/batch.h"
#include "common/store/keys.h"
#include "common/store/signed_ranges.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr size_t kMostDifferences = 100;

std::string Describe(const RecordId& id) {
  const TypeInfo* type = FindType(id.type);
  return Cat(type == nullptr ? "未知类型" : type->rules.label(), " ", ToText(id));
}

// All ops of a store, by aggregate. Ops that do not decode are differences.
std::map<RecordId, std::vector<Op>> AllOps(const KvReader& kv, Store::Check* check) {
  std::map<RecordId, std::vector<Op>> ops;
  kv.ScanPrefix(key::kOp, [&](std::string_view key, std::string_view value) {
    bool kept = kv.Get(Cat(key::kKept, key.substr(2))).has_value();
    absl::StatusOr<Op> op = kept ? DecodeFrame(value) : DecodeOp(value);
    if (op.ok() && key::Op(op->actor, op->seq, op->tag()) != key) op = absl::DataLossError("bytes of another op");
    if (op.ok()) {
      ++check->ops;
      check->kept += kept;
      if (kept) return true;
      std::vector<Op>& list = ops[op->aggregate];
      list.push_back(*std::move(op));
    } else if (check->differences.size() < kMostDifferences) {
      check->differences.push_back(Cat("记录原文损坏 ", Hex(key), "：", op.status().message()));
    }
    return true;
  });
  return ops;
}

Aggregate FoldAll(const RecordId& id, const std::vector<Op>& ops) {
  std::vector<const Op*> pointers;
  for (const Op& op : ops) pointers.push_back(&op);
  return Aggregate::Fold(id, pointers);
}

// Compares two tables row by row, both ascending.
void Compare(const KvReader& live, const KvReader& fresh, std::string_view prefix, std::string_view table,
             Store::Check* check) {
  std::map<std::string, std::string> expected;
  fresh.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    expected.emplace(key, value);
    return true;
  });
  auto differ = [&](std::string_view key, std::string_view what) {
    if (check->differences.size() < kMostDifferences)
      check->differences.push_back(Cat(table, " ", Hex(key.substr(prefix.size())), ":", what));
  };
  live.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    ++check->rows;
    auto it = expected.find(std::string(key));
    if (it == expected.end()) {
      differ(key, "多出一行");
    } else {
      if (it->second != value) differ(key, Cat("应为 ", Hex(it->second), "，现为 ", Hex(value)));
      expected.erase(it);
    }
    return true;
  });
  for (const auto& [key, value] : expected) differ(key, "缺少一行");
}

// The ops of a store and nothing else: all that is derived is made from these.
class OpsAlone : public KvReader {
 public:
  explicit OpsAlone(const KvReader* kv) : kv_(kv) {}

  std::optional<std::string> Get(std::string_view key) const override {
    return key.starts_with(key::kOp) ? kv_->Get(key) : std::nullopt;
  }
  void Scan(std::string_view, std::string_view, const Visit&) const override {}
  std::optional<std::pair<std::string, std::string>> Last(std::string_view, std::string_view) const override {
    return std::nullopt;
  }

 private:
  const KvReader* kv_;
};

}  // namespace

Store::Check Store::Verify() const {
  Check check;
  std::unique_ptr<KvReader> live = kv_->Snapshot();
  const OpsAlone ops_alone(live.get());
  KvWriter fresh(&ops_alone);
  const std::map<RecordId, std::vector<Op>> all = AllOps(*live, &check);
  auto differ = [&](std::string what) {
    if (check.differences.size() < kMostDifferences) check.differences.push_back(std::move(what));
  };
  for (const auto& [id, ops] : all) {
    ++check.aggregates;
    Aggregate folded = FoldAll(id, ops);
    std::optional<std::string> stored = live->Get(key::Aggregate(id));
    if (!stored || *stored != folded.Encode()) {
      differ(Cat(Describe(id), stored ? "：与重新计算的结果不同" : "：缺少"));
    }
    for (Projection* projection : options_.projections) projection->OnChange(nullptr, folded, fresh);
  }
  live->ScanPrefix(key::kAggregate, [&](std::string_view key, std::string_view) {
    RecordId id;
    if (!RecordIdFromBytes(key.substr(2), &id) || !all.contains(id)) differ(Cat(Describe(id), "：没有原文"));
    return true;
  });
  live->ScanPrefix(key::kChain, [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(2));
    Actor actor = DecodeActor(&in);
    absl::StatusOr<OwnLog> log = DecodeChain(actor, value);
    if (!log.ok() || WalkChain(*live, actor, 0, "", log->last_seq) != log->head)
      differ(Cat("日志 ", ToText(actor), "：与链头不符"));
    return true;
  });
  if (options_.check_range) {
    ForEachSignedRange(*live, [&](const SignedRange& signed_range) {
      const sync::Range& range = signed_range.range;
      const std::string which = Cat("日志 ", ToText(range.actor), " 第 ", range.first, " 至 ", range.last, " 条：");
      if (signed_range.keys.empty()) {
        differ(Cat(which, "与站点签的不符"));
      } else if (absl::Status status = options_.check_range(range); !status.ok()) {
        differ(Cat(which, StdView(status.message())));
      }
      return true;
    });
  }
  for (Projection* projection : options_.projections)
    Compare(*live, fresh, ProjectionPrefix(projection->prefix()), projection->name(), &check);
  return check;
}

absl::Status Store::Rebuild() {
  absl::MutexLock lock(&write_mutex_);
  Check check;
  std::map<RecordId, std::vector<Op>> ops = AllOps(*kv_, &check);
  if (!check.ok()) return absl::DataLossError(check.differences.front());
  KvWriter out(kv_.get());
  for (std::string_view table : {std::string_view(key::kAggregate), std::string_view(key::kProjection)}) {
    kv_->ScanPrefix(table, [&](std::string_view key, std::string_view) {
      out.Delete(key);
      return true;
    });
  }
  for (const auto& [id, list] : ops) {
    Aggregate folded = FoldAll(id, list);
    out.Put(key::Aggregate(id), folded.Encode());
    for (Projection* projection : options_.projections) projection->OnChange(nullptr, folded, out);
  }
  KvChanges changes = out.changes();
  std::erase_if(changes, [&](const auto& change) { return change.second && kv_->Get(change.first) == change.second; });
  return kv_->Write(changes, true);
}

}  // namespace liaison
