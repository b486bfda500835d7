// The hub's list of matters, against a plain one of what was entered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/whole/township.h"

namespace liaison {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

class MattersTest : public ::testing::Test {
 protected:
  MattersTest() : town_(11), here_(town_.Enrol("HK-D057")), there_(town_.Enrol("HK-D058")) {
    for (const char* date : {"2026-11-03", "2026-11-01", "2026-11-02"}) {
      Enter(here_->node.get(), date, "水渠垮了");
      Enter(here_->node.get(), date, "路灯不亮");
    }
    Enter(there_->node.get(), "2026-11-02", "水渠又垮了");
    EXPECT_TRUE(town_.Sync(here_->node.get()));
    EXPECT_TRUE(town_.Sync(there_->node.get()));
  }

  void Enter(StationNode* station, const std::string& date, const std::string& words) {
    const v1::SessionView session = OpenSession(&town_, station, date);
    auto logged = station->reception()->LogVisit(VisitRequest(&town_, session, words));
    ASSERT_TRUE(logged.ok()) << logged.status();
  }
  // "2026-11-03 words", newest first.
  std::vector<std::string> List(const v1::ListMattersRequest& request, int total) {
    auto response = town_.hub().desk()->ListMatters(request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    EXPECT_EQ(response->total(), total);
    std::vector<std::string> lines;
    for (const v1::MatterView& view : response->matters())
      lines.push_back(view.matter().date() + " " + view.matter().content());
    return lines;
  }

  Township town_;
  std::unique_ptr<Site> here_, there_;
};

TEST_F(MattersTest, ComeNewestFirstInPagesThatTogetherAreAll) {
  std::vector<std::string> all = List({}, 7), joined;
  EXPECT_TRUE(std::is_sorted(all.rbegin(), all.rend(), [](const std::string& a, const std::string& b) {
    return a.substr(0, 10) < b.substr(0, 10);
  }));
  EXPECT_EQ(all.size(), 7u);
  v1::ListMattersRequest page;
  page.set_limit(3);
  for (int offset = 0; offset < 9; offset += 3) {
    page.set_offset(offset);
    for (const std::string& line : List(page, 7)) joined.push_back(line);
  }
  EXPECT_THAT(joined, ElementsAreArray(all));
}

TEST_F(MattersTest, AreAskedForByDaysPlaceStateWordsAndNotIfVoided) {
  v1::ListMattersRequest request;
  request.set_station_id("HK-D058");
  EXPECT_THAT(List(request, 1), ElementsAre("2026-11-02 水渠又垮了"));
  request.clear_station_id();
  request.set_from("2026-11-02");
  request.set_to("2026-11-02");
  request.set_query("水渠");
  request.set_limit(1);
  EXPECT_EQ(List(request, 2).size(), 1u);
  request.set_offset(1);
  EXPECT_EQ(List(request, 2).size(), 1u);
  request.clear_query();
  EXPECT_EQ(List(request, 3).size(), 1u);
  request.set_state(v1::ASSIGNED);
  EXPECT_TRUE(List(request, 0).empty());
  v1::ListMattersRequest first;
  first.set_from("1950-01-01");
  first.set_to("2026-11-01");
  const auto before = town_.hub().desk()->ListMatters(first);
  ASSERT_EQ(before->total(), 2);
  v1::VoidRecordRequest voided;
  voided.set_action_id(town_.ActionId());
  voided.set_id(before->matters(0).id());
  voided.set_token(before->matters(0).token());
  voided.set_reason("重复登记");
  ASSERT_TRUE(town_.hub().records()->VoidRecord(voided).ok());
  EXPECT_EQ(List(first, 1).size(), 1u);
  request.set_to("2026-11-31");
  EXPECT_EQ(town_.hub().desk()->ListMatters(request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace liaison
