#include "station/reception/reception.h"

#include <algorithm>

#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/api/views.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/codec/token.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/reception/attendance.h"
#include "common/rules/roster/roster.h"
#include "common/store/op_on.h"
#include "common/store/store.h"
#include "station/reception/entry.h"

namespace liaison {
namespace {

constexpr int kMostRows = 1000;

absl::Status CheckDates(std::string_view from, std::string_view to) {
  for (std::string_view date : {from, to})
    if (!date.empty() && !IsDate(date)) return absl::InvalidArgumentError(Cat("日期：“", date, "”不是有效日期"));
  return absl::OkStatus();
}

// The first visit of a planned session opens it.
NewOp StartOp(const Aggregate& planned) {
  v1::ReceptionSession change;
  change.mutable_status()->set_to(v1::SESSION_OPEN);
  change.mutable_status()->set_date(Show<v1::ReceptionSession>(planned).date());
  NewOp op = OpOn(planned);
  WritesOf(change, {}, &op.writes, &op.sealed);
  return op;
}

}  // namespace

absl::StatusOr<v1::OpenSessionResponse> Reception::OpenSession(const v1::OpenSessionRequest& request,
                                                              const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  RecordId id = RecordId::Random(TypeOf<v1::ReceptionSession>().type(), action_id, 0);
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    v1::ReceptionSession session = request.session();
    if (session.station_id().empty()) session.set_station_id(context_.station_id);
    ASSIGN_OR_RETURN(*session.mutable_date(), context_.DateOr(session.date()));
    if (session.form() == v1::FORM_UNSPECIFIED) session.set_form(v1::FORM_RECEPTION_DAY);
    session.set_historical(false);
    session.clear_import_batch();
    session.clear_number();
    session.mutable_status()->set_to(v1::SESSION_OPEN);
    session.mutable_status()->set_date(session.date());
    RETURN_IF_ERROR(CheckSession(session));
    RETURN_IF_ERROR(context_.CheckDate("接待日期", session.date(), request.date_meant(), session.paper_pending()));
    RETURN_IF_ERROR(CheckMayEnterFor(context_, *roster, session.station_id()));
    RETURN_IF_ERROR(CheckReceives(*roster, session));
    RETURN_IF_ERROR(CheckDeputies(*roster, session));
    NumberGiver numbers = NumbersFor(context_, *roster, view);
    session.set_number(numbers.Session(session.date()));
    Action action;
    action.user = request.user();
    NewOp& op = action.ops.emplace_back();
    op.aggregate = id;
    WritesOf(session, {}, &op.writes, &op.sealed);
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  Views views = MakeViews(context_, roster.get(), caller);
  v1::OpenSessionResponse response;
  ASSIGN_OR_RETURN(Aggregate session, LoadSession(views.reader(), ToText(id)));
  *response.mutable_session() = views.Session(session);
  return response;
}

absl::StatusOr<v1::CloseSessionResponse> Reception::CloseSession(const v1::CloseSessionRequest& request,
                                                                const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  RecordId id;
  if (!ParseRecordId(request.session_id(), &id)) return absl::InvalidArgumentError("接待场次：编号无效");
  ASSIGN_OR_RETURN(VersionVector context, ReadToken(request.token(), id));
  const Viewer viewer = Viewer::Of(caller);
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadSession(view, viewer, request.session_id()));
    auto session = Show<v1::ReceptionSession>(aggregate);
    RETURN_IF_ERROR(CheckMayEnterFor(context_, *roster, session.station_id()));
    if (aggregate.VoidOf({}) == VoidState::kVoid) return absl::FailedPreconditionError("这一场已作废");
    RETURN_IF_ERROR(CheckMayClose(session, Views::SessionStateOf(aggregate)));
    if (!request.end().empty() && request.end() < session.start())
      return absl::InvalidArgumentError("结束时间：不能早于开始时间");
    v1::ReceptionSession change;
    change.mutable_status()->set_to(v1::SESSION_CLOSED);
    change.mutable_status()->set_date(session.date());
    change.set_end(request.end());
    change.set_unregistered_count(request.unregistered_count());
    for (int field : {v1::ReceptionSession::kEndFieldNumber, v1::ReceptionSession::kUnregisteredCountFieldNumber})
      RETURN_IF_ERROR(ValidateField(change, field));
    Action action;
    action.user = request.user();
    NewOp& op = action.ops.emplace_back();
    op.aggregate = id;
    op.context = context;
    WritesOf(change, {}, &op.writes, &op.sealed);
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  Views views = MakeViews(context_, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate session, LoadSession(views.reader(), request.session_id()));
  v1::CloseSessionResponse response;
  *response.mutable_session() = views.Session(session);
  return response;
}

absl::StatusOr<v1::ListSessionsResponse> Reception::ListSessions(const v1::ListSessionsRequest& request,
                                                                const Caller& caller) const {
  RETURN_IF_ERROR(CheckDates(request.from(), request.to()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  std::vector<RecordId> ids;
  tables::ByDate(views.reader().kv(), TypeOf<v1::ReceptionSession>().type(), request.from(), request.to(),
                 [&](const RecordId& id, std::string_view, std::string_view station) {
                   if (!request.station_id().empty() && station != request.station_id()) return true;
                   if (views.viewer().sees_all() || views.Load(id)) ids.push_back(id);
                   return true;
                 });
  size_t limit = request.limit() > 0 ? static_cast<size_t>(request.limit()) : 100;
  if (request.offset() < 0) return absl::InvalidArgumentError("从第几场起：不能小于0");
  v1::ListSessionsResponse response;
  response.set_total(static_cast<int32_t>(ids.size()));
  const auto first = std::min<size_t>(static_cast<size_t>(request.offset()), ids.size());
  for (auto it = ids.rbegin() + static_cast<ptrdiff_t>(first);
       it != ids.rend() && static_cast<size_t>(response.sessions_size()) < limit; ++it) {
    std::optional<Aggregate> session = views.reader().Load(*it);
    if (session) *response.add_sessions() = views.Session(*session);
  }
  return response;
}

absl::StatusOr<v1::LogVisitResponse> Reception::LogVisit(const v1::LogVisitRequest& request, const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const Viewer viewer = Viewer::Of(caller);
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    ASSIGN_OR_RETURN(Aggregate aggregate, LoadSession(view, viewer, request.session_id()));
    VisitInput input;
    input.session = Show<v1::ReceptionSession>(aggregate);
    RETURN_IF_ERROR(CheckMayEnterFor(context_, *roster, input.session.station_id()));
    RETURN_IF_ERROR(CheckReceives(*roster, input.session));
    if (aggregate.VoidOf({}) == VoidState::kVoid) return absl::FailedPreconditionError("接待场次：这一场已作废");
    if (input.session.historical()) return absl::FailedPreconditionError("接待场次：旧台账的场次不能再登记");
    if (Views::SessionStateOf(aggregate) == v1::SESSION_CLOSED)
      return absl::FailedPreconditionError("接待场次：这一场已经结束，请另开一场");
    // The day of an open session was checked when it was opened.
    const bool meant = request.date_meant() || Views::SessionStateOf(aggregate) == v1::SESSION_OPEN;
    RETURN_IF_ERROR(context_.CheckDate("接待日期", input.session.date(), meant, input.session.paper_pending()));
    input.entry = request.entry();
    input.entry.set_historical(false);
    input.entry.set_seq(static_cast<uint32_t>(ChildrenOf<v1::VisitEntry>(aggregate).size()) + 1);
    input.visitor = request.visitor();
    for (const v1::Matter& given : request.matters()) {
      v1::Matter matter = given;
      matter.set_historical(false);
      matter.clear_import_key();
      if (matter.content().empty()) matter.set_content(request.entry().original_words());
      if (!matter.category().empty() && !roster->categories.contains(matter.category()))
        return absl::InvalidArgumentError(Cat("类别：没有编号为“", matter.category(), "”的类别"));
      if (!matter.answered_by().empty())
        RETURN_IF_ERROR(CheckServes(*roster, "答复代表", matter.answered_by(), input.session.date()));
      input.matters.push_back(std::move(matter));
    }
    NumberGiver numbers = NumbersFor(context_, *roster, view);
    VisitIds ids;
    ids.session = aggregate.id();
    Action action;
    action.user = request.user();
    if (Views::SessionStateOf(aggregate) == v1::SESSION_PLANNED) action.ops.push_back(StartOp(aggregate));
    RETURN_IF_ERROR(AppendVisit(context_, action_id, 0, std::move(input), &numbers, &ids, &action));
    action.result = FullId(ids.session, ids.entry);
    return action;
  };
  ASSIGN_OR_RETURN(std::string hash, RequestHash(context_.store, request));
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, hash, build));
  v1::GetVisitRequest read;
  read.set_id(committed.result);
  ASSIGN_OR_RETURN(v1::GetVisitResponse visit, GetVisit(read, caller));
  v1::LogVisitResponse response;
  *response.mutable_visit() = std::move(*visit.mutable_visit());
  response.set_repeated_action(committed.repeated);
  return response;
}

absl::StatusOr<v1::GetVisitResponse> Reception::GetVisit(const v1::GetVisitRequest& request,
                                                        const Caller& caller) const {
  if (request.reveal())
    return absl::InvalidArgumentError("反映人：查看姓名和电话须写明用途，请用“查看反映人”（RevealVisitor）");
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  RecordId root, entry;
  if (!ParseFullId(request.id(), &root, &entry) || entry.type != TypeOf<v1::VisitEntry>().type())
    return absl::InvalidArgumentError(Cat("接待登记：编号“", request.id(), "”无效"));
  ASSIGN_OR_RETURN(Aggregate session, LoadSession(views.reader(), views.viewer(), ToText(root)));
  if (session.Find(entry) == nullptr) return absl::NotFoundError("接待登记：没有这一条");
  v1::GetVisitResponse response;
  *response.mutable_visit() = views.Visit(session, entry);
  *response.mutable_session() = views.Session(session);
  return response;
}

absl::StatusOr<v1::ListVisitsResponse> Reception::ListVisits(const v1::ListVisitsRequest& request,
                                                            const Caller& caller) const {
  RETURN_IF_ERROR(CheckDates(request.from(), request.to()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  std::vector<RecordId> sessions;
  if (!request.session_id().empty()) {
    ASSIGN_OR_RETURN(Aggregate session, LoadSession(views.reader(), views.viewer(), request.session_id()));
    sessions.push_back(session.id());
  } else {
    tables::ByDate(views.reader().kv(), TypeOf<v1::ReceptionSession>().type(), request.from(), request.to(),
                   [&](const RecordId& id, std::string_view, std::string_view station) {
                     if (request.station_id().empty() || station == request.station_id()) sessions.push_back(id);
                     return true;
                   });
  }
  int limit = std::min(request.limit() > 0 ? request.limit() : 100, kMostRows);
  v1::ListVisitsResponse response;
  int total = 0;
  for (auto id = sessions.rbegin(); id != sessions.rend(); ++id) {  // the newest first
    std::optional<Aggregate> session = views.Load(*id);
    if (!session) continue;
    std::vector<RecordId> entries = EntriesInOrder(*session);
    std::reverse(entries.begin(), entries.end());
    for (const RecordId& entry : entries) {
      bool voided = session->VoidOf(entry) == VoidState::kVoid || session->VoidOf({}) == VoidState::kVoid;
      if (voided && !request.include_voided()) continue;
      if (total >= request.offset() && response.visits_size() < limit)
        *response.add_visits() = views.Visit(*session, entry);
      ++total;
    }
  }
  response.set_total(total);
  return response;
}

void Reception::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "StationService", this, &context_);
  methods.Bind("OpenSession", &Reception::OpenSession);
  methods.Bind("CloseSession", &Reception::CloseSession);
  methods.Bind("ListSessions", &Reception::ListSessions);
  methods.Bind("LogVisit", &Reception::LogVisit);
  methods.Bind("ListVisits", &Reception::ListVisits);
  methods.Bind("GetVisit", &Reception::GetVisit);
}

}  // namespace liaison
