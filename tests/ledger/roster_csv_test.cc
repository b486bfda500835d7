#include "common/intake/roster_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/ledger/fixture.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Stations, TheTownshipHasAllOfThem) {
  auto stations = ParseStations(ReadFixture("stations.csv")).value();
  ASSERT_EQ(stations.size(), 109u);
  std::map<v1::Tier, int> tiers;
  int high = 0;
  for (const v1::Station& station : stations) {
    ++tiers[station.tier()];
    if (station.grade() == v1::GRADE_HIGH_STANDARD) ++high;
    EXPECT_EQ(station.status(), v1::STATION_ACTIVE);
  }
  EXPECT_EQ(tiers[v1::CENTER], 1);
  EXPECT_EQ(tiers[v1::AREA], 12);
  EXPECT_EQ(tiers[v1::POINT], 96);
  EXPECT_EQ(high, 5);
  EXPECT_EQ(stations[13].station_id(), "HK-D001");
  EXPECT_EQ(stations[13].parent_id(), "HK-P001");
  EXPECT_EQ(stations[13].name(), "老街社区人大代表联络点");
  EXPECT_EQ(stations[13].public_name(), "老街社区居委会");
  ASSERT_EQ(stations[13].division_codes_size(), 1);
  EXPECT_EQ(stations[13].division_codes(0).code(), "610902107001");
}

TEST(Stations, EveryFaultIsNamedAndNothingIsTaken) {
  auto stations = ParseStations(
      "grade,station_id,tier,parent_id,name,division_code,public_name\n"
      "normal,Z1,center,,中心,610902107000,镇\n"
      "normal,P1,area,Z9,片区,610902107000,片\n"
      "best,D1,point,Z1,点,61090,村\n"
      ",D1,spot,P1,,,\n"
      "normal,D_2,point,P1,点二,,\n");
  ASSERT_EQ(stations.status().code(), absl::StatusCode::kInvalidArgument);
  std::string message(Message(stations.status()));
  EXPECT_THAT(message, HasSubstr("有 8 处错误"));
  EXPECT_THAT(message, HasSubstr("第 3 行“parent_id”列：没有编号为“Z9”的站点"));
  EXPECT_THAT(message, HasSubstr("第 4 行“grade”列：“best”不在可选的里面，应为普通、高标准"));
  EXPECT_THAT(message, HasSubstr("第 4 行“division_code”列：应为 12 位数字"));
  EXPECT_THAT(message, HasSubstr("第 4 行“parent_id”列：上级站点应高一个层级"));
  EXPECT_THAT(message, HasSubstr("第 5 行“station_id”列：“D1”与第 4 行重复"));
  EXPECT_THAT(message, HasSubstr("第 5 行“tier”列：“spot”不在可选的里面，应为中心站、片区站、联络点"));
  EXPECT_THAT(message, HasSubstr("第 5 行“name”列：不能为空"));
  EXPECT_THAT(message, HasSubstr("第 6 行“station_id”列：“D_2”只能含字母、数字和-"));
}

TEST(Stations, MissingColumnsAndContentsAreNamed) {
  EXPECT_THAT(std::string(Message(ParseStations("station_id,name\nA,B\n").status())),
              HasSubstr("“层级”列：缺少这一列"));
  EXPECT_THAT(std::string(Message(ParseStations("").status())), HasSubstr("是空的"));
  EXPECT_THAT(std::string(Message(ParseStations("station_id,tier,parent_id,grade,name,division_code,public_name\n"
                                                "A,point,,normal,n,,\n")
                                      .status())),
              HasSubstr("没有中心站"));
}

TEST(Deputies, NamesAndMandatesComeThrough) {
  auto stations = ParseStations(ReadFixture("stations.csv")).value();
  auto deputies = ParseDeputies(ReadFixture("deputies.csv"), stations).value();
  ASSERT_EQ(deputies.size(), 75u);
  int town = 0, district = 0, both = 0;
  for (const v1::Deputy& deputy : deputies) {
    for (const v1::Mandate& mandate : deputy.mandates()) {
      town += mandate.level() == v1::MANDATE_TOWN;
      district += mandate.level() == v1::MANDATE_DISTRICT;
    }
    both += deputy.mandates_size() == 2;
  }
  EXPECT_EQ(town, 60);
  EXPECT_EQ(district, 24);
  EXPECT_EQ(both, 9);
  EXPECT_EQ(deputies[16].name(), "夏𬱖");
  EXPECT_EQ(deputies[16].birth_year(), 1979);
  EXPECT_EQ(deputies[16].mandates(0).level(), v1::MANDATE_DISTRICT);
  EXPECT_EQ(deputies[74].name(), "买买提·艾力");
}

TEST(Deputies, FaultsAreNamed) {
  const std::string header = "deputy_id,name,gender,birth_year,mandates,home_station_id,group\n";
  v1::Station station;
  station.set_station_id("D1");
  std::string message(
      Message(ParseDeputies(header + "R1,王,男,197x,区；村,D2,一组\nR1,李,女,1970,,D1,一组\nR2,赵,男,1970,镇;镇,D1,\n",
                            {station})
                  .status()));
  EXPECT_THAT(message, HasSubstr("有 6 处错误"));
  EXPECT_THAT(message, HasSubstr("第 2 行“birth_year”列：应为四位年份"));
  EXPECT_THAT(message, HasSubstr("第 2 行“mandates”列：不认识的层级“村”"));
  EXPECT_THAT(message, HasSubstr("第 2 行“home_station_id”列：没有编号为“D2”的站点"));
  EXPECT_THAT(message, HasSubstr("第 3 行“deputy_id”列：“R1”与第 2 行重复"));
  EXPECT_THAT(message, HasSubstr("第 3 行“mandates”列：至少要有一个层级"));
  EXPECT_THAT(message, HasSubstr("第 4 行“mandates”列：“镇”写了两次"));
}

TEST(Departments, AreKnownByTheirNames) {
  auto departments = ParseDepartments(ReadFixture("departments.csv")).value();
  ASSERT_EQ(departments.size(), 8u);
  EXPECT_EQ(departments[4].department_id(), "HK-U05");
  EXPECT_EQ(departments[4].name(), "水利站");
  EXPECT_EQ(departments[4].level(), "镇");
  EXPECT_THAT(std::string(Message(ParseDepartments("department_id,name,level\nA,水利站,镇\nB,水利站,镇\n").status())),
              HasSubstr("第 3 行“name”列：“水利站”与第 2 行重复"));
}

TEST(Holidays, BecomePolicies) {
  auto policies = ParseHolidays(ReadFixture("holidays-2026.csv")).value();
  ASSERT_EQ(policies.size(), 39u);
  EXPECT_EQ(policies[0].key(), "holiday-2026-01-01");
  EXPECT_EQ(policies[0].value(), "holiday");
  EXPECT_EQ(policies[0].note(), "元旦");
  int workdays = 0;
  for (const v1::Policy& policy : policies) workdays += policy.value() == "workday";
  EXPECT_EQ(workdays, 6);
  std::string message(
      Message(ParseHolidays("date,kind,name\n2026-02-30,off,x\n2026/1/1,holiday,\n2026-01-01,holiday,\n").status()));
  EXPECT_THAT(message, HasSubstr("第 2 行“date”列：日期不存在"));
  EXPECT_THAT(message, HasSubstr("第 2 行“kind”列：“off”应为休（放假）或班"));
  EXPECT_THAT(message, HasSubstr("第 4 行“date”列：“2026-01-01”与第 3 行重复"));
}

TEST(Rosters, Gb18030IsReadToo) {
  EXPECT_EQ(ParseDepartments("department_id,name,level\nA,\xcb\xae\xc0\xfb\xd5\xbe,\xd5\xf2\n").value()[0].name(),
            "水利站");
}

TEST(Categories, AreTheDefaultTable) {
  auto codes = DefaultCategories();
  ASSERT_EQ(codes.size(), 14u);
  EXPECT_EQ(codes[0].table(), "category");
  EXPECT_EQ(codes[0].code(), "01");
  EXPECT_EQ(codes[0].name(), "农业农村与水利");
  EXPECT_THAT(codes[0].keywords(), ElementsAre("水渠", "饮水", "田洋", "高标准农田"));
  EXPECT_EQ(codes[9].keywords_size(), 0);
  EXPECT_EQ(codes[13].code(), "99");
  EXPECT_EQ(codes[13].name(), "其他");
}

}  // namespace
}  // namespace liaison
