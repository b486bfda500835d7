// What goes out while a matter is handled.
#include <algorithm>

#include "common/base/text.h"
#include "common/paper/forms.h"
#include "common/paper/page.h"
#include "common/prints/print_forms.h"
#include "common/rules/days/calendar.h"
#include "common/rules/roster/roster.h"

namespace liaison::prints {
namespace {

absl::Status Missing(std::string_view what) {
  return absl::FailedPreconditionError(Cat("这件事项还没有", what, "，不能打印"));
}

class CaseForms {
 public:
  CaseForms(const ServiceContext& context, const v1::CaseView& view)
      : roster_(context.roster->Get()),
        view_(view),
        matter_(view.matter().matter()),
        office_(roster_->PresidiumName()),
        last_(view.assignments().empty() ? nullptr : &*view.assignments().rbegin()) {}

  absl::StatusOr<std::string> Assignment() const {
    if (last_ == nullptr) return Missing("交办");
    const v1::Assignment& assignment = last_->assignment();
    office::AssignmentForm form;
    form.office = office_;
    form.number = assignment.number();
    form.matter_number = matter_.number();
    form.batch = assignment.batch();
    form.date = assignment.assigned_date();
    form.title = matter_.title();
    form.content = matter_.content();
    form.source = IsDeputys() ? Proposers() : view_.matter().station_name();
    form.main_unit = last_->unit_name();
    form.co_units = Joined({last_->co_unit_names().begin(), last_->co_unit_names().end()});
    form.requirement = assignment.requirement();
    form.due = last_->due_date();
    // A time that was set for this one matter is said as it is; only without one there is nothing more to say.
    form.kind = assignment.kind() != v1::ASSIGNMENT_CUSTOM ? EnumLabel(assignment.kind())
                : form.due.empty()                         ? "限期办结"
                                                           : Cat(office::DayOrBlank(form.due), "前");
    form.phone = OfficePhone();
    form.received_by = assignment.received_by();
    form.received_date = assignment.received_date();
    form.key_matter = matter_.key_matter();
    return office::Print(form);
  }

  absl::StatusOr<std::string> Reply() const {
    if (view_.replies().empty()) return Missing("答复");
    const v1::Reply& reply = *view_.replies().rbegin();
    office::ReplyForm form;
    form.unit = reply.unit().empty() ? Unit() : roster_->DepartmentName(reply.unit());
    form.document_no = reply.document_no();
    form.reply_class = EnumLabel(reply.reply_class());
    form.to = IsDeputys() ? roster_->DeputyName(matter_.lead_deputy()) + "代表" : "反映人";
    form.kind = matter_.track() == v1::TRACK_BILL ? "议案" : IsDeputys() ? "建议" : "意见建议";
    form.title = matter_.title();
    form.matter_number = matter_.number();
    form.text = reply.text();
    form.promise = reply.promise();
    form.promise_date = reply.promise_date();
    form.signer = reply.signer();
    form.date = reply.date();
    form.copies = office_;
    return office::Print(form);
  }

  absl::StatusOr<std::string> Survey() const {
    if (view_.replies().empty()) return Missing("答复");
    const v1::Reply& reply = *view_.replies().rbegin();
    office::SurveyForm form;
    form.office = office_;
    form.title = matter_.title();
    form.matter_number = matter_.number();
    form.by = IsDeputys() ? Proposers() : "反映人（由联络站征询）";
    form.main_unit = Unit();
    form.reply_date = reply.date();
    form.reply_mode = reply.mode();
    form.reply_class = EnumLabel(reply.reply_class());
    form.round = Cat(std::max(reply.round(), 1u));
    for (const v1::Evaluation& evaluation : view_.evaluations()) {
      if (std::max(evaluation.round(), 1u) != std::max(reply.round(), 1u)) continue;
      if (evaluation.attitude() != v1::RATING_UNSPECIFIED) form.attitude = EnumLabel(evaluation.attitude());
      form.result = EnumLabel(evaluation.result());
      form.comment = evaluation.comment();
      form.date = evaluation.date();
    }
    return office::Print(form);
  }

  absl::StatusOr<std::string> Supervision() const {
    if (view_.supervisions().empty()) return Missing("督办");
    const v1::Supervision& supervision = *view_.supervisions().rbegin();
    office::SupervisionForm form;
    form.office = office_;
    form.type = supervision.type();
    form.to = supervision.to().empty() ? Unit() : roster_->DepartmentName(supervision.to());
    form.date = supervision.date();
    form.title = matter_.title();
    form.matter_number = matter_.number();
    form.answer_by = supervision.due_date();
    if (last_ != nullptr) {
      form.assigned = last_->assignment().assigned_date();
      form.due = last_->due_date();
      const std::optional<Day> due = ParseDay(form.due), now = ParseDay(supervision.date());
      if (due && now && *now > *due) form.overdue = Cat("已超期 ", *now - *due, " 天");
    }
    return office::Print(form);
  }

  // The one that was asked for last.
  absl::StatusOr<std::string> Decision() const {
    const v1::ReturnRequest* back = view_.returns().empty() ? nullptr : &*view_.returns().rbegin();
    const v1::Extension* longer = view_.extensions().empty() ? nullptr : &*view_.extensions().rbegin();
    if (back == nullptr && longer == nullptr) return Missing("申请退办或延期");
    office::DecisionForm form;
    form.extension = back == nullptr || (longer != nullptr && longer->date() >= back->date());
    form.office = office_;
    form.title = matter_.title();
    form.matter_number = matter_.number();
    if (const v1::AssignmentView* asked = AssignmentOf(form.extension ? longer->assignment() : back->assignment())) {
      form.number = asked->assignment().number();
      form.unit = asked->unit_name();
      form.assigned = asked->assignment().assigned_date();
      form.due = asked->assignment().due_date();
    }
    if (form.extension) {
      Fill(*longer, &form);
      form.asked_due = longer->asked_due();
      form.new_due = longer->new_due();
    } else {
      Fill(*back, &form);
      form.late_approved_by = back->late_approved_by();
    }
    return office::Print(form);
  }

  absl::StatusOr<std::string> Escalation() const {
    if (view_.escalations().empty()) return Missing("转上级");
    const v1::Escalation& escalation = *view_.escalations().rbegin();
    office::EscalationForm form;
    form.office = office_;
    form.document_no = escalation.document_no();
    form.to = escalation.to();
    form.level = EnumLabel(escalation.level());
    form.date = escalation.date();
    form.title = matter_.title();
    form.matter_number = matter_.number();
    form.registered = matter_.date();
    if (!matter_.confidential()) form.station = SignName(*roster_, matter_.station_id());
    form.content = matter_.content();
    form.text = escalation.text();
    form.phone = OfficePhone();
    return office::Print(form);
  }

 private:
  template <typename Request>
  static void Fill(const Request& request, office::DecisionForm* form) {
    form->date = request.date();
    form->reason = request.reason();
    form->decision = EnumLabel(request.decision());
    form->decision_reason = request.decision_reason();
    form->decided_by = request.decided_by();
    form->decision_date = request.decision_date();
  }

  const v1::AssignmentView* AssignmentOf(const std::string& code) const {
    for (const v1::AssignmentView& assignment : view_.assignments())
      if (assignment.code() == code) return &assignment;
    return last_;
  }

  bool IsDeputys() const { return matter_.track() == v1::TRACK_SUGGESTION || matter_.track() == v1::TRACK_BILL; }
  std::string Proposers() const {
    std::vector<std::string> names = {roster_->DeputyName(matter_.lead_deputy())};
    for (const std::string& deputy : matter_.cosigners()) names.push_back(roster_->DeputyName(deputy));
    return Joined(names);
  }
  std::string Unit() const { return last_ == nullptr ? "" : last_->unit_name(); }
  std::string OfficePhone() const {
    const v1::Station* center = roster_->Center();
    return center == nullptr ? "" : center->public_phone();
  }

  std::shared_ptr<const Roster> roster_;
  const v1::CaseView& view_;
  const v1::Matter& matter_;
  std::string office_;
  const v1::AssignmentView* last_;  // null: never assigned
};

}  // namespace

absl::StatusOr<std::string> OfCase(const ServiceContext& context, v1::Paper paper, const v1::CaseView& view) {
  if (view.matter().voided()) return absl::FailedPreconditionError("这件事项已作废，不能打印");
  const CaseForms forms(context, view);
  switch (paper) {
    case v1::PAPER_ASSIGNMENT:
      return forms.Assignment();
    case v1::PAPER_REPLY:
      return forms.Reply();
    case v1::PAPER_SURVEY:
      return forms.Survey();
    case v1::PAPER_SUPERVISION:
      return forms.Supervision();
    case v1::PAPER_DECISION:
      return forms.Decision();
    default:
      return forms.Escalation();
  }
}

}  // namespace liaison::prints
