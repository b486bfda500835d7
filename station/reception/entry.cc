#include "station/reception/entry.h"

#include <algorithm>

#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/roster/roster.h"
#include "common/rules/visitor/visitors.h"

namespace liaison {
namespace {

constexpr size_t kMostMatters = 20;

std::string At(size_t i, size_t count) { return count == 1 ? "" : Cat("第", i + 1, "件事项，"); }

}  // namespace

absl::Status CheckDeputies(const Roster& roster, const v1::ReceptionSession& session) {
  for (const v1::SessionDeputy& deputy : session.deputies())
    RETURN_IF_ERROR(CheckServes(roster, "接待代表", deputy.deputy_id(), session.date()));
  return absl::OkStatus();
}

absl::Status CheckReceives(const Roster& roster, const v1::ReceptionSession& session) {
  auto found = roster.stations.find(session.station_id());
  if (found == roster.stations.end()) return absl::OkStatus();
  const v1::Station& station = found->second;
  if (session.date() < station.status_date()) return absl::OkStatus();
  const std::string since =
      station.status_date().empty() ? "站点：本站点已" : Cat("站点：本站点已于", station.status_date());
  if (station.status() == v1::STATION_MERGED)
    return absl::FailedPreconditionError(
        Cat(since, "并入", roster.StationName(station.merged_into()), "，此后的接待请到那里登记"));
  if (station.status() == v1::STATION_CLOSED) return absl::FailedPreconditionError(Cat(since, "撤销，不再登记接待"));
  return absl::OkStatus();
}

absl::StatusOr<Aggregate> LoadSession(const StoreReader& reader, std::string_view text) {
  RecordId id;
  if (!ParseRecordId(text, &id) || id.type != TypeOf<v1::ReceptionSession>().type())
    return absl::InvalidArgumentError(Cat("接待场次：编号“", text, "”无效"));
  std::optional<Aggregate> session = reader.Load(id);
  if (!session) return absl::NotFoundError("接待场次：没有这一场");
  return *std::move(session);
}

absl::StatusOr<Aggregate> LoadSession(const StoreReader& reader, const Viewer& viewer, std::string_view text) {
  ASSIGN_OR_RETURN(Aggregate session, LoadSession(reader, text));
  if (!viewer.Sees(reader, session)) return absl::NotFoundError("接待场次：没有这一场");
  return session;
}

absl::Status CheckSession(const v1::ReceptionSession& session) {
  v1::ReceptionSession checked = session;
  if (checked.form() == v1::FORM_OPINION_BOX && checked.deputies().empty())
    checked.add_deputies()->set_deputy_id("box");
  RETURN_IF_ERROR(Validate(checked));
  if (!session.end().empty() && session.end() < session.start())
    return absl::InvalidArgumentError("结束时间：不能早于开始时间");
  for (const v1::SessionDeputy& deputy : session.deputies()) RETURN_IF_ERROR(CheckSessionDeputy(deputy, session));
  return absl::OkStatus();
}

absl::Status CheckMayWorkOn(const ServiceContext& context, const Roster& roster, const Aggregate& aggregate) {
  auto session = Show<v1::ReceptionSession>(aggregate);
  RETURN_IF_ERROR(CheckMayEnterFor(context, roster, session.station_id()));
  if (aggregate.VoidOf({}) == VoidState::kVoid) return absl::FailedPreconditionError("接待场次：这一场已作废");
  if (session.historical()) return absl::FailedPreconditionError("接待场次：旧台账的场次只供查阅");
  return absl::OkStatus();
}

absl::Status AppendVisit(const ServiceContext& context, const std::string& action_id, uint16_t index, VisitInput input,
                         NumberGiver* numbers, VisitIds* ids, Action* action) {
  const std::string& station = input.session.station_id();
  const std::string& date = input.session.date();
  if (input.matters.size() > kMostMatters) return absl::InvalidArgumentError(Cat("事项：一次最多", kMostMatters, "件"));
  for (size_t i = 0; i < input.matters.size(); ++i)
    if (!input.matters[i].historical() || input.matters[i].guide_code() == v1::GUIDE_ACCUSATION)
      RETURN_IF_ERROR(InPlace(At(i, input.matters.size()), SettleGuiding(&input.matters[i])));
  bool accusation = std::any_of(input.matters.begin(), input.matters.end(), IsAccusation);
  // What else was said on that visit could tell of it.
  if (accusation && input.matters.size() > 1)
    return absl::InvalidArgumentError("事项：检举控告请单独登记，不与其他事项记在同一次来访里");
  if (accusation) {
    input.visitor.Clear();
    input.entry.set_original_words(kAccusationWords);
    input.entry.clear_remark();
    input.entry.clear_village_group();
  }
  RETURN_IF_ERROR(NormaliseVisitor(&input.visitor));
  bool named = !Trim(input.visitor.name()).empty() || !input.visitor.phone().empty();
  ids->entry = RecordId::Random(TypeOf<v1::VisitEntry>().type(), action_id, index++);
  std::string entry_full_id = FullId(ids->session, ids->entry);
  v1::VisitEntry& entry = input.entry;
  if (entry.headcount() == 0) entry.set_headcount(1);
  entry.set_anonymous(!named);
  entry.set_number(numbers->Entry(date));
  entry.set_import_batch(input.import_batch);
  entry.clear_visitor_id();
  if (named) {
    RecordId visitor_id = RecordId::Random(TypeOf<v1::Visitor>().type(), action_id, index++);
    entry.set_visitor_id(ToBytes(visitor_id));
    NewVisitor visitor = SealVisitor(visitor_id, input.visitor, station, input.import_batch, context.random());
    action->ops.push_back(std::move(visitor.op));
    action->keys.push_back(std::move(visitor.key));
  }
  RETURN_IF_ERROR(Validate(entry));
  NewOp& visit_op = action->ops.emplace_back();
  visit_op.aggregate = ids->session;
  WritesOf(entry, ids->entry, &visit_op.writes, &visit_op.sealed);
  for (size_t i = 0; i < input.matters.size(); ++i) {
    v1::Matter& matter = input.matters[i];
    for (const FieldInfo& field : TypeOf<v1::Matter>().fields)  // whatever a request says
      if (field.rules.owner() == v1::OWNER_HUB) v1::Matter::GetReflection()->ClearField(&matter, field.descriptor);
    if (matter.title().empty()) matter.set_title(Truncate(matter.content(), 40));
    matter.set_station_id(station);
    matter.set_date(date);
    matter.set_import_batch(input.import_batch);
    if (!matter.historical()) {
      RETURN_IF_ERROR(InPlace(At(i, input.matters.size()), CheckNewMatter(matter)));
      matter.mutable_status()->set_to(FirstState(matter.disposition()));
      matter.mutable_status()->set_date(date);
    }
    if (entry.confidential()) matter.set_confidential(true);
    matter.clear_sources();
    v1::Source& source = *matter.add_sources();
    source.set_entry(entry_full_id);
    source.set_station_id(station);
    source.set_session_id(ToBytes(ids->session));
    matter.set_number(numbers->Matter(date));
    RETURN_IF_ERROR(InPlace(At(i, input.matters.size()), Validate(matter)));
    NewOp& op = action->ops.emplace_back();
    op.aggregate = RecordId::Random(TypeOf<v1::Matter>().type(), action_id, index++);
    WritesOf(matter, {}, &op.writes, &op.sealed);
    ids->matters.push_back(op.aggregate);
  }
  return absl::OkStatus();
}

}  // namespace liaison
