// What the township's tables move: holidays and time limits, merged stations and their tasks, mandates and their days.
#include "tests/casework/case_fixture.h"

namespace liaison {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ListsTest : public CaseTest {
 protected:
  v1::ImportTableRequest HolidaysRequest(const char* rows, bool dry_run) {
    v1::ImportTableRequest request;
    if (!dry_run) request.set_action_id(town_.ActionId());
    request.set_kind(v1::ROSTER_HOLIDAYS);
    request.set_file_name("holidays.csv");
    request.set_content(Cat("date,kind,name\n", rows));
    request.set_dry_run(dry_run);
    return request;
  }
  v1::ImportTableResponse Holidays(const char* rows, bool dry_run) {
    absl::StatusOr<v1::ImportTableResponse> response =
        town_.hub().imports()->ImportTable(HolidaysRequest(rows, dry_run));
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::ImportTableResponse();
  }
  void Change(const RecordId& id, const std::string& fields) {
    v1::GetRecordRequest get;
    get.set_id(ToText(id));
    v1::ChangeRecordRequest edit;
    edit.set_action_id(town_.ActionId());
    edit.set_id(ToText(id));
    edit.set_token(town_.hub().records()->GetRecord(get)->record().token());
    edit.set_fields(fields);
    const absl::Status status = town_.hub().records()->ChangeRecord(edit).status();
    EXPECT_TRUE(status.ok()) << status;
  }
};

TEST_F(ListsTest, AHolidayMovesTheLimitsThatWereComputedAndLeavesATrace) {
  HubNode* hub = &town_.hub();
  const std::string moved = Accepted("路灯不亮"), typed = Accepted("水渠垮了"), closed = Accepted("桥面坑洼");
  for (const std::string& id : {moved, closed}) Do(hub, id, Assign("HK-U01"));
  v1::Step own = Assign("HK-U01");
  const std::string due = Case(hub, moved).assignments(0).due_date();
  own.set_due_date(due);
  own.set_reason("与村里说好的");
  Do(hub, typed, own);
  Do(hub, closed, Reply(v1::CLASS_A));
  const std::string rows = Cat(due, ",holiday,休\n");
  const v1::ImportTableResponse dry = Holidays(rows.c_str(), true);
  ASSERT_EQ(dry.due_changes_size(), 1);
  EXPECT_EQ(dry.due_changes(0).number(), Case(hub, moved).matter().matter().number());
  EXPECT_EQ(dry.due_changes(0).old_due(), due);
  EXPECT_GT(dry.due_changes(0).new_due(), due);
  EXPECT_EQ(Case(hub, moved).assignments(0).due_date(), due);
  Holidays(rows.c_str(), false);
  const v1::CaseView view = Case(hub, moved);
  EXPECT_EQ(view.assignments(0).due_date(), dry.due_changes(0).new_due());
  ASSERT_EQ(view.due_moves_size(), 1);
  EXPECT_EQ(view.due_moves(0).old_due(), due);
  EXPECT_EQ(Case(hub, typed).assignments(0).due_date(), due);
  EXPECT_EQ(Case(hub, closed).assignments(0).due_date(), due);
}

TEST_F(ListsTest, WhatWasAgreedToOfAHolidayIsTheLimitsThatItMovesToo) {
  HubNode* hub = &town_.hub();
  const std::string first = Accepted("路灯不亮"), second = Accepted("水渠垮了");
  Do(hub, first, Assign("HK-U01"));
  const std::string due = Case(hub, first).assignments(0).due_date(), rows = Cat(due, ",holiday,休\n");
  const v1::ImportTableResponse dry = Holidays(rows.c_str(), true);
  ASSERT_EQ(dry.due_changes_size(), 1);
  Do(hub, second, Assign("HK-U01"));  // one limit more falls on that day
  v1::ImportTableRequest request = HolidaysRequest(rows.c_str(), false);
  request.set_expected(dry.fingerprint());
  EXPECT_EQ(hub->imports()->ImportTable(request).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Case(hub, first).assignments(0).due_date(), due);
  const v1::ImportTableResponse again = Holidays(rows.c_str(), true);
  EXPECT_EQ(again.due_changes_size(), 2);
  request = HolidaysRequest(rows.c_str(), false);
  request.set_expected(again.fingerprint());
  EXPECT_TRUE(hub->imports()->ImportTable(request).ok());
  EXPECT_GT(Case(hub, second).assignments(0).due_date(), due);
}

TEST_F(ListsTest, ASuccessorSeesAndTellsWhatWasTheMergedStations) {
  HubNode* hub = &town_.hub();
  const std::string id = Accepted("路灯不亮");
  Do(hub, id, Assign("HK-U01"));
  Do(hub, id, Reply(v1::CLASS_A));
  Do(hub, id, Rate(v1::RATING_SATISFIED, "李四"));
  Do(hub, id, Of(v1::STEP_CLOSE));
  Change(RecordId::Master(TypeOf<v1::Station>().type(), "HK-D057"),
         R"({"status":"STATION_MERGED","merged_into":"HK-D058","status_date":"2026-03-20"})");
  std::unique_ptr<Site> next = town_.Enrol("HK-D058");
  ASSERT_TRUE(town_.Sync(next->node.get()));
  const std::string number = Case(hub, id).matter().matter().number();
  EXPECT_THAT(Listed(next->node.get(), v1::WORK_TO_FEED_BACK, "HK-D058"), ElementsAre(number));
  v1::Step told = Of(v1::STEP_FEED_BACK);
  told.set_mode("电话");
  told.set_by("李四");
  Do(next->node.get(), id, told);
  EXPECT_THAT(Listed(next->node.get(), v1::WORK_TO_FEED_BACK, "HK-D058"), IsEmpty());
  EXPECT_EQ(Case(hub, id).matter().matter().station_id(), "HK-D057");  // figures stay where they were
}

TEST_F(ListsTest, AVisitThatLivesAgainGetsItsMattersBack) {
  HubNode* hub = &town_.hub();
  std::unique_ptr<Site> second = town_.Enrol("HK-D057");  // another device of the village
  v1::MatterView matter = Log("水渠垮了");
  const std::string visit = matter.matter().sources(0).entry();
  Sync();
  ASSERT_TRUE(town_.Sync(second->node.get()));
  v1::GetRecordRequest get;
  get.set_id(visit);
  v1::VoidRecordRequest gone;
  gone.set_action_id(town_.ActionId());
  gone.set_id(visit);
  gone.set_token(village()->records()->GetRecord(get)->record().token());
  gone.set_reason("记重了");
  ASSERT_TRUE(village()->records()->VoidRecord(gone).ok());
  v1::ChangeRecordRequest edit;
  edit.set_action_id(town_.ActionId());
  edit.set_id(visit);
  edit.set_token(second->node->records()->GetRecord(get)->record().token());
  edit.set_fields(R"({"remark":"本人又来说过"})");
  ASSERT_TRUE(second->node->records()->ChangeRecord(edit).ok());
  Sync();
  ASSERT_TRUE(town_.Sync(second->node.get()));
  EXPECT_TRUE(Case(hub, matter.id()).matter().voided());
  ASSERT_TRUE(hub->casework()->RunDaily({}).ok());
  EXPECT_FALSE(Case(hub, matter.id()).matter().voided());
}

TEST_F(ListsTest, ADeputyIsNamedOnlyWhileInOffice) {
  HubNode* hub = &town_.hub();
  Change(RecordId::Master(TypeOf<v1::Deputy>().type(), "HK-R001"),
         R"({"mandates":[{"level":"MANDATE_DISTRICT","from":"2021-01-01","to":"2025-12-31","status":"在任"}]})");
  Sync();
  v1::OpenSessionRequest open;
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_station_id("HK-D057");
  open.mutable_session()->set_date("2026-03-20");
  open.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
  open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  EXPECT_THAT(std::string(village()->reception()->OpenSession(open).status().message()), HasSubstr("不是在任代表"));
  open.mutable_session()->set_date("2025-12-30");
  EXPECT_TRUE(village()->reception()->OpenSession(open).ok());
  v1::RegisterProposalRequest propose;
  propose.set_action_id(town_.ActionId());
  propose.mutable_matter()->set_track(v1::TRACK_SUGGESTION);
  propose.mutable_matter()->set_content("修路");
  propose.mutable_matter()->set_category("05");
  propose.mutable_matter()->set_lead_deputy("HK-R001");
  EXPECT_THAT(std::string(hub->casework()->RegisterProposal(propose).status().message()), HasSubstr("不是在任代表"));
}

TEST_F(ListsTest, AStepKeepsItsAuthor) {
  const std::string id = Log("路灯不亮").id();
  v1::GetRecordRequest get;
  get.set_id(id);
  const std::string token = village()->records()->GetRecord(get)->record().token();
  const std::string json = Cat("{\"actionId\":\"", town_.ActionId(), "\",\"targets\":[{\"id\":\"", id,
                               "\",\"token\":\"", token, "\"}],\"step\":{\"kind\":\"STEP_SUBMIT\"}}");
  ASSERT_TRUE(village()->dispatcher().Call("/liaison.v1.CaseworkService/TakeStep", json, Caller{"王干事"}).ok());
  v1::GetHistoryRequest history;
  history.set_id(id);
  std::vector<std::string> users;
  const v1::GetHistoryResponse events = village()->records()->GetHistory(history).value();
  for (const v1::HistoryEvent& event : events.events()) users.push_back(event.user());
  EXPECT_THAT(users, Contains("王干事"));
}

}  // namespace
}  // namespace liaison
