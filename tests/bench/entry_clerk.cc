#include "tests/bench/entry_clerk.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/record/op.h"

namespace liaison::bench {

v1::LogVisitRequest VisitOf(const Record& record, const std::string& session_id, const std::string& action_id) {
  v1::LogVisitRequest request;
  request.set_action_id(action_id);
  request.set_session_id(session_id);
  request.set_user("联络员");
  const bool answered = record.status == "当场答复";
  v1::VisitEntry& entry = *request.mutable_entry();
  entry.set_time(record.time);
  entry.set_headcount(record.people);
  entry.set_is_constituent(true);
  entry.set_original_words(record.content);
  entry.set_village_group(record.village);
  if (!answered) entry.set_remark(record.reply);
  v1::VisitorFields& visitor = *request.mutable_visitor();
  visitor.set_name(record.visitor);
  visitor.set_phone(record.phone);
  visitor.set_village_group(record.village);
  v1::Matter& matter = *request.add_matters();
  matter.set_content(record.content);
  matter.set_category(record.category_code);
  matter.set_nature(v1::NATURE_OPINION);
  matter.set_place(record.village);
  matter.set_disposition(answered                      ? v1::DISPOSITION_ANSWERED
                         : record.status == "村级办理" ? v1::DISPOSITION_VILLAGE
                                                       : v1::DISPOSITION_SUBMIT);
  if (answered) {
    matter.set_answer(record.reply);
    matter.set_answered_by(record.deputy_ids.front());
  }
  std::string remark = record.unit;
  for (const FollowUp& f : record.follow_ups) remark += Cat("\n", f.date, " ", f.by, " ", f.unit, " ", f.note);
  matter.set_remark(remark);
  return request;
}

std::string EntryClerk::ActionId() { return Hex(random_.Bytes(kActionIdBytes)); }

absl::StatusOr<std::string> EntryClerk::SessionFor(const Record& record) {
  if (record.date == day_) return session_id_;
  v1::OpenSessionRequest request;
  request.set_date_meant(true);  // some days lie years back
  request.set_action_id(ActionId());
  request.set_user("联络员");
  request.mutable_session()->set_date(record.date);
  for (const std::string& id : record.deputy_ids) request.mutable_session()->add_deputies()->set_deputy_id(id);
  ASSIGN_OR_RETURN(v1::OpenSessionResponse response, node_->reception()->OpenSession(request));
  day_ = record.date;
  session_id_ = response.session().id();
  return session_id_;
}

absl::Status EntryClerk::Enter(const Record& record) {
  ASSIGN_OR_RETURN(std::string session, SessionFor(record));
  return node_->reception()->LogVisit(VisitOf(record, session, ActionId())).status();
}

absl::Status EntryClerk::EnterAll(const std::vector<Record>& records) {
  for (const Record& record : records) RETURN_IF_ERROR(Enter(record));
  return absl::OkStatus();
}

}  // namespace liaison::bench
