#include "common/actions/step_run.h"

#include <algorithm>
#include <set>

#include "common/actions/accusation.h"
#include "common/actions/mending.h"
#include "common/base/fault.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/live.h"
#include "common/record/validate.h"
#include "common/rows/tables.h"
#include "common/rules/days/box_clock.h"
#include "common/rules/matter/guards.h"
#include "common/rules/reception/attendance.h"
#include "common/store/op_on.h"

namespace liaison {
namespace {

constexpr size_t kBillSigners = 5;  // 地方组织法 art. 22: five or more deputies of a township's congress

std::string CodeOf(uint32_t round, size_t n) { return Cat(round, "-", n); }

bool SitsInTown(const v1::Deputy& deputy, std::string_view date) {
  return std::any_of(deputy.mandates().begin(), deputy.mandates().end(), [&](const v1::Mandate& mandate) {
    return mandate.level() == v1::MANDATE_TOWN && InForce(mandate, date);
  });
}

// Whether a source is the matter's own: written by the op that gave it its station, which nobody writes again.
bool BroughtItself(const Aggregate& matter, uint32_t sources_tag, const std::string& entry) {
  const auto& fields = matter.Find({})->fields;
  auto source = fields.find({sources_tag, entry});
  auto station = fields.find({TypeOf<v1::Matter>().Find(v1::Matter::kStationIdFieldNumber)->tag, ""});
  if (source == fields.end() || station == fields.end()) return false;
  auto same = [&](const Sibling& a) {
    return std::any_of(station->second.siblings().begin(), station->second.siblings().end(),
                       [&](const Sibling& b) { return a.dot == b.dot; });
  };
  return std::any_of(source->second.siblings().begin(), source->second.siblings().end(), same);
}

// Whether somebody has moved the matter since a screen that has `seen` was loaded: its author would not know from where
// a step leads.
bool MovedSince(const Aggregate& matter, const VersionVector& seen) {
  const auto& fields = matter.Find({})->fields;
  const auto status = fields.find({TypeOf<v1::Matter>().Find(v1::Matter::kStatusFieldNumber)->tag, ""});
  if (status == fields.end()) return false;
  const std::vector<Sibling>& states = status->second.siblings();
  return std::any_of(states.begin(), states.end(),
                     [&](const Sibling& state) { return !matter.lineage().Covers(seen, state.dot); });
}

bool MakesAccusation(const v1::Step& step) {
  return step.guide_code() == v1::GUIDE_ACCUSATION || NamesAccusation(step.reason());
}

}  // namespace

// What a step writes to its matter. Children are checked by their own rules before they are taken.
struct StepRun::Draft {
  NewOp op;

  // A new child, whole.
  template <typename M>
  absl::Status Add(const RecordId& id, const M& record) {
    RETURN_IF_ERROR(Validate(record));
    WritesOf(record, id, &op.writes, &op.sealed);
    return absl::OkStatus();
  }
  // Fields of the root or of a child: those that `record` has.
  template <typename M>
  void Set(const RecordId& id, const M& record) {
    WritesOf(record, id, &op.writes, &op.sealed);
  }
  void Clear(const RecordId& id, const TypeInfo& type, int field) {
    op.writes.push_back({id, type.Find(static_cast<uint32_t>(field))->tag, "", ""});
  }
};

StepRun::StepRun(const ServiceContext& context, const Roster& roster, const StoreReader& view, std::string action_id,
                 std::string user)
    : context_(context),
      roster_(roster),
      view_(view),
      action_id_(std::move(action_id)),
      deadlines_(roster.policies),
      numbers_(NumbersFor(context, roster, view)) {
  scene_.at_hub = context.IsHub();
  scene_.deadlines = &deadlines_;
  scene_.class_d = roster.Policy("reply-class-d", "否") == "是";
  action_.user = std::move(user);
}

absl::Status StepRun::NameDeputy(const v1::Matter& matter, v1::Step* step) const {
  const bool rates = step->kind() == v1::STEP_EVALUATE && matter.track() != v1::TRACK_OPINION;
  const bool needs_id = rates || step->kind() == v1::STEP_ANSWER;
  if ((!needs_id && step->kind() != v1::STEP_FEED_BACK) || step->by().empty() || roster_.deputies.contains(step->by()))
    return absl::OkStatus();
  std::string found, all;
  for (const auto& [id, deputy] : roster_.deputies) {
    if (deputy.name() != step->by()) continue;
    // Of several with one name, whose suggestion it is.
    const bool signs = id == matter.lead_deputy() ||
                       std::find(matter.cosigners().begin(), matter.cosigners().end(), id) != matter.cosigners().end();
    if (rates && !signs) continue;
    all += Cat(all.empty() ? "" : "、", id);
    found = id;
  }
  if (found.empty()) return absl::OkStatus();
  if (found == all) {
    step->set_by(std::move(found));
  } else if (needs_id) {
    return WrongField("经办人", Cat("不止一个叫“", step->by(), "”，请写编号，如 ", all));
  }
  return absl::OkStatus();
}

absl::Status StepRun::CheckNames(const v1::Step& step, const CaseFile& file) {
  auto department = [&](std::string_view field, const std::string& id) {
    if (id.empty() || roster_.departments.contains(id)) return absl::OkStatus();
    return WrongField(field, Cat("承办单位里没有“", id, "”"));
  };
  auto deputy = [&](std::string_view field, const std::string& id) {
    return id.empty() ? absl::OkStatus() : CheckServes(roster_, field, id, step.date());
  };
  if (step.kind() != v1::STEP_ESCALATE) RETURN_IF_ERROR(department("单位", step.unit()));
  for (const std::string& unit : step.co_units()) {
    RETURN_IF_ERROR(department("协办单位", unit));
    if (unit == step.unit()) return WrongField("协办单位", "不能同时是主办单位");
  }
  RETURN_IF_ERROR(deputy("领衔代表", step.lead_deputy()));
  for (const std::string& id : step.cosigners()) RETURN_IF_ERROR(deputy("附议代表", id));
  if (step.kind() == v1::STEP_ANSWER) RETURN_IF_ERROR(deputy("答复代表", step.by()));
  if (step.kind() == v1::STEP_EVALUATE && file.matter.track() != v1::TRACK_OPINION) {
    const auto& cosigners = file.matter.cosigners();
    if (step.by() != file.matter.lead_deputy() &&
        std::find(cosigners.begin(), cosigners.end(), step.by()) == cosigners.end())
      return WrongField("经办人", "代表建议由领衔代表或附议代表评价，请填代表编号");
  }
  if (!step.category().empty() && !roster_.categories.contains(step.category()))
    return WrongField("类别", Cat("没有“", step.category(), "”这个类别"));
  return absl::OkStatus();
}

absl::Status StepRun::CheckDay(const v1::Step& step) {
  const std::optional<Day> day = ParseDay(step.date());
  if (!day) return WrongField("日期", Cat("“", step.date(), "”不是有效日期"));
  // A clock that is in doubt refuses no day.
  const bool guessing = context_.box != nullptr && context_.box->Guessing();
  const std::string today = context_.box == nullptr ? context_.Today() : context_.box->BestToday();
  if (!guessing && step.date() > today) return WrongField("日期", Cat("不能晚于今天（", today, "）"));
  scene_.date = *day;
  scene_.today = ParseDay(context_.Today()).value_or(kUndated);
  return absl::OkStatus();
}

absl::Status StepRun::Check(const CaseFile& file, const VersionVector& seen, const Aggregate& matter,
                            const v1::Step& step) {
  RETURN_IF_ERROR(CheckDay(step));
  if (!context_.IsHub()) {
    // What a station adds about a matter that was merged here from elsewhere is welcome; what moves it is not.
    const bool adds = step.kind() == v1::STEP_FEED_BACK || step.kind() == v1::STEP_EVALUATE;
    if (!adds) RETURN_IF_ERROR(CheckMayEnterFor(context_, roster_, file.matter.station_id()));
  }
  RETURN_IF_ERROR(CheckStep(step, file, scene_));
  if (MovedSince(matter, seen))
    return absl::AbortedError(Cat("状态刚被改为“", EnumLabel(file.state), "”，请重新打开后再办"));
  return CheckNames(step, file);
}

absl::Status StepRun::Take(const Aggregate& matter, const VersionVector& seen, const v1::Step& given) {
  const CaseFile file(matter, view_.TimesOf(matter));
  v1::Step step = given;
  ASSIGN_OR_RETURN(*step.mutable_date(), context_.DateOr(step.date()));
  Draft draft;
  draft.op.aggregate = matter.id();
  draft.op.context = seen;
  absl::Status status = NameDeputy(file.matter, &step);
  if (status.ok()) status = Check(file, seen, matter, step);
  matter_ = &matter;
  const bool back = step.kind() == v1::STEP_TAKE_BACK;
  if (status.ok()) status = back ? TakeBack(matter, step) : Write(file, step, &draft);
  if (!status.ok()) return InPlace(Cat(file.matter.number(), "："), status);
  if (back) return status;
  const bool accusation = step.kind() == v1::STEP_GUIDE && MakesAccusation(step);
  Move(file, step, accusation, &draft);
  action_.ops.push_back(std::move(draft.op));
  if (accusation) AppendBlanks(view_, matter, context_.IsHub(), &action_);
  return absl::OkStatus();
}

void StepRun::Move(const CaseFile& file, const v1::Step& step, bool accusation, Draft* draft) const {
  const v1::MatterState to = StateAfter(step, file);
  if (to == v1::STATE_UNSPECIFIED) return;
  v1::Matter change;
  v1::StatusChange& moved = *change.mutable_status();
  moved.set_to(to);
  moved.set_date(step.date());
  moved.set_reason(accusation ? kAccusation : step.reason());
  moved.set_unit(step.unit());
  moved.set_by(step.by());
  moved.set_approved_by(step.approved_by());
  draft->Set({}, change);
}

void StepRun::Receive(const CaseFile& file, const v1::Step& step, Draft* draft) {
  if (file.assignments.empty() || !file.assignments.back().record.received_date().empty()) return;
  v1::Assignment received;
  received.set_received_date(step.date());
  if (step.kind() == v1::STEP_RECEIVE) received.set_received_by(step.by());
  draft->Set(file.assignments.back().id, received);
}

absl::Status StepRun::Assign(const CaseFile& file, const v1::Step& step, Draft* draft) {
  const bool rework = step.kind() == v1::STEP_REWORK;
  const uint32_t round = file.assignments.empty() ? 1 : file.round() + (rework ? 1 : 0);
  // One that was taken back keeps its code, as it keeps its number.
  size_t in_round = 1;
  while (matter_->Find(RecordId::Master(TypeOf<v1::Assignment>().type(), CodeOf(round, in_round))) != nullptr)
    ++in_round;
  v1::Assignment assignment;
  assignment.set_round(round);
  assignment.set_number(numbers_.Assignment(step.date()));
  assignment.set_batch(step.batch());
  assignment.set_main_unit(step.unit());
  *assignment.mutable_co_units() = step.co_units();
  if (rework && step.unit().empty() && file.last_assignment() != nullptr) {
    assignment.set_main_unit(file.last_assignment()->main_unit());
    *assignment.mutable_co_units() = file.last_assignment()->co_units();
  }
  assignment.set_assigned_date(step.date());
  assignment.set_kind(step.assignment_kind());
  if (!rework && step.assignment_kind() == v1::ASSIGNMENT_CUSTOM && file.matter.track() != v1::TRACK_OPINION &&
      step.due_date().empty())
    assignment.set_kind(v1::ASSIGNMENT_THREE_MONTHS);
  assignment.set_due_date(DayText(DueOfAssignment(step, file, scene_)));
  if (!step.due_date().empty()) assignment.set_due_reason(step.reason());
  assignment.set_requirement(step.requirement());
  assignment.set_approved_by(step.approved_by());
  // The code is the same wherever it is made, so that two assignments of one round made apart meet as a conflict.
  return draft->Add(RecordId::Master(TypeOf<v1::Assignment>().type(), CodeOf(round, in_round)), assignment);
}

absl::Status StepRun::Decide(const CaseFile& file, const v1::Step& step, Draft* draft) {
  if (step.kind() == v1::STEP_DECIDE_RETURN) {
    v1::ReturnRequest decided;
    decided.set_decision(step.decision());
    decided.set_decision_date(step.date());
    decided.set_decision_reason(step.reason());
    decided.set_decided_by(step.by());
    draft->Set(file.pending_return()->id, decided);
    return absl::OkStatus();
  }
  const Part<v1::Extension>& asked = *file.pending_extension();
  v1::Extension decided;
  decided.set_decision(step.decision());
  decided.set_decision_date(step.date());
  decided.set_decision_reason(step.reason());
  decided.set_decided_by(step.approved_by().empty() ? step.by() : step.approved_by());
  if (step.decision() == v1::DECISION_GRANTED)
    decided.set_new_due(step.due_date().empty() ? asked.record.asked_due() : step.due_date());
  draft->Set(asked.id, decided);
  return absl::OkStatus();
}

// The one it is merged into takes its sources too, so that the villages of both follow what becomes of it; when the
// merging is taken back, they are taken out again.
absl::Status StepRun::Merge(const CaseFile& file, const v1::Step& step, bool into, Draft* draft) {
  RecordId id;
  if (into) {
    if (!ParseRecordId(step.into(), &id) || id.type != TypeOf<v1::Matter>().type())
      return WrongField("并入事项", Cat("“", step.into(), "”不是事项编号"));
  } else if (!RecordIdFromBytes(file.matter.merged_into(), &id)) {
    return absl::FailedPreconditionError("没有记下并入了哪一件");
  }
  if (id == draft->op.aggregate) return WrongField("并入事项", "不能并入自己");
  std::optional<Aggregate> other = view_.Load(id);
  if (!other || !IsLive(*other)) {
    if (into) return WrongField("并入事项", "没有这件事项，或已作废");
    draft->Clear({}, TypeOf<v1::Matter>(), v1::Matter::kMergedIntoFieldNumber);
    return absl::OkStatus();
  }
  const CaseFile parent(*other, view_.TimesOf(*other));
  if (into) {
    constexpr StateSet kNoParent = StatesOf({v1::MERGED, v1::CONVERTED, v1::WITHDRAWN, v1::GUIDED, v1::DRAFT});
    if (parent.state == v1::MERGED) return WrongField("并入事项", "它自己已并入另一件，请并入那一件");
    if (Holds(kNoParent, parent.state))
      return WrongField("并入事项", Cat("它现在是“", EnumLabel(parent.state), "”，不能再并入"));
    if (parent.matter.track() != file.matter.track()) return WrongField("并入事项", "两件的类型不同，不能并案");
    v1::Matter change;
    change.set_merged_into(ToBytes(id));
    draft->Set({}, change);
  } else {
    draft->Clear({}, TypeOf<v1::Matter>(), v1::Matter::kMergedIntoFieldNumber);
  }
  NewOp& op = action_.ops.emplace_back(OpOn(*other));
  const uint32_t tag = TypeOf<v1::Matter>().Find(v1::Matter::kSourcesFieldNumber)->tag;
  for (const v1::Source& source : file.matter.sources())
    if (!BroughtItself(*other, tag, source.entry()))
      op.writes.push_back({{}, tag, source.entry(), into ? source.SerializeAsString() : ""});
  if (op.writes.empty()) action_.ops.pop_back();
  return absl::OkStatus();
}

absl::StatusOr<RecordId> StepRun::AddProposal(v1::Matter matter) {
  const bool bill = matter.track() == v1::TRACK_BILL;
  if (matter.lead_deputy().empty()) return WrongField("领衔代表", "不能为空");
  std::set<std::string> signers(matter.cosigners().begin(), matter.cosigners().end());
  signers.insert(matter.lead_deputy());
  const std::optional<Day> day = ParseDay(matter.date());
  if (!day) return WrongField("日期", Cat("“", matter.date(), "”不是有效日期"));
  for (const std::string& id : signers) {
    auto deputy = roster_.deputies.find(id);
    if (deputy == roster_.deputies.end()) return WrongField("附议代表", Cat("名册里没有编号为“", id, "”的代表"));
    if (!bill && !ServesOn(deputy->second, matter.date()))
      return WrongField(id == matter.lead_deputy() ? "领衔代表" : "附议代表",
                        Cat(deputy->second.name(), "在", matter.date(), "不是在任代表"));
    if (bill && !SitsInTown(deputy->second, matter.date()))
      return WrongField("附议代表", Cat(deputy->second.name(), "当日不是镇人大代表，不能联名提出议案"));
  }
  if (bill && signers.size() < kBillSigners)
    return WrongField("附议代表",
                      Cat("议案须有五名以上镇人大代表联名（地方组织法第二十二条），现有", signers.size(), "名"));
  if (matter.congress().empty())
    matter.set_congress(roster_.Policy("congress-now", Cat(matter.date().substr(0, 4), "-闭")));
  matter.set_number(numbers_.Proposal(bill, matter.congress()));
  if (matter.nature() == v1::NATURE_UNSPECIFIED) matter.set_nature(v1::NATURE_SUGGESTION);
  matter.set_disposition(v1::DISPOSITION_SUBMIT);
  matter.mutable_status()->Clear();
  matter.mutable_status()->set_to(v1::ACCEPTED);
  matter.mutable_status()->set_date(matter.date());
  RETURN_IF_ERROR(Validate(matter));
  NewOp& op = action_.ops.emplace_back();
  op.aggregate = NewId(TypeOf<v1::Matter>().type());
  WritesOf(matter, {}, &op.writes, &op.sealed);
  made_.push_back(op.aggregate);
  return op.aggregate;
}

absl::Status StepRun::Convert(const CaseFile& file, const v1::Step& step, Draft* draft) {
  v1::Matter child;
  const v1::Matter& from = file.matter;
  child.set_track(v1::TRACK_SUGGESTION);
  child.set_station_id(from.station_id());
  child.set_date(step.date());
  child.set_title(step.title().empty() ? from.title() : step.title());
  child.set_content(from.content());
  child.set_category(from.category());
  child.set_subcategory(from.subcategory());
  child.set_competence(from.competence());
  child.set_urgency(from.urgency());
  child.set_place(from.place());
  child.set_confidential(from.confidential());
  child.set_project(from.project());
  *child.mutable_sources() = from.sources();
  child.set_lead_deputy(step.lead_deputy());
  *child.mutable_cosigners() = step.cosigners();
  child.set_congress(step.congress());
  child.set_converted_from(ToBytes(draft->op.aggregate));
  ASSIGN_OR_RETURN(RecordId id, AddProposal(std::move(child)));
  v1::Matter change;
  change.set_converted_to(ToBytes(id));
  draft->Set({}, change);
  return absl::OkStatus();
}

absl::Status StepRun::Guide(const v1::Step& step, Draft* draft) {
  v1::Matter change;
  change.set_disposition(v1::DISPOSITION_GUIDED);
  change.set_guided_to(step.guided_to());
  change.set_guide_reason(step.reason());
  change.set_guide_code(step.guide_code());
  RETURN_IF_ERROR(SettleGuiding(&change));
  if (!IsAccusation(change)) {
    draft->Set({}, change);
    return absl::OkStatus();
  }
  if (!tables::MergedInto(view_.kv(), draft->op.aggregate).empty())
    return absl::FailedPreconditionError("有事项并入了这一件，请先取消并案，再作为检举控告引导");
  v1::Matter only;
  only.set_disposition(v1::DISPOSITION_GUIDED);
  draft->Set({}, only);
  return absl::OkStatus();
}

// What was guided elsewhere by mistake is the township's own from now on.
void StepRun::Reopen(const CaseFile& file, Draft* draft) {
  if (file.state != v1::GUIDED) return;
  v1::Matter change;
  change.set_disposition(v1::DISPOSITION_SUBMIT);
  draft->Set({}, change);
  for (int field :
       {v1::Matter::kGuidedToFieldNumber, v1::Matter::kGuideReasonFieldNumber, v1::Matter::kGuideCodeFieldNumber})
    draft->Clear({}, TypeOf<v1::Matter>(), field);
}

absl::Status StepRun::Write(const CaseFile& file, const v1::Step& step, Draft* draft) {
  v1::Matter change;
  switch (step.kind()) {
    case v1::STEP_ANSWER:
      change.set_answer(step.text());
      change.set_answered_by(step.by());
      change.set_answer_solved(step.solved());
      RETURN_IF_ERROR(ValidateField(change, v1::Matter::kAnswerFieldNumber));
      draft->Set({}, change);
      return absl::OkStatus();
    case v1::STEP_GUIDE:
      return Guide(step, draft);
    case v1::STEP_REOPEN:
      Reopen(file, draft);
      return absl::OkStatus();
    case v1::STEP_WITHDRAW:
      return ReleaseMerged(context_, view_, draft->op.aggregate, "所并入的事项已撤回", &action_);
    case v1::STEP_ACCEPT:
      change.set_category(step.category());
      change.set_subcategory(step.subcategory());
      change.set_competence(step.level());
      draft->Set({}, change);
      return absl::OkStatus();
    case v1::STEP_MERGE:
      return Merge(file, step, true, draft);
    case v1::STEP_UNMERGE:
      return Merge(file, step, false, draft);
    case v1::STEP_CONVERT:
      return Convert(file, step, draft);
    case v1::STEP_ASSIGN:
    case v1::STEP_REWORK:
      return Assign(file, step, draft);
    case v1::STEP_RECEIVE:
      Receive(file, step, draft);
      return absl::OkStatus();
    case v1::STEP_DECIDE_RETURN:
    case v1::STEP_DECIDE_EXTENSION:
      return Decide(file, step, draft);
    case v1::STEP_MARK_KEY:
      if (step.not_key()) {
        draft->Clear({}, TypeOf<v1::Matter>(), v1::Matter::kKeyMatterFieldNumber);
      } else {
        change.set_key_matter(true);
        draft->Set({}, change);
      }
      return absl::OkStatus();
    default:
      return AddChild(file, step, draft);
  }
}

template <typename M>
absl::Status StepRun::Add(const M& record, Draft* draft) {
  return draft->Add(NewId(TypeOf<M>().type()), record);
}

// What a department asks for.
absl::Status StepRun::AddRequest(const CaseFile& file, const v1::Step& step, Draft* draft) {
  if (step.kind() == v1::STEP_ASK_RETURN) {
    v1::ReturnRequest asked;
    asked.set_assignment(file.last_assignment_code());
    asked.set_date(step.date());
    asked.set_reason(step.reason());
    asked.set_late_approved_by(step.approved_by());
    return Add(asked, draft);
  }
  v1::Extension asked;
  asked.set_assignment(file.last_assignment_code());
  asked.set_date(step.date());
  asked.set_reason(step.reason());
  asked.set_asked_due(step.due_date());
  return Add(asked, draft);
}

// What the voter or the deputy says, and what they were told.
absl::Status StepRun::AddVoice(const CaseFile& file, const v1::Step& step, Draft* draft) {
  if (step.kind() == v1::STEP_EVALUATE) {
    v1::Evaluation evaluation;
    evaluation.set_round(file.round());
    evaluation.set_result(step.rating());
    evaluation.set_attitude(step.attitude());
    evaluation.set_comment(step.text());
    evaluation.set_date(step.date());
    evaluation.set_by(step.by());
    evaluation.set_channel(step.mode());
    return Add(evaluation, draft);
  }
  v1::Feedback feedback;
  feedback.set_date(step.date());
  feedback.set_method(step.mode());
  feedback.set_by(step.by());
  feedback.set_result(step.rating());
  feedback.set_text(step.text());
  feedback.set_unreachable(step.unreachable());
  return Add(feedback, draft);
}

absl::Status StepRun::AddReply(const CaseFile& file, const v1::Step& step, const std::string& unit, Draft* draft) {
  const bool moved = step.kind() == v1::STEP_MOVE_PROMISE, kept = step.kind() == v1::STEP_KEEP_PROMISE;
  v1::Reply reply;
  reply.set_round(file.round());
  reply.set_date(step.date());
  reply.set_reply_class(moved ? v1::CLASS_B : kept ? v1::CLASS_A : step.reply_class());
  reply.set_text(moved ? Cat("调整承诺期限：", step.reason()) : step.text());
  reply.set_document_no(step.document_no());
  reply.set_mode(step.mode());
  reply.set_mode_code(ReplyModeOf(step.mode()));
  reply.set_signer(step.signer());
  reply.set_promise(moved && step.promise().empty() ? file.last_reply()->promise() : step.promise());
  reply.set_promise_date(step.promise_date());
  reply.set_unit(unit);
  Receive(file, step, draft);
  return Add(reply, draft);
}

absl::Status StepRun::AddChild(const CaseFile& file, const v1::Step& step, Draft* draft) {
  const std::string unit =
      !step.unit().empty() || file.last_assignment() == nullptr ? step.unit() : file.last_assignment()->main_unit();
  switch (step.kind()) {
    case v1::STEP_ASK_RETURN:
    case v1::STEP_ASK_EXTENSION:
      return AddRequest(file, step, draft);
    case v1::STEP_PROGRESS: {
      v1::Progress progress;
      progress.set_date(step.date());
      progress.set_unit(unit);
      progress.set_text(step.text());
      Receive(file, step, draft);
      return Add(progress, draft);
    }
    case v1::STEP_ESCALATE: {
      v1::Escalation escalation;
      escalation.set_date(step.date());
      escalation.set_level(step.level());
      escalation.set_to(step.unit());
      escalation.set_document_no(step.document_no());
      escalation.set_text(step.text());
      return Add(escalation, draft);
    }
    case v1::STEP_REPLY:
    case v1::STEP_KEEP_PROMISE:
    case v1::STEP_MOVE_PROMISE:
      return AddReply(file, step, unit, draft);
    case v1::STEP_EVALUATE:
    case v1::STEP_FEED_BACK:
      return AddVoice(file, step, draft);
    case v1::STEP_SUPERVISE: {
      v1::Supervision supervision;
      supervision.set_type(step.supervision());
      supervision.set_date(step.date());
      supervision.set_to(unit);
      supervision.set_due_date(step.due_date());
      supervision.set_result(step.text());
      return Add(supervision, draft);
    }
    case v1::STEP_CORRECT: {
      v1::Correction correction;
      correction.set_date(step.date());
      correction.set_text(step.text());
      correction.set_by(step.by());
      return Add(correction, draft);
    }
    default:
      return absl::OkStatus();
  }
}

}  // namespace liaison
