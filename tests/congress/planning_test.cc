// Reception days: planned, announced, attended, and typed later from paper.
#include "tests/congress/fixture.h"

namespace liaison {
namespace {

class PlanningTest : public CongressFixture {
 protected:
  // One session on 2026-12-15, planned by the village.
  v1::SessionView Planned() {
    SetRule("每月15日，节假日顺延");
    SyncAll();
    v1::PlanSessionsResponse planned = Plan(village(), "2026-12-01", "2026-12-31");
    EXPECT_EQ(planned.planned_size(), 1);
    return planned.planned_size() == 1 ? planned.planned(0) : v1::SessionView();
  }
  v1::SessionView Started() {
    v1::SessionView session = Planned();
    On("2026-12-15");
    absl::StatusOr<v1::StartSessionResponse> started =
        village().planning()->StartSession(About<v1::StartSessionRequest>(village(), session.id()));
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? started->session() : v1::SessionView();
  }
  // Somebody who is not on duty there.
  static const char* Other(const v1::SessionView& session) {
    return session.session().deputies(0).deputy_id() == "HK-R001" ? "HK-R002" : "HK-R001";
  }
};

TEST_F(PlanningTest, APeriodIsPlannedOnceHoweverOftenItIsAsked) {
  SetRule("每月1日、15日，节假日顺延");
  SyncAll();
  v1::PlanSessionsResponse first = Plan(village(), "2026-11-21", "2027-01-31");
  std::string days;
  for (const v1::SessionView& session : first.planned()) {
    days += session.session().date() + " ";
    EXPECT_EQ(session.state(), v1::SESSION_PLANNED);
    EXPECT_EQ(session.session().station_id(), kVillage);
    EXPECT_EQ(session.session().deputies_size(), 1);
    EXPECT_EQ(session.session().start(), "08:30");
  }
  EXPECT_EQ(days, "2026-12-01 2026-12-15 2027-01-01 2027-01-15 ");  // the table has no holidays of 2027
  EXPECT_EQ(first.planned(1).session().number(), "J20261215-D057-1");
  v1::PlanSessionsResponse again = Plan(village(), "2026-12-01", "2027-02-28");
  EXPECT_EQ(again.existing(), 4);
  ASSERT_EQ(again.planned_size(), 2);
  EXPECT_EQ(again.planned(0).session().date(), "2027-02-01");
  EXPECT_EQ(Plan(village(), "2026-12-01", "2027-02-28").planned_size(), 0);
}

TEST_F(PlanningTest, ARepeatedRequestGivesTheSameAnswer) {
  SetRule("每月15日");
  SyncAll();
  v1::PlanSessionsRequest request = PlanRequest("2026-12-01", "2026-12-31");
  const std::string id = village().planning()->PlanSessions(request)->planned(0).id();
  absl::StatusOr<v1::PlanSessionsResponse> again = village().planning()->PlanSessions(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated_action());
  EXPECT_EQ(again->planned(0).id(), id);
}

TEST_F(PlanningTest, AVoidedSessionMakesRoomForAnother) {
  v1::SessionView session = Planned();
  v1::VoidRecordRequest request;
  request.set_action_id(town_.ActionId());
  request.set_id(session.id());
  request.set_token(Token(village(), session.id()));
  request.set_reason("改期");
  ASSERT_EQ(Why(village().records()->VoidRecord(request)), "");
  v1::PlanSessionsResponse again = Plan(village(), "2026-12-01", "2026-12-31");
  ASSERT_EQ(again.planned_size(), 1);
  EXPECT_EQ(again.planned(0).session().number(), "J20261215-D057-2");  // a number is not given twice
}

TEST_F(PlanningTest, AStationsOwnRuleGoesBeforeTheTownships) {
  SetRule("每月15日");
  SetRule("逢农历1、4、7，节假日不接待", kVillage);
  SyncAll();
  EXPECT_GT(Plan(village(), "2026-12-01", "2026-12-31").planned_size(), 5);
  v1::SetSettingRequest wrong;
  wrong.set_action_id(town_.ActionId());
  wrong.set_key("schedule");
  wrong.set_value("有空就来");
  EXPECT_NE(Why(hub().congress()->SetSetting(wrong)).find("看不懂“有空就来”"), std::string::npos);
}

TEST_F(PlanningTest, WithoutARuleTheStationIsNamedAndPassedOver) {
  v1::PlanSessionsResponse planned = Plan(village(), "2026-12-01", "2026-12-31");
  EXPECT_EQ(planned.planned_size(), 0);
  ASSERT_EQ(planned.skipped_size(), 1);
  EXPECT_EQ(planned.skipped(0).reason(), "没有接待日规则");
}

TEST_F(PlanningTest, DeputiesTakeTurns) {
  SetRule("每周一");
  SyncAll();
  v1::PlanSessionsRequest request = PlanRequest("2026-12-01", "2027-01-31");
  for (const char* deputy : {"HK-R001", "HK-R002", "HK-R003"}) request.add_deputy_ids(deputy);
  absl::StatusOr<v1::PlanSessionsResponse> planned = village().planning()->PlanSessions(request);
  ASSERT_TRUE(planned.ok()) << planned.status();
  std::map<std::string, int> turns;
  for (const v1::SessionView& session : planned->planned()) ++turns[session.session().deputies(0).deputy_id()];
  ASSERT_EQ(planned->planned_size(), 8);
  EXPECT_EQ(turns.size(), 3u);
  for (const auto& [deputy, count] : turns) EXPECT_GE(count, 2) << deputy;
}

TEST_F(PlanningTest, AnAreaPlansForItsPointsAndAVillageForItself) {
  SetRule("每月15日");
  area();
  SyncAll();
  v1::PlanSessionsRequest foreign = PlanRequest("2026-12-01", "2026-12-31");
  foreign.add_station_ids(area_id_);
  EXPECT_NE(Why(village().planning()->PlanSessions(foreign)).find("不能替"), std::string::npos);
  v1::PlanSessionsResponse planned = Plan(area(), "2026-12-01", "2026-12-31");
  EXPECT_GT(planned.planned_size(), 1);
  SyncAll();
  v1::ListSessionsRequest list;
  list.set_from("2026-12-01");
  list.set_station_id(kVillage);
  absl::StatusOr<v1::ListSessionsResponse> there = village().reception()->ListSessions(list);
  ASSERT_TRUE(there.ok() && there->sessions_size() == 1) << there.status();
  EXPECT_EQ(there->sessions(0).state(), v1::SESSION_PLANNED);
  EXPECT_EQ(Plan(village(), "2026-12-01", "2026-12-31").existing(), 1);
  ExpectWhole();
}

TEST_F(PlanningTest, PeriodsThatAreNoneAreRefused) {
  SetRule("每月15日");
  SyncAll();
  for (auto [from, to] : {std::pair("2026-12-31", "2026-12-01"), std::pair("2026-02-30", "2026-03-01"),
                          std::pair("2026-01-01", "2027-12-31"), std::pair("", "2026-12-31")})
    EXPECT_NE(Why(village().planning()->PlanSessions(PlanRequest(from, to))), "") << from;
  v1::PlanSessionsRequest nobody = PlanRequest("2026-12-01", "2026-12-31");
  nobody.add_deputy_ids("HK-R999");
  EXPECT_EQ(Why(village().planning()->PlanSessions(nobody)), "接待代表：名册里没有编号为“HK-R999”的代表");
  v1::PlanSessionsRequest times = PlanRequest("2026-12-01", "2026-12-31");
  times.set_end("07:00");
  EXPECT_EQ(Why(village().planning()->PlanSessions(times)), "结束时间：不能早于开始时间");
}

TEST_F(PlanningTest, ANoticeIsDueThreeDaysBefore) {
  v1::SessionView session = Planned();
  On("2026-12-11");
  EXPECT_EQ(village().planning()->ListDueNotices({})->notices_size(), 0);
  v1::ListDueNoticesRequest ahead;
  ahead.set_days_ahead(1);
  EXPECT_EQ(village().planning()->ListDueNotices(ahead)->notices_size(), 1);
  On("2026-12-12");
  absl::StatusOr<v1::ListDueNoticesResponse> due = village().planning()->ListDueNotices({});
  ASSERT_TRUE(due.ok() && due->notices_size() == 1) << due.status();
  EXPECT_EQ(due->notices(0).notice_by(), "2026-12-12");
  EXPECT_FALSE(due->notices(0).late());
  EXPECT_NE(due->notices(0).text().find("兹定于2026年12月15日（星期二）08:30至11:30，由人大代表"), std::string::npos);
  On("2026-12-13");
  EXPECT_TRUE(village().planning()->ListDueNotices({})->notices(0).late());
  v1::RecordNoticesRequest record;
  record.set_action_id(town_.ActionId());
  record.add_session_ids(session.id());
  record.set_date("2026-12-16");
  EXPECT_NE(Why(village().planning()->RecordNotices(record)).find("不能晚于接待日"), std::string::npos);
  record.clear_date();
  absl::StatusOr<v1::RecordNoticesResponse> recorded = village().planning()->RecordNotices(record);
  ASSERT_TRUE(recorded.ok()) << recorded.status();
  EXPECT_EQ(recorded->sessions(0).session().notice_date(), "2026-12-13");
  EXPECT_EQ(village().planning()->ListDueNotices({})->notices_size(), 0);
}

TEST_F(PlanningTest, StartingKeepsTheNumberAndHappensOnce) {
  v1::SessionView planned = Planned();
  EXPECT_EQ(Why(Close(village(), planned.id())), "这一场还没有开始");
  v1::StartSessionRequest start = About<v1::StartSessionRequest>(village(), planned.id());
  start.set_start("08:45");
  absl::StatusOr<v1::StartSessionResponse> started = village().planning()->StartSession(start);
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_EQ(started->session().state(), v1::SESSION_OPEN);
  EXPECT_EQ(started->session().session().number(), planned.session().number());
  EXPECT_EQ(started->session().session().start(), "08:45");
  EXPECT_EQ(Why(village().planning()->StartSession(About<v1::StartSessionRequest>(village(), planned.id()))),
            "这一场已经开始");
  EXPECT_EQ(Why(Close(village(), planned.id())), "");
  EXPECT_EQ(Why(Close(village(), planned.id())), "这一场已经结束");
  EXPECT_EQ(Why(village().planning()->StartSession(About<v1::StartSessionRequest>(village(), planned.id()))),
            "这一场已经结束");
}

TEST_F(PlanningTest, TheFirstVisitOpensAPlannedSession) {
  v1::SessionView planned = Planned();
  On("2026-12-15");
  ASSERT_EQ(Why(village().reception()->LogVisit(VisitRequest(&town_, planned, "路灯不亮"))), "");
  v1::ListSessionsRequest list;
  list.set_from("2026-12-15");
  EXPECT_EQ(village().reception()->ListSessions(list)->sessions(0).state(), v1::SESSION_OPEN);
  ASSERT_EQ(Why(village().reception()->LogVisit(VisitRequest(&town_, planned, "水渠垮了"))), "");
  EXPECT_EQ(village().reception()->ListSessions(list)->sessions(0).visits(), 2);
  SyncAll();
  ExpectWhole();
}

TEST_F(PlanningTest, DeputiesSignInAndOut) {
  v1::SessionView session = Started();
  const std::string on_duty = session.session().deputies(0).deputy_id();
  EXPECT_EQ(Why(SignIn(village(), session.id(), on_duty.c_str(), "8点")), "签到时间：“8点”不是时间，应如 09:00");
  EXPECT_EQ(Why(SignIn(village(), session.id(), on_duty.c_str(), "", "11:00")), "签退时间：还没有签到");
  EXPECT_EQ(Why(SignIn(village(), session.id(), "HK-R999", "09:00")), "接待代表：名册里没有编号为“HK-R999”的代表");
  EXPECT_EQ(Why(SignIn(village(), session.id(), Other(session), "09:00")), "");  // any deputy may sit anywhere
  EXPECT_EQ(Why(Close(village(), session.id())), "接待代表：编号为“" + on_duty + "”的代表没有签到，也没有请假");
  ASSERT_EQ(Why(SignIn(village(), session.id(), on_duty.c_str(), "08:31")), "");
  EXPECT_EQ(Why(SignIn(village(), session.id(), on_duty.c_str(), "", "08:00")), "签退时间：不能早于签到时间");
  absl::StatusOr<v1::SignInResponse> out = SignIn(village(), session.id(), on_duty.c_str(), "", "11:30");
  ASSERT_TRUE(out.ok()) << out.status();
  EXPECT_EQ(out->session().session().deputies_size(), 2);
  for (const v1::SessionDeputy& deputy : out->session().session().deputies()) {
    if (deputy.deputy_id() != on_duty) continue;
    EXPECT_EQ(deputy.in(), "08:31");
    EXPECT_EQ(deputy.out(), "11:30");
  }
  EXPECT_EQ(Why(Close(village(), session.id())), "");
  EXPECT_EQ(Why(SignIn(village(), session.id(), on_duty.c_str(), "09:00")), "这一场已经结束");
}

TEST_F(PlanningTest, WhoIsOnLeaveIsNotThereAndMayBeReplaced) {
  v1::SessionView session = Started();
  const std::string on_duty = session.session().deputies(0).deputy_id();
  auto substitute = [&](const char* deputy) {
    auto request = About<v1::SubstituteRequest>(village(), session.id());
    request.set_deputy_id(deputy);
    request.set_substitute_for(on_duty);
    return Why(village().planning()->Substitute(request));
  };
  EXPECT_EQ(substitute(Other(session)), "替班：被替的代表没有请假");
  EXPECT_EQ(Why(Leave(village(), session.id(), Other(session))), "请假：这位代表不在这一场的名单里");
  ASSERT_EQ(Why(Leave(village(), session.id(), on_duty)), "");
  EXPECT_EQ(Why(Close(village(), session.id())), "接待代表：没有一位代表到场，不能结束；没有开展的场次请作废");
  ASSERT_EQ(substitute(Other(session)), "");
  EXPECT_EQ(substitute("HK-R003"), "替班：已有代表替班");
  EXPECT_EQ(Why(Close(village(), session.id())), "");
}

TEST_F(PlanningTest, AnAreaEntersForAVillageThatCannot) {
  area();
  v1::SessionView planned = Planned();
  SyncAll();
  On("2026-12-15");
  auto start = About<v1::StartSessionRequest>(area(), planned.id());
  ASSERT_EQ(Why(area().planning()->StartSession(start)), "");
  ASSERT_EQ(Why(area().reception()->LogVisit(VisitRequest(&town_, planned, "代录的一件事"))), "");
  ASSERT_EQ(Why(Close(area(), planned.id())), "");
  SyncAll();
  v1::ListSessionsRequest list;
  list.set_from("2026-12-15");
  absl::StatusOr<v1::ListSessionsResponse> there = village().reception()->ListSessions(list);
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_EQ(there->sessions(0).state(), v1::SESSION_CLOSED);
  EXPECT_EQ(there->sessions(0).visits(), 1);
  EXPECT_EQ(there->sessions(0).session().number(), planned.session().number());
  EXPECT_EQ(Why(SignIn(village(), planned.id(), "HK-R001", "09:00")), "这一场已经结束");
  EXPECT_TRUE(area().records()->Verify({})->ok());
  ExpectWhole();
}

TEST_F(PlanningTest, WhatAreaAndVillageSayOfOneDeputyStandsSideBySide) {
  area();
  v1::SessionView session = Started();
  SyncAll();
  const std::string on_duty = session.session().deputies(0).deputy_id();
  ASSERT_EQ(Why(Leave(area(), session.id(), on_duty)), "");
  ASSERT_EQ(Why(SignIn(village(), session.id(), on_duty.c_str(), "08:40")), "");
  SyncAll();
  for (RecordService* records : {hub().records(), village().records(), area().records()}) {
    absl::StatusOr<v1::ListConflictsResponse> conflicts = records->ListConflicts({});
    ASSERT_TRUE(conflicts.ok() && conflicts->conflicts_size() == 1) << conflicts.status();
    EXPECT_EQ(conflicts->conflicts(0).field_label(), "接待代表");
    EXPECT_EQ(conflicts->conflicts(0).values_size(), 2);
  }
  ASSERT_EQ(Why(SignIn(village(), session.id(), on_duty.c_str(), "08:41")), "");  // by one who saw both
  SyncAll();
  EXPECT_EQ(hub().records()->ListConflicts({})->conflicts_size(), 0);
  ExpectWhole();
}

TEST_F(PlanningTest, AnOpinionBoxNeedsNobodyAndASessionSomebody) {
  v1::OpenSessionRequest open;
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_form(v1::FORM_OPINION_BOX);
  absl::StatusOr<v1::OpenSessionResponse> box = village().reception()->OpenSession(open);
  ASSERT_TRUE(box.ok()) << box.status();
  ASSERT_EQ(Why(village().reception()->LogVisit(VisitRequest(&town_, box->session(), "箱里的一封信"))), "");
  EXPECT_EQ(Why(Close(village(), box->session().id())), "");
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
  EXPECT_NE(Why(village().reception()->OpenSession(open)), "");
}

TEST_F(PlanningTest, APaperLogWaitsUntilItIsTyped) {
  v1::OpenSessionRequest open;
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_date("2026-11-15");
  open.mutable_session()->set_paper_pending(true);
  open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  absl::StatusOr<v1::OpenSessionResponse> opened = village().reception()->OpenSession(open);
  ASSERT_TRUE(opened.ok()) << opened.status();
  const std::string id = opened->session().id();
  v1::StoreFileRequest photo;
  photo.set_content(std::string("\xff\xd8\xff\xe0 paper log of the day \xff\xd9"));
  absl::StatusOr<v1::StoreFileResponse> stored = village().file_desk()->StoreFile(photo);
  ASSERT_TRUE(stored.ok()) << stored.status();
  v1::AttachFileRequest attach;
  attach.set_action_id(town_.ActionId());
  attach.set_id(id);
  attach.set_hash(stored->hash());
  attach.set_name("登记本.jpg");
  ASSERT_EQ(Why(village().file_desk()->AttachFile(attach)), "");
  absl::StatusOr<v1::ListLateEntriesResponse> late = village().planning()->ListLateEntries({});
  ASSERT_TRUE(late.ok() && late->rows_size() == 1) << late.status();
  EXPECT_EQ(late->rows(0).photos(), 1);
  EXPECT_EQ(late->rows(0).days_waiting(), 5);
  EXPECT_EQ(Why(Close(village(), id)), "这一场的纸质记录还没有补录");
  auto finish = [&](bool nobody) {
    auto request = About<v1::FinishLateEntryRequest>(village(), id);
    request.set_nobody_came(nobody);
    return Why(village().planning()->FinishLateEntry(request));
  };
  EXPECT_EQ(finish(false), "补录：还没有录入一条；当日无人来访的，请注明无人来访");
  ASSERT_EQ(Why(village().reception()->LogVisit(VisitRequest(&town_, opened->session(), "纸上写的"))), "");
  EXPECT_EQ(finish(true), "补录：已录入来访，不能注明无人来访");
  ASSERT_EQ(finish(false), "");
  EXPECT_EQ(finish(false), "补录：这一场没有待补录的纸质记录");
  EXPECT_EQ(village().planning()->ListLateEntries({})->rows_size(), 0);
  EXPECT_EQ(Why(Close(village(), id)), "");
  SyncAll();
  ExpectWhole();
}

TEST_F(PlanningTest, OnlyTheDaysThatExistAreEntered) {
  v1::OpenSessionRequest open;
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_date("2026-02-29");
  open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  EXPECT_NE(Why(village().reception()->OpenSession(open)).find("接待日期"), std::string::npos);
}

}  // namespace
}  // namespace liaison
