// Writing, and links that move one message at a time.
#include "tests/model/world.h"

#include <algorithm>
#include <iterator>

#include "tests/model/stick.h"

namespace liaison::model {
namespace {

constexpr int kMaxLinks = 4, kMaxMessages = 4'000;

template <typename T>
T& Pick(std::vector<T>& from, uint32_t n) {
  return from[n % from.size()];
}

}  // namespace

const char* NameOf(Act act) {
  static const char* const kNames[] = {"write",
                                       "write-bad",
                                       "move",
                                       "erase",
                                       "hub-write",
                                       "hub-move",
                                       "hub-grant",
                                       "hub-refuse",
                                       "hub-accept",
                                       "hub-erase",
                                       "hub-revoke",
                                       "open",
                                       "up",
                                       "down",
                                       "run",
                                       "cut",
                                       "restart-box",
                                       "restart-hub",
                                       "copy-box",
                                       "restore-box",
                                       "clone-box",
                                       "resume-box",
                                       "copy-hub",
                                       "archive",
                                       "verify",
                                       "restore-hub",
                                       "second-hub",
                                       "resume-hub",
                                       "import-hub",
                                       "stick-up",
                                       "stick-up-taken",
                                       "stick-down",
                                       "stick-down-taken",
                                       "relay",
                                       "forge-range",
                                       "forge-batch",
                                       "forge-offer"};
  static_assert(std::size(kNames) == static_cast<size_t>(Act::kCount));
  return kNames[static_cast<size_t>(act)];
}

World::World(const Rules* rules, const Shape& shape) : rules_(rules), limits_(shape.limits) {
  for (int station = 0; station < shape.stations; ++station) boxes_.emplace_back(rules, station);
  if (shape.second) boxes_.emplace_back(rules, kSecond);
  hubs_.emplace_back(rules, kHubDevice);
  hubs_[0].disk.epoch = ++epochs_;
  hubs_[0].disk.lineage = {epochs_};
}

std::string World::Do(const Step& step) {
  told_.clear();
  applied_ = Apply(step);
  Tidy();
  return CheckAlways();
}

bool World::Apply(const Step& step) {
  size_t link = links_.empty() ? 0 : step.a % links_.size();
  switch (step.act) {
    case Act::kWrite:
    case Act::kWriteBad:
    case Act::kMove:
    case Act::kErase:
      return WriteAtBox(step);
    case Act::kHubWrite:
    case Act::kHubMove:
    case Act::kHubGrant:
    case Act::kHubRefuse:
    case Act::kHubAccept:
    case Act::kHubErase:
    case Act::kHubRevoke:
      return WriteAtHub(step);
    case Act::kOpen:
      if (static_cast<int>(links_.size()) >= kMaxLinks) return false;
      Open(static_cast<int>(step.a % boxes_.size()), static_cast<int>(step.b % hubs_.size()));
      return true;
    case Act::kUp:
    case Act::kDown: {
      if (links_.empty()) return false;
      bool any = false;
      // The crash comes inside the last message.
      for (uint32_t n = step.b % 4 + 1; n > 0; --n) {
        int crash = n == 1 && step.c % 4 == 3 ? static_cast<int>(step.c / 4 % 3) : -1;
        if (!(step.act == Act::kUp ? DeliverUp(link, crash) : DeliverDown(link, crash))) break;
        any = true;
      }
      return any;
    }
    case Act::kRun:
      return !links_.empty() && RunLink(link);
    case Act::kCut:
      if (links_.empty()) return false;
      links_[link].box_dead = links_[link].hub_dead = true;
      return true;
    default:
      return Accident(step);
  }
}

// ---------------------------------------------------------------- writing

bool World::WriteAtBox(const Step& step) {
  Store& box = Pick(boxes_, step.a);
  Record record = static_cast<Record>(step.b % (2 * kStations));
  std::vector<OpId> ops = box.OpsOf(record), sources;
  for (OpId id : ops)
    if (Names().op(id).kind == OpKind::kRoot || Names().op(id).kind == OpKind::kMove) sources.push_back(id);
  Op op;
  op.record = record;
  switch (step.act) {
    case Act::kWriteBad:
      op.kind = OpKind::kMalformed;
      break;
    case Act::kMove:
      if (sources.empty()) return false;
      op.kind = OpKind::kMove;
      op.value = static_cast<int>(step.c % kStations);
      op.context = sources;
      break;
    case Act::kErase: {
      std::erase_if(ops, [&](OpId id) {
        return Names().op(id).kind != OpKind::kWrite || StationOf(Names().op(id).actor) != box.station();
      });
      if (ops.empty()) return false;
      op.kind = OpKind::kErase;
      op.target = Pick(ops, step.c);
      if (rules_->erasure_to_all) op.record = kErasures;
      break;
    }
    default:
      if (!sources.empty()) break;
      op.record = 2 * box.station() + static_cast<int>(step.b % 2);
      op.kind = OpKind::kRoot;
      op.value = box.station();
  }
  told_ = Show(box.Author(op, &draws_));
  return true;
}

bool World::WriteAtHub(const Step& step) {
  Store& hub = Pick(hubs_, step.a);
  std::vector<OpId> targets;
  for (OpId id : hub.disk.arrived) {
    OpKind kind = Names().op(id).kind;
    if (kind == OpKind::kWrite || (kind == OpKind::kRoot && step.act != Act::kHubErase)) targets.push_back(id);
  }
  Record record = static_cast<Record>(step.b % (2 * kStations));
  std::vector<OpId> sources;
  for (OpId id : hub.OpsOf(record))
    if (Names().op(id).kind == OpKind::kRoot || Names().op(id).kind == OpKind::kMove) sources.push_back(id);
  Op op;
  op.record = record;
  switch (step.act) {
    case Act::kHubWrite:
    case Act::kHubMove:
      if (sources.empty()) return false;
      if (step.act == Act::kHubWrite) break;
      op.kind = OpKind::kMove;
      op.value = static_cast<int>(step.c % kStations);
      op.context = sources;
      break;
    case Act::kHubGrant: {
      int station = static_cast<int>(step.b % kStations);
      op.kind = OpKind::kGrant;
      op.record = GrantsOf(station);
      op.value = static_cast<int>(step.c % (1 << kStations));
      op.context = hub.OpsOf(op.record);
      break;
    }
    case Act::kHubRevoke: {
      op.kind = OpKind::kRevoke;
      op.record = kRevocations;
      op.value = static_cast<int>(step.b % kHubDevice);
      // The ends of all branches of its logs; and by number, where an op is held without what stands before it.
      std::map<Actor, int> highest;
      for (Head head : hub.disk.heads)
        if (Tip tip = Names().TipAt(head); DeviceOf(tip.actor) == op.value) {
          bool end = std::none_of(hub.disk.heads.begin(), hub.disk.heads.end(), [&](Head next) {
            return Names().Before(next) == head && Names().TipAt(next).actor == tip.actor;
          });
          if (end) op.accepted.push_back(tip);
          highest[tip.actor] = std::max(highest[tip.actor], tip.seq);
        }
      for (OpId id : hub.disk.ops)
        if (const Op& held = Names().op(id); DeviceOf(held.actor) == op.value && held.seq > highest[held.actor]) {
          op.accepted.push_back({held.actor, held.seq, kNone});
          highest[held.actor] = held.seq;
        }
      break;
    }
    default: {
      if (targets.empty()) return false;
      op.target = Pick(targets, step.b);
      op.record = Store::RecordOf(op.target);
      op.kind = step.act == Act::kHubRefuse   ? OpKind::kRefuse
                : step.act == Act::kHubAccept ? OpKind::kAccept
                                              : OpKind::kErase;
      if (op.kind == OpKind::kErase) {
        if (rules_->erasure_to_all) op.record = kErasures;
      } else {
        op.context = hub.Verdicts(op.target);
      }
    }
  }
  told_ = Show(hub.Author(op, &draws_));
  return true;
}

// ---------------------------------------------------------------- links

void World::Open(int box, int hub) {
  Link& link = links_.emplace_back();
  link.box = box;
  link.hub = hub;
  link.station.Start(*rules_, boxes_[box], limits_, &link.up);
}

bool World::DeliverUp(size_t at, int crash) {
  Link& link = links_[at];
  if (link.up.empty() || link.hub_dead) return false;
  ++messages_;
  Message message = std::move(link.up.front());
  link.up.pop_front();
  Steps steps;
  steps.CrashBehind(crash);
  if (message.kind == Kind::kCarry) {
    TakeUp(sticks_[message.stick], &hubs_[link.hub], &draws_);
    Message carried;
    carried.kind = Kind::kCarried;
    carried.stick = message.stick;
    if (steps.Durable()) link.down.push_back(carried);
  } else {
    link.hub_side.On(*rules_, message, &hubs_[link.hub], limits_, &draws_, &steps, &link.down);
  }
  if (steps.crashed()) HubDown(link.hub);
  // What has been said is true whatever happens next.
  if (!link.down.empty() && link.down.back().kind == Kind::kAck && !link.down.back().gap &&
      link.down.back().tip->seq > 0 && !hubs_[link.hub].disk.heads.contains(link.down.back().tip->head))
    wrong_ = "an ack for what the hub's disk does not hold";
  return true;
}

bool World::DeliverDown(size_t at, int crash) {
  Link& link = links_[at];
  if (link.down.empty() || link.box_dead) return false;
  ++messages_;
  Message message = std::move(link.down.front());
  link.down.pop_front();
  Steps steps;
  steps.CrashBehind(crash);
  link.station.On(*rules_, message, &boxes_[link.box], limits_, &steps, &link.up);
  if (steps.crashed()) BoxDown(link.box);
  return true;
}

bool World::RunLink(size_t at) {
  int before = messages_;
  while (messages_ < before + kMaxMessages)
    if (!DeliverUp(at, -1) && !DeliverDown(at, -1)) break;
  // Written on either side since the link was opened.
  Link& link = links_[at];
  if (!link.box_dead && !link.hub_dead && link.station.welcomed && !link.station.closed) {
    link.station.PumpUp(boxes_[link.box], limits_, &link.up);
    link.hub_side.PumpDown(hubs_[link.hub], limits_, &link.down);
    while (messages_ < before + kMaxMessages)
      if (!DeliverUp(at, -1) && !DeliverDown(at, -1)) break;
  }
  return messages_ > before;
}

// A side that has ended or crashed sends and takes nothing more; what it has sent may still arrive.
void World::Tidy() {
  for (Link& link : links_) {
    link.box_dead |= link.station.closed;
    link.hub_dead |= link.hub_side.closed;
    if (link.box_dead) link.down.clear();
    if (link.hub_dead) link.up.clear();
  }
  std::erase_if(links_, [](const Link& link) {
    return (link.box_dead && link.up.empty()) || (link.hub_dead && link.down.empty());
  });
}

void World::BoxDown(int box) {
  for (Link& link : links_) link.box_dead |= link.box == box;
  boxes_[box].Restart();
}

void World::HubDown(int hub) {
  for (Link& link : links_) link.hub_dead |= link.hub == hub;
  hubs_[hub].Restart();
}

}  // namespace liaison::model
