// What the commands of the hub's statistics ask for, and how they show the answers.
#include <gmock/gmock.h>

#include "tests/cli/fixture.h"

namespace liaison::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class StatisticsCommandsTest : public CliTest {
 protected:
  StatisticsCommandsTest() {
    MakeHub();
    daemon_.Add("RecordService/GetStatus", HubStatus());
  }
  Outcome Ask(std::vector<std::string> args) {
    if (!started_) daemon_.Start(dir_);
    started_ = true;
    args.insert(args.begin() + 1, {"--data", dir_});
    return Run(args);
  }
  static v1::Figure FigureOf(const char* code, const char* label, int64_t value, const char* unit) {
    v1::Figure figure;
    figure.set_code(code);
    figure.set_label(label);
    figure.set_value(value);
    figure.set_unit(unit);
    return figure;
  }

  FakeDaemon daemon_;
  bool started_ = false;
};

TEST_F(StatisticsCommandsTest, AReportIsReadFromTopToBottom) {
  v1::GetReportResponse report;
  report.set_sentence("接待选民3批6人次");
  report.set_paragraph("建设中心站1个。");
  report.set_activities("举办培训1期30人次。");
  report.add_problems("2个联络点连续60天没有开展接待。");
  report.add_footnotes("数据截止");
  daemon_.Add("HubService/GetReport", report);
  Outcome outcome = Ask({"report", "上半年", "--area", "HK-P001"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out,
            "接待选民3批6人次\n建设中心站1个。\n举办培训1期30人次。\n存在问题：\n  "
            "2个联络点连续60天没有开展接待。\n注：数据截止\n");
  auto request = daemon_.Request<v1::GetReportRequest>("HubService/GetReport");
  EXPECT_EQ(request.period(), "上半年");
  EXPECT_EQ(request.area_id(), "HK-P001");
}

TEST_F(StatisticsCommandsTest, FiguresShowRatesAndChanges) {
  v1::GetFiguresResponse figures;
  figures.set_place("恒口镇");
  figures.set_stations_synced(97);
  figures.set_stations_total(109);
  v1::Figure& opinions = *figures.add_figures() = FigureOf("N6", "收集意见建议", 12, "条");
  opinions.mutable_before()->set_value(8);
  opinions.mutable_before()->set_delta(4);
  opinions.mutable_before()->set_permille(500);
  opinions.mutable_before()->set_comparable(true);
  opinions.mutable_last_year()->set_delta(12);
  v1::Figure& rate = *figures.add_figures() = FigureOf("R1", "办结率", 957, "‰");
  rate.mutable_before()->set_value(962);
  rate.mutable_before()->set_delta(-5);
  *figures.add_figures() = FigureOf("N3", "接待场次", 0, "场");
  daemon_.Add("HubService/GetFigures", figures);
  Outcome outcome = Ask({"figures", "2026-H1", "--compare"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("+4(+50.0%)"));
  EXPECT_THAT(outcome.out, HasSubstr("95.7%"));
  EXPECT_THAT(outcome.out, HasSubstr("-0.5"));
  EXPECT_THAT(outcome.out, HasSubstr("97/109 站点已同步"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("N3")));
  EXPECT_THAT(Ask({"figures", "--all"}).out, HasSubstr("N3"));
  EXPECT_TRUE(daemon_.Request<v1::GetFiguresRequest>("HubService/GetFigures").compare());
}

TEST_F(StatisticsCommandsTest, ATableHasItsTotalAndNotes) {
  v1::GetTablesResponse tables;
  v1::ReportTable& table = *tables.add_tables();
  table.set_title("各片区情况");
  table.add_columns()->set_name("片区");
  table.add_columns()->set_name("办结率");
  table.mutable_columns(1)->set_kind(v1::CELL_RATE);
  v1::TableRow& row = *table.add_rows();
  row.add_cells()->set_text("第1片区");
  row.add_cells()->set_number(-1);
  table.mutable_total()->add_cells()->set_text("合计");
  table.mutable_total()->add_cells()->set_number(1000);
  table.add_notes("按现行名册");
  daemon_.Add("HubService/GetTables", tables);
  Outcome outcome = Ask({"table", "areas", "2026"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("第1片区       —"));
  EXPECT_THAT(outcome.out, HasSubstr("合计       100%"));
  EXPECT_THAT(outcome.out, HasSubstr("注：按现行名册"));
  auto request = daemon_.Request<v1::GetTablesRequest>("HubService/GetTables");
  EXPECT_EQ(request.names(0), "areas");
  EXPECT_EQ(request.scope().period(), "2026");
  EXPECT_EQ(Ask({"table"}).code, kUsage);
}

TEST_F(StatisticsCommandsTest, ANumberNamesItsRecords) {
  v1::ListFigureRecordsResponse records;
  *records.mutable_figure() = FigureOf("N6", "收集意见建议", 2, "条");
  records.mutable_figure()->add_ids("24.00112233445566778899000a");
  records.set_total(2);
  daemon_.Add("HubService/ListFigureRecords", records);
  Outcome outcome = Ask({"figure-records", "N6", "2026", "--limit", "1"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_EQ(outcome.out, "收集意见建议 2条；所依据的记录 2\n  24.00112233445566778899000a\n");
  auto request = daemon_.Request<v1::ListFigureRecordsRequest>("HubService/ListFigureRecords");
  EXPECT_EQ(request.code(), "N6");
  EXPECT_EQ(request.limit(), 1);
}

TEST_F(StatisticsCommandsTest, APublishedReportShowsOnlyWhatChanged) {
  v1::PublishReportResponse published;
  published.mutable_report()->set_id("56.00112233445566778899000a");
  published.mutable_report()->set_title("恒口镇2026年上半年");
  published.mutable_report()->set_version(2);
  daemon_.Add("HubService/PublishReport", published);
  v1::GetPublishedReportResponse report;
  *report.mutable_report() = published.report();
  report.set_text("2026年上半年，\n");
  for (const auto& [code, now] : {std::pair("N3", 5), std::pair("N5", 9)}) {
    v1::PublishedFigure& figure = *report.add_figures();
    *figure.mutable_then() = FigureOf(code, code, 5, "场");
    figure.set_known(true);
    figure.set_now(now);
    figure.set_difference(now - 5);
    if (now != 5) figure.add_new_ids("16.00112233445566778899000a");
  }
  daemon_.Add("HubService/GetPublishedReport", report);
  Outcome outcome = Ask({"publish", "上半年"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("恒口镇2026年上半年 第2版"));
  EXPECT_EQ(daemon_.Request<v1::PublishReportRequest>("HubService/PublishReport").action_id().size(), 20u);
  outcome = Ask({"published", "56.00112233445566778899000a", "--ids"});
  EXPECT_EQ(outcome.code, kDone) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("+4"));
  EXPECT_THAT(outcome.out, HasSubstr("N5 + 16.00112233445566778899000a"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("N3")));
  EXPECT_TRUE(daemon_.Request<v1::GetPublishedReportRequest>("HubService/GetPublishedReport").ids());
}

TEST_F(StatisticsCommandsTest, TheCongressSessionsAreListedAndSet) {
  v1::ListCongressSessionsResponse sessions;
  sessions.add_sessions()->set_name("20-3");
  sessions.mutable_sessions(0)->set_date("2026-07-28");
  daemon_.Add("HubService/ListCongressSessions", sessions);
  daemon_.Add("HubService/SetCongressSession", v1::SetCongressSessionResponse());
  EXPECT_THAT(Ask({"congress"}).out, HasSubstr("20-3  2026-07-28"));
  EXPECT_FALSE(daemon_.requests.contains("HubService/SetCongressSession"));
  EXPECT_EQ(Ask({"congress", "20-3", "2026-07-28"}).code, kDone);
  EXPECT_EQ(daemon_.Request<v1::SetCongressSessionRequest>("HubService/SetCongressSession").session().name(), "20-3");
}

}  // namespace
}  // namespace liaison::cli
