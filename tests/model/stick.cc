#include "tests/model/stick.h"

#include <algorithm>

namespace liaison::model {

Stick MakeUp(const Store& station, bool everything) {
  Stick stick;
  stick.device = station.device;
  stick.tip = station.NewestOwn();
  for (size_t i = 0; i < station.disk.own.size(); ++i) {
    const OwnLog& log = station.disk.own[i];
    int first = everything ? 1 : log.acked + 1;
    if (first <= log.Size()) stick.ranges.push_back(station.ReadRange(static_cast<int>(i), first, log.Size()));
  }
  std::vector<Batch> batches = station.disk.abandoned;
  // A disk that cannot be answered does not learn what the hub lacks: it gives all that it has.
  if (everything)
    for (const auto& [interest, feed] : station.disk.feeds)
      batches.insert(batches.end(), feed.batches.begin(), feed.batches.end());
  for (Batch& batch : batches) {
    for (const Item& item : batch.items)
      if (item.kind == ItemKind::kOp && station.disk.ops.contains(item.op))
        batch.bytes[item.op] = !station.disk.erased.contains(item.op);
    stick.batches.push_back(std::move(batch));
  }
  for (const auto& [interest, feed] : station.disk.feeds) stick.feeds[interest] = station.PointAt(interest);
  return stick;
}

void TakeUp(const Stick& stick, Store* hub, Draws* draws) {
  for (const Range& range : stick.ranges) hub->TakeRange(range, true, draws);
  for (const Batch& batch : stick.batches) hub->TakeOffered(batch, draws);
  hub->Judge(draws);
}

Stick MakeDown(const Store& hub, const Stick& up, const Limits& limits) {
  Stick stick;
  stick.up = false;
  stick.device = up.device;
  stick.tip = up.tip;
  stick.epoch = hub.disk.epoch;
  stick.lineage = hub.disk.lineage;
  stick.subscriptions = hub.Subscriptions(StationOfDevice(up.device));
  if (up.tip) {
    stick.known = hub.Holds(*up.tip);
    stick.have = hub.Have(up.tip->actor);
  }
  for (Head head : hub.disk.heads)
    if (StationOf(Names().TipAt(head).actor) == StationOfDevice(up.device)) stick.held.insert(head);
  for (Interest interest : stick.subscriptions) {
    auto it = up.feeds.find(interest);
    FeedPoint at = it == up.feeds.end() ? FeedPoint{} : it->second;
    FeedAnswer answer = hub.CheckCursor(interest, at);
    int position = answer.ok ? at.cursor.position : answer.fallback.position;
    stick.answers[interest] = answer;
    while (std::optional<Batch> batch = hub.ReadFeed(interest, position, limits.batch_items, kNone)) {
      position = batch->last();
      stick.batches.push_back(*std::move(batch));
    }
  }
  return stick;
}

void TakeDown(const Rules& rules, const Stick& stick, Store* station) {
  if (stick.device != station->device) return;
  bool older = std::any_of(stick.answers.begin(), stick.answers.end(), [](const auto& a) { return !a.second.ok; });
  if (stick.tip && !stick.known)
    for (OwnLog& log : station->disk.own)
      if (log.actor == stick.tip->actor) {
        int held = stick.have ? HeldOf(rules, log, *stick.have) : 0;
        older |= held < log.acked;
        log.acked = std::min(log.acked, held);
      }
  if (older) LowerUnproved(stick.tip, station);
  for (OwnLog& log : station->disk.own)
    for (int seq = log.acked + 1; seq <= log.Size(); ++seq)
      if (stick.held.contains(log.HeadAt(seq))) log.acked = seq;
  std::set<Interest> rewound;
  for (const Batch& batch : stick.batches) {
    if (station->TakeBatch(batch, true)) continue;
    auto feed = station->disk.feeds.find(batch.interest);
    bool known = feed != station->disk.feeds.end() && batch.last() <= feed->second.Size() &&
                 feed->second.prefixes[batch.last()] == batch.after;
    if (known) continue;
    const FeedAnswer& answer = stick.answers.at(batch.interest);
    // Only a hub whose history contains what this disk has last seen may take a feed back.
    bool newer = feed != station->disk.feeds.end() && stick.lineage.contains(feed->second.epoch);
    if (!answer.ok && newer && rewound.insert(batch.interest).second) {
      if (!station->Rewind(batch.interest, answer.to)) station->Rewind(batch.interest, answer.fallback);
      if (station->TakeBatch(batch, true)) continue;
    }
    station->KeepUnplaced(batch);
  }
}

}  // namespace liaison::model
