// R1 counts what was closed by the cut-off: what voters say later changes no report that was published before.
#include <map>

#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class CutOffTest : public CaseTest {
 protected:
  // Answered, found good and closed, all on the day.
  std::string Closed(const std::string& words) {
    const std::string id = Accepted(words);
    Do(hub(), id, Assign("HK-U04"));
    Do(hub(), id, Of(v1::STEP_RECEIVE));
    v1::Step progress = Of(v1::STEP_PROGRESS);
    progress.set_text("已备料");
    Do(hub(), id, progress);
    Do(hub(), id, Reply(v1::CLASS_A));
    Sync();
    Do(village(), id, Rate(v1::RATING_SATISFIED, "王小二"));
    Sync();
    EXPECT_EQ(Do(hub(), id, Of(v1::STEP_CLOSE)), v1::CLOSED);
    return id;
  }
  std::string Publish() {
    v1::PublishReportRequest request;
    request.set_action_id(town_.ActionId());
    request.mutable_scope()->set_period("2026-H1");
    request.set_user("镇人大干事");
    absl::StatusOr<v1::PublishReportResponse> response = hub()->statistics()->PublishReport(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->report().id() : "";
  }
  v1::GetPublishedReportResponse Published(const std::string& id) {
    v1::GetPublishedReportRequest request;
    request.set_id(id);
    absl::StatusOr<v1::GetPublishedReportResponse> response = hub()->statistics()->GetPublishedReport(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::GetPublishedReportResponse();
  }
  static std::map<std::string, v1::PublishedFigure> FiguresOf(const v1::GetPublishedReportResponse& report) {
    std::map<std::string, v1::PublishedFigure> figures;
    for (const v1::PublishedFigure& figure : report.figures()) figures[figure.then().code()] = figure;
    return figures;
  }
  HubNode* hub() { return &town_.hub(); }
};

TEST_F(CutOffTest, WhatIsOpenedAgainLaterChangesNoReportOfBefore) {
  const std::string kept = Closed("桥栏杆坏了"), again = Closed("路灯不亮");
  const std::string open = Accepted("水渠垮了");
  Do(hub(), open, Assign("HK-U05"));
  On("2026-07-01");
  const std::string report = Publish();
  const v1::GetPublishedReportResponse before = Published(report);
  EXPECT_EQ(FiguresOf(before)["R1"].then().note(), "2/3");
  EXPECT_THAT(before.text(), HasSubstr("办结率"));

  On("2026-07-20");
  Sync();
  Do(village(), kept, Rate(v1::RATING_DISSATISFIED, "王小二"));  // said, not yet acted on
  Do(village(), again, Rate(v1::RATING_DISSATISFIED, "王小二"));
  Sync();
  EXPECT_EQ(Do(hub(), again, Of(v1::STEP_REWORK)), v1::REWORK);
  const v1::GetPublishedReportResponse after = Published(report);
  EXPECT_EQ(after.text(), before.text());
  std::map<std::string, v1::PublishedFigure> figures = FiguresOf(after);
  EXPECT_EQ(figures["R1"].then().note(), "2/3");
  EXPECT_EQ(figures["R1"].then().value(), FiguresOf(before)["R1"].then().value());
  EXPECT_EQ(figures["R1"].now(), 333) << "what came later stands beside it: one of three";
  EXPECT_EQ(figures["R4.voters"].then().note(), "2/2");
  EXPECT_EQ(figures["N9"].now(), 3) << "a round more is no matter more";

  // Closed after the report: the next one has it, the old one does not.
  Do(hub(), again, Of(v1::STEP_RECEIVE));
  v1::Step progress = Of(v1::STEP_PROGRESS);
  progress.set_text("换了灯");
  Do(hub(), again, progress);
  Do(hub(), again, Reply(v1::CLASS_A));
  Do(hub(), again, Rate(v1::RATING_SATISFIED, "王小二"));
  EXPECT_EQ(Do(hub(), again, Of(v1::STEP_CLOSE)), v1::CLOSED);
  EXPECT_EQ(FiguresOf(Published(report))["R1"].then().note(), "2/3");
  EXPECT_EQ(FiguresOf(Published(report))["R1"].now(), 667);
}

}  // namespace
}  // namespace liaison
