// What honest programs let people do. Guards read the box's own records: as 0.4.0 has them, and as they are to be.
#include <algorithm>

#include "tests/model/door/world.h"

namespace liaison::door {
namespace {

Change StatusWrite(State to) { return {What::kStatus, 0, static_cast<int>(to)}; }

}  // namespace

int World::NewRecord(Kind kind, int action, int maker, int place) {
  Record record;
  record.kind = kind;
  record.action = action;
  record.maker = maker;
  record.place = place;
  if (kind == Kind::kVisitor) record.key = ++u_.values;
  u_.records.push_back(record);
  return static_cast<int>(u_.records.size()) - 1;
}

int World::Commit(Box* box, Op op) {
  if (box->actor == kNothing) box->actor = u_.actors++;
  op.actor = box->actor;
  op.station = box->station;
  op.log_previous = box->tip;
  op.honest = box->honest;
  if (!op.honest) op.knew = box->disk.Of(op.record);
  for (int id : box->disk.Of(op.record))
    if (u_.op(id).actor == op.actor) op.previous = id;
  u_.ops.push_back(std::move(op));
  const int id = static_cast<int>(u_.ops.size()) - 1;
  box->disk.Add(id, u_.op(id).record);
  box->tip = id;
  Say(Told(u_, id));
  return id;
}

// Somebody with a right here, as far as the box knows. Without accounts: a typed name.
std::optional<int> World::Person(const Box& box, uint32_t pick) const {
  if (box.old) return kNothing;
  const Folded rights = FoldAt(box, box.station);
  std::vector<int> live;
  for (const auto& [grant, state] : GrantsOf(rights))
    if (state.revoked.empty() && FoldAt(box, AccountRecord(state.account)).Visible(What::kEnded).empty())
      live.push_back(state.account);
  if (live.empty()) return std::nullopt;
  return live[pick % live.size()];
}

// `fresh`: by the page as it is loaded now; else by an older screen, if one is open.
bool World::Write(Box* box, const Step& step, int record, std::vector<Change> writes, bool fresh, int date) {
  std::optional<int> person = Person(*box, step.d);
  if (!person || writes.empty()) return false;
  Op op;
  op.record = record;
  op.action = u_.actions++;
  op.account = *person;
  op.date = date;
  op.writes = std::move(writes);
  const Folded fold = FoldAt(*box, record);
  op.context = fold.Vector(box->old || !v_->vector_passes);
  if (auto screen = box->screens.find(record); !fresh && screen != box->screens.end()) {
    op.context = screen->second;
    // A screen from before a change of the status is refused by programs that have the newer guard.
    if (!box->old)
      for (const auto& [id, value] : fold.Visible(What::kStatus))
        if (!fold.Covers(op.context, id)) return false;
  }
  if (!box->old) op.grants = FoldAt(*box, box->station).Vector(false);
  Commit(box, std::move(op));
  return true;
}

bool World::Visit(Box* box, const Step& step) {
  std::optional<int> person = Person(*box, step.d);
  const Folded rights = FoldAt(*box, box->station);
  const std::set<int> scope = ScopeOf(rights);
  if (!person || scope.empty()) return false;
  const int place = *std::next(scope.begin(), static_cast<int>(step.b % scope.size()));
  const int merged = MergedOn(rights);
  if (!box->old && merged != kNothing && day_ >= merged) return false;
  Op op;
  op.action = u_.actions++;
  op.account = *person;
  if (!box->old) op.grants = rights.Vector(false);
  const std::vector<Change> common = {{What::kPlace, 0, place}, {What::kNumber, 0, box->station}};
  constexpr State kFirst[] = {State::kRegistered, State::kVillage, State::kAnswered,
                              State::kRegistered, State::kVillage, State::kGuided};
  for (Kind kind : {Kind::kSession, Kind::kVisitor, Kind::kMatter}) {
    if (kind == Kind::kSession && step.c % 3 != 0) continue;
    if (kind == Kind::kVisitor && step.c % 2 != 0) continue;
    Op one = op;
    one.record = NewRecord(kind, op.action, box->station, place);
    one.writes = common;
    one.writes.push_back({What::kField, 0, ++u_.values});
    if (kind == Kind::kSession) one.date = day_;
    if (kind == Kind::kVisitor) {
      box->keys[one.record] = u_.record(one.record).key;
      one.writes.push_back({What::kSealed, 0, u_.record(one.record).key});
    }
    if (kind == Kind::kMatter) one.writes.push_back(StatusWrite(kFirst[step.c / 6 % 6]));
    Commit(box, std::move(one));
  }
  return true;
}

// A page sends a request again, and the disk was restored to before it: the record is made a second time.
bool World::Again(Box* box, const Step& step) {
  std::optional<int> person = Person(*box, step.d);
  const std::set<int> scope = ScopeOf(FoldAt(*box, box->station));
  for (size_t id = 1; person && id < u_.ops.size(); ++id) {
    const Op& first = u_.ops[id];
    const int record = first.record;
    if (!first.honest || first.station != box->station || !Makes(u_, first) || !box->disk.Of(record).empty()) continue;
    if (u_.record(record).kind != Kind::kMatter || !scope.contains(u_.record(record).place)) continue;
    if (Folded(&u_, {static_cast<int>(id)}).visible().contains({What::kHistorical, 0})) continue;
    Op op;
    op.record = record;
    op.action = first.action;
    op.account = *person;
    if (!box->old) op.grants = FoldAt(*box, box->station).Vector(false);
    op.writes = first.writes;
    Commit(box, std::move(op));
    return true;
  }
  return false;
}

// A matter of an old ledger: closed when it comes. Without the right to import only programs of 0.4.0 do it.
bool World::ImportLedger(Box* box, const Step& step) {
  std::optional<int> person = Person(*box, step.d);
  const Folded rights = FoldAt(*box, box->station);
  const std::set<int> scope = ScopeOf(rights);
  if (!person || scope.empty() || (!box->old && !rights.Has(What::kMayImport, 0, 1))) return false;
  Op op;
  op.action = u_.actions++;
  op.account = *person;
  if (!box->old) op.grants = rights.Vector(false);
  const int place = *std::next(scope.begin(), static_cast<int>(step.b % scope.size()));
  op.record = NewRecord(Kind::kMatter, op.action, box->station, place);
  const int child = ++u_.values;
  op.writes = {{What::kPlace, 0, place},    {What::kNumber, 0, box->station}, {What::kHistorical, 0, 1},
               StatusWrite(State::kClosed), {What::kReply, child, 1},         {What::kEvaluation, ++u_.values, child}};
  Commit(box, std::move(op));
  return true;
}

// 撤销: the own last step, until anyone else has acted. What it wrote becomes what it was before.
bool World::TakeBack(const Box& box, int record, const Folded& fold, std::vector<Change>* writes) const {
  int last = kNothing;
  for (int id : box.disk.Of(record))
    if (fold.Effective(id)) last = id;
  if (last == kNothing || u_.op(last).station != box.station || fold.Maker() == last) return false;
  for (const Change& write : u_.op(last).writes) {
    if (write.what == What::kFeedback || write.what == What::kEvaluation) {
      writes->push_back({What::kVoidChild, write.key, 1});
    } else if (write.what == What::kStatus && fold.Visible(What::kStatus).contains(last)) {
      std::vector<int> before;
      for (int id : box.disk.Of(record))
        if (id != last && fold.Covers(u_.op(last).context, id)) before.push_back(id);
      const State was = Folded(&u_, before).Status();
      if (was != State::kNone && was != State::kContested) writes->push_back(StatusWrite(was));
    }
  }
  return !writes->empty();
}

std::vector<Change> World::MatterWrites(const Box& box, const Step& step, int record, const Folded& fold) {
  const State state = fold.Status();
  std::vector<Change> writes;
  auto allowed = [&](const WriteFacts& facts) { return AllowedIn(state, facts); };
  auto among = [&](std::initializer_list<State> states) {
    return std::find(states.begin(), states.end(), state) != states.end();
  };
  const bool void_now = fold.Has(What::kVoid, 0, 1);
  switch (step.act) {
    case Act::kEdit:
      if (allowed({}) && !void_now) writes.push_back({What::kField, static_cast<int>(step.c % 2), ++u_.values});
      break;
    case Act::kMove: {
      constexpr State kTo[] = {State::kSubmitted, State::kSubmitted, State::kAnswered, State::kGuided,
                               State::kWithdrawn};
      WriteFacts facts{.touch = Touch::kStatus, .to = kTo[step.c % 5]};
      if (state != State::kContested && allowed(facts) && !void_now) writes.push_back(StatusWrite(facts.to));
      break;
    }
    case Act::kTakeBack:
      if (state != State::kContested) TakeBack(box, record, fold, &writes);
      break;
    case Act::kVoid:
      if (allowed({}) && !void_now) writes.push_back({What::kVoid, 0, 1});
      break;
    case Act::kUnvoid:
      if (allowed({}) && void_now) writes.push_back({What::kVoid, 0, 0});
      break;
    case Act::kFeedback:
      if (!among({State::kNone, State::kWithdrawn, State::kContested}))
        writes.push_back({What::kFeedback, ++u_.values, 1});
      break;
    case Act::kEvaluate: {
      if (!among({State::kReplied, State::kClosed, State::kAnswered})) break;
      int round = kNothing;
      for (const auto& [key, siblings] : fold.visible())
        if (key.first == What::kReply) round = key.second;
      if (round != kNothing || state == State::kAnswered) writes.push_back({What::kEvaluation, ++u_.values, round});
      break;
    }
    case Act::kSettle: {
      if (state != State::kContested) break;
      const auto& siblings = fold.Visible(What::kStatus);
      const int value = std::next(siblings.begin(), static_cast<int>(step.c % siblings.size()))->second;
      writes.push_back({What::kStatus, 0, value});
      break;
    }
    default:
      break;
  }
  return writes;
}

// On the first matter, from the one picked on, where the guards let it pass.
bool World::ActOnMatter(Box* box, const Step& step) {
  const std::vector<int> matters = Of(box->disk, Kind::kMatter);
  if (matters.empty()) return false;
  const auto first = std::find(matters.begin(), matters.end(), OneOf(matters, step.b));
  return std::any_of(first, matters.end(), [&](int record) { return ActOn(box, step, record); });
}

bool World::ActOn(Box* box, const Step& step, int record) {
  const Folded fold = FoldAt(*box, record);
  bool historical = false;
  for (const auto& [id, value] : fold.Visible(What::kHistorical)) historical |= value != 0;
  // What is hidden here has not been made, for those who work here.
  const std::set<int> scope = ScopeOf(FoldAt(*box, box->station));
  if (fold.Maker() == kNothing || !scope.contains(fold.Place())) return false;
  if (historical && step.act != Act::kFeedback && step.act != Act::kEvaluate) {
    // An import is undone as a whole, by the station that made it.
    const bool undo = step.act == Act::kVoid && u_.op(fold.Maker()).station == box->station;
    return undo && Write(box, step, record, {{What::kVoid, 0, 1}}, true);
  }
  const bool edit = step.act == Act::kEdit || step.act == Act::kVoid || step.act == Act::kUnvoid;
  return Write(box, step, record, MatterWrites(*box, step, record, fold), !edit || step.d % 3 != 0);
}

// 0.4.0 lets everybody who enters for the visitor's point void it and take that back; now its maker and its point do.
bool World::ActOnVisitor(Box* box, const Step& step) {
  const std::vector<int> visitors = Of(box->disk, Kind::kVisitor);
  if (visitors.empty()) return false;
  const int record = OneOf(visitors, step.b);
  const Folded fold = FoldAt(*box, record);
  if (fold.Maker() == kNothing) return false;
  const bool own = u_.op(fold.Maker()).station == box->station || fold.Place() == box->station;
  const bool in_scope = ScopeOf(FoldAt(*box, box->station)).contains(fold.Place());
  if (box->old ? !in_scope : !own) return false;
  if (step.act == Act::kReseal) {
    auto key = box->keys.find(record);
    if (key == box->keys.end() || key->second == kNothing) return false;
    return Write(box, step, record, {{What::kSealed, 0, key->second}}, true);
  }
  return Write(box, step, record, {{What::kVoid, 0, fold.Has(What::kVoid, 0, 1) ? 0 : 1}}, true);
}

bool World::DoHonest(Box* box, const Step& step) {
  switch (step.act) {
    case Act::kVisit:
      return Visit(box, step);
    case Act::kAgain:
      return Again(box, step);
    case Act::kImportLedger:
      return ImportLedger(box, step);
    case Act::kReseal:
    case Act::kVoidVisitor:
      return ActOnVisitor(box, step);
    case Act::kOpenScreen: {
      const std::vector<int> matters = Of(box->disk, Kind::kMatter);
      if (matters.empty()) return false;
      const int record = OneOf(matters, step.b);
      box->screens[record] = FoldAt(*box, record).Vector(box->old || !v_->vector_passes);
      return true;
    }
    default:
      return ActOnMatter(box, step);
  }
}

}  // namespace liaison::door
