#include "common/api/congress.h"

#include <algorithm>

#include "common/actions/congress_check.h"
#include "common/api/casework.h"
#include "common/api/congress_deeds.h"
#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/api/views.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/reception/schedule.h"
#include "common/rules/roster/roster.h"
#include "common/store/store.h"

namespace liaison {
namespace {

// The op that gives one field of a master record a value, or takes it away.
NewOp FieldOp(const StoreReader& view, google::protobuf::Message* record, const std::string& code, int field_number) {
  NewOp op = MasterOp(view, *record, code);
  const FieldInfo* field = FindType(record->GetDescriptor())->Find(static_cast<uint32_t>(field_number));
  const bool written =
      std::any_of(op.writes.begin(), op.writes.end(), [&](const Write& write) { return write.tag == field->tag; });
  if (!written) op.writes.push_back({{}, field->tag, "", ""});
  return op;
}

}  // namespace

absl::StatusOr<Period> PeriodOf(const ServiceContext& context, const std::string& from, const std::string& to) {
  Period period{from, to};
  const std::string today = context.Today();
  if (period.from.empty()) period.from = today.substr(0, 4) + "-01-01";
  if (period.to.empty()) period.to = today;
  for (const std::string* date : {&period.from, &period.to})
    if (!IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  if (period.to < period.from) return absl::InvalidArgumentError("日期：止日不能早于起日");
  return period;
}

absl::Status Congress::CheckHub() const {
  return context_.IsHub() ? absl::OkStatus() : absl::PermissionDeniedError("这项内容由镇里汇总，本站没有全部数据");
}

absl::StatusOr<v1::AddCongressRecordResponse> Congress::AddCongressRecord(const v1::AddCongressRecordRequest& request,
                                                                          const Caller& caller) {
  if (request.has_finding()) return AddFinding(request, caller);
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    ASSIGN_OR_RETURN(NewCongressRecord made, MakeCongressRecord(context_, *roster, view, request, action_id));
    Action action;
    action.user = request.user();
    action.result = FullId(made.root, made.child);
    action.ops.push_back(std::move(made.op));
    return action;
  };
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  RecordId root, child;
  ParseFullId(committed.result, &root, &child);
  std::optional<Aggregate> aggregate = views.reader().Load(root);
  if (!aggregate) return absl::InternalError("刚登记的内容读不出来");
  v1::AddCongressRecordResponse response;
  *response.mutable_record() = views.Record(*aggregate, child);
  response.set_repeated_action(committed.repeated);
  return response;
}

// What deputies find on an inspection is theirs to propose: a suggestion or a bill, never a voter's opinion. What
// voters told them there is a session of form 走访.
absl::StatusOr<v1::AddCongressRecordResponse> Congress::AddFinding(const v1::AddCongressRecordRequest& request,
                                                                   const Caller& caller) {
  RETURN_IF_ERROR(CheckHub());
  {
    std::shared_ptr<const Roster> roster = context_.roster->Get();
    Views views = MakeViews(context_, roster.get(), caller);
    RETURN_IF_ERROR(LoadLive(views.reader(), request.parent(), TypeOf<v1::Activity>().type(), "履职活动").status());
  }
  v1::RegisterProposalRequest proposal;
  proposal.set_action_id(request.action_id());
  proposal.set_user(request.user());
  *proposal.mutable_matter() = request.finding();
  proposal.mutable_matter()->clear_sources();
  proposal.mutable_matter()->add_sources()->set_entry(request.parent());
  ASSIGN_OR_RETURN(v1::RegisterProposalResponse registered, Casework(context_).RegisterProposal(proposal, caller));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate matter,
                   LoadLive(views.reader(), registered.matter().id(), TypeOf<v1::Matter>().type(), "事项"));
  v1::AddCongressRecordResponse response;
  *response.mutable_record() = views.Record(matter, {});
  response.set_repeated_action(registered.repeated_action());
  return response;
}

absl::StatusOr<v1::SetSettingResponse> Congress::SetSetting(const v1::SetSettingRequest& request) {
  if (!context_.IsHub()) return absl::PermissionDeniedError("由镇里设定");
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  std::string value = request.value();
  v1::Policy policy;
  policy.set_key(request.key());
  if (request.key() == "schedule") {
    policy.set_key("schedule-default");
    policy.set_note("没有自己规则的站点的接待日");
    if (!request.station_id().empty() && !roster->stations.contains(request.station_id()))
      return absl::InvalidArgumentError(Cat("站点：名册里没有“", request.station_id(), "”"));
    if (!value.empty()) {
      ASSIGN_OR_RETURN(ScheduleRule rule, ParseSchedule(value));
      value = ScheduleText(rule);
    }
  } else {
    const auto& kinds = PointKinds();
    auto kind = std::find_if(kinds.begin(), kinds.end(), [&](const PointKind& k) { return k.key == request.key(); });
    if (kind == kinds.end()) return absl::InvalidArgumentError(Cat("设定：没有“", request.key(), "”这一项"));
    int tenths = 0;
    if (!value.empty() && !ParsePoints(value, &tenths))
      return absl::InvalidArgumentError(Cat(kind->label, "：“", value, "”不是分值，应如 2 或 0.5，最多1000"));
    policy.set_note(std::string(kind->label));
  }
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    Action action;
    action.user = request.user();
    if (request.key() == "schedule" && !request.station_id().empty()) {
      v1::Station station;
      station.set_schedule_rule(value);
      RETURN_IF_ERROR(ValidateField(station, v1::Station::kScheduleRuleFieldNumber));
      action.ops.push_back(FieldOp(view, &station, request.station_id(), v1::Station::kScheduleRuleFieldNumber));
    } else {
      policy.set_value(value);
      action.ops.push_back(PolicyOp(view, policy));
    }
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::SetSettingResponse response;
  response.set_value(value);
  return response;
}

void Congress::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "CongressService", this, &context_);
  methods.Bind("AddCongressRecord", &Congress::AddCongressRecord);
  methods.Bind("ListActivities", &Congress::ListActivities);
  methods.Bind("GetDeputyFile", &Congress::GetDeputyFile);
  methods.Bind("ListObligations", &Congress::ListObligations);
  methods.Bind("ListTenHaves", &Congress::ListTenHaves);
  methods.Bind("ListProjects", &Congress::ListProjects);
  methods.Bind("ListContacts", &Congress::ListContacts);
  methods.Bind("ListPostedNotices", &Congress::ListPostedNotices);
  methods.Bind("ListPoints", &Congress::ListPoints);
  methods.Bind("ListAppraisals", &Congress::ListAppraisals);
  methods.Bind("SetSetting", &Congress::SetSetting);
}

}  // namespace liaison
