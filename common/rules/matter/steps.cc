#include "common/rules/matter/steps.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/schema.h"
#include "common/rules/matter/duty.h"
#include "common/rules/matter/guards.h"

namespace liaison {
namespace {

using S = v1::Step;

constexpr StateSet kAtStation = StatesOf({v1::STATE_UNSPECIFIED, v1::REGISTERED, v1::VILLAGE, v1::RETURNED});
constexpr StateSet kInHand = StatesOf({v1::ASSIGNED, v1::RECEIVED, v1::HANDLING, v1::ESCALATED, v1::REWORK});
constexpr StateSet kSettled = StatesOf({v1::ANSWERED, v1::GUIDED, v1::CLOSED, v1::TRACKING});
constexpr StateSet kKnown = (2u << v1::WITHDRAWN) - 1;  // a state of a later version is none of them
constexpr StateSet kRegistered = kKnown & ~StatesOf({v1::DRAFT});
constexpr int kDate = S::kDateFieldNumber, kBy = S::kByFieldNumber, kReason = S::kReasonFieldNumber,
              kText = S::kTextFieldNumber, kUnit = S::kUnitFieldNumber, kApproved = S::kApprovedByFieldNumber,
              kDue = S::kDueDateFieldNumber, kMode = S::kModeFieldNumber, kRating = S::kRatingFieldNumber;

// `date` and `by` may always be given.
std::vector<StepRule> RulesUntilReply() {
  return {
      {v1::STEP_SUBMIT, Taker::kStation, kAtStation, {}, {}},
      {v1::STEP_ANSWER,
       Taker::kStation,
       StatesOf({v1::REGISTERED, v1::VILLAGE}),
       {kText, kBy},
       {S::kSolvedFieldNumber}},
      {v1::STEP_GUIDE,
       Taker::kBoth,
       StatesOf({v1::REGISTERED, v1::VILLAGE, v1::SUBMITTED}),
       {S::kGuidedToFieldNumber},
       {kReason, S::kGuideCodeFieldNumber}},
      {v1::STEP_SEND_BACK, Taker::kHub, StatesOf({v1::SUBMITTED}), {kReason}, {}},
      {v1::STEP_ACCEPT,
       Taker::kHub,
       StatesOf({v1::SUBMITTED}),
       {},
       {S::kCategoryFieldNumber, S::kSubcategoryFieldNumber, S::kLevelFieldNumber}},
      {v1::STEP_MERGE, Taker::kHub, StatesOf({v1::SUBMITTED, v1::ACCEPTED}), {S::kIntoFieldNumber}, {kReason}},
      {v1::STEP_UNMERGE, Taker::kHub, StatesOf({v1::MERGED}), {kReason}, {}},
      {v1::STEP_CONVERT,
       Taker::kHub,
       StatesOf({v1::ACCEPTED}),
       {S::kLeadDeputyFieldNumber},
       {S::kCosignersFieldNumber, S::kCongressFieldNumber, S::kTitleFieldNumber, kReason}},
      {v1::STEP_ASSIGN,
       Taker::kHub,
       StatesOf({v1::ACCEPTED}),
       {kUnit},
       {S::kCoUnitsFieldNumber, S::kBatchFieldNumber, S::kAssignmentKindFieldNumber, kDue, kReason,
        S::kRequirementFieldNumber, kApproved}},
      {v1::STEP_RECEIVE, Taker::kHub, StatesOf({v1::ASSIGNED, v1::REWORK}), {}, {}},
      {v1::STEP_ASK_RETURN, Taker::kHub, StatesOf({v1::ASSIGNED, v1::RECEIVED}), {kReason}, {kApproved}},
      {v1::STEP_DECIDE_RETURN,
       Taker::kHub,
       StatesOf({v1::ASSIGNED, v1::RECEIVED, v1::HANDLING}),
       {S::kDecisionFieldNumber},
       {kReason}},
      {v1::STEP_ASK_EXTENSION, Taker::kHub, kInHand, {kReason, kDue}, {}},
      {v1::STEP_DECIDE_EXTENSION, Taker::kHub, kInHand, {S::kDecisionFieldNumber}, {kDue, kReason, kApproved}},
      {v1::STEP_PROGRESS, Taker::kHub, kInHand | StatesOf({v1::TRACKING}), {kText}, {kUnit}},
      {v1::STEP_ESCALATE,
       Taker::kHub,
       StatesOf({v1::ASSIGNED, v1::RECEIVED, v1::HANDLING, v1::REWORK}),
       {S::kLevelFieldNumber, kUnit},
       {S::kDocumentNoFieldNumber, kText}},
      {v1::STEP_REPLY,
       Taker::kHub,
       kInHand,
       {S::kReplyClassFieldNumber, kText, kMode},
       {kUnit, S::kDocumentNoFieldNumber, S::kSignerFieldNumber, S::kPromiseFieldNumber, S::kPromiseDateFieldNumber}},
  };
}

std::vector<StepRule> RulesFromReply() {
  return {
      {v1::STEP_EVALUATE,
       Taker::kBoth,
       StatesOf({v1::REPLIED, v1::CLOSED, v1::TRACKING, v1::ANSWERED}),
       {kRating, kBy},
       {S::kAttitudeFieldNumber, kText, kMode}},
      {v1::STEP_REWORK,
       Taker::kHub,
       StatesOf({v1::REPLIED, v1::CLOSED, v1::TRACKING}),
       {},
       {kUnit, S::kCoUnitsFieldNumber, kDue, kReason, S::kRequirementFieldNumber, S::kBatchFieldNumber}},
      {v1::STEP_CLOSE, Taker::kHub, StatesOf({v1::REPLIED}), {}, {kReason}},
      {v1::STEP_KEEP_PROMISE, Taker::kHub, StatesOf({v1::TRACKING}), {kText}, {kUnit, kMode}},
      {v1::STEP_MOVE_PROMISE,
       Taker::kHub,
       StatesOf({v1::TRACKING}),
       {S::kPromiseDateFieldNumber, kReason},
       {S::kPromiseFieldNumber, kUnit}},
      {v1::STEP_FEED_BACK,
       Taker::kBoth,
       kRegistered & ~StatesOf({v1::WITHDRAWN}),
       {},
       {kMode, kText, kRating, S::kUnreachableFieldNumber}},
      {v1::STEP_SUPERVISE,
       Taker::kHub,
       kInHand | StatesOf({v1::REPLIED, v1::TRACKING}),
       {S::kSupervisionFieldNumber},
       {kUnit, kDue, kText, kApproved}},
      {v1::STEP_ARCHIVE, Taker::kHub, StatesOf({v1::CLOSED, v1::ANSWERED, v1::GUIDED}), {}, {}},
      {v1::STEP_WITHDRAW, Taker::kBoth, kAtStation | StatesOf({v1::SUBMITTED, v1::ACCEPTED}), {kReason, kBy}, {}},
      {v1::STEP_REOPEN, Taker::kHub, StatesOf({v1::ANSWERED, v1::GUIDED}), {kReason}, {kApproved}},
      {v1::STEP_CORRECT, Taker::kBoth, kRegistered & ~kAtStation, {kText}, {}},
      {v1::STEP_MARK_KEY,
       Taker::kHub,
       kRegistered & ~(kAtStation | kSettled | StatesOf({v1::ARCHIVED, v1::WITHDRAWN, v1::MERGED, v1::CONVERTED})),
       {kApproved},
       {S::kNotKeyFieldNumber}},
      {v1::STEP_TAKE_BACK, Taker::kBoth, kRegistered, {}, {kReason}},
  };
}

const std::vector<StepRule>& Rules() {
  static const std::vector<StepRule> rules = [] {
    std::vector<StepRule> all = RulesUntilReply();
    for (StepRule& rule : RulesFromReply()) all.push_back(std::move(rule));
    return all;
  }();
  return rules;
}

bool Has(const v1::Step& step, const google::protobuf::FieldDescriptor* field) {
  return field->is_repeated() ? step.GetReflection()->FieldSize(step, field) > 0
                              : step.GetReflection()->HasField(step, field);
}

bool Among(const std::vector<int>& fields, int number) {
  return std::find(fields.begin(), fields.end(), number) != fields.end();
}

absl::Status Wants(std::string_view field, std::string_view why) {
  return WrongField(field, why);
}
absl::Status Forbidden(std::string_view why) { return absl::FailedPreconditionError(std::string(why)); }

absl::Status CheckFields(const v1::Step& step, const StepRule& rule) {
  for (int i = 0; i < v1::Step::descriptor()->field_count(); ++i) {
    const auto* field = v1::Step::descriptor()->field(i);
    const std::string& label = field->options().GetExtension(v1::f).label();
    const int number = field->number();
    if (number == S::kKindFieldNumber || number == kDate) continue;
    if (Among(rule.needs, number)) {
      if (!Has(step, field)) return Wants(label, Cat(EnumLabel(step.kind()), "时必须填写"));
    } else if (number != kBy && !Among(rule.may, number) && Has(step, field)) {
      return Wants(label, Cat(EnumLabel(step.kind()), "时不用填写"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckNoLater(Day due, const CaseFile& file, const StepScene& scene, bool approved) {
  if (due < scene.date) return Wants("时限", "不能早于办理当天");
  std::optional<Day> ceiling = CeilingOf(file, *scene.deadlines);
  if (!ceiling || due <= *ceiling) return absl::OkStatus();
  if (file.matter.track() != v1::TRACK_OPINION)
    return Wants("时限", Cat("从首次交办算起最迟到", DayText(*ceiling), "（代表法第五十一条）"));
  if (!approved) return Wants("审批人", Cat("时限超过", DayText(*ceiling), "，须经主席批准"));
  return absl::OkStatus();
}

absl::Status CheckAssign(const v1::Step& step, const CaseFile& file, const StepScene& scene) {
  if (file.matter.key_matter() && step.approved_by().empty()) return Wants("审批人", "重点事项交办须经主席批准");
  if (Has(step, S::descriptor()->FindFieldByNumber(kDue))) {
    if (step.reason().empty()) return Wants("原因", "时限不按规定计算的，须写明原因");
    std::optional<Day> due = ParseDay(step.due_date());
    if (!due) return Wants("时限", Cat("“", step.due_date(), "”不是有效日期"));
    return CheckNoLater(*due, file, scene, !step.approved_by().empty());
  }
  if (file.matter.track() == v1::TRACK_OPINION && step.assignment_kind() == v1::ASSIGNMENT_SIX_MONTHS)
    return Wants("办理期限类型", "6个月只用于代表建议");
  return absl::OkStatus();
}

absl::Status CheckAskReturn(const v1::Step& step, const CaseFile& file, const StepScene& scene) {
  if (file.pending_return() != nullptr) return Forbidden("已有一份退办申请待审核");
  std::optional<Day> assigned =
      file.last_assignment() == nullptr ? std::nullopt : ParseDay(file.last_assignment()->assigned_date());
  if (!assigned) return absl::OkStatus();
  const Day last = scene.deadlines->LastDay(*assigned, Deadline::kReturn);
  if (scene.date > last && step.approved_by().empty())
    return Forbidden(Cat("退办期限已过：交办后", TimeLimitText(scene.deadlines->Limit(Deadline::kReturn)), "，到",
                         DayText(last), "为止；确需退办的须经主席批准"));
  return absl::OkStatus();
}

absl::Status CheckExtension(const v1::Step& step, const CaseFile& file, const StepScene& scene) {
  const Part<v1::Extension>* pending = file.pending_extension();
  const bool asking = step.kind() == v1::STEP_ASK_EXTENSION;
  if (asking && pending != nullptr) return Forbidden("已有一份延期申请待审核");
  if (!asking && pending == nullptr) return Forbidden("没有待审核的延期申请");
  if (!asking && step.decision() == v1::DECISION_REFUSED) {
    if (!step.due_date().empty()) return Wants("时限", "不同意延期时不用填写");
    return absl::OkStatus();
  }
  const std::string& text = step.due_date().empty() && !asking ? pending->record.asked_due() : step.due_date();
  std::optional<Day> due = ParseDay(text);
  if (!due) return Wants("时限", Cat("“", text, "”不是有效日期"));
  if (std::optional<Day> now = file.due(); now && *due <= *now)
    return Wants("时限", Cat("须晚于现在的时限", DayText(*now)));
  // What a department asks is only bounded by the law; what is granted, by the township's ceiling too.
  return CheckNoLater(*due, file, scene, asking || !step.approved_by().empty());
}

absl::Status CheckReply(const v1::Step& step, const StepScene& scene) {
  if (ReplyModeOf(step.mode()) == v1::REPLY_MODE_UNSPECIFIED) return Wants("方式", "应为面复、书面、电话或其他");
  const bool promises = !step.promise().empty() || !step.promise_date().empty();
  if (step.reply_class() == v1::CLASS_D && !scene.class_d) return Wants("答复类别", "本镇没有采用D类");
  if (step.reply_class() == v1::CLASS_B) {
    if (step.promise().empty()) return Wants("承诺事项", "B类答复须写明打算做什么");
    std::optional<Day> day = ParseDay(step.promise_date());
    if (!day) return Wants("承诺期限", "B类答复须写明何时做到");
    if (*day < scene.date) return Wants("承诺期限", "不能早于答复日期");
  } else if (promises) {
    return Wants("承诺事项", "只有B类答复才填写");
  }
  return absl::OkStatus();
}

absl::Status CheckClose(const CaseFile& file, const StepScene& scene) {
  if (file.rating() == v1::RATING_DISSATISFIED) return Forbidden("评价为不满意，应重新办理，不能办结");
  if (file.rating() != v1::RATING_UNSPECIFIED) return absl::OkStatus();
  std::optional<Day> replied = file.last_reply() == nullptr ? std::nullopt : ParseDay(file.last_reply()->date());
  if (!replied) return Forbidden("没有答复，不能办结");
  const Day last = scene.deadlines->LastDay(*replied, Deadline::kEvaluate);
  if (scene.date <= last) return Forbidden(Cat("还没有评价；到", DayText(last), "仍不评价的，才可按“未评价”办结"));
  return absl::OkStatus();
}

absl::Status CheckFeedBack(const v1::Step& step) {
  if (!step.unreachable().empty()) {
    if (!step.mode().empty() || step.rating() != v1::RATING_UNSPECIFIED)
      return Wants("无法反馈的原因", "已反馈的不用填写");
    return absl::OkStatus();
  }
  if (step.mode().empty()) return Wants("方式", "反馈时必须填写；联系不上的，请写无法反馈的原因");
  if (step.by().empty()) return Wants("经办人", "反馈时必须填写");
  return absl::OkStatus();
}

absl::Status CheckSupervise(const v1::Step& step) {
  constexpr std::string_view kKinds[] = {"催办", "督办", "挂牌督办", "约谈"};
  if (std::find(std::begin(kKinds), std::end(kKinds), step.supervision()) == std::end(kKinds))
    return Wants("督办方式", "应为催办、督办、挂牌督办或约谈");
  if (step.supervision() == "挂牌督办" && step.approved_by().empty()) return Wants("审批人", "挂牌督办须经主席批准");
  return absl::OkStatus();
}

// What a step answers, by the day on which that was done; kUndated: nothing that has a day.
struct Answered {
  const char* what = "登记";
  Day day = kUndated;
};
Answered AnsweredBy(const v1::Step& step, const CaseFile& file) {
  auto day = [](std::string_view date) { return ParseDay(date).value_or(kUndated); };
  switch (step.kind()) {
    case v1::STEP_RECEIVE:
    case v1::STEP_ASK_RETURN:
    case v1::STEP_ASK_EXTENSION:
    case v1::STEP_PROGRESS:
    case v1::STEP_ESCALATE:
    case v1::STEP_REPLY:
    case v1::STEP_SUPERVISE:
      if (file.last_assignment() != nullptr) return {"交办", day(file.last_assignment()->assigned_date())};
      break;
    case v1::STEP_DECIDE_RETURN:
      if (file.pending_return() != nullptr) return {"申请", day(file.pending_return()->record.date())};
      break;
    case v1::STEP_DECIDE_EXTENSION:
      if (file.pending_extension() != nullptr) return {"申请", day(file.pending_extension()->record.date())};
      break;
    case v1::STEP_REWORK:
      if (file.last_evaluation() != nullptr) return {"评价", day(file.last_evaluation()->date())};
      break;
    case v1::STEP_EVALUATE:
    case v1::STEP_CLOSE:
    case v1::STEP_KEEP_PROMISE:
    case v1::STEP_MOVE_PROMISE:
      if (file.last_reply() != nullptr) return {"答复", day(file.last_reply()->date())};
      break;
    case v1::STEP_ARCHIVE:
      return {"办结", day(file.matter.status().date())};
    default:
      break;
  }
  return {"登记", day(file.matter.date())};
}

// A day that lies ahead of this machine's own came from a clock that was wrong, and holds nobody up.
absl::Status CheckNotBefore(const v1::Step& step, const CaseFile& file, const StepScene& scene) {
  const Answered answered = AnsweredBy(step, file);
  if (answered.day == kUndated || scene.date == kUndated || scene.date >= answered.day) return absl::OkStatus();
  if (scene.today != kUndated && answered.day > scene.today) return absl::OkStatus();
  return Wants("日期", Cat("不能早于", answered.what, "日期", DayText(answered.day)));
}

// Nothing is added to an accusation, and nobody brings it back.
absl::Status CheckAccusation(v1::StepKind kind, const CaseFile& file) {
  if (kind == v1::STEP_ARCHIVE || !IsAccusation(file.matter)) return absl::OkStatus();
  return Forbidden(kind == v1::STEP_REOPEN || kind == v1::STEP_TAKE_BACK
                       ? "检举控告已引导至有关机关，不能重新受理，也不能撤销"
                       : "检举控告不记录内容，不再办理");
}

absl::Status CheckHistory(const v1::Step& step, const CaseFile& file, const StepScene& scene) {
  switch (step.kind()) {
    case v1::STEP_GUIDE:
      if (step.reason().empty() && step.guide_code() == v1::GUIDE_UNSPECIFIED)
        return Wants("原因", "引导时必须填写，或者选引导类别");
      if (step.reason().empty() && step.guide_code() == v1::GUIDE_OTHER) return Wants("原因", "选了“其他”，请写明原因");
      return absl::OkStatus();
    case v1::STEP_REOPEN:
      if (file.state == v1::GUIDED && step.approved_by().empty())
        return Wants("审批人", "引导错了的，写明原因并经主席批准才能更正");
      return absl::OkStatus();
    case v1::STEP_CONVERT:
      if (file.matter.track() != v1::TRACK_OPINION) return Forbidden("只有群众意见可以转为代表建议");
      return absl::OkStatus();
    case v1::STEP_ASSIGN:
      return CheckAssign(step, file, scene);
    case v1::STEP_ASK_RETURN:
      return CheckAskReturn(step, file, scene);
    case v1::STEP_DECIDE_RETURN:
      return file.pending_return() == nullptr ? Forbidden("没有待审核的退办申请") : absl::OkStatus();
    case v1::STEP_ASK_EXTENSION:
    case v1::STEP_DECIDE_EXTENSION:
      return CheckExtension(step, file, scene);
    case v1::STEP_ESCALATE:
      return step.level() < v1::COMPETENCE_DISTRICT ? Wants("办理层级", "转上级应为区或市及以上") : absl::OkStatus();
    case v1::STEP_REPLY:
      return CheckReply(step, scene);
    case v1::STEP_REWORK:
      if (file.rating() != v1::RATING_DISSATISFIED) return Forbidden("评价为不满意的才重新办理");
      if (!step.due_date().empty()) {
        if (step.reason().empty()) return Wants("原因", "时限不按规定计算的，须写明原因");
        if (!ParseDay(step.due_date())) return Wants("时限", Cat("“", step.due_date(), "”不是有效日期"));
      }
      return absl::OkStatus();
    case v1::STEP_CLOSE:
      return CheckClose(file, scene);
    case v1::STEP_FEED_BACK:
      return CheckFeedBack(step);
    case v1::STEP_SUPERVISE:
      return CheckSupervise(step);
    case v1::STEP_ARCHIVE:
      if (TellingOf(file).open()) return Forbidden("还没有反馈群众；已反馈或写明联系不上的原因后才能归档");
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

}  // namespace

const StepRule* RuleOf(v1::StepKind kind) {
  for (const StepRule& rule : Rules())
    if (rule.kind == kind) return &rule;
  return nullptr;
}

std::span<const StepRule> AllSteps() { return Rules(); }

absl::Status CheckStepNow(v1::StepKind kind, const CaseFile& file, bool at_hub) {
  const StepRule* rule = RuleOf(kind);
  if (rule == nullptr) return absl::InvalidArgumentError("步骤：本程序不认识");
  const std::string name = EnumLabel(kind);
  if (!file.present) return Forbidden("这条记录已作废");
  if (rule->taker == Taker::kStation && at_hub) return absl::PermissionDeniedError(Cat(name, "由站点办理"));
  if (rule->taker == Taker::kHub && !at_hub) return absl::PermissionDeniedError(Cat(name, "由镇里办理"));
  if (file.state == v1::CONTESTED) return Forbidden("状态有分歧，请先确定状态");
  // Before it is submitted a matter is the station's, afterwards the township's.
  if (kind == v1::STEP_GUIDE || kind == v1::STEP_WITHDRAW) {
    const bool at_station = Holds(kAtStation, file.state);
    if (at_station && at_hub) return absl::PermissionDeniedError(Cat("尚未上报，", name, "由站点办理"));
    if (!at_station && !at_hub) return absl::PermissionDeniedError(Cat("已上报，", name, "由镇里办理"));
  }
  if (!Holds(rule->from, file.state))
    return Forbidden(Cat("现在是“", EnumLabel(file.state), "”，不能", name,
                         file.state == v1::ANSWERED && kind == v1::STEP_ASSIGN ? "；请先重新受理" : ""));
  return CheckAccusation(kind, file);
}

absl::Status CheckStep(const v1::Step& step, const CaseFile& file, const StepScene& scene) {
  RETURN_IF_ERROR(CheckStepNow(step.kind(), file, scene.at_hub));
  RETURN_IF_ERROR(CheckFields(step, *RuleOf(step.kind())));
  RETURN_IF_ERROR(CheckNotBefore(step, file, scene));
  return CheckHistory(step, file, scene);
}

v1::ReplyMode ReplyModeOf(std::string_view text) {
  const auto* modes = v1::ReplyMode_descriptor();
  for (int i = 1; i < modes->value_count(); ++i)
    if (LabelOf(modes->value(i)) == text) return static_cast<v1::ReplyMode>(modes->value(i)->number());
  return v1::REPLY_MODE_UNSPECIFIED;
}

v1::MatterState StateAfter(const v1::Step& step, const CaseFile& file) {
  switch (step.kind()) {
    case v1::STEP_SUBMIT:
      return v1::SUBMITTED;
    case v1::STEP_ANSWER:
      return v1::ANSWERED;
    case v1::STEP_GUIDE:
      return v1::GUIDED;
    case v1::STEP_SEND_BACK:
      return v1::RETURNED;
    case v1::STEP_ACCEPT:
    case v1::STEP_UNMERGE:
    case v1::STEP_REOPEN:
      return v1::ACCEPTED;
    case v1::STEP_MERGE:
      return v1::MERGED;
    case v1::STEP_CONVERT:
      return v1::CONVERTED;
    case v1::STEP_ASSIGN:
      return v1::ASSIGNED;
    case v1::STEP_RECEIVE:
      return v1::RECEIVED;
    case v1::STEP_DECIDE_RETURN:
      return step.decision() == v1::DECISION_GRANTED ? v1::ACCEPTED : v1::STATE_UNSPECIFIED;
    case v1::STEP_PROGRESS:
      return file.state == v1::ESCALATED || file.state == v1::TRACKING || file.state == v1::HANDLING
                 ? v1::STATE_UNSPECIFIED
                 : v1::HANDLING;
    case v1::STEP_ESCALATE:
      return v1::ESCALATED;
    case v1::STEP_REPLY:
      return v1::REPLIED;
    case v1::STEP_REWORK:
      return v1::REWORK;
    case v1::STEP_CLOSE: {
      const v1::Reply* reply = file.last_reply();
      return reply != nullptr && reply->reply_class() == v1::CLASS_B ? v1::TRACKING : v1::CLOSED;
    }
    case v1::STEP_KEEP_PROMISE:
      return v1::CLOSED;
    case v1::STEP_ARCHIVE:
      return v1::ARCHIVED;
    case v1::STEP_WITHDRAW:
      return v1::WITHDRAWN;
    default:
      return v1::STATE_UNSPECIFIED;
  }
}

Day ComputedDue(const v1::Assignment& assignment, const v1::Matter& matter, const Deadlines& deadlines) {
  const Day from = ParseDay(assignment.assigned_date()).value_or(kUndated);
  if (from == kUndated) return kUndated;
  if (assignment.round() > 1) return deadlines.LastDay(from, Deadline::kRework);
  if (assignment.kind() == v1::ASSIGNMENT_SIX_MONTHS) return deadlines.LastDay(from, Deadline::kReplySuggestionLong);
  if (assignment.kind() == v1::ASSIGNMENT_THREE_MONTHS || matter.track() != v1::TRACK_OPINION)
    return deadlines.LastDay(from, Deadline::kReplySuggestion);
  switch (matter.urgency()) {
    case v1::URGENCY_URGENT:
      return deadlines.LastDay(from, Deadline::kReplyUrgent);
    case v1::URGENCY_MAJOR:
      return deadlines.LastDay(from, Deadline::kReplyMajor);
    default:
      return deadlines.LastDay(from, Deadline::kReplyOpinion);
  }
}

Day DueOfAssignment(const v1::Step& step, const CaseFile& file, const StepScene& scene) {
  if (std::optional<Day> given = ParseDay(step.due_date())) return *given;
  v1::Assignment assignment;
  assignment.set_round(step.kind() == v1::STEP_REWORK ? 2 : 1);
  assignment.set_assigned_date(DayText(scene.date));
  assignment.set_kind(step.assignment_kind());
  return ComputedDue(assignment, file.matter, *scene.deadlines);
}

}  // namespace liaison
