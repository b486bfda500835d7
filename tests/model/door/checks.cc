// What must hold, from what is true of the world and not from what ops say.
#include <algorithm>

#include "tests/model/door/world.h"

namespace liaison::door {
namespace {

bool Among(State state, std::initializer_list<State> states) {
  return std::find(states.begin(), states.end(), state) != states.end();
}

}  // namespace

void World::Wrong(const std::string& what) {
  if (wrong_.empty()) wrong_ = what;
}

void World::Judged(const Hub& hub, int id, const Ruling& ruling) {
  const Op& op = u_.op(id);
  const bool held = ruling.outcome == Outcome::kHeld;
  ++(op.honest ? tally_.honest : tally_.forged);
  if (held) ++tally_.held_why[std::string(op.honest ? "honest: " : "forged: ") + NameOf(ruling.reason)];
  tally_.held_honest += held && op.honest;
  tally_.held_forged += held && !op.honest;
  tally_.refused_forged += ruling.outcome == Outcome::kRefused && !op.honest;
  tally_.q_forged += ruling.outcome == Outcome::kQ && !op.honest;
  tally_.marked += ruling.outcome == Outcome::kMarked;
  Say("  hub: #" + std::to_string(id) + " " + NameOf(ruling.outcome) + ", " + NameOf(ruling.reason));
  if (op.honest && ruling.outcome >= Outcome::kRefused)
    Wrong(std::string("law 1: an honest word is ") + NameOf(ruling.outcome) + " (" + NameOf(ruling.reason) +
          "): " + Told(u_, id));
  if (op.honest || ruling.outcome > Outcome::kMarked || WithinRights(hub, op)) return;
  // A hub that has lost a record believes the first who says that he made it.
  const Record& record = u_.record(op.record);
  const int maker = hub.Fold(op.record).Maker();
  const bool claims = Makes(u_, op) || (maker != kNothing && u_.op(maker).station != record.maker);
  if (restored_ && claims && record.honest && record.maker != op.station) {
    ++tally_.claims_after_restore;
    return;
  }
  Wrong("law 2: a forged one stands: " + Told(u_, id));
}

bool World::RightsOnMatter(const Hub& hub, const Op& op, const Change& write) const {
  const Folded& fold = hub.Fold(op.record);
  const State now = fold.Status();
  const bool makes = Makes(u_, op);
  bool historical = false, seen = true, acted = false, returned = false;
  for (int id : fold.applied()) {
    if (!fold.Effective(id)) continue;
    for (const Change& one : u_.op(id).writes) {
      historical |= one.what == What::kHistorical;
      if (one.what != What::kStatus || u_.op(id).station != kHub) continue;
      const bool knew = std::find(op.knew.begin(), op.knew.end(), id) != op.knew.end();
      acted = true;
      seen = seen && knew;
      returned |= knew && one.value == static_cast<int>(State::kReturned);
    }
  }
  if (makes) {
    return write.what != What::kStatus ||
           Among(static_cast<State>(write.value), {State::kRegistered, State::kAnswered, State::kVillage,
                                                   State::kGuided, State::kSubmitted, State::kWithdrawn});
  }
  if (historical) {
    const int maker = fold.Maker();
    return write.what == What::kVoid && write.value != 0 && maker != kNothing && u_.op(maker).station == op.station;
  }
  if (write.what == What::kStatus) {
    const State to = static_cast<State>(write.value);
    if (Among(to, {State::kAccepted, State::kReplied, State::kClosed, State::kNone})) return false;
    if (to == State::kReturned && !(returned && Among(now, {State::kSubmitted, State::kWithdrawn}))) return false;
    if (!acted || now == State::kContested) return seen;
    return seen && !Among(now, {State::kAccepted, State::kReplied, State::kClosed});
  }
  if (!acted) return true;
  return seen && !Among(now, {State::kSubmitted, State::kAccepted, State::kReplied, State::kClosed, State::kWithdrawn});
}

// `kept`: what an old ledger says of long ago.
bool World::RightToWrite(const Hub& hub, const Op& op, const Change& write, bool kept) const {
  const bool makes = Makes(u_, op);
  auto any = [&](auto that) {
    for (int id : hub.disk().Of(op.record))
      for (const Change& one : u_.op(id).writes)
        if (that(u_.op(id), one, id)) return true;
    return false;
  };
  switch (write.what) {
    case What::kField:
    case What::kStatus:
    case What::kVoid:
      return u_.record(op.record).kind != Kind::kMatter || kept || RightsOnMatter(hub, op, write);
    case What::kSealed:
    case What::kFeedback:
      return true;
    case What::kPlace:
      return makes && hub.Scope(op.station).contains(write.value);
    case What::kNumber:
      return makes && write.value == op.station;
    case What::kHistorical:
      return makes;
    case What::kReply:
    case What::kHubField:
      return kept;
    case What::kEvaluation:
      return any([&](const Op& other, const Change& one, int id) {
        if (write.value == kNothing)
          return one.what == What::kStatus && one.value == static_cast<int>(State::kAnswered);
        const bool stood = other.station == kHub || hub.Fold(op.record).Effective(id);
        return one.what == What::kReply && one.key == write.value && stood;
      });
    case What::kVoidChild:
      return any([&](const Op& other, const Change& one, int) {
        const bool child = one.what == What::kFeedback || one.what == What::kEvaluation || one.what == What::kReply;
        return child && one.key == write.key && other.station == op.station;
      });
    default:
      return false;
  }
}

// Whether a person at this box could have done this with an honest program, here and now.
bool World::WithinRights(const Hub& hub, const Op& op) const {
  const Record& record = u_.record(op.record);
  const bool makes = Makes(u_, op), old_ledger = std::any_of(op.writes.begin(), op.writes.end(),
                                                             [](auto&w) { return w.what == What::kHistorical; });
  const int maker = hub.Fold(op.record).Maker();
  // An id that a forger drew may be another forger's too.
  const bool mine =
      record.honest ? record.maker == op.station : makes || (maker != kNothing && u_.op(maker).station == op.station);
  for (int id : hub.disk().Of(op.record))
    if (makes && Makes(u_, u_.op(id)) && u_.op(id).station == op.station) return false;  // twice
  if (record.kind == Kind::kRights || record.kind == Kind::kAccount || (makes && !mine)) return false;
  const bool visitor = record.kind == Kind::kVisitor;
  const int place = record.honest ? record.place : hub.Fold(op.record).Place();  // a forger's is where he says
  if (visitor && !makes && !mine && place != op.station) return false;
  if (!makes && !visitor && !hub.Scope(op.station).contains(place)) return false;
  if (makes && old_ledger && !hub.Fold(op.station).Has(What::kMayImport, 0, 1)) return false;
  for (const Change& write : op.writes)
    if (!RightToWrite(hub, op, write, makes && old_ledger)) return false;
  if (!op.grants) return !hub.Fold(op.station).Has(What::kLogin, 0, 1);
  if (hub.Live(op.station, op.account)) return true;
  // 离任: who says that he did not know is believed, and marked.
  if (op.account < 0 || !hub.Fold(AccountRecord(op.account)).Visible(What::kEnded).empty()) return false;
  for (const auto& [grant, state] : GrantsOf(hub.Fold(op.station)))
    if (state.account == op.account && !state.revoked.contains(2)) return true;
  return false;
}

void World::CheckKey(int visitor, int station) {
  const Record& record = u_.record(visitor);
  if (!record.honest || record.maker == station || record.place == station) return;
  Wrong("law 6: the key of visitor " + std::to_string(visitor) + " goes to " + kPlaceNames[station]);
}

void World::CheckTaken(int op, int take) {
  const Folded& fold = hub_->Fold(u_.op(op).record);
  if (fold.Hidden(op)) return Wrong("law 3: taken, and still hidden: " + Told(u_, op));
  if (Makes(u_, u_.op(op))) return;
  std::map<Key, int> last;  // an op may write a field twice
  for (const Change& write : u_.op(op).writes)
    if (write.what == What::kField || write.what == What::kStatus || write.what == What::kVoid)
      last[{write.what, write.key}] = write.value;
  for (const auto& [key, value] : last) {
    const auto& siblings = fold.Visible(key.first, key.second);
    if (siblings.size() != 1 || siblings.begin()->second != value)
      Wrong("law 3: taken by #" + std::to_string(take) + ", and not the value that is shown: " + Told(u_, op));
  }
}

void World::CheckReplicas() {
  for (const Box& box : boxes_) {
    if (!box.honest) continue;
    for (size_t id = 0; id < u_.records.size(); ++id) {
      const int record = static_cast<int>(id);
      if (!hub_->Readers(record).contains(box.station)) continue;
      std::set<int> here(box.disk.Of(record).begin(), box.disk.Of(record).end());
      std::set<int> there(hub_->disk().Of(record).begin(), hub_->disk().Of(record).end());
      std::erase_if(here, [&](int op) { return hub_->q().contains(op) || hub_->waiting().contains(op); });
      if (here == there) continue;
      Wrong(std::string("law 4: a box of ") + kPlaceNames[box.station] + " and the hub hold other ops of record " +
            std::to_string(record));
    }
  }
}

void World::CheckNothingLost() {
  for (const Box& box : boxes_) {
    if (!box.honest) continue;
    for (int op : box.disk.order) {
      if (hub_->disk().have.contains(op) || (!u_.op(op).honest && hub_->Known(op))) continue;
      Wrong(std::string("law 3: ") + (hub_->Known(op) ? "waits: " : "is lost: ") + Told(u_, op));
    }
  }
  for (int op : hub_->disk().order)
    if (!hub_->Fold(u_.op(op).record).applied().contains(op))
      Wrong("law 3: waits for its predecessor: " + Told(u_, op));
}

void World::CheckRevocations() {
  auto check = [&](const Disk& disk) {
    for (int op : disk.order) {
      for (const Change& write : u_.op(op).writes) {
        if (u_.op(op).station != kHub) continue;
        if (write.what == What::kEnded && hub_->Fold(u_.op(op).record).Visible(What::kEnded).empty())
          Wrong("law 7: an end is forgotten: " + Told(u_, op));
        if (write.what != What::kRevoke) continue;
        if (GrantsOf(hub_->Fold(u_.op(op).record))[write.key].revoked.empty())
          Wrong("law 7: a revocation does not win: " + Told(u_, op));
        for (const Box& box : boxes_)
          if (box.honest && box.station == u_.record(u_.op(op).record).of &&
              GrantsOf(FoldAt(box, box.station))[write.key].revoked.empty())
            Wrong("law 7: a box does not know a revocation: " + Told(u_, op));
      }
    }
  };
  check(hub_->disk());
  for (const Box& box : boxes_)
    if (box.honest) check(box.disk);
}

void World::CheckRulings() {
  std::map<int, std::set<int>> taken, declined;
  for (int op : hub_->disk().order) {
    const Op& one = u_.op(op);
    for (const Change& write : one.writes) {
      if (write.what != What::kVerdict || one.station != kHub) continue;
      if (one.by_person) (write.value == 0 ? taken : declined)[write.key].insert(op);
      std::set<int> values;
      for (const auto& [id, value] : hub_->Fold(one.record).Visible(What::kVerdict, write.key)) values.insert(value);
      if (values.size() > 1) Wrong("law 8: two rulings on one op: " + Told(u_, write.key));
    }
  }
  for (const auto& [op, takes] : taken) {
    if (!hub_->disk().have.contains(op)) continue;
    const Folded& fold = hub_->Fold(u_.op(op).record);
    if (fold.Hidden(op) && !declined.contains(op)) Wrong("law 8: what was taken is listed again: " + Told(u_, op));
    if (Makes(u_, u_.op(op))) continue;
    for (const Change& write : u_.op(op).writes)
      if ((write.what == What::kField || write.what == What::kStatus || write.what == What::kVoid) &&
          fold.Visible(write.what, write.key).contains(op))
        Wrong("law 3: what was taken returns as a conflict: " + Told(u_, op));
  }
}

}  // namespace liaison::door
