// Matters from the voter's words to the archive, at whole stations and a whole hub.
#ifndef LIAISON_TESTS_CASEWORK_CASE_FIXTURE_H_
#define LIAISON_TESTS_CASEWORK_CASE_FIXTURE_H_

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/text.h"
#include "common/record/schema.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {

class CaseTest : public ::testing::Test {
 protected:
  // The boxes are enrolled the day before the cases begin, so that their clocks are trusted.
  CaseTest() : town_(7, "", NineOn("2026-03-19")), village_(town_.Enrol("HK-D057")) { On("2026-03-20"); }

  static int64_t NineOn(const char* date) {
    absl::CivilDay day(1970, 1, 1);
    day += ParseDay(date).value();
    return absl::ToUnixMillis(absl::FromCivil(day, absl::FixedTimeZone(8 * 3600)) + absl::Hours(9));
  }

  StationNode* village() { return village_->node.get(); }
  void On(const char* date) { town_.clock().Set(NineOn(date)); }
  void Sync() { ASSERT_TRUE(town_.Sync(village())); }

  // A matter of the village, as it was logged on its own.
  v1::MatterView Log(const std::string& words, v1::Disposition disposition = v1::DISPOSITION_SUBMIT) {
    v1::SessionView session = OpenSession(&town_, village(), village()->records()->GetStatus({})->today());
    v1::LogVisitRequest request = VisitRequest(&town_, session, words);
    request.mutable_matters(0)->set_disposition(disposition);
    return Must(village()->reception()->LogVisit(request)).visit().matters(0);
  }
  // As a person does who has the matter on the screen.
  // `action_id`: hex, one that a test chooses.
  template <typename Node>
  absl::StatusOr<v1::TakeStepResponse> Try(Node* node, const std::string& id, v1::Step step,
                                           const std::string& action_id = "") {
    v1::GetRecordRequest get;
    get.set_id(id);
    absl::StatusOr<v1::GetRecordResponse> record = node->records()->GetRecord(get);
    if (!record.ok()) return record.status();
    v1::TakeStepRequest request;
    request.set_action_id(action_id.empty() ? town_.ActionId() : action_id);
    request.add_targets()->set_id(id);
    request.mutable_targets(0)->set_token(record->record().token());
    *request.mutable_step() = step;
    return node->casework()->TakeStep(request);
  }
  template <typename Node>
  v1::MatterState Do(Node* node, const std::string& id, const v1::Step& step) {
    absl::StatusOr<v1::TakeStepResponse> response = Try(node, id, step);
    EXPECT_TRUE(response.ok()) << EnumLabel(step.kind()) << ": " << response.status();
    return response.ok() ? response->matters(0).state() : v1::STATE_UNSPECIFIED;
  }
  template <typename Node>
  std::string Refused(Node* node, const std::string& id, const v1::Step& step) {
    absl::StatusOr<v1::TakeStepResponse> response = Try(node, id, step);
    return response.ok() ? "taken" : std::string(response.status().message());
  }
  static v1::Step Of(v1::StepKind kind) {
    v1::Step step;
    step.set_kind(kind);
    return step;
  }
  static v1::Step Assign(const char* unit) {
    v1::Step step = Of(v1::STEP_ASSIGN);
    step.set_unit(unit);
    return step;
  }
  static v1::Step Reply(v1::ReplyClass reply_class) {
    v1::Step step = Of(v1::STEP_REPLY);
    step.set_reply_class(reply_class);
    step.set_text("已经修好");
    step.set_mode("面复");
    if (reply_class == v1::CLASS_B) {
      step.set_promise("列入计划");
      step.set_promise_date("2026-12-31");
    }
    return step;
  }
  static v1::Step Rate(v1::Rating rating, const char* by) {
    v1::Step step = Of(v1::STEP_EVALUATE);
    step.set_rating(rating);
    step.set_by(by);
    return step;
  }
  static v1::Step Because(v1::StepKind kind, const char* reason) {
    v1::Step step = Of(kind);
    step.set_reason(reason);
    return step;
  }
  template <typename Node>
  v1::CaseView Case(Node* node, const std::string& id) {
    v1::GetCaseRequest request;
    request.set_id(id);
    absl::StatusOr<v1::GetCaseResponse> response = node->casework()->GetCase(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->case_() : v1::CaseView();
  }
  int CountIn(v1::WorkList list) {
    v1::ListWorkRequest request;
    request.set_list(list);
    request.set_any_track(true);
    absl::StatusOr<v1::ListWorkResponse> response = town_.hub().casework()->ListWork(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->total() : -1;
  }
  // Numbers of the matters in a list, as one side sees it.
  template <typename Node>
  std::vector<std::string> Listed(Node* node, v1::WorkList list, const char* station = "") {
    v1::ListWorkRequest request;
    request.set_list(list);
    request.set_any_track(true);
    request.set_station_id(station);
    absl::StatusOr<v1::ListWorkResponse> response = node->casework()->ListWork(request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> numbers;
    if (response.ok())
      for (const v1::WorkRow& row : response->rows()) numbers.push_back(row.matter().matter().number());
    return numbers;
  }
  // Logged, submitted, at the hub and accepted there.
  std::string Accepted(const std::string& words) {
    v1::MatterView matter = Log(words);
    EXPECT_EQ(Do(village(), matter.id(), Of(v1::STEP_SUBMIT)), v1::SUBMITTED);
    Sync();
    EXPECT_EQ(Do(&town_.hub(), matter.id(), Of(v1::STEP_ACCEPT)), v1::ACCEPTED);
    return matter.id();
  }
  std::string Suggestion(const std::string& words) {
    v1::RegisterProposalRequest request;
    request.set_action_id(town_.ActionId());
    request.mutable_matter()->set_track(v1::TRACK_SUGGESTION);
    request.mutable_matter()->set_content(words);
    request.mutable_matter()->set_category("05");
    request.mutable_matter()->set_lead_deputy("HK-R001");
    request.mutable_matter()->set_congress("20-3");
    return Must(town_.hub().casework()->RegisterProposal(request)).matter().id();
  }

  Township town_;
  std::unique_ptr<Site> village_;
};

}  // namespace liaison

#endif  // LIAISON_TESTS_CASEWORK_CASE_FIXTURE_H_
