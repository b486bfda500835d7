#include "tests/model/session.h"

#include <algorithm>

namespace liaison::model {

int HeldOf(const Rules& rules, const OwnLog& log, const Tip& have) {
  if (!rules.gap_by_head) return have.seq < log.Size() ? have.seq : 0;
  return have.seq > 0 && log.HeadAt(have.seq) == have.head ? have.seq : 0;
}

void LowerUnproved(const std::optional<Tip>& tip, Store* store) {
  std::map<Actor, int> proved;
  std::optional<Tip> at = tip;
  while (at && at->actor != kNone && proved.emplace(at->actor, at->seq).second) {
    auto log = std::find_if(store->disk.own.begin(), store->disk.own.end(),
                            [&](const OwnLog& own) { return own.actor == at->actor; });
    at = log == store->disk.own.end() ? std::nullopt : std::optional(log->parent);
  }
  for (OwnLog& log : store->disk.own) {
    int seq = proved.contains(log.actor) ? proved[log.actor] : 0;
    log.acked = std::min(log.acked, seq);
  }
}

// ---------------------------------------------------------------- station

void StationSide::Start(const Rules& rules, const Store& store, const Limits& limits, Out* up) {
  hello.kind = Kind::kHello;
  if (rules.tip_in_hello) hello.tip = store.NewestOwn();
  hello.range.signer = store.device;
  for (const auto& [interest, feed] : store.disk.feeds) hello.feeds[interest] = store.PointAt(interest);
  if (std::vector<OpId> names = store.AbandonedNames(); !names.empty()) {
    to_offer = names;
    if (rules.mark_at_hub || !store.disk.offered) hello.abandoned = Names().SetOf(names);
  }
  hello.archive = store.disk.archive;
  up->push_back(hello);
  for (const OwnLog& log : store.disk.own) next.push_back(log.acked + 1);
  for (int stick : store.disk.carried) {
    Message carry;
    carry.kind = Kind::kCarry;
    carry.stick = stick;
    up->push_back(carry);
  }
  PumpUp(store, limits, up);
}

void StationSide::ReadOwnLogs(const Store& store) {
  while (next.size() < store.disk.own.size()) next.push_back(store.disk.own[next.size()].acked + 1);
}

void StationSide::PumpUp(const Store& store, const Limits& limits, Out* up) {
  ReadOwnLogs(store);
  for (size_t i = 0; i < next.size() && sent.size() < 2;) {
    if (next[i] > store.disk.own[i].Size()) {
      ++i;
      continue;
    }
    Message message;
    message.kind = Kind::kRange;
    message.range = store.ReadRange(static_cast<int>(i), next[i], limits.range_ops);
    sent.push_back({static_cast<int>(i), message.range.first, message.range.last(), round});
    next[i] = message.range.last() + 1;
    up->push_back(std::move(message));
  }
}

void StationSide::GoBack(const Rules& rules, size_t own, int held, Store* store) {
  ++round;
  if (rules.lower_receipts) store->disk.own[own].acked = std::min(store->disk.own[own].acked, held);
  next[own] = held + 1;
  for (size_t i = own + 1; i < next.size(); ++i) next[i] = store->disk.own[i].acked + 1;
}

void StationSide::On(const Rules& rules, const Message& message, Store* store, const Limits& limits, Steps* steps,
                     Out* up) {
  if (closed) return;
  ReadOwnLogs(*store);
  switch (message.kind) {
    case Kind::kWelcome:
      OnWelcome(rules, message, store, steps, up);
      if (!steps->crashed()) SendPage(rules, store, limits, steps, up);
      break;
    case Kind::kAck:
      OnAck(rules, message, store, steps);
      break;
    case Kind::kArchived:
      store->disk.archive = message.archive;
      for (OwnLog& log : store->disk.own)
        for (int seq = 1; seq <= log.Size(); ++seq)
          if (message.heads.contains(log.HeadAt(seq)) && (seq > log.archived || log.archive != message.archive)) {
            log.archived = std::max(seq, log.archive == message.archive ? log.archived : 0);
            log.archive = message.archive;
          }
      if (!steps->Durable()) return;
      break;
    case Kind::kBatch:
      OnBatch(rules, message.batch, store, steps, up);
      break;
    case Kind::kOps: {
      auto it = wanting.find(message.interest);
      if (it == wanting.end()) break;
      Batch batch = std::move(it->second);
      wanting.erase(it);
      batch.bytes.insert(message.bytes.begin(), message.bytes.end());
      OnBatch(rules, batch, store, steps, up);
      break;
    }
    case Kind::kOfferWant:
      OnOfferWant(message, *store, up);
      SendPage(rules, store, limits, steps, up);
      break;
    case Kind::kCarried:
      std::erase(store->disk.carried, message.stick);
      if (!steps->Durable()) return;
      break;
    default:
      break;
  }
  if (!steps->crashed() && welcomed) PumpUp(*store, limits, up);
}

void StationSide::OnWelcome(const Rules& rules, const Message& message, Store* store, Steps* steps, Out* up) {
  (void)up;
  welcomed = true;
  subscribed = message.subscriptions;
  offering = message.name_abandoned;
  if (rules.archive_asked && store->disk.archive != kNone && !message.archive_contained) {
    for (OwnLog& log : store->disk.own) log.archived = 0, log.archive = kNone;
    store->disk.archive = kNone;
    if (!steps->Durable()) return;
  }
  bool older = false;
  if (hello.tip && !message.known) {
    for (size_t i = 0; i < store->disk.own.size(); ++i) {
      const OwnLog& log = store->disk.own[i];
      if (log.actor != hello.tip->actor) continue;
      int held = message.have ? HeldOf(rules, log, *message.have) : 0;
      if (held >= log.acked) continue;
      older = true;
      GoBack(rules, i, held, store);
    }
  }
  for (const auto& [interest, answer] : message.answers) older |= !answer.ok;
  if (older && rules.lower_receipts) {
    std::vector<int> acked;
    for (const OwnLog& log : store->disk.own) acked.push_back(log.acked);
    LowerUnproved(hello.tip, store);
    for (size_t i = 0; i < acked.size(); ++i)
      if (store->disk.own[i].acked < acked[i]) next[i] = store->disk.own[i].acked + 1, ++round;
    // First noted, then gone back: a crash between the two leaves the evidence for the next session.
    if (!steps->Durable()) return;
  }
  for (const auto& [interest, answer] : message.answers) {
    if (answer.ok || (!subscribed.contains(interest) && !rules.unsubscribed_too)) continue;
    if (!store->Rewind(interest, answer.to)) store->Rewind(interest, answer.fallback);
    if (!steps->Durable()) return;
  }
  for (Interest interest : subscribed) {
    Message ack;
    ack.kind = Kind::kFeedAck;
    ack.interest = interest;
    if (store->disk.feeds.contains(interest)) ack.cursor = store->PointAt(interest).cursor;
    up->push_back(ack);
  }
}

void StationSide::OnAck(const Rules& rules, const Message& message, Store* store, Steps* steps) {
  if (sent.empty()) return;
  Sent answered = sent.front();
  sent.pop_front();
  OwnLog& log = store->disk.own[answered.own];
  if (!rules.verdict_is_op) store->disk.told.insert(message.verdicts.begin(), message.verdicts.end());
  if (message.gap) {
    if (answered.round != round) return;
    size_t own = 0;
    while (own < store->disk.own.size() && store->disk.own[own].actor != message.gap->actor) ++own;
    if (own == store->disk.own.size() || ++gaps > static_cast<int>(store->disk.own.size()) + 8) {
      closed = true;
      return;
    }
    int held = HeldOf(rules, store->disk.own[own], *message.gap);
    if (own > static_cast<size_t>(answered.own) ||
        (own == static_cast<size_t>(answered.own) && held + 1 >= answered.first)) {
      closed = true;
      return;
    }
    if (held < store->disk.own[own].acked && rules.lower_receipts) LowerUnproved(hello.tip, store);
    GoBack(rules, own, held, store);
    steps->Durable();
    return;
  }
  if (message.tip->seq == answered.last && message.tip->head == log.HeadAt(answered.last)) {
    log.acked = std::max(log.acked, answered.last);
    next[answered.own] = std::max(next[answered.own], log.acked + 1);
    steps->Durable();
  } else {
    closed = true;
  }
}

void StationSide::OnBatch(const Rules& rules, const Batch& batch, Store* store, Steps* steps, Out* up) {
  if (!subscribed.contains(batch.interest)) return;
  std::vector<OpId> missing;
  for (const Item& item : batch.items)
    if (item.kind == ItemKind::kOp && !store->disk.ops.contains(item.op) && !batch.bytes.contains(item.op))
      missing.push_back(item.op);
  if (!missing.empty() && rules.cursor_waits) {
    Message want;
    want.kind = Kind::kWant;
    want.interest = batch.interest;
    want.names = missing;
    wanting[batch.interest] = batch;
    up->push_back(want);
    return;
  }
  if (!store->TakeBatch(batch, false)) return;
  if (!steps->Durable()) return;
  Message ack;
  ack.kind = Kind::kFeedAck;
  ack.interest = batch.interest;
  ack.cursor = store->PointAt(batch.interest).cursor;
  up->push_back(ack);
}

void StationSide::SendPage(const Rules& rules, Store* store, const Limits& limits, Steps* steps, Out* up) {
  if (!offering) return;
  Message page;
  if (to_offer.empty()) {
    offering = false;
    page.kind = Kind::kOfferEnd;
    page.abandoned = hello.abandoned;
    if (!rules.mark_at_hub) {
      store->disk.offered = true;
      if (!steps->Durable()) return;
    }
  } else {
    page.kind = Kind::kOffer;
    size_t count = std::min<size_t>(to_offer.size(), static_cast<size_t>(limits.page_names));
    page.names.assign(to_offer.begin(), to_offer.begin() + static_cast<std::ptrdiff_t>(count));
    to_offer.erase(to_offer.begin(), to_offer.begin() + static_cast<std::ptrdiff_t>(count));
  }
  up->push_back(page);
}

void StationSide::OnOfferWant(const Message& message, const Store& store, Out* up) {
  std::set<OpId> wanted(message.names.begin(), message.names.end());
  for (const Batch& batch : store.disk.abandoned) {
    Message offered;
    offered.kind = Kind::kOffered;
    offered.batch = batch;
    for (const Item& item : batch.items)
      if (item.kind == ItemKind::kOp && wanted.erase(item.op) > 0)
        offered.batch.bytes[item.op] = !store.disk.erased.contains(item.op);
    if (!offered.batch.bytes.empty()) up->push_back(offered);
  }
}

// ---------------------------------------------------------------- hub

void HubSide::On(const Rules& rules, const Message& message, Store* store, const Limits& limits, Draws* draws,
                 Steps* steps, Out* down) {
  if (closed || (!open && message.kind != Kind::kHello)) return;
  if (open && store->Revoked(device)) {
    closed = true;
    return;
  }
  switch (message.kind) {
    case Kind::kHello:
      OnHello(rules, message, store, down);
      break;
    case Kind::kRange:
      OnRange(rules, message.range, store, draws, steps, down);
      break;
    case Kind::kFeedAck: {
      if (!subscriptions.contains(message.interest)) break;
      if (!store->CheckCursor(message.interest, {message.cursor, {}}).ok) {
        closed = true;  // only a welcome can say where to go back to
        return;
      }
      at[message.interest] = message.cursor.position;
      in_flight.erase(message.interest);
      break;
    }
    case Kind::kWant: {
      Message ops;
      ops.kind = Kind::kOps;
      ops.interest = message.interest;
      for (OpId name : message.names)
        if (withheld.contains(name)) ops.bytes[name] = !store->disk.erased.contains(name);
      down->push_back(ops);
      break;
    }
    case Kind::kOffer:
      OnOffer(message, *store, down);
      break;
    case Kind::kOffered:
      store->TakeOffered(message.batch, draws);
      if (!steps->Durable()) return;
      break;
    case Kind::kOfferEnd:
      if (std::all_of(named.begin(), named.end(), [&](OpId op) { return store->disk.ops.contains(op); })) {
        store->MarkOffered(Names().SetOf({named.begin(), named.end()}), draws);
        if (!steps->Durable()) return;
      }
      break;
    default:
      break;
  }
  if (!steps->crashed()) PumpDown(*store, limits, down);
}

void HubSide::OnHello(const Rules& rules, const Message& hello, Store* store, Out* down) {
  device = hello.range.signer;
  if (store->Revoked(device)) {
    closed = true;
    return;
  }
  open = true;
  Message welcome;
  welcome.kind = Kind::kWelcome;
  welcome.epoch = store->disk.epoch;
  welcome.subscriptions = store->Subscriptions(StationOfDevice(device));
  if (hello.tip) {
    welcome.known = store->Holds(*hello.tip);
    if (!welcome.known) welcome.have = store->Have(hello.tip->actor);
  }
  for (const auto& [interest, point] : hello.feeds) welcome.answers[interest] = store->CheckCursor(interest, point);
  welcome.name_abandoned =
      hello.abandoned != kNone && (!store->disk.marks.contains(hello.abandoned) || !rules.mark_at_hub);
  welcome.archive_contained = store->disk.archives.contains(hello.archive);
  subscriptions = welcome.subscriptions;
  down->push_back(welcome);
  if (store->disk.verified_archive != kNone) {
    Message archived;
    archived.kind = Kind::kArchived;
    archived.archive = store->disk.verified_archive;
    for (Head head : store->disk.verified_heads)
      if (StationOf(Names().TipAt(head).actor) == StationOfDevice(device)) archived.heads.insert(head);
    down->push_back(archived);
  }
}

void HubSide::OnRange(const Rules& rules, const Range& range, Store* store, Draws* draws, Steps* steps, Out* down) {
  if (StationOf(range.actor) != StationOfDevice(device) && rules.sign_ranges) {
    closed = true;
    return;
  }
  auto say = [&](const Store::Answer& answer) {
    Message ack;
    ack.kind = Kind::kAck;
    ack.tip = answer.have;
    ack.gap = answer.gap;
    ack.verdicts = answer.verdicts;
    ack.epoch = store->disk.epoch;
    down->push_back(ack);
  };
  if (!rules.durable_before_ack) {
    Store::Answer answer = Store(*store).TakeRange(range, false, draws);  // in memory only
    say(answer);
    if (!steps->Durable()) return;
    store->TakeRange(range, false, draws);
    return;
  }
  Store::Answer answer = store->TakeRange(range, false, draws);
  if (!steps->Durable()) return;
  say(answer);
}

void HubSide::OnOffer(const Message& message, const Store& store, Out* down) {
  Message want;
  want.kind = Kind::kOfferWant;
  for (OpId name : message.names) {
    named.insert(name);
    if (!store.disk.ops.contains(name) || store.disk.hidden.contains(name)) want.names.push_back(name);
  }
  down->push_back(want);
}

void HubSide::PumpDown(const Store& store, const Limits& limits, Out* down) {
  if (!open) return;
  for (auto& [interest, position] : at) {
    if (in_flight.contains(interest)) continue;
    std::optional<Batch> batch = store.ReadFeed(interest, position, limits.batch_items, StationOfDevice(device));
    if (!batch) continue;
    for (const Item& item : batch->items)
      if (item.kind == ItemKind::kOp && !batch->bytes.contains(item.op)) withheld.insert(item.op);
    in_flight.insert(interest);
    Message message;
    message.kind = Kind::kBatch;
    message.batch = *std::move(batch);
    down->push_back(std::move(message));
  }
}

}  // namespace liaison::model
