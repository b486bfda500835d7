#include "common/api/casework.h"
#include "common/base/text_forms.h"
#include "common/rows/accusation_words.h"
#include "common/rows/tables.h"
#include "common/rows/work.h"
#include "common/rules/matter/guards.h"
#include "common/rules/matter/steps.h"

namespace liaison {
namespace {

// `unwritten`: of an accusation, whose words nobody is told.
template <typename M, typename Parts>
void Copy(const Parts& parts, bool unwritten, google::protobuf::RepeatedPtrField<M>* out) {
  for (const auto& part : parts) {
    *out->Add() = part.record;
    if (unwritten) HideWords(out->Mutable(out->size() - 1));
  }
}

void FillLinked(const Views& views, const std::string& bytes, v1::MatterView* out) {
  RecordId id;
  if (!RecordIdFromBytes(bytes, &id)) return;
  if (std::optional<Aggregate> other = views.Load(id)) *out = views.Matter(*other);
}

}  // namespace

v1::CaseView MakeCaseView(const ServiceContext& context, const Roster& roster, const Views& views,
                          const Aggregate& aggregate) {
  const OpTimes times = views.reader().TimesOf(aggregate);
  const CaseFile file(aggregate, times);
  const bool unwritten = IsAccusation(file.matter);
  const Deadlines deadlines(roster.policies);
  const Day today = ParseDay(context.Today()).value_or(kUndated);
  v1::CaseView view;
  *view.mutable_matter() = views.Matter(aggregate);
  view.set_round(file.round());
  const std::optional<Day> ceiling = CeilingOf(file, deadlines);
  for (size_t i = 0; i < file.assignments.size(); ++i) {
    const bool last = i + 1 == file.assignments.size();
    v1::AssignmentView& row = *view.add_assignments();
    const std::string id = ToText(file.assignments[i].id);
    const size_t colon = id.find(':');
    row.set_code(colon == std::string::npos ? id : id.substr(colon + 1));
    *row.mutable_assignment() = file.assignments[i].record;
    if (unwritten) HideWords(row.mutable_assignment());
    row.set_unit_name(roster.DepartmentName(row.assignment().main_unit()));
    for (const std::string& unit : row.assignment().co_units()) row.add_co_unit_names(roster.DepartmentName(unit));
    row.set_due_date(last && file.due() ? DayText(*file.due()) : row.assignment().due_date());
    if (ceiling) row.set_ceiling(DayText(*ceiling));
  }
  Copy(file.returns, unwritten, view.mutable_returns());
  Copy(file.extensions, unwritten, view.mutable_extensions());
  Copy(file.replies, unwritten, view.mutable_replies());
  Copy(file.evaluations, unwritten, view.mutable_evaluations());
  Copy(file.feedback, unwritten, view.mutable_feedback());
  Copy(file.supervisions, unwritten, view.mutable_supervisions());
  Copy(PartsOf<v1::Progress>(aggregate, times), unwritten, view.mutable_progress());
  Copy(PartsOf<v1::Escalation>(aggregate, times), unwritten, view.mutable_escalations());
  Copy(PartsOf<v1::Correction>(aggregate, times), unwritten, view.mutable_corrections());
  Copy(PartsOf<v1::TakenBack>(aggregate, times), unwritten, view.mutable_taken_back());
  Copy(PartsOf<v1::DueMove>(aggregate, times), unwritten, view.mutable_due_moves());
  if (file.state == v1::MERGED) FillLinked(views, file.matter.merged_into(), view.mutable_follows());
  if (file.state == v1::CONVERTED) FillLinked(views, file.matter.converted_to(), view.mutable_follows());
  if (!file.matter.converted_from().empty()) FillLinked(views, file.matter.converted_from(), view.mutable_comes_from());
  for (const RecordId& id : tables::MergedInto(views.reader().kv(), aggregate.id()))
    if (std::optional<Aggregate> merged = views.Load(id)) *view.add_merged() = views.Matter(*merged);
  for (const StepRule& rule : AllSteps()) {
    v1::StepChoice& choice = *view.add_steps();
    choice.set_kind(rule.kind);
    choice.set_label(EnumLabel(rule.kind));
    absl::Status status = CheckStepNow(rule.kind, file, context.IsHub());
    choice.set_allowed(status.ok());
    choice.set_reason(std::string(status.message()));
  }
  for (v1::ConflictView& conflict : views.Conflicts(aggregate)) *view.add_conflicts() = std::move(conflict);
  DutyFacts facts = DutyFactsOf(file);
  FillFollowed(views.reader(), LinkOf(file), &facts);
  const Duty duty = DutyOf(facts, deadlines, today);
  view.set_lamp(duty.lamp);
  view.set_due_what(duty.what);
  if (duty.due != kUndated) view.set_due_date(DayText(duty.due));
  if (!view.assignments().empty() && file.due() && *duty.what != '\0')
    view.mutable_assignments()->rbegin()->set_lamp(LampOf(*file.due(), deadlines, today));
  if (std::optional<Day> first = file.first_assigned(); first && *first != kUndated)
    view.set_first_assigned(DayText(*first));
  return view;
}

}  // namespace liaison
