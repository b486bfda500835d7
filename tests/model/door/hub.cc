#include "tests/model/door/hub.h"

#include <algorithm>

namespace liaison::door {

bool Disk::Add(int op, int record) {
  if (!have.insert(op).second) return false;
  order.push_back(op);
  by_record[record].push_back(op);
  return true;
}

const std::vector<int>& Disk::Of(int record) const {
  static const std::vector<int> kNone;
  auto it = by_record.find(record);
  return it == by_record.end() ? kNone : it->second;
}

const Folded& Hub::Fold(int record) const {
  std::shared_ptr<const Folded>& fold = folds_[record];
  if (!fold) fold = std::make_shared<Folded>(u_, disk_.Of(record));
  return *fold;
}

void Hub::Add(int op) {
  disk_.Add(op, u_->op(op).record);
  folds_.erase(u_->op(op).record);
}

int Hub::Write(int record, std::vector<Change> writes, bool by_person, const std::set<int>* context) {
  Op op;
  op.actor = actor_;
  op.record = record;
  op.action = u_->actions++;
  op.by_person = by_person;
  for (int id : disk_.Of(record))
    if (u_->op(id).actor == actor_) op.previous = id;
  op.context = context != nullptr ? *context : Fold(record).Vector(!v_->vector_passes);
  op.writes = std::move(writes);
  u_->ops.push_back(std::move(op));
  const int id = static_cast<int>(u_->ops.size()) - 1;
  Add(id);
  return id;
}

// The verdict goes in front of what it judges.
void Hub::Enter(int op, const Ruling& ruling) {
  int verdict = kNothing;
  if (ruling.outcome > Outcome::kMarked)
    verdict =
        Write(u_->op(op).record,
              {{What::kVerdict, op, 10 * static_cast<int>(ruling.reason) + static_cast<int>(ruling.outcome)}}, false);
  Add(op);
  verdicts_[op] = verdict;
  if (ruling.outcome == Outcome::kHeld && ruling.reason == Reason::kMissing) missing_.insert(op);
}

void Hub::JudgeNew(int op) {
  if (verdicts_.contains(op)) watcher_->Wrong("law 8: judged twice: " + Told(*u_, op));
  const int record = u_->op(op).record;
  Ruling ruling = Rule(op);
  if (!v_->verdict_is_op && ruling.outcome > Outcome::kMarked) ruling.outcome = Outcome::kQ;
  watcher_->Judged(*this, op, ruling);
  if (ruling.outcome == Outcome::kQ) {
    q_[op] = ruling;
    return;
  }
  auto shown = [&] {
    std::map<Key, std::map<int, int>> visible = Fold(record).visible();
    std::erase_if(visible, [](const auto& one) { return one.first.first == What::kVerdict; });
    return visible;
  };
  const auto before = shown();
  const std::set<int> readers = Readers(record), key_readers = KeyReaders(record);
  Enter(op, ruling);
  if (ruling.outcome <= Outcome::kMarked) return;
  for (int other : Fold(record).applied())  // whoever named it covers what it follows from now on
    if (u_->op(other).context.contains(op) && Fold(record).Effective(other)) return;
  std::set<int> more = Readers(record);
  more.erase(u_->op(op).station);
  if (shown() != before || KeyReaders(record) != key_readers ||
      !std::includes(readers.begin(), readers.end(), more.begin(), more.end()))
    watcher_->Wrong("law 2: what is hidden changes what is shown: " + Told(*u_, op));
}

void Hub::Receive(int op) {
  if (Known(op)) return;
  const Op& one = u_->op(op);
  if (one.log_previous != kNothing && u_->op(one.log_previous).actor != one.actor) {
    for (const auto& [other, parent] : parents_) alarms_ += parent == one.log_previous && other != op;
    parents_[op] = one.log_previous;
  }
  if (one.previous != kNothing && !disk_.have.contains(one.previous)) {
    waiting_.insert(op);
    return;
  }
  JudgeNew(op);
  AfterChange();
}

void Hub::AfterChange() {
  for (bool changed = true; changed;) {
    changed = false;
    for (int op : std::set<int>(waiting_)) {
      if (!disk_.have.contains(u_->op(op).previous)) continue;
      waiting_.erase(op);
      JudgeNew(op);
      changed = true;
    }
    changed |= v_->self_take && Reconsider();
  }
}

// Whether the verdict can go without hiding or reviving anything: what the op wrote to fields is visible then, or its
// author's station has replaced it. Else a person takes it, with its values.
bool Hub::MayJustShow(int op) const {
  const Op& one = u_->op(op);
  const Folded& fold = Fold(one.record);
  for (const Change& write : one.writes) {
    for (int other : fold.applied()) {
      if (other == op || !fold.Effective(other) || !fold.Covers(u_->op(other).context, op)) continue;
      for (const Change& theirs : u_->op(other).writes)
        if (theirs.what == write.what && theirs.key == write.key && u_->op(other).station != one.station) return false;
    }
  }
  return true;
}

bool Hub::Reconsider() {
  bool changed = false;
  for (int op : std::set<int>(missing_)) {
    const int record = u_->op(op).record;
    const auto& verdicts = Fold(record).Visible(What::kVerdict, op);
    const bool by_person =
        std::any_of(verdicts.begin(), verdicts.end(), [&](const auto& one) { return u_->op(one.first).by_person; });
    if (!Fold(record).Hidden(op) || by_person) {
      missing_.erase(op);
      continue;
    }
    if (Rule(op).outcome > Outcome::kMarked || !MayJustShow(op)) continue;
    missing_.erase(op);
    Write(record, {{What::kVerdict, op, 0}}, false);
    changed = true;
  }
  return changed;
}

// Rulings on one op from before and after a restore. A person's goes before the judge's, taking before declining; of
// the judge's own the older, which the offer brought.
void Hub::KeepFirstRuling(int judged, int offered) {
  const int record = u_->op(offered).record;
  const std::map<int, int> siblings = Fold(record).Visible(What::kVerdict, judged);
  std::set<int> values, persons;
  for (const auto& [op, value] : siblings) {
    values.insert(value);
    if (u_->op(op).by_person) persons.insert(value);
  }
  if (values.size() < 2) return;
  int value = values.contains(0) ? 0 : *values.rbegin();
  if (!persons.empty())
    value = *persons.begin();
  else if (siblings.contains(offered))
    value = siblings.at(offered);
  Write(record, {{What::kVerdict, judged, value}}, !persons.empty());
}

void Hub::Offer(const std::vector<int>& ops) {
  for (int op : ops) {
    if (disk_.have.contains(op)) continue;
    q_.erase(op);
    waiting_.erase(op);
    if (v_->offers_are_judged && u_->op(op).station != kHub)
      JudgeNew(op);
    else
      Add(op);
  }
  if (v_->first_ruling_stays) {
    for (int op : ops)
      for (const Change& write : std::vector<Change>(u_->op(op).writes))
        if (write.what == What::kVerdict && disk_.have.contains(op)) KeepFirstRuling(write.key, op);
  }
  AfterChange();
}

void Hub::Import(const Hub& other) {
  std::vector<int> news;
  for (int op : other.disk_.order)
    if (!disk_.have.contains(op)) news.push_back(op);
  Offer(news);
  for (const auto& [op, ruling] : other.q_)
    if (!Known(op)) q_[op] = ruling;
  for (int op : other.waiting_)
    if (!Known(op)) waiting_.insert(op);
  for (int op : other.missing_)
    if (!verdicts_.contains(op)) missing_.insert(op);
  for (const auto& [visitor, key] : other.keys_) keys_.insert({visitor, key});
  AfterChange();
}

bool Hub::TakeKey(int visitor, int key, int station) {
  const Folded& fold = Fold(visitor);
  const int maker = fold.Maker();
  if (v_->key_by_maker) {
    if (key == kNothing || keys_.contains(visitor) || maker == kNothing || u_->op(maker).station != station)
      return false;
    bool opens = false;
    for (int op : fold.applied())
      for (const Change& write : u_->op(op).writes) opens |= write.what == What::kSealed && write.value == key;
    if (!opens) return false;
  }
  keys_[visitor] = key;
  return true;
}

int Hub::Take(int op) {
  const Op one = u_->op(op);
  std::vector<Change> writes = {{What::kVerdict, op, 0}};
  if (v_->take_writes_values && !Makes(*u_, one))
    for (const Change& write : one.writes)
      if (write.what == What::kField || write.what == What::kStatus || write.what == What::kVoid)
        writes.push_back(write);
  std::set<int> seen = Fold(one.record).Vector(!v_->vector_passes);
  seen.insert(op);
  const int take = Write(one.record, std::move(writes), true, &seen);
  AfterChange();
  return take;
}

int Hub::Decline(int op) {
  const int value = 10 * static_cast<int>(Reason::kMovedOn) + static_cast<int>(Outcome::kRefused);
  const int decline = Write(u_->op(op).record, {{What::kVerdict, op, value}}, true);
  AfterChange();
  return decline;
}

// A person answers for the scope, and for nothing else: what would be refused of a station in scope stays.
bool Hub::TakeFromQ(int op) {
  RightsFacts rights = FactsOfRights(u_->op(op));
  rights.in_scope = true;
  if (Judge(v_->rules, FactsOf(u_->op(op)), FactsOfRecord(u_->op(op)), rights).outcome >= Outcome::kRefused)
    return false;
  q_.erase(op);
  const int previous = u_->op(op).previous;
  if (previous != kNothing && !disk_.have.contains(previous)) {
    waiting_.insert(op);
    return true;
  }
  Add(op);
  verdicts_[op] = kNothing;
  AfterChange();
  return true;
}

std::vector<int> Hub::Hidden(bool held_only) const {
  std::vector<int> hidden;
  for (int op : disk_.order) {
    const Folded& fold = Fold(u_->op(op).record);
    if (!fold.Hidden(op)) continue;
    const auto& verdicts = fold.Visible(What::kVerdict, op);
    const bool held = std::all_of(verdicts.begin(), verdicts.end(), [](const auto& one) {
      return one.second == 0 || one.second % 10 == static_cast<int>(Outcome::kHeld);
    });
    if (held || !held_only) hidden.push_back(op);
  }
  return hidden;
}

std::vector<int> Hub::Disputed() const {
  std::vector<int> disputed;
  for (int op : disk_.order) {
    const Folded& fold = Fold(u_->op(op).record);
    if (Makes(*u_, u_->op(op)) && fold.Effective(op) && fold.Maker() == kNothing) disputed.push_back(op);
  }
  return disputed;
}

std::set<int> Hub::Scope(int station) const { return ScopeOf(Fold(RightsOf(station))); }

std::set<int> Hub::Readers(int id) const {
  const Record& record = u_->record(id);
  if (record.kind == Kind::kRights) return {record.of};
  std::set<int> readers;
  if (record.kind == Kind::kAccount) {
    for (int station = 0; station < kStations; ++station) readers.insert(station);
    return readers;
  }
  const Folded& fold = Fold(id);
  std::set<int> places;
  for (const auto& [op, place] : fold.Visible(What::kPlace)) places.insert(place);
  if (record.kind == Kind::kVisitor && v_->key_by_maker) places = {fold.Place()};
  for (int station = 0; station < kStations; ++station)
    for (int place : Scope(station))
      if (places.contains(place)) readers.insert(station);
  std::set<int> standing, hidden;
  for (int op : fold.applied())
    if (Makes(*u_, u_->op(op))) (fold.Effective(op) ? standing : hidden).insert(u_->op(op).station);
  if (v_->claims_are_disputed && (standing.size() > 1 || (standing.empty() && hidden.size() > 1))) return {};
  if (standing.empty()) return hidden;  // to its maker alone
  readers.insert(standing.begin(), standing.end());
  return readers;
}

std::set<int> Hub::KeyReaders(int visitor) const {
  std::set<int> readers;
  if (u_->record(visitor).kind != Kind::kVisitor) return readers;
  const Folded& fold = Fold(visitor);
  if (int maker = fold.Maker(); maker != kNothing) readers.insert(u_->op(maker).station);
  if (int place = fold.Place(); place != kNothing && place < kStations) readers.insert(place);
  if (v_->key_by_maker) return readers;
  for (int op : fold.applied())
    if (fold.Effective(op) && u_->op(op).previous == kNothing && u_->op(op).station != kHub)
      readers.insert(u_->op(op).station);
  for (const auto& [op, place] : fold.Visible(What::kPlace))
    if (place < kStations) readers.insert(place);
  return readers;
}

std::vector<int> Hub::Feed(int station, const Disk& box) const {
  std::vector<int> feed;
  std::map<int, bool> reads;
  std::set<int> entered;
  for (int op : disk_.order) {
    const int record = u_->op(op).record;
    if (!reads.contains(record)) reads[record] = Readers(record).contains(station);
    if (!reads[record] || box.have.contains(op)) continue;
    if (v_->verdict_first || !box.Of(record).empty()) {
      feed.push_back(op);
      continue;
    }
    if (!entered.insert(record).second) continue;
    std::vector<int> ops = disk_.Of(record);  // stations' names come before the hub's
    std::stable_sort(ops.begin(), ops.end(),
                     [&](int a, int b) { return (u_->op(a).station == kHub) < (u_->op(b).station == kHub); });
    feed.insert(feed.end(), ops.begin(), ops.end());
  }
  return feed;
}

}  // namespace liaison::door
