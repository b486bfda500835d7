// Statistics at a whole hub: periods, reports that are published and what comes late, the records behind a number.
#include <gmock/gmock.h>

#include "common/base/text.h"
#include "common/codec/op_codec.h"
#include "common/rows/tables.h"
#include "hub/report/published.h"
#include "tests/congress/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StatisticsTest : public CongressFixture {
 protected:
  Statistics& statistics() { return *hub().statistics(); }
  static v1::FigureScope Half() {
    v1::FigureScope scope;
    scope.set_period("2026-H1");
    return scope;
  }
  // A session of one visit, delivered.
  std::string Received(const char* date) {
    v1::OpenSessionRequest open;
    open.set_action_id(town_.ActionId());
    open.mutable_session()->set_date(date);
    open.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
    open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    v1::OpenSessionResponse opened = Must(village().reception()->OpenSession(open));
    EXPECT_TRUE(village().reception()->LogVisit(VisitRequest(&town_, opened.session(), "三组水渠垮了")).ok());
    EXPECT_EQ(Why(Close(village(), opened.session().id())), "");
    SyncAll();
    return opened.session().id();
  }
  absl::StatusOr<v1::PublishReportResponse> Publish(const v1::FigureScope& scope, std::string action = "") {
    v1::PublishReportRequest request;
    request.set_action_id(action.empty() ? town_.ActionId() : action);
    request.set_user("镇人大干事");
    *request.mutable_scope() = scope;
    return statistics().PublishReport(request);
  }
  std::map<std::string, v1::PublishedFigure> Asked(const std::string& id) {
    v1::GetPublishedReportRequest request;
    request.set_id(id);
    request.set_ids(true);
    absl::StatusOr<v1::GetPublishedReportResponse> report = statistics().GetPublishedReport(request);
    EXPECT_TRUE(report.ok()) << report.status();
    std::map<std::string, v1::PublishedFigure> figures;
    if (report.ok())
      for (const v1::PublishedFigure& figure : report->figures()) figures[figure.then().code()] = figure;
    return figures;
  }
  std::string SetSession(const char* name, const char* date) {
    v1::SetCongressSessionRequest request;
    request.set_action_id(town_.ActionId());
    request.mutable_session()->set_name(name);
    request.mutable_session()->set_date(date);
    return Why(statistics().SetCongressSession(request));
  }
  v1::GetFiguresResponse Figures(const char* period, bool compare = false) {
    v1::GetFiguresRequest request;
    request.set_period(period);
    request.set_compare(compare);
    absl::StatusOr<v1::GetFiguresResponse> figures = statistics().GetFigures(request);
    EXPECT_TRUE(figures.ok()) << figures.status();
    return figures.ok() ? *figures : v1::GetFiguresResponse();
  }
  static v1::Figure FigureOf(const v1::GetFiguresResponse& figures, std::string_view code) {
    for (const v1::Figure& figure : figures.figures())
      if (figure.code() == code) return figure;
    return {};
  }
};

TEST_F(StatisticsTest, WhatComesLateIsShownBesideWhatWasPublished) {
  const std::string early = Received("2026-03-10");
  absl::StatusOr<v1::PublishReportResponse> published = Publish(Half());
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_EQ(published->report().title(), "恒口镇2026年上半年");
  EXPECT_EQ(published->report().from(), "2026-01-01");
  EXPECT_EQ(published->report().stations_synced(), 1);
  EXPECT_EQ(published->report().stations_total(), 109);
  EXPECT_EQ(published->report().cut_off(), "2026-11-20 09:00");
  const std::string id = published->report().id();
  EXPECT_EQ(Asked(id).at("N3").difference(), 0);
  EXPECT_EQ(Asked(id).at("N3").new_ids_size(), 0);

  On("2026-11-23");
  const std::string late = Received("2026-06-30");
  Received("2026-07-01");  // of another period
  std::map<std::string, v1::PublishedFigure> figures = Asked(id);
  EXPECT_EQ(figures.at("N3").then().value(), 1);
  EXPECT_EQ(figures.at("N3").now(), 2);
  EXPECT_EQ(figures.at("N3").difference(), 1);
  EXPECT_THAT(figures.at("N3").new_ids(), ElementsAre(late));
  EXPECT_EQ(figures.at("N5.headcount").difference(), figures.at("N5.headcount").then().value());
  EXPECT_EQ(figures.at("N5").new_ids_size(), 1);
  EXPECT_THAT(figures.at("N5").new_ids(0), HasSubstr(late + "/"));
  // The days that pass make no difference: 60 days without a session are counted as on the day of publishing.
  EXPECT_EQ(figures.at("N2.silent").difference(), 0);

  v1::VoidRecordRequest gone;
  gone.set_action_id(town_.ActionId());
  gone.set_id(early);
  gone.set_token(Token(village(), early));
  gone.set_reason("重复登记");
  ASSERT_EQ(Why(village().records()->VoidRecord(gone)), "");
  SyncAll();
  figures = Asked(id);
  EXPECT_EQ(figures.at("N3").difference(), 0);
  EXPECT_THAT(figures.at("N3").new_ids(), ElementsAre(late));
  EXPECT_THAT(figures.at("N3").gone_ids(), ElementsAre(early));
  ExpectWhole();
}

TEST_F(StatisticsTest, PublishedTwiceAreTwoVersions) {
  Received("2026-03-10");
  const std::string action = town_.ActionId();
  absl::StatusOr<v1::PublishReportResponse> first = Publish(Half(), action), again = Publish(Half(), action);
  ASSERT_TRUE(first.ok() && again.ok()) << first.status() << again.status();
  EXPECT_EQ(again->report().id(), first->report().id());
  Received("2026-04-10");
  absl::StatusOr<v1::PublishReportResponse> second = Publish(Half());
  v1::FigureScope area = Half();
  area.set_area_id(area_id_);
  absl::StatusOr<v1::PublishReportResponse> other = Publish(area);
  ASSERT_TRUE(second.ok() && other.ok());
  EXPECT_EQ(second->report().version(), 2);
  EXPECT_EQ(other->report().version(), 1);
  EXPECT_TRUE(other->report().below());
  EXPECT_EQ(statistics().ListReports({})->reports_size(), 3);
  EXPECT_EQ(Asked(first->report().id()).at("N3").difference(), 1);
  EXPECT_EQ(Asked(second->report().id()).at("N3").difference(), 0);
  EXPECT_EQ(Asked(other->report().id()).at("N3").now(), 2);
  ExpectWhole();
}

TEST_F(StatisticsTest, APublishedReportKeepsItsWordsAndEveryFigure) {
  Received("2026-03-10");
  const v1::PublishReportResponse published = Must(Publish(Half()));
  v1::GetPublishedReportRequest request;
  request.set_id(published.report().id());
  Received("2026-04-10");
  absl::StatusOr<v1::GetPublishedReportResponse> report = statistics().GetPublishedReport(request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->text(), HasSubstr("2026年上半年，共开展代表接待日1场次"));
  EXPECT_EQ(report->stations_size(), 109);
  int synced = 0;
  for (const v1::SnapshotStation& station : report->stations()) synced += station.last_sync().empty() ? 0 : 1;
  EXPECT_EQ(synced, 1);
  const v1::GetFiguresResponse now = Figures("2026-H1");
  ASSERT_EQ(report->figures_size(), now.figures_size());
  for (int i = 0; i < now.figures_size(); ++i) {
    EXPECT_EQ(report->figures(i).then().code(), now.figures(i).code());
    EXPECT_TRUE(report->figures(i).known());
    EXPECT_EQ(report->figures(i).now(), now.figures(i).value()) << now.figures(i).code();
  }
  request.set_id("56.00112233445566778899000a");
  EXPECT_EQ(statistics().GetPublishedReport(request).status().code(), absl::StatusCode::kNotFound);
  request.set_id("N6");
  EXPECT_EQ(statistics().GetPublishedReport(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(StatisticsTest, AReportsOwnTitleIsNeverTooLong) {
  std::string name;
  for (int i = 0; i < 10; ++i) name += "恒口片区";  // as long as a station's may be
  v1::GetRecordRequest get;
  get.set_id("1:HK-P001");
  v1::ChangeRecordRequest change;
  change.set_action_id(town_.ActionId());
  change.set_id(get.id());
  change.set_token(hub().records()->GetRecord(get)->record().token());
  change.set_fields(Cat("{\"name\":\"", name, "\",\"publicName\":\"", name, "\"}"));
  ASSERT_TRUE(hub().records()->ChangeRecord(change).ok());
  v1::FigureScope scope;
  scope.set_from("2026-01-11");
  scope.set_to("2026-06-29");
  scope.set_area_id("HK-P001");
  absl::StatusOr<v1::PublishReportResponse> published = Publish(scope);
  ASSERT_TRUE(published.ok()) << published.status();
  EXPECT_THAT(published->report().title(), HasSubstr(name));
  v1::ExportPublishedReportRequest file;
  file.set_id(published->report().id());
  file.set_format("docx");
  EXPECT_LE(statistics().ExportPublishedReport(file)->file_name().size(), 255u) << "as a file's name may be";
}

TEST_F(StatisticsTest, APublishedReportKeepsItsTablesAndItsHeadline) {
  Received("2026-03-10");
  absl::StatusOr<v1::PublishReportResponse> published = Publish(Half());
  ASSERT_TRUE(published.ok()) << published.status();
  v1::GetTablesRequest ask;
  *ask.mutable_scope() = Half();
  absl::StatusOr<v1::GetTablesResponse> then = statistics().GetTables(ask);
  ASSERT_TRUE(then.ok()) << then.status();
  Received("2026-04-10");
  v1::GetPublishedReportRequest request;
  request.set_id(published->report().id());
  absl::StatusOr<v1::GetPublishedReportResponse> report = statistics().GetPublishedReport(request);
  ASSERT_TRUE(report.ok()) << report.status();
  ASSERT_EQ(report->tables_size(), then->tables_size());
  for (int i = 0; i < then->tables_size(); ++i) {
    EXPECT_EQ(report->tables(i).name(), then->tables(i).name());
    EXPECT_EQ(report->tables(i).SerializeAsString(), then->tables(i).SerializeAsString()) << then->tables(i).name();
  }
  RecordId id;
  ASSERT_TRUE(ParseRecordId(published->report().id(), &id));
  const std::optional<Aggregate> stored = hub().store()->Read().Load(id);
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(ReadPublished(*stored).snapshot.headline(), "恒口镇2026年上半年人大代表联络站工作情况报告");
  v1::ExportPublishedReportRequest file;
  file.set_id(published->report().id());
  for (const char* format : {"docx", "xlsx"}) {
    file.set_format(format);
    absl::StatusOr<v1::ExportResponse> bytes = statistics().ExportPublishedReport(file);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_EQ(bytes->content().substr(0, 2), "PK");
    EXPECT_EQ(bytes->file_name(), Cat("恒口镇2026年上半年（第1版）.", format));
  }
  file.set_format("docx");
  const std::string once = statistics().ExportPublishedReport(file)->content();
  Received("2026-05-10");
  EXPECT_EQ(statistics().ExportPublishedReport(file)->content(), once) << "nothing is counted again";
  file.set_format("pdf");
  EXPECT_THAT(Why(statistics().ExportPublishedReport(file)), HasSubstr("应为 docx 或 xlsx"));
  ExpectWhole();
}

TEST_F(StatisticsTest, PeriodsBeginWithTheCongress) {
  v1::GetFiguresRequest since;
  since.set_period("congress");
  EXPECT_EQ(statistics().GetFigures(since).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(SetSession("20-1", "2021-11-12"), "");
  EXPECT_EQ(SetSession("20-3", "2026-07-28"), "");
  EXPECT_THAT(SetSession("20-2", "2026-08-01"), HasSubstr("先后不符"));
  EXPECT_EQ(SetSession("20-2", "2026-01-20"), "");
  EXPECT_THAT(SetSession("20", "2026-01-20"), HasSubstr("应如 20-3"));
  EXPECT_EQ(statistics().ListCongressSessions({})->sessions_size(), 3);
  Received("2026-02-10");
  Received("2026-08-10");
  Received("2026-09-10");
  const v1::GetFiguresResponse figures = Figures("congress", true);
  EXPECT_EQ(figures.from(), "2026-07-28");
  EXPECT_EQ(FigureOf(figures, "N3").value(), 2);
  EXPECT_EQ(figures.before_from(), "2026-01-20");
  EXPECT_EQ(figures.before_to(), "2026-07-27");
  EXPECT_EQ(FigureOf(figures, "N3").before().value(), 1);
  EXPECT_EQ(FigureOf(figures, "N3").before().permille(), 1000);
  EXPECT_EQ(FigureOf(figures, "N3").last_year().value(), 0);
  EXPECT_FALSE(FigureOf(figures, "N3").last_year().comparable());
  EXPECT_EQ(FigureOf(Figures("term"), "N3").value(), 3);
  v1::GetReportRequest report;
  report.set_period("congress");
  EXPECT_THAT(statistics().GetReport(report)->paragraph(), HasSubstr("二十届人大三次会议以来，共开展代表接待日2场次"));
  EXPECT_EQ(SetSession("20-3", ""), "");
  EXPECT_EQ(statistics().ListCongressSessions({})->sessions_size(), 2);
  EXPECT_EQ(Figures("congress").from(), "2026-01-20");
  since.set_from("2026-01-01");
  EXPECT_EQ(statistics().GetFigures(since).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(StatisticsTest, ANumberOpensItsRecordsPageByPage) {
  const std::string first = Received("2026-03-10"), second = Received("2026-03-11"), third = Received("2026-03-12");
  v1::ListFigureRecordsRequest request;
  *request.mutable_scope() = Half();
  request.set_code("N3");
  request.set_limit(2);
  absl::StatusOr<v1::ListFigureRecordsResponse> page = statistics().ListFigureRecords(request);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->total(), 3);
  EXPECT_THAT(page->figure().ids(), ElementsAre(first, second));
  request.set_offset(2);
  EXPECT_THAT(statistics().ListFigureRecords(request)->figure().ids(), ElementsAre(third));
  request.set_offset(9);
  EXPECT_EQ(statistics().ListFigureRecords(request)->figure().ids_size(), 0);
  request.set_code("N99");
  EXPECT_EQ(statistics().ListFigureRecords(request).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(StatisticsTest, AReportHasEverythingThatItsFilesShow) {
  Received("2026-03-10");
  absl::StatusOr<ReportContents> contents = statistics().Contents(Half(), true);
  ASSERT_TRUE(contents.ok()) << contents.status();
  EXPECT_EQ(contents->report.title(), "恒口镇2026年上半年");
  EXPECT_FALSE(contents->report.paragraph().empty());
  EXPECT_THAT(contents->report.problems(), Contains(HasSubstr("60天没有开展接待")));
  EXPECT_TRUE(FigureOf(contents->report.figures(), "N3").has_before());
  ASSERT_EQ(contents->tables.size(), TableNames().size());
  v1::GetTablesRequest request;
  *request.mutable_scope() = Half();
  request.add_names("deputies");
  absl::StatusOr<v1::GetTablesResponse> tables = statistics().GetTables(request);
  ASSERT_TRUE(tables.ok()) << tables.status();
  ASSERT_EQ(tables->tables_size(), 1);
  EXPECT_EQ(tables->tables(0).rows(0).cells(12).text(), "2");  // the points of one session
  request.add_names("nothing");
  EXPECT_EQ(statistics().GetTables(request).status().code(), absl::StatusCode::kInvalidArgument);
}

// ---------------------------------------------------------------- ids of a published figure

TEST(FigureIds, AreReadBackAsWritten) {
  const std::vector<std::string> ids = {"16.00112233445566778899000a",
                                        "16.00112233445566778899000a/17.001122334455667788990001",
                                        "16.00112233445566778899000a/17.001122334455667788990002",
                                        "1:HK-D057",
                                        "3:HK-R001",
                                        "6:category-01"};
  const absl::StatusOr<std::vector<std::string>> back = DecodeFigureIds(EncodeFigureIds(ids));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, ids);
  EXPECT_EQ(EncodeFigureIds({}), "");
  EXPECT_EQ(EncodeFigureIds({"nothing"}), "");
}

TEST(FigureIds, OfVisitsFitForAYearOfATownship) {
  SeededRandom random(3);
  std::vector<std::string> ids;
  for (int session = 0; session < 2400; ++session) {
    const RecordId root = RecordId::Random(16, random.Bytes(kActionIdBytes), 0);
    for (int visit = 0; visit < 5; ++visit)
      ids.push_back(FullId(root, RecordId::Random(17, random.Bytes(kActionIdBytes), 0)));
  }
  const std::string bytes = EncodeFigureIds(ids);
  EXPECT_FALSE(bytes.empty());
  EXPECT_EQ(*DecodeFigureIds(bytes), ids);
  for (int i = 0; i < 3; ++i) ids.insert(ids.end(), ids.begin(), ids.end());
  EXPECT_EQ(EncodeFigureIds(ids), "");
}

TEST(FigureIds, OfManyFiguresAreSpreadOverOpsThatFit) {
  SeededRandom random(5);
  v1::GetFiguresResponse figures;
  for (int i = 0; i < 6; ++i) {
    v1::Figure* figure = figures.add_figures();
    figure->set_code(Cat("N", i));
    for (int id = 0; id < 5000 * (i % 3 + 1); ++id)
      figure->add_ids(ToText(RecordId::Random(24, random.Bytes(kActionIdBytes), 0)));
  }
  const RecordId root = RecordId::Random(56, random.Bytes(kActionIdBytes), 0);
  size_t ids = 0;
  for (const NewOp& op : PublishOps(root, v1::ReportSnapshot(), figures, {})) {
    size_t bytes = 0;
    for (const Write& write : op.writes) bytes += write.value.size();
    EXPECT_LT(bytes, kMaxOpBytes);
    ids += bytes;
  }
  EXPECT_GT(ids, 12u * 60'000);
}

TEST(FigureIds, AreComparedOnlyWhereBothHaveThem) {
  v1::SnapshotFigure then;
  then.set_value(2);
  then.set_ids(EncodeFigureIds({"1:HK-D001", "1:HK-D002"}));
  v1::Figure now;
  now.set_value(2);
  now.add_ids("1:HK-D002");
  now.add_ids("1:HK-D003");
  const v1::PublishedFigure compared = ComparePublished(then, &now, true);
  EXPECT_THAT(compared.new_ids(), ElementsAre("1:HK-D003"));
  EXPECT_THAT(compared.gone_ids(), ElementsAre("1:HK-D001"));
  EXPECT_EQ(ComparePublished(then, &now, false).new_ids_size(), 0);
  while (now.ids_size() < static_cast<int>(kFigureIdsMax)) now.add_ids("1:HK-D003");
  EXPECT_EQ(ComparePublished(then, &now, true).gone_ids_size(), 0);
  then.clear_ids();  // there were too many
  now.mutable_ids()->DeleteSubrange(1, now.ids_size() - 1);
  EXPECT_EQ(ComparePublished(then, &now, true).new_ids_size(), 0);
  EXPECT_FALSE(ComparePublished(then, nullptr, true).known());
}

TEST(FigureIds, ThatAreDamagedAreRefused) {
  const std::string bytes = EncodeFigureIds({"16.00112233445566778899000a", "1:HK-D057"});
  for (size_t cut = 1; cut < bytes.size(); ++cut) {
    const absl::StatusOr<std::vector<std::string>> back = DecodeFigureIds(bytes.substr(0, cut));
    if (back.ok()) EXPECT_LT(back->size(), 2u);
  }
  EXPECT_EQ(DecodeFigureIds("\x05\x01\x01").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace liaison
