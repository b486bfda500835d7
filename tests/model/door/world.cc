#include "tests/model/door/world.h"

#include <algorithm>

namespace liaison::door {
namespace {

constexpr size_t kMostBoxes = 7, kMostCopies = 4;
constexpr int kAll = 1 << 20;

// Writes what stands still after a record was made: nobody may move a record by taking.
bool Moves(const Universe& universe, const Op& op) {
  return !Makes(universe, op) && std::any_of(op.writes.begin(), op.writes.end(), [](const Change& write) {
    return write.what == What::kPlace || write.what == What::kNumber || write.what == What::kHistorical;
  });
}

bool AtBox(Act act) { return act <= Act::kForgeKey; }

}  // namespace

const char* NameOf(Act act) {
  constexpr const char* kNames[] = {
      "visit",        "again",        "edit",       "move",        "take back",    "void",          "unvoid",
      "void visitor", "reseal",       "feedback",   "evaluate",    "settle",       "import",        "screen",
      "forge",        "forge new",    "forge key",  "sync",        "push some",    "pull some",     "stick out",
      "stick in",     "restart",      "copy box",   "restore box", "clone",        "step",          "hub edit",
      "hub void",     "hub settle",   "take",       "decline",     "take from Q",  "grant",         "revoke",
      "end",          "move village", "move point", "merge",       "allow import", "require login", "restart hub",
      "copy hub",     "restore hub",  "second hub", "import hub",  "day"};
  static_assert(std::size(kNames) == static_cast<size_t>(Act::kCount));
  return kNames[static_cast<size_t>(act)];
}

World::World(const Variant* variant, const Shape& shape) : v_(variant) {
  u_.ops.emplace_back();  // kUnknownOp
  u_.ops.back().record = kNothing;
  hub_.emplace(&u_, v_, this);
  for (int station = 0; station < kStations; ++station) {
    u_.records.push_back({.kind = Kind::kRights, .action = u_.actions++, .of = station});
  }
  for (int account = 0; account < kAccounts; ++account)
    u_.records.push_back({.kind = Kind::kAccount, .action = u_.actions++, .of = account});
  const std::vector<std::vector<int>> scopes = {{0, 2, kVillage}, {1, 3}, {2}, {3}};
  for (int station = 0; station < kStations; ++station) {
    std::vector<Change> writes;
    for (int place : scopes[static_cast<size_t>(station)]) writes.push_back({What::kEnter, place, 1});
    for (int person : {0, 1}) writes.push_back({What::kGrant, ++u_.values, 2 * station + person});
    hub_->Write(station, writes, true);
  }
  copies_.push_back(*hub_);
  for (int station = 0; station < kStations; ++station) {
    Box& box = boxes_.emplace_back();
    box.station = station;
    box.honest = shape.honest[static_cast<size_t>(station)];
    box.old = shape.old[static_cast<size_t>(station)];
    Pull(&box, &*hub_, kAll);
  }
}

void World::Say(const std::string& what) {
  if (telling_) story_ += "    " + what + "\n";
}

std::vector<int> World::Of(const Disk& disk, Kind kind) const {
  std::vector<int> records;
  for (const auto& [record, ops] : disk.by_record)
    if (u_.record(record).kind == kind) records.push_back(record);
  return records;
}

int World::OneOf(const std::vector<int>& records, uint32_t pick) {
  const size_t few = pick % 5 == 0 ? records.size() : std::min<size_t>(records.size(), 2);
  return records[pick / 5 % few];
}

// Own words that the hub lacks, each after the one that it follows in the log.
int World::Push(Box* box, Hub* hub, int most) {
  int sent = 0;
  for (int op : std::vector<int>(box->disk.order)) {
    if (sent >= most) break;
    if (u_.op(op).station != box->station || hub->Known(op)) continue;
    if (int before = u_.op(op).log_previous; before != kNothing && !hub->Known(before)) continue;
    hub->Receive(op);
    ++sent;
  }
  for (const auto& [visitor, key] : box->keys)
    if (box->honest && hub->TakeKey(visitor, key, box->station)) ++sent;
  return sent;
}

int World::Pull(Box* box, Hub* hub, int most) {
  int got = 0;
  const std::set<int> told(box->told.begin(), box->told.end());
  for (int op : hub->Feed(box->station, box->disk)) {
    if (got >= most) return got;
    if (!box->disk.Add(op, u_.op(op).record)) continue;
    box->told.push_back(op);
    ++got;
    auto judged = hub->verdicts().find(op);
    if (judged != hub->verdicts().end() && judged->second != kNothing && !box->disk.have.contains(judged->second))
      Wrong("law 5: comes before its verdict: " + Told(u_, op));
  }
  for (int op : hub->disk().order)  // a feed names the own ops too
    if (box->disk.have.contains(op) && !told.contains(op) && u_.op(op).station == box->station &&
        hub->Readers(u_.op(op).record).contains(box->station))
      box->told.push_back(op);
  for (const auto& [visitor, key] : hub->keys()) {
    if (!hub->KeyReaders(visitor).contains(box->station) || box->disk.Of(visitor).empty()) continue;
    CheckKey(visitor, box->station);
    got += box->keys.insert({visitor, key}).second ? 1 : 0;
  }
  return got;
}

void World::Offer(Box* box, Hub* hub) {
  if (box->honest && (restored_ || second_) && v_->takes_offers) hub->Offer(box->told);
}

bool World::DoBox(const Step& step) {
  Box& box = boxes_[step.a % boxes_.size()];
  Hub* hub = second_ && step.b % 3 == 0 ? &*second_ : &*hub_;
  if (step.act == Act::kForge || step.act == Act::kForgeNew || step.act == Act::kForgeKey) {
    if (box.honest) return false;
    if (step.act == Act::kForge) return Forge(&box, step);
    if (step.act == Act::kForgeNew) return ForgeNew(&box, step);
    return ForgeKey(box, hub, step);
  }
  return DoHonest(&box, step);
}

bool World::DoDisk(const Step& step) {
  const size_t at = step.a % boxes_.size();
  Box& box = boxes_[at];
  Hub* hub = second_ && step.b % 3 == 0 ? &*second_ : &*hub_;
  switch (step.act) {
    case Act::kSync:
      if (step.c % 4 != 0) Offer(&box, hub);
      return Push(&box, hub, kAll) + Pull(&box, hub, kAll) > 0;
    case Act::kPushSome:
      return Push(&box, hub, 1 + static_cast<int>(step.c % 4)) > 0;
    case Act::kPullSome:
      return Pull(&box, hub, 1 + static_cast<int>(step.c % 4)) > 0;
    case Act::kStickOut:
      sticks_.push_back({static_cast<int>(at), box.disk.order, box.honest ? box.told : std::vector<int>()});
      return true;
    case Act::kStickIn: {
      if (sticks_.empty()) return false;
      const Stick& stick = sticks_[step.c % sticks_.size()];
      Box late = boxes_[static_cast<size_t>(stick.box)];
      late.disk = {};
      for (int op : stick.ops) late.disk.Add(op, u_.op(op).record);
      if ((restored_ || second_) && v_->takes_offers) hub->Offer(stick.offers);
      return Push(&late, hub, kAll) > 0;
    }
    case Act::kRestart:
      box.actor = kNothing;
      box.screens.clear();
      return true;
    case Act::kCopyBox:
      if (box_copies_.size() < kMostCopies) box_copies_.emplace_back(static_cast<int>(at), box);
      return true;
    case Act::kRestoreBox: {
      if (box_copies_.empty()) return false;
      const auto& [of, copy] = box_copies_[step.c % box_copies_.size()];
      boxes_[static_cast<size_t>(of)] = copy;
      boxes_[static_cast<size_t>(of)].actor = kNothing;
      boxes_[static_cast<size_t>(of)].screens.clear();
      return true;
    }
    case Act::kClone:
      if (boxes_.size() >= kMostBoxes) return false;
      boxes_.push_back(Box(box));
      boxes_.back().actor = kNothing;
      boxes_.back().old = step.c % 2 == 0;
      if (step.c % 3 == 0) boxes_.back().honest = false;  // a stolen disk
      return true;
    default:
      return false;
  }
}

// Of several claims to have made a record the clerk, who asks by telephone, takes that of who made it, once.
bool World::FalseClaim(int op) const {
  const Op& one = u_.op(op);
  if (!Makes(u_, one)) return false;
  for (int other : hub_->disk().Of(one.record)) {
    if (other == op || !Makes(u_, u_.op(other))) continue;
    if (one.station != u_.record(one.record).maker || hub_->Fold(one.record).Effective(other)) return true;
  }
  return false;
}

// Of two that stand he declines that of the other.
bool World::SettleClaims() {
  bool settled = false;
  for (int op : hub_->Disputed()) {
    if (u_.op(op).station == u_.record(u_.op(op).record).maker || !hub_->Fold(u_.op(op).record).Effective(op)) continue;
    Say("the clerk declines #" + std::to_string(op) + ", which another station made");
    hub_->Decline(op);
    settled = true;
  }
  return settled;
}

bool World::TakeHeld(const Step& step) {
  if (step.act == Act::kDecline && step.c % 2 == 0 && SettleClaims()) return true;
  if (step.act == Act::kTakeFromQ) {
    std::vector<int> some;
    for (const auto& [op, ruling] : hub_->q())
      if (ruling.reason == Reason::kOutOfScope && !Makes(u_, u_.op(op))) some.push_back(op);
    return !some.empty() && hub_->TakeFromQ(some[step.b % some.size()]);
  }
  std::vector<int> some;
  for (int op : hub_->Hidden(step.c % 6 != 0)) {
    const Op& one = u_.op(op);
    if (FalseClaim(op)) continue;
    if (Moves(u_, one)) continue;
    some.push_back(op);
  }
  if (some.empty()) return false;
  const int op = some[step.b % some.size()];
  if (step.act == Act::kDecline) {
    Say("the clerk declines #" + std::to_string(op));
    hub_->Decline(op);
    return true;
  }
  const int take = hub_->Take(op);
  Say("the clerk takes #" + std::to_string(op) + ": " + Told(u_, take));
  ++tally_.taken;
  CheckTaken(op, take);
  return true;
}

bool World::DoHub(const Step& step) {
  if (step.act == Act::kTake || step.act == Act::kDecline || step.act == Act::kTakeFromQ) return TakeHeld(step);
  const std::vector<int> matters = Of(hub_->disk(), Kind::kMatter);
  if (matters.empty()) return false;
  const auto first = std::find(matters.begin(), matters.end(), OneOf(matters, step.b));
  return std::any_of(first, matters.end(), [&](int record) { return DoCase(step, record); });
}

// What a clerk does with a matter.
bool World::DoCase(const Step& step, int record) {
  const Folded& fold = hub_->Fold(record);
  if (fold.Maker() == kNothing) return false;
  std::vector<Change> writes;
  auto to = [&](State state) { writes.push_back({What::kStatus, 0, static_cast<int>(state)}); };
  const State state = fold.Status();
  if (step.act == Act::kHubEdit) writes.push_back({What::kField, static_cast<int>(step.c % 2), ++u_.values});
  if (step.act == Act::kHubVoid) writes.push_back({What::kVoid, 0, fold.Has(What::kVoid, 0, 1) ? 0 : 1});
  if (step.act == Act::kHubSettle) {
    if (state != State::kContested) return false;
    const auto& siblings = fold.Visible(What::kStatus);
    writes.push_back(
        {What::kStatus, 0, std::next(siblings.begin(), static_cast<int>(step.c % siblings.size()))->second});
  }
  if (step.act == Act::kStep) {
    if (state == State::kSubmitted) to(step.c % 2 == 0 ? State::kAccepted : State::kReturned);
    if (state == State::kAccepted) {
      writes.push_back({What::kReply, ++u_.values, 1});
      to(State::kReplied);
    }
    if (state == State::kReplied) to(State::kClosed);
  }
  if (writes.empty()) return false;
  Say(Told(u_, hub_->Write(record, writes, true)));
  return true;
}

bool World::DoRights(const Step& step) {
  Hub* hub = second_ && step.c % 3 == 0 ? &*second_ : &*hub_;
  const int station = static_cast<int>(step.b % kStations);
  auto write = [&](int record, std::vector<Change> writes) {
    Say(Told(u_, hub->Write(record, std::move(writes), true)));
  };
  switch (step.act) {
    case Act::kGrant:
      write(station, {{What::kGrant, ++u_.values, 2 * station + static_cast<int>(step.d % 2)}});
      return true;
    case Act::kRevoke: {
      const auto grants = GrantsOf(hub->Fold(station));
      auto it = std::next(grants.begin(), static_cast<int>(step.d % grants.size()));
      write(station, {{What::kRevoke, it->first, 1 + static_cast<int>(step.c / 3 % 2)}});
      return true;
    }
    case Act::kEnd:
      write(AccountRecord(static_cast<int>(step.b % kAccounts)), {{What::kEnded, 0, 1}});
      return true;
    case Act::kMoveVillage:
    case Act::kMovePoint: {
      const int place = step.act == Act::kMoveVillage ? kVillage : 2;
      const int from = hub->Scope(0).contains(place) ? 0 : 1;
      write(from, {{What::kEnter, place, 0}});
      write(1 - from, {{What::kEnter, place, 1}});
      return true;
    }
    case Act::kMerge: {
      const int into = 2 + (station + 1) % 2, gone = 2 + station % 2;
      write(gone, {{What::kMerged, 0, day_ + static_cast<int>(step.d % 2)}});
      write(into, {{What::kEnter, gone, 1}});
      return true;
    }
    case Act::kAllowImport:
      write(station, {{What::kMayImport, 0, 1}});
      return true;
    default:
      write(station, {{What::kLogin, 0, 1}});
      return true;
  }
}

void World::Do(const Step& step) {
  applied_ = false;
  Say(std::string("-- ") + NameOf(step.act) + " " + std::to_string(step.a % boxes_.size()));
  if (AtBox(step.act)) {
    applied_ = DoBox(step);
  } else if (step.act <= Act::kClone) {
    applied_ = DoDisk(step);
  } else if (step.act <= Act::kTakeFromQ) {
    applied_ = DoHub(step);
  } else if (step.act <= Act::kRequireLogin) {
    applied_ = DoRights(step);
  } else if (step.act == Act::kDay) {
    ++day_;
    applied_ = true;
  } else if (step.act == Act::kRestartHub) {
    hub_->Restart();
    applied_ = true;
  } else if (step.act == Act::kCopyHub) {
    if (copies_.size() < kMostCopies) copies_.push_back(*hub_);
    applied_ = true;
  } else if (step.act == Act::kRestoreHub) {
    hub_ = copies_[step.b % copies_.size()];
    hub_->Restart();
    restored_ = applied_ = true;
  } else if (step.act == Act::kSecondHub && !second_) {
    second_ = step.b % 2 == 0 ? *hub_ : copies_[step.c % copies_.size()];
    second_->Restart();
    restored_ = applied_ = true;
  } else if (step.act == Act::kImportSecond && second_) {
    hub_->Import(*second_);
    second_.reset();
    applied_ = true;
  }
}

void World::Calm() {
  Say("-- calm");
  if (second_) hub_->Import(*second_);
  second_.reset();
  for (size_t i = 0; i < sticks_.size(); ++i) Do({Act::kStickIn, 0, 1, static_cast<uint32_t>(i), 0});
  auto deliver = [&] {
    for (int rounds = 0, moved = 1; moved > 0; ++rounds) {
      if (rounds > 12) return Wrong("does not become calm");
      moved = 0;
      const size_t held = hub_->disk().order.size();
      for (Box& box : boxes_) {
        Offer(&box, &*hub_);
        moved += Push(&box, &*hub_, kAll) + Pull(&box, &*hub_, kAll);
      }
      moved += static_cast<int>(hub_->disk().order.size() - held);
    }
  };
  auto check = [&] {
    CheckRevocations();
    CheckReplicas();
    CheckNothingLost();
    CheckRulings();
  };
  deliver();
  check();
  if (!wrong_.empty()) return;
  // The clerk takes what is held of the honest, one after the other.
  SettleClaims();
  for (int op : hub_->Hidden(true)) {
    const Op& one = u_.op(op);
    if (!one.honest || FalseClaim(op) || !hub_->Fold(one.record).Hidden(op)) continue;
    const int take = hub_->Take(op);
    Say("the clerk takes #" + std::to_string(op) + ": " + Told(u_, take));
    ++tally_.taken;
    CheckTaken(op, take);
  }
  deliver();
  check();
  tally_.alarms += static_cast<uint64_t>(hub_->alarms());
}

}  // namespace liaison::door
