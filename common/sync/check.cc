#include "common/sync/check.h"

#include <algorithm>
#include <set>

#include "common/sync/port.h"

namespace liaison::sync {
namespace {

constexpr size_t kEpochBytes = 16, kMaxNameBytes = 256;

bool IsHash(const std::string& s) { return s.size() == kHashBytes || s.size() == kCheckBytes; }  // perhaps cut
bool IsName(const std::string& s) { return !s.empty() && s.size() <= kMaxNameBytes; }
bool IsActor(const Actor& actor) { return IsName(actor.station); }
bool IsTip(const Tip& tip) { return IsActor(tip.actor) && (tip.seq == 0 || IsHash(tip.head)); }
bool IsOpName(const OpName& name) { return IsActor(name.actor) && name.seq > 0 && name.hash.size() == kHashBytes; }
// The receiver's own: its disk tells the hash.
bool IsShort(const OpName& name) { return IsActor(name.actor) && name.seq > 0 && name.hash.empty(); }
bool IsCursor(const Cursor& c) {
  return IsName(c.interest) && (c.epoch.empty() || c.epoch.size() == kEpochBytes) &&
         (IsHash(c.prefix) || (c.position == 0 && c.prefix.empty()));
}

std::string WrongInCursors(const std::vector<Cursor>& cursors) {
  if (cursors.size() > kMaxFeeds) return "too many feeds";
  std::set<std::string_view> seen;
  for (const Cursor& cursor : cursors) {
    if (!IsCursor(cursor)) return "cursor";
    if (!seen.insert(cursor.interest).second) return "feed named twice";
  }
  return "";
}

std::string WrongInItem(const FeedItem& item, const std::string& op) {
  switch (item.kind) {
    case ItemKind::kOp:
      return IsOpName(item.name) || (op.empty() && IsShort(item.name)) ? "" : "name of an op";
    case ItemKind::kEnter:
    case ItemKind::kLeave:
    case ItemKind::kKey:
    case ItemKind::kGone:
      return op.empty() ? "" : "bytes beside an item that is no op";
  }
  return "kind of item";
}

}  // namespace

bool SameHash(std::string_view a, std::string_view b) {
  size_t size = std::min(a.size(), b.size());
  return (size >= kCheckBytes || (a.empty() && b.empty())) && a.substr(0, size) == b.substr(0, size);
}

bool SamePoint(const Cursor& a, const Cursor& b) {
  return a.interest == b.interest && a.position == b.position && (a.position == 0 || SameHash(a.prefix, b.prefix));
}

std::string WrongIn(const Hello& hello) {
  if (!IsName(hello.station) || !IsName(hello.node) || hello.machine_id.size() > kMaxNameBytes) return "names";
  if (hello.tip && (!IsTip(*hello.tip) || hello.tip->seq == 0)) return "tip";
  if (hello.points.size() > kMaxPoints || hello.abandoned_names.size() > kMaxPoints ||
      hello.dictionaries.size() > kMaxPoints || hello.feed_points.size() > kMaxPoints)
    return "too long";
  if (hello.abandoned_count > 0 && !IsHash(hello.abandoned_hash)) return "hash of what is abandoned";
  return WrongInCursors(hello.feeds);
}

std::string WrongIn(const Welcome& welcome) {
  if (welcome.epoch.size() != kEpochBytes) return "epoch";
  if (welcome.have && !IsTip(*welcome.have)) return "have";
  if (welcome.want && (!IsActor(welcome.want->actor) || welcome.want->seq == 0)) return "want";
  if (welcome.subscriptions.size() > kMaxFeeds) return "too many subscriptions";
  std::set<std::string_view> seen;
  for (const std::string& interest : welcome.subscriptions)
    if (!IsName(interest) || !seen.insert(interest).second) return "subscriptions";
  return WrongInCursors(welcome.heads);
}

std::string WrongIn(const Range& range) {
  if (!IsActor(range.actor)) return "actor";
  if (range.first == 0 || range.last < range.first) return "numbers";
  if (range.last - range.first != range.ops.size() - 1 || range.ops.empty()) return "count of ops";
  size_t bytes = 0;
  for (const std::string& op : range.ops) bytes += op.size();
  return bytes > kMaxRangeBytes && range.ops.size() > 1 ? "too many bytes" : "";
}

std::string WrongIn(const Ack& ack) {
  if (!IsTip(ack.tip)) return "tip";
  if (ack.gap && !IsTip(*ack.gap)) return "gap";
  return ack.level == AckLevel::kDurable || ack.level == AckLevel::kArchived ? "" : "level";
}

std::string WrongIn(const FeedBatch& batch) {
  if (!IsName(batch.interest) || batch.epoch.size() != kEpochBytes) return "names";
  if ((!batch.prefix_before.empty() && !IsHash(batch.prefix_before)) || !IsHash(batch.prefix_after)) return "prefix";
  if (batch.items.empty() || batch.items.size() > kMaxBatchItems) return "count of items";
  if (batch.ops.size() != batch.items.size() || batch.last - batch.first != batch.items.size() ||
      batch.last < batch.first)
    return "counts do not fit";
  for (size_t i = 0; i < batch.items.size(); ++i)
    if (std::string wrong = WrongInItem(batch.items[i], batch.ops[i]); !wrong.empty()) return wrong;
  return "";
}

std::string WrongIn(const Want& want) {
  if (want.names.empty() || want.names.size() > kMaxWantNames) return "count of names";
  for (const OpName& name : want.names)
    if (!IsOpName(name)) return "name of an op";
  return "";
}

std::string WrongIn(const FeedPoints& points) {
  if (points.points.size() > kMaxPoints) return "too many points";
  for (const Cursor& point : points.points)
    if (!IsCursor(point)) return "cursor";
  return "";
}

std::string WrongIn(const FeedAck& ack) { return IsCursor(ack.cursor) ? "" : "cursor"; }

}  // namespace liaison::sync
