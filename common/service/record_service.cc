#include "common/service/record_service.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "common/base/text.h"
#include "common/casework/guards.h"
#include "common/codec/token.h"
#include "common/crypto/hash.h"
#include "common/record/validate.h"
#include "common/service/edit.h"
#include "common/service/tables.h"
#include "common/service/visitors.h"

namespace liaison {
namespace {

constexpr int kMostRefusals = 20;  // told with the status

constexpr int kMostReasonChars = 200;

absl::Status NotFound(std::string_view id) { return absl::NotFoundError(Cat("没有编号为 ", id, " 的记录")); }

// The aggregate behind an id, and the child that the id names.
absl::StatusOr<Aggregate> LoadById(const StoreReader& reader, std::string_view text, RecordId* child) {
  RecordId root;
  if (!ParseFullId(text, &root, child)) return absl::InvalidArgumentError(Cat("记录编号“", text, "”无效"));
  std::optional<Aggregate> aggregate = reader.Load(root);
  if (!aggregate || aggregate->Find(*child) == nullptr) return NotFound(text);
  return *std::move(aggregate);
}

// Whatever was logged with a visit: its matters and its visitor.
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

// Undoing a visit undoes them too, but only as long as nobody else has worked on them; taking that back brings back
// what was undone for the same reason.
absl::Status VoidWithVisit(const ServiceContext& context, const StoreReader& view, const Aggregate& session,
                           const RecordId& entry, const std::string& value, Action* action) {
  for (const RecordId& id : LoggedWith(view, session, entry)) {
    std::optional<Aggregate> aggregate = view.Load(id);
    if (!aggregate) continue;
    bool voided = aggregate->VoidOf({}) == VoidState::kVoid;
    if (voided != value.empty()) continue;
    if (voided && aggregate->VoidReason({}) != session.VoidReason(entry)) continue;
    for (const auto& [actor, steps] : aggregate->lineage().steps())
      if (actor.station != context.station_id)
        return absl::FailedPreconditionError("镇里或其他站点已在办理这次来访的事项,不能整个作废");
    NewOp op;
    op.aggregate = id;
    op.context = aggregate->lineage().Visible();
    op.writes.push_back({{}, kVoidTag, "", value});
    action->ops.push_back(std::move(op));
  }
  return absl::OkStatus();
}

const char* MatchedText(FindIndex::Matched matched) {
  switch (matched) {
    case FindIndex::Matched::kNumber:
      return "编号";
    case FindIndex::Matched::kName:
      return "姓名";
    case FindIndex::Matched::kPinyin:
      return "拼音";
    case FindIndex::Matched::kPhone:
      return "电话";
    default:
      return "内容";
  }
}

}  // namespace

absl::StatusOr<std::string> ActionId(std::string_view hex) {
  std::string bytes;
  if (!Unhex(hex, &bytes) || bytes.size() != kActionIdBytes)
    return absl::InvalidArgumentError("action_id:应为20位十六进制数字(小写)");
  return bytes;
}

std::string RequestHash(const google::protobuf::Message& request) {
  std::string bytes = request.GetDescriptor()->full_name();
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return Sha256(bytes);
}

absl::StatusOr<v1::GetRecordResponse> RecordService::GetRecord(const v1::GetRecordRequest& request) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = context_.MakeViews(roster.get());
  RecordId child;
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(views.reader(), request.id(), &child));
  v1::GetRecordResponse response;
  *response.mutable_record() = views.Record(aggregate, child);
  return response;
}

absl::StatusOr<v1::GetHistoryResponse> RecordService::GetHistory(const v1::GetHistoryRequest& request) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = context_.MakeViews(roster.get());
  RecordId child;
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(views.reader(), request.id(), &child));
  v1::GetHistoryResponse response;
  for (v1::HistoryEvent& event : views.History(aggregate, child)) *response.add_events() = std::move(event);
  return response;
}

absl::StatusOr<v1::ChangeRecordResponse> RecordService::ChangeRecord(const v1::ChangeRecordRequest& request) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  RecordId root, child;
  if (!ParseFullId(request.id(), &root, &child))
    return absl::InvalidArgumentError(Cat("记录编号“", request.id(), "”无效"));
  ASSIGN_OR_RETURN(VersionVector context, ReadToken(request.token(), root));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RecordId found;
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(view, request.id(), &found));
    ASSIGN_OR_RETURN(Edit edit, MakeEdit(context_, view, aggregate, child, request.fields()));
    Action action;
    action.user = request.user();
    NewOp& op = action.ops.emplace_back();
    op.aggregate = root;
    op.context = context;
    op.writes = std::move(edit.writes);
    op.sealed = std::move(edit.sealed);
    return action;
  };
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  v1::GetRecordRequest again;
  again.set_id(request.id());
  ASSIGN_OR_RETURN(v1::GetRecordResponse read, GetRecord(again));
  v1::ChangeRecordResponse response;
  *response.mutable_record() = std::move(*read.mutable_record());
  response.set_repeated_action(committed.repeated);
  return response;
}

absl::StatusOr<v1::VoidRecordResponse> RecordService::VoidRecord(const v1::VoidRecordRequest& request) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  RecordId root, child;
  if (!ParseFullId(request.id(), &root, &child))
    return absl::InvalidArgumentError(Cat("记录编号“", request.id(), "”无效"));
  ASSIGN_OR_RETURN(VersionVector context, ReadToken(request.token(), root));
  if (!request.take_back() && request.reason().empty()) return absl::InvalidArgumentError("作废原因:不能为空");
  if (CountCodePoints(request.reason()) > kMostReasonChars)
    return absl::InvalidArgumentError(Cat("作废原因:最多", kMostReasonChars, "字"));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RecordId found;
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(view, request.id(), &found));
    VoidState state = aggregate.VoidOf(child);
    if (request.take_back() && state == VoidState::kLive) return absl::FailedPreconditionError("这条记录没有作废");
    // A file that was attached by mistake can be undone as long as its record may be edited.
    bool file = child.type == TypeOf<v1::AttachmentRef>().type();
    if (!request.take_back()) RETURN_IF_ERROR(CheckMayEdit(context_, aggregate, file ? RecordId() : child));
    if (!request.take_back() && child.IsRoot() && root.type == TypeOf<v1::Matter>().type())
      RETURN_IF_ERROR(CheckMayVoid(Views::StateOf(aggregate)));
    std::string value = request.take_back() ? "" : Cat("1", request.reason());
    Action action;
    action.user = request.user();
    NewOp op;
    op.aggregate = root;
    op.context = context;
    op.writes.push_back({child, kVoidTag, "", value});
    action.ops.push_back(std::move(op));
    if (child.type == TypeOf<v1::VisitEntry>().type())
      RETURN_IF_ERROR(VoidWithVisit(context_, view, aggregate, child, value, &action));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::GetRecordRequest again;
  again.set_id(request.id());
  ASSIGN_OR_RETURN(v1::GetRecordResponse read, GetRecord(again));
  v1::VoidRecordResponse response;
  *response.mutable_record() = std::move(*read.mutable_record());
  return response;
}

namespace {

std::string NumberOf(const StoreReader& reader, const std::string& full_id) {
  RecordId root, child;
  if (!ParseFullId(full_id, &root, &child)) return "";
  std::optional<Aggregate> aggregate = reader.Load(root);
  if (!aggregate) return "";
  if (child.type == TypeOf<v1::Assignment>().type()) return Show<v1::Assignment>(*aggregate, child).number();
  if (root.type == TypeOf<v1::Matter>().type()) return Show<v1::Matter>(*aggregate).number();
  if (child.type == TypeOf<v1::VisitEntry>().type()) return Show<v1::VisitEntry>(*aggregate, child).number();
  return Show<v1::ReceptionSession>(*aggregate).number();
}

}  // namespace

absl::StatusOr<v1::ListConflictsResponse> RecordService::ListConflicts(const v1::ListConflictsRequest& request) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = context_.MakeViews(roster.get());
  size_t limit = request.limit() > 0 ? static_cast<size_t>(request.limit()) : 200;
  v1::ListConflictsResponse response;
  for (const RecordId& id : tables::ToLookAt(views.reader().kv(), limit)) {
    std::optional<Aggregate> aggregate = views.reader().Load(id);
    if (!aggregate) continue;
    for (v1::ConflictView& conflict : views.Conflicts(*aggregate)) *response.add_conflicts() = std::move(conflict);
  }
  for (std::vector<std::string>& ids : tables::NumbersGivenTwice(views.reader().kv(), limit)) {
    v1::NumberClash& clash = *response.add_clashes();
    clash.set_number(NumberOf(views.reader(), ids.front()));
    for (std::string& id : ids) clash.add_ids(std::move(id));
  }
  return response;
}

namespace {

absl::StatusOr<FindFilter> FilterOf(const v1::FindRequest& request, const Roster& roster) {
  FindFilter filter;
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期:“", *date, "”不是有效日期"));
  filter.from = request.from();
  filter.to = request.to();
  for (const std::string* id : {&request.station_id(), &request.area_id()})
    if (!id->empty() && !roster.stations.contains(*id))
      return absl::InvalidArgumentError(Cat("站点:名册里没有“", *id, "”"));
  if (!request.station_id().empty()) filter.stations = {request.station_id()};
  if (!request.area_id().empty()) {
    if (!request.station_id().empty()) return absl::InvalidArgumentError("站点:写了站点,就不能再写片区");
    filter.stations = roster.MayEnterFor(request.area_id());
  }
  if (request.state() != v1::STATE_UNSPECIFIED) filter.state = request.state();
  if (!request.category().empty() && !roster.categories.contains(request.category()))
    return absl::InvalidArgumentError(Cat("类别:没有“", request.category(), "”这一类"));
  filter.category = request.category();
  if (request.has_track()) filter.track = request.track();
  if (!request.unit().empty() && !roster.departments.contains(request.unit()))
    return absl::InvalidArgumentError(Cat("承办单位:没有“", request.unit(), "”这个单位"));
  filter.unit = request.unit();
  return filter;
}

}  // namespace

absl::StatusOr<v1::FindResponse> RecordService::Find(const v1::FindRequest& request) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = context_.MakeViews(roster.get());
  size_t limit = request.limit() > 0 ? std::min<size_t>(static_cast<size_t>(request.limit()), 200) : 50;
  ASSIGN_OR_RETURN(FindFilter filter, FilterOf(request, *roster));
  FindIndex::Answer answer = context_.find->Search(request.query(), filter, limit);
  v1::FindResponse response;
  for (const FindIndex::Hit& hit : answer.hits) {
    std::optional<Aggregate> aggregate = views.reader().Load(hit.root);
    if (!aggregate) continue;
    v1::FindHit& shown = *response.add_hits();
    shown.set_id(FullId(hit.root, hit.child));
    shown.set_matched(MatchedText(hit.matched));
    shown.set_date(hit.date);
    if (hit.root.type == TypeOf<v1::Matter>().type()) {
      const auto matter = Show<v1::Matter>(*aggregate);
      shown.set_number(matter.number());
      shown.set_title(matter.title());
      shown.set_station_name(roster->StationName(matter.station_id()));
      shown.set_state(Views::StateOf(*aggregate));
      if (matter.sources_size() > 0) shown.set_visit_id(matter.sources(0).entry());
    } else {
      const auto visit = Show<v1::VisitEntry>(*aggregate, hit.child);
      shown.set_number(visit.number());
      shown.set_title(visit.original_words());
      shown.set_station_name(roster->StationName(Show<v1::ReceptionSession>(*aggregate).station_id()));
      shown.set_visitor_name(views.VisitorName(visit));
      shown.set_visit_id(shown.id());
    }
  }
  response.set_more(answer.more);
  response.set_building(answer.building);
  return response;
}

absl::StatusOr<v1::GetRosterResponse> RecordService::GetRoster(const v1::GetRosterRequest&) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  v1::GetRosterResponse response;
  for (const auto& [id, station] : roster->stations) *response.add_stations() = station;
  for (const auto& [id, deputy] : roster->deputies) *response.add_deputies() = deputy;
  for (const auto& [id, department] : roster->departments) *response.add_departments() = department;
  for (const auto& [code, category] : roster->categories)
    if (!category.retired()) *response.add_categories() = category;
  return response;
}

absl::StatusOr<v1::GetStatusResponse> RecordService::GetStatus(const v1::GetStatusRequest&) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  v1::GetStatusResponse response;
  response.set_role(context_.IsHub() ? "hub" : "station");
  response.set_station_id(context_.station_id);
  auto station = roster->stations.find(context_.station_id);
  response.set_station_name(context_.IsHub() ? "镇中心" : roster->StationName(context_.station_id));
  if (station != roster->stations.end()) {
    response.set_tier(station->second.tier());
    response.set_station_name(station->second.name());
  }
  response.set_node_id(context_.node_id);
  response.set_today(context_.Today());
  response.set_records(static_cast<int64_t>(context_.find->size()));
  response.set_ops(static_cast<int64_t>(context_.store->ops_held()));
  response.set_pending_ops(context_.IsHub() ? 0 : static_cast<int64_t>(context_.store->pending_ops()));
  ServiceContext::Link link = context_.link();
  response.set_link_up(link.up);
  response.set_last_receipt_ms(link.last_receipt_ms);
  response.set_link_error(link.error);
  response.set_hub_address(context_.hub_address);
  response.set_conflicts(static_cast<int32_t>(tables::CountToLookAt(*context_.store->Snapshot())));
  context_.store->Read().ForEach(TypeOf<v1::Refusal>().type(), [&](const Aggregate& aggregate) {
    if (aggregate.VoidOf({}) == VoidState::kVoid) return true;  // a person has taken the record
    auto refusal = Show<v1::Refusal>(aggregate);
    if (response.refusals_size() < kMostRefusals)
      response.add_refusals(
          Cat(roster->StationName(refusal.station_id()), " 第", refusal.seq(), "条:", refusal.reason()));
    response.set_refused(response.refused() + 1);
    return true;
  });
  *response.mutable_files() = context_.files();
  response.set_version(LIAISON_VERSION);
  if (!context_.IsHub())
    for (const std::string& id : roster->MayEnterFor(context_.station_id)) response.add_may_enter_for(id);
  return response;
}

absl::StatusOr<v1::VerifyResponse> RecordService::Verify(const v1::VerifyRequest&) const {
  Store::Check check = context_.store->Verify();
  v1::VerifyResponse response;
  response.set_ok(check.ok());
  response.set_ops(static_cast<int64_t>(check.ops));
  response.set_aggregates(static_cast<int64_t>(check.aggregates));
  response.set_rows(static_cast<int64_t>(check.rows));
  for (const std::string& difference : check.differences) response.add_differences(difference);
  response.set_summary(check.ok() ? Cat("重新计算与现有数据一致:", check.ops, "条原文,", check.aggregates, "份记录,",
                                        check.rows, "行统计")
                                  : Cat("有", check.differences.size(), "处不一致"));
  return response;
}

void RecordService::Register(Dispatcher* dispatcher) {
  auto add = [&]<typename Request, typename Response>(
                 std::string_view method, absl::StatusOr<Response> (RecordService::*handler)(const Request&) const) {
    dispatcher->Add<Request, Response>(
        "RecordService", method, [this, handler](const Request& r, const Caller&) { return (this->*handler)(r); });
  };
  add("GetRecord", &RecordService::GetRecord);
  add("GetHistory", &RecordService::GetHistory);
  add("ListConflicts", &RecordService::ListConflicts);
  add("Find", &RecordService::Find);
  add("GetRoster", &RecordService::GetRoster);
  add("GetStatus", &RecordService::GetStatus);
  add("Verify", &RecordService::Verify);
  dispatcher->Add<v1::ChangeRecordRequest, v1::ChangeRecordResponse>(
      "RecordService", "ChangeRecord", [this](v1::ChangeRecordRequest r, const Caller& caller) {
        if (r.user().empty()) r.set_user(caller.user);
        return ChangeRecord(r);
      });
  dispatcher->Add<v1::VoidRecordRequest, v1::VoidRecordResponse>("RecordService", "VoidRecord",
                                                                 [this](v1::VoidRecordRequest r, const Caller& caller) {
                                                                   if (r.user().empty()) r.set_user(caller.user);
                                                                   return VoidRecord(r);
                                                                 });
}

}  // namespace liaison
