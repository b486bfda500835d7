// Boxes whose clocks are wrong: what they say, what they ask for, and what they leave in the records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/base/text.h"
#include "common/rules/days/calendar.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int64_t kHourMs = 3'600'000, kDayMs = 24 * kHourMs;

int64_t At(std::string_view day) { return ParseDay(day).value() * kDayMs + kHourMs; }  // 09:00 in the township

class ClockTest : public testing::Test {
 protected:
  ClockTest() : town_(11), dir_(folder_.path() + "/box") { EnrolInto(dir_, "HK-D057", &town_.hub(), &town_.random()); }

  // A run of the box, which begins with its clock at 09:00 of `day`.
  StationNode& Run(std::string_view day) {
    station_.reset();
    clock_.Set(At(day));
    StationNode::Options options;
    options.dir = dir_;
    options.link = false;
    options.clock = &clock_;
    options.random = &town_.random();
    station_ = Must(StationNode::Open(std::move(options)));
    return *station_;
  }
  v1::ClockState Clock() { return station_->records()->GetStatus({})->clock(); }
  std::string Trouble() { return Clock().trouble(); }
  absl::Status Give(const std::string& today) {
    v1::SetTodayRequest request;
    request.set_today(today);
    request.set_user("李雪");
    return station_->records()->SetToday(request).status();
  }
  absl::StatusOr<v1::SessionView> Open(const std::string& date, bool meant = false) {
    v1::OpenSessionRequest request;
    request.set_action_id(town_.ActionId());
    request.set_date_meant(meant);
    request.mutable_session()->set_date(date);
    request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    absl::StatusOr<v1::OpenSessionResponse> opened = station_->reception()->OpenSession(request);
    if (!opened.ok()) return opened.status();
    return opened->session();
  }
  std::string Why(const std::string& date, bool meant = false) {
    return std::string(Open(date, meant).status().message());
  }
  v1::VisitView Log(const v1::SessionView& session, const std::string& words) {
    absl::StatusOr<v1::LogVisitResponse> logged = station_->reception()->LogVisit(VisitRequest(&town_, session, words));
    EXPECT_TRUE(logged.ok()) << logged.status();
    return logged.ok() ? logged->visit() : v1::VisitView();
  }
  // Of the events of its history, how many say so.
  int Suspect(const std::string& id) {
    v1::GetHistoryRequest request;
    request.set_id(id);
    int suspect = 0;
    const v1::GetHistoryResponse history = Must(station_->records()->GetHistory(request));
    for (const v1::HistoryEvent& event : history.events()) suspect += event.clock_suspect() ? 1 : 0;
    return suspect;
  }

  Township town_;  // at 2026-11-20
  TempDir folder_;
  std::string dir_;
  ManualClock clock_;
  std::unique_ptr<StationNode> station_;
};

TEST_F(ClockTest, ARightClockAsksForNothing) {
  Run("2026-11-21");
  EXPECT_THAT(Trouble(), IsEmpty());
  absl::StatusOr<v1::SessionView> session = Open("");
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->session().date(), "2026-11-21");
  EXPECT_EQ(Suspect(Log(*session, "水渠垮了").matters(0).id()), 0);
  EXPECT_THAT(std::string(Give("2026-11-22").message()), HasSubstr("没有疑问"));
}

TEST_F(ClockTest, AClockThatFellBackHasTheDateGivenAndTheNumberTakesItsYear) {
  for (const char* day : {"1970-01-02", "2010-01-01"}) {
    Run(day);
    EXPECT_THAT(Trouble(), HasSubstr("早于")) << day;
    EXPECT_THAT(Why(""), HasSubstr("请写明日期"));
    EXPECT_THAT(Why("2026-11-21"), HasSubstr("--yes"));
    absl::StatusOr<v1::SessionView> session = Open("2026-11-21", true);
    ASSERT_TRUE(session.ok()) << session.status();
    EXPECT_THAT(session->session().number(), HasSubstr("2026"));
    const v1::VisitView visit = Log(*session, "水渠垮了");
    EXPECT_THAT(visit.matters(0).matter().number(), HasSubstr("2026"));
    EXPECT_GT(Suspect(visit.matters(0).id()), 0);
  }
  // The hub sees it too.
  ASSERT_TRUE(town_.Sync(station_.get()));
  v1::ListMattersRequest all;
  all.set_from("2026-01-01");
  all.set_to("2026-12-31");
  const std::string id = town_.hub().desk()->ListMatters(all)->matters(0).id();
  v1::GetHistoryRequest request;
  request.set_id(id);
  EXPECT_TRUE(town_.hub().records()->GetHistory(request)->events(0).clock_suspect());
}

TEST_F(ClockTest, AClockFarAheadIsSuspectToo) {
  Run("2099-12-31");
  EXPECT_THAT(Trouble(), HasSubstr("两年以上"));
  EXPECT_THAT(Why(""), HasSubstr("请写明日期"));
  EXPECT_THAT(Why("2026-11-21"), HasSubstr("一年以上"));
}

TEST_F(ClockTest, TheNewestRecordCountsUnlessItWasWrittenUnderASuspectClock) {
  Run("2027-06-01");
  ASSERT_TRUE(Open("").ok());
  Run("2099-12-31");
  ASSERT_TRUE(Open("2027-06-02", true).ok());
  Run("2027-06-03");
  EXPECT_THAT(Trouble(), IsEmpty()) << "what was written in 2099 counts for nothing";
  Run("2027-01-15");
  EXPECT_EQ(Trouble(), "本机时钟是2027-01-15，早于本机最新的记录（2027-06-01）");
}

TEST_F(ClockTest, AwayFromTheHubsTimeAsTold) {
  StationNode& box = Run("2026-11-24");
  EXPECT_THAT(Trouble(), IsEmpty());
  ASSERT_TRUE(box.sink()->OnHubTime(At("2026-11-21")).ok());
  EXPECT_EQ(Trouble(), "本机时钟是2026-11-24，镇中心是2026-11-21");
  EXPECT_EQ(Clock().hub_today(), "2026-11-21");
  EXPECT_EQ(Clock().ahead_ms(), 3 * kDayMs);
  EXPECT_THAT(Why("2026-11-22"), HasSubstr("晚于今天（2026-11-21）")) << "the hub's day decides what is ahead";
  EXPECT_TRUE(Open("2026-11-21").ok());
  // Remembered: the next run starts ahead, or before what was told.
  Run("2026-11-25");
  EXPECT_THAT(Trouble(), HasSubstr("比镇中心快"));
  Run("2026-11-19");
  EXPECT_THAT(Trouble(), HasSubstr("早于镇中心上次告知的2026-11-21"));
  Run("2026-11-22");
  EXPECT_THAT(Trouble(), IsEmpty());
}

TEST_F(ClockTest, TheHubsTimeOutranksWhatLiesOnTheDisk) {
  Run("2027-05-01");  // nobody can know yet that it is wrong
  EXPECT_THAT(Trouble(), IsEmpty());
  ASSERT_TRUE(Open("").ok());
  StationNode& box = Run("2026-11-22");
  EXPECT_THAT(Trouble(), HasSubstr("最新的记录（2027-05-01）"));
  ASSERT_TRUE(box.sink()->OnHubTime(At("2026-11-22")).ok());
  EXPECT_THAT(Trouble(), IsEmpty());
  Run("2026-11-23");
  EXPECT_THAT(Trouble(), IsEmpty()) << "and so it stays";
}

TEST_F(ClockTest, ADayThatAPersonGivesHoldsForTheRunAndMovesOn) {
  Run("2010-01-01");
  EXPECT_FALSE(Give("2026-13-01").ok());
  EXPECT_FALSE(Give("2025-11-01").ok()) << "before the enrolment";
  ASSERT_TRUE(Give("2026-11-30").ok());
  EXPECT_EQ(Clock().given(), "2026-11-30");
  EXPECT_EQ(Clock().given_by(), "李雪");
  absl::StatusOr<v1::SessionView> session = Open("");
  ASSERT_TRUE(session.ok()) << session.status();
  EXPECT_EQ(session->session().date(), "2026-11-30");
  EXPECT_THAT(Why("2026-12-01"), HasSubstr("晚于今天")) << "there is a today again";
  EXPECT_GT(Suspect(Log(*session, "水渠垮了").matters(0).id()), 0) << "the clock is still wrong";
  clock_.Advance(16 * kHourMs);
  EXPECT_EQ(station_->records()->GetStatus({})->today(), "2026-12-01");
  Run("2010-01-01");
  EXPECT_THAT(Clock().given(), IsEmpty());
}

TEST_F(ClockTest, NoVisitIsInTheFutureOrUnaskedMoreThanAYearBack) {
  Run("2026-11-21");
  EXPECT_THAT(Why("2026-11-22"), HasSubstr("接待日期：2026-11-22晚于今天（2026-11-21）"));
  EXPECT_THAT(Why("2026-11-22", true), HasSubstr("晚于今天")) << "no --yes makes it possible";
  EXPECT_THAT(Why("2025-11-20"), HasSubstr("--yes"));
  EXPECT_TRUE(Open("2025-11-20").status().GetPayload(kDateToConfirm).has_value()) << "pages go by this";
  EXPECT_TRUE(Open("2025-11-20", true).ok());
  EXPECT_TRUE(Open("2025-11-21").ok());
  // Nor by an edit, nor by a conflict that is settled so.
  absl::StatusOr<v1::SessionView> session = Open("");
  ASSERT_TRUE(session.ok());
  const auto edit = [&](const std::string& date, bool meant) {
    v1::ChangeRecordRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(session->id());
    request.set_token(session->token());
    request.set_fields(Cat("{\"date\":\"", date, "\"}"));
    request.set_date_meant(meant);
    return std::string(station_->records()->ChangeRecord(request).status().message());
  };
  EXPECT_THAT(edit("2026-12-24", true), HasSubstr("晚于今天"));
  EXPECT_THAT(edit("2024-12-24", false), HasSubstr("--yes"));
  EXPECT_THAT(edit("2026-11-20", false), IsEmpty());
}

TEST_F(ClockTest, ADateThatIsSettledIsCheckedToo) {
  std::unique_ptr<Site> one = town_.Enrol("HK-D057"), other = town_.Enrol("HK-D057");
  const v1::SessionView session = OpenSession(&town_, one->node.get(), "2026-11-20");
  const auto sync = [&] {
    for (int round = 0; round < 3; ++round)
      for (Site* site : {one.get(), other.get()}) EXPECT_TRUE(town_.Sync(site->node.get()));
  };
  sync();
  const auto change = [&](Site* site, const std::string& date) {
    v1::GetRecordRequest read;
    read.set_id(session.id());
    v1::ChangeRecordRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(session.id());
    request.set_token(site->node->records()->GetRecord(read)->record().token());
    request.set_fields(Cat("{\"date\":\"", date, "\"}"));
    return site->node->records()->ChangeRecord(request).status();
  };
  ASSERT_TRUE(change(one.get(), "2026-11-18").ok());
  ASSERT_TRUE(change(other.get(), "2026-11-19").ok());
  sync();
  const auto settle = [&](const std::string& text, bool meant) {
    v1::SettleRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(session.id());
    request.set_field("date");
    request.set_text(text);
    request.set_date_meant(meant);
    return std::string(one->node->records()->Settle(request).status().message());
  };
  EXPECT_THAT(settle("2027-11-18", true), HasSubstr("晚于今天"));
  EXPECT_THAT(settle("2024-11-18", false), HasSubstr("--yes"));
  EXPECT_THAT(settle("2026-11-17", false), IsEmpty());
}

TEST_F(ClockTest, RowsOfALedgerThatLieInTheFutureAreRefusedByRow) {
  std::unique_ptr<Site> center = town_.Enrol("HK-Z001");
  v1::ImportLedgerRequest request;
  request.set_file_name("台账.csv");
  request.set_content(
      "序号,接待日期,联络点,反映内容,接待代表,处理方式\n"
      "1,2026-11-19,鱼姐村委会,水渠垮了,薛云,村级办理\n"
      "2,2099-03-05,鱼姐村委会,路灯不亮,薛云,村级办理\n"
      "3,1998-03-05,鱼姐村委会,路不通,薛云,村级办理\n");
  absl::StatusOr<v1::ImportLedgerResponse> response = center->node->ledgers()->ImportLedger(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->accepted(), 2);
  ASSERT_EQ(response->refusals_size(), 1);
  EXPECT_EQ(response->refusals(0).serial(), "2");
  EXPECT_EQ(response->refusals(0).column(), "接待日期");
  EXPECT_THAT(response->refusals(0).reason(), HasSubstr("接待日期：2099-03-05晚于今天（2026-11-20）"));
  EXPECT_THAT(response->mend_file(), HasSubstr("路灯不亮"));
}

}  // namespace
}  // namespace liaison
