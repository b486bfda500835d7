// Feeds: how they grow at the hub, how they are read, compared, taken, gone back in, and what is kept of them.
#include <algorithm>

#include "tests/model/store.h"

namespace liaison::model {

Feed& Store::FeedOf(Interest interest) {
  Feed& feed = disk.feeds[interest];
  if (feed.prefixes.empty()) feed.prefixes.push_back(Names().Start(interest));
  return feed;
}

// ---------------------------------------------------------------- hub

void Store::Append(Interest interest, const Item& item) {
  Feed& feed = FeedOf(interest);
  feed.items.push_back(item);
  feed.prefixes.push_back(Names().Next(feed.prefixes.back(), item));
}

// What the feeds get when `op` has joined its record. Who reads a record follows from its state; enter and leave are
// derived from that, never taken over from elsewhere.
void Store::Project(Record record, OpId op) {
  std::set<Interest> now = InterestsOf(record), before;
  for (const auto& [interest, member] : disk.members)
    if (member == record) before.insert(interest);
  for (Interest interest : before) {
    if (now.contains(interest)) continue;
    Append(interest, {ItemKind::kLeave, record, kNone, 0});
    disk.members.erase({interest, record});
  }
  for (Interest interest : now) {
    if (before.contains(interest)) {
      Append(interest, {ItemKind::kOp, record, op, 0});
      continue;
    }
    disk.members.insert({interest, record});
    std::vector<OpId> ops = OpsOf(record);
    Append(interest, {ItemKind::kEnter, record, kNone, static_cast<int>(ops.size())});
    for (OpId id : ops) Append(interest, {ItemKind::kOp, record, id, 0});
  }
  const Op& what = Names().op(op);
  bool verdict = what.kind == OpKind::kRefuse || what.kind == OpKind::kAccept;
  if (verdict && IsData(record) && rules_->verdict_to_author)
    Append(OnlyFor(StationOf(Names().op(what.target).actor)), {ItemKind::kOp, record, op, 0});
}

FeedAnswer Store::CheckCursor(Interest interest, const FeedPoint& at) const {
  FeedAnswer answer;
  if (at.cursor.position == 0) return answer;
  auto it = disk.feeds.find(interest);
  int size = it == disk.feeds.end() ? 0 : it->second.Size();
  auto agrees = [&](const Cursor& cursor) {
    if (cursor.position > size) return false;
    if (cursor.position == 0) return true;
    if (!rules_->epoch_is_a_name && cursor.epoch == disk.epoch) return true;
    Prefix ours = it->second.prefixes[cursor.position];
    if (!rules_->prefix_hash) return Names().Last(ours) == Names().Last(cursor.prefix);
    return ours == cursor.prefix;
  };
  if (agrees(at.cursor)) return answer;
  answer.ok = false;
  answer.fallback = {0, Names().Start(interest), 0};
  for (const Cursor& point : at.points)
    if (point.position > answer.fallback.position && agrees(point)) answer.fallback = point;
  answer.to = answer.fallback;
  if (size > 0 && size < at.cursor.position) answer.to = {size, it->second.prefixes[size], disk.epoch};
  return answer;
}

std::optional<Batch> Store::ReadFeed(Interest interest, int position, int max_items, int withheld_of) const {
  auto it = disk.feeds.find(interest);
  if (it == disk.feeds.end() || position >= it->second.Size()) return std::nullopt;
  const Feed& feed = it->second;
  Batch batch;
  batch.interest = interest;
  batch.epoch = disk.epoch;
  batch.first = position;
  int last = std::min(feed.Size(), position + max_items);
  batch.before = feed.prefixes[position];
  batch.after = feed.prefixes[last];
  for (int i = position; i < last; ++i) {
    const Item& item = feed.items[i];
    batch.items.push_back(item);
    if (item.kind == ItemKind::kOp && StationOf(Names().op(item.op).actor) != withheld_of)
      batch.bytes[item.op] = !disk.erased.contains(item.op);
  }
  return batch;
}

// ---------------------------------------------------------------- station

bool Store::Verifies(const Batch& batch) const {
  if (!rules_->sign_batches) return true;
  Prefix after = batch.before;
  for (const Item& item : batch.items) after = Names().Next(after, item);
  return batch.genuine && after == batch.after && !batch.items.empty();
}

FeedPoint Store::PointAt(Interest interest) const {
  const Feed& feed = disk.feeds.at(interest);
  FeedPoint at;
  auto point = [&](int position) { return Cursor{position, feed.prefixes[position], feed.epoch}; };
  at.cursor = point(feed.Size());
  for (int back = 1; back < feed.Size(); back *= 2) at.points.push_back(point(feed.Size() - back));
  return at;
}

bool Store::TakeBatch(const Batch& batch, bool on_stick) {
  if (!Verifies(batch)) return false;
  Feed& feed = FeedOf(batch.interest);
  // A stick may repeat the beginning; what is new must continue what is here.
  if (batch.first > feed.Size() || (batch.first < feed.Size() && !on_stick)) return false;
  if (batch.last() <= feed.Size() || feed.prefixes[batch.first] != batch.before) return false;
  for (int i = batch.first; i < feed.Size(); ++i)
    if (feed.items[i] != batch.items[i - batch.first]) return false;
  for (const Item& item : batch.items)
    if (rules_->cursor_waits && item.kind == ItemKind::kOp && !disk.ops.contains(item.op) &&
        !batch.bytes.contains(item.op))
      return false;
  for (const Item& item : batch.items) {
    auto bytes = item.kind == ItemKind::kOp ? batch.bytes.find(item.op) : batch.bytes.end();
    if (bytes != batch.bytes.end()) Take(item.op, bytes->second, Source::kFeed, nullptr);
  }
  for (int i = feed.Size(); i < batch.last(); ++i) {
    feed.items.push_back(batch.items[i - batch.first]);
    feed.prefixes.push_back(Names().Next(feed.prefixes.back(), feed.items.back()));
  }
  feed.batches.push_back(batch);
  feed.batches.back().bytes.clear();
  feed.epoch = batch.epoch;
  return true;
}

void Store::KeepUnplaced(const Batch& batch) {
  if (!Verifies(batch)) return;
  bool news = false;
  for (const Item& item : batch.items) {
    if (item.kind != ItemKind::kOp || disk.ops.contains(item.op)) continue;
    auto bytes = batch.bytes.find(item.op);
    if (bytes == batch.bytes.end()) return;
    news = true;
  }
  if (!news) return;
  for (const Item& item : batch.items)
    if (item.kind == ItemKind::kOp && batch.bytes.contains(item.op))
      Take(item.op, batch.bytes.at(item.op), Source::kFeed, nullptr);
  Abandon(batch);
}

// A batch all whose names stand in kept ones is not kept again, or two hubs visited in turns would double it each time.
void Store::Abandon(const Batch& batch) {
  if (!rules_->keep_abandoned) return;
  std::vector<OpId> kept = AbandonedNames();
  bool news = std::any_of(batch.items.begin(), batch.items.end(), [&](const Item& item) {
    return item.kind == ItemKind::kOp && !std::binary_search(kept.begin(), kept.end(), item.op);
  });
  if (!news) return;
  disk.abandoned.push_back(batch);
  disk.abandoned.back().bytes.clear();
  disk.offered = false;
}

bool Store::Rewind(Interest interest, const Cursor& to) {
  Feed& feed = FeedOf(interest);
  if (to.position > feed.Size() || (to.position > 0 && feed.prefixes[to.position] != to.prefix && rules_->prefix_hash))
    return false;
  std::vector<Batch> stay;
  for (Batch& batch : feed.batches) {
    if (batch.last() <= to.position) {
      stay.push_back(std::move(batch));
      continue;
    }
    if (!rules_->whole_batches && batch.first < to.position)
      batch.items.erase(batch.items.begin(), batch.items.begin() + (to.position - batch.first));
    Abandon(batch);
  }
  feed.batches = std::move(stay);
  feed.items.resize(to.position);
  feed.prefixes.resize(to.position + 1);
  return true;
}

std::vector<OpId> Store::AbandonedNames() const {
  std::set<OpId> names;
  for (const Batch& batch : disk.abandoned)
    for (const Item& item : batch.items)
      if (item.kind == ItemKind::kOp) names.insert(item.op);
  return {names.begin(), names.end()};
}

Range Store::ReadRange(int own, int first, int max_ops) const {
  const OwnLog& log = disk.own[own];
  Range range;
  range.actor = log.actor;
  range.first = first;
  range.before = first == 1 ? log.parent.head : log.HeadAt(first - 1);
  range.signer = device;
  for (int seq = first; seq <= log.Size() && seq < first + max_ops; ++seq) {
    range.ops.push_back(log.ops[seq - 1]);
    range.bytes.insert({log.ops[seq - 1], !disk.erased.contains(log.ops[seq - 1])});
    range.after = log.heads[seq - 1];
  }
  return range;
}

// The records that a person at this station sees because of feeds: entered and not left in one that is subscribed to.
std::set<Record> Store::Shown(const std::set<Interest>& subscriptions) const {
  std::set<Record> shown;
  for (Interest interest : subscriptions) {
    auto it = disk.feeds.find(interest);
    if (it == disk.feeds.end()) continue;
    std::set<Record> inside;
    for (const Item& item : it->second.items) {
      if (item.kind == ItemKind::kEnter) inside.insert(item.record);
      if (item.kind == ItemKind::kLeave) inside.erase(item.record);
    }
    shown.insert(inside.begin(), inside.end());
  }
  return shown;
}

}  // namespace liaison::model
