#include "tests/sim/link.h"

#include <utility>

#include "common/base/text.h"
#include "common/store/keys.h"
#include "tests/sim/world.h"

namespace liaison::sim {

void World::Connect(Machine* machine, bool calm) {
  if (!machine->running() || !hub_->running() || machine->disk().failed() || hub_->disk().failed()) return;
  if (links_.contains(machine)) return;
  Site& site = SiteOf(machine);
  if (!calm && machine->store()->pending_ops() > 0 && now_ms_ - site.last_session_ms > 14 * 86'400'000LL)
    Count("weeks offline with something to say");
  site.last_session_ms = now_ms_;
  Count("sessions");
  auto link = std::make_shared<Link>(machine, machine->station_port(), hub_->hub_port());
  links_[machine] = link;
  if (!calm && options_.faults > 0) {
    if (OneIn(3)) link->messages_left = static_cast<int64_t>(Below(OneIn(2) ? 6 : 30));
    if (OneIn(4)) {
      link->latency_hours = 0.01;  // half a minute a message
      Count("weak link");
    }
  }
  Log(Cat(machine->name(), " connects"));
  if (!calm)
    After(0.2 + Exponential(6), [this, weak = std::weak_ptr(link)] {
      if (auto there = weak.lock(); there && !there->dead) Cut(there->machine, "hangs up");
    });
  Perform(link, link->station.Start(), false);
}

void World::Cut(const Machine* machine, const std::string& why) {
  auto it = links_.find(machine);
  if (it == links_.end()) return;
  std::shared_ptr<Link> link = it->second;
  links_.erase(it);
  link->dead = true;
  if (!link->up.empty() || !link->down.empty()) Count("cut with messages on their way");
  Log(Cat(machine->name(), " is off: ", why, ", ", link->up.size(), " up and ", link->down.size(), " down lost"));
}

void World::CutAll(const std::string& why) {
  while (!links_.empty()) Cut(links_.begin()->first, why);
}

void World::Pump(std::shared_ptr<Link> link) {
  if (calm_ || link->moving || link->dead || (link->up.empty() && link->down.empty())) return;
  link->moving = true;
  After(Exponential(link->latency_hours), [this, link] {
    link->moving = false;
    if (link->dead) return;
    Deliver(link);
    Pump(link);
  });
}

// The next message of one direction; each direction keeps its order, between them there is none.
void World::Deliver(const std::shared_ptr<Link>& link) {
  bool up = !link->up.empty() && (link->down.empty() || OneIn(2));
  std::deque<Link::Packet>& queue = up ? link->up : link->down;
  const std::deque<Link::Packet>& other = up ? link->down : link->up;
  if (queue.empty()) return;
  if (!other.empty() && other.front().order < queue.front().order) Count("up and down overtake each other");
  if (link->messages_left == 0) {
    Count("cut at a message");
    return Cut(link->machine, "cut");
  }
  if (link->messages_left > 0) --link->messages_left;
  std::string bytes = std::move(queue.front().bytes);
  queue.pop_front();
  Count("messages");
  Count("bytes", bytes.size());
  absl::StatusOr<sync::Message> message = (up ? link->hub_codec : link->station_codec).Decode(bytes);
  if (!message.ok()) return Wrong(Cat("a message does not decode: ", message.status().message()));
  if (up) {
    if (std::holds_alternative<sync::Want>(*message)) Count("wants");
    Perform(link, link->hub.OnMessage(*std::move(message)), true);
  } else {
    const auto* ack = std::get_if<sync::Ack>(&*message);
    if (ack != nullptr && ack->gap) Count("gaps");
    Perform(link, link->station.OnMessage(*std::move(message)), false);
  }
  if (link->dead) return;
  if ((link->station.closed() && link->up.empty()) || (link->hub.closed() && link->down.empty()))
    Cut(link->machine, "closed");
}

// In order, as the daemons do: what is said after an effect is said when the effect is durable. A machine that dies
// says nothing any more.
void World::Perform(const std::shared_ptr<Link>& link, sync::Effects effects, bool at_hub) {
  std::deque<sync::Effect> todo;
  auto append = [&](sync::Effects more) {
    for (sync::Effect& effect : more) todo.push_back(std::move(effect));
  };
  append(std::move(effects));
  Machine* machine = link->machine;
  for (; !todo.empty() && !link->dead; todo.pop_front()) {
    sync::Effect& effect = todo.front();
    if (auto* send = std::get_if<sync::Send>(&effect)) {
      (at_hub ? link->down : link->up)
          .push_back({++sent_, (at_hub ? link->hub_codec : link->station_codec).Encode(send->message)});
      if (const auto* bye = std::get_if<sync::Goodbye>(&send->message))
        Log(Cat(at_hub ? "hub" : machine->name(), " says goodbye: ", bye->reason));
    } else if (auto* range = std::get_if<sync::ApplyRange>(&effect)) {
      to_apply_.emplace_back(link, std::move(range->range));
      if (!std::exchange(apply_is_due_, true)) After(0.0001, [this] { ApplyAtHub(); });
    } else if (auto* offer = std::get_if<sync::TakeOffer>(&effect)) {
      Count("offers of what a restored hub has lost");
      absl::Status status = hub_->store()->TakeOffered(offer->batch, offer->keys, offer->known);
      if (hub_->disk().dead()) return Died(hub_, "in a write");
      if (!status.ok() && !hub_->disk().failed()) return Wrong(Cat("the hub refuses an offer: ", status.message()));
      append(link->hub.OnOfferTaken(status));
    } else if (auto* apply = std::get_if<sync::ApplyBatch>(&effect)) {
      absl::Status status = machine->ApplyBatch(apply->batch);
      if (machine->disk().dead()) return Died(machine, "in a write");
      if (!status.ok() && !machine->disk().failed())
        return Wrong(Cat(machine->name(), " refuses a batch: ", status.message()));
      Log(Cat(machine->name(), " takes ", apply->batch.interest, "@", apply->batch.first, "-", apply->batch.last));
      append(link->station.OnBatchApplied(apply->batch.interest, status));
    } else if (auto* rewind = std::get_if<sync::RewindFeed>(&effect)) {
      Log(Cat(machine->name(), " rewinds ", rewind->cursor.interest, "@", rewind->cursor.position));
      Count("rewinds");
      absl::Status status = machine->store()->RewindFeed(rewind->cursor);
      if (machine->disk().dead()) return Died(machine, "in a write");
      append(link->station.OnRewound(rewind->cursor.interest, status));
    } else if (auto* record = std::get_if<sync::RecordAck>(&effect)) {
      absl::Status status = machine->store()->RecordAck(record->ack, record->exact);
      if (machine->disk().dead()) return Died(machine, "in a write");
      NoteAck(machine, *record);
      if (!status.ok()) append(link->station.End(Cat("本机存盘出错：", status.message()), true));
    } else if (auto* close = std::get_if<sync::Close>(&effect)) {
      if (close->reason.find("不合约定") != std::string::npos) Wrong(Cat(machine->name(), ": ", close->reason));
      Log(Cat(at_hub ? "hub" : machine->name(), " closes: ", close->reason));
    }
  }
  if (!link->dead && (link->station.closed() || link->hub.closed()) && link->up.empty() && link->down.empty())
    return Cut(machine, "closed");
  Pump(link);
}

// What has come since the last time, as one batch, one range of each station in turn.
void World::ApplyAtHub() {
  apply_is_due_ = false;
  auto waiting = std::exchange(to_apply_, {});
  if (!hub_->running() || waiting.empty()) return;
  std::vector<sync::Range> ranges;
  for (auto& [link, range] : waiting) {
    std::optional<sync::Tip> have = hub_->store()->Have(range.actor);
    if (have && have->seq >= range.last) Count("range delivered twice");
    ranges.push_back(range);
  }
  if (ranges.size() > 1) Count("ranges of several stations in one batch");
  absl::StatusOr<std::vector<sync::Ack>> acks = hub_->store()->ApplyRanges(ranges);
  if (hub_->disk().dead()) return Died(hub_, "in a write");
  if (!acks.ok() && !hub_->disk().failed()) return Wrong(Cat("the hub takes nothing: ", acks.status().message()));
  for (size_t i = 0; i < waiting.size(); ++i) {
    std::shared_ptr<Link> link = waiting[i].first.lock();
    std::string range = Cat(ToText(ranges[i].actor), "#", ranges[i].first, "-", ranges[i].last);
    if (!acks.ok()) {
      Log(Cat("hub does not take ", range));
    } else if (const sync::Ack& ack = (*acks)[i]; ack.gap) {
      Log(Cat("hub asks for what is behind ", ToText(ack.gap->actor), "#", ack.gap->seq, ", not ", range));
    } else if (!ack.verdicts.empty()) {
      return Wrong(Cat("the hub refuses ", range, " of ", link ? link->machine->name() : "a link that is gone", ": ",
                       ack.verdicts[0].reason));
    } else {
      Log(Cat("hub takes ", range));
    }
    if (!link || link->dead) continue;
    Perform(link,
            acks.ok() ? link->hub.OnRangeApplied((*acks)[i]) : link->hub.End("镇中心暂时不能存盘，稍后再试", true),
            true);
  }
}

void World::FeedsGrew() {
  grew_is_due_ = false;
  std::set<std::string> grown = std::exchange(grown_, {});
  std::vector<std::shared_ptr<Link>> links;
  for (auto& [machine, link] : links_) links.push_back(link);
  for (auto& link : links)
    for (const std::string& interest : grown)
      if (!link->dead) Perform(link, link->hub.OnFeedGrew(interest), true);
}

void World::RunLinks() {
  for (int steps = 0; !failed(); ++steps) {
    if (steps > 1'000'000) return Wrong("a session does not end");
    if (!to_apply_.empty()) ApplyAtHub();
    if (std::exchange(grew_is_due_, false)) FeedsGrew();
    std::shared_ptr<Link> busy;
    for (auto& [machine, link] : links_)
      if (!link->up.empty() || !link->down.empty()) busy = link;
    if (!busy && to_apply_.empty() && !grew_is_due_) return;
    if (busy) Deliver(busy);
  }
}

// A receipt must not lie: what the station now calls delivered is on the hub's disk, power cut or not.
void World::NoteAck(Machine* machine, const sync::RecordAck& record) {
  if (record.exact) {
    Count("receipts lowered");
    return;
  }
  const sync::Tip& tip = record.ack.tip;
  std::set<std::string> ours;
  std::string at = key::OpAt(tip.actor, tip.seq);
  machine->disk().contents().Scan(at, PrefixEnd(at), [&](std::string_view key, std::string_view) {
    ours.emplace(key);
    return true;
  });
  if (ours.empty()) return;  // for more than this disk holds
  bool held = false;
  for (const std::string& key : ours) {
    if (hub_->disk().durable().Get(key) == nullptr) continue;
    held = true;
    receipts_[key] = hub_life_;
  }
  ++checked_["receipts: on the hub's disk when given"];
  if (!held) Wrong(Cat("a receipt lies: ", machine->name(), " ", ToText(tip.actor), "#", tip.seq));
}

}  // namespace liaison::sim
