#include "common/store/batch.h"

#include <algorithm>

#include "common/codec/message_codec.h"
#include "common/codec/op_codec.h"
#include "common/crypto/hash.h"
#include "common/record/feeds.h"
#include "common/store/keys.h"
#include "common/store/maker.h"
#include "common/store/own_ops.h"

namespace liaison {

std::string EncodeChain(const Store::OwnLog& log) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(log.order);
  out.Varint(log.last_seq);
  out.Raw(log.head);
  out.Varint(log.acked_seq);
  out.U8(static_cast<uint8_t>(log.level));
  if (log.archived_seq > 0) out.Varint(log.archived_seq);
  return bytes;
}

absl::StatusOr<Store::OwnLog> DecodeChain(const Actor& actor, std::string_view bytes) {
  ByteReader in(bytes);
  Store::OwnLog log;
  log.actor = actor;
  log.order = in.Varint();
  log.last_seq = in.Varint();
  log.head = std::string(in.Raw(kHashBytes));
  log.acked_seq = in.Varint();
  log.level = static_cast<sync::AckLevel>(in.U8());
  if (!in.empty()) {
    log.archived_seq = in.Varint();
    if (log.archived_seq == 0) in.Fail("an archived seq of 0, which is not written");
  }
  absl::Status status = in.Finish("chain head");
  if (!status.ok()) return absl::DataLossError(status.message());
  return log;
}

namespace {

bool HasVerdicts(const Aggregate& aggregate) {
  const Child* root = aggregate.Find({});
  if (root == nullptr) return false;
  const auto first = root->fields.lower_bound({kVerdictTag, ""});
  return first != root->fields.end() && first->first.first == kVerdictTag;
}

}  // namespace

Store::Batch::Entry& Store::Batch::Load(const RecordId& id) {
  auto [it, fresh] = entries_.try_emplace(id);
  if (fresh) {
    it->second.before = StoreReader(&out_).Load(id);
    it->second.now = it->second.before ? *it->second.before : Aggregate(id);
  }
  return it->second;
}

Aggregate& Store::Batch::Get(const RecordId& id) { return Load(id).now; }

void Store::Batch::KeepOp(const Op& frame, std::string_view bytes, const KeptMark& mark) {
  out_.Put(key::Op(frame.actor, frame.seq, frame.tag()), std::string(bytes));
  out_.Put(key::Kept(frame.actor, frame.seq, frame.tag()), EncodeKeptMark(mark));
}

void Store::Batch::NoteArrival(const Actor& actor, uint64_t last, Tag tag) {
  const std::string key = key::Arrival(actor, last, tag);
  if (out_.Get(key)) return;
  std::string wall;
  ByteWriter(&wall).Fixed64(static_cast<uint64_t>(options_->clock->NowMs()));
  out_.Put(key, wall);
}

bool Store::Batch::HasOp(const OpName& name) const {
  std::optional<std::string> bytes = out_.Get(key::Op(name.actor, name.seq, TagOf(name.hash)));
  if (!bytes) return false;
  absl::StatusOr<Op> op = DecodeFrame(*bytes);
  return op.ok() && op->hash == name.hash;
}

void Store::Batch::AddOp(const Op& op, std::string_view bytes) {
  Entry& entry = Load(op.aggregate);  // as it was before this op
  out_.Put(key::Op(op.actor, op.seq, op.tag()), std::string(bytes));
  new_ops_.emplace_back(op.aggregate, op.name());
  entry.changed = true;
  unread_.insert(op.aggregate);
  ApplyOp(out_, op, &entry.now);
}

std::vector<const Aggregate*> Store::Batch::changed() const {
  std::vector<const Aggregate*> changed;
  for (const auto& [id, entry] : entries_)
    if (entry.changed) changed.push_back(&entry.now);
  return changed;
}

std::vector<RecordId> Store::Batch::changed_ids() const {
  std::vector<RecordId> ids;
  for (const auto& [id, entry] : entries_)
    if (entry.changed) ids.push_back(id);
  return ids;
}

StoreReader Store::Batch::View() {
  for (const RecordId& id : unread_) out_.Put(key::Aggregate(id), entries_.at(id).now.Encode());
  unread_.clear();
  return StoreReader(&out_);
}

void Store::Batch::Derive(std::string_view epoch) {
  for (auto& [id, entry] : entries_) {
    if (!entry.changed) continue;
    out_.Put(key::Aggregate(id), entry.now.Encode());
    for (Projection* projection : options_->projections)
      projection->OnChange(entry.before ? &*entry.before : nullptr, entry.now, out_);
  }
  if (options_->interests) DeriveFeeds(epoch);
}

std::set<std::string> Store::Batch::Members(const RecordId& id) const {
  std::set<std::string> interests;
  std::string prefix = key::Members(id);
  out_.ScanPrefix(prefix, [&](std::string_view key, std::string_view) {
    interests.emplace(key.substr(prefix.size()));
    return true;
  });
  return interests;
}

void Store::Batch::Append(const std::string& interest, const sync::FeedItem& item) {
  auto [it, fresh] = feeds_.try_emplace(interest);
  Feed& feed = it->second;
  if (fresh) {
    std::optional<std::string> head = out_.Get(key::FeedHead(interest));
    ByteReader in(head ? std::string_view(*head) : std::string_view());
    if (head) {
      in.String();
      feed.position = in.Varint();
      feed.prefix = std::string(in.Raw(kHashBytes));
    } else {
      feed.prefix = FeedStart(interest);
    }
  }
  feed.prefix = FeedNext(feed.prefix, item);
  out_.Put(key::FeedItem(interest, feed.position), feed.prefix + EncodeFeedItem(item));
  ++feed.position;
}

// An aggregate that enters an interest brings all its ops, in the order of each actor, where somebody was judged the
// hub's first; one that stays brings what is new, in order of arrival. So a feed never shows an op before the op that
// it follows, nor before a verdict on it.
void Store::Batch::DeriveFeeds(std::string_view epoch) {
  std::map<RecordId, std::set<std::string>> staying, entered, interests;
  std::map<RecordId, std::vector<OpName>> fresh;  // all ops of aggregates that are new
  for (const auto& [id, name] : new_ops_)
    if (!entries_.at(id).before) fresh[id].push_back(name);
  for (auto& [id, entry] : entries_) {
    if (!entry.changed) continue;
    std::set<std::string> before, &after = interests[id];
    if (entry.before) before = Members(id);
    for (std::string& interest : options_->interests(entry.now, StoreReader(&out_))) after.insert(std::move(interest));
    std::string aggregate = ToBytes(id);
    for (const std::string& interest : before) {
      if (after.contains(interest)) {
        staying[id].insert(interest);
        continue;
      }
      Append(interest, {.kind = sync::ItemKind::kLeave, .aggregate = aggregate});
      out_.Delete(key::Member(id, interest));
    }
    std::vector<OpName> all;
    for (const std::string& interest : after) {
      if (before.contains(interest)) continue;
      if (all.empty() && entry.before)
        for (const Op& op : StoreReader(&out_).OpsOf(entry.now)) all.push_back(op.name());
      if (all.empty()) all = fresh[id];
      std::sort(all.begin(), all.end());
      if (HasVerdicts(entry.now))
        std::stable_partition(all.begin(), all.end(),
                              [&](const OpName& name) { return name.actor.station == options_->station; });
      Append(interest, {.kind = sync::ItemKind::kEnter, .aggregate = aggregate, .count = all.size()});
      for (const OpName& name : all)
        Append(interest, {.kind = sync::ItemKind::kOp, .aggregate = aggregate, .name = name});
      out_.Put(key::Member(id, interest), "");
      entered[id].insert(interest);
    }
  }
  for (const auto& [id, name] : new_ops_)
    for (const std::string& interest : staying[id])
      Append(interest, {.kind = sync::ItemKind::kOp, .aggregate = ToBytes(id), .name = name});
  DeriveKeyFeeds(entered, interests);
  for (const auto& [interest, feed] : feeds_) {
    std::string head;
    ByteWriter writer(&head);
    writer.String(epoch);
    writer.Varint(feed.position);
    writer.Raw(feed.prefix);
    out_.Put(key::FeedHead(interest), std::move(head));
  }
}

// Where a making is hidden or disputed.
bool Store::Batch::NobodyMade(const RecordId& visitor) {
  const StoreReader reader(&out_);
  const Makers makers = MakersOf(reader, Get(visitor));
  return makers.IsDisputed() || (makers.standing.empty() && !makers.hidden.empty());
}

// A key goes to the stations that may read the visitor, each by its own feed: never to a whole area. A new key goes to
// all of them, the known keys of a visitor to those that it enters. Of a visitor of whom nobody can say who made it a
// key goes to nobody.
void Store::Batch::DeriveKeyFeeds(const std::map<RecordId, std::set<std::string>>& entered,
                                  const std::map<RecordId, std::set<std::string>>& interests) {
  auto stations = [](const auto& interests) {
    std::set<std::string> feeds;
    for (const std::string& interest : interests) {
      if (auto point = PointOfFeed(interest)) feeds.insert(StationFeed(*point));
      if (StationOfFeed(interest)) feeds.insert(interest);
    }
    return feeds;
  };
  auto append = [&](const std::set<std::string>& feeds, const sync::KeyItem& key) {
    sync::FeedItem item{.kind = sync::ItemKind::kKey, .aggregate = key.aggregate};
    item.key_id = key.key_id;
    item.key_hash = Sha256(key.key);
    for (const std::string& feed : feeds) Append(feed, item);
  };
  std::set<std::pair<std::string, std::string>> fresh;
  for (const sync::KeyItem& key : new_keys_) {
    RecordId visitor;
    if (!RecordIdFromBytes(key.aggregate, &visitor)) continue;
    if (!key.key.empty() && NobodyMade(visitor)) continue;
    fresh.emplace(key.aggregate, key.key_id);
    auto known = interests.find(visitor);
    append(known != interests.end() ? stations(known->second)
                                    : stations(options_->interests(Get(visitor), StoreReader(&out_))),
           key);
  }
  for (const auto& [id, entries] : entered) {
    const auto& children = entries_.at(id).now.children();
    if (std::all_of(children.begin(), children.end(), [](const auto& child) { return child.second.sealed.empty(); }))
      continue;
    if (NobodyMade(id)) continue;
    std::vector<sync::KeyItem> known;
    std::string prefix = key::VisitorKeys(id);
    out_.ScanPrefix(prefix, [&, &id = id](std::string_view key, std::string_view) {
      if (auto item = StoreReader(&out_).VisitorKey(id, key.substr(prefix.size()))) known.push_back(*std::move(item));
      return true;
    });
    for (const sync::KeyItem& key : known)
      if (!fresh.contains({key.aggregate, key.key_id})) append(stations(entries), key);
  }
}

}  // namespace liaison
