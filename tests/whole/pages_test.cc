// Lists come in pages: what one page ends with, the next goes on from.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/base/text.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

TEST(Pages, OfSessionsVisitsAndHitsGoOnWhereTheOneBeforeEnded) {
  Township town(19);
  std::unique_ptr<Site> site = town.Enrol("HK-D057");
  StationNode* node = site->node.get();
  for (const char* date : {"2026-11-16", "2026-11-17", "2026-11-18"}) {
    v1::SessionView session = OpenSession(&town, node, date);
    ASSERT_TRUE(node->reception()->LogVisit(VisitRequest(&town, session, Cat("水渠垮了 ", date))).ok());
  }
  std::set<std::string> sessions, visits, hits;
  for (int page = 0; page < 3; ++page) {
    v1::ListSessionsRequest list;
    list.set_limit(1);
    list.set_offset(page);
    absl::StatusOr<v1::ListSessionsResponse> some = node->reception()->ListSessions(list);
    ASSERT_TRUE(some.ok()) << some.status();
    EXPECT_EQ(some->total(), 3);
    ASSERT_EQ(some->sessions_size(), 1);
    sessions.insert(some->sessions(0).id());
    v1::ListVisitsRequest came;
    came.set_limit(1);
    came.set_offset(page);
    absl::StatusOr<v1::ListVisitsResponse> visit = node->reception()->ListVisits(came);
    ASSERT_TRUE(visit.ok()) << visit.status();
    ASSERT_EQ(visit->visits_size(), 1);
    EXPECT_EQ(visit->visits(0).matters_size(), 1) << "its own matters, and no other's";
    visits.insert(visit->visits(0).id());
    v1::FindRequest find;
    find.set_query("水渠");
    find.set_limit(1);
    find.set_offset(page);
    absl::StatusOr<v1::FindResponse> found = node->records()->Find(find);
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->hits_size(), 1);
    hits.insert(found->hits(0).id());
  }
  EXPECT_EQ(sessions.size(), 3u);
  EXPECT_EQ(visits.size(), 3u);
  EXPECT_EQ(hits.size(), 3u);
  v1::ListSessionsRequest behind;
  behind.set_offset(9);
  EXPECT_EQ(node->reception()->ListSessions(behind)->sessions_size(), 0);
  behind.set_offset(-1);
  EXPECT_FALSE(node->reception()->ListSessions(behind).ok());
  v1::FindRequest find;
  find.set_query("水渠");
  find.set_offset(-1);
  EXPECT_FALSE(node->records()->Find(find).ok());
}

// Many visits in one session: each shows its own matters, whoever else came.
TEST(Pages, EachVisitOfALargeSessionHasItsOwnMatters) {
  Township town(23);
  std::unique_ptr<Site> site = town.Enrol("HK-D057");
  StationNode* node = site->node.get();
  v1::SessionView session = OpenSession(&town, node, "2026-11-20");
  for (int i = 0; i < 40; ++i)
    ASSERT_TRUE(node->reception()->LogVisit(VisitRequest(&town, session, Cat("第", i, "件水渠"))).ok());
  v1::ListVisitsRequest request;
  request.set_session_id(session.id());
  request.set_limit(100);
  absl::StatusOr<v1::ListVisitsResponse> visits = node->reception()->ListVisits(request);
  ASSERT_TRUE(visits.ok()) << visits.status();
  ASSERT_EQ(visits->visits_size(), 40);
  std::set<std::string> matters;
  for (const v1::VisitView& visit : visits->visits()) {
    ASSERT_EQ(visit.matters_size(), 1);
    EXPECT_EQ(visit.matters(0).matter().content(), visit.entry().original_words());
    matters.insert(visit.matters(0).id());
  }
  EXPECT_EQ(matters.size(), 40u);
}

}  // namespace
}  // namespace liaison
