#include "common/api/casework.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "common/actions/accusation.h"
#include "common/actions/mending.h"
#include "common/actions/step_run.h"
#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/base/utf8.h"
#include "common/codec/token.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rows/work.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

constexpr int kMostTargets = 500;
constexpr int kAlikePermille = 300;  // two sentences about one canal share a third of their pairs

absl::StatusOr<RecordId> MatterId(std::string_view text) {
  RecordId id;
  if (!ParseRecordId(text, &id) || id.type != TypeOf<v1::Matter>().type())
    return absl::InvalidArgumentError(Cat("事项：“", text, "”不是事项编号"));
  return id;
}

absl::Status NoSuchMatter(const RecordId& id) {
  return absl::NotFoundError(Cat("没有编号为 ", ToText(id), " 的事项"));
}

absl::StatusOr<Aggregate> LoadMatter(const StoreReader& view, const RecordId& id) {
  std::optional<Aggregate> aggregate = view.Load(id);
  if (!aggregate) return NoSuchMatter(id);
  return *std::move(aggregate);
}

absl::StatusOr<Aggregate> LoadMatter(const Views& views, const RecordId& id) {
  std::optional<Aggregate> aggregate = views.Load(id);
  if (!aggregate) return NoSuchMatter(id);
  return *std::move(aggregate);
}

std::vector<std::string> Split(const std::string& result) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < result.size();) {
    size_t end = std::min(result.find('\n', at), result.size());
    parts.push_back(result.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::set<std::string> PairsOf(std::string_view text) {
  const std::string folded = Fold(text);
  std::set<std::string> pairs;
  std::string_view before;
  for (std::string_view rest = folded; !rest.empty();) {
    const std::string_view character = NextChar(&rest).bytes;
    if (!before.empty()) pairs.insert(Cat(before, character));
    before = character;
  }
  return pairs;
}

v1::DeadlineRule RuleView(const DeadlineInfo& info, const Roster& roster) {
  v1::DeadlineRule rule;
  rule.set_key(std::string(info.key));
  rule.set_label(std::string(info.label));
  rule.set_source(std::string(info.source));
  std::optional<TimeLimit> own = ParseTimeLimit(roster.Policy(info.key, ""));
  rule.set_changed(own && *own != info.limit);
  rule.set_value(TimeLimitText(own.value_or(info.limit)));
  return rule;
}

}  // namespace

int Likeness(std::string_view a, std::string_view b) {
  const std::set<std::string> of_a = PairsOf(a), of_b = PairsOf(b);
  if (of_a.empty() || of_b.empty()) return 0;
  const auto common =
      std::count_if(of_a.begin(), of_a.end(), [&](const std::string& pair) { return of_b.contains(pair); });
  return static_cast<int>(2000 * common / static_cast<int64_t>(of_a.size() + of_b.size()));
}

absl::StatusOr<v1::MatterView> Casework::ViewOf(const RecordId& id, const Caller& caller) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadMatter(views.reader(), id));
  return views.Matter(aggregate);
}

absl::StatusOr<v1::TakeStepResponse> Casework::TakeStep(const v1::TakeStepRequest& request, const Caller& caller) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  if (request.targets().empty()) return absl::InvalidArgumentError("事项：没有选中任何一件");
  if (request.targets_size() > kMostTargets)
    return absl::InvalidArgumentError(Cat("事项：一次最多", kMostTargets, "件"));
  std::vector<std::pair<RecordId, VersionVector>> targets;
  std::set<RecordId> once;
  for (const v1::StepTarget& target : request.targets()) {
    ASSIGN_OR_RETURN(RecordId id, MatterId(target.id()));
    ASSIGN_OR_RETURN(VersionVector seen, ReadToken(target.token(), id));
    if (!once.insert(id).second) return absl::InvalidArgumentError(Cat("事项：", target.id(), " 选了两次"));
    targets.emplace_back(std::move(id), std::move(seen));
  }
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const Viewer viewer = Viewer::Of(caller);
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    StepRun run(context_, *roster, view, action_id, request.user());
    for (const auto& [id, seen] : targets) {
      ASSIGN_OR_RETURN(Aggregate aggregate, LoadMatter(view, id));
      if (!viewer.Sees(view, aggregate)) return NoSuchMatter(id);
      RETURN_IF_ERROR(run.Take(aggregate, seen, request.step()));
    }
    for (const RecordId& made : run.made()) run.action().result += ToText(made) + "\n";
    return std::move(run.action());
  };
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  v1::TakeStepResponse response;
  for (const auto& [id, seen] : targets) {
    ASSIGN_OR_RETURN(*response.add_matters(), ViewOf(id, caller));
  }
  for (const std::string& text : Split(committed.result)) {
    ASSIGN_OR_RETURN(RecordId id, MatterId(text));
    ASSIGN_OR_RETURN(*response.add_made(), ViewOf(id, caller));
  }
  response.set_repeated_action(committed.repeated);
  return response;
}

absl::StatusOr<v1::RegisterProposalResponse> Casework::RegisterProposal(const v1::RegisterProposalRequest& request,
                                                                        const Caller& caller) {
  if (!context_.IsHub()) return absl::PermissionDeniedError("代表建议和议案由镇里登记");
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  v1::Matter matter = request.matter();
  if (matter.track() != v1::TRACK_SUGGESTION && matter.track() != v1::TRACK_BILL)
    return absl::InvalidArgumentError("类型：应为代表建议或议案");
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  ASSIGN_OR_RETURN(*matter.mutable_date(), context_.DateOr(matter.date()));
  if (matter.title().empty()) matter.set_title(Truncate(matter.content(), 40));
  const v1::Station* center = roster->Center();
  if (matter.station_id().empty() && center != nullptr) matter.set_station_id(center->station_id());
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    StepRun run(context_, *roster, view, action_id, request.user());
    ASSIGN_OR_RETURN(RecordId id, run.AddProposal(matter));
    run.action().result = ToText(id);
    return std::move(run.action());
  };
  ASSIGN_OR_RETURN(Store::Committed committed, context_.store->Commit(action_id, RequestHash(request), build));
  ASSIGN_OR_RETURN(RecordId id, MatterId(committed.result));
  v1::RegisterProposalResponse response;
  ASSIGN_OR_RETURN(*response.mutable_matter(), ViewOf(id, caller));
  response.set_repeated_action(committed.repeated);
  return response;
}

absl::StatusOr<v1::GetCaseResponse> Casework::GetCase(const v1::GetCaseRequest& request, const Caller& caller) const {
  ASSIGN_OR_RETURN(RecordId id, MatterId(request.id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadMatter(views, id));
  v1::GetCaseResponse response;
  *response.mutable_case_() = MakeCaseView(context_, *roster, views, aggregate);
  return response;
}

absl::StatusOr<v1::ListWorkResponse> Casework::ListWork(const v1::ListWorkRequest& request,
                                                        const Caller& caller) const {
  if (!v1::WorkList_IsValid(request.list())) return absl::InvalidArgumentError("清单：本程序不认识");
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const Deadlines deadlines(roster->policies);
  const Day today = ParseDay(context_.Today()).value_or(kUndated);
  Views views = MakeViews(context_, roster.get(), caller);
  struct Found {
    WorkFact fact;
    Duty duty;
  };
  std::vector<Found> found;
  std::map<int, int> counts;
  RETURN_IF_ERROR(ScanWork(views.reader().kv(), [&](const WorkFact& row) {
    if (!request.station_id().empty() && row.station != request.station_id() &&
        roster->HomeOf(row.station) != request.station_id())
      return;
    if (!request.unit().empty() && row.unit != request.unit()) return;
    if (!request.any_track() && row.duty.track != request.track()) return;
    if (!views.viewer().sees_all() && !views.Load({TypeOf<v1::Matter>().type(), row.matter})) return;
    WorkFact fact = row;
    if (fact.duty.follows) FillFollowed(views.reader(), fact.link, &fact.duty);
    const Duty duty = DutyOf(fact.duty, deadlines, today);
    for (int list = 0; list < v1::WorkList_ARRAYSIZE; ++list) counts[list] += (duty.lists & 1u << list) != 0 ? 1 : 0;
    if ((duty.lists & 1u << request.list()) != 0) found.push_back({std::move(fact), duty});
  }));
  // The most urgent first; what has no limit last.
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    auto key = [](const Found& one) {
      return one.duty.due == kUndated ? std::numeric_limits<Day>::max() : one.duty.due;
    };
    return key(a) < key(b);
  });
  v1::ListWorkResponse response;
  const int limit = std::clamp(request.limit() > 0 ? request.limit() : 100, 1, 1000);
  for (size_t i = static_cast<size_t>(std::max(0, request.offset())); i < found.size() && response.rows_size() < limit;
       ++i) {
    std::optional<Aggregate> aggregate = views.reader().Load({TypeOf<v1::Matter>().type(), found[i].fact.matter});
    if (!aggregate) continue;
    v1::WorkRow& row = *response.add_rows();
    *row.mutable_matter() = views.Matter(*aggregate);
    row.set_lamp(found[i].duty.lamp);
    row.set_due_what(found[i].duty.what);
    if (found[i].duty.due != kUndated) {
      row.set_due_date(DayText(found[i].duty.due));
      row.set_days_left(found[i].duty.due - today);
    }
    row.set_unit(found[i].fact.unit);
    row.set_unit_name(roster->DepartmentName(found[i].fact.unit));
    row.set_round(CaseFile(*aggregate, {}).round());
    for (int list = 0; list < v1::WorkList_ARRAYSIZE; ++list)
      if ((found[i].duty.lists & 1u << list) != 0) row.add_lists(static_cast<v1::WorkList>(list));
  }
  response.set_total(static_cast<int32_t>(found.size()));
  for (const auto& [list, count] : counts) {
    v1::WorkCount& row = *response.add_counts();
    row.set_list(static_cast<v1::WorkList>(list));
    row.set_count(count);
    row.set_label(EnumLabel(row.list()));
  }
  response.set_today(context_.Today());
  return response;
}

absl::StatusOr<v1::SuggestDuplicatesResponse> Casework::SuggestDuplicates(
    const v1::SuggestDuplicatesRequest& request, const Caller& caller) const {
  ASSIGN_OR_RETURN(RecordId id, MatterId(request.id()));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  Views views = MakeViews(context_, roster.get(), caller);
  ASSIGN_OR_RETURN(Aggregate aggregate, LoadMatter(views, id));
  const CaseFile own(aggregate, {});
  const std::string text = Cat(own.matter.title(), own.matter.content());
  struct Candidate {
    int likeness;
    RecordId id;
  };
  std::vector<Candidate> candidates;
  RETURN_IF_ERROR(ScanWork(views.reader().kv(), [&](const WorkFact& fact) {
    RecordId other_id{TypeOf<v1::Matter>().type(), fact.matter};
    if (other_id == id || fact.duty.follows) return;
    if (fact.duty.track != own.matter.track() || fact.category != own.matter.category()) return;
    std::optional<Aggregate> other = views.Load(other_id);
    if (!other) return;
    auto matter = Show<v1::Matter>(*other);
    int likeness = Likeness(text, Cat(matter.title(), matter.content()));
    // What is said in one village about one group is likelier to be one thing.
    if (matter.station_id() == own.matter.station_id()) likeness += 100;
    if (!matter.place().empty() && matter.place() == own.matter.place()) likeness += 100;
    if (likeness >= kAlikePermille) candidates.push_back({std::min(likeness, 1000), other_id});
  }));
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(-a.likeness, a.id) < std::tuple(-b.likeness, b.id);
  });
  const size_t limit = request.limit() > 0 ? static_cast<size_t>(request.limit()) : 5;
  v1::SuggestDuplicatesResponse response;
  for (size_t i = 0; i < std::min(limit, candidates.size()); ++i) {
    v1::DuplicateCandidate& row = *response.add_candidates();
    ASSIGN_OR_RETURN(*row.mutable_matter(), ViewOf(candidates[i].id, caller));
    row.set_likeness(candidates[i].likeness);
    row.set_why(row.matter().matter().station_id() == own.matter.station_id() ? "同站点、同类别" : "同类别");
  }
  return response;
}

absl::StatusOr<v1::ListDeadlinesResponse> Casework::ListDeadlines(const v1::ListDeadlinesRequest&) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  v1::ListDeadlinesResponse response;
  for (size_t i = 0; i < static_cast<size_t>(Deadline::kCount); ++i)
    *response.add_rules() = RuleView(InfoOf(static_cast<Deadline>(i)), *roster);
  return response;
}

absl::StatusOr<v1::SetDeadlineResponse> Casework::SetDeadline(const v1::SetDeadlineRequest& request) {
  if (!context_.IsHub()) return absl::PermissionDeniedError("期限由镇里设定");
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  const DeadlineInfo* info = FindDeadline(request.key());
  if (info == nullptr) return absl::InvalidArgumentError(Cat("期限：没有“", request.key(), "”这一项"));
  std::optional<TimeLimit> limit = request.value().empty() ? info->limit : ParseTimeLimit(request.value());
  if (!limit)
    return absl::InvalidArgumentError(
        Cat(info->label, "：“", request.value(), "”不是期限，应如“30日”“20工作日”“3个月”，数目为1到1000"));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    v1::Policy policy;
    policy.set_key(request.key());
    policy.set_value(TimeLimitText(*limit));
    policy.set_note(std::string(info->label));
    Action action;
    action.user = request.user();
    action.ops.push_back(PolicyOp(view, policy));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::SetDeadlineResponse response;
  *response.mutable_rule() = RuleView(*info, *context_.roster->Get());
  return response;
}

absl::StatusOr<v1::ListRemainsResponse> Casework::ListRemains(const v1::ListRemainsRequest&) const {
  const StoreReader reader = context_.store->Read();
  v1::ListRemainsResponse response;
  for (const RecordId& id : tables::Accusations(reader.kv()))
    if (const std::optional<Aggregate> matter = reader.Load(id))
      for (v1::Remain& remain : RemainsOf(reader, *matter)) *response.add_remains() = std::move(remain);
  return response;
}

absl::StatusOr<v1::RunDailyResponse> Casework::RunDaily(const v1::RunDailyRequest& request) {
  if (!context_.IsHub()) return absl::PermissionDeniedError("只在镇里运行");
  ASSIGN_OR_RETURN(const std::string date, context_.DateOr(request.date()));
  const std::optional<Day> today = ParseDay(date);
  if (!today) return absl::InvalidArgumentError(Cat("日期：“", date, "”不是有效日期"));
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  const Deadlines deadlines(roster->policies);
  v1::RunDailyResponse response;
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    Action action;
    action.user = "系统";
    absl::Status scanned = ScanWork(view.kv(), [&](const WorkFact& fact) {
      if (fact.duty.state != v1::VILLAGE) return;
      const Duty duty = DutyOf(fact.duty, deadlines, *today);
      if (duty.due == kUndated || duty.due >= *today) return;
      std::optional<Aggregate> aggregate = view.Load({TypeOf<v1::Matter>().type(), fact.matter});
      if (!aggregate) return;
      v1::Matter change;
      change.mutable_status()->set_to(v1::SUBMITTED);
      change.mutable_status()->set_date(date);
      change.mutable_status()->set_reason("村级办理逾期，自动上报");
      NewOp& op = action.ops.emplace_back(OpOn(*aggregate));
      WritesOf(change, {}, &op.writes, &op.sealed);
      action.result += Show<v1::Matter>(*aggregate).number() + "\n";
    });
    RETURN_IF_ERROR(scanned);
    AppendMending(context_, view, &action);
    return action.ops.empty() ? Action::Nothing() : std::move(action);
  };
  // Looked at first without the store's lock: mostly there is nothing to do.
  ASSIGN_OR_RETURN(const Action wanted, build(context_.store->Read()));
  if (wanted.nothing) return response;
  ASSIGN_OR_RETURN(const Store::Committed committed,
                   context_.store->Commit(context_.random()->Bytes(kActionIdBytes), RequestHash(request), build));
  for (const std::string& number : Split(committed.result)) response.add_escalated(number);
  return response;
}

void Casework::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "CaseworkService", this, &context_);
  methods.Bind("TakeStep", &Casework::TakeStep);
  methods.Bind("GetCase", &Casework::GetCase);
  methods.Bind("RegisterProposal", &Casework::RegisterProposal);
  methods.Bind("SuggestDuplicates", &Casework::SuggestDuplicates);
  methods.Bind("ListWork", &Casework::ListWork);
  methods.Bind("ListDeadlines", &Casework::ListDeadlines);
  methods.Bind("SetDeadline", &Casework::SetDeadline);
  methods.Bind("RunDaily", &Casework::RunDaily);
  methods.Bind("ListRemains", &Casework::ListRemains);
}

}  // namespace liaison
