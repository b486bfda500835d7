#include "hub/door/judge.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/record/view.h"
#include "common/rules/matter/case_file.h"
#include "common/store/keys.h"
#include "common/store/kept.h"
#include "hub/door/touch.h"
#include "liaison/v1/audit.pb.h"
#include "liaison/v1/congress.pb.h"

namespace liaison {
namespace {

constexpr size_t kMostLogs = 1024;  // whose rights are remembered

using Places = std::set<std::string>;

bool IsTownships(const TypeInfo& type) { return type.rules.master() || type.rules.owner() == v1::OWNER_HUB; }

door::RecordClass ClassOf(const TypeInfo& type) {
  if (IsTownships(type)) return door::RecordClass::kOfHub;
  if (&type == &TypeOf<v1::Matter>()) return door::RecordClass::kMatter;
  if (&type == &TypeOf<v1::Visitor>()) return door::RecordClass::kVisitor;
  return door::RecordClass::kSession;
}

// The visible writes of a field of the root, for a set those of all elements.
std::vector<Sibling> ShownOf(const Aggregate& aggregate, const TypeInfo& type, int field) {
  std::vector<Sibling> shown;
  const Child* root = aggregate.Find({});
  if (root == nullptr) return shown;
  const uint32_t tag = type.Find(static_cast<uint32_t>(field))->tag;
  for (auto at = root->fields.lower_bound({tag, ""}); at != root->fields.end() && at->first.first == tag; ++at)
    shown.insert(shown.end(), at->second.siblings().begin(), at->second.siblings().end());
  return shown;
}

// Who says that he made the record.
struct Claims {
  std::set<std::string> standing, hidden;  // stations
  std::optional<Op> maker;                 // of those that stand, the first
  Places hidden_places;                    // that the hidden ones name
};

// But for `judged`, which is on the record, hidden, when it is looked at again.
Claims ClaimsOn(const StoreReader& view, const Aggregate& record, const Op& judged) {
  Claims claims;
  ForEachStep(
      view, record,
      [&](const Actor& actor, const Lineage::Step& step) {
        return step.n == 1 && Dot{actor, step.n, step.tag} != judged.dot();
      },
      [&](const Op& op, const Lineage::Step& step) {
        if (!SaysItMade(op)) return;
        (step.projected ? claims.standing : claims.hidden).insert(op.actor.station);
        if (step.projected && !claims.maker) claims.maker = op;
        if (step.projected) return;
        for (std::string& place : PlacesNamed(op, false)) claims.hidden_places.insert(std::move(place));
      });
  return claims;
}

// What the rights of the author's station say, now and as the author knew them.
class RightsOfAuthor {
 public:
  RightsOfAuthor(const StoreReader& view, const Op& op, KnownRights known, const Roster& roster)
      : view_(view),
        op_(op),
        known_(std::move(known)),
        roster_(roster),
        rights_(view.Load(RecordId::Master(TypeOf<v1::Rights>().type(), op.actor.station))
                    .value_or(Aggregate(RecordId::Master(TypeOf<v1::Rights>().type(), op.actor.station)))) {}

  // Every right that the author names is here; false of an op that names none because it is of version 1.
  bool Resolved() const {
    const std::vector<Dot>& dots = known_.grants.dots();
    return known_.said && known_.readable && std::all_of(dots.begin(), dots.end(), [&](const Dot& dot) {
             return rights_.lineage().Contains(dot);
           });
  }
  bool KnowsAnyScope() const { return !known_.said; }
  Places ScopeNow() const;
  // All that the station was ever told to enter for, as far as the author knew; and what it enters for now. Its list of
  // stations may have come to it later than its rights.
  Places ScopeOnce() const;
  door::Person PersonOf(const People& people) const;
  bool MayImport() const;
  // The days of a merger of the station, each with whether the author knew of it.
  std::vector<std::pair<std::string, bool>> Mergers() const;

 private:
  bool Says(int field) const {
    const std::vector<Sibling> shown = ShownOf(rights_, TypeOf<v1::Rights>(), field);
    return std::any_of(shown.begin(), shown.end(), [](const Sibling& one) { return one.value == "\x01"; });
  }
  bool Knew(const Dot& dot) const { return rights_.lineage().Covers(known_.grants, dot); }
  std::vector<Op> KnownOps() const;

  const StoreReader& view_;
  const Op& op_;
  const KnownRights known_;
  const Roster& roster_;
  const Aggregate rights_;
};

Places RightsOfAuthor::ScopeNow() const {
  const std::vector<std::string> may = roster_.MayEnterFor(op_.actor.station);
  Places scope(may.begin(), may.end());
  for (const Sibling& one : ShownOf(rights_, TypeOf<v1::Rights>(), v1::Rights::kEntersForFieldNumber))
    if (!one.value.empty()) scope.insert(one.value);
  return scope;
}

Places RightsOfAuthor::ScopeOnce() const {
  Places scope = ScopeNow();
  const uint32_t tag = TypeOf<v1::Rights>().Find(v1::Rights::kEntersForFieldNumber)->tag;
  for (const Op& op : KnownOps())
    for (const Write& write : op.writes)
      if (write.child.IsRoot() && write.tag == tag && !write.value.empty()) scope.insert(write.value);
  return scope;
}

std::vector<Op> RightsOfAuthor::KnownOps() const {
  std::vector<Op> ops;
  ForEachStep(
      view_, rights_, [&](const Actor& actor, const Lineage::Step& step) { return Knew({actor, step.n, step.tag}); },
      [&](const Op& op, const Lineage::Step&) { ops.push_back(op); });
  return ops;
}

door::Person RightsOfAuthor::PersonOf(const People& people) const {
  if (op_.schema_version < kAccountVersion)
    return Says(v1::Rights::kLoginRequiredFieldNumber) ? door::Person::kTypedLate : door::Person::kTyped;
  const auto account = people.accounts.find(op_.user);
  if (account != people.accounts.end() && account->second.ended()) return door::Person::kEnded;
  const StationRights now = RightsOf(rights_);
  auto is_his = [&](const auto& entry) { return entry.second.account_id() == op_.user && !entry.second.revoked(); };
  if (std::any_of(now.grants.begin(), now.grants.end(), is_his)) return door::Person::kLive;
  const std::vector<Op> known = KnownOps();
  std::vector<const Op*> pointers;
  for (const Op& op : known) pointers.push_back(&op);
  const StationRights seen = RightsOf(Aggregate::Fold(rights_.id(), pointers));
  bool ignorant = false, doubt = false;
  for (const auto& [id, grant] : seen.grants) {
    if (grant.account_id() != op_.user || grant.revoked()) continue;
    ignorant = true;
    const auto revoked = now.grants.find(id);
    doubt |= revoked != now.grants.end() && revoked->second.how() == v1::REVOKED_DOUBT;
  }
  if (ignorant) return doubt ? door::Person::kDoubtful : door::Person::kLeft;
  return Resolved() ? door::Person::kNone : door::Person::kUnresolved;
}

bool RightsOfAuthor::MayImport() const {
  const auto station = roster_.stations.find(op_.actor.station);
  const bool centre = station != roster_.stations.end() && station->second.tier() == v1::CENTER;
  return centre || Says(v1::Rights::kMayImportFieldNumber);
}

std::vector<std::pair<std::string, bool>> RightsOfAuthor::Mergers() const {
  std::vector<std::pair<std::string, bool>> mergers;
  for (const Sibling& one : ShownOf(rights_, TypeOf<v1::Rights>(), v1::Rights::kMergedDateFieldNumber))
    if (!one.value.empty()) mergers.emplace_back(one.value, Knew(one.dot));
  return mergers;
}

// An op with all that decides about it.
class Case {
 public:
  Case(const StoreReader& view, const Op& op, const TypeInfo& type, const RightsOfAuthor& author)
      : view_(view), op_(op), type_(type), author_(author), before_(view.Load(op.aggregate)) {
    if (before_) claims_ = ClaimsOn(view, *before_, op);
    if (before_ && ClassOf(type) == door::RecordClass::kMatter) statuses_ = HubStatusesOf(view, *before_);
    touches_ = TouchesOf(view, op, before_ ? &*before_ : nullptr, statuses_);
    // What an op of a later kind does is not known here.
    if (op.kind <= kNewestKnownKind) return;
    touches_.writes.clear();
    touches_.missing = true;
  }

  // `of_any_scope`: as if the station entered for the record's place.
  door::Ruling Rule(door::Person person, bool of_any_scope) const;

 private:
  door::OpFacts OpFactsOf() const;
  door::RecordFacts RecordFactsOf() const;
  door::RightsFacts RightsFactsOf(door::Person person) const;
  // The station of the record, and of a matter to which the op only adds, those of its sources.
  Places PlacesNow() const;
  Places PlacesEver() const;
  void AddMerger(door::RightsFacts* facts) const;

  const StoreReader& view_;
  const Op& op_;
  const TypeInfo& type_;
  const RightsOfAuthor& author_;
  const std::optional<Aggregate> before_;
  Claims claims_;
  std::vector<HubStatus> statuses_;
  Touches touches_;
};

door::OpFacts Case::OpFactsOf() const {
  door::OpFacts facts;
  facts.readable = touches_.readable;
  facts.claims_to_make = SaysItMade(op_);
  facts.historical = facts.claims_to_make && SaysHistorical(op_);
  for (const Dot& dot : op_.context.dots()) facts.context_resolved &= before_ && before_->lineage().Contains(dot);
  facts.grants_resolved = author_.Resolved();
  facts.writes = touches_.writes;
  // Programs of 0.4.0 let who imported an old ledger take its undoing back.
  const bool own_ledger =
      claims_.maker && SaysHistorical(*claims_.maker) && claims_.standing.contains(op_.actor.station);
  for (door::WriteFacts& write : facts.writes)
    if (own_ledger && write.touch == door::Touch::kUnvoid) write.touch = door::Touch::kVoid;
  return facts;
}

door::RecordFacts Case::RecordFactsOf() const {
  door::RecordFacts facts;
  facts.kind = ClassOf(type_);
  const std::string& author = op_.actor.station;
  facts.made = !claims_.standing.empty();
  facts.made_by_author = claims_.standing.contains(author) || claims_.hidden.contains(author);
  facts.disputed = claims_.hidden.contains(author) || claims_.standing.size() > 1;
  for (const std::set<std::string>* stations : {&claims_.standing, &claims_.hidden})
    facts.claimed_by_other |= std::any_of(stations->begin(), stations->end(),
                                          [&](const std::string& station) { return station != author; });
  if (claims_.standing.size() == 1) {
    const std::vector<std::string> points = PlacesNamed(*claims_.maker, false);
    facts.author_is_maker = claims_.standing.contains(author);
    facts.author_is_point = std::find(points.begin(), points.end(), author) != points.end();
  }
  facts.historical = claims_.maker && SaysHistorical(*claims_.maker);
  facts.hub_acted = !statuses_.empty();
  for (const HubStatus& one : statuses_) facts.hub_status_seen &= before_->lineage().Covers(op_.context, one.dot);
  if (before_ && facts.kind == door::RecordClass::kMatter) facts.shown = DoorState(MatterStateOf(*before_));
  return facts;
}

Places Case::PlacesNow() const {
  Places places;
  if (!before_) return places;
  for (const FieldRow& row : FieldRowsOf(type_)) {
    const bool of_source = row.role == FieldRole::kSources && touches_.only_adds;
    if (row.role != FieldRole::kPlace && !of_source) continue;
    for (const Sibling& one : ShownOf(*before_, type_, row.number)) {
      v1::Source source;
      if (of_source && source.ParseFromString(one.value)) places.insert(source.station_id());
      if (!of_source) places.insert(one.value);
    }
  }
  places.erase("");
  return places;
}

// Also those under which the author may have met the record: of a making that is hidden, and of a matter that was
// merged into this one and is not any more.
Places Case::PlacesEver() const {
  Places places = PlacesNow();
  places.insert(claims_.hidden_places.begin(), claims_.hidden_places.end());
  if (!before_ || !touches_.only_adds) return places;
  const FieldInfo* sources = TypeOf<v1::Matter>().Find(v1::Matter::kSourcesFieldNumber);
  ForEachStep(
      view_, *before_,
      [](const Actor& actor, const Lineage::Step& step) { return step.projected && actor.station == kHubStation; },
      [&](const Op& op, const Lineage::Step&) {
        for (const Write& write : op.writes)
          if (v1::Source source; write.child.IsRoot() && write.tag == sources->tag &&
                                 source.ParseFromString(write.value) && !source.station_id().empty())
            places.insert(source.station_id());
      });
  return places;
}

door::RightsFacts Case::RightsFactsOf(door::Person person) const {
  door::RightsFacts facts;
  facts.person = person;
  facts.may_import = author_.MayImport();
  const Places now = author_.ScopeNow();
  auto in = [](const Places& scope) { return [&scope](const std::string& place) { return scope.contains(place); }; };
  if (SaysItMade(op_)) {  // names no place beside its scope
    const std::vector<std::string> places = PlacesNamed(op_, true);
    facts.in_scope = !places.empty() && std::all_of(places.begin(), places.end(), in(now));
    facts.in_scope_once = facts.in_scope || author_.KnowsAnyScope();
    if (!facts.in_scope_once && !places.empty()) {
      const Places once = author_.ScopeOnce();
      facts.in_scope_once = std::all_of(places.begin(), places.end(), in(once));
    }
  } else {
    const Places places = PlacesNow();
    facts.in_scope = std::any_of(places.begin(), places.end(), in(now));
    facts.in_scope_once = facts.in_scope || author_.KnowsAnyScope();
    if (!facts.in_scope_once) {
      const Places ever = PlacesEver(), once = author_.ScopeOnce();
      facts.in_scope_once = std::any_of(ever.begin(), ever.end(), in(once));
    }
  }
  AddMerger(&facts);
  return facts;
}

// A station that was merged makes no more sessions and visits of its own from that day on; what it has made it may
// finish, and old ledgers tell of any day.
void Case::AddMerger(door::RightsFacts* facts) const {
  if (&type_ != &TypeOf<v1::ReceptionSession>()) return;
  std::string date, place;
  bool historical = false;
  if (SaysItMade(op_)) {
    date = RootText(op_, v1::ReceptionSession::kDateFieldNumber);
    place = RootText(op_, v1::ReceptionSession::kStationIdFieldNumber);
    historical = SaysHistorical(op_);
  } else if (before_) {
    auto is_new = [&](const Write& write) {
      return write.child.type == TypeOf<v1::VisitEntry>().type() && before_->Find(write.child) == nullptr;
    };
    if (std::none_of(op_.writes.begin(), op_.writes.end(), is_new)) return;
    const auto session = Show<v1::ReceptionSession>(*before_);
    date = session.date();
    place = session.station_id();
    historical = session.historical();
  }
  if (historical || place != op_.actor.station || date.empty()) return;
  for (const auto& [day, known] : author_.Mergers()) {
    if (date < day) continue;
    facts->after_merger = true;
    facts->merger_known |= known;
  }
}

door::Ruling Case::Rule(door::Person person, bool of_any_scope) const {
  door::RightsFacts rights = RightsFactsOf(person);
  rights.in_scope |= of_any_scope;
  door::Ruling ruling = door::Judge(door::Rules(), OpFactsOf(), RecordFactsOf(), rights);
  auto at_least_held = [&](door::Reason reason) {
    if (ruling.outcome < door::Outcome::kHeld) ruling = {door::Outcome::kHeld, reason};
  };
  if (touches_.settles) at_least_held(door::Reason::kMovedOn);
  if (touches_.missing) at_least_held(door::Reason::kMissing);
  return ruling;
}

const char* WordsOfPerson(door::Person person) {
  switch (person) {
    case door::Person::kTypedLate:
      return "该站须登录，这条记录没有登录，要由镇里确认";
    case door::Person::kLeft:
      return "写的人已经离任，写的时候还不知道";
    case door::Person::kDoubtful:
      return "写的人的权限已因存疑收回，写的时候还不知道，要由镇里确认";
    case door::Person::kEnded:
      return "写的人的账号已经停用，要由镇里确认";
    default:
      return "写的人在该站没有权限，或者权限已经收回";
  }
}

// Why an op is of the township's.
std::string WordsOfTownship(const Op& op, const TypeInfo* type) {
  if (JudgesOps(op)) return "只有镇中心可以退回记录";
  if (type != nullptr && IsTownships(*type)) return Cat("“", type->rules.label(), "”只有镇中心可以改");
  return "写了只能由镇里写的内容（办理状态、交办、答复等）";
}

std::string WordsOf(const door::Ruling& ruling, const Op& op, const TypeInfo* type, door::Person person) {
  const bool held = ruling.outcome == door::Outcome::kHeld;
  switch (ruling.reason) {
    case door::Reason::kNone:
      return "";
    case door::Reason::kUnreadable:
      return "内容的写法不对，本程序不会这样写";
    case door::Reason::kNotStations:
      return WordsOfTownship(op, type);
    case door::Reason::kOutOfScope:
      return held ? "这条记录所属的站点现在不由该站代录，要由镇里确认" : "这条记录不属于该站，也不属于它代录的站点";
    case door::Reason::kFixed:
      return "编号、站点、来源和旧台账的内容，登记以后不能再改";
    case door::Reason::kOtherMaker:
      return held ? "这条记录登记了不止一次，或者是别的站点登记的，要由镇里确认" : "这条记录是别的站点登记的，只能由它改";
    case door::Reason::kNoRight:
    case door::Reason::kPerson:
      return WordsOfPerson(person);
    case door::Reason::kMovedOn:
      return "镇里已经接着办理，这一处要由镇里确认";
    case door::Reason::kImport:
      return "该站没有导入旧台账的权限，要由镇里确认";
    case door::Reason::kMerged:
      return held || ruling.outcome == door::Outcome::kMarked ? "该站已经并站，写的时候还不知道"
                                                              : "该站已经并站，此后的接待不在该站登记";
    case door::Reason::kMissing:
      return "所依据的内容还没有到镇里，到了以后自动采用";
  }
  return "";
}

Judgement::Outcome OutcomeOf(door::Outcome outcome) {
  switch (outcome) {
    case door::Outcome::kStands:
      return Judgement::Outcome::kStands;
    case door::Outcome::kMarked:
      return Judgement::Outcome::kMarked;
    case door::Outcome::kHeld:
      return Judgement::Outcome::kHeld;
    case door::Outcome::kRefused:
      return Judgement::Outcome::kRefused;
    case door::Outcome::kQ:
      return Judgement::Outcome::kKept;
  }
  return Judgement::Outcome::kKept;
}

}  // namespace

const char* CodeOf(door::Reason reason) {
  switch (reason) {
    case door::Reason::kNone:
      return "";
    case door::Reason::kUnreadable:
      return "unreadable";
    case door::Reason::kNotStations:
      return kNotStationsCode;
    case door::Reason::kOutOfScope:
      return kOutOfScopeCode;
    case door::Reason::kFixed:
      return "fixed";
    case door::Reason::kOtherMaker:
      return kOtherMakerCode;
    case door::Reason::kNoRight:
      return kNoRightCode;
    case door::Reason::kMovedOn:
      return "moved_on";
    case door::Reason::kPerson:
      return kPersonCode;
    case door::Reason::kImport:
      return "import";
    case door::Reason::kMerged:
      return kMergedCode;
    case door::Reason::kMissing:
      return kMissingCode;
  }
  return "";
}

// An op names the rights that its author knew where they are other than in the op before it in the log.
KnownRights Judge::RightsNamedBefore(const Op& op, const StoreReader& view) const {
  Told told;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto known = told_.find(op.actor); known != told_.end() && known->second.seq < op.seq)
      told = known->second;
  }
  for (uint64_t seq = op.seq - 1; seq > told.seq; --seq) {
    bool here = false;
    VersionVector found;
    view.kv().ScanPrefix(key::OpAt(op.actor, seq), [&](std::string_view, std::string_view bytes) {
      absl::StatusOr<Op> frame = DecodeFrame(bytes);
      here |= frame.ok();
      if (frame.ok()) found = std::move(frame->grants);
      return found.empty();
    });
    if (!here) return {.said = true};  // the log has a hole
    if (!found.empty()) return {.said = true, .readable = true, .grants = std::move(found)};
  }
  return {.said = true, .readable = true, .grants = told.grants};
}

KnownRights Judge::RightsKnownTo(const Op& op, const StoreReader& view) const {
  if (op.schema_version < kAccountVersion) return {};
  KnownRights known{.said = true, .readable = true, .grants = op.grants};
  if (op.grants.empty()) known = RightsNamedBefore(op, view);
  if (!known.readable) return known;
  absl::MutexLock lock(&mutex_);
  if (told_.size() >= kMostLogs && !told_.contains(op.actor)) told_.clear();
  told_[op.actor] = {op.seq, known.grants};
  return known;
}

Judgement Judge::Rule(const Op& op, const StoreReader& view, bool of_any_scope) const {
  const TypeInfo* type = FindType(op.aggregate.type);
  door::Ruling ruling{door::Outcome::kHeld, door::Reason::kMissing};  // of a record that only newer programs know
  door::Person person = door::Person::kTyped;
  if (JudgesOps(op) || (type != nullptr && IsTownships(*type))) {
    ruling = {door::Outcome::kQ, door::Reason::kNotStations};
  } else if (type != nullptr) {
    const std::shared_ptr<const Roster> roster = roster_->Get();
    const RightsOfAuthor author(view, op, RightsKnownTo(op, view), *roster);
    // What was done is written down whoever did it: a right that ended hides no audit.
    person = type == &TypeOf<v1::Audit>() ? door::Person::kLive : author.PersonOf(*people_->Get());
    ruling = Case(view, op, *type, author).Rule(person, of_any_scope);
  }
  return {OutcomeOf(ruling.outcome), CodeOf(ruling.reason), WordsOf(ruling, op, type, person)};
}

}  // namespace liaison
