#include "common/intake/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tuple>

#include "tests/ledger/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const LedgerRoster& Roster() {
  static const auto* roster = new LedgerRoster(FixtureTownship());
  return *roster;
}

LedgerParse ParseFile(const std::string& name) {
  auto table = Must(ReadTable(name, ReadFixture(name)));
  return Must(ParseLedger(table, Roster(), StandInHash));
}

// "12 接待日期 日期不存在" and so on: serial, column, reason.
std::vector<std::string> Refusals(const LedgerParse& parse) {
  std::vector<std::string> out;
  for (const v1::RefusedRow& refusal : parse.refusals) {
    out.push_back(refusal.serial() + " " + refusal.column() + " " + refusal.reason());
  }
  return out;
}

const LedgerRow& Serial(const LedgerParse& parse, const std::string& serial) {
  for (const LedgerRow& row : parse.rows) {
    if (row.serial == serial) return row;
  }
  static const LedgerRow none;
  ADD_FAILURE() << "no row " << serial;
  return none;
}

constexpr char kHeader[] =
    "序号,接待日期,联络点,反映人,联系电话,村组,人数,反映内容,类别,接待代表,处理方式,承办单位,交办日期,办结日期,满意度,"
    "备注\n";

LedgerParse ParseText(const std::string& rows, const std::string& header = kHeader) {
  auto parse = ParseLedger(ReadCsv(header + rows).value(), Roster(), StandInHash);
  EXPECT_TRUE(parse.ok()) << parse.status();
  return parse.ok() ? *std::move(parse) : LedgerParse();
}

TEST(OldLedger, GivesTheKnownFigures) {
  for (const char* file : {"ledger-old.csv", "ledger-old.xlsx"}) {
    LedgerParse parse = ParseFile(file);
    EXPECT_EQ(parse.rows.size(), 194u) << file;
    EXPECT_EQ(parse.refused_rows, 6);
    int headcount = 0, closed = 0, assigned = 0;
    std::map<v1::Disposition, int> ways;
    std::set<std::string> keys;
    for (const LedgerRow& row : parse.rows) {
      headcount += row.headcount;
      closed += !row.closed_date.empty();
      assigned += !row.assigned_date.empty() && !row.department_id.empty();
      ++ways[row.disposition];
      keys.insert(row.import_key);
    }
    EXPECT_EQ(headcount, 267);
    EXPECT_EQ(closed, 46);
    EXPECT_EQ(assigned, 59);
    EXPECT_EQ(ways[v1::DISPOSITION_ANSWERED], 99);
    EXPECT_EQ(ways[v1::DISPOSITION_VILLAGE], 28);
    EXPECT_EQ(ways[v1::DISPOSITION_SUBMIT], 59);
    EXPECT_EQ(ways[v1::DISPOSITION_GUIDED], 8);
    EXPECT_EQ(keys.size(), 194u);
  }
}

TEST(OldLedger, RefusesTheSixRowsThatCannotBeRight) {
  LedgerParse parse = ParseFile("ledger-old.csv");
  EXPECT_THAT(Refusals(parse),
              ElementsAre("12 接待日期 日期不存在：2026-02-30", "45 联络点 名册里没有“太平洋村”",
                          "78 反映内容 不能为空", "111 办结日期 办结日期 2026-05-02 早于交办日期 2026-05-20",
                          "150 接待代表 名册里没有“查无此人”", "188 人数 应为正整数"));
  EXPECT_EQ(parse.refusals[0].row(), 14);  // as the spreadsheet shows it
  EXPECT_EQ(Refusals(ParseFile("ledger-old.xlsx")), Refusals(parse));
}

TEST(OldLedger, XlsxAndCsvGiveTheSameRows) {
  LedgerParse csv = ParseFile("ledger-old.csv"), xlsx = ParseFile("ledger-old.xlsx");
  ASSERT_EQ(csv.rows.size(), xlsx.rows.size());
  for (size_t i = 0; i < csv.rows.size(); ++i) {
    const LedgerRow &a = csv.rows[i], &b = xlsx.rows[i];
    EXPECT_EQ(std::tie(a.row, a.serial, a.date, a.station_id, a.visitor_name, a.phone, a.village_group, a.headcount),
              std::tie(b.row, b.serial, b.date, b.station_id, b.visitor_name, b.phone, b.village_group, b.headcount));
    EXPECT_EQ(std::tie(a.content, a.category, a.deputy_ids, a.disposition, a.department_id, a.assigned_date),
              std::tie(b.content, b.category, b.deputy_ids, b.disposition, b.department_id, b.assigned_date));
    EXPECT_EQ(std::tie(a.closed_date, a.rating, a.remark, a.import_key),
              std::tie(b.closed_date, b.rating, b.remark, b.import_key));
  }
}

TEST(OldLedger, UnderstandsItsOddRows) {
  LedgerParse parse = ParseFile("ledger-old.csv");
  EXPECT_EQ(Serial(parse, "7").date, "2026-04-13");
  EXPECT_EQ(Serial(parse, "19").date, "2026-01-10");
  EXPECT_EQ(Serial(parse, "19").visitor_name, "");
  EXPECT_EQ(Serial(parse, "33").date, "2026-05-06");
  EXPECT_EQ(Serial(parse, "70").phone, "13876543210");
  EXPECT_EQ(Serial(parse, "71").phone, "13876543211");
  EXPECT_EQ(Serial(parse, "90").content, "第一件：水渠漏水\n第二件：路灯不亮，\"一直没人修\"，请看看");
  EXPECT_EQ(Serial(parse, "101").station_id, Roster().FindStation("鱼姐村委会").value());
  EXPECT_THAT(Serial(parse, "120").deputy_ids, ElementsAre("HK-R004", "HK-R010"));
  EXPECT_EQ(Serial(parse, "133").remark, "");
  EXPECT_EQ(Serial(parse, "21").visitor_name, "吕𬱖");
  EXPECT_THAT(Serial(parse, "21").deputy_ids, ElementsAre("HK-R017"));
  EXPECT_EQ(Serial(parse, "48").visitor_name, "龚䶮");
  EXPECT_THAT(Serial(parse, "119").deputy_ids, ElementsAre("HK-R015"));

  const LedgerRow& second = Serial(parse, "2");
  EXPECT_EQ(second.row, 4);
  EXPECT_EQ(second.visitor_name, "罗翠花");
  EXPECT_EQ(second.village_group, "四组");
  EXPECT_EQ(second.category, "03");
  EXPECT_EQ(second.disposition, v1::DISPOSITION_SUBMIT);
  EXPECT_EQ(second.department_id, "HK-U06");
  EXPECT_EQ(second.assigned_date, "2026-06-27");
  EXPECT_EQ(second.closed_date, "2026-08-11");
  EXPECT_EQ(second.rating, v1::RATING_SATISFIED);
}

TEST(Stations, AreFoundByTheNamesPeopleUse) {
  const std::string fish = Roster().FindStation("鱼姐村委会").value();
  for (const char* name :
       {"鱼姐村", "鱼姐", "鱼姐村民委员会", " 鱼姐 村委会 ", "恒口镇鱼姐村", "鱼姐村人大代表联络点", "鱼姐社区"}) {
    EXPECT_EQ(Roster().FindStation(name).value(), fish) << name;
  }
  EXPECT_EQ(Roster().FindStation(fish).value(), fish);
  for (const char* name :
       {"老街社区居委会", "老街社区", "老街居委会", "老街", "老街村", "HK-D001", "hk-d001", "D001", "ＨＫ－Ｄ００１"}) {
    EXPECT_EQ(Roster().FindStation(name).value(), "HK-D001") << name;
  }
  // Its own name ends like an ending.
  const std::string third = Roster().FindStation("三村村委会").value();
  EXPECT_EQ(Roster().FindStation("三村").value(), third);
  EXPECT_EQ(Roster().FindStation("三村村").value(), third);
  EXPECT_EQ(Roster().FindStation("第1片区").value(), "HK-P001");
  EXPECT_EQ(Roster().FindStation("恒口镇").value(), "HK-Z001");
  for (const char* name : {"太平洋村", "村", "村委会", "", "姐村", "鱼姐村村", "D999"}) {
    EXPECT_TRUE(absl::IsNotFound(Roster().FindStation(name).status())) << name;
  }
}

TEST(Stations, AmbiguousNamesAreRefused) {
  std::vector<v1::Station> stations(3);
  const char* names[] = {"新兴村委会", "新兴社区居委会", "新华村委会"};
  for (size_t i = 0; i < 3; ++i) {
    stations[i].set_station_id("D" + std::to_string(i + 1));
    stations[i].set_public_name(names[i]);
    stations[i].set_tier(v1::POINT);
  }
  LedgerRoster roster(stations, {}, {}, {});
  EXPECT_EQ(roster.FindStation("新兴村").value(), "D1");
  EXPECT_EQ(roster.FindStation("新兴社区").value(), "D2");
  EXPECT_EQ(roster.FindStation("新兴居委会").value(), "D2");
  EXPECT_EQ(roster.FindStation("新华").value(), "D3");
  EXPECT_EQ(Message(roster.FindStation("新兴").status()), "“新兴”可能是 D1、D2，请写编号");
}

TEST(Deputies, AreSeparatedInEveryUsualWay) {
  for (const char* names : {"姚勇、孟飞", "\"姚勇,孟飞\"", "姚勇，孟飞", "姚勇;孟飞", "姚勇；孟飞", "姚勇 孟飞",
                            "姚勇　孟飞", "\"姚勇\n孟飞\"", "姚 勇、孟　飞", "HK-R004、孟飞", "姚勇、孟飞、姚勇"}) {
    LedgerParse parse = ParseText(std::string("1,2026-01-05,D001,,,,,内容,,") + names + ",当场答复\n");
    ASSERT_EQ(parse.rows.size(), 1u) << names << ::testing::PrintToString(Refusals(parse));
    EXPECT_THAT(parse.rows[0].deputy_ids, ElementsAre("HK-R004", "HK-R010")) << names;
  }
  LedgerParse dot = ParseText("1,2026-01-05,D001,,,,,内容,,买买提・艾力,当场答复\n");
  ASSERT_EQ(dot.rows.size(), 1u);
  EXPECT_THAT(dot.rows[0].deputy_ids, ElementsAre("HK-R075"));
}

TEST(Deputies, NamesakesMustGiveTheirNumber) {
  std::vector<v1::Deputy> deputies(2);
  for (int i = 0; i < 2; ++i) {
    deputies[i].set_deputy_id("R" + std::to_string(i));
    deputies[i].set_name("王强");
  }
  LedgerRoster roster({}, deputies, {}, {});
  EXPECT_EQ(Message(roster.FindDeputy("王强").status()), "“王强”可能是 R0、R1，请写编号");
  EXPECT_EQ(roster.FindDeputy("R1").value(), "R1");
}

TEST(Rows, AVillageOrACommunityHandlesInAnyWidth) {
  for (const char* way : {"村级办理", "村办理", "村（社区）办理", "村(社区)办理", "社区办理"}) {
    LedgerParse parse = ParseText(std::string("1,2026-01-05,D001,,,,,内容,,姚勇,") + way + "\n");
    ASSERT_EQ(parse.rows.size(), 1u) << way;
    EXPECT_EQ(parse.rows[0].disposition, v1::DISPOSITION_VILLAGE) << way;
  }
}

TEST(Rows, EveryRuleHasItsReason) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"1,,D001,,,,,内容,,姚勇,当场答复", "1 接待日期 不能为空"},
      {"1,2026-02-30,D001,,,,,内容,,姚勇,当场答复", "1 接待日期 日期不存在：2026-02-30"},
      {"1,2026-01-05,,,,,,内容,,姚勇,当场答复", "1 联络点 不能为空"},
      {"1,2026-01-05,D001,,12,,,内容,,姚勇,当场答复", "1 联系电话 电话应为 7 至 12 位数字"},
      {"1,2026-01-05,D001,,,,0,内容,,姚勇,当场答复", "1 人数 应为正整数"},
      {"1,2026-01-05,D001,,,,1.5,内容,,姚勇,当场答复", "1 人数 应为正整数"},
      {"1,2026-01-05,D001,,,,1001,内容,,姚勇,当场答复", "1 人数 人数超过了 1000"},
      {"1,2026-01-05,D001,,,,,　 ,,姚勇,当场答复", "1 反映内容 不能为空"},
      {"1,2026-01-05,D001,,,,,内容,天文,姚勇,当场答复", "1 类别 名册里没有“天文”"},
      {"1,2026-01-05,D001,,,,,内容,,,当场答复", "1 接待代表 不能为空"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇、查无此人,当场答复", "1 接待代表 名册里没有“查无此人”"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,", "1 处理方式 不能为空"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,再说", "1 处理方式 不认识“再说”，应为当场答复、村级办理、交办或引导"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,交办,,2026-01-06", "1 承办单位 已交办的应写承办单位"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,交办,水利站,", "1 交办日期 已交办的应写交办日期"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,交办,气象局,2026-01-06", "1 承办单位 名册里没有“气象局”"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,交办,水利站,2026-01-04",
       "1 交办日期 交办日期 2026-01-04 早于接待日期 2026-01-05"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,交办,水利站,2026-01-06,2026-01-05",
       "1 办结日期 办结日期 2026-01-05 早于交办日期 2026-01-06"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,村级办理,,,2026-01-04",
       "1 办结日期 办结日期 2026-01-04 早于接待日期 2026-01-05"},
      {"1,2026-01-05,D001,,,,,内容,,姚勇,当场答复,,,,很好",
       "1 满意度 不认识“很好”，应为优秀、满意、基本满意、不满意或不填"},
  };
  for (const auto& [row, reason] : cases) {
    LedgerParse parse = ParseText(std::string(row) + "\n2,2026-01-05,D001,,,,,内容,,姚勇,当场答复\n");
    EXPECT_THAT(Refusals(parse), ElementsAre(reason)) << row;
    EXPECT_EQ(parse.rows.size(), 1u);
    EXPECT_EQ(parse.refused_rows, 1);
  }
}

TEST(Rows, AllReasonsOfARowAreGivenAtOnce) {
  LedgerParse parse = ParseText("9,昨天,火星,,1,,-1,,,无名氏,再说\n");
  EXPECT_EQ(parse.refused_rows, 1);
  EXPECT_EQ(parse.refusals.size(), 7u);
  EXPECT_THAT(parse.rows, IsEmpty());
}

TEST(Rows, LongTextsAreRefusedNotCut) {
  std::string words;
  for (int i = 0; i < 4000; ++i) words += "水";
  EXPECT_EQ(ParseText("1,2026-01-05,D001,,,,," + words + ",,姚勇,当场答复\n").rows.size(), 1u);
  EXPECT_THAT(Refusals(ParseText("1,2026-01-05,D001,,,,," + words + "渠,,姚勇,当场答复\n")),
              ElementsAre("1 反映内容 超过了 4000 个字"));
  EXPECT_THAT(Refusals(ParseText("1,2026-01-05,D001," + words + ",,,,内容,,姚勇,当场答复\n")),
              ElementsAre("1 反映人 超过了 30 个字"));
}

TEST(Rows, WhatIsNotSaidHasItsDefault) {
  LedgerParse parse = ParseText("1,2026-01-05,D001,匿名,无,,,内容,,姚勇,当场答复\n合计,,,,,,1\n,,,　,\n");
  ASSERT_EQ(parse.rows.size(), 1u) << ::testing::PrintToString(Refusals(parse));
  const LedgerRow& row = parse.rows[0];
  EXPECT_EQ(row.headcount, 1);
  EXPECT_EQ(row.category, "99");
  EXPECT_EQ(row.visitor_name, "");
  EXPECT_EQ(row.phone, "");
  EXPECT_EQ(row.rating, v1::RATING_UNSPECIFIED);
  EXPECT_EQ(parse.refused_rows, 0);
}

TEST(Rows, FullWidthAndChineseDigitsAreUnderstood) {
  LedgerParse parse = ParseText("１,２０２６－０１－０５,Ｄ００１,,,,三,内容,０５教育,姚勇,当场答复\n");
  ASSERT_EQ(parse.rows.size(), 1u) << ::testing::PrintToString(Refusals(parse));
  EXPECT_EQ(parse.rows[0].serial, "1");
  EXPECT_EQ(parse.rows[0].date, "2026-01-05");
  EXPECT_EQ(parse.rows[0].headcount, 3);
  EXPECT_EQ(parse.rows[0].category, "05");
}

TEST(Rows, UnformattedDayNumbersAreDays) {
  std::string rows =
      "<row><c t=\"str\"><v>接待日期</v></c><c t=\"str\"><v>联络点</v></c><c t=\"str\"><v>反映内容</v></c>"
      "<c t=\"str\"><v>接待代表</v></c><c t=\"str\"><v>处理方式</v></c></row>"
      "<row><c><v>46039.4</v></c><c t=\"str\"><v>D001</v></c><c t=\"str\"><v>内容</v></c>"
      "<c t=\"str\"><v>姚勇</v></c><c t=\"str\"><v>引导</v></c></row>";
  auto parse = ParseLedger(ReadXlsx(MakeXlsx(rows)).value(), Roster(), StandInHash);
  ASSERT_TRUE(parse.ok());
  ASSERT_EQ(parse->rows.size(), 1u) << ::testing::PrintToString(Refusals(*parse));
  EXPECT_EQ(parse->rows[0].date, "2026-01-17");
}

TEST(Header, MayStandInAnotherOrderUnderOtherNames) {
  LedgerParse parse =
      ParseText("很好,姚勇,水渠漏水,现场答复,鱼姐村,2026/1/5,王强,7\n",
                "某镇台账\n填表说明：略\n其他,代表,反映问题,办理方式,村（社区）,接待时间（年月日）*,来访人：,编号\n");
  ASSERT_EQ(parse.rows.size(), 1u) << ::testing::PrintToString(Refusals(parse));
  EXPECT_EQ(parse.sheets.at(0).header, 2u);
  EXPECT_EQ(parse.rows[0].row, 4);
  EXPECT_EQ(parse.rows[0].visitor_name, "王强");
  EXPECT_EQ(parse.rows[0].serial, "7");
  EXPECT_EQ(parse.rows[0].content, "水渠漏水");
  // The refusal speaks of the columns as the file calls them.
  LedgerParse refused = ParseText("1,2,3,4,5\n", "代表,反映问题,办理方式,村,接待时间（年月日）\n");
  EXPECT_EQ(refused.refusals[0].column(), "接待时间（年月日）");
}

TEST(Header, FaultsNameTheColumns) {
  auto parse = [](const std::string& text) {
    return std::string(Message(ParseLedger(ReadCsv(text).value(), Roster(), StandInHash).status()));
  };
  EXPECT_EQ(parse("序号,接待日期,反映内容,处理方式\n1,2,3,4\n"), "表头缺少这些列：“联络点”、“接待代表”");
  EXPECT_EQ(parse("接待日期,联络点,反映内容,接待代表,处理方式,联络点\n"), "表头里有两列“联络点”，请删去一列或改名");
  EXPECT_THAT(parse("甲\n乙\n"), HasSubstr("没有找到表头"));
  EXPECT_THAT(parse("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n接待日期,联络点,反映内容,接待代表,处理方式\n"),
              HasSubstr("没有找到表头"));
  EXPECT_THAT(parse(""), HasSubstr("没有找到表头"));
}

TEST(ImportKey, IsTheRowAsUnderstood) {
  auto key = [](const std::string& row) {
    LedgerParse parse = ParseText(row + "\n");
    return parse.rows.size() == 1 ? parse.rows[0].import_key : "refused";
  };
  const std::string base = key("5,2026-01-05,鱼姐村委会,王强,13812345678,一组,2,水渠 漏水,05,姚勇、孟飞,当场答复");
  EXPECT_THAT(base, ::testing::MatchesRegex("v1:5:[0-9a-f]{16}"));
  EXPECT_EQ(key("５,2026年1月5日,鱼姐村,王强,13812345678,一组,2,水渠漏水　,教育,孟飞 姚勇,现场答复"), base);
  // Neither the person nor what happened later is in it.
  EXPECT_EQ(key("5,2026-01-05,鱼姐村,李四,13900000000,九组,7,水渠漏水,教育,姚勇、孟飞,当场答复,,,2026-02-01,满意,备注"),
            base);
  for (const char* other :
       {"6,2026-01-05,鱼姐村,,,,2,水渠漏水,05,姚勇、孟飞,当场答复",
        "5,2026-01-06,鱼姐村,,,,2,水渠漏水,05,姚勇、孟飞,当场答复",
        "5,2026-01-05,老街,,,,2,水渠漏水,05,姚勇、孟飞,当场答复",
        "5,2026-01-05,鱼姐村,,,,2,水渠漏,05,姚勇、孟飞,当场答复",
        "5,2026-01-05,鱼姐村,,,,2,水渠漏水,06,姚勇、孟飞,当场答复",
        "5,2026-01-05,鱼姐村,,,,2,水渠漏水,05,姚勇,当场答复", "5,2026-01-05,鱼姐村,,,,2,水渠漏水,05,姚勇、孟飞,引导"}) {
    EXPECT_NE(key(other), base) << other;
    EXPECT_NE(key(other), "refused") << other;
  }
}

TEST(ImportKey, TheHashNeverSeesThePerson) {
  std::string seen;
  auto parse = ParseLedger(ReadTable("", ReadFixture("ledger-old.csv")).value(), Roster(), [&](std::string_view text) {
    seen += text;
    return StandInHash(text);
  });
  ASSERT_TRUE(parse.ok());
  for (const LedgerRow& row : parse->rows) {
    for (const std::string& personal : {row.visitor_name, row.phone}) {
      EXPECT_TRUE(personal.empty() || seen.find(personal) == std::string::npos) << row.serial;
    }
  }
}

TEST(ImportKey, EqualRowsAreToldApartOnlyWithoutASerial) {
  const std::string row = ",2026-01-05,D001,,,,,内容,,姚勇,当场答复\n";
  LedgerParse parse = ParseText(row + row + row);
  ASSERT_EQ(parse.rows.size(), 3u);
  EXPECT_EQ(parse.rows[1].import_key, parse.rows[0].import_key + ":2");
  EXPECT_EQ(parse.rows[2].import_key, parse.rows[0].import_key + ":3");
  LedgerParse repeated = ParseText("1" + row + "2" + row + "1" + row);
  EXPECT_EQ(repeated.rows.size(), 2u);
  EXPECT_THAT(Refusals(repeated), ElementsAre("1 序号 与第 2 行重复"));
}

TEST(MendFile, HoldsTheRefusedRowsAndWhy) {
  for (const char* file : {"ledger-old.csv", "ledger-old.xlsx"}) {
    Workbook table = ReadTable(file, ReadFixture(file)).value();
    LedgerParse parse = ParseLedger(table, Roster(), StandInHash).value();
    std::string mend = MendFile(table, parse);
    Workbook back = ReadTable("退回.csv", mend).value();
    ASSERT_EQ(back.sheets[0].rows.size(), 7u);
    EXPECT_EQ(back.sheets[0].rows[0].Text(0), "序号");
    EXPECT_EQ(back.sheets[0].rows[0].Text(16), "退回原因");
    EXPECT_EQ(back.sheets[0].rows[1].Text(1), "2026-02-30");
    EXPECT_EQ(back.sheets[0].rows[1].Text(16), "接待日期：日期不存在：2026-02-30");
    EXPECT_EQ(back.sheets[0].rows[6].Text(6), "-3");

    // Unmended it says the same, and does not grow.
    LedgerParse again = ParseLedger(back, Roster(), StandInHash).value();
    EXPECT_TRUE(again.rows.empty());
    EXPECT_EQ(Refusals(again), Refusals(parse));
    EXPECT_EQ(MendFile(back, again), mend);
  }
}

TEST(MendFile, MendedRowsComeIn) {
  Workbook table = ReadTable("", ReadFixture("ledger-old.csv")).value();
  std::string mend = MendFile(table, ParseLedger(table, Roster(), StandInHash).value());
  for (const auto& [wrong, right] : std::vector<std::pair<std::string, std::string>>{
           {"12,2026-02-30", "12,2026-02-28"}, {"太平洋村,马", "鱼姐村,马"}, {",-3,", ",3,"}}) {
    const size_t at = mend.find(wrong);
    ASSERT_NE(at, std::string::npos) << wrong;
    mend.replace(at, wrong.size(), right);
  }
  LedgerParse parse = ParseLedger(ReadTable("", mend).value(), Roster(), StandInHash).value();
  EXPECT_EQ(parse.rows.size(), 3u);
  EXPECT_EQ(parse.refused_rows, 3);
  EXPECT_EQ(Serial(parse, "12").date, "2026-02-28");
  EXPECT_EQ(Serial(parse, "188").headcount, 3);
}

TEST(MendFile, FormulasAreDisarmedAndComeBackAsTheyWere) {
  Workbook table =
      ReadCsv(std::string(kHeader) + "1,2026-02-30,D001,=cmd(),,,,\"=1+1,水渠\",,姚勇,当场答复,,,,,,beyond\n").value();
  LedgerParse parse = ParseLedger(table, Roster(), StandInHash).value();
  std::string mend = MendFile(table, parse);
  EXPECT_THAT(mend, HasSubstr(",'=cmd(),"));
  EXPECT_THAT(mend, HasSubstr(",beyond,"));
  mend.replace(mend.find("2026-02-30"), 10, "2026-02-20");
  LedgerParse mended = ParseLedger(ReadTable("", mend).value(), Roster(), StandInHash).value();
  ASSERT_EQ(mended.rows.size(), 1u);
  EXPECT_EQ(mended.rows[0].content, "=1+1,水渠");
  EXPECT_EQ(mended.rows[0].visitor_name, "=cmd()");
}

// Whatever stands in the cells: each row comes in or is refused, and the mend file says the same again.
RC_GTEST_PROP(MendFile, AgreesWithTheFirstParse, ()) {
  const auto cell = rc::gen::element<std::string>(
      "", "1", "2026-01-05", "2026-02-30", "D001", "鱼姐村", "姚勇", "孟飞、姚勇", "当场答复", "交办", "水利站", "=x",
      "'=x", "-3", "三", "满意", "内\n容", "\"引\"", "13812345678", "合计", "甲,乙", "１", " ");
  auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::container<std::vector<std::string>>(16, cell));
  for (size_t i = 0; i < rows.size(); ++i) rows[i][0] = std::to_string(i + 1);
  const std::string bytes = "\xef\xbb\xbf" + std::string(kHeader) + WriteCsv(rows).substr(3);
  Workbook table = ReadTable("", bytes).value();
  LedgerParse parse = ParseLedger(table, Roster(), StandInHash).value();
  RC_ASSERT(parse.rows.size() + parse.refused_rows == rows.size());
  Workbook back = ReadTable("", MendFile(table, parse)).value();
  LedgerParse again = ParseLedger(back, Roster(), StandInHash).value();
  RC_ASSERT(again.rows.empty());
  RC_ASSERT(Refusals(again) == Refusals(parse));
}

}  // namespace
}  // namespace liaison
