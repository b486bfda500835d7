#include "common/rules/matter/case_file.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <tuple>
#include <utility>

#include "common/record/live.h"

namespace liaison {
namespace {

uint32_t RoundOf(uint32_t round) { return std::max(1u, round); }

template <typename M>
uint32_t RoundOf(const M& record) {
  if constexpr (requires { record.round(); }) {
    return RoundOf(record.round());
  } else {
    return 1;
  }
}

std::string_view DateOf(const v1::Assignment& record) { return record.assigned_date(); }
template <typename M>
std::string_view DateOf(const M& record) {
  return record.date();
}

// Whether the author of `later` had seen what stands in `sooner`, or wrote it before.
bool Follows(const Aggregate& aggregate, const Child& later, const Child& sooner) {
  for (const Dot& dot : sooner.touched.dots()) {
    for (const auto& [key, field] : later.fields)
      if (aggregate.lineage().Covers(field.covered(), dot)) return true;
    for (const Dot& own : later.touched.dots())
      if (own.actor == dot.actor && own.n > dot.n) return true;
  }
  return false;
}

constexpr ptrdiff_t kMostOfADay = 100;  // that are compared with each other; what is more stands by id

// When a record was first written, as far as its state still names the ops.
uint64_t TimeOf(const Child& child, const OpTimes& times) {
  std::set<Dot> dots(child.touched.dots().begin(), child.touched.dots().end());
  for (const auto& [key, field] : child.fields)
    for (const Sibling& sibling : field.siblings()) dots.insert(sibling.dot);
  uint64_t first = 0;
  for (const Dot& dot : dots)
    if (const uint64_t time = times(dot); time != 0 && (first == 0 || time < first)) first = time;
  return first;
}

// Whether some two records of a day were written apart: neither author had seen the other's.
template <typename M>
bool AnyApart(const Aggregate& aggregate, std::span<const Part<M>> parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    const Child& one = *aggregate.Find(parts[i].id);
    for (size_t j = i + 1; j < parts.size(); ++j) {
      const Child& other = *aggregate.Find(parts[j].id);
      if (!Follows(aggregate, one, other) && !Follows(aggregate, other, one)) return true;
    }
  }
  return false;
}

// Of parts that stand by round, date and id: within a day, none before one that its author had seen; of several that
// can stand at a place, the one that was written first.
template <typename M>
void SettleDay(const Aggregate& aggregate, const OpTimes& times, typename std::vector<Part<M>>::iterator begin,
               typename std::vector<Part<M>>::iterator end) {
  if (times && AnyApart<M>(aggregate, {begin, end})) {
    std::map<RecordId, uint64_t> written;
    for (auto at = begin; at != end; ++at) written[at->id] = TimeOf(*aggregate.Find(at->id), times);
    std::stable_sort(begin, end, [&](const Part<M>& a, const Part<M>& b) { return written[a.id] < written[b.id]; });
  }
  for (auto at = begin; at != end; ++at) {
    auto first = std::find_if(at, end, [&](const Part<M>& one) {
      const Child& child = *aggregate.Find(one.id);
      return std::none_of(at, end, [&](const Part<M>& other) {
        const Child& before = *aggregate.Find(other.id);
        return &before != &child && Follows(aggregate, child, before) && !Follows(aggregate, before, child);
      });
    });
    if (first != end) std::rotate(at, first, std::next(first));
  }
}

template <typename M>
void Read(const Aggregate& aggregate, const OpTimes& times, std::vector<Part<M>>* parts) {
  for (const RecordId& id : LiveChildrenOf<M>(aggregate)) parts->push_back({id, Show<M>(aggregate, id)});
  auto day = [](const Part<M>& part) { return std::pair(RoundOf(part.record), DateOf(part.record)); };
  std::sort(parts->begin(), parts->end(), [&](const Part<M>& a, const Part<M>& b) {
    return std::tuple(day(a), a.id.name) < std::tuple(day(b), b.id.name);
  });
  for (auto begin = parts->begin(); begin != parts->end();) {
    const auto end = std::find_if(begin, parts->end(), [&](const Part<M>& one) { return day(one) != day(*begin); });
    if (end - begin > 1 && end - begin <= kMostOfADay) SettleDay<M>(aggregate, times, begin, end);
    begin = end;
  }
}

template <typename M>
const Part<M>* Pending(const std::vector<Part<M>>& parts, const std::string& assignment) {
  for (const Part<M>& part : parts)
    if (part.record.decision() == v1::DECISION_PENDING && part.record.assignment() == assignment) return &part;
  return nullptr;
}

}  // namespace

CaseFile::CaseFile(const Aggregate& aggregate, const OpTimes& times) {
  present = IsLive(aggregate);
  if (!present) return;
  matter = Show<v1::Matter>(aggregate);
  state = MatterStateOf(aggregate);
  Read(aggregate, times, &assignments);
  Read(aggregate, times, &returns);
  Read(aggregate, times, &extensions);
  Read(aggregate, times, &replies);
  Read(aggregate, times, &evaluations);
  Read(aggregate, times, &feedback);
  Read(aggregate, times, &supervisions);
}

v1::MatterState MatterStateOf(const Aggregate& matter) {
  const int status = StatusOf(matter, {}, v1::Matter::kStatusFieldNumber);
  return status < 0 ? v1::CONTESTED : static_cast<v1::MatterState>(status);
}

template <typename M>
std::vector<Part<M>> PartsOf(const Aggregate& matter, const OpTimes& times) {
  std::vector<Part<M>> parts;
  Read(matter, times, &parts);
  return parts;
}
template std::vector<Part<v1::Progress>> PartsOf(const Aggregate&, const OpTimes&);
template std::vector<Part<v1::Escalation>> PartsOf(const Aggregate&, const OpTimes&);
template std::vector<Part<v1::Correction>> PartsOf(const Aggregate&, const OpTimes&);
template std::vector<Part<v1::TakenBack>> PartsOf(const Aggregate&, const OpTimes&);
template std::vector<Part<v1::DueMove>> PartsOf(const Aggregate&, const OpTimes&);

std::string LastUnit(const Aggregate& matter, const OpTimes& times) {
  std::vector<Part<v1::Assignment>> assignments;
  Read(matter, times, &assignments);
  return assignments.empty() ? "" : assignments.back().record.main_unit();
}

const v1::Assignment* CaseFile::last_assignment() const {
  return assignments.empty() ? nullptr : &assignments.back().record;
}

std::string CaseFile::last_assignment_code() const {
  if (assignments.empty()) return "";
  std::string text = ToText(assignments.back().id);
  size_t colon = text.find(':');
  return colon == std::string::npos ? text : text.substr(colon + 1);
}

const v1::Reply* CaseFile::last_reply() const { return replies.empty() ? nullptr : &replies.back().record; }

uint32_t CaseFile::round() const {
  uint32_t last = 1;
  if (!assignments.empty()) last = RoundOf(assignments.back().record);
  if (!replies.empty()) last = std::max(last, RoundOf(replies.back().record));
  return last;
}

std::optional<Day> CaseFile::replied() const {
  const uint32_t assigned_round = assignments.empty() ? 1 : RoundOf(assignments.back().record);
  std::optional<Day> first;
  for (const Part<v1::Reply>& reply : replies) {
    const std::optional<Day> day = ParseDay(reply.record.date());
    if (RoundOf(reply.record) >= assigned_round && day && (!first || *day < *first)) first = day;
  }
  return first;
}

const v1::Evaluation* CaseFile::last_evaluation() const {
  const uint32_t last = round();
  for (auto it = evaluations.rbegin(); it != evaluations.rend(); ++it) {
    const v1::Evaluation& evaluation = it->record;
    if (RoundOf(evaluation) < last) return nullptr;
    if (matter.track() == v1::TRACK_SUGGESTION && !evaluation.by().empty() && evaluation.by() != matter.lead_deputy())
      continue;
    return &evaluation;
  }
  return nullptr;
}

v1::Rating CaseFile::rating() const {
  const v1::Evaluation* evaluation = last_evaluation();
  return evaluation == nullptr ? v1::RATING_UNSPECIFIED : evaluation->result();
}

std::optional<Day> CaseFile::first_assigned() const {
  std::optional<Day> first;
  for (const Part<v1::Assignment>& assignment : assignments) {
    const Day day = ParseDay(assignment.record.assigned_date()).value_or(kUndated);
    if (!first || *first == kUndated || (day != kUndated && day < *first)) first = day;
  }
  return first;
}

std::optional<Day> CaseFile::due() const {
  if (assignments.empty()) return std::nullopt;
  std::optional<Day> due = ParseDay(assignments.back().record.due_date());
  const std::string code = last_assignment_code();
  for (const Part<v1::Extension>& extension : extensions) {
    if (extension.record.decision() != v1::DECISION_GRANTED || extension.record.assignment() != code) continue;
    const std::optional<Day> later = ParseDay(extension.record.new_due());
    if (later && (!due || *later > *due)) due = later;
  }
  return due;
}

const Part<v1::ReturnRequest>* CaseFile::pending_return() const { return Pending(returns, last_assignment_code()); }
const Part<v1::Extension>* CaseFile::pending_extension() const { return Pending(extensions, last_assignment_code()); }

std::optional<Day> CaseFile::promise() const {
  return replies.empty() ? std::nullopt : ParseDay(replies.back().record.promise_date());
}

std::optional<Day> CeilingOf(const CaseFile& file, const Deadlines& deadlines) {
  const std::optional<Day> first = file.first_assigned();
  if (!first || *first == kUndated) return std::nullopt;
  if (file.matter.track() == v1::TRACK_OPINION) return deadlines.LastDay(*first, Deadline::kCeilingOpinion);
  return deadlines.LastDay(*first, Deadline::kReplySuggestionLong);
}

}  // namespace liaison
