// What the commands ask the services for, and how they show the answers.
#include <gmock/gmock.h>

#include "common/cli/core/labels.h"
#include "common/cli/core/shell.h"
#include "common/crypto/sign.h"
#include "common/daemon/enrolment.h"
#include "common/record/json.h"
#include "common/record/schema.h"
#include "liaison/v1/casework.pb.h"
#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StationCommandsTest : public CliTest {
 protected:
  StationCommandsTest() {
    MakeStation();
    daemon_.Add("RecordService/GetStatus", StationStatus());
    daemon_.Add("StationService/ListSessions", [this](const std::string&) { return ToJson(sessions_); });
    v1::OpenSessionResponse opened;
    opened.mutable_session()->set_id("16.00000000000000000000000a");
    opened.mutable_session()->mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    daemon_.Add("StationService/OpenSession", opened);
    v1::LogVisitResponse logged;
    logged.mutable_visit()->mutable_entry()->set_number("恒接〔2026〕D057-0001");
    logged.mutable_visit()->add_matters()->mutable_matter()->set_number("恒民意〔2026〕D057-0001");
    daemon_.Add("StationService/LogVisit", logged);
  }
  v1::SessionView* AddSession(const std::string& id, v1::SessionState state) {
    v1::SessionView* session = sessions_.add_sessions();
    session->set_id(id);
    session->set_token("T" + id);
    session->set_state(state);
    session->mutable_session()->set_number("S-" + id);
    return session;
  }
  std::vector<std::string> Log(std::vector<std::string> more) {
    std::vector<std::string> args{"log", "--data", dir_, "--words", "三组水渠垮了", "--category", "01"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  FakeDaemon daemon_;
  v1::ListSessionsResponse sessions_;
};

TEST_F(StationCommandsTest, AStationAUnitAndADeputyAreNamedByNameWhereverAnIdGoes) {
  v1::GetRosterResponse roster;
  v1::Deputy& deputy = *roster.add_deputies();
  deputy.set_deputy_id("HK-R001");
  deputy.set_name("薛云");
  v1::Station& station = *roster.add_stations();
  station.set_station_id("HK-D057");
  station.set_name("民兴村联络点");
  station.set_public_name("民兴村人大代表联络点");
  v1::Department& unit = *roster.add_departments();
  unit.set_department_id("HK-U05");
  unit.set_name("水利站");
  daemon_.Add("RecordService/GetRoster", roster);
  daemon_.Add("RecordService/Find", v1::FindResponse());
  daemon_.Start(dir_);
  EXPECT_EQ(Run(Log({"--disposition", "上报镇", "--deputy", "薛云", "--station", "民兴村人大代表联络点"})).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::ListSessionsRequest>("StationService/ListSessions").station_id(), "HK-D057");
  auto open = daemon_.Request<v1::OpenSessionRequest>("StationService/OpenSession");
  EXPECT_EQ(open.session().station_id(), "HK-D057");
  EXPECT_EQ(open.session().deputies(0).deputy_id(), "HK-R001");
  EXPECT_EQ(Run({"find", "--data", dir_, "水渠", "--unit", "水利站", "--area", "民兴村联络点"}).code, kDone);
  auto find = daemon_.Request<v1::FindRequest>("RecordService/Find");
  EXPECT_EQ(find.unit(), "HK-U05");
  EXPECT_EQ(find.area_id(), "HK-D057");
  EXPECT_EQ(find.query(), "水渠");
  EXPECT_EQ(Run(Log({"--disposition", "上报镇", "--deputy", "薛\u200b云", "--station", "民兴村 联络点"})).code, kDone);
  open = daemon_.Request<v1::OpenSessionRequest>("StationService/OpenSession", 1);
  EXPECT_EQ(open.session().station_id(), "HK-D057") << "names are compared folded";
  EXPECT_EQ(open.session().deputies(0).deputy_id(), "HK-R001");
  EXPECT_EQ(Run({"find", "--data", dir_, "水渠", "--unit", "没有的单位"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::FindRequest>("RecordService/Find", 1).unit(), "没有的单位") << "the service refuses it";
}

TEST_F(StationCommandsTest, AVisitHasItsFormUrgencyConfidentialityAndFurtherMatters) {
  daemon_.Start(dir_);
  EXPECT_EQ(Run(Log({"--disposition", "上报镇", "--deputy", "HK-R001", "--form", "流动接待", "--urgency", "急",
                     "--confidential", "--more", "02 村级办理 学校门口 没有减速带"}))
                .code,
            kDone);
  EXPECT_EQ(daemon_.Request<v1::OpenSessionRequest>("StationService/OpenSession").session().form(), v1::FORM_MOBILE);
  auto log = daemon_.Request<v1::LogVisitRequest>("StationService/LogVisit");
  EXPECT_TRUE(log.entry().confidential());
  ASSERT_EQ(log.matters_size(), 2);
  EXPECT_EQ(log.matters(0).urgency(), v1::URGENCY_URGENT);
  EXPECT_TRUE(log.matters(0).confidential());
  EXPECT_EQ(log.matters(1).category(), "02");
  EXPECT_EQ(log.matters(1).disposition(), v1::DISPOSITION_VILLAGE);
  EXPECT_EQ(log.matters(1).content(), "学校门口 没有减速带");
  Outcome wrong = Run(Log({"--disposition", "上报镇", "--deputy", "HK-R001", "--more", "学校门口没有减速带"}));
  EXPECT_EQ(wrong.code, kUsage);
  EXPECT_THAT(wrong.err, HasSubstr("类别 处理方式 内容"));
}

TEST_F(StationCommandsTest, AMatterIsEditedAndGetsAFile) {
  v1::GetRecordResponse record;
  record.mutable_record()->set_type("Matter");
  record.mutable_record()->set_token("TOKEN");
  daemon_.Add("RecordService/GetRecord", record);
  daemon_.Add("RecordService/ChangeRecord", v1::ChangeRecordResponse());
  v1::StoreFileResponse stored;
  stored.set_hash("ab12");
  daemon_.Add("FileService/StoreFile", stored);
  v1::AttachFileResponse attached;
  attached.mutable_file()->set_name("渠.jpg");
  daemon_.Add("FileService/AttachFile", attached);
  daemon_.Start(dir_);
  const std::string id = "24.00000000000000000000000a";
  EXPECT_EQ(Run({"edit", "--data", dir_, id, "--title", "水渠垮塌", "--category", "02", "--urgency", "重大", "--nature",
                 "批评"})
                .code,
            kDone);
  auto change = daemon_.Request<v1::ChangeRecordRequest>("RecordService/ChangeRecord");
  EXPECT_EQ(change.token(), "TOKEN");
  for (const char* part : {"\"title\":\"水渠垮塌\"", "\"category\":\"02\"", "\"urgency\":\"URGENCY_MAJOR\"",
                           "\"nature\":\"NATURE_CRITICISM\""})
    EXPECT_THAT(change.fields(), HasSubstr(part));
  WriteText(root_ + "/渠.jpg", "bytes");
  EXPECT_EQ(Run({"attach", "--data", dir_, id, root_ + "/渠.jpg"}).code, kDone);
  auto attach = daemon_.Request<v1::AttachFileRequest>("FileService/AttachFile");
  EXPECT_EQ(attach.id(), id);
  EXPECT_EQ(attach.hash(), "ab12");
  EXPECT_EQ(attach.name(), "渠.jpg");
}

TEST_F(StationCommandsTest, AListSaysHowItsNextPageIsAskedForAndWorkWhichListsThereAre) {
  v1::FindResponse found;
  found.add_hits()->set_number("恒民意〔2026〕D057-0004");
  found.set_more(true);
  daemon_.Add("RecordService/Find", found);
  v1::ListVisitsResponse visits;
  visits.add_visits();
  visits.set_total(7);
  daemon_.Add("StationService/ListVisits", visits);
  daemon_.Add("CaseworkService/ListWork", v1::ListWorkResponse());
  daemon_.Start(dir_);
  EXPECT_THAT(Run({"find", "--data", dir_, "水渠", "--offset", "3"}).out, HasSubstr("下一页：--offset 4\n"));
  EXPECT_EQ(daemon_.Request<v1::FindRequest>("RecordService/Find").offset(), 3);
  EXPECT_THAT(Run({"list", "--data", dir_, "--offset", "5"}).out, HasSubstr("下一页：--offset 6\n"));
  EXPECT_EQ(daemon_.Request<v1::ListVisitsRequest>("StationService/ListVisits").offset(), 5);
  EXPECT_THAT(Run({"list", "--data", dir_, "--offset", "6"}).out, Not(HasSubstr("下一页")));
  EXPECT_THAT(Run({"work", "--data", dir_}).out, HasSubstr("清单有：全部未了、待受理、待交办"));
}

TEST_F(StationCommandsTest, AConflictIsSettledByPlaceOrText) {
  v1::ListConflictsResponse conflicts;
  v1::ConflictView& conflict = *conflicts.add_conflicts();
  conflict.set_record_id("24.00000000000000000000000a");
  conflict.set_token("TOKEN");
  conflict.set_field("title");
  conflict.set_field_label("标题");
  for (auto [side, text] : {std::pair("a1b2c3", "水渠垮塌"), std::pair("d4e5f6", "渠道损坏")}) {
    v1::ConflictValue& value = *conflict.add_values();
    value.set_side(side);
    value.set_text(text);
    value.set_device_name("民兴村电脑");
  }
  conflicts.set_total(1);
  daemon_.Add("RecordService/ListConflicts", conflicts);
  daemon_.Add("RecordService/Settle", v1::SettleResponse());
  daemon_.Start(dir_);
  const std::string id = "24.00000000000000000000000a";
  Outcome list = Run({"conflicts", "--data", dir_});
  EXPECT_EQ(list.code, kFound);
  for (const char* part : {"a1b2c3", "渠道损坏", "民兴村电脑", "分歧 1 处"}) EXPECT_THAT(list.out, HasSubstr(part));
  size_t asked = 0;
  for (const char* side : {"2", "渠道损坏", "d4e5f6"}) {
    Outcome outcome = Run({"settle", "--data", dir_, id, "标题", "--side", side});
    EXPECT_EQ(outcome.code, kDone) << outcome.err;
    auto request = daemon_.Request<v1::SettleRequest>("RecordService/Settle", asked++);
    EXPECT_EQ(request.side(), "d4e5f6");
    EXPECT_EQ(request.field(), "title");
    EXPECT_EQ(request.token(), "TOKEN");
  }
  EXPECT_EQ(Run({"settle", "--data", dir_, id, "--text", "水渠"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::SettleRequest>("RecordService/Settle", asked).text(), "水渠");
  EXPECT_EQ(Run({"settle", "--data", dir_, id}).code, kUsage);
  Outcome wrong = Run({"settle", "--data", dir_, id, "--side", "沟"});
  EXPECT_EQ(wrong.code, kUsage);
  EXPECT_THAT(wrong.err, HasSubstr("a1b2c3（水渠垮塌）"));
  EXPECT_THAT(Run({"settle", "--data", dir_, id, "类别", "--side", "1"}).err, HasSubstr("有分歧的是：标题"));
}

TEST_F(StationCommandsTest, ANumberOfSeveralRecordsIsListedWithWhatTheyAreAndSettled) {
  const std::string first = "24.00000000000000000000000a", second = "24.00000000000000000000000b";
  v1::ListConflictsResponse conflicts;
  v1::NumberClash& clash = *conflicts.add_clashes();
  clash.set_number("恒民意〔2026〕D057-0001号");
  for (const std::string& id : {first, second}) clash.add_ids(id);
  for (const char* text : {"2026-11-20 民兴村 水渠垮了", "2026-11-20 民兴村 路灯不亮"}) clash.add_texts(text);
  conflicts.set_total(1);
  daemon_.Add("RecordService/ListConflicts", conflicts);
  daemon_.Add("RecordService/Settle", v1::SettleResponse());
  daemon_.Start(dir_);
  Outcome list = Run({"conflicts", "--data", dir_});
  EXPECT_EQ(list.code, kFound);
  for (const std::string& part :
       {Cat(first, "  2026-11-20 民兴村 水渠垮了"), Cat(second, "  2026-11-20 民兴村 路灯不亮")})
    EXPECT_THAT(list.out, HasSubstr(part));
  Outcome settled = Run({"settle", "--data", dir_, second, "编号", "--side", "保留"});
  EXPECT_EQ(settled.code, kDone) << settled.err;
  EXPECT_EQ(settled.out, "已确定 恒民意〔2026〕D057-0001号 编号\n");
  auto request = daemon_.Request<v1::SettleRequest>("RecordService/Settle");
  EXPECT_EQ(request.id(), second);
  EXPECT_EQ(request.field(), "number");
  EXPECT_EQ(request.side(), "保留");
  EXPECT_EQ(Run({"settle", "--data", dir_, second, "编号", "--side", "改号"}).code, kUsage);
}

TEST_F(StationCommandsTest, WhatRemainsOfAccusationsIsListedWithWhereItLies) {
  v1::ListRemainsResponse remains;
  for (int i = 1; i <= 2; ++i) {
    v1::Remain& one = *remains.add_remains();
    one.set_number(Cat("恒民意〔2026〕D057-000", i, "号"));
    one.set_station_id("HK-D057");
    one.set_actor("HK-D057/0123456789abcdef");
    one.set_seq(40 + i);
    one.add_fields("内容");
    one.add_fields("标题");
  }
  remains.mutable_remains(1)->add_files(std::string(64, 'a'));
  daemon_.Add("CaseworkService/ListRemains", remains);
  daemon_.Start(dir_);
  Outcome outcome = Run({"remains", "--data", dir_});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  for (const std::string& part :
       {std::string("恒民意〔2026〕D057-0001号"), std::string("HK-D057/0123456789abcdef"), std::string("41"),
        std::string("内容、标题"), Cat("文件 ", std::string(64, 'a')), std::string("共 2 条原文待清除")})
    EXPECT_THAT(outcome.out, HasSubstr(part));
}

TEST_F(StationCommandsTest, TheFirstVisitOpensTodaysSession) {
  daemon_.Start(dir_);
  Outcome outcome = Run(Log({"--disposition", "上报镇", "--deputy", "HK-R001", "HK-R002", "--user", "李 雪", "--name",
                             "王三", "--phone", "13800005678", "--group", "三组", "--headcount", "4"}));
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "已保存 恒接〔2026〕D057-0001，事项 恒民意〔2026〕D057-0001\n");
  EXPECT_EQ(daemon_.user, "李 雪");
  auto list = daemon_.Request<v1::ListSessionsRequest>("StationService/ListSessions");
  EXPECT_EQ(list.from(), "2026-11-20") << "the daemon's business date";
  EXPECT_EQ(list.station_id(), "HK-D057");
  auto open = daemon_.Request<v1::OpenSessionRequest>("StationService/OpenSession");
  EXPECT_EQ(open.action_id().size(), 20u);
  EXPECT_EQ(open.session().date(), "2026-11-20");
  EXPECT_EQ(open.session().deputies_size(), 2);
  auto log = daemon_.Request<v1::LogVisitRequest>("StationService/LogVisit");
  EXPECT_NE(log.action_id(), open.action_id());
  EXPECT_EQ(log.session_id(), "16.00000000000000000000000a");
  EXPECT_EQ(log.entry().headcount(), 4);
  EXPECT_EQ(log.entry().original_words(), "三组水渠垮了");
  EXPECT_EQ(log.visitor().name(), "王三");
  EXPECT_EQ(log.matters(0).nature(), v1::NATURE_OPINION) << "unless told";
  EXPECT_EQ(log.matters(0).disposition(), v1::DISPOSITION_SUBMIT);
  EXPECT_EQ(log.matters(0).category(), "01");
}

// The options of fields come from the schema, their names and labels too.
TEST_F(StationCommandsTest, EveryFieldOfTheFormIsAnOption) {
  daemon_.Start(dir_);
  const TypeInfo& type = TypeOf<v1::Matter>();
  std::vector<std::string> args = Log({"--disposition", "上报镇", "--deputy", "HK-R001", "--nature", "求助"});
  const std::string help = Run({"log", "--help"}).out;
  std::vector<const FieldInfo*> texts;
  for (v1::FormPart part : {v1::FORM_FIRST, v1::FORM_MORE})
    for (const FieldInfo* field : FieldsIn(type, part)) {
      const std::string option = OptionName(field->descriptor);
      EXPECT_THAT(help, HasSubstr(option));
      if (field->descriptor->type() != google::protobuf::FieldDescriptor::TYPE_STRING) continue;
      args.insert(args.end(), {option, "第三网格"});
      texts.push_back(field);
    }
  EXPECT_THAT(help, HasSubstr("性质：意见（默认）、建议、批评、求助、咨询、表扬"));
  const Outcome outcome = Run(args);
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  const auto log = daemon_.Request<v1::LogVisitRequest>("StationService/LogVisit");
  EXPECT_EQ(log.matters(0).nature(), v1::NATURE_HELP);
  for (const FieldInfo* field : texts) EXPECT_EQ(TextOf(log.matters(0), *field), "第三网格");
}

TEST_F(StationCommandsTest, AnOpenSessionIsUsedAndClosedOnesAreNot) {
  AddSession("16.0000000000000000000000c1", v1::SESSION_CLOSED);
  AddSession("16.0000000000000000000000c2", v1::SESSION_OPEN)->set_voided(true);
  AddSession("16.0000000000000000000000c3", v1::SESSION_OPEN)
      ->mutable_session()
      ->add_deputies()
      ->set_deputy_id("HK-R009");
  daemon_.Start(dir_);
  Outcome outcome = Run(Log({"--disposition", "当场答复", "--answer", "明天修", "--solved"}));
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_FALSE(daemon_.requests.contains("StationService/OpenSession"));
  auto log = daemon_.Request<v1::LogVisitRequest>("StationService/LogVisit");
  EXPECT_EQ(log.session_id(), "16.0000000000000000000000c3");
  EXPECT_EQ(log.matters(0).answered_by(), "HK-R009") << "the session's only deputy";
  EXPECT_TRUE(log.matters(0).answer_solved());
  EXPECT_FALSE(log.has_visitor() && !log.visitor().name().empty());
}

// The session of the day is another one than what was typed: nothing is saved under it in silence.
TEST_F(StationCommandsTest, WhatDoesNotFitTheOpenSessionIsRefused) {
  v1::SessionView* session = AddSession("16.0000000000000000000000c3", v1::SESSION_OPEN);
  session->mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
  session->mutable_session()->add_deputies()->set_deputy_id("HK-R009");
  daemon_.Start(dir_);
  Outcome other = Run(Log({"--disposition", "上报镇", "--deputy", "HK-R001"}));
  EXPECT_EQ(other.code, kUsage);
  EXPECT_THAT(other.err, HasSubstr("里没有“HK-R001”"));
  Outcome form = Run(Log({"--disposition", "上报镇", "--form", "流动接待"}));
  EXPECT_EQ(form.code, kUsage);
  EXPECT_THAT(form.err, HasSubstr("接待形式"));
  EXPECT_FALSE(daemon_.requests.contains("StationService/LogVisit"));
  EXPECT_EQ(Run(Log({"--disposition", "上报镇", "--deputy", "HK-R009", "--form", "坐班接待日"})).code, kDone);
  EXPECT_EQ(Run(Log({"--disposition", "当场答复", "--answer", "明天修", "--deputy", "HK-R001"})).code, kDone)
      << "who answered is said in the matter";
}

TEST_F(StationCommandsTest, WrongWordsAreRefusedBeforeAnythingIsAsked) {
  daemon_.Start(dir_);
  Outcome outcome = Run(Log({"--disposition", "转告", "--deputy", "HK-R001"}));
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("可用：当场答复、村级办理、上报镇、引导至其他渠道"));
  EXPECT_TRUE(daemon_.requests.empty());
  EXPECT_EQ(Run(Log({"--disposition", "引导", "--nature", "闲谈"})).code, kUsage);
  Outcome alone = Run(Log({"--disposition", "上报镇"}));
  EXPECT_EQ(alone.code, kUsage);
  EXPECT_THAT(alone.err, HasSubstr("--deputy"));
  EXPECT_FALSE(daemon_.requests.contains("StationService/LogVisit"));
}

TEST_F(StationCommandsTest, VoidingTakesTheTokenOfWhatItRead) {
  v1::GetRecordResponse record;
  record.mutable_record()->set_token("TOKEN");
  daemon_.Add("RecordService/GetRecord", record);
  v1::VoidRecordResponse voided;
  voided.mutable_record()->set_voided(true);
  daemon_.Add("RecordService/VoidRecord", voided);
  v1::FindResponse found;
  for (const char* number : {"恒民意〔2026〕D057-0001", "恒民意〔2026〕D057-00011"}) {
    v1::FindHit* hit = found.add_hits();
    hit->set_number(number);
    hit->set_id(Cat("24.id-of-", number));
  }
  daemon_.Add("RecordService/Find", found);
  daemon_.Start(dir_);
  Outcome outcome = Run({"void", "--data", dir_, "恒民意〔2026〕D057-0001", "--reason", "重复"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  auto request = daemon_.Request<v1::VoidRecordRequest>("RecordService/VoidRecord");
  EXPECT_EQ(request.id(), "24.id-of-恒民意〔2026〕D057-0001") << "the whole number, not its beginning";
  EXPECT_EQ(request.token(), "TOKEN");
  EXPECT_EQ(request.reason(), "重复");
  EXPECT_EQ(Run({"void", "--data", dir_, "24.00112233445566778899000a", "--reason", "重复"}).code, kDone);
  EXPECT_EQ(daemon_.requests["RecordService/Find"].size(), 1u) << "an id needs no search";
  EXPECT_EQ(Run({"void", "--data", dir_, "恒民意〔2026〕D057-0009", "--reason", "重复"}).code, kFailed);
  EXPECT_EQ(Run({"void", "--data", dir_, "恒民意[２０２６]Ｄ057‐\u200b0001", "--reason", "重复"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::FindRequest>("RecordService/Find", 2).query(), "恒民意〔2026〕D057-0001");
}

TEST_F(StationCommandsTest, SeveralOpenSessionsMustBeTold) {
  AddSession("1", v1::SESSION_OPEN);
  AddSession("2", v1::SESSION_CLOSED);
  AddSession("3", v1::SESSION_OPEN);
  v1::CloseSessionResponse closed;
  closed.mutable_session()->set_visits(3);
  closed.mutable_session()->set_headcount(6);
  daemon_.Add("StationService/CloseSession", closed);
  daemon_.Start(dir_);
  Outcome several = Run({"close-session", "--data", dir_});
  EXPECT_EQ(several.code, kUsage);
  EXPECT_THAT(several.err, HasSubstr("S-1、S-3"));
  Outcome one = Run({"close-session", "--data", dir_, "--session", "S-3", "--end", "11:30"});
  EXPECT_EQ(one.code, kDone) << one.err;
  EXPECT_THAT(one.out, HasSubstr("3 批 6 人次"));
  auto request = daemon_.Request<v1::CloseSessionRequest>("StationService/CloseSession");
  EXPECT_EQ(request.session_id(), "3");
  EXPECT_EQ(request.token(), "T3");
  EXPECT_EQ(request.end(), "11:30");
}

TEST_F(StationCommandsTest, ImportPassesTheBytesAndSaysWhatWasRefused) {
  v1::ImportLedgerResponse response;
  response.set_rows(200);
  response.set_accepted(194);
  response.set_refused(6);
  response.set_batch_id("B1");
  response.set_mend_file("\xef\xbb\xbf改");
  v1::RefusedRow* row = response.add_refusals();
  row->set_row(17);
  row->set_column("电话");
  row->set_reason("应为 11 位");
  row->set_sheet("3月");
  response.add_ignored_columns("办理结果");
  response.add_notices("工作表“封面”没有台账的表头，没有读");
  daemon_.Add("StationService/ImportLedger", response);
  daemon_.Start(dir_);
  std::string bytes("序号\x00\xff\r\n", 11);
  WriteText(root_ + "/old.csv", bytes);
  Outcome outcome = Run({"import", "--data", dir_, root_ + "/old.csv", "--mend", root_ + "/mend.csv"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("200 行，录入 194，已有 0，退回 6"));
  EXPECT_THAT(outcome.out, HasSubstr("应为 11 位"));
  EXPECT_THAT(outcome.out, HasSubstr("3月 17"));
  EXPECT_THAT(outcome.out, HasSubstr("没有用到的列：办理结果\n"));
  EXPECT_THAT(outcome.out, HasSubstr("工作表“封面”没有台账的表头，没有读\n"));
  EXPECT_EQ(ReadText(root_ + "/mend.csv"), "\xef\xbb\xbf改");
  auto request = daemon_.Request<v1::ImportLedgerRequest>("StationService/ImportLedger");
  EXPECT_EQ(request.content(), bytes);
  EXPECT_EQ(request.file_name(), "old.csv");
  EXPECT_EQ(Run({"import", "--data", dir_, root_ + "/none.csv"}).code, kUsage);
}

TEST_F(StationCommandsTest, WordsOfAnotherEncodingAreRefusedAndNothingIsAsked) {
  daemon_.Start(dir_);
  std::vector<std::string> args = Log({"--disposition", "上报镇", "--deputy", "HK-R001", "--user", "李雪"});
  args[4] = "\xcb\xae\xc7\xfe\xbf\xe5\xc1\xcb";  // GBK
  Outcome outcome = Run(args);
  EXPECT_EQ(outcome.code, kUsage);
  EXPECT_THAT(outcome.err, HasSubstr("第 5 个参数不是 UTF-8"));
  EXPECT_FALSE(daemon_.requests.contains("StationService/LogVisit"));
}

// From standard input, say.
TEST_F(StationCommandsTest, TextsThatAreNoUtf8DoNotLeaveTheProgram) {
  daemon_.Start(dir_);
  v1::FindRequest request;
  v1::FindResponse response;
  Link link(dir_, bin_, "李雪");
  for (const char* text : {"\xcb\xae\xc7\xfe", "caf\xe9"}) {
    request.set_query(text);
    EXPECT_TRUE(absl::IsInvalidArgument(CallService(&link, "RecordService/Find", request, &response))) << text;
  }
  EXPECT_FALSE(daemon_.requests.contains("RecordService/Find"));
}

// What looks like a label is one.
TEST_F(StationCommandsTest, LabelsAreComparedFolded) {
  daemon_.Start(dir_);
  EXPECT_EQ(Run(Log({"--disposition", "上报镇\ufe0f", "--deputy", "HK-R001", "--user", "李雪"})).code, kDone);
}

TEST_F(StationCommandsTest, ExportWritesTheFile) {
  v1::ExportResponse response;
  response.set_content(std::string("PK\x03\x04\x00", 5));
  response.set_rows(3);
  daemon_.Add("RecordService/Export", response);
  daemon_.Start(dir_);
  std::string path = root_ + "/out.xlsx";
  Outcome outcome = Run({"export", "--data", dir_, "--format", "xlsx", "--out", path});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(ReadText(path), response.content());
  EXPECT_EQ(Run({"export", "--data", dir_, "--format", "xlsx", "--out", root_ + "/no/such/x"}).code, kFailed);
}

TEST_F(StationCommandsTest, TheListSaysAVisitOnceAndEachOfItsMatters) {
  v1::ListVisitsResponse response;
  v1::VisitView* visit = response.add_visits();
  visit->mutable_entry()->set_number("恒接〔2026〕D057-0003");
  visit->mutable_entry()->set_headcount(1);
  visit->set_visitor_name("王**");
  visit->set_light(v1::LIGHT_SAVED);
  for (const char* title : {"卫生室晚上没人", "医保缴费"}) {
    v1::MatterView* matter = visit->add_matters();
    matter->mutable_matter()->set_title(title);
    matter->set_state(v1::ANSWERED);
  }
  response.set_total(1);
  daemon_.Add("StationService/ListVisits", response);
  daemon_.Start(dir_);
  Outcome outcome = Run({"list", "--data", dir_, "--from", "2026-11-20"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("已存"));
  EXPECT_THAT(outcome.out, HasSubstr("当场答复"));
  size_t first = outcome.out.find("D057-0003");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(outcome.out.find("D057-0003", first + 1), std::string::npos);
  EXPECT_EQ(daemon_.Request<v1::ListVisitsRequest>("StationService/ListVisits").from(), "2026-11-20");
}

class EnrolTest : public CliTest {
 protected:
  EnrolTest() : hub_(root_ + "/hub") {
    std::filesystem::create_directories(hub_ + "/db");
    response_.set_node_id("N-77");
    response_.set_hub_public_key(std::string(32, 'H'));
    response_.add_messages("message 1");
    response_.add_messages(std::string("\x00\xff", 2));
    daemon_.Add("RecordService/GetStatus", HubStatus());
    daemon_.Add("HubService/Enrol", [this](const std::string&) { return ToJson(response_); });
  }
  Outcome Enrol(const std::string& station = "HK-D057", std::vector<std::string> more = {}) {
    std::vector<std::string> args{"enrol", "--station", station, "--data", dir_, "--hub-data", hub_};
    args.insert(args.end(), more.begin(), more.end());
    return Run(args);
  }
  v1::StationConfig Config() const {
    v1::StationConfig config;
    EXPECT_TRUE(ReadConfig(dir_ + "/station.json", &config).ok());
    return config;
  }

  std::string hub_;
  v1::EnrolResponse response_;
  FakeDaemon daemon_;
};

TEST_F(EnrolTest, TheFolderHasEverythingThatAStationStartsFrom) {
  daemon_.Start(hub_);
  Outcome outcome = Enrol("HK-D057", {"--device", "旧电脑"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  absl::StatusOr<KeyPair> key = LoadKeyPair(KeyPath(dir_));
  ASSERT_TRUE(key.ok()) << key.status();
  auto request = daemon_.Request<v1::EnrolRequest>("HubService/Enrol");
  EXPECT_EQ(request.public_key(), key->public_key);
  EXPECT_EQ(request.device_name(), "旧电脑");
  v1::StationConfig config = Config();
  EXPECT_EQ(config.station_id(), "HK-D057");
  EXPECT_EQ(config.node_id(), "N-77");
  EXPECT_EQ(config.hub_public_key(), response_.hub_public_key());
  EXPECT_EQ(config.hub_address(), "127.0.0.1:4321") << "where the running hub says that stations connect";
  EXPECT_EQ(*ReadEnrolment(dir_), (std::vector<std::string>{"message 1", std::string("\x00\xff", 2)}));
  EXPECT_EQ(std::filesystem::status(dir_).permissions() & std::filesystem::perms::others_all,
            std::filesystem::perms::none);
}

TEST_F(EnrolTest, EnrollingAgainKeepsTheKeyAndTheAddress) {
  daemon_.Start(hub_);
  ASSERT_EQ(Enrol("HK-D057", {"--hub-sync", "10.0.0.9:7000"}).code, kDone);
  std::string key = ReadText(KeyPath(dir_));
  daemon_.Stop();
  FakeBinary("liaison-hub", ToJson(response_), 0);  // the hub is not running now
  Outcome again = Enrol();
  EXPECT_EQ(again.code, kDone) << again.err;
  EXPECT_EQ(ReadText(KeyPath(dir_)), key);
  EXPECT_EQ(Config().hub_address(), "10.0.0.9:7000");
  auto first = daemon_.Request<v1::EnrolRequest>("HubService/Enrol");
  v1::EnrolRequest second;
  ASSERT_TRUE(FromJson(ReadText(bin_ + "/input"), &second).ok());
  EXPECT_EQ(second.public_key(), first.public_key());
}

TEST_F(EnrolTest, AnInterruptedEnrolmentIsContinuedWithTheSameKey) {
  Outcome failed = Enrol();  // neither a daemon nor a binary
  EXPECT_EQ(failed.code, kUnreachable);
  EXPECT_FALSE(std::filesystem::exists(dir_ + "/station.json"));
  std::string key = ReadText(KeyPath(dir_));
  daemon_.Start(hub_);
  EXPECT_EQ(Enrol().code, kDone);
  EXPECT_EQ(ReadText(KeyPath(dir_)), key);
}

TEST_F(EnrolTest, AnotherStationsFolderIsRefused) {
  daemon_.Start(hub_);
  ASSERT_EQ(Enrol().code, kDone);
  std::string before = ReadText(dir_ + "/station.json");
  Outcome other = Enrol("HK-D012");
  EXPECT_EQ(other.code, kFailed);
  EXPECT_THAT(other.err, HasSubstr("HK-D057"));
  EXPECT_EQ(ReadText(dir_ + "/station.json"), before);
  EXPECT_EQ(daemon_.requests["HubService/Enrol"].size(), 1u) << "the hub is not even asked";
}

TEST_F(EnrolTest, AHubsFolderIsRefusedAndItsKeyNotUsed) {
  MakeHub();
  daemon_.Start(hub_);
  EXPECT_EQ(Enrol().code, kFailed);
  EXPECT_TRUE(daemon_.requests.empty());
}

TEST_F(EnrolTest, AnotherHubIsRefused) {
  daemon_.Start(hub_);
  ASSERT_EQ(Enrol().code, kDone);
  std::string before = ReadText(dir_ + "/station.json");
  response_.set_hub_public_key(std::string(32, 'X'));
  Outcome other = Enrol();
  EXPECT_EQ(other.code, kFailed);
  EXPECT_THAT(other.err, HasSubstr("另一个镇中心"));
  EXPECT_EQ(ReadText(dir_ + "/station.json"), before);
}

TEST_F(EnrolTest, AHubElsewhereIsAskedByItsAddress) {
  daemon_.Start(root_);
  Outcome outcome =
      Run({"enrol", "--station", "HK-D057", "--data", dir_, "--hub-http", Cat("127.0.0.1:", daemon_.port())});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(Config().hub_address(), "127.0.0.1:7061");
  EXPECT_EQ(Run({"enrol", "--station", "HK-D057", "--data", dir_, "--hub-http", "nowhere"}).code, kUsage);
}

}  // namespace
}  // namespace liaison::cli
