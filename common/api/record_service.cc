#include "common/api/record_service.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "common/actions/edit.h"
#include "common/actions/mending.h"
#include "common/actions/settle.h"
#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/base/fault.h"
#include "common/base/folding.h"
#include "common/base/progress.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/utf8.h"
#include "common/codec/token.h"
#include "common/record/validate.h"
#include "common/rows/accusation_words.h"
#include "common/rows/tables.h"
#include "common/rules/matter/guards.h"
#include "common/rules/visitor/visitors.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

constexpr size_t kMostRefusals = 20;  // told with the status
constexpr size_t kAll = std::numeric_limits<size_t>::max();

constexpr int kMostReasonChars = 200;
constexpr size_t kFindAgain = 4;          // times as many hits are asked for where too few could be shown
constexpr int kMostFoundBefore = 10'000;  // hits that a page of found records may pass over

absl::Status NotFound(std::string_view id) { return absl::NotFoundError(Cat("没有编号为 ", id, " 的记录")); }

// The aggregate behind an id, if the viewer sees it, and the child that the id names.
absl::StatusOr<Aggregate> LoadById(const StoreReader& reader, const Viewer& viewer, std::string_view text,
                                   RecordId* child) {
  RecordId root;
  if (!ParseFullId(text, &root, child)) return absl::InvalidArgumentError(Cat("记录编号“", text, "”无效"));
  std::optional<Aggregate> aggregate = reader.Load(root);
  if (!aggregate || aggregate->Find(*child) == nullptr || !viewer.Sees(reader, *aggregate)) return NotFound(text);
  return *std::move(aggregate);
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
        return absl::FailedPreconditionError("镇里或其他站点已在办理这次来访的事项，不能整个作废");
    if (!value.empty()) RETURN_IF_ERROR(ReleaseMerged(context, view, id, "所并入的事项已作废", action));
    NewOp op = OpOn(*aggregate);
    op.writes.push_back({{}, kVoidTag, "", value});
    action->ops.push_back(std::move(op));
  }
  return absl::OkStatus();
}

bool SeesById(const Views& views, std::string_view text) {
  RecordId root, child;
  return views.viewer().sees_all() || (ParseFullId(text, &root, &child) && views.Load(root));
}

Action ActionOf(const std::string& user, const RecordId& root, const VersionVector& context, Edit edit) {
  return {user, {{root, context, std::move(edit.writes), std::move(edit.sealed), {}}}, {}, {}};
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

std::string_view ProgramVersion() { return LIAISON_VERSION; }

absl::StatusOr<v1::RecordView> RecordService::ViewOf(const std::string& id, const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  RecordId child;
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(views.reader(), views.viewer(), id, &child));
  return views.Record(aggregate, child);
}

absl::StatusOr<v1::GetRecordResponse> RecordService::GetRecord(const v1::GetRecordRequest& request,
                                                              const Caller& caller) const {
  v1::GetRecordResponse response;
  ASSIGN_OR_RETURN(*response.mutable_record(), ViewOf(request.id(), caller));
  return response;
}

absl::StatusOr<v1::GetHistoryResponse> RecordService::GetHistory(const v1::GetHistoryRequest& request,
                                                                const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  RecordId child;
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(views.reader(), views.viewer(), request.id(), &child));
  v1::GetHistoryResponse response;
  for (v1::HistoryEvent& event : views.History(aggregate, child)) *response.add_events() = std::move(event);
  return response;
}

absl::StatusOr<v1::ChangeRecordResponse> RecordService::ChangeRecord(const v1::ChangeRecordRequest& request,
                                                                    const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  RecordId root, child;
  if (!ParseFullId(request.id(), &root, &child))
    return absl::InvalidArgumentError(Cat("记录编号“", request.id(), "”无效"));
  ASSIGN_OR_RETURN(VersionVector context, ReadToken(request.token(), root));
  ASSIGN_OR_RETURN(Wish wish, ReadWish(root, child, request.fields()));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RecordId found;
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(view, Viewer::Of(caller), request.id(), &found));
    ASSIGN_OR_RETURN(Edit edit, MakeEdit(context_, view, aggregate, child, wish));
    RETURN_IF_ERROR(CheckDateOf(context_, aggregate, child, edit.writes, request.date_meant()));
    return ActionOf(request.user(), root, context, std::move(edit));
  };
  ASSIGN_OR_RETURN(std::string hash, RequestHash(context_.store, request));
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, hash, build));
  v1::ChangeRecordResponse response;
  ASSIGN_OR_RETURN(*response.mutable_record(), ViewOf(request.id(), caller));
  response.set_repeated_action(committed.repeated);
  return response;
}

namespace {

// The void field's new value: empty takes the void back. Of an accusation no words are kept, nor a reason.
std::string VoidValue(const v1::VoidRecordRequest& request, bool accusation) {
  if (request.take_back()) return "";
  return Cat("1", accusation ? kAccusationWords : request.reason());
}

// Whether the child may be voided, or be taken back, as it stands. OK: nothing that follows needs to ask again.
absl::Status CheckMayVoidChild(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child,
                               bool take_back) {
  RETURN_IF_ERROR(CheckNotOfPeople(aggregate));
  const TypeInfo* type = FindType(child.IsRoot() ? aggregate.id().type : child.type);
  if (type != nullptr && type->rules.owner() == v1::OWNER_HUB && !context.IsHub())
    return FixedField(type->rules.label(), "只能由镇里作废");
  if (take_back && aggregate.VoidOf(child) == VoidState::kLive)
    return absl::FailedPreconditionError("这条记录没有作废");
  // A file that was attached by mistake can be undone as long as its record may be edited.
  const RecordId guarded = child.type == TypeOf<v1::AttachmentRef>().type() ? RecordId() : child;
  if (take_back) return CheckMayWrite(context, aggregate, guarded);
  RETURN_IF_ERROR(CheckMayEdit(context, aggregate, guarded));
  const bool matter = child.IsRoot() && aggregate.id().type == TypeOf<v1::Matter>().type();
  return matter ? CheckMayVoid(Views::StateOf(aggregate)) : absl::OkStatus();
}

// The ops that void the child, or take it back, and whatever goes with it. `seen`: of the author's screen.
absl::StatusOr<Action> VoidAction(const ServiceContext& context, const StoreReader& view, const Aggregate& aggregate,
                                  const RecordId& child, const VersionVector& seen,
                                  const v1::VoidRecordRequest& request) {
  RETURN_IF_ERROR(CheckMayVoidChild(context, aggregate, child, request.take_back()));
  const bool matter = child.IsRoot() && aggregate.id().type == TypeOf<v1::Matter>().type();
  const std::string value = VoidValue(request, matter && IsAccusation(Show<v1::Matter>(aggregate)));
  Action action;
  action.user = request.user();
  if (matter && !value.empty())
    RETURN_IF_ERROR(ReleaseMerged(context, view, aggregate.id(), "所并入的事项已作废", &action));
  action.ops.push_back({aggregate.id(), seen, {{child, kVoidTag, "", value}}, {}, {}});
  if (child.type == TypeOf<v1::VisitEntry>().type())
    RETURN_IF_ERROR(VoidWithVisit(context, view, aggregate, child, value, &action));
  return action;
}

}  // namespace

absl::StatusOr<Store::Committed> RecordService::Void(const v1::VoidRecordRequest& request, const std::string& hash,
                                                     const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  RecordId root;
  if (RecordId child; !ParseFullId(request.id(), &root, &child))
    return absl::InvalidArgumentError(Cat("记录编号“", request.id(), "”无效"));
  ASSIGN_OR_RETURN(VersionVector seen, ReadToken(request.token(), root));
  if (!request.take_back() && request.reason().empty()) return WrongField("作废原因", "不能为空");
  if (CountChars(request.reason()) > kMostReasonChars)
    return WrongField("作废原因", Cat("最多", kMostReasonChars, "字"));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    RecordId child;
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(view, Viewer::Of(caller), request.id(), &child));
    return VoidAction(context_, view, aggregate, child, seen, request);
  };
  return context_.store->Commit(action_id, hash, build);
}

absl::StatusOr<v1::VoidRecordResponse> RecordService::VoidRecord(const v1::VoidRecordRequest& request,
                                                                const Caller& caller) {
  RETURN_IF_ERROR(Void(request, RequestHash(request), caller).status());
  v1::VoidRecordResponse response;
  ASSIGN_OR_RETURN(*response.mutable_record(), ViewOf(request.id(), caller));
  return response;
}

absl::StatusOr<v1::ListConflictsResponse> RecordService::ListConflicts(const v1::ListConflictsRequest& request,
                                                                      const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  if (request.offset() < 0) return absl::InvalidArgumentError("从第几处起：不能小于0");
  const size_t limit = request.limit() > 0 ? static_cast<size_t>(request.limit()) : 200;
  const size_t offset = static_cast<size_t>(request.offset());
  // Who does not see all has them looked through for those that he sees.
  const size_t read_most = views.viewer().sees_all() ? offset + limit : kAll;
  size_t place = 0;
  auto on_page = [&] { return place++ >= offset && place <= offset + limit; };
  v1::ListConflictsResponse response;
  for (const RecordId& id : tables::ToLookAt(views.reader().kv(), read_most)) {
    if (place >= offset + limit) break;
    std::optional<Aggregate> aggregate = views.Load(id);
    if (!aggregate) continue;
    for (v1::ConflictView& conflict : views.Conflicts(*aggregate))
      if (on_page()) *response.add_conflicts() = std::move(conflict);
  }
  size_t clash_place = 0;
  for (std::vector<std::string>& ids : tables::NumbersGivenTwice(views.reader().kv(), read_most)) {
    std::erase_if(ids, [&](const std::string& id) { return !SeesById(views, id); });
    if (ids.empty() || clash_place++ < offset) continue;
    if (clash_place > offset + limit) break;
    v1::NumberClash& clash = *response.add_clashes();
    clash.set_number(NumberOf(views.reader(), ids.front()));
    for (std::string& id : ids) {
      clash.add_texts(WhatIs(views.reader(), *roster, id));
      clash.add_ids(std::move(id));
    }
  }
  response.set_total(static_cast<int32_t>(DisagreementsSeen(views)));
  return response;
}

int64_t RecordService::Disagreements() const {
  const uint64_t held = context_.store->ops_held();
  absl::MutexLock lock(&counted_mutex_);
  if (!counted_ || counted_->first != held)
    counted_.emplace(held, static_cast<int64_t>(tables::CountDisagreements(*context_.store->Snapshot())));
  return counted_->second;
}

int64_t RecordService::DisagreementsSeen(const Views& views) const {
  if (views.viewer().sees_all()) return Disagreements();
  int64_t count = 0;
  for (const RecordId& id : tables::ToLookAt(views.reader().kv(), kAll))
    if (const std::optional<Aggregate> aggregate = views.Load(id))
      count += static_cast<int64_t>(CountDisagreements(*aggregate));
  for (const std::vector<std::string>& ids : tables::NumbersGivenTwice(views.reader().kv(), kAll))
    count += std::any_of(ids.begin(), ids.end(), [&](const std::string& id) { return SeesById(views, id); }) ? 1 : 0;
  return count;
}

void RecordService::FillRefusals(const Views& views, const Roster& roster, v1::GetStatusResponse* response) const {
  int32_t count = 0;
  for (const RecordId& id : tables::Refusals(views.reader().kv())) {
    const bool told = static_cast<size_t>(count) < kMostRefusals;
    if (!told && views.viewer().sees_all()) {
      ++count;
      continue;
    }
    const std::optional<Aggregate> aggregate = views.Load(id);
    if (!aggregate) continue;
    ++count;
    if (!told) continue;
    const auto refusal = Show<v1::Refusal>(*aggregate);
    response->add_refusals(
        Cat(roster.StationName(refusal.station_id()), " 第", refusal.seq(), "条：", refusal.reason()));
  }
  response->set_refused(count);
}

absl::StatusOr<v1::SettleResponse> RecordService::SettleVoid(const v1::SettleRequest& request, const std::string& token,
                                                             const Caller& caller) {
  if (request.side() != kSideVoid && request.side() != kSideKeep)
    return absl::InvalidArgumentError(Cat("选用：应为“", kSideVoid, "”或“", kSideKeep, "”"));
  v1::VoidRecordRequest change;
  change.set_action_id(request.action_id());
  change.set_id(request.id());
  change.set_token(token);
  change.set_user(request.user());
  change.set_take_back(request.side() == kSideKeep);
  if (!change.take_back()) change.set_reason(request.reason().empty() ? "核对后作废" : request.reason());
  // The hash is of what was asked: the token may be only of now, and a repetition would have another.
  ASSIGN_OR_RETURN(const Store::Committed committed, Void(change, RequestHash(request), caller));
  v1::SettleResponse response;
  ASSIGN_OR_RETURN(*response.mutable_record(), ViewOf(request.id(), caller));
  response.set_repeated_action(committed.repeated);
  return response;
}

absl::StatusOr<v1::SettleResponse> RecordService::Settle(const v1::SettleRequest& request, const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  if (request.side().empty() == request.text().empty())
    return absl::InvalidArgumentError("选用：请选其中一个，或者写新的内容，两者只能有一个");
  ASSIGN_OR_RETURN(const v1::RecordView now, ViewOf(request.id(), caller));
  const std::string token = request.token().empty() ? now.token() : request.token();
  const bool only_void = request.field().empty() && now.flagged() && now.conflicts() == 1;
  if (request.field() == kVoidField || only_void) return SettleVoid(request, token, caller);
  RecordId root, child;
  ParseFullId(request.id(), &root, &child);  // ViewOf has found it
  ASSIGN_OR_RETURN(VersionVector context, ReadToken(token, root));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    if (request.field() == kNumberField && request.side() == kSideKeep)
      return KeepNumber(context_, view, request.id(), request.user());
    RecordId found;
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadById(view, Viewer::Of(caller), request.id(), &found));
    ASSIGN_OR_RETURN(Edit edit, MakeSettlement(context_, view, aggregate, child, request));
    return ActionOf(request.user(), root, context, std::move(edit));
  };
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  v1::SettleResponse response;
  ASSIGN_OR_RETURN(*response.mutable_record(), ViewOf(request.id(), caller));
  response.set_repeated_action(committed.repeated);
  return response;
}

namespace {

absl::StatusOr<FindFilter> FilterOf(const v1::FindRequest& request, const Roster& roster) {
  FindFilter filter;
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  filter.from = request.from();
  filter.to = request.to();
  for (const std::string* id : {&request.station_id(), &request.area_id()})
    if (!id->empty() && !roster.stations.contains(*id))
      return absl::InvalidArgumentError(Cat("站点：名册里没有“", *id, "”"));
  if (!request.station_id().empty()) filter.stations = {request.station_id()};
  if (!request.area_id().empty()) {
    if (!request.station_id().empty()) return absl::InvalidArgumentError("站点：写了站点，就不能再写片区");
    filter.stations = roster.MayEnterFor(request.area_id());
  }
  if (request.state() != v1::STATE_UNSPECIFIED) filter.state = request.state();
  if (!request.category().empty() && !roster.categories.contains(request.category()))
    return absl::InvalidArgumentError(Cat("类别：没有“", request.category(), "”这一类"));
  filter.category = request.category();
  if (request.has_track()) filter.track = request.track();
  if (!request.unit().empty() && !roster.departments.contains(request.unit()))
    return absl::InvalidArgumentError(Cat("承办单位：没有“", request.unit(), "”这个单位"));
  filter.unit = request.unit();
  return filter;
}

}  // namespace

namespace {

// What the index answers, of what the viewer sees. The index knows nobody: where it names others' records too it is
// asked for more, until there are more than `limit` to be shown or there is nothing left.
FindIndex::Answer SearchSeen(FindIndex* find, const Views& views, std::string_view query, const FindFilter& filter,
                             size_t limit) {
  for (size_t asked = limit;; asked *= kFindAgain) {
    FindIndex::Answer answer = find->Search(query, filter, asked);
    if (views.viewer().sees_all()) return answer;
    std::erase_if(answer.hits, [&](const FindIndex::Hit& hit) { return !views.Load(hit.root); });
    if (answer.hits.size() <= limit && answer.more) continue;
    answer.more = answer.hits.size() > limit;
    if (answer.more)
      answer.hits.erase(answer.hits.begin() + static_cast<ptrdiff_t>(limit), answer.hits.end());
    return answer;
  }
}

void FillHit(const Views& views, const Roster& roster, const FindIndex::Hit& hit, const Aggregate& aggregate,
             v1::FindHit* shown) {
  shown->set_id(FullId(hit.root, hit.child));
  shown->set_matched(MatchedText(hit.matched));
  shown->set_date(hit.date);
  if (hit.root.type == TypeOf<v1::Matter>().type()) {
    auto matter = Show<v1::Matter>(aggregate);
    if (IsAccusation(matter)) HideWords(&matter);
    shown->set_number(matter.number());
    shown->set_title(matter.title());
    shown->set_station_name(roster.StationName(matter.station_id()));
    shown->set_state(Views::StateOf(aggregate));
    if (matter.sources_size() > 0) shown->set_visit_id(matter.sources(0).entry());
    return;
  }
  auto visit = Show<v1::VisitEntry>(aggregate, hit.child);
  if (UnwrittenOf(views.reader(), aggregate)(hit.child)) HideWords(&visit);
  shown->set_number(visit.number());
  shown->set_title(visit.original_words());
  shown->set_station_name(roster.StationName(Show<v1::ReceptionSession>(aggregate).station_id()));
  shown->set_visitor_name(views.VisitorName(visit));
  shown->set_visit_id(shown->id());
}

}  // namespace

absl::StatusOr<v1::FindResponse> RecordService::Find(const v1::FindRequest& request, const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  size_t limit = request.limit() > 0 ? std::min<size_t>(static_cast<size_t>(request.limit()), 200) : 50;
  ASSIGN_OR_RETURN(FindFilter filter, FilterOf(request, *roster));
  if (request.offset() < 0 || request.offset() > kMostFoundBefore)
    return absl::InvalidArgumentError(Cat("从第几条起：应为0到", kMostFoundBefore));
  const auto offset = static_cast<size_t>(request.offset());
  FindIndex::Answer answer = SearchSeen(context_.find, views, request.query(), filter, offset + limit);
  if (answer.hits.empty())  // a number whose brackets were typed otherwise: 恒民意[2026]D057-0001
    if (const std::string number = NumberText(request.query()); number.find("〔") != std::string::npos)
      answer = SearchSeen(context_.find, views, number, filter, offset + limit);
  v1::FindResponse response;
  size_t place = 0;
  for (const FindIndex::Hit& hit : answer.hits) {
    if (place++ < offset) continue;
    if (const std::optional<Aggregate> aggregate = views.Load(hit.root))
      FillHit(views, *roster, hit, *aggregate, response.add_hits());
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

absl::StatusOr<v1::GetStatusResponse> RecordService::GetStatus(const v1::GetStatusRequest&,
                                                              const Caller& caller) const {
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
  if (context_.box != nullptr) *response.mutable_clock() = context_.box->State();
  response.set_records(static_cast<int64_t>(context_.find->size()));
  response.set_ops(static_cast<int64_t>(context_.store->ops_held()));
  response.set_pending_ops(context_.IsHub() ? 0 : static_cast<int64_t>(context_.store->pending_ops()));
  ServiceContext::Link link = context_.link();
  response.set_link_up(link.up);
  response.set_last_receipt_ms(link.last_receipt_ms);
  response.set_link_error(link.error);
  response.set_hub_address(context_.hub_address);
  const Views views = MakeViews(context_, roster.get(), caller);
  response.set_conflicts(static_cast<int32_t>(DisagreementsSeen(views)));
  FillRefusals(views, *roster, &response);
  if (context_.files) *response.mutable_files() = context_.files();
  if (context_.port) *response.mutable_port() = context_.port();
  if (context_.network) *response.mutable_network() = context_.network();
  for (const RunningWork& work : AllRunningWork()) {
    v1::RunningWork& progress = *response.add_work();
    progress.set_what(work.what);
    progress.set_done(work.done);
    progress.set_total(work.total);
    progress.set_unit(work.unit);
    progress.set_started_ms(work.started_ms);
  }
  response.set_version(std::string(ProgramVersion()));
  if (!context_.IsHub())
    for (const std::string& id : roster->MayEnterFor(context_.station_id)) response.add_may_enter_for(id);
  return response;
}

absl::StatusOr<v1::SetTodayResponse> RecordService::SetToday(const v1::SetTodayRequest& request) {
  if (context_.box == nullptr) return absl::FailedPreconditionError("今天的日期：这里不能写明");
  RETURN_IF_ERROR(context_.box->Give(request.today(), request.user()));
  v1::SetTodayResponse response;
  response.set_today(context_.Today());
  *response.mutable_clock() = context_.box->State();
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
  response.set_summary(check.ok() ? Cat("重新计算与现有数据一致：", check.ops, "条原文，", check.aggregates, "份记录，",
                                        check.rows, "行统计")
                                  : Cat("有", check.differences.size(), "处不一致"));
  return response;
}

void RecordService::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "RecordService", this, &context_);
  methods.Bind("GetRecord", &RecordService::GetRecord);
  methods.Bind("GetHistory", &RecordService::GetHistory);
  methods.Bind("ChangeRecord", &RecordService::ChangeRecord);
  methods.Bind("VoidRecord", &RecordService::VoidRecord);
  methods.Bind("ListConflicts", &RecordService::ListConflicts);
  methods.Bind("Settle", &RecordService::Settle);
  methods.Bind("Find", &RecordService::Find);
  methods.Bind("GetRoster", &RecordService::GetRoster);
  methods.Bind("GetStatus", &RecordService::GetStatus);
  methods.Bind("SetToday", &RecordService::SetToday);
  methods.Bind("Verify", &RecordService::Verify);
  methods.Bind("RevealVisitor", &RecordService::RevealVisitor);
  methods.Bind("ListAudit", &RecordService::ListAudit);
}

}  // namespace liaison
