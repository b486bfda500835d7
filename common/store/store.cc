#include "common/store/store.h"

#include <algorithm>
#include <utility>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/store/batch.h"
#include "common/store/judging.h"
#include "common/store/keys.h"
#include "common/store/read_failure.h"

namespace liaison {
namespace {

constexpr char kFormat[] = "liaison-store-1";
constexpr char kNewestMeta[] = "newest";    // see newest_wall_ms()
constexpr char kArchiveMeta[] = "archive";  // own fact: the newest archive that the hub has told of

}  // namespace

Store::Store(std::unique_ptr<Kv> kv, StoreOptions options) : kv_(std::move(kv)), options_(std::move(options)) {}
Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(std::unique_ptr<Kv> kv, StoreOptions options) {
  std::unique_ptr<Store> store(new Store(std::move(kv), std::move(options)));
  ReadWatch reads;
  absl::Status loaded = store->Load();
  RETURN_IF_ERROR(reads.status());  // the cause of whatever else went wrong
  RETURN_IF_ERROR(loaded);
  return store;
}

absl::Status Store::Load() {
  std::optional<std::string> format = kv_->Get(key::Meta("format"));
  if (format && *format != kFormat)
    return absl::DataLossError(Cat("数据格式为“", *format, "”，本程序只认识“", kFormat, "”，请升级程序"));
  KvChanges changes;
  if (!format) {
    changes[key::Meta("format")] = kFormat;
    changes[key::Meta("epoch")] = options_.random->Bytes(key::kEpochBytes);
    changes[key::Meta("station")] = options_.station;
    if (options_.derived_version != 1) changes[key::Meta("derived")] = std::to_string(options_.derived_version);
    RETURN_IF_ERROR(kv_->Write(changes, true));
  }
  if (std::optional<std::string> station = kv_->Get(key::Meta("station")); station && *station != options_.station)
    return absl::FailedPreconditionError(Cat("这里的数据属于站点 ", *station, "，不是 ", options_.station));
  epoch_ = kv_->Get(key::Meta("epoch")).value_or("");
  if (!DerivedIsWhole()) RETURN_IF_ERROR(Rebuild());
  absl::MutexLock write_lock(&write_mutex_);
  RETURN_IF_ERROR(LoadOwnLogs());
  RETURN_IF_ERROR(BlankOldDigests());
  std::optional<std::string> logical = kv_->Get(key::Meta("logical"));
  if (logical) hybrid_clock_ = HybridClock(ByteReader(*logical).Fixed64());
  LoadNewest();
  for (const char* table : {key::kChain, key::kFeedHead}) {
    kv_->ScanPrefix(table, [&](std::string_view key, std::string_view value) {
      ops_held_ += HeldBy(key, value);
      return true;
    });
  }
  // A log that was cut or changed behind the chain head's back is reported, never continued. The newest is walked
  // whole; of the others the last op must be there.
  if (std::optional<sync::Tip> newest = tip(); newest && HeadAt(*kv_, newest->actor, newest->seq) != newest->head)
    return absl::DataLossError(Cat("本站日志不完整（", ToText(newest->actor), "，应有", newest->seq, "条）"));
  return absl::OkStatus();
}

absl::Status Store::LoadOwnLogs() {
  absl::Status status;
  absl::MutexLock lock(&state_mutex_);
  kv_->ScanPrefix(key::kChain, [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(2));
    Actor actor = DecodeActor(&in);
    if (actor.station != options_.station) return true;
    absl::StatusOr<OwnLog> log = DecodeChain(actor, value);
    if (!log.ok()) status = log.status();
    if (log.ok() && log->order > 0) own_[actor] = *log;
    return true;
  });
  for (auto& [actor, log] : own_) {
    kv_->ScanPrefix(key::OpAt(actor, 1), [&log = log](std::string_view, std::string_view value) {
      absl::StatusOr<Op> first = DecodeOp(value);
      if (first.ok() && first->parent) log.parent = {first->parent->actor, first->parent->seq, first->parent->head};
      return false;
    });
    bool found = false;
    kv_->ScanPrefix(key::OpAt(actor, log.last_seq),
                    [&](std::string_view, std::string_view) { return !(found = true); });
    if (!found)
      status = absl::DataLossError(Cat("本站日志缺少最后一条记录（", ToText(actor), " 第", log.last_seq, "条）"));
  }
  durable_ = own_;
  return status;
}

// A disk of before there was the mark: its last own op.
void Store::LoadNewest() {
  if (std::optional<std::string> newest = kv_->Get(key::Meta(kNewestMeta))) {
    newest_wall_ms_ = static_cast<int64_t>(ByteReader(*newest).Fixed64());
    return;
  }
  const std::optional<sync::Tip> last = tip();
  if (!last) return;
  kv_->ScanPrefix(key::OpAt(last->actor, last->seq), [&](std::string_view, std::string_view value) {
    if (absl::StatusOr<Op> op = DecodeOp(value); op.ok() && op->clock_quality != kClockSuspect)
      newest_wall_ms_ = op->wall_ms;
    return false;
  });
}

std::vector<Store::OwnLog> Store::OwnLogs() const {
  absl::MutexLock lock(&state_mutex_);
  std::vector<OwnLog> logs;
  for (const auto& [actor, log] : durable_) logs.push_back(log);
  std::sort(logs.begin(), logs.end(), [](const OwnLog& a, const OwnLog& b) { return a.order < b.order; });
  return logs;
}

std::optional<sync::Tip> Store::tip() const {
  std::vector<OwnLog> logs = OwnLogs();
  if (logs.empty()) return std::nullopt;
  return sync::Tip{logs.back().actor, logs.back().last_seq, logs.back().head};
}

uint64_t Store::HeldBy(std::string_view key, std::string_view value) const {
  if (key.starts_with(key::kChain)) {
    ByteReader in(key.substr(std::string_view(key::kChain).size()));
    const absl::StatusOr<OwnLog> log = DecodeChain(DecodeActor(&in), value);
    return log.ok() ? log->last_seq : 0;
  }
  if (options_.interests || !key.starts_with(key::kFeedHead)) return 0;
  ByteReader in(value);
  in.String();  // the epoch
  return in.Varint();
}

absl::Status Store::Write(const KvChanges& changes) {
  uint64_t before = 0, after = 0;
  for (const char* table : {key::kChain, key::kFeedHead}) {
    for (auto it = changes.lower_bound(table); it != changes.end() && it->first.starts_with(table); ++it) {
      if (const std::optional<std::string> held = kv_->Get(it->first)) before += HeldBy(it->first, *held);
      if (it->second) after += HeldBy(it->first, *it->second);
    }
  }
  RETURN_IF_ERROR(kv_->Write(changes, true));
  ops_held_ += after - before;  // less after a feed went back: unsigned, so it comes out right
  return absl::OkStatus();
}

uint64_t Store::pending_ops() const {
  absl::MutexLock lock(&state_mutex_);
  uint64_t pending = 0;
  for (const auto& [actor, log] : durable_) pending += log.last_seq - std::min(log.acked_seq, log.last_seq);
  return pending;
}

std::optional<std::string> Store::GetMeta(std::string_view name) const { return kv_->Get(key::Meta(Cat("x-", name))); }

absl::Status Store::PutMeta(std::string_view name, std::string_view value) {
  absl::MutexLock lock(&write_mutex_);
  KvChanges changes;
  changes[key::Meta(Cat("x-", name))] = std::string(value);
  return kv_->Write(changes, true);
}

std::string Store::KnownArchive() const { return GetMeta(kArchiveMeta).value_or(""); }

void Store::AddListener(StoreListener* listener) {
  absl::MutexLock lock(&write_mutex_);
  listeners_.push_back(listener);
}

void Store::RemoveListener(StoreListener* listener) {
  absl::MutexLock lock(&write_mutex_);
  std::erase(listeners_, listener);
}

// Appends one op of this action to this run's own log. The run opens its actor with its first op.
absl::Status Store::AppendOwn(const NewOp& wanted, std::string_view action_id, uint32_t index, const Action& action,
                              Batch* batch) {
  Aggregate& aggregate = batch->Get(wanted.aggregate);
  for (const Dot& dot : wanted.context.dots())
    if (!aggregate.lineage().Contains(dot))
      return absl::InvalidArgumentError(Cat("页面凭据与本机数据不符，请刷新页面后重试（", ToText(wanted.aggregate), "）"));
  VersionVector grants = options_.grants ? options_.grants(StoreReader(kv_.get())) : VersionVector();
  absl::MutexLock lock(&state_mutex_);
  Op op;
  if (!actor_) {
    const OwnLog* newest = nullptr;  // of this batch too
    for (const auto& [actor, known] : own_)
      if (newest == nullptr || known.order > newest->order) newest = &known;
    std::optional<sync::Tip> last;
    if (newest != nullptr) last = sync::Tip{newest->actor, newest->last_seq, newest->head};
    actor_ = Actor{options_.station, options_.random->U64()};
    OwnLog log;
    log.actor = *actor_;
    log.order = own_.size() + 1;
    if (last) op.parent = ParentLink{last->actor, last->seq, last->head};
    log.head = ChainStart(op.parent);
    log.parent = last;
    own_[*actor_] = log;
  }
  OwnLog& log = own_[*actor_];
  unpublished_.insert(*actor_);
  op.actor = *actor_;
  op.seq = log.last_seq + 1;
  op.action_id = std::string(action_id);
  op.index = index;
  op.count = static_cast<uint32_t>(action.ops.size());
  op.aggregate = wanted.aggregate;
  auto steps = aggregate.lineage().steps().find(*actor_);
  op.n = steps == aggregate.lineage().steps().end() ? 1 : steps->second.back().n + 1;
  op.previous = op.n == 1 ? 0 : steps->second.back().tag;
  op.context = wanted.context;
  if (grants != log.grants) op.grants = log.grants = std::move(grants);
  op.schema_version = IsAccountCode(action.user) ? kAccountVersion : kTypedNameVersion;
  op.wall_ms = options_.clock->NowMs();
  if (options_.clock_quality) op.clock_quality = options_.clock_quality(op.wall_ms, newest_wall_ms());
  NoteWall(op, batch);
  op.logical_time = hybrid_clock_.Next(op.wall_ms);
  op.user = action.user;
  op.writes = wanted.writes;
  op.sealed = wanted.sealed;
  op.blobs = wanted.blobs;
  std::string bytes = EncodeOp(&op);
  if (bytes.size() > kMaxOpBytes) return absl::InvalidArgumentError("内容太长，请改用附件");
  // An op that others cannot read must never get into the log: nothing behind it would ever be taken.
  if (absl::Status readable = DecodeOp(bytes).status(); !readable.ok())
    return absl::InvalidArgumentError(Cat("内容有重复或无效的项，不能保存（", StdView(readable.message()), "）"));
  log.last_seq = op.seq;
  log.head = ChainNext(log.head, op.hash);
  batch->out().Put(key::Chain(op.actor), EncodeChain(log));
  batch->AddOp(op, bytes);
  return absl::OkStatus();
}

std::optional<Store::OwnLog> Store::SaveOwn() const {
  absl::MutexLock lock(&state_mutex_);
  if (!actor_) return std::nullopt;
  return own_.at(*actor_);
}

void Store::RestoreOwn(const std::optional<OwnLog>& saved) {
  absl::MutexLock lock(&state_mutex_);
  unpublished_.clear();
  if (saved) {
    actor_ = saved->actor;
    own_[saved->actor] = *saved;
  } else if (actor_) {
    own_.erase(*actor_);
    actor_.reset();
  }
}

absl::StatusOr<Store::Committed> Store::Commit(std::string_view action_id, std::string_view request_hash,
                                               const Build& build) {
  if (action_id.size() != kActionIdBytes) return absl::InvalidArgumentError("操作编号应为20位十六进制数字");
  absl::MutexLock lock(&write_mutex_);
  if (std::optional<std::string> known = kv_->Get(key::Action(action_id))) {
    ByteReader in(*known);
    std::string first_hash(in.String());
    if (!first_hash.empty() && first_hash != request_hash)
      return absl::AlreadyExistsError("同一操作编号已用于另一内容，请刷新页面后重试");
    return Committed{std::string(in.String()), true};
  }
  ASSIGN_OR_RETURN(Action action, build(StoreReader(kv_.get())));
  if (action.nothing) return Committed{.nothing = true};
  if (action.ops.empty()) return absl::InvalidArgumentError("没有需要保存的改动");
  std::optional<OwnLog> before = SaveOwn();
  Batch batch(kv_.get(), &options_);
  absl::Status status;
  for (uint32_t i = 0; i < action.ops.size() && status.ok(); ++i)
    status = AppendOwn(action.ops[i], action_id, i, action, &batch);
  if (status.ok()) {
    for (const sync::KeyItem& key : action.keys) {
      if (key.key.empty()) batch.DestroyKey(key);
      if (!key.key.empty()) batch.AddKey(key);
    }
    std::string stored;
    ByteWriter out(&stored);
    out.String(request_hash);
    out.String(action.result);
    batch.out().Put(key::Action(action_id), std::move(stored));
    status = Judging(this).LookAgainIn(&batch);
    if (status.ok()) status = Finish(&batch, true);
  }
  if (!status.ok()) {
    RestoreOwn(before);
    return status;
  }
  return Committed{std::move(action.result), false};
}

// Into the batch alone: what is not accepted is no record of this disk. Finish() tells the rest of the program.
void Store::NoteWall(const Op& op, Batch* batch) {
  if (op.clock_quality == kClockSuspect) return;
  std::string wall;
  ByteWriter(&wall).Fixed64(static_cast<uint64_t>(op.wall_ms));
  batch->out().Put(key::Meta(kNewestMeta), std::move(wall));
}

int64_t Store::NewestWith(Batch& batch) const {
  const KvChanges& changes = batch.out().changes();
  const auto noted = changes.find(key::Meta(kNewestMeta));
  return noted == changes.end() ? newest_wall_ms() : static_cast<int64_t>(ByteReader(*noted->second).Fixed64());
}

absl::Status Store::Finish(Batch* batch, bool own) {
  batch->Derive(epoch_);
  std::string logical;
  ByteWriter(&logical).Fixed64(hybrid_clock_.last());
  batch->out().Put(key::Meta("logical"), std::move(logical));
  RETURN_IF_ERROR(Write(batch->out().changes()));
  newest_wall_ms_ = NewestWith(*batch);
  {  // before the listeners, who look for what is new
    absl::MutexLock lock(&state_mutex_);
    for (const Actor& actor : std::exchange(unpublished_, {})) durable_[actor] = own_[actor];
  }
  std::vector<const Aggregate*> changed = batch->changed();
  for (StoreListener* listener : listeners_) listener->OnCommitted(changed, own);
  return absl::OkStatus();
}

absl::Status Store::RecordAck(const sync::Ack& ack, bool exact) {
  absl::MutexLock lock(&write_mutex_);
  const bool archived = ack.level == sync::AckLevel::kArchived;
  std::vector<OwnLog> logs;
  KvChanges changes;
  if (archived && exact) {
    logs = OwnLogs();
    for (OwnLog& log : logs) log.archived_seq = 0;
  } else if (std::optional<OwnLog> log = OwnLogOf(ack.tip.actor)) {  // a log that this disk does not hold is no matter
    uint64_t seq = std::min(ack.tip.seq, log->last_seq), noted = archived ? log->archived_seq : log->acked_seq;
    bool news = exact || (ack.tip.seq <= log->last_seq && seq > noted);
    if (news && !exact &&
        !sync::SameHash(ack.tip.head, seq == log->last_seq ? log->head : HeadAt(*kv_, log->actor, seq))) {
      if (!archived) return absl::FailedPreconditionError("镇里的回执与本机日志不符：同一台设备可能被复制过，请联系镇里");
      news = false;  // the archive goes by another branch
    }
    log->acked_seq = exact ? seq : std::max(log->acked_seq, news ? seq : 0);
    if (archived && news) log->archived_seq = seq;
    log->archived_seq = std::min(log->archived_seq, log->acked_seq);
    if (news) logs.push_back(*std::move(log));
  }
  for (OwnLog& log : logs) {
    log.level = log.archived_seq > 0 && log.archived_seq == log.acked_seq ? sync::AckLevel::kArchived
                                                                          : sync::AckLevel::kDurable;
    changes[key::Chain(log.actor)] = EncodeChain(log);
  }
  if (archived && (exact || !ack.archive_id.empty())) changes[key::Meta(Cat("x-", kArchiveMeta))] = ack.archive_id;
  if (changes.empty()) return absl::OkStatus();
  // Lost in a power cut it is only told again, so it need not be synced.
  RETURN_IF_ERROR(kv_->Write(changes, false));
  absl::MutexLock state_lock(&state_mutex_);
  for (const OwnLog& log : logs) own_[log.actor] = durable_[log.actor] = log;
  return absl::OkStatus();
}

std::optional<Store::OwnLog> Store::OwnLogOf(const Actor& actor) const {
  absl::MutexLock lock(&state_mutex_);
  auto it = own_.find(actor);
  return it == own_.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace liaison
