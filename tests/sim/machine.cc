#include "tests/sim/machine.h"

#include <algorithm>
#include <charconv>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "hub/desk/desk.h"
#include "hub/door/interests.h"

namespace liaison::sim {

absl::Status Machine::Start(uint64_t random_seed) {
  ++runs_;
  auto process = std::make_unique<Process>(random_seed);
  StoreOptions options;
  options.station = identity_.station;
  options.clock = &clock_;
  options.random = &process->random;
  options.projections = {&process->tables};
  KeyPair key = identity_.key;
  options.sign = [key](std::string_view bytes) {
    return sync::Seal{KeyId(key.public_key), key.algorithm, Sign(key, bytes)};
  };
  if (is_hub()) {
    options.projections.push_back(&process->facts);
    options.projections.push_back(&process->counters);
    options.interests = InterestsOf;
    options.refusal = RefusalOf;
    options.check_range = [this](const sync::Range& range) { return CheckRangeSeal(*roster()->Get(), range); };
  }
  ASSIGN_OR_RETURN(process->store, Store::Open(disk_.Open(), std::move(options)));
  process_ = std::move(process);
  if (is_hub()) {
    if (store()->GetMeta(kHubKeyMeta) != identity_.key.public_key)
      RETURN_IF_ERROR(store()->PutMeta(kHubKeyMeta, identity_.key.public_key));
    process_->roster = std::make_unique<RosterCache>(store());
    process_->hub_port = std::make_unique<HubPort>(store(), process_->roster.get(), [](const std::string&) {});
  } else {
    sync::Hello hello;
    hello.station = identity_.station;
    hello.node = identity_.node;
    hello.machine_id = name_;
    process_->station_port = std::make_unique<StationPort>(store(), hello);
  }
  if (listener != nullptr) store()->AddListener(listener);
  return absl::OkStatus();
}

void Machine::Stop() {
  if (process_ != nullptr && listener != nullptr) store()->RemoveListener(listener);
  process_.reset();
}

RosterCache* Machine::roster() {
  if (process_->roster == nullptr) process_->roster = std::make_unique<RosterCache>(store());
  return process_->roster.get();
}

absl::Status Machine::ApplyBatch(const sync::FeedBatch& batch) {
  RETURN_IF_ERROR(CheckBatchSeal(identity_.hub_public_key, batch));
  return store()->ApplyFeedBatch(batch);
}

// ---------------------------------------------------------------- ops by number

std::string UserOf(OpId first) { return Cat("#", first); }

OpId OpNumbers::Find(const Op& op) {
  auto [it, fresh] = known_.try_emplace({{op.actor, op.seq}, op.tag()}, 0);
  OpId first = 0;
  if (fresh && op.user.starts_with("#")) {
    std::from_chars(op.user.data() + 1, op.user.data() + op.user.size(), first);
    it->second = first + op.index;
  }
  return it->second;
}

OpId OpNumbers::Known(const Actor& actor, uint64_t seq, Tag tag) const {
  auto it = known_.find({{actor, seq}, tag});
  return it == known_.end() ? 0 : it->second;
}

OpId OpNumbers::Find(const StoreReader& reader, const Actor& actor, uint64_t seq, Tag tag) {
  auto it = known_.find({{actor, seq}, tag});
  if (it != known_.end()) return it->second;
  std::optional<std::string> bytes = reader.OpBytes(actor, seq, tag);
  if (!bytes) return 0;
  absl::StatusOr<Op> op = DecodeOp(*bytes);
  return op.ok() ? Find(*op) : 0;
}

OpIds OpNumbers::Applied(const StoreReader& reader, const Aggregate& aggregate) {
  OpIds ops;
  for (const auto& [actor, steps] : aggregate.lineage().steps())
    for (const Lineage::Step& step : steps) ops.push_back(Find(reader, actor, step.seq, step.tag));
  std::sort(ops.begin(), ops.end());
  return ops;
}

namespace {

std::string ChildName(const RecordId& child) { return child.IsRoot() ? "" : ToBytes(child); }

Life LifeOf(VoidState state) {
  return state == VoidState::kVoid ? Life::kVoid : state == VoidState::kFlagged ? Life::kFlagged : Life::kLive;
}

}  // namespace

Oracle::Shown OpNumbers::Shown(const StoreReader& reader, const Aggregate& aggregate) {
  Oracle::Shown shown;
  auto number = [&](const Dot& dot) {
    auto steps = aggregate.lineage().steps().find(dot.actor);
    if (steps == aggregate.lineage().steps().end()) return OpId{0};
    for (const Lineage::Step& step : steps->second)
      if (step.n == dot.n && step.tag == dot.tag) return Find(reader, dot.actor, step.seq, step.tag);
    return OpId{0};
  };
  for (const auto& [id, child] : aggregate.children()) {
    std::string name = ChildName(id);
    shown.life[name] = LifeOf(aggregate.VoidOf(id));
    for (const auto* fields : {&child.fields, &child.sealed}) {
      for (const auto& [key, field] : *fields) {
        if (field.siblings().empty()) continue;
        bool is_void = key.first == kVoidTag;
        Place place{name, is_void ? Oracle::kVoidField : key.first, key.second, fields == &child.sealed};
        for (const Sibling& sibling : field.siblings()) {
          ByteReader in(sibling.value);  // a void's value has the context of its author in front
          if (is_void) in.String();
          shown.places[place][number(sibling.dot)] = is_void ? std::string(in.rest()) : sibling.value;
        }
      }
    }
  }
  return shown;
}

Written WrittenOf(const RecordId& aggregate, const Write& write, bool sealed) {
  Written written;
  bool is_void = write.tag == kVoidTag;
  written.place = {ChildName(write.child), is_void ? Oracle::kVoidField : write.tag, write.element, sealed};
  written.value = write.value;
  bool root = write.child.IsRoot();
  constexpr uint8_t kSession = 16, kVisitor = 18, kMatter = 24;
  if (root && write.tag == (2 << 3 | 2) &&
      (aggregate.type == kSession || aggregate.type == kVisitor || aggregate.type == kMatter))
    written.point = write.value;
  if (root && aggregate.type == kMatter && write.tag == (18 << 3 | 2)) {
    v1::Source source;
    if (source.ParseFromString(write.value)) written.point = source.station_id();
  }
  return written;
}

}  // namespace liaison::sim
