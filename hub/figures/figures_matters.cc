// Matters: what was collected, how it ends, how it is handled.
#include "hub/figures/figures_computation.h"

namespace liaison {
namespace {

constexpr size_t kOpinionSide = 0, kSuggestionSide = 1;
constexpr int kParentsMax = 8;  // of a category: a circle ends

struct EventCodes {
  EventFact::Kind kind;
  Code events[2], matters[2];
};
constexpr EventCodes kEvents[] = {
    {EventFact::kUrged, {kUrged, kSuggestionUrged}, {kUrgedMatters, kSuggestionUrgedMatters}},
    {EventFact::kSupervised, {kSupervised, kSuggestionSupervised}, {kSupervisedMatters, kSuggestionSupervisedMatters}},
    {EventFact::kTalked, {kTalked, kSuggestionTalked}, {kTalkedMatters, kSuggestionTalkedMatters}},
    {EventFact::kReturned, {kReturned, kSuggestionReturned}, {kReturnedMatters, kSuggestionReturnedMatters}},
    {EventFact::kExtended, {kExtended, kSuggestionExtended}, {kExtendedMatters, kSuggestionExtendedMatters}},
    {EventFact::kReworked, {kReworked, kSuggestionReworked}, {kReworkedMatters, kSuggestionReworkedMatters}},
    {EventFact::kEscalated, {kEscalated, kSuggestionEscalated}, {kEscalatedMatters, kSuggestionEscalatedMatters}},
};

// What is divided by what, of opinions and of suggestions.
constexpr Code kClosingRates[] = {kClosingRate, kSuggestionClosingRate};
constexpr Code kReplyRates[] = {kReplyRate, kSuggestionReplyRate};
constexpr Code kOnTimeRates[] = {kOnTimeRate, kSuggestionOnTimeRate};
constexpr Code kFaceRates[] = {kFaceRate, kSuggestionFaceRate};
constexpr Code kContactRates[] = {kContactRate, kSuggestionContactRate};
constexpr Code kMeans[] = {kMeanDays, kSuggestionMeanDays};
constexpr Code kMedians[] = {kMedianDays, kSuggestionMedianDays};
constexpr Code kOverdueCodes[] = {kOverdue, kSuggestionOverdue};
constexpr Code kLateCodes[] = {kLate, kSuggestionLate};

bool Good(int rating) {
  return rating == v1::RATING_EXCELLENT || rating == v1::RATING_SATISFIED || rating == v1::RATING_BASICALLY;
}

}  // namespace

// ---------------------------------------------------------------- collected

void Computation::OnMatter(const MatterFact& fact) {
  const Outcome outcome = OutcomeOf(fact);
  if (outcome == Outcome::kDraft || !status_.ok()) return;
  const bool elsewhere = fact.accusation || fact.track == v1::TRACK_ELSEWHERE;
  if (!elsewhere) {
    const std::string& lead = fact.lead;
    auto line = [&](const std::string& deputy) -> Breakdown::DeputyLine& {
      return figures_.breakdown.deputies[deputy];
    };
    if (fact.track == v1::TRACK_SUGGESTION && !lead.empty()) ++line(lead).suggestions;
    if (fact.track == v1::TRACK_BILL && !lead.empty()) ++line(lead).bills;
    for (const std::string& deputy : fact.cosigners) ++line(deputy).cosigned;
    if (fact.track == v1::TRACK_OPINION && !lead.empty()) ++line(lead).opinions;
    if (fact.track == v1::TRACK_OPINION && !fact.answered_by.empty() && fact.answered_by != lead)
      ++line(fact.answered_by).opinions;
  }
  if (!In(fact.station)) return;
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  if (elsewhere) {
    Count(kAccusations, 1, id);
    if (!fact.accusation) Count(kElsewhere, 1, id);
    return;
  }
  if (fact.track != v1::TRACK_OPINION) return OnProposal(fact);
  if (fact.nature == v1::NATURE_INQUIRY) return Count(kInquiries, 1, id);
  if (fact.nature == v1::NATURE_PRAISE) return Count(kPraise, 1, id);
  if (!IsOpinion(fact)) return Count(kNatureUnset, 1, id);
  OnOpinion(fact);
}

void Computation::OnProposal(const MatterFact& fact) {
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  const Outcome outcome = OutcomeOf(fact);
  const bool bill = fact.track == v1::TRACK_BILL;
  if (!bill && fact.track != v1::TRACK_SUGGESTION) return;
  Count(bill ? kBills : kSuggestions, 1, id);
  if (fact.key) Count(bill ? kBillsKey : kSuggestionsKey, 1, id);
  if (outcome == Outcome::kGuided) Count(bill ? kBillsGuided : kSuggestionsGuided, 1, id);
  if (outcome == Outcome::kWithdrawn) Count(bill ? kBillsWithdrawn : kSuggestionsWithdrawn, 1, id);
  if (!bill && (fact.rating != 0 || outcome == Outcome::kClosed)) OnRating(fact, kDeputyExcellent);
}

void Computation::OnOpinion(const MatterFact& fact) {
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  const Outcome own = OutcomeOf(fact);
  Count(kOpinions, 1, id);
  AddLine(fact.station, fact.day, &Breakdown::Line::opinions, 1);
  ++figures_.breakdown.states[fact.state];
  ++figures_.breakdown.heat[fact.station][FirstLevel(fact.category)];
  OnCategory(fact);
  if (fact.historical) Count(kOpinionsLedger, 1, id);
  Count(fact.state == v1::MERGED ? kMerged : kCases, 1, id);
  if (fact.state == v1::CONTESTED) Count(kContested, 1, id);
  if (own == Outcome::kAnswered && !fact.assigned) {
    Count(kAnswered, 1, id);
    AddLine(fact.station, fact.day, &Breakdown::Line::answered, 1);
    if (fact.solved) Count(kAnsweredSolved, 1, id);
  }
  if (fact.rating != 0 || own == Outcome::kAnswered || own == Outcome::kClosed) OnRating(fact, kVoterExcellent);

  const absl::StatusOr<End> end = EndOf(fact);
  if (!end.ok()) {
    status_ = end.status();
    return;
  }
  OnFeedback(fact, *end);
  OnEnd(fact, *end, &figures_.breakdown.categories[FirstLevel(fact.category)]);
}

void Computation::OnEnd(const MatterFact& fact, const End& end, Breakdown::Results* results) {
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  auto line = [&](int64_t Breakdown::Line::*field) { AddLine(fact.station, fact.day, field, 1); };
  ++results->all;
  switch (end.outcome) {
    case Outcome::kAnswered:
    case Outcome::kClosed:
      Count(end.outcome == Outcome::kAnswered ? kSumAnswered : kSumClosed, 1, id);
      Mark(kFinished, id);
      line(&Breakdown::Line::finished);
      ++(end.solved ? results->solved : results->explained);
      break;
    case Outcome::kGuided:
      Count(kGuided, 1, id);
      line(&Breakdown::Line::guided);
      ++results->guided;
      break;
    case Outcome::kWithdrawn:
      Count(kWithdrawn, 1, id);
      line(&Breakdown::Line::withdrawn);
      ++results->withdrawn;
      break;
    case Outcome::kUnknown:
      Mark(kDifference, id);
      break;
    default:
      Count(kSumOpen, 1, id);
      line(&Breakdown::Line::open);
      ++results->open;
      break;
  }
  if (end.solved) {
    Count(kSolved, 1, id);
    line(&Breakdown::Line::solved);
  }
  if (end.by_ledger) Count(kSolvedLedger, 1, id);
}

// A merged matter ends as its parent does, a converted one as its child. One whose link leads nowhere (not here yet,
// voided) or round in a circle is open: nothing says that it is over.
absl::StatusOr<Computation::End> Computation::EndOf(const MatterFact& fact) {
  if (OutcomeOf(fact) != Outcome::kFollows) return End{OutcomeOf(fact), fact.solved, fact.by_ledger};
  MatterFact now = fact;
  std::set<std::string> seen;
  while (OutcomeOf(now) == Outcome::kFollows) {
    std::optional<MatterFact> next;
    if (!now.link.empty() && seen.insert(now.matter).second) {
      ASSIGN_OR_RETURN(next, FindMatter(snapshot_, now.link));
    }
    if (!next) {
      Count(kDangling, 1, [&] { return IdText<v1::Matter>(fact.matter); });
      return End{};
    }
    now = *std::move(next);
  }
  return End{OutcomeOf(now), now.solved, now.by_ledger};
}

// Of those that ended while the voter was not there, who could be told: somebody was named, and the telling did not
// fail.
void Computation::OnFeedback(const MatterFact& fact, const End& end) {
  const bool over = end.outcome == Outcome::kAnswered || end.outcome == Outcome::kClosed;
  const bool follower = OutcomeOf(fact) == Outcome::kFollows && over && !fact.historical;
  if (!fact.wants_feedback && !follower) return;
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  if (fact.unreachable) return Count(kUnreachable, 1, id);
  const bool nameless = !fact.sources.empty() && std::all_of(fact.sources.begin(), fact.sources.end(), [&](auto& one) {
    return IsNameless(snapshot_, one.first, one.second);
  });
  if (nameless) return Count(kNameless, 1, id);
  ++ended_;
  Mark(kFeedbackRate, id);
  if (fact.fed_back) ++fed_back_;
}

// `excellent` begins the row of five figures of one side.
void Computation::OnRating(const MatterFact& fact, Code excellent) {
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  size_t offset = kVoterUnrated - kVoterExcellent;
  switch (fact.rating) {
    case v1::RATING_EXCELLENT:
      offset = 0;
      break;
    case v1::RATING_SATISFIED:
      offset = kVoterSatisfied - kVoterExcellent;
      break;
    case v1::RATING_BASICALLY:
      offset = kVoterBasically - kVoterExcellent;
      break;
    case v1::RATING_DISSATISFIED:
      offset = kVoterDissatisfied - kVoterExcellent;
      break;
    default:
      break;
  }
  Count(static_cast<Code>(excellent + offset), 1, id);
  if (offset == kVoterUnrated - kVoterExcellent) return;
  const bool voters = excellent == kVoterExcellent;
  Mark(voters ? kVoterRate : kDeputyRate, id);
  Mark(voters ? kVoterPlainRate : kDeputyPlainRate, id);
}

// ---------------------------------------------------------------- categories

// A second level counts under its first.
std::string Computation::FirstLevel(const std::string& category) const {
  std::string code = category;
  for (int steps = 0; steps < kParentsMax; ++steps) {
    auto it = roster_.categories.find(code);
    if (it == roster_.categories.end() || it->second.parent().empty()) break;
    code = it->second.parent();
  }
  return code;
}

// The old class that the category or one above it is reported as; empty: none.
std::string Computation::Class(const std::string& category) const {
  std::string code = category;
  for (int steps = 0; steps < kParentsMax; ++steps) {
    auto it = roster_.categories.find(code);
    if (it == roster_.categories.end()) break;
    if (!it->second.rollup().empty()) return it->second.rollup();
    code = it->second.parent();
  }
  return "";
}

void Computation::OnCategory(const MatterFact& fact) {
  ++categories_[FirstLevel(fact.category)];
  std::string second = fact.subcategory;
  if (second.empty() && FirstLevel(fact.category) != fact.category) second = fact.category;
  std::string reported = Class(second);
  if (reported.empty()) reported = Class(fact.category);
  ++classes_[reported];
  if (second.empty()) return;
  ++subcategories_[second];
  Window& window = windows_[second];
  window.brought.emplace_back(fact.day, fact.station);
  ++window.stations[fact.station];
  while (window.brought.front().first <= fact.day - kHotDays) {
    auto it = window.stations.find(window.brought.front().second);
    if (--it->second == 0) window.stations.erase(it);
    window.brought.pop_front();
  }
  window.most = std::max(window.most, window.stations.size());
}

void Computation::FillCategories() {
  v1::GetFiguresResponse& out = figures_.response;
  auto share = [&](const std::string& code, int64_t count, v1::CategoryShare* row) {
    auto it = roster_.categories.find(code);
    row->set_code(code);
    row->set_name(it != roster_.categories.end() ? it->second.name() : code.empty() ? "未分类" : code);
    row->set_count(count);
    row->set_share_permille(static_cast<int32_t>(Permille(count, Value(kOpinions))));
  };
  auto ordered = [](const std::map<std::string, int64_t>& counts) {
    std::vector<std::pair<std::string, int64_t>> rows(counts.begin(), counts.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return rows;
  };
  for (const auto& [code, count] : ordered(categories_)) share(code, count, out.add_categories());
  for (const auto& [name, count] : ordered(classes_)) {
    v1::CategoryShare* row = out.add_old_classes();
    share(name, count, row);
    row->set_name(name.empty() ? "未归类" : name);
  }
  for (const auto& [code, count] : ordered(subcategories_)) {
    v1::CategoryShare* row = out.add_subcategories();
    share(code, count, row);
    row->set_parent(FirstLevel(code));
    row->set_stations(static_cast<int32_t>(windows_[code].most));
    if (windows_[code].most >= kHotStations) *out.add_hot() = *row;
  }
}

// ---------------------------------------------------------------- handled

void Computation::OnAssigned(const AssignedFact& fact) {
  if (!In(fact.station) || fact.state == v1::MERGED) return;
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  switch (fact.track) {
    case v1::TRACK_OPINION:
      Count(kAssigned, 1, id);
      if (fact.key) Count(kAssignedKey, 1, id);
      AddLine(fact.station, fact.day, &Breakdown::Line::assigned, 1);
      assigned_.insert(fact.matter);
      return OnHandling(fact, kOpinionSide);
    case v1::TRACK_SUGGESTION:
      Count(kSuggestionsAssigned, 1, id);
      if (fact.key) Count(kSuggestionsAssignedKey, 1, id);
      if (fact.closed()) Count(kSuggestionsClosed, 1, id);
      ++figures_.meetings[fact.day];
      return OnHandling(fact, kSuggestionSide);
    case v1::TRACK_BILL:
      Count(kBillsAssigned, 1, id);
      Mark(kBillClosingRate, id);
      if (fact.key) Count(kBillsAssignedKey, 1, id);
      if (fact.closed()) Count(kBillsClosed, 1, id);
      return;
    default:
      return Count(kElsewhereAssigned, 1, id);
  }
}

void Computation::OnHandling(const AssignedFact& fact, size_t side) {
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  ++units_[side][fact.unit];
  Mark(side == kOpinionSide ? kUnits : kSuggestionUnits, [&] { return IdText<v1::Department>(fact.unit); });
  Breakdown::Handling& all = handled_[side];
  Breakdown::Handling& unit = figures_.breakdown.units[fact.unit][side];
  auto count = [&](int64_t Breakdown::Handling::*field) {
    ++(all.*field);
    ++(unit.*field);
  };
  count(&Breakdown::Handling::assigned);
  Mark(kClosingRates[side], id);
  Mark(kReplyRates[side], id);
  if (fact.closed()) count(&Breakdown::Handling::closed);
  if (fact.any_reply || fact.closed()) ++replied_[side];
  if (fact.rating != 0) count(&Breakdown::Handling::rated);
  if (Good(fact.rating)) count(&Breakdown::Handling::good);
  if (fact.replied && *fact.replied >= fact.day) {
    figures_.breakdown.days[side].push_back(*fact.replied - fact.day);
    Mark(kMeans[side], id);
    Mark(kMedians[side], id);
  }
  if (!fact.due) return;
  if (*fact.due <= today_) {
    count(&Breakdown::Handling::due);
    Mark(kOnTimeRates[side], id);
    if (fact.replied && *fact.replied <= *fact.due) count(&Breakdown::Handling::on_time);
  }
  if (fact.replied && *fact.replied > *fact.due) Count(kLateCodes[side], 1, id);
  if (fact.replied || fact.closed() || *fact.due >= today_) return;
  Count(kOverdueCodes[side], 1, id);
  count(&Breakdown::Handling::overdue);
  figures_.breakdown.overdue.push_back(
      {fact.matter, fact.station, fact.unit, fact.track, fact.day, *fact.due, today_ - *fact.due});
}

void Computation::OnEvent(const EventFact& fact) {
  if (!In(fact.station) || (fact.track != v1::TRACK_OPINION && fact.track != v1::TRACK_SUGGESTION)) return;
  const size_t side = fact.track == v1::TRACK_OPINION ? kOpinionSide : kSuggestionSide;
  auto id = [&] { return IdText<v1::Matter>(fact.matter); };
  if (fact.kind == EventFact::kReplied) {
    if (fact.historical) return;
    ++replies_[side];
    if (fact.mode == EventFact::kFace) ++faced_[side];
    if (fact.mode == EventFact::kPhone) ++phoned_[side];
    Mark(kFaceRates[side], id);
    Mark(kContactRates[side], id);
    return;
  }
  for (const EventCodes& codes : kEvents) {
    if (codes.kind != fact.kind) continue;
    Count(codes.events[side], 1, id);
    if (touched_[side * EventFact::kKinds + fact.kind].insert(fact.matter).second) Count(codes.matters[side], 1, id);
  }
}

// Merged matters whose last parent is among those assigned in the period, whenever they were registered themselves.
absl::Status Computation::CountAssignedChildren() {
  std::map<std::string, std::string> follows;
  RETURN_IF_ERROR(ScanMerged(
      snapshot_, [&](std::string_view followed, std::string_view matter) { follows.emplace(matter, followed); }));
  for (const auto& [matter, followed] : follows) {
    std::string root = followed;
    for (size_t steps = 0; steps < follows.size(); ++steps) {
      auto it = follows.find(root);
      if (it == follows.end()) break;
      root = it->second;
    }
    if (assigned_.contains(root)) Count(kAssignedChildren, 1, [&m = matter] { return IdText<v1::Matter>(m); });
  }
  return absl::OkStatus();
}

void Computation::FinishDays(size_t side) {
  std::vector<int64_t>& days = figures_.breakdown.days[side];
  std::sort(days.begin(), days.end());
  int64_t sum = 0;
  for (int64_t one : days) sum += one;
  const auto count = static_cast<int64_t>(days.size());
  SetMean(kMeans[side], sum, count);
  if (days.empty()) {
    tallies_[kMedians[side]].note = "—";
    return;
  }
  const int64_t low = days[(days.size() - 1) / 2], high = days[days.size() / 2];
  SetMean(kMedians[side], low + high, 2);
  tallies_[kMedians[side]].note = Cat((low + high) / 2, (low + high) % 2 == 0 ? "" : ".5");
}

void Computation::FinishMatters() {
  for (size_t side : {kOpinionSide, kSuggestionSide}) {
    const Code code = side == kOpinionSide ? kUnits : kSuggestionUnits;
    Value(code) = static_cast<int64_t>(units_[side].size());
    for (const auto& [unit, count] : units_[side]) {
      std::string& note = tallies_[code].note;
      note += Cat(note.empty() ? "" : "、",
                  roster_.departments.contains(unit) ? roster_.departments.at(unit).name() : unit, count, "件");
    }
    const Breakdown::Handling& all = handled_[side];
    SetRate(kClosingRates[side], all.closed, all.assigned);
    SetRate(kReplyRates[side], replied_[side], all.assigned);
    SetRate(kOnTimeRates[side], all.on_time, all.due);
    SetRate(kFaceRates[side], faced_[side], replies_[side]);
    SetRate(kContactRates[side], faced_[side] + phoned_[side], replies_[side]);
    FinishDays(side);
  }
  SetRate(kBillClosingRate, Value(kBillsClosed), Value(kBillsAssigned));
  SetRate(kFeedbackRate, fed_back_, ended_);
  for (auto [rate, plain, first] : {std::tuple(kVoterRate, kVoterPlainRate, kVoterExcellent),
                                    std::tuple(kDeputyRate, kDeputyPlainRate, kDeputyExcellent)}) {
    const auto at = [this, first = first](size_t offset) { return Value(static_cast<Code>(first + offset)); };
    const int64_t better = at(0) + at(1), good = better + at(2);
    SetRate(rate, good, good + at(3));
    SetRate(plain, better, good + at(3));
  }
  for (const auto& [day, count] : figures_.meetings) {
    std::string& note = tallies_[kSuggestionsAssigned].note;
    note += Cat(note.empty() ? "" : "、", DayText(day), "交办", count, "件");
  }
  std::stable_sort(figures_.breakdown.overdue.begin(), figures_.breakdown.overdue.end(),
                   [](const Breakdown::Overdue& a, const Breakdown::Overdue& b) { return a.days > b.days; });
  for (const auto& [code, window] : windows_)
    if (window.most >= kHotStations) Count(kHot, 1, [&c = code] { return IdText<v1::Code>(Cat("category-", c)); });
}

}  // namespace liaison
