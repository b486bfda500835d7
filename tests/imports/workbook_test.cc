// Old registers at a whole station: every row of every sheet becomes a record of its own, once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/api/dispatcher.h"
#include "common/base/text.h"
#include "common/record/json.h"
#include "liaison/v1/congress.pb.h"
#include "tests/ledger/fixture.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Sheet(const std::vector<std::vector<std::string>>& rows) {
  std::string xml = "<worksheet><sheetData>";
  for (const auto& row : rows) {
    xml += "<row>";
    for (const std::string& text : row) xml += "<c t=\"str\"><v>" + text + "</v></c>";
    xml += "</row>";
  }
  return xml + "</sheetData></worksheet>";
}

std::string BookOf(const std::vector<std::string>& sheets) {
  const std::string office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  std::string names, relations;
  std::vector<std::pair<std::string, std::string>> parts;
  for (size_t i = 0; i < sheets.size(); ++i) {
    const std::string id = std::to_string(i + 1);
    names += "<sheet name=\"" + id + "月\" r:id=\"r" + id + "\"/>";
    relations += "<Relationship Id=\"r" + id + "\" Type=\"" + office + "worksheet\" Target=\"s" + id + ".xml\"/>";
    parts.emplace_back("xl/s" + id + ".xml", sheets[i]);
  }
  parts.emplace_back("xl/workbook.xml", "<workbook><sheets>" + names + "</sheets></workbook>");
  parts.emplace_back("xl/_rels/workbook.xml.rels", "<Relationships>" + relations + "</Relationships>");
  parts.emplace_back("_rels/.rels", "<Relationships><Relationship Id=\"d\" Type=\"" + office +
                                        "officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
  return MakeZip(parts);
}

TEST(Workbooks, RowsOfAllSheetsBecomeRecordsOnce) {
  Township town(11);
  std::unique_ptr<Site> center = town.Enrol("HK-Z001");
  const std::vector<std::string> header = {"接待日期", "联络点", "反映内容", "接待代表", "处理方式", "办理结果"};
  auto row = [](const std::string& words) {
    return std::vector<std::string>{"2026-03-05", "鱼姐村", words, "姚勇", "引导", "已修"};
  };
  v1::ImportLedgerRequest request;
  request.set_file_name("台账.xlsx");
  request.set_content(
      BookOf({Sheet({header, row("甲"), row("乙")}), Sheet({header, row("丙"), row("丁")}), Sheet({{"封面"}})}));
  auto response = center->node->ledgers()->ImportLedger(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->accepted(), 4) << response->ShortDebugString();
  EXPECT_EQ(response->refused(), 0);
  EXPECT_THAT(response->ignored_columns(), ElementsAre("办理结果"));
  EXPECT_THAT(response->ShortDebugString(), HasSubstr("notices"));
  auto again = center->node->ledgers()->ImportLedger(request);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->known(), 4);
  EXPECT_EQ(again->accepted(), 0);
}

TEST(Requests, WithBytesThatAreNoUtf8AreRefusedInChinese) {
  v1::FindRequest request;
  EXPECT_EQ(FromJson("{\"query\":\"\xc7\xfe\"}", &request).message(), "请求内容读不懂：里面有不是 UTF-8 的字节");
}

// At the service, however the request came.
TEST(Workbooks, LineEndsOfWordProcessorsAreLineEndsInEveryRequest) {
  v1::LogVisitRequest request;
  ASSERT_TRUE(FromJson("{\"user\":\"张\\u000b三\",\"entry\":{\"originalWords\":\"水渠\\u000b垮了\\f路\"},"
                       "\"matters\":[{\"content\":\"甲\\u000b乙\"},{\"content\":\"丙\\r\\n丁\"}]}",
                       &request)
                  .ok());
  EXPECT_EQ(request.entry().original_words(), "水渠\n垮了\n路");
  EXPECT_EQ(request.matters(0).content(), "甲\n乙");
  EXPECT_EQ(request.matters(1).content(), "丙\r\n丁") << "what was right stays as it came";
}

TEST(Workbooks, DaysAndCodesOfEveryRequestAreFolded) {
  v1::FindRequest find;
  ASSERT_TRUE(FromJson("{\"query\":\"２０２６年３月５日\",\"from\":\"２０２６－０３－０１\",\"to\":\"2026年3月31日（星期二）\","
                       "\"stationId\":\"ＨＫ‐Ｄ０５７\\u200b\",\"category\":\" ０１ \"}",
                       &find)
                  .ok());
  EXPECT_EQ(find.from(), "2026-03-01");
  EXPECT_EQ(find.to(), "2026-03-31");
  EXPECT_EQ(find.station_id(), "HK-D057");
  EXPECT_EQ(find.category(), "01");
  EXPECT_EQ(find.query(), "２０２６年３月５日") << "words stay as they were typed";
  v1::LogVisitRequest log;
  ASSERT_TRUE(FromJson("{\"entry\":{\"originalWords\":\"２０２６－０３－０１\",\"time\":\"０９：３０\"},\"matters\":[{"
                       "\"content\":\"０１\","
                       "\"date\":\"⼆〇⼆六年三⽉五⽇\",\"category\":\"０１\",\"answeredBy\":\"HK−R001\"}]}",
                       &log)
                  .ok());
  EXPECT_EQ(log.entry().original_words(), "２０２６－０３－０１");
  EXPECT_EQ(log.entry().time(), "09:30");
  EXPECT_EQ(log.matters(0).content(), "０１");
  EXPECT_EQ(log.matters(0).date(), "2026-03-05");
  EXPECT_EQ(log.matters(0).category(), "01");
  // What is no day and no code is left to whoever wants one.
  for (const char* text : {"昨天", "2026-02-30", "46086", "05/03/2026", "2026-03"}) {
    ASSERT_TRUE(FromJson(Cat("{\"from\":\"", text, "\",\"stationId\":\"鱼姐村\"}"), &find).ok());
    EXPECT_EQ(find.from(), text);
    EXPECT_EQ(find.station_id(), "鱼姐村");
  }
  v1::VoidRecordRequest voiding;
  ASSERT_TRUE(FromJson("{\"id\":\"24.x\",\"reason\":\" \\u200b\\u3164\\u3000\"}", &voiding).ok());
  EXPECT_EQ(voiding.reason(), "") << "a reason that shows nothing is none";
  // Of a record that names people in fields with such names, too.
  v1::Contact contact;
  ASSERT_TRUE(FromJson("{\"validFrom\":\"2026.3.5\",\"from\":\"2026年3月5日\",\"to\":\"罗某\"}", &contact).ok());
  EXPECT_EQ(contact.valid_from(), "2026-03-05");
  EXPECT_EQ(contact.from(), "2026年3月5日");
}

}  // namespace
}  // namespace liaison
