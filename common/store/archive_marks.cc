// What a database knows of its archives, and how it takes over another database.
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/store/archive.h"
#include "common/store/batch.h"
#include "common/store/judging.h"
#include "common/store/keys.h"
#include "common/store/signed_ranges.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr size_t kImportBatchBytes = 1 << 20;

// The value of table X: epoch:string wall:8 ordinal:varint verified:u8 tips:varint (actor seq:varint head:32)*.
std::string EncodeMark(const Store::ArchiveMark& mark) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.String(mark.epoch);
  out.Fixed64(static_cast<uint64_t>(mark.wall_ms));
  out.Varint(mark.ordinal);
  out.U8(mark.verified ? 1 : 0);
  out.Varint(mark.tips.size());
  for (const sync::Tip& tip : mark.tips) {
    EncodeActor(tip.actor, &out);
    out.Varint(tip.seq);
    out.Raw(tip.head);
  }
  return bytes;
}

std::optional<Store::ArchiveMark> DecodeMark(std::string_view id, std::string_view bytes) {
  ByteReader in(bytes);
  Store::ArchiveMark mark;
  mark.id = std::string(id);
  mark.epoch = std::string(in.String());
  mark.wall_ms = static_cast<int64_t>(in.Fixed64());
  mark.ordinal = in.Varint();
  mark.verified = in.U8() == 1;
  for (uint64_t count = in.Count(kHashBytes); count > 0 && in.ok(); --count) {
    sync::Tip tip;
    tip.actor = DecodeActor(&in);
    tip.seq = in.Varint();
    tip.head = std::string(in.Raw(kHashBytes));
    mark.tips.push_back(std::move(tip));
  }
  return in.Finish("archive mark").ok() ? std::optional(std::move(mark)) : std::nullopt;
}

struct StoredTip {
  sync::Tip tip;
  uint64_t ordinal = 0;
};

}  // namespace

std::string EncodeLineage(const std::vector<sync::EpochMark>& lineage) {
  std::string bytes;
  ByteWriter out(&bytes);
  for (const sync::EpochMark& mark : lineage) {
    out.String(mark.epoch);
    out.String(mark.archive_id);
  }
  return bytes;
}

std::vector<sync::EpochMark> DecodeLineage(std::string_view bytes) {
  std::vector<sync::EpochMark> lineage;
  ByteReader in(bytes);
  while (in.ok() && !in.empty()) {
    std::string epoch(in.String()), archive_id(in.String());
    if (in.ok()) lineage.push_back({std::move(epoch), std::move(archive_id)});
  }
  return lineage;
}

std::vector<Store::ArchiveMark> Store::ArchiveMarks() const {
  std::vector<ArchiveMark> marks;
  kv_->ScanPrefix(key::kArchive, [&](std::string_view key, std::string_view value) {
    if (std::optional<ArchiveMark> mark = DecodeMark(key.substr(2), value)) marks.push_back(*std::move(mark));
    return true;
  });
  std::sort(marks.begin(), marks.end(),
            [](const ArchiveMark& a, const ArchiveMark& b) { return a.ordinal < b.ordinal; });
  return marks;
}

bool Store::ContainsArchive(std::string_view id) const { return kv_->Get(key::Archive(id)).has_value(); }

absl::StatusOr<Store::ArchiveMark> Store::MarkArchive() {
  absl::MutexLock lock(&write_mutex_);
  std::vector<ArchiveMark> marks = ArchiveMarks();
  ArchiveMark mark;
  mark.id = options_.random->Bytes(kArchiveIdBytes);
  mark.epoch = epoch_;
  mark.wall_ms = options_.clock->NowMs();
  mark.ordinal = marks.empty() ? 1 : marks.back().ordinal + 1;
  KvChanges changes;
  changes[key::Archive(mark.id)] = EncodeMark(mark);
  RETURN_IF_ERROR(kv_->Write(changes, true));
  return mark;
}

// The tips are those of the snapshot: what came while the archive was written is not in it.
absl::Status Store::NoteVerified(ArchiveMark mark, const KvReader& snapshot) {
  absl::MutexLock lock(&write_mutex_);
  std::map<Actor, sync::Tip> told;
  for (const ArchiveMark& earlier : ArchiveMarks())
    if (earlier.verified)
      for (const sync::Tip& tip : earlier.tips) told[tip.actor] = tip;
  mark.verified = true;
  mark.tips.clear();
  snapshot.ScanPrefix(key::kChain, [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(2));
    Actor actor = DecodeActor(&in);
    absl::StatusOr<OwnLog> log = DecodeChain(actor, value);
    if (!log.ok() || log->last_seq == 0 || actor.station == options_.station) return true;
    sync::Tip tip{actor, log->last_seq, log->head};
    if (auto it = told.find(actor); it == told.end() || it->second != tip) mark.tips.push_back(std::move(tip));
    return true;
  });
  KvChanges changes;
  changes[key::Archive(mark.id)] = EncodeMark(mark);
  return kv_->Write(changes, true);
}

std::vector<sync::EpochMark> Store::Lineage() const {
  std::vector<sync::EpochMark> lineage = DecodeLineage(GetMeta(kLineageMeta).value_or(""));
  sync::EpochMark now{epoch_, ""};
  for (const ArchiveMark& mark : ArchiveMarks())
    if (mark.verified && mark.epoch == epoch_) now.archive_id = mark.id;
  lineage.push_back(std::move(now));
  return lineage;
}

std::vector<sync::Ack> Store::ArchivedTips(std::string_view station, std::string_view known) const {
  std::vector<ArchiveMark> marks = ArchiveMarks();
  uint64_t after = 0;
  for (const ArchiveMark& mark : marks)
    if (mark.id == known) after = mark.ordinal;
  std::map<Actor, sync::Tip> tips;
  std::string newest;
  for (const ArchiveMark& mark : marks) {
    if (!mark.verified || mark.ordinal <= after) continue;
    for (const sync::Tip& tip : mark.tips) {
      if (tip.actor.station != station) continue;
      tips[tip.actor] = tip;
      newest = mark.id;
    }
  }
  std::vector<sync::Ack> acks;
  for (auto& [actor, tip] : tips) {
    sync::Ack& ack = acks.emplace_back();
    ack.epoch = epoch_;
    ack.tip = std::move(tip);
    ack.level = sync::AckLevel::kArchived;
  }
  if (!acks.empty()) acks.back().archive_id = newest;
  return acks;
}

// ---------------------------------------------------------------- another database

namespace {

// Keys in O of what a device of our register has signed; empty also where nobody asks for signatures.
std::set<std::string> Vouched(const KvReader& other, const StoreOptions& options) {
  std::set<std::string> keys;
  if (!options.check_range) return keys;
  ForEachSignedRange(other, [&](const SignedRange& range) {
    if (!range.keys.empty() && options.check_range(range.range).ok()) keys.insert(range.keys.begin(), range.keys.end());
    return true;
  });
  return keys;
}

bool IsOfSameHub(const KvReader& other, const KvReader& here) {
  return other.Get(key::Meta("format")) == here.Get(key::Meta("format")) &&
         other.Get(key::Meta("station")) == here.Get(key::Meta("station"));
}

// Each key of a visitor there that is another than here. Stops when `visit` returns false.
void ForEachOtherKey(const KvReader& other, const KvReader& here,
                     const std::function<bool(const sync::KeyItem&)>& visit) {
  const StoreReader records(&other);
  other.ScanPrefix(key::kKey, [&](std::string_view key, std::string_view value) {
    ByteReader in(key.substr(2));
    RecordId visitor;
    if (!RecordIdFromBytes(in.String(), &visitor) || here.Get(key) == value) return true;
    const std::optional<sync::KeyItem> item = records.VisitorKey(visitor, in.rest());
    return !item || visit(*item);
  });
}

// What keys in O of that station's actors begin with.
std::string OpsOfStation(const std::string& station) {
  std::string prefix = key::kOp;
  ByteWriter(&prefix).String(station);
  return prefix;
}

}  // namespace

// Nothing of it is judged: it was, when the other hub signed it. Each op is taken as one that was offered: by name,
// folded, new in the feeds that it belongs to now. It stands beside its chain until its author's log reaches it, and
// counts in no receipt before.
absl::StatusOr<Store::Imported> Store::Import(const KvReader& other) {
  if (!IsOfSameHub(other, *kv_))
    return absl::FailedPreconditionError("那个文件夹里的数据不是镇中心的，或格式不同");
  absl::MutexLock lock(&write_mutex_);
  Imported done;
  std::vector<OpName> stood;  // kept here and folded there: a person had taken them
  const std::set<std::string> vouched = Vouched(other, options_);
  auto batch = std::make_unique<Batch>(kv_.get(), &options_);
  size_t bytes = 0;
  absl::Status status;
  auto flush = [&](size_t limit) {
    if (bytes == 0 || bytes < limit) return true;
    bytes = 0;
    status = Finish(batch.get(), false);
    batch = std::make_unique<Batch>(kv_.get(), &options_);
    return status.ok();
  };
  std::vector<Judging::Brought> rulings;
  const std::string of_hub = OpsOfStation(options_.station);
  bool hub_now = true;  // the hub's own ops first: a feed must not show an op before the verdict on it
  auto take = [&](std::string_view key, std::string_view value) {
    write_mutex_.AssertHeld();
    if (key.starts_with(of_hub) != hub_now) return true;
    ++done.ops;
    std::optional<std::string> kept = other.Get(Cat(key::kKept, key.substr(2)));
    absl::StatusOr<Op> op = kept ? DecodeFrame(value) : DecodeOp(value);
    if (kv_->Get(key)) {
      if (!kept && op.ok() && IsKeptReadable(*kv_, op->name())) stood.push_back(op->name());
      return true;
    }
    if (!op.ok() || key::Op(op->actor, op->seq, op->tag()) != key) {
      ++done.damaged;
      return true;
    }
    batch->out().Put(key::Branch(op->actor, op->seq, op->tag()), "");
    const bool unsigned_op =
        options_.check_range && op->actor.station != options_.station && !vouched.contains(std::string(key));
    if (kept) {
      batch->KeepOp(*op, value, DecodeKeptMark(*kept));
    } else if (unsigned_op) {  // nobody of ours says so: a person decides
      batch->KeepOp(*op, value, {sync::Verdict::kRefused, kUnsignedReason, ""});
    } else {
      batch->AddOp(*op, value);
      if (hub_now) Judging::AddBrought(*op, &rulings);
      NoteBranch(*op, batch.get());
      hybrid_clock_.Witness(op->logical_time, options_.clock->NowMs());
    }
    ++done.new_ops;
    bytes += value.size();
    return flush(kImportBatchBytes);
  };
  for (bool first : {true, false}) {
    hub_now = first;
    if (status.ok()) other.ScanPrefix(key::kOp, take);
  }
  RETURN_IF_ERROR(status);
  ForEachOtherKey(other, *kv_, [&](const sync::KeyItem& item) {
    write_mutex_.AssertHeld();
    const Store::Batch::KeyOutcome outcome = batch->AddKey(item);
    done.new_keys += outcome == Store::Batch::KeyOutcome::kTaken ? 1 : 0;
    done.ignored_keys += outcome == Store::Batch::KeyOutcome::kIgnored ? 1 : 0;
    bytes += item.key.size() + 1;
    return flush(kImportBatchBytes);
  });
  if (status.ok()) flush(0);
  RETURN_IF_ERROR(status);
  RETURN_IF_ERROR(AcceptAll(stood, kHubUser, true, nullptr).status());
  RETURN_IF_ERROR(Judging(this).MergeImported(rulings, other));
  return done;
}

}  // namespace liaison
