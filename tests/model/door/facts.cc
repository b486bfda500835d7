// What the judgement asks about an op, answered from the hub's records.
#include <algorithm>

#include "tests/model/door/hub.h"

namespace liaison::door {

int AccountRecord(int account) { return kStations + account; }

std::map<int, GrantState> GrantsOf(const Folded& rights) {
  std::map<int, GrantState> grants;
  for (const auto& [key, siblings] : rights.visible()) {
    if (key.first == What::kGrant && !siblings.empty()) grants[key.second].account = siblings.begin()->second;
    if (key.first == What::kRevoke)
      for (const auto& [op, kind] : siblings)
        if (kind != 0) grants[key.second].revoked.insert(kind);
  }
  return grants;
}

std::set<int> ScopeOf(const Folded& rights) {
  std::set<int> scope;
  for (int place = 0; place < kPlaces; ++place)
    if (rights.Has(What::kEnter, place, 1)) scope.insert(place);
  return scope;
}

int MergedOn(const Folded& rights) {
  int day = kNothing;
  for (const auto& [op, value] : rights.Visible(What::kMerged)) day = day == kNothing ? value : std::min(day, value);
  return day;
}

bool Hub::Here(const std::set<int>& ops) const {
  return std::all_of(ops.begin(), ops.end(), [&](int op) { return disk_.have.contains(op); });
}

// The ops of Rights that the author's `grants` cover, as far as they are here.
std::vector<int> Hub::SeenRights(const Op& op, int record) const {
  std::vector<int> seen;
  for (int id : disk_.Of(record))
    if (op.grants && Fold(record).Covers(*op.grants, id)) seen.push_back(id);
  return seen;
}

bool Hub::Live(int station, int account) const {
  if (account < 0 || !Fold(AccountRecord(account)).Visible(What::kEnded).empty()) return false;
  for (const auto& [grant, state] : GrantsOf(Fold(RightsOf(station))))
    if (state.account == account && state.revoked.empty()) return true;
  return false;
}

Person Hub::PersonOf(const Op& op, int rights) const {
  if (!op.grants) return Fold(rights).Has(What::kLogin, 0, 1) ? Person::kTypedLate : Person::kTyped;
  if (op.account >= 0 && !Fold(AccountRecord(op.account)).Visible(What::kEnded).empty()) return Person::kEnded;
  if (Live(op.station, op.account)) return Person::kLive;
  const std::map<int, GrantState> now = GrantsOf(Fold(rights));
  const Folded seen(u_, SeenRights(op, rights));
  std::set<int> kinds;
  bool ignorant = false;
  for (const auto& [grant, state] : GrantsOf(seen)) {
    if (state.account != op.account || !state.revoked.empty()) continue;
    ignorant = true;
    if (auto it = now.find(grant); it != now.end()) kinds.insert(it->second.revoked.begin(), it->second.revoked.end());
  }
  if (ignorant) return kinds.contains(2) ? Person::kDoubtful : Person::kLeft;
  return Here(*op.grants) ? Person::kNone : Person::kUnresolved;
}

WriteFacts Hub::FactsOf(const Op& op, const Change& write) const {
  const Folded& fold = Fold(op.record);
  WriteFacts facts;
  auto effective = [&](What what, int key, auto that) {
    for (int id : fold.applied())
      for (const Change& one : u_->op(id).writes)
        if (fold.Effective(id) && one.what == what && one.key == key && that(u_->op(id), one, id)) return true;
    return false;
  };
  switch (write.what) {
    case What::kStatus:
      facts.touch = Touch::kStatus;
      facts.to = static_cast<State>(write.value);
      facts.hub_wrote_it = effective(What::kStatus, 0, [&](const Op& other, const auto& one, int id) {
        return other.station == kHub && one.value == write.value && fold.Covers(op.context, id);
      });
      break;
    case What::kVoid:
      facts.touch = write.value != 0 ? Touch::kVoid : Touch::kUnvoid;
      break;
    case What::kPlace:
    case What::kNumber:
    case What::kHistorical:
      facts.touch = Touch::kFixedField;
      facts.own_block = write.what != What::kNumber || write.value == op.station;
      break;
    case What::kHubField:
      facts.touch = Touch::kHubField;
      break;
    case What::kReply:
      facts.touch = Touch::kHubChild;
      break;
    case What::kSealed:
      facts.touch = Touch::kSealed;
      break;
    case What::kFeedback:
      facts.touch = Touch::kStationChild;
      break;
    case What::kEvaluation:
      facts.touch = Touch::kEvaluation;
      facts.round_here = write.value == kNothing ? effective(What::kStatus, 0,
                                                             [](const Op& other, const auto& one, int) {
                                                               return other.station != kHub &&
                                                                      one.value == static_cast<int>(State::kAnswered);
                                                             })
                                                 : effective(What::kReply, write.value, [](auto&&...) { return true; });
      break;
    case What::kVoidChild:
      facts.touch = Touch::kVoidChild;
      for (What child : {What::kFeedback, What::kEvaluation, What::kReply}) {
        facts.child_here |= effective(child, write.key, [](auto&&...) { return true; });
        facts.child_is_own |=
            effective(child, write.key, [&](const Op& other, auto&&...) { return other.station == op.station; });
      }
      break;
    case What::kVerdict:
      facts.touch = Touch::kVerdict;
      break;
    default:
      break;
  }
  return facts;
}

OpFacts Hub::FactsOf(const Op& op) const {
  OpFacts facts;
  facts.claims_to_make = Makes(*u_, op);
  facts.context_resolved = Here(op.context);
  facts.grants_resolved = op.grants ? Here(*op.grants) : !v_->rules.version_one_has_no_grants;
  std::set<Key> fields;
  for (const Change& write : op.writes) {
    facts.readable = facts.readable && fields.insert({write.what, write.key}).second;
    facts.historical |= facts.claims_to_make && write.what == What::kHistorical;
    facts.writes.push_back(FactsOf(op, write));
  }
  return facts;
}

RecordFacts Hub::FactsOfRecord(const Op& op) const {
  RecordFacts facts;
  const Record& record = u_->record(op.record);
  const Folded& fold = Fold(op.record);
  facts.kind = record.kind == Kind::kSession   ? RecordClass::kSession
               : record.kind == Kind::kVisitor ? RecordClass::kVisitor
               : record.kind == Kind::kMatter  ? RecordClass::kMatter
                                               : RecordClass::kOfHub;
  for (int id : fold.applied()) {
    const Op& other = u_->op(id);
    const bool makes = Makes(*u_, other);
    facts.made_by_author |= makes && other.station == op.station && &other != &op;
    facts.disputed |= makes && other.station == op.station && fold.Hidden(id);
    facts.claimed_by_other |= makes && other.station != op.station;
    if (!fold.Effective(id)) continue;
    facts.made |= makes;
    facts.disputed |= makes && fold.Maker() == kNothing && v_->claims_are_disputed;
    for (const Change& write : other.writes) {
      facts.historical |= write.what == What::kHistorical && makes;
      if (write.what != What::kStatus || other.station != kHub) continue;
      facts.hub_acted = true;
      facts.hub_status_seen = facts.hub_status_seen && fold.Covers(op.context, id);
    }
  }
  if (int maker = fold.Maker(); maker != kNothing) facts.author_is_maker = u_->op(maker).station == op.station;
  facts.author_is_point = fold.Place() == op.station;
  facts.shown = fold.Status();
  return facts;
}

RightsFacts Hub::FactsOfRights(const Op& op) const {
  RightsFacts facts;
  const int rights = RightsOf(op.station);
  const Folded seen(u_, SeenRights(op, rights));
  std::set<int> places;
  if (Makes(*u_, op)) {
    for (const Change& write : op.writes)
      if (write.what == What::kPlace) places.insert(write.value);
  } else {
    for (const auto& [id, place] : Fold(op.record).Visible(What::kPlace)) places.insert(place);
  }
  auto among = [&](const std::set<int>& scope) {  // a making op must not name a place beside those of its scope
    auto in = [&](int place) { return scope.contains(place); };
    return Makes(*u_, op) ? !places.empty() && std::all_of(places.begin(), places.end(), in)
                          : std::any_of(places.begin(), places.end(), in);
  };
  facts.in_scope = among(ScopeOf(Fold(rights)));
  // A making that is hidden names a place too: the author may have met the record under it.
  for (int id : Fold(op.record).applied())
    for (const Change& write : u_->op(id).writes)
      if (write.what == What::kPlace && Makes(*u_, u_->op(id)) && !Makes(*u_, op)) places.insert(write.value);
  facts.in_scope_once =
      op.grants ? among(ScopeOf(seen)) || among(ScopeOf(Fold(rights))) : v_->rules.version_one_has_no_grants;
  facts.person = PersonOf(op, rights);
  facts.may_import = Fold(rights).Has(What::kMayImport, 0, 1);
  if (u_->record(op.record).kind != Kind::kSession || op.date == 0) return facts;
  for (const auto& [id, day] : Fold(rights).Visible(What::kMerged)) {  // two, of two hubs
    if (op.date < day) continue;
    facts.after_merger = true;
    facts.merger_known |= op.grants && Fold(rights).Covers(*op.grants, id);
  }
  return facts;
}

Ruling Hub::Rule(int id) const {
  const Op& op = u_->op(id);
  Rules rules = v_->rules;
  if (rules.context_refuses) {
    std::vector<int> seen;
    for (int other : disk_.Of(op.record))
      if (Fold(op.record).Covers(op.context, other)) seen.push_back(other);
    rules.claimed = Folded(u_, seen).Status();
  }
  return Judge(rules, FactsOf(op), FactsOfRecord(op), FactsOfRights(op));
}

}  // namespace liaison::door
