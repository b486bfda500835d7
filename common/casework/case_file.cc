#include "common/casework/case_file.h"

#include <algorithm>
#include <tuple>

#include "common/record/view.h"

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

template <typename M>
void Read(const Aggregate& aggregate, std::vector<Part<M>>* parts) {
  for (const RecordId& id : ChildrenOf<M>(aggregate)) {
    const Child* child = aggregate.Find(id);
    if (child->touched.empty() || aggregate.VoidOf(id) == VoidState::kVoid) continue;
    parts->push_back({id, Show<M>(aggregate, id)});
  }
  std::sort(parts->begin(), parts->end(), [](const Part<M>& a, const Part<M>& b) {
    return std::tuple(RoundOf(a.record), DateOf(a.record), a.id.name) <
           std::tuple(RoundOf(b.record), DateOf(b.record), b.id.name);
  });
}

template <typename M>
const Part<M>* Pending(const std::vector<Part<M>>& parts, const std::string& assignment) {
  for (const Part<M>& part : parts)
    if (part.record.decision() == v1::DECISION_PENDING && part.record.assignment() == assignment) return &part;
  return nullptr;
}

}  // namespace

CaseFile::CaseFile(const Aggregate& aggregate) {
  const Child* root = aggregate.Find({});
  present = root != nullptr && !root->touched.empty() && aggregate.VoidOf({}) != VoidState::kVoid;
  if (!present) return;
  matter = Show<v1::Matter>(aggregate);
  const int status = StatusOf(aggregate, {}, v1::Matter::kStatusFieldNumber);
  state = status < 0 ? v1::CONTESTED : static_cast<v1::MatterState>(status);
  Read(aggregate, &assignments);
  Read(aggregate, &returns);
  Read(aggregate, &extensions);
  Read(aggregate, &replies);
  Read(aggregate, &evaluations);
  Read(aggregate, &feedback);
  Read(aggregate, &supervisions);
}

std::string LastUnit(const Aggregate& matter) {
  std::vector<Part<v1::Assignment>> assignments;
  Read(matter, &assignments);
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
