// What the county is sent.
#include "common/prints/county.h"

#include "common/sheets/table.h"
#include "tests/prints/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CountyTest : public PrintsFixture {
 protected:
  std::vector<std::string> All() { return {County("csv").content(), Unzipped(County("xlsx").content())}; }
};

TEST_F(CountyTest, HasNoNameAndNoPhoneOfAnyVisitorWhereverTheyWereTyped) {
  const v1::SessionView session = Open();
  Log(session, Cat(kName, "反映水渠垮了，电话 ", kPhone, " 138-1234-5678"), kName, kPhone, 4);
  Log(session, Cat("邻居", kName, "家门前积水，王小明可作证，一三八没有"), "王小明", "13900001111");
  SyncAll();
  for (const std::string& bytes : All()) {
    EXPECT_THAT(bytes, AllOf(HasSubstr("某某反映水渠垮了"), HasSubstr("邻居某某家门前积水"), HasSubstr("***")));
    for (const char* personal :
         {kName, "王小明", kPhone, "138-1234-5678", "13900001111", "𬱖", "王**", "5678", "D057-0001"})
      EXPECT_THAT(bytes, Not(HasSubstr(personal)));
  }
  EXPECT_EQ(County("csv").matters(), 2);
}

TEST_F(CountyTest, HasNoTextOfAnAccusationAndNoPlaceOfTheConfidential) {
  const v1::SessionView session = Open();
  Log(session, "水渠垮了", kName, "", 5);
  Log(session, "低保评得不公", "", "", 1,
      [](v1::LogVisitRequest* request) { request->mutable_entry()->set_confidential(true); });
  // One that came as an opinion, and that the township found to be an accusation: its text is in the records.
  const v1::VisitView accused = Log(session, "某某贪污修渠的钱", "", "");
  Submit(accused);
  SyncAll();
  v1::Step guide = Of(v1::STEP_GUIDE);
  guide.set_reason("检举控告");
  guide.set_guided_to("纪检监察机关");
  Take(accused.matters(0).id(), guide);
  const std::string csv = County("csv").content();
  EXPECT_THAT(csv, Not(HasSubstr("贪污")));
  EXPECT_THAT(Unzipped(County("xlsx").content()), Not(HasSubstr("贪污")));
  EXPECT_THAT(csv, AllOf(HasSubstr("（不公开）"), HasSubstr("2026-11-20,民兴村委会,"), HasSubstr("水渠垮了")));
  EXPECT_THAT(csv, ::testing::ContainsRegex("2026-11-20,,[^\n]*低保评得不公"));
}

// 意见建议 are N6's: no inquiry, no praise, no accusation; what is merged or guided elsewhere counts.
TEST_F(CountyTest, CountsTheOpinionsThatTheFiguresCount) {
  const v1::SessionView session = Open();
  auto of = [](v1::Nature nature) {
    return [nature](v1::LogVisitRequest* request) { request->mutable_matters(0)->set_nature(nature); };
  };
  for (v1::Nature nature : {v1::NATURE_OPINION, v1::NATURE_SUGGESTION, v1::NATURE_CRITICISM, v1::NATURE_HELP,
                            v1::NATURE_INQUIRY, v1::NATURE_PRAISE})
    Log(session, Cat("第", static_cast<int>(nature), "件"), "", "", 5, of(nature));
  const v1::VisitView accused = Log(session, "某某贪污修渠的钱", "", ""), guided = Log(session, "征地的官司", "", "");
  for (const auto& [visit, reason] : {std::pair(&accused, "检举控告"), std::pair(&guided, "信访")}) {
    v1::Step guide = Of(v1::STEP_GUIDE);
    guide.set_reason(reason);
    guide.set_guided_to("有关机关");
    TakeAt(village(), visit->matters(0).id(), guide);
  }
  SyncAll();
  int64_t opinions = -1;
  const v1::GetFiguresResponse now = Must(hub().statistics()->GetFigures({}));
  for (const v1::Figure& figure : now.figures())
    if (figure.code() == "N6") opinions = figure.value();
  EXPECT_EQ(opinions, 5) << "four natures, and what was guided as 信访";
  absl::StatusOr<Workbook> book = ReadXlsx(County("xlsx").content());
  ASSERT_TRUE(book.ok()) << book.status();
  int64_t by_category = 0, in_total = -1;
  for (const Table& sheet : book->sheets) {
    for (const Row& row : sheet.rows) {
      if (row.cells.size() < 2) continue;
      if (sheet.sheet == "类别汇总" && row.cells[1].is_number) by_category += static_cast<int64_t>(row.cells[1].number);
      if (sheet.sheet == "各站点" && row.Text(1) == "合计") in_total = static_cast<int64_t>(row.cells.back().number);
    }
  }
  EXPECT_EQ(by_category, opinions);
  EXPECT_EQ(in_total, opinions);
  EXPECT_EQ(County("csv").matters(), 8) << "the list has all";
}

TEST_F(CountyTest, TellsNothingOfAVillageWithFewerThanThreePeople) {
  Log(Open(), "水渠垮了", kName, "", 2);
  SyncAll();
  EXPECT_EQ(County("csv").suppressed(), 1);
  EXPECT_THAT(County("csv").content(), AllOf(Not(HasSubstr("民兴村")), HasSubstr("第8片区")));
  EXPECT_THAT(Unzipped(County("xlsx").content()), HasSubstr("—"));
  Log(Open("2026-11-19"), "桥面坑洼", "", "", 1);
  SyncAll();
  EXPECT_EQ(County("csv").suppressed(), 0);
  EXPECT_THAT(County("csv").content(), HasSubstr("民兴村"));
}

TEST_F(CountyTest, WithholdsASecondVillageWhereTheTotalWouldTellOfOne) {
  Log(Open(), "水渠垮了", kName, "", 2);
  std::unique_ptr<Site> other = town_.Enrol("HK-D058"), third = town_.Enrol("HK-D059");
  for (auto [site, people] : {std::pair(other.get(), 9), std::pair(third.get(), 5)}) {
    v1::LogVisitRequest request = VisitRequest(&town_, OpenSession(&town_, site->node.get(), "2026-11-20"), "路灯不亮");
    request.mutable_entry()->set_headcount(people);
    ASSERT_TRUE(site->node->reception()->LogVisit(request).ok());
    ASSERT_TRUE(town_.Sync(site->node.get()));
  }
  SyncAll();
  EXPECT_EQ(County("csv").suppressed(), 2);
  EXPECT_THAT(County("csv").content(),
              AllOf(HasSubstr("奎星村委会"), Not(HasSubstr("行政村委会")), Not(HasSubstr("民兴村"))));
}

TEST_F(CountyTest, IsMadeAtTheHubInAFormatThatIsKnown) {
  EXPECT_EQ(Why(village().prints()->ExportCounty({})), "报区人大的数据由镇里导出");
  v1::ExportCountyRequest request;
  request.set_format("pdf");
  EXPECT_EQ(Why(hub().prints()->ExportCounty(request)), "导出格式：只能是csv或xlsx，现为“pdf”");
  request.set_format("csv");
  request.set_from("2026-13-01");
  EXPECT_EQ(Why(hub().prints()->ExportCounty(request)), "日期：“2026-13-01”不是有效日期");
}

TEST(NameRemoverTest, TakesOutLongerNamesFirstAndPhonesInEveryWidth) {
  NameRemover remover;
  for (const char* name : {"小明", "欧阳小明", "某某", "王"}) remover.Add(name);
  EXPECT_EQ(remover.Clean("欧阳小明和小明、王某某"), "某某和某某、王某某");  // one character is no name to look for
  EXPECT_EQ(remover.Clean("电话１３８１２３４５６７８,座机0915-361 0000。"), "电话***,座机***。");
  EXPECT_EQ(remover.Clean("垮了22米,2026年3月25日,123456"), "垮了22米,2026年3月25日,123456");
}

}  // namespace
}  // namespace liaison
