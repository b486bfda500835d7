// Lists that come in at a running hub: what is taken, what is refused and why, and that what goes out comes in again.
#include "hub/desk/imports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/base/text.h"
#include "common/record/view.h"
#include "liaison/v1/people.pb.h"
#include "tests/ledger/fixture.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kBom[] = "\xef\xbb\xbf";

class ImportsTest : public ::testing::Test {
 protected:
  ImportsTest() : town_(5) {}

  HubNode& hub() { return town_.hub(); }

  absl::StatusOr<v1::ImportTableResponse> Try(const std::string& content, v1::RosterKind kind = v1::ROSTER_UNSPECIFIED,
                                              bool dry_run = false, const std::string& expected = "") {
    v1::ImportTableRequest request;
    request.set_action_id(town_.ActionId());
    request.set_kind(kind);
    request.set_file_name("名册.xlsx");
    request.set_content(content);
    request.set_dry_run(dry_run);
    request.set_expected(expected);
    request.set_user("李干事");
    return hub().imports()->ImportTable(request);
  }
  v1::ImportTableResponse Import(const std::string& content, v1::RosterKind kind = v1::ROSTER_UNSPECIFIED) {
    auto response = Try(content, kind);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    EXPECT_TRUE(response->faults().empty()) << response->faults(0).ShortDebugString();
    return *response;
  }
  // "" if it was taken, else the faults, "row column reason", one a line.
  std::string Faults(const std::string& content, v1::RosterKind kind = v1::ROSTER_UNSPECIFIED) {
    auto response = Try(content, kind);
    if (!response.ok()) return std::string(response.status().message());
    std::string text;
    for (const v1::TableFault& fault : response->faults())
      text += Cat(fault.row(), " ", fault.column(), " ", fault.reason(), "\n");
    return text;
  }
  std::string Export(v1::RosterKind kind, const std::string& format) {
    v1::ExportTableRequest request;
    request.set_kind(kind);
    request.set_format(format);
    auto response = hub().imports()->ExportTable(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->content() : "";
  }
  template <typename M>
  M Record(const std::string& code) {
    std::optional<Aggregate> aggregate = hub().store()->Read().Load(RecordId::Master(TypeOf<M>().type(), code));
    EXPECT_TRUE(aggregate.has_value()) << code;
    return aggregate ? Show<M>(*aggregate) : M();
  }
  v1::Station Station(const std::string& code) { return Record<v1::Station>(code); }
  absl::Status Change(const std::string& id, const std::string& token, const std::string& fields) {
    v1::ChangeRecordRequest request;
    request.set_action_id(town_.ActionId());
    request.set_id(id);
    request.set_token(token);
    request.set_fields(fields);
    return hub().records()->ChangeRecord(request).status();
  }
  std::string Token(const std::string& id) {
    v1::GetRecordRequest request;
    request.set_id(id);
    return hub().records()->GetRecord(request)->record().token();
  }
  static std::string StationId(const std::string& code) {
    return ToText(RecordId::Master(TypeOf<v1::Station>().type(), code));
  }

  Township town_;
};

// ---------------------------------------------------------------- taking in

TEST_F(ImportsTest, AStationsColumnsAreAllTakenUnderTheirUsualNames) {
  auto response =
      Import(Cat(kBom,
                 "恒口镇联络站点表,,,,,,\n编号,名称,站长,联络员,手机,接待日,所辖村(社区),站点等级\n"
                 "HK-D001,老街社区人大代表联络点,陈䶮,周·艾力,138 1234-5678,每月１５号,老街村、北街村,高标准\n"));
  EXPECT_EQ(response.kind(), v1::ROSTER_STATIONS);
  EXPECT_EQ(response.changed(), 1);
  v1::Station station = Station("HK-D001");
  EXPECT_EQ(station.leader(), "陈䶮");
  EXPECT_EQ(station.officer(), "周·艾力");
  EXPECT_EQ(station.public_phone(), "13812345678");
  EXPECT_EQ(station.schedule_rule(), "每月15日");
  EXPECT_THAT(station.villages(), ElementsAre("北街村", "老街村"));
  EXPECT_EQ(station.grade(), v1::GRADE_HIGH_STANDARD);
  EXPECT_EQ(station.parent_id(), "HK-P001");  // a column that is not there says nothing
  EXPECT_THAT(response.changes(), Contains(::testing::Property(&v1::TableChange::new_value, "13812345678")));
}

TEST_F(ImportsTest, AChangeShowsOldAndNewAndASecondImportChangesNothing) {
  Import("站点编号,站长\nHK-D001,王一\n");
  const std::string file = "站点编号,站长\nHK-D001,王二\n";
  auto response = Import(file);
  ASSERT_EQ(response.changes_size(), 1);
  EXPECT_EQ(response.changes(0).row(), 2);
  EXPECT_EQ(response.changes(0).record(), "HK-D001");
  EXPECT_EQ(response.changes(0).field(), "站长");
  EXPECT_EQ(response.changes(0).old_value(), "王一");
  EXPECT_EQ(response.changes(0).new_value(), "王二");
  const std::string id = StationId("HK-D001"), token = Token(id);
  auto again = Import(file);
  EXPECT_EQ(again.unchanged(), 1);
  EXPECT_EQ(again.changed(), 0);
  EXPECT_THAT(again.changes(), IsEmpty());
  EXPECT_EQ(Token(id), token);  // not a single op
}

TEST_F(ImportsTest, WhatIsAbsentStaysAndOnlyTheWordClears) {
  Import("站点编号,站长,联系电话,所辖村\nHK-D001,王一,09163260001,老街村\n");
  Import("站点编号,站长,联系电话\nHK-D001,,\n");
  EXPECT_EQ(Station("HK-D001").leader(), "王一");
  EXPECT_EQ(Station("HK-D001").public_phone(), "09163260001");
  EXPECT_EQ(Station("HK-D002").name().empty(), false);
  Import("站点编号,站长,所辖村\nHK-D001,清空,清空\n");
  EXPECT_EQ(Station("HK-D001").leader(), "");
  EXPECT_THAT(Station("HK-D001").villages(), IsEmpty());
  EXPECT_THAT(Faults("站点编号,站点名称\nHK-D001,清空\n"), HasSubstr("站点名称 不能为空"));
}

TEST_F(ImportsTest, ADeputysMandatesKeepTheirParts) {
  Import(
      "代表编号,姓名,性别,民族,党派,单位及职务,任职层级,届别,选区,任期起,任期止,任职状态,代表小组,站点编号,手机\n"
      "HK-R901,夏𬱖,女,汉,中共,恒口中学教师,镇；区,20；19,第三选区；,2021/9/"
      "1；2021年10月8日,；,在任；暂停执行,第1代表小组,"
      "HK-D001,13812345678\n");
  auto deputy = Record<v1::Deputy>("HK-R901");
  EXPECT_EQ(deputy.name(), "夏𬱖");
  ASSERT_EQ(deputy.mandates_size(), 2);
  EXPECT_EQ(deputy.mandates(0).level(), v1::MANDATE_TOWN);
  EXPECT_EQ(deputy.mandates(0).congress(), "20");
  EXPECT_EQ(deputy.mandates(0).constituency(), "第三选区");
  EXPECT_EQ(deputy.mandates(0).from(), "2021-09-01");
  EXPECT_EQ(deputy.mandates(1).from(), "2021-10-08");
  EXPECT_EQ(deputy.mandates(1).status(), "暂停执行");
  Import("代表编号,任职层级\nHK-R901,区\n");
  deputy = Record<v1::Deputy>("HK-R901");
  ASSERT_EQ(deputy.mandates_size(), 1);
  EXPECT_EQ(deputy.mandates(0).congress(), "19");
  EXPECT_THAT(Faults("代表编号,任职层级,届别\nHK-R901,镇；区,20；19；18\n"), HasSubstr("要用分号写 2 段"));
  EXPECT_THAT(Faults("代表编号,任职状态\nHK-R901,在岗\n"), HasSubstr("应为在任、暂停执行或终止"));
}

TEST_F(ImportsTest, DepartmentsHolidaysAndCategoriesComeIn) {
  Import("单位编号,单位名称,层级,负责人,电话\nHK-U09,林业站,镇,赵㛃,0916-3260009\n");
  EXPECT_EQ(Record<v1::Department>("HK-U09").leader(), "赵㛃");
  EXPECT_EQ(Record<v1::Department>("HK-U09").phone(), "09163260009");
  EXPECT_EQ(Import("日期,休/班,节日\n2027-01-01,休,元旦\n46391,班,元旦调休\n").kind(), v1::ROSTER_HOLIDAYS);
  EXPECT_EQ(Record<v1::Policy>("holiday-2027-01-01").value(), "holiday");
  EXPECT_EQ(Record<v1::Policy>("holiday-2027-01-04").value(), "workday");  // a day number of a spreadsheet
  Import(
      "类别代码,类别名称,上级代码,关键词,上报口径,停用\n0101,小型水利,01,水渠、塘坝,农业农村,否\n10,,,,教科文卫,是\n");
  EXPECT_EQ(Record<v1::Code>("category-0101").parent(), "01");
  EXPECT_THAT(Record<v1::Code>("category-0101").keywords(), ElementsAre("塘坝", "水渠"));
  EXPECT_TRUE(Record<v1::Code>("category-10").retired());
  EXPECT_EQ(Record<v1::Code>("category-10").rollup(), "教科文卫");
  Import("类别代码,上报口径\n1,农业农村\n", v1::ROSTER_CATEGORIES);  // a spreadsheet's 01
  EXPECT_EQ(Record<v1::Code>("category-01").rollup(), "农业农村");
}

TEST_F(ImportsTest, WhatGoesOutComesInAgainWithoutAChange) {
  Import("站点编号,状态,并入站点,状态日期\nHK-D033,已合并,HK-D034,2026-07-01\n");
  Import("站点编号,接待日规则,区划代码\nHK-D001,每周一、四 节假日顺延,610902107001(2016-01-01至)、610902107099\n");
  Import("代表编号,任职层级,届别,选区\nHK-R001,镇；区,；19,；恒口选区\n");
  Import("单位编号,单位名称\nHK-U10,'=SUM站\n");
  ASSERT_TRUE(Change(StationId("HK-D002"), Token(StationId("HK-D002")), R"({"leader":" 有空格 "})").ok());
  for (const RosterForm& form : RosterForms()) {
    for (const char* format : {"csv", "xlsx"}) {
      auto response = Import(Export(form.kind, format));
      EXPECT_EQ(response.kind(), form.kind);
      EXPECT_THAT(response.faults(), IsEmpty()) << response.faults(0).reason();
      EXPECT_THAT(response.changes(), IsEmpty()) << response.changes(0).field();
      EXPECT_EQ(response.changed() + response.added(), 0);
      EXPECT_GT(response.unchanged(), 0);
      EXPECT_THAT(response.ignored_columns(), IsEmpty());
    }
  }
}

// ---------------------------------------------------------------- refusing

TEST_F(ImportsTest, EveryWrongRowIsNamedAndNoneIsTaken) {
  const std::string file =
      "站点编号,站点名称,层级,上级站点,站长,公开电话,接待日规则,备用\n"
      "HK-D001,,,,王一,,,\n"
      "HK-D200,新村联络点,联络点,HK-P099,,,,\n"
      "HK-D201,新街联络点,联络点,HK-P001,,123,每月32日,\n"
      "HK-D001,,,,王二,,,\n"
      ",无号联络点,联络点,HK-P001,,,,\n"
      "HK-D202,,村点,,#N/A,,,\n";
  const std::string faults = Faults(file);
  EXPECT_THAT(faults, HasSubstr("3 上级站点 没有编号为“HK-P099”的站点"));
  EXPECT_THAT(faults, HasSubstr("4 公开电话 "));
  EXPECT_THAT(faults, HasSubstr("4 接待日规则 "));
  EXPECT_THAT(faults, HasSubstr("5 站点编号 “HK-D001”与第 2 行重复"));
  EXPECT_THAT(faults, HasSubstr("6 站点编号 不能为空"));
  EXPECT_THAT(faults, HasSubstr("7 站点名称 不能为空"));
  EXPECT_THAT(faults, HasSubstr("7 层级 “村点”不在可选的里面，应为中心站、片区站、联络点"));
  EXPECT_THAT(faults, HasSubstr("7 站长 是错误值 #N/A"));
  EXPECT_THAT(faults, Not(HasSubstr("\n2 ")));
  EXPECT_EQ(Station("HK-D001").leader(), "");
  EXPECT_FALSE(hub().store()->Read().Load(RecordId::Master(TypeOf<v1::Station>().type(), "HK-D201")).has_value());

  auto response = Try(file);
  ASSERT_TRUE(response.ok());
  EXPECT_THAT(response->ignored_columns(), ElementsAre("备用"));
  EXPECT_THAT(response->mend_file(), HasSubstr("退回原因"));
  EXPECT_THAT(response->mend_file(), HasSubstr("HK-D001,,,,王一,,,,\r\n"));
  // The whole list with its reasons comes in again as it is, with the same faults.
  EXPECT_EQ(Faults(response->mend_file()), faults);
}

TEST_F(ImportsTest, AFileThatIsNoListIsRefusedWhole) {
  const std::string good = Export(v1::ROSTER_STATIONS, "xlsx");
  auto cut = Try(good.substr(0, good.size() / 2));
  EXPECT_EQ(cut.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Faults(good.substr(0, 0)), HasSubstr("是空的"));
  EXPECT_THAT(Faults("一,二\n三,四\n"), HasSubstr("没有找到名册的表头"));
  EXPECT_THAT(Faults("姓名,手机\n王一,13812345678\n", v1::ROSTER_DEPUTIES), HasSubstr("应有“代表编号”列"));
  EXPECT_THAT(Faults("编号,名称\nHK-D001,老街\n"), HasSubstr("认不出是哪一种名册"));
  EXPECT_THAT(Faults("站点编号,站长,站长\nHK-D001,王一,王二\n"), HasSubstr("两列“站长”"));
  EXPECT_EQ(Station("HK-D001").leader(), "");
}

TEST_F(ImportsTest, SpreadsheetsOwnWaysAreUnderstood) {
  // A formula counts as its last result; a cell that is empty says nothing.
  Import(
      MakeXlsx("<row><c t=\"str\"><v>站点编号</v></c><c t=\"str\"><v>状态日期</v></c><c t=\"str\"><v>站长</v></c>"
               "<c t=\"str\"><v>状态</v></c></row>"
               "<row><c t=\"str\"><f>\"HK-D\"&amp;\"003\"</f><v>HK-D003</v></c><c><v>46204</v></c>"
               "<c t=\"str\"><v>王三</v></c><c t=\"str\"><v>暂停</v></c></row>"
               "<row><c t=\"str\"><v>ＨＫ－Ｄ００４</v></c><c s=\"1\"><v>46204</v></c></row>"));
  EXPECT_EQ(Station("HK-D003").status_date(), "2026-07-01");
  EXPECT_EQ(Station("HK-D003").status(), v1::STATION_PAUSED);
  EXPECT_EQ(Station("HK-D004").status_date(), "2026-07-01");
  EXPECT_EQ(Station("HK-D004").leader(), "");
  // 代表编号,姓名 / HK-R001,夏𬱖 in GB18030, whose rare characters take four bytes.
  const std::string gb = "\xb4\xfa\xb1\xed\xb1\xe0\xba\xc5,\xd0\xd5\xc3\xfb\nHK-R001,\xcf\xc4\x99\x33\xc3\x36\n";
  Import(gb);
  EXPECT_EQ(Record<v1::Deputy>("HK-R001").name(), "夏𬱖");
}

TEST_F(ImportsTest, NamesAndParentsMustFit) {
  EXPECT_THAT(Faults("单位编号,单位名称\nHK-U09,水利站\n"), HasSubstr("“水利站”与“HK-U05”重名"));
  EXPECT_THAT(Faults("代表编号,站点编号\nHK-R001,HK-D999\n"), HasSubstr("没有编号为“HK-D999”的站点"));
  EXPECT_THAT(Faults("类别代码,上级代码\n01,02\n02,01\n"), HasSubstr("绕成了圈"));
  EXPECT_THAT(Faults("类别代码,上级代码\n01,88\n"), HasSubstr("没有代码为“88”的类别"));
  EXPECT_THAT(Faults("站点编号,站点名称,层级\nHK-Z002,另一个中心,中心站\n"), HasSubstr("中心站只能有一个"));
  EXPECT_THAT(Faults("站点编号,层级,上级站点\nHK-P001,联络点,HK-P002\n"), HasSubstr("与下级站点"));
}

// ---------------------------------------------------------------- mergers

TEST_F(ImportsTest, AMergerNeedsAnActiveTargetAndADay) {
  const std::string head = "站点编号,状态,并入站点,状态日期\n";
  EXPECT_THAT(Faults(head + "HK-D033,已合并,,2026-07-01\n"), HasSubstr("要写并入哪个站点"));
  EXPECT_THAT(Faults(head + "HK-D033,已合并,HK-D034,\n"), HasSubstr("状态日期 请写从哪一天起"));
  EXPECT_THAT(Faults(head + "HK-D033,已合并,HK-D033,2026-07-01\n"), HasSubstr("不能并入自己"));
  EXPECT_THAT(Faults(head + "HK-D033,已合并,HK-D999,2026-07-01\n"), HasSubstr("没有编号为“HK-D999”的站点"));
  EXPECT_THAT(Faults(head + "HK-D033,已合并,HK-P001,2026-07-01\n"), HasSubstr("同一层级"));
  EXPECT_THAT(Faults(head + "HK-D033,,HK-D034,\n"), HasSubstr("状态不是“已合并”"));
  EXPECT_THAT(Faults(head + "HK-D033,已合并,HK-D034,2026-07-01\nHK-D034,已合并,HK-D033,2026-07-01\n"),
              HasSubstr("自己已并入"));
  EXPECT_THAT(Faults(head + "HK-D033,已合并,HK-D034,2026-07-01\nHK-D034,已撤销,,2026-07-01\n"),
              HasSubstr("的状态是已撤销，不能并入"));
  EXPECT_THAT(Faults(head + "HK-P001,已撤销,,2026-07-01\n"), HasSubstr("还在用，请先改它的上级站点"));
  EXPECT_EQ(Faults(head + "HK-D033,已合并,HK-D034,2026-07-01\n"), "");
  EXPECT_THAT(Faults(head + "HK-D034,已合并,HK-D033,2026-08-01\n"), HasSubstr("自己已并入"));
  // Later the target itself merges on; what was merged into it before comes in again as it stands.
  EXPECT_EQ(Faults(head + "HK-D034,已合并,HK-D035,2026-08-01\nHK-D033,已合并,HK-D034,2026-07-01\n"), "");
  EXPECT_EQ(Faults(head + "HK-D034,运行,清空,清空\n"), "");
  EXPECT_EQ(Station("HK-D034").status(), v1::STATION_ACTIVE);
  EXPECT_EQ(Station("HK-D034").merged_into(), "");
}

TEST_F(ImportsTest, AMergedStationTakesNothingNewAndKeepsItsHistory) {
  std::unique_ptr<Site> village = town_.Enrol("HK-D033");
  v1::SessionView before = OpenSession(&town_, village->node.get(), "2026-06-28");
  v1::SessionView after = OpenSession(&town_, village->node.get(), "2026-11-20");
  ASSERT_TRUE(town_.Sync(village->node.get()));
  Import("站点编号,状态,并入站点,状态日期\nHK-D033,已合并,HK-D034,2026-07-01\n");
  ASSERT_TRUE(town_.Sync(village->node.get()));
  v1::OpenSessionRequest open;
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_date("2026-11-20");
  open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  auto refused = village->node->reception()->OpenSession(open);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("本站点已于2026-07-01并入"));
  auto visit = village->node->reception()->LogVisit(VisitRequest(&town_, after, "水渠垮了"));
  EXPECT_THAT(std::string(visit.status().message()), HasSubstr("本站点已于2026-07-01并入"));
  // What lies on paper from before the day is still entered, and counts there.
  EXPECT_TRUE(village->node->reception()->LogVisit(VisitRequest(&town_, before, "水渠垮了")).ok());
  open.set_action_id(town_.ActionId());
  open.mutable_session()->set_date("2026-06-30");
  EXPECT_TRUE(village->node->reception()->OpenSession(open).ok());
  ASSERT_TRUE(town_.Sync(village->node.get()));
  v1::ListMattersRequest list;
  list.set_station_id("HK-D033");
  EXPECT_EQ(hub().desk()->ListMatters(list)->matters_size(), 1);
  v1::GetFiguresRequest figures;
  figures.set_from("2026-01-01");
  figures.set_to("2026-12-31");
  EXPECT_TRUE(hub().statistics()->GetFigures(figures).ok());
  EXPECT_TRUE(hub().records()->Verify({})->ok());
}

// ---------------------------------------------------------------- others at the same time

TEST_F(ImportsTest, AnImportHasSeenWhatTheHubHasAndAnOlderScreenConflicts) {
  const std::string id = StationId("HK-D001"), old_screen = Token(id);
  ASSERT_TRUE(Change(id, Token(id), R"({"leader":"先改的"})").ok());
  Import("站点编号,站长\nHK-D001,导入的\n");  // later than the edit, and has seen it
  EXPECT_EQ(hub().records()->ListConflicts({})->conflicts_size(), 0);
  EXPECT_EQ(Station("HK-D001").leader(), "导入的");
  ASSERT_TRUE(Change(id, old_screen, R"({"leader":"后存的"})").ok());  // has seen neither
  EXPECT_EQ(hub().records()->ListConflicts({})->conflicts_size(), 1);
  const std::string shown = Station("HK-D001").leader();
  EXPECT_EQ(Import("站点编号,站长\nHK-D001," + shown + "\n").unchanged(), 1);  // says nothing new: left to a person
  EXPECT_EQ(hub().records()->ListConflicts({})->conflicts_size(), 1);
  EXPECT_EQ(Import("站点编号,站长\nHK-D001,定下的\n").changed(), 1);
  EXPECT_EQ(hub().records()->ListConflicts({})->conflicts_size(), 0);
}

TEST_F(ImportsTest, ADryRunSavesNothingAndItsFingerprintHoldsTheImportToIt) {
  const std::string file = "站点编号,站长\nHK-D001,王一\n", id = StationId("HK-D001");
  auto dry = Try(file, v1::ROSTER_STATIONS, true);
  ASSERT_TRUE(dry.ok());
  EXPECT_EQ(dry->changed(), 1);
  EXPECT_EQ(Station("HK-D001").leader(), "");
  ASSERT_TRUE(Change(id, Token(id), R"({"leader":"刚改的"})").ok());
  auto stale = Try(file, v1::ROSTER_STATIONS, false, dry->fingerprint());
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Station("HK-D001").leader(), "刚改的");
  auto fresh = Try(file, v1::ROSTER_STATIONS, false, Try(file, v1::ROSTER_STATIONS, true)->fingerprint());
  EXPECT_TRUE(fresh.ok()) << fresh.status();
  EXPECT_EQ(Station("HK-D001").leader(), "王一");
}

TEST_F(ImportsTest, ARepeatedRequestIsAnsweredAsBefore) {
  v1::ImportTableRequest request;
  request.set_action_id(town_.ActionId());
  request.set_content("站点编号,站长\nHK-D001,王一\n");
  ASSERT_TRUE(hub().imports()->ImportTable(request).ok());
  auto again = hub().imports()->ImportTable(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated_action());
  EXPECT_EQ(again->changed(), 1);
}

TEST_F(ImportsTest, SettingsAreListedCheckedAndSet) {
  auto set = [&](const char* key, const char* value) {
    v1::SetPolicyRequest request;
    request.set_action_id(town_.ActionId());
    request.set_key(key);
    request.set_value(value);
    return hub().imports()->SetPolicy(request);
  };
  EXPECT_EQ(set("congress-now", "20-3")->policy().value(), "20-3");
  EXPECT_EQ(set("reply-class-d", "也许").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(set("deadline-x", "1").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(set("reply-class-d", "是")->policy().changed());
  auto back = set("reply-class-d", "");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->policy().value(), "否");
  EXPECT_FALSE(back->policy().changed());
  EXPECT_EQ(hub().imports()->ListPolicies({})->policies_size(), 3);
}

// Ops name what their author knew of it: so it stands in the rights of the stations, not only in their list.
TEST_F(ImportsTest, RightsFollowWhoEntersForWhom) {
  auto enters = [&](const char* station) {
    const auto rights = Record<v1::Rights>(station);
    return std::set<std::string>(rights.enters_for().begin(), rights.enters_for().end());
  };
  EXPECT_TRUE(enters("HK-P008").contains("HK-D057"));
  EXPECT_TRUE(enters("HK-Z001").contains("HK-D057"));
  Import("站点编号,上级站点\nHK-D057,HK-P001\n");
  EXPECT_FALSE(enters("HK-P008").contains("HK-D057"));
  EXPECT_TRUE(enters("HK-P001").contains("HK-D057"));
  Import("站点编号,状态,并入站点,状态日期\nHK-D033,已合并,HK-D034,2026-07-01\n");
  EXPECT_EQ(Record<v1::Rights>("HK-D033").merged_date(), "2026-07-01");
  EXPECT_TRUE(enters("HK-D034").contains("HK-D033"));
}

}  // namespace
}  // namespace liaison
