#include "common/actions/due_moves.h"

#include <algorithm>
#include <optional>

#include "common/base/status.h"
#include "common/record/schema.h"
#include "common/rows/work.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/steps.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

std::optional<MovedDue> MovedOf(const StoreReader& view, const Aggregate& matter, const Deadlines& before,
                                const Deadlines& after) {
  const CaseFile file(matter, view.TimesOf(matter));
  if (!file.present || file.last_assignment() == nullptr) return std::nullopt;
  v1::Assignment assignment = *file.last_assignment();
  if (assignment.historical() || !assignment.due_reason().empty()) return std::nullopt;
  // The first assignment of a later round is its rework; what was assigned anew after a return goes by its kind.
  if (!file.last_assignment_code().ends_with("-1")) assignment.set_round(1);
  MovedDue moved;
  moved.before = ParseDay(assignment.due_date()).value_or(kUndated);
  moved.after = ComputedDue(assignment, file.matter, after);
  if (moved.before == kUndated || moved.before != ComputedDue(assignment, file.matter, before)) return std::nullopt;
  if (moved.after == kUndated || moved.after == moved.before) return std::nullopt;
  moved.matter = matter.id();
  moved.assignment = file.assignments.back().id;
  moved.number = file.matter.number();
  moved.unit = assignment.main_unit();
  return moved;
}

}  // namespace

absl::StatusOr<std::vector<MovedDue>> MovedDues(const StoreReader& view, const Deadlines& before,
                                                const Deadlines& after) {
  std::vector<MovedDue> all;
  RETURN_IF_ERROR(ScanWork(view.kv(), [&](const WorkFact& fact) {
    if (fact.duty.due == kUndated) return;
    const bool open = fact.duty.state == v1::ASSIGNED || fact.duty.state == v1::RECEIVED ||
                      fact.duty.state == v1::HANDLING || fact.duty.state == v1::ESCALATED ||
                      fact.duty.state == v1::REWORK || fact.duty.state == v1::CONTESTED;
    if (!open) return;
    const std::optional<Aggregate> matter = view.Load({TypeOf<v1::Matter>().type(), fact.matter});
    if (!matter) return;
    if (std::optional<MovedDue> moved = MovedOf(view, *matter, before, after)) all.push_back(*std::move(moved));
  }));
  std::sort(all.begin(), all.end(), [](const MovedDue& a, const MovedDue& b) { return a.number < b.number; });
  return all;
}

void AppendMovedDues(const StoreReader& view, const std::vector<MovedDue>& moved, std::string_view action_id,
                     const std::string& date, Action* action) {
  uint16_t index = 0;
  for (const MovedDue& one : moved) {
    const std::optional<Aggregate> matter = view.Load(one.matter);
    if (!matter) continue;
    NewOp& op = action->ops.emplace_back(OpOn(*matter));
    v1::Assignment assignment;
    assignment.set_due_date(DayText(one.after));
    WritesOf(assignment, one.assignment, &op.writes, &op.sealed);
    v1::DueMove move;
    move.set_date(date);
    move.set_assignment(one.assignment.name);
    move.set_old_due(DayText(one.before));
    move.set_new_due(DayText(one.after));
    move.set_reason("节假日安排有调整");
    WritesOf(move, RecordId::Random(TypeOf<v1::DueMove>().type(), std::string(action_id), index++), &op.writes,
             &op.sealed);
  }
}

}  // namespace liaison
