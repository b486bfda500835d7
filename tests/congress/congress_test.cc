// The congress's own work: activities, ballots, deputies' files, obligations, the ten haves, projects, contacts,
// notices, points, appraisals.
#include "common/record/schema.h"
#include "tests/congress/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

constexpr char kDeputy[] = "HK-R001", kOther[] = "HK-R002";

class CongressTest : public CongressFixture {
 protected:
  template <typename Node>
  absl::StatusOr<v1::AddCongressRecordResponse> Add(Node& node, v1::AddCongressRecordRequest request) {
    request.set_action_id(town_.ActionId());
    return node.congress()->AddCongressRecord(request);
  }
  std::string AddAtHub(const v1::AddCongressRecordRequest& request) {
    absl::StatusOr<v1::AddCongressRecordResponse> added = Add(hub(), request);
    EXPECT_TRUE(added.ok()) << added.status();
    return added.ok() ? added->record().id() : "";
  }
  static v1::AddCongressRecordRequest ActivityOf(v1::ActivityType type, const char* date, const char* title) {
    v1::AddCongressRecordRequest request;
    v1::Activity& activity = *request.mutable_activity();
    activity.set_type(type);
    activity.set_date(date);
    activity.set_title(title);
    activity.add_deputies()->set_deputy_id(kDeputy);
    return request;
  }
  static v1::AddCongressRecordRequest BallotOf(const std::string& activity, int voters) {
    v1::AddCongressRecordRequest request;
    request.set_parent(activity);
    v1::Ballot& ballot = *request.mutable_ballot();
    ballot.set_kind(v1::BALLOT_DEPUTY);
    ballot.set_subject(kDeputy);
    ballot.set_excellent(10);
    ballot.set_satisfied(20);
    ballot.set_basically(5);
    ballot.set_dissatisfied(3);
    ballot.set_abstained(2);
    ballot.set_voters(voters);
    return request;
  }
  v1::FileSection SectionOf(const char* deputy, const char* title) {
    v1::GetDeputyFileRequest request;
    request.set_deputy_id(deputy);
    v1::GetDeputyFileResponse file = Must(hub().congress()->GetDeputyFile(request));
    for (const v1::FileSection& section : file.sections())
      if (section.title() == title) return section;
    ADD_FAILURE() << "no section " << title;
    return {};
  }
  int Tenths(const char* deputy) {
    v1::ListPointsResponse points = Must(hub().congress()->ListPoints({}));
    for (const v1::PointRow& row : points.rows())
      if (row.deputy_id() == deputy) return row.tenths();
    return -1;
  }
};

TEST_F(CongressTest, ActivitiesAreRecordedListedAndSummed) {
  v1::AddCongressRecordRequest check = ActivityOf(v1::ACTIVITY_LAW_CHECK, "2026-05-12", "水法执法检查");
  check.mutable_activity()->add_deputies()->set_deputy_id(kOther);
  check.mutable_activity()->set_problems_found(14);
  check.mutable_activity()->set_suggestions_made(6);
  check.mutable_activity()->set_suggestions_adopted(4);
  AddAtHub(check);
  const std::string training = AddAtHub(ActivityOf(v1::ACTIVITY_TRAINING, "2026-06-01", "代表培训"));
  AddAtHub(ActivityOf(v1::ACTIVITY_MEETING, "2025-12-01", "去年的会"));
  absl::StatusOr<v1::ListActivitiesResponse> all = hub().congress()->ListActivities({});
  ASSERT_TRUE(all.ok()) << all.status();
  ASSERT_EQ(all->activities_size(), 2);
  EXPECT_EQ(all->activities(0).activity().title(), "代表培训");  // the newest first
  EXPECT_EQ(all->attendances(), 3);
  EXPECT_EQ(all->problems_found(), 14);
  EXPECT_EQ(all->suggestions_adopted(), 4);
  v1::ListActivitiesRequest some;
  some.set_deputy_id(kOther);
  EXPECT_EQ(hub().congress()->ListActivities(some)->activities_size(), 1);
  some.set_type(v1::ACTIVITY_TRAINING);
  EXPECT_EQ(hub().congress()->ListActivities(some)->activities_size(), 0);
  v1::VoidRecordRequest undo;
  undo.set_action_id(town_.ActionId());
  undo.set_id(training);
  undo.set_token(Token(hub(), training));
  undo.set_reason("重复登记");
  ASSERT_EQ(Why(hub().records()->VoidRecord(undo)), "");
  EXPECT_EQ(hub().congress()->ListActivities({})->activities_size(), 1);
  ExpectWhole();
}

TEST_F(CongressTest, WhatCannotBeOfAnActivityIsRefused) {
  v1::AddCongressRecordRequest request = ActivityOf(v1::ACTIVITY_INSPECTION, "2026-05-12", "视察");
  request.mutable_activity()->set_end_date("2026-05-11");
  EXPECT_EQ(Why(Add(hub(), request)), "结束日期：不能早于开始日期");
  request.mutable_activity()->clear_end_date();
  request.mutable_activity()->set_suggestions_adopted(1);
  EXPECT_EQ(Why(Add(hub(), request)), "采纳意见数：不能多于提出意见数");
  request.mutable_activity()->clear_suggestions_adopted();
  request.mutable_activity()->add_deputies()->set_deputy_id("HK-R999");
  EXPECT_EQ(Why(Add(hub(), request)), "参加代表：名册里没有编号为“HK-R999”的代表");
  request.mutable_activity()->clear_deputies();
  request.mutable_activity()->set_type(v1::ACTIVITY_DUTY_REPORT);
  EXPECT_EQ(Why(Add(hub(), request)), "参加代表：“述职”要写明代表");
  EXPECT_EQ(Why(Add(hub(), {})), "没有写明要登记什么");
}

TEST_F(CongressTest, AnAreaKeepsItsOwnActivitiesAndAVillageNone) {
  v1::AddCongressRecordRequest request = ActivityOf(v1::ACTIVITY_GROUP, "2026-11-18", "小组会前活动");
  request.mutable_activity()->set_station_id(area_id_);
  area();
  EXPECT_EQ(Why(Add(village(), request)), "履职活动由镇里或片区站登记");
  ASSERT_EQ(Why(Add(area(), request)), "");
  request.mutable_activity()->set_station_id(kVillage);
  EXPECT_EQ(Why(Add(area(), request)), "站点：只能登记本站的活动");
  SyncAll();
  v1::ListActivitiesResponse at_hub = Must(hub().congress()->ListActivities({}));
  ASSERT_EQ(at_hub.activities_size(), 1);
  // What the township corrects comes back to the area.
  v1::ChangeRecordRequest change;
  change.set_action_id(town_.ActionId());
  change.set_id(at_hub.activities(0).id());
  change.set_token(at_hub.activities(0).token());
  change.set_fields("{\"place\":\"片区会议室\"}");
  ASSERT_EQ(Why(hub().records()->ChangeRecord(change)), "");
  SyncAll();
  EXPECT_EQ(area().congress()->ListActivities({})->activities(0).activity().place(), "片区会议室");
  EXPECT_EQ(village().congress()->ListActivities({})->activities_size(), 0);
  EXPECT_TRUE(area().records()->Verify({})->ok());
  ExpectWhole();
}

TEST_F(CongressTest, BallotsAreTotalsOfThoseWhoVoted) {
  const std::string activity = AddAtHub(ActivityOf(v1::ACTIVITY_BALLOT, "2026-07-01", "民主测评"));
  EXPECT_EQ(Why(Add(hub(), BallotOf(activity, 39))), "参加测评人数：各项票数合计40，多于参加测评的39人");
  EXPECT_EQ(Why(Add(hub(), BallotOf(activity, 0))), "参加测评人数：不能为空");
  ASSERT_EQ(Why(Add(hub(), BallotOf(activity, 40))), "");
  EXPECT_EQ(Why(Add(hub(), BallotOf(activity, 40))), "对象：这次测评已登记过这一对象的结果");
  EXPECT_EQ(Why(Add(hub(), BallotOf("48.00", 40))), "履职活动：编号“48.00”无效");
  v1::BallotView ballot = hub().congress()->ListActivities({})->activities(0).ballots(0);
  EXPECT_EQ(ballot.satisfied_permille(), 921);  // 35 of 38 who said anything
  EXPECT_EQ(SectionOf(kDeputy, "述职与监督").entries_size(), 2);
}

TEST_F(CongressTest, WhatDeputiesFindBecomesTheirSuggestion) {
  const std::string activity = AddAtHub(ActivityOf(v1::ACTIVITY_INSPECTION, "2026-05-12", "视察饮水工程"));
  v1::AddCongressRecordRequest request;
  request.set_parent(activity);
  v1::Matter& finding = *request.mutable_finding();
  finding.set_track(v1::TRACK_SUGGESTION);
  finding.set_content("二级泵站应当加装备用电源");
  finding.set_category("01");
  finding.set_lead_deputy(kDeputy);
  finding.set_congress("20-3");
  absl::StatusOr<v1::AddCongressRecordResponse> added = Add(hub(), request);
  ASSERT_TRUE(added.ok()) << added.status();
  v1::ListActivitiesRequest list;
  list.set_with_matters(true);
  v1::ActivityView view = hub().congress()->ListActivities(list)->activities(0);
  ASSERT_EQ(view.matters_size(), 1);
  EXPECT_NE(view.matters(0).find("建〔20-3〕001号"), std::string::npos);
  finding.set_track(v1::TRACK_OPINION);
  EXPECT_EQ(Why(Add(hub(), request)), "类型：应为代表建议或议案");
  EXPECT_EQ(SectionOf(kDeputy, "提出建议意见").entries_size(), 1);
}

TEST_F(CongressTest, ADeputysFileHasItsEightSections) {
  AddAtHub(ActivityOf(v1::ACTIVITY_MEETING, "2026-03-10", "第三次会议"));
  AddAtHub(ActivityOf(v1::ACTIVITY_INSPECTION, "2026-05-12", "视察"));
  AddAtHub(ActivityOf(v1::ACTIVITY_TRAINING, "2026-06-01", "培训"));
  AddAtHub(ActivityOf(v1::ACTIVITY_DUTY_REPORT, "2026-07-01", "述职"));
  AddAtHub(ActivityOf(v1::ACTIVITY_AWARD, "2026-08-01", "优秀代表"));
  Held(village(), "2026-11-15", v1::FORM_RECEPTION_DAY, kDeputy);
  SyncAll();
  v1::GetDeputyFileRequest request;
  request.set_deputy_id(kDeputy);
  absl::StatusOr<v1::GetDeputyFileResponse> file = hub().congress()->GetDeputyFile(request);
  ASSERT_TRUE(file.ok()) << file.status();
  std::string sections;
  for (const v1::FileSection& section : file->sections())
    sections += section.title() + std::to_string(section.title() == "基本情况" ? 1 : section.entries_size()) + " ";
  EXPECT_EQ(sections, "基本情况1 参加会议1 视察调研1 学习培训1 代表小组活动1 提出建议意见0 述职与监督1 表彰奖励1 ");
  EXPECT_EQ(file->name(), "薛云");
  EXPECT_EQ(file->points_tenths(), 20 + 20 + 20 + 50 + 50 + 20);
  request.set_deputy_id(kOther);
  EXPECT_EQ(hub().congress()->GetDeputyFile(request)->points_tenths(), 0);
  request.set_deputy_id("HK-R999");
  EXPECT_NE(Why(hub().congress()->GetDeputyFile(request)), "");
  EXPECT_NE(Why(village().congress()->GetDeputyFile(request)).find("由镇里汇总"), std::string::npos);
}

TEST_F(CongressTest, WhoWasOnLeaveGetsNothingForIt) {
  v1::OpenSessionRequest open;
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_date("2026-11-19");
  open.mutable_session()->add_deputies()->set_deputy_id(kDeputy);
  open.mutable_session()->add_deputies()->set_deputy_id(kOther);
  const std::string id = village().reception()->OpenSession(open)->session().id();
  ASSERT_EQ(Why(Leave(village(), id, kOther)), "");
  SyncAll();
  EXPECT_EQ(Tenths(kDeputy), 0);  // still going on
  ASSERT_EQ(Why(Close(village(), id)), "");
  SyncAll();
  EXPECT_EQ(Tenths(kDeputy), 20);
  EXPECT_EQ(Tenths(kOther), 0);
}

TEST_F(CongressTest, PointsFollowTheTownshipsWeights) {
  Held(village(), "2026-11-15", v1::FORM_RECEPTION_DAY, kDeputy);
  Held(village(), "2026-11-16", v1::FORM_HOME_VISIT, kDeputy);
  SyncAll();
  EXPECT_EQ(Tenths(kDeputy), 40);
  auto set = [&](const char* value) {
    v1::SetSettingRequest request;
    request.set_action_id(town_.ActionId());
    request.set_key("points-session");
    request.set_value(value);
    return Why(hub().congress()->SetSetting(request));
  };
  ASSERT_EQ(set("3.5"), "");
  EXPECT_EQ(Tenths(kDeputy), 55);
  for (const char* wrong : {"三", "-1", "1.25", ".5", "2.", "1001", "1.2.3", "99999999999"})
    EXPECT_NE(set(wrong).find("不是分值"), std::string::npos) << wrong;
  ASSERT_EQ(set(""), "");
  EXPECT_EQ(Tenths(kDeputy), 40);
}

TEST_F(CongressTest, ObligationsAreCountedByMonthAndQuarter) {
  auto row = [&](const char* date) {
    v1::ListObligationsRequest request;
    request.set_date(date);
    v1::ListObligationsResponse board = Must(hub().congress()->ListObligations(request));
    for (const v1::ObligationRow& one : board.rows())
      if (one.deputy_id() == kDeputy) return one;
    return v1::ObligationRow();
  };
  Held(village(), "2026-10-09", v1::FORM_HOME_VISIT, kDeputy);
  Held(village(), "2026-11-15", v1::FORM_RECEPTION_DAY, kDeputy);
  SyncAll();
  EXPECT_EQ(row("2026-11-20").visits_in_month(), 0);
  EXPECT_EQ(row("2026-11-20").contacts_in_quarter(), 2);
  EXPECT_EQ(row("2026-11-20").last_visit(), "2026-10-09");
  EXPECT_EQ(row("2026-10-31").visits_in_month(), 1);
  EXPECT_EQ(row("2026-09-30").contacts_in_quarter(), 0);
  AddAtHub(ActivityOf(v1::ACTIVITY_VISIT_DEPUTIES, "2026-11-18", "走访"));
  EXPECT_EQ(row("2026-11-20").visits_in_month(), 1);
  v1::ListObligationsRequest missing;
  missing.set_missing_only(true);
  absl::StatusOr<v1::ListObligationsResponse> board = hub().congress()->ListObligations(missing);
  ASSERT_TRUE(board.ok()) << board.status();
  EXPECT_EQ(board->without_visit(), board->deputies() - 1);
  EXPECT_EQ(board->rows_size(), board->deputies() - 1);
  EXPECT_EQ(board->quarter(), "2026年第4季度");
  missing.set_area_id("HK-P012");
  EXPECT_LT(hub().congress()->ListObligations(missing)->deputies(), board->deputies());
  missing.set_date("2026-11-31");
  EXPECT_NE(Why(hub().congress()->ListObligations(missing)), "");
}

TEST_F(CongressTest, FourOfTheTenHavesAreProvedByData) {
  auto ok_items = [&] {
    v1::ListTenHavesRequest request;
    request.set_station_id(kVillage);
    std::string items;
    const v1::ListTenHavesResponse checked = *hub().congress()->ListTenHaves(request);
    for (const v1::TenHaveRow& row : checked.stations(0).rows())
      if (row.ok()) items += std::to_string(row.item()) + " ";
    return items;
  };
  EXPECT_EQ(ok_items(), "");
  v1::AddCongressRecordRequest said;
  said.mutable_ten_have()->set_station_id(kVillage);
  said.mutable_ten_have()->set_item(4);
  said.mutable_ten_have()->set_ok(true);
  said.mutable_ten_have()->set_evidence("门口挂牌");
  AddAtHub(said);
  said.mutable_ten_have()->set_item(7);
  EXPECT_EQ(Why(Add(hub(), said)), "项目：“活动记录”由数据证明");
  const std::string session = Held(village(), "2026-11-15", v1::FORM_RECEPTION_DAY, kDeputy);
  SyncAll();
  EXPECT_EQ(ok_items(), "4 7 ");
  v1::StoreFileRequest photo;
  photo.set_content(std::string("\xff\xd8\xff\xe0 signed record \xff\xd9"));
  v1::AttachFileRequest attach;
  attach.set_action_id(town_.ActionId());
  attach.set_id(session);
  attach.set_hash(village().file_desk()->StoreFile(photo)->hash());
  attach.set_name("记录.jpg");
  ASSERT_EQ(Why(village().file_desk()->AttachFile(attach)), "");
  v1::AddCongressRecordRequest contact;
  contact.mutable_contact()->set_kind(v1::CONTACT_DEPUTY_VILLAGE);
  contact.mutable_contact()->set_from(kDeputy);
  contact.mutable_contact()->set_to("罗家村");
  contact.mutable_contact()->set_station_id(kVillage);
  AddAtHub(contact);
  v1::AddCongressRecordRequest appraisal;
  appraisal.mutable_appraisal()->set_year(2025);
  appraisal.mutable_appraisal()->set_kind("站点");
  appraisal.mutable_appraisal()->set_subject(kVillage);
  appraisal.mutable_appraisal()->set_grade("优秀");
  AddAtHub(appraisal);
  SyncAll();
  EXPECT_EQ(ok_items(), "4 7 8 9 10 ");
  said.mutable_ten_have()->set_item(4);
  said.mutable_ten_have()->set_ok(false);  // the sign is gone
  AddAtHub(said);
  EXPECT_EQ(ok_items(), "7 8 9 10 ");
  On("2027-03-01");  // nothing for 90 days
  EXPECT_EQ(ok_items(), "8 9 ");
  ExpectWhole();
}

TEST_F(CongressTest, ProjectsAreVotedOnVisitedAndRated) {
  v1::AddCongressRecordRequest request;
  request.mutable_project()->set_name("村组路灯");
  request.mutable_project()->set_year(2026);
  request.mutable_project()->set_due_date("2026-10-31");
  request.mutable_project()->add_supervisors(kDeputy);
  const std::string project = AddAtHub(request);
  v1::AddCongressRecordRequest vote;
  vote.set_parent(project);
  vote.mutable_vote()->set_votes_for(41);
  vote.mutable_vote()->set_votes_total(40);
  EXPECT_EQ(Why(Add(hub(), vote)), "赞成票：不能多于总票数");
  vote.mutable_vote()->set_votes_for(20);  // half is not more than half
  const std::string rejected = AddAtHub(request);
  vote.set_parent(rejected);
  AddAtHub(vote);
  vote.set_parent(project);
  vote.mutable_vote()->set_votes_for(21);
  AddAtHub(vote);
  EXPECT_EQ(Why(Add(hub(), vote)), "民生实事项目：只有候选项目可以票决");
  v1::AddCongressRecordRequest visit;
  visit.set_parent(project);
  visit.mutable_project_visit()->set_date("2026-09-01");
  visit.mutable_project_visit()->set_text("已装120盏");
  visit.mutable_project_visit()->add_deputies(kDeputy);
  visit.mutable_project_visit()->set_rating(v1::RATING_SATISFIED);
  AddAtHub(visit);
  visit.mutable_project_visit()->set_rating(v1::RATING_DISSATISFIED);
  AddAtHub(visit);
  v1::RegisterProposalRequest proposal;
  proposal.set_action_id(town_.ActionId());
  proposal.mutable_matter()->set_track(v1::TRACK_SUGGESTION);
  proposal.mutable_matter()->set_content("路灯应当加装到三组");
  proposal.mutable_matter()->set_category("02");
  proposal.mutable_matter()->set_lead_deputy(kDeputy);
  proposal.mutable_matter()->set_project(project);
  ASSERT_EQ(Why(hub().casework()->RegisterProposal(proposal)), "");
  v1::ListProjectsRequest one;
  one.set_id(project);
  v1::ProjectView view = hub().congress()->ListProjects(one)->projects(0);
  EXPECT_EQ(view.project().status(), v1::PROJECT_VOTED);
  EXPECT_TRUE(view.overdue());
  EXPECT_EQ(view.visits_size(), 2);
  EXPECT_EQ(view.rated(), 2);
  EXPECT_EQ(view.satisfied(), 1);
  EXPECT_EQ(view.matters_size(), 1);
  one.set_id(rejected);
  EXPECT_EQ(hub().congress()->ListProjects(one)->projects(0).project().status(), v1::PROJECT_REJECTED);
  EXPECT_EQ(SectionOf(kDeputy, "视察调研").entries_size(), 2);
  EXPECT_EQ(Why(Add(village(), request)), "这项内容由镇里登记");
}

TEST_F(CongressTest, ContactsHaveAnEnd) {
  v1::AddCongressRecordRequest request;
  v1::Contact& contact = *request.mutable_contact();
  contact.set_kind(v1::CONTACT_PRESIDIUM_DEPUTY);
  contact.set_from("主席团成员甲");
  contact.set_to("罗某");
  EXPECT_EQ(Why(Add(hub(), request)), "联系对象：名册里没有编号为“罗某”的代表");
  contact.set_to(kDeputy);
  contact.set_valid_from("2026-03-01");
  contact.set_valid_to("2026-02-01");
  EXPECT_EQ(Why(Add(hub(), request)), "至：不能早于开始日期");
  contact.set_valid_to("2026-11-30");
  AddAtHub(request);
  EXPECT_EQ(Why(Add(hub(), request)), "联系安排：已有一条相同而且有效的");
  v1::ListContactsRequest list;
  list.set_who(kDeputy);
  EXPECT_TRUE(hub().congress()->ListContacts(list)->contacts(0).in_force());
  EXPECT_EQ(hub().congress()->ListContacts(list)->contacts(0).to_name(), "薛云");
  On("2026-12-01");
  EXPECT_EQ(hub().congress()->ListContacts(list)->contacts_size(), 0);
  list.set_ended_too(true);
  EXPECT_FALSE(hub().congress()->ListContacts(list)->contacts(0).in_force());
  contact.set_valid_from("2026-12-01");
  contact.clear_valid_to();
  EXPECT_EQ(Why(Add(hub(), request)), "");
}

TEST_F(CongressTest, NoticesReachEveryStation) {
  v1::AddCongressRecordRequest request;
  request.mutable_notice()->set_title("关于开展集中走访的通知");
  request.mutable_notice()->set_text("请各站点于本月底前完成。");
  const std::string id = AddAtHub(request);
  area();
  SyncAll();
  for (StationNode* node : {&village(), &area()}) {
    absl::StatusOr<v1::ListPostedNoticesResponse> posted = node->congress()->ListPostedNotices({});
    ASSERT_TRUE(posted.ok() && posted->notices_size() == 1) << posted.status();
    EXPECT_EQ(posted->notices(0).notice().date(), "2026-11-20");
  }
  v1::ChangeRecordRequest change;
  change.set_action_id(town_.ActionId());
  change.set_id(id);
  change.set_token(Token(hub(), id));
  change.set_fields("{\"withdrawn\":true}");
  ASSERT_EQ(Why(hub().records()->ChangeRecord(change)), "");
  SyncAll();
  EXPECT_EQ(village().congress()->ListPostedNotices({})->notices_size(), 0);
  ExpectWhole();
}

TEST_F(CongressTest, AppraisalsAreOneAYear) {
  v1::AddCongressRecordRequest request;
  request.mutable_appraisal()->set_year(2026);
  request.mutable_appraisal()->set_kind("村民");
  request.mutable_appraisal()->set_subject(kDeputy);
  request.mutable_appraisal()->set_grade("优秀");
  EXPECT_EQ(Why(Add(hub(), request)), "对象类别：应为代表、站点或部门");
  request.mutable_appraisal()->set_kind("站点");
  EXPECT_EQ(Why(Add(hub(), request)), "对象：名册里没有“HK-R001”");
  request.mutable_appraisal()->set_kind("代表");
  AddAtHub(request);
  EXPECT_EQ(Why(Add(hub(), request)), "考核结果：这一年已登记过，请修改原来的一条");
  EXPECT_EQ(hub().congress()->ListAppraisals({})->appraisals(0).subject_name(), "薛云");
  EXPECT_EQ(SectionOf(kDeputy, "表彰奖励").entries_size(), 1);
}

}  // namespace
}  // namespace liaison
