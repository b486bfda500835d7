#include "hub/desk/imports.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>

#include "common/actions/due_moves.h"
#include "common/api/methods.h"
#include "common/api/request.h"
#include "common/base/bytes.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/crypto/hash.h"
#include "common/prints/export.h"
#include "common/record/view.h"
#include "common/rules/people/scope.h"
#include "common/rules/roster/roster.h"
#include "common/store/op_on.h"
#include "common/store/store.h"

namespace liaison {
namespace {

constexpr size_t kMostRecords = 500;  // of one action
constexpr size_t kFingerprintBytes = 6;
constexpr int kMostAttempts = 5;

// Records of a list as they are displayed.
RosterRecords LoadRecords(const StoreReader& view, v1::RosterKind kind) {
  RosterRecords records;
  const auto* descriptor = NewRecord(kind)->GetDescriptor();
  view.ForEach(FindType(descriptor)->type(), [&](const Aggregate& aggregate) {
    std::shared_ptr<google::protobuf::Message> record(NewRecord(kind));
    const std::string& code = aggregate.id().name;
    const bool here = Display(aggregate, {}, record.get());
    if (kind == v1::ROSTER_HOLIDAYS && !code.starts_with("holiday-")) return true;
    if (kind == v1::ROSTER_CATEGORIES && !code.starts_with("category-")) return true;
    if (!here) return true;
    records[code] = aggregate.VoidOf({}) == VoidState::kVoid ? nullptr : std::move(record);
    return true;
  });
  return records;
}

RosterKnown LoadKnown(const StoreReader& view, v1::RosterKind kind) {
  RosterKnown known;
  known.records = LoadRecords(view, kind);
  if (kind == v1::ROSTER_DEPUTIES) known.stations = LoadRecords(view, v1::ROSTER_STATIONS);
  return known;
}

// Of what is known, so that two readings can be compared.
std::string FingerprintOf(const RosterKnown& known) {
  std::string text;
  for (const RosterRecords* records : {&known.records, &known.stations}) {
    for (const auto& [code, record] : *records) {
      const std::string bytes = record == nullptr ? "" : record->SerializeAsString();
      text += Cat(code.size(), ":", code, record == nullptr ? "-" : "+", bytes.size(), ":", bytes);
    }
    text += ";";
  }
  return Sha256(text);
}

std::string FingerprintOf(const v1::ImportTableResponse& response) {
  if (response.changes().empty()) return "";
  std::string text;
  const auto add = [&](std::initializer_list<std::string_view> parts) {
    for (std::string_view part : parts) text += Cat(part.size(), ":", part);
  };
  for (const v1::TableChange& change : response.changes())
    add({change.record(), change.field(), change.old_value(), change.new_value()});
  for (const v1::DueChange& change : response.due_changes())
    add({"due", change.number(), change.unit_name(), change.old_due(), change.new_due()});
  return Hex(Sha256(text).substr(0, kFingerprintBytes));
}

// ---------------------------------------------------------------- settings

struct PolicyForm {
  const char* key;
  const char* label;
  const char* otherwise;  // in force while nothing is set; empty: made of the year
  const char* help;
  bool (*fits)(const std::string& value);
};

bool IsPrefix(const std::string& value) { return CountChars(value) <= 4; }
bool IsCongress(const std::string& value) {
  const size_t dash = value.find('-');
  auto digits = [](std::string_view text) {
    return !text.empty() && text.size() <= 3 && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (dash == std::string::npos || !digits(std::string_view(value).substr(0, dash))) return false;
  const std::string_view rest = std::string_view(value).substr(dash + 1);
  return rest == "闭" || digits(rest);
}
bool IsYesOrNo(const std::string& value) { return value == "是" || value == "否"; }

constexpr PolicyForm kPolicies[] = {
    {"number-prefix", "编号前缀", "恒", "编号最前面的字，最多 4 个，如 恒；只管以后的编号", IsPrefix},
    {"congress-now", "当前届次", "", "代表建议和议案编号里的届次：会议期间 20-3，闭会期间 20-闭；没有设时用年份",
     IsCongress},
    {"reply-class-d", "答复可用D类", "否", "是：答复可以定为D类（解释说明、不可行）；否：只有A、B、C三类", IsYesOrNo},
};

v1::PolicyView ViewOf(const PolicyForm& form, const Roster& roster) {
  v1::PolicyView view;
  view.set_key(form.key);
  view.set_label(form.label);
  view.set_help(form.help);
  const std::string own = roster.Policy(form.key, "");
  view.set_value(own.empty() ? form.otherwise : own);
  view.set_changed(!own.empty() && own != form.otherwise);
  return view;
}

}  // namespace

// What a file means for the lists as they were when it was read.
struct Imports::Plan {
  v1::RosterKind kind = v1::ROSTER_UNSPECIFIED;
  std::string known;              // FingerprintOf(RosterKnown) at that time
  std::vector<RosterRow> rows;    // those that say something new
  std::vector<MovedDue> moved;    // with a holiday table
  v1::ImportTableResponse answer;
};

absl::StatusOr<Imports::Plan> Imports::MakePlan(const StoreReader& view, const Table& table,
                                                const RosterHeader& header) const {
  const RosterKnown known = LoadKnown(view, header.kind);
  Plan plan;
  plan.kind = header.kind;
  plan.known = FingerprintOf(known);
  RosterParse parse = ReadRoster(table, header, known);
  v1::ImportTableResponse& answer = plan.answer;
  answer.set_kind(header.kind);
  answer.set_rows(static_cast<int32_t>(parse.added + parse.changed + parse.unchanged));
  for (const std::string& name : header.unknown) answer.add_ignored_columns(name);
  for (const std::string& notice : header.notices) answer.add_notices(notice);
  for (const std::string& notice : parse.notices) answer.add_notices(notice);
  if (!parse.faults.empty()) {
    answer.set_rows(static_cast<int32_t>(table.rows.size() - header.index - 1));
    answer.set_mend_file(RosterMendFile(table, header, parse));
    answer.set_mend_file_name(Cat(FormOf(header.kind)->file_name, "-mend.csv"));
    for (v1::TableFault& fault : parse.faults) *answer.add_faults() = std::move(fault);
    return plan;
  }
  answer.set_added(parse.added);
  answer.set_changed(parse.changed);
  answer.set_unchanged(parse.unchanged);
  for (v1::TableChange& change : parse.changes) *answer.add_changes() = std::move(change);
  plan.rows = std::move(parse.rows);
  if (header.kind == v1::ROSTER_HOLIDAYS) {
    ASSIGN_OR_RETURN(plan.moved, MoveDues(view, plan.rows));
    for (const MovedDue& one : plan.moved) {
      v1::DueChange& change = *answer.add_due_changes();
      change.set_number(one.number);
      change.set_unit_name(context_.roster->Get()->DepartmentName(one.unit));
      change.set_old_due(DayText(one.before));
      change.set_new_due(DayText(one.after));
    }
  }
  answer.set_fingerprint(FingerprintOf(answer));  // of all that a person was shown
  return plan;
}

// Under the store's write lock: nothing is parsed here. Nothing: the lists, or the limits that move with them, are not
// those that the plan was made for.
absl::StatusOr<Action> Imports::MakeAction(const StoreReader& view, const Plan& plan,
                                           const v1::ImportTableRequest& request) const {
  if (FingerprintOf(LoadKnown(view, plan.kind)) != plan.known) return Action::Nothing();
  Action action;
  action.user = request.user();
  for (const RosterRow& row : plan.rows) {
    const RecordId id = RecordId::Master(FindType(row.after->GetDescriptor())->type(), row.code);
    NewOp& op = action.ops.emplace_back(OpOn(view, id));
    op.writes = RosterWrites(row.before.get(), *row.after);
  }
  if (plan.kind == v1::ROSTER_HOLIDAYS) {
    ASSIGN_OR_RETURN(const std::vector<MovedDue> moved, MoveDues(view, plan.rows));
    if (moved != plan.moved) return Action::Nothing();
    ASSIGN_OR_RETURN(const std::string action_id, ActionId(request.action_id()));
    AppendMovedDues(view, moved, action_id, context_.Today(), &action);
  }
  if (plan.kind == v1::ROSTER_STATIONS) {
    Roster after = *context_.roster->Get();
    for (const RosterRow& row : plan.rows) after.stations[row.code] = static_cast<const v1::Station&>(*row.after);
    for (NewOp& op : ScopeOps(view, after)) action.ops.push_back(std::move(op));
  }
  v1::ImportTableResponse counts = plan.answer;
  counts.clear_changes();
  counts.clear_due_changes();
  action.result = counts.SerializeAsString();
  return action;
}

// Of what is open, the limits that fall on other days with `rows` of the holiday table.
absl::StatusOr<std::vector<MovedDue>> Imports::MoveDues(const StoreReader& view,
                                                        const std::vector<RosterRow>& rows) const {
  const std::shared_ptr<const Roster> roster = context_.roster->Get();
  std::map<std::string, std::string, std::less<>> policies = roster->policies;
  for (const RosterRow& row : rows) policies[row.code] = static_cast<const v1::Policy&>(*row.after).value();
  return MovedDues(view, Deadlines(roster->policies), Deadlines(policies));
}

absl::StatusOr<v1::ImportTableResponse> Imports::ImportTable(const v1::ImportTableRequest& request) {
  ASSIGN_OR_RETURN(Workbook book, ReadTable(request.file_name(), request.content()));
  ASSIGN_OR_RETURN(RosterHeader header, FindRosterHeader(book, request.kind()));
  const Table& table = book.sheets[header.sheet];
  std::string action_id, digest;
  if (!request.dry_run()) {
    ASSIGN_OR_RETURN(action_id, ActionId(request.action_id()));
    digest = RequestHash(request);
  }
  // Somebody may change the lists between the reading and the writing: then it is read again.
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    ASSIGN_OR_RETURN(Plan plan, MakePlan(context_.store->Read(), table, header));
    const bool nothing = !plan.answer.faults().empty() || plan.rows.empty();
    if (plan.rows.size() > kMostRecords)
      return absl::InvalidArgumentError(
          Cat("一次最多改动 ", kMostRecords, " 条，现有 ", plan.rows.size(), " 条，请分成几个文件"));
    if (request.dry_run()) return std::move(plan.answer);
    auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
      if (nothing) return Action::Nothing();
      if (!request.expected().empty() && request.expected() != plan.answer.fingerprint())
        return absl::AbortedError("名册或随它移动的时限在试导入之后有变化，请重新试导入，核对后再导入");
      return MakeAction(view, plan, request);
    };
    ASSIGN_OR_RETURN(const Store::Committed committed, context_.store->Commit(action_id, digest, build));
    if (committed.repeated) {
      v1::ImportTableResponse response;
      response.ParseFromString(committed.result);
      response.set_repeated_action(true);
      return response;
    }
    if (!committed.nothing)
      LogInfo(Cat("已导入", EnumLabel(plan.kind), "：新增 ", plan.answer.added(), " 条，改动 ", plan.answer.changed(),
                  " 条，未变 ", plan.answer.unchanged(), " 条"));
    if (nothing || !committed.nothing) return std::move(plan.answer);
  }
  return absl::AbortedError("名册正在被别人改动，请稍后再导入");
}

absl::StatusOr<v1::ExportResponse> Imports::ExportTable(const v1::ExportTableRequest& request) const {
  const RosterForm* form = FormOf(request.kind());
  if (form == nullptr) return absl::InvalidArgumentError("请写明导出哪一种名册：站点、代表、承办单位、节假日或类别");
  const RosterRecords records = LoadRecords(context_.store->Read(), form->kind);
  const std::vector<std::vector<std::string>> rows = RosterTable(form->kind, records);
  office::Sheet sheet;
  sheet.name = EnumLabel(form->kind);
  sheet.landscape = true;
  for (const std::string& head : rows.at(0)) sheet.columns.push_back({head, 16});
  for (size_t i = 1; i < rows.size(); ++i) sheet.rows.emplace_back(rows[i].begin(), rows[i].end());
  return ExportSheet(sheet, request.format(), form->file_name);
}

absl::StatusOr<v1::ListPoliciesResponse> Imports::ListPolicies(const v1::ListPoliciesRequest&) const {
  std::shared_ptr<const Roster> roster = context_.roster->Get();
  v1::ListPoliciesResponse response;
  for (const PolicyForm& form : kPolicies) *response.add_policies() = ViewOf(form, *roster);
  return response;
}

absl::StatusOr<v1::SetPolicyResponse> Imports::SetPolicy(const v1::SetPolicyRequest& request) {
  ASSIGN_OR_RETURN(std::string action_id, ActionId(request.action_id()));
  const PolicyForm* form = std::find_if(std::begin(kPolicies), std::end(kPolicies),
                                        [&](const PolicyForm& one) { return one.key == request.key(); });
  if (form == std::end(kPolicies)) return absl::InvalidArgumentError(Cat("设定：没有“", request.key(), "”这一项"));
  const std::string value = Trim(request.value());
  if (!value.empty() && !form->fits(value))
    return absl::InvalidArgumentError(Cat(form->label, "：“", value, "”不行。", form->help));
  auto build = [&](const StoreReader& view) -> absl::StatusOr<Action> {
    v1::Policy policy;
    policy.set_key(form->key);
    policy.set_value(value);
    policy.set_note(form->label);
    Action action;
    action.user = request.user();
    action.ops.push_back(PolicyOp(view, policy));
    return action;
  };
  RETURN_IF_ERROR(context_.store->Commit(action_id, RequestHash(request), build).status());
  v1::SetPolicyResponse response;
  *response.mutable_policy() = ViewOf(*form, *context_.roster->Get());
  return response;
}

void Imports::Register(Dispatcher* dispatcher) {
  Methods methods(dispatcher, "ImportService", this, &context_);
  methods.Bind("ImportTable", &Imports::ImportTable);
  methods.Bind("ExportTable", &Imports::ExportTable);
  methods.Bind("ListPolicies", &Imports::ListPolicies);
  methods.Bind("SetPolicy", &Imports::SetPolicy);
}

}  // namespace liaison
