#include "common/actions/mending.h"

#include <algorithm>

#include "common/actions/accusation.h"
#include "common/base/text.h"
#include "common/rows/tables.h"
#include "common/rules/matter/case_file.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

bool IsTouched(const Action& action, const RecordId& id) {
  return std::any_of(action.ops.begin(), action.ops.end(), [&](const NewOp& op) { return op.aggregate == id; });
}

void Release(const ServiceContext& context, const Aggregate& child, std::string_view why, Action* action) {
  v1::Matter change;
  v1::StatusChange& moved = *change.mutable_status();
  moved.set_to(v1::ACCEPTED);
  moved.set_date(context.Today());
  moved.set_reason(std::string(why));
  NewOp op = OpOn(child);
  WritesOf(change, {}, &op.writes, &op.sealed);
  op.writes.push_back({{}, TypeOf<v1::Matter>().Find(v1::Matter::kMergedIntoFieldNumber)->tag, "", ""});
  action->ops.push_back(std::move(op));
}

void MendMerged(const ServiceContext& context, const StoreReader& view, Action* action) {
  for (const auto& [into, id] : tables::AllMerged(view.kv())) {
    const std::optional<Aggregate> parent = view.Load(into);
    if (!parent || IsTouched(*action, id)) continue;
    const bool gone = parent->VoidOf({}) == VoidState::kVoid;
    if (!gone && MatterStateOf(*parent) != v1::WITHDRAWN) continue;
    if (const std::optional<Aggregate> child = view.Load(id); child && MatterStateOf(*child) == v1::MERGED)
      Release(context, *child, gone ? "所并入的事项已作废" : "所并入的事项已撤回", action);
  }
}

void MendVisits(const StoreReader& view, Action* action) {
  for (const RecordId& id : tables::ToLookAt(view.kv(), ~size_t{0})) {
    if (id.type != TypeOf<v1::ReceptionSession>().type()) continue;
    const std::optional<Aggregate> session = view.Load(id);
    if (!session) continue;
    for (const RecordId& entry : ChildrenOf<v1::VisitEntry>(*session)) {
      if (session->VoidOf(entry) != VoidState::kFlagged) continue;
      for (const RecordId& with : LoggedWith(view, *session, entry)) {
        const std::optional<Aggregate> other = view.Load(with);
        if (!other || other->VoidOf({}) != VoidState::kVoid || IsTouched(*action, with)) continue;
        if (other->VoidReason({}) != session->VoidReason(entry)) continue;
        NewOp op = OpOn(*other);
        op.writes.push_back({{}, kVoidTag, "", ""});
        action->ops.push_back(std::move(op));
      }
    }
  }
}

}  // namespace

std::vector<RecordId> LoggedWith(const StoreReader& view, const Aggregate& session, const RecordId& entry) {
  std::string full_id = FullId(session.id(), entry);
  std::vector<RecordId> related;
  for (const RecordId& id : tables::MattersOf(view.kv(), session.id())) {
    std::optional<Aggregate> matter = view.Load(id);
    if (!matter) continue;
    auto record = Show<v1::Matter>(*matter);
    for (const v1::Source& source : record.sources())
      if (source.entry() == full_id && record.sources_size() == 1) related.push_back(id);
  }
  RecordId visitor;
  if (RecordIdFromBytes(Show<v1::VisitEntry>(session, entry).visitor_id(), &visitor)) related.push_back(visitor);
  return related;
}

absl::Status ReleaseMerged(const ServiceContext& context, const StoreReader& view, const RecordId& parent,
                           std::string_view why, Action* action) {
  for (const RecordId& id : tables::MergedInto(view.kv(), parent)) {
    const std::optional<Aggregate> child = view.Load(id);
    if (!child || IsTouched(*action, id)) continue;
    if (!context.IsHub())
      return absl::FailedPreconditionError(
          Cat(Show<v1::Matter>(*child).number(), " 等事项已并入这一件，请先由镇里取消并案"));
    Release(context, *child, why, action);
  }
  return absl::OkStatus();
}

void AppendMending(const ServiceContext& context, const StoreReader& view, Action* action) {
  MendMerged(context, view, action);
  MendVisits(view, action);
  // All of them: words may have come late to the visit alone, which no row of the matter tells.
  for (const RecordId& id : tables::Accusations(view.kv()))
    if (const std::optional<Aggregate> matter = view.Load(id)) AppendBlanks(view, *matter, /*at_hub=*/true, action);
}

}  // namespace liaison
