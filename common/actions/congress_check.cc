#include "common/actions/congress_check.h"

#include <array>
#include <optional>

#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/validate.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

constexpr std::array<std::string_view, 10> kTenHaves = {"组织机构", "工作计划", "规章制度", "统一牌子", "固定场所",
                                                        "硬件设施", "活动记录", "资料档案", "联系对象", "考核机制"};
constexpr int kFirstProved = 7;

absl::Status CheckKnownDeputy(const Roster& roster, std::string_view field, std::string_view id) {
  if (roster.deputies.contains(id)) return absl::OkStatus();
  return WrongField(field, Cat("名册里没有编号为“", id, "”的代表"));
}

template <typename List>
absl::Status CheckKnownDeputies(const Roster& roster, std::string_view field, const List& ids) {
  for (const std::string& id : ids) RETURN_IF_ERROR(CheckKnownDeputy(roster, field, id));
  return absl::OkStatus();
}

absl::Status CheckHub(const ServiceContext& context, std::string_view what) {
  if (context.IsHub()) return absl::OkStatus();
  return absl::PermissionDeniedError(Cat(what, "由镇里登记"));
}

// An area station keeps its own activities; a village does not.
absl::Status CheckMayKeepActivity(const ServiceContext& context, const Roster& roster, std::string_view station) {
  if (context.IsHub()) {
    if (station.empty() || roster.stations.contains(station)) return absl::OkStatus();
    return WrongField("站点", Cat("名册里没有“", station, "”"));
  }
  auto own = roster.stations.find(context.station_id);
  const bool area = own != roster.stations.end() && own->second.tier() != v1::POINT;
  if (!area) return absl::PermissionDeniedError("履职活动由镇里或片区站登记");
  if (station != context.station_id) return absl::PermissionDeniedError("站点：只能登记本站的活动");
  return absl::OkStatus();
}

absl::Status CheckActivity(const ServiceContext& context, const Roster& roster, const v1::Activity& activity) {
  RETURN_IF_ERROR(CheckMayKeepActivity(context, roster, activity.station_id()));
  RETURN_IF_ERROR(Validate(activity));
  for (const v1::ActivityDeputy& deputy : activity.deputies())
    RETURN_IF_ERROR(CheckServes(roster, "参加代表", deputy.deputy_id(), activity.date()));
  if (!activity.end_date().empty() && activity.end_date() < activity.date())
    return WrongField("结束日期", "不能早于开始日期");
  if (activity.suggestions_adopted() > activity.suggestions_made()) return WrongField("采纳意见数", "不能多于提出意见数");
  const bool of_deputies = activity.type() == v1::ACTIVITY_DUTY_REPORT || activity.type() == v1::ACTIVITY_AWARD;
  if (of_deputies && activity.deputies().empty())
    return WrongField("参加代表", Cat("“", EnumLabel(activity.type()), "”要写明代表"));
  return absl::OkStatus();
}

int VotesIn(const v1::Ballot& ballot) {
  return ballot.excellent() + ballot.satisfied() + ballot.basically() + ballot.dissatisfied() + ballot.abstained();
}

absl::Status CheckBallot(const Roster& roster, const Aggregate& activity, const v1::Ballot& ballot) {
  RETURN_IF_ERROR(Validate(ballot));
  if (ballot.kind() == v1::BALLOT_DEPUTY) RETURN_IF_ERROR(CheckKnownDeputy(roster, "对象", ballot.subject()));
  if (ballot.voters() == 0) return WrongField("参加测评人数", "不能为空");
  if (VotesIn(ballot) > ballot.voters())
    return WrongField("参加测评人数", Cat("各项票数合计", VotesIn(ballot), "，多于参加测评的", ballot.voters(), "人"));
  for (const RecordId& id : ChildrenOf<v1::Ballot>(activity)) {
    auto other = Show<v1::Ballot>(activity, id);
    if (activity.VoidOf(id) != VoidState::kVoid && other.kind() == ballot.kind() && other.subject() == ballot.subject())
      return absl::FailedPreconditionError("对象：这次测评已登记过这一对象的结果");
  }
  return absl::OkStatus();
}

absl::Status CheckVotes(int votes_for, int votes_total) {
  if (votes_for < 0 || votes_total < 0 || votes_for > votes_total) return WrongField("赞成票", "不能多于总票数");
  return absl::OkStatus();
}

absl::Status CheckProject(const Roster& roster, const v1::LivelihoodProject& project) {
  RETURN_IF_ERROR(Validate(project));
  RETURN_IF_ERROR(CheckKnownDeputies(roster, "监督小组代表", project.supervisors()));
  return CheckVotes(project.votes_for(), project.votes_total());
}

absl::Status CheckContact(const ServiceContext& context, const Roster& roster, const StoreReader& view,
                          const v1::Contact& contact) {
  RETURN_IF_ERROR(Validate(contact));
  if (contact.kind() == v1::CONTACT_PRESIDIUM_DEPUTY) {
    RETURN_IF_ERROR(CheckKnownDeputy(roster, "联系对象", contact.to()));
  } else {
    RETURN_IF_ERROR(CheckKnownDeputy(roster, "联系人", contact.from()));
  }
  if (!contact.station_id().empty() && !roster.stations.contains(contact.station_id()))
    return WrongField("站点", Cat("名册里没有“", contact.station_id(), "”"));
  if (!contact.valid_from().empty() && !contact.valid_to().empty() && contact.valid_to() < contact.valid_from())
    return WrongField("至", "不能早于开始日期");
  bool known = false;
  view.ForEach(TypeOf<v1::Contact>().type(), [&](const Aggregate& aggregate) {
    auto other = Show<v1::Contact>(aggregate);
    known = aggregate.VoidOf({}) != VoidState::kVoid && other.kind() == contact.kind() &&
            other.from() == contact.from() && other.to() == contact.to() && InForce(other, context.Today());
    return !known;
  });
  return known ? absl::FailedPreconditionError("联系安排：已有一条相同而且有效的") : absl::OkStatus();
}

absl::Status CheckAppraisal(const Roster& roster, const StoreReader& view, const v1::Appraisal& appraisal) {
  RETURN_IF_ERROR(Validate(appraisal));
  const std::string& kind = appraisal.kind();
  const bool known = (kind == "代表" && roster.deputies.contains(appraisal.subject())) ||
                     (kind == "站点" && roster.stations.contains(appraisal.subject())) ||
                     (kind == "部门" && roster.departments.contains(appraisal.subject()));
  if (kind != "代表" && kind != "站点" && kind != "部门") return WrongField("对象类别", "应为代表、站点或部门");
  if (!known) return WrongField("对象", Cat("名册里没有“", appraisal.subject(), "”"));
  bool there = false;
  view.ForEach(TypeOf<v1::Appraisal>().type(), [&](const Aggregate& aggregate) {
    auto other = Show<v1::Appraisal>(aggregate);
    there = aggregate.VoidOf({}) != VoidState::kVoid && other.year() == appraisal.year() && other.kind() == kind &&
            other.subject() == appraisal.subject();
    return !there;
  });
  return there ? absl::FailedPreconditionError("考核结果：这一年已登记过，请修改原来的一条") : absl::OkStatus();
}

NewCongressRecord RootRecord(const google::protobuf::Message& record, const std::string& action_id) {
  NewCongressRecord made;
  made.root = RecordId::Random(FindType(record.GetDescriptor())->type(), action_id, 0);
  made.op.aggregate = made.root;
  WritesOf(record, {}, &made.op.writes, &made.op.sealed);
  return made;
}

NewCongressRecord ChildRecord(const Aggregate& parent, const google::protobuf::Message& record,
                              const std::string& action_id) {
  NewCongressRecord made;
  made.root = parent.id();
  made.child = RecordId::Random(FindType(record.GetDescriptor())->type(), action_id, 0);
  made.op = OpOn(parent);
  WritesOf(record, made.child, &made.op.writes, &made.op.sealed);
  return made;
}

absl::StatusOr<NewCongressRecord> MakeTenHave(const Roster& roster, const StoreReader& view,
                                              const v1::TenHave& ten_have) {
  RETURN_IF_ERROR(Validate(ten_have));
  if (!roster.stations.contains(ten_have.station_id()))
    return WrongField("站点", Cat("名册里没有“", ten_have.station_id(), "”"));
  if (IsProvedByData(ten_have.item())) return WrongField("项目", Cat("“", TenHaveLabel(ten_have.item()), "”由数据证明"));
  NewCongressRecord made;
  made.op = MasterOp(view, ten_have, Cat(ten_have.station_id(), "-", ten_have.item()));
  made.root = made.op.aggregate;
  if (!view.Load(made.root)) return made;
  for (const FieldInfo& field : TypeOf<v1::TenHave>().fields) {  // what is said no more
    bool written = false;
    for (const Write& write : made.op.writes) written |= write.tag == field.tag;
    if (!written) made.op.writes.push_back({{}, field.tag, "", ""});
  }
  return made;
}

absl::StatusOr<NewCongressRecord> MakeVote(const StoreReader& view, const v1::AddCongressRecordRequest& request) {
  ASSIGN_OR_RETURN(Aggregate project,
                   LoadLive(view, request.parent(), TypeOf<v1::LivelihoodProject>().type(), "民生实事项目"));
  if (Show<v1::LivelihoodProject>(project).status() != v1::PROJECT_CANDIDATE)
    return absl::FailedPreconditionError("民生实事项目：只有候选项目可以票决");
  v1::LivelihoodProject change;
  change.set_votes_for(request.vote().votes_for());
  change.set_votes_total(request.vote().votes_total());
  RETURN_IF_ERROR(CheckVotes(change.votes_for(), change.votes_total()));
  if (change.votes_total() == 0) return WrongField("总票数", "不能为空");
  RETURN_IF_ERROR(ValidateField(change, v1::LivelihoodProject::kVotesTotalFieldNumber));
  const bool carried = change.votes_for() * 2 > change.votes_total();
  change.set_status(carried ? v1::PROJECT_VOTED : v1::PROJECT_REJECTED);
  NewCongressRecord made;
  made.root = project.id();
  made.op = OpOn(project);
  WritesOf(change, {}, &made.op.writes, &made.op.sealed);
  return made;
}

}  // namespace

absl::StatusOr<Aggregate> LoadLive(const StoreReader& view, std::string_view text, uint8_t type,
                                   std::string_view what) {
  RecordId id;
  if (!ParseRecordId(text, &id) || id.type != type)
    return absl::InvalidArgumentError(Cat(what, "：编号“", text, "”无效"));
  std::optional<Aggregate> aggregate = view.Load(id);
  if (!aggregate) return absl::NotFoundError(Cat(what, "：没有这一条"));
  if (aggregate->VoidOf({}) == VoidState::kVoid) return absl::FailedPreconditionError(Cat(what, "：这一条已作废"));
  return *std::move(aggregate);
}

bool InForce(const v1::Contact& contact, std::string_view date) {
  return (contact.valid_from().empty() || contact.valid_from() <= date) &&
         (contact.valid_to().empty() || contact.valid_to() >= date);
}

std::string_view TenHaveLabel(int item) {
  return item < 1 || item > 10 ? "" : kTenHaves[static_cast<size_t>(item - 1)];
}

bool IsProvedByData(int item) { return item >= kFirstProved; }

absl::StatusOr<NewCongressRecord> MakeCongressRecord(const ServiceContext& context, const Roster& roster,
                                                     const StoreReader& view,
                                                     const v1::AddCongressRecordRequest& request,
                                                     const std::string& action_id) {
  using Request = v1::AddCongressRecordRequest;
  if (request.record_case() == Request::kActivity) {
    RETURN_IF_ERROR(CheckActivity(context, roster, request.activity()));
    return RootRecord(request.activity(), action_id);
  }
  if (request.record_case() == Request::kBallot) {
    ASSIGN_OR_RETURN(Aggregate activity, LoadLive(view, request.parent(), TypeOf<v1::Activity>().type(), "履职活动"));
    RETURN_IF_ERROR(CheckMayKeepActivity(context, roster, Show<v1::Activity>(activity).station_id()));
    RETURN_IF_ERROR(CheckBallot(roster, activity, request.ballot()));
    return ChildRecord(activity, request.ballot(), action_id);
  }
  RETURN_IF_ERROR(CheckHub(context, "这项内容"));
  switch (request.record_case()) {
    case Request::kProject:
      RETURN_IF_ERROR(CheckProject(roster, request.project()));
      return RootRecord(request.project(), action_id);
    case Request::kProjectVisit: {
      ASSIGN_OR_RETURN(Aggregate project,
                       LoadLive(view, request.parent(), TypeOf<v1::LivelihoodProject>().type(), "民生实事项目"));
      RETURN_IF_ERROR(Validate(request.project_visit()));
      RETURN_IF_ERROR(CheckKnownDeputies(roster, "参加代表", request.project_visit().deputies()));
      return ChildRecord(project, request.project_visit(), action_id);
    }
    case Request::kContact:
      RETURN_IF_ERROR(CheckContact(context, roster, view, request.contact()));
      return RootRecord(request.contact(), action_id);
    case Request::kNotice: {
      v1::Notice notice = request.notice();
      ASSIGN_OR_RETURN(*notice.mutable_date(), context.DateOr(notice.date()));
      RETURN_IF_ERROR(Validate(notice));
      return RootRecord(notice, action_id);
    }
    case Request::kAppraisal:
      RETURN_IF_ERROR(CheckAppraisal(roster, view, request.appraisal()));
      return RootRecord(request.appraisal(), action_id);
    case Request::kTenHave:
      return MakeTenHave(roster, view, request.ten_have());
    case Request::kVote:
      return MakeVote(view, request);
    default:
      return absl::InvalidArgumentError("没有写明要登记什么");
  }
}

}  // namespace liaison
