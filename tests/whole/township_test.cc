// The whole of it: what deputies enter at stations that are mostly offline, and what the township counts.
#include "tests/whole/township.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "common/crypto/hash.h"
#include "common/rows/tables.h"

namespace liaison {
namespace {

// What was entered, counted by hand as it is entered. Knows nothing of the records.
struct Tally {
  int64_t sessions = 0, visits = 0, headcount = 0, opinions = 0, inquiries = 0, answered = 0, solved = 0, guided = 0;
};

int64_t Value(const v1::GetFiguresResponse& figures, std::string_view code) {
  for (const v1::Figure& figure : figures.figures())
    if (figure.code() == code) return figure.value();
  ADD_FAILURE() << "no figure " << code;
  return -1;
}

std::string StateHash(const Aggregate& aggregate) { return Sha256(aggregate.Canonical()); }

// Every aggregate that a station holds has the same state at the hub.
int CompareStates(StationNode* station, HubNode* hub) {
  int compared = 0;
  StoreReader at_station = station->store()->Read(), at_hub = hub->store()->Read();
  for (const TypeInfo& type : AllTypes()) {
    at_station.ForEach(type.type(), [&](const Aggregate& aggregate) {
      std::optional<Aggregate> other = at_hub.Load(aggregate.id());
      EXPECT_TRUE(other.has_value()) << ToText(aggregate.id());
      if (!other) return true;
      EXPECT_TRUE(aggregate.held().empty());
      EXPECT_EQ(StateHash(aggregate), StateHash(*other)) << ToText(aggregate.id());
      ++compared;
      return true;
    });
  }
  return compared;
}

class Entering {
 public:
  Entering(Township* town, Tally* tally) : town_(town), tally_(tally) {}

  void EnterOne(StationNode* station, const std::string& point) {
    v1::SessionView& session = sessions_[station];
    if (session.id().empty() || town_->Below(8) == 0) {
      Close(station);
      session = OpenSession(town_, station, "2026-11-" + std::to_string(10 + town_->Below(11)), point);
    }
    v1::LogVisitRequest request = VisitRequest(town_, session, "第" + std::to_string(++count_) + "件：水渠漏水");
    int headcount = 1 + static_cast<int>(town_->Below(4));
    request.mutable_entry()->set_headcount(headcount);
    if (town_->Below(2) == 0) request.mutable_visitor()->set_name("张三" + std::to_string(count_));
    v1::Matter& matter = *request.mutable_matters(0);
    switch (town_->Below(4)) {
      case 0:
        matter.set_disposition(v1::DISPOSITION_ANSWERED);
        matter.set_answer("已说明政策");
        matter.set_answered_by("HK-R001");
        matter.set_answer_solved(town_->Below(2) == 0);
        break;
      case 1:
        matter.set_disposition(v1::DISPOSITION_GUIDED);
        matter.set_guided_to("司法所");
        matter.set_guide_reason("涉法涉诉");
        break;
      case 2:
        matter.set_nature(v1::NATURE_INQUIRY);
        break;
      default:
        break;
    }
    absl::StatusOr<v1::LogVisitResponse> response = station->reception()->LogVisit(request);
    ASSERT_TRUE(response.ok()) << response.status();
    if (town_->Below(10) == 0) {  // the answer was lost, the page sends it again
      absl::StatusOr<v1::LogVisitResponse> again = station->reception()->LogVisit(request);
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_TRUE(again->repeated_action());
    }
    if (town_->Below(12) == 0) {  // a slip: undone right away
      v1::VoidRecordRequest undo;
      undo.set_action_id(town_->ActionId());
      undo.set_id(response->visit().id());
      undo.set_token(response->visit().token());
      undo.set_reason("录错");
      absl::StatusOr<v1::VoidRecordResponse> undone = station->records()->VoidRecord(undo);
      ASSERT_TRUE(undone.ok()) << undone.status();
      EXPECT_TRUE(undone->record().voided());
      return;
    }
    ++tally_->visits;
    tally_->headcount += headcount;
    if (matter.nature() == v1::NATURE_INQUIRY) {
      ++tally_->inquiries;
      return;
    }
    ++tally_->opinions;
    if (matter.disposition() == v1::DISPOSITION_ANSWERED) ++tally_->answered;
    if (matter.answer_solved()) ++tally_->solved;
    if (matter.disposition() == v1::DISPOSITION_GUIDED) ++tally_->guided;
  }

  void Close(StationNode* station) {
    v1::SessionView& session = sessions_[station];
    if (session.id().empty()) return;
    v1::CloseSessionRequest request;
    request.set_action_id(town_->ActionId());
    request.set_session_id(session.id());
    v1::ListVisitsRequest list;
    v1::GetRecordRequest read;
    read.set_id(session.id());
    absl::StatusOr<v1::GetRecordResponse> record = station->records()->GetRecord(read);
    ASSERT_TRUE(record.ok());
    request.set_token(record->record().token());
    ASSERT_TRUE(station->reception()->CloseSession(request).ok());
    ++tally_->sessions;
    session.Clear();
  }

 private:
  Township* town_;
  Tally* tally_;
  std::map<StationNode*, v1::SessionView> sessions_;
  int count_ = 0;
};

class NinetySixStations : public testing::TestWithParam<uint64_t> {};

TEST_P(NinetySixStations, AreCountedAsTheyWereEntered) {
  constexpr int kEntries = 60;
  Township town(GetParam());
  Tally tally;
  Entering entering(&town, &tally);
  std::vector<std::unique_ptr<Site>> sites;
  std::vector<std::string> points;
  for (int i = 1; i <= 96; ++i) {
    char id[16];
    std::snprintf(id, sizeof id, "HK-D%03d", i);
    points.push_back(id);
    sites.push_back(town.Enrol(id));
  }
  std::vector<size_t> order;
  for (size_t i = 0; i < sites.size(); ++i)
    for (int k = 0; k < kEntries; ++k) order.push_back(i);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[town.Below(i)]);
  for (size_t i : order) {
    entering.EnterOne(sites[i]->node.get(), points[i]);
    // Mostly offline; when a link comes up it may be cut after any message, acks lost and all.
    if (town.Below(20) == 0) town.Sync(sites[i]->node.get(), static_cast<int>(town.Below(12)));
  }
  for (auto& site : sites) entering.Close(site->node.get());
  int sessions = 0;
  for (auto& site : sites) {
    while (!town.Sync(site->node.get())) ASSERT_LT(++sessions, 500);
    EXPECT_EQ(site->node->store()->pending_ops(), 0u);
  }
  absl::StatusOr<v1::GetFiguresResponse> figures = [&] {
    v1::GetFiguresRequest request;
    request.set_from("2026-11-01");
    request.set_to("2026-11-30");
    return town.hub().statistics()->GetFigures(request);
  }();
  ASSERT_TRUE(figures.ok()) << figures.status();
  EXPECT_EQ(tally.visits, Value(*figures, "N5"));
  EXPECT_EQ(tally.headcount, Value(*figures, "N5.headcount"));
  EXPECT_EQ(tally.sessions, Value(*figures, "N3"));
  EXPECT_EQ(tally.opinions, Value(*figures, "N6"));
  EXPECT_EQ(tally.inquiries, Value(*figures, "N6.inquiry"));
  EXPECT_EQ(tally.answered, Value(*figures, "N7"));
  EXPECT_EQ(tally.solved, Value(*figures, "N10"));
  EXPECT_EQ(tally.guided, Value(*figures, "N8.guided"));
  EXPECT_EQ(figures->identity_difference(), 0);
  int compared = 0;
  for (auto& site : sites) compared += CompareStates(site->node.get(), &town.hub());
  Store::Check check = town.hub().store()->Verify();
  EXPECT_TRUE(check.ok()) << (check.differences.empty() ? "" : check.differences[0]);
  std::printf("seed %d: %d entries, %d visits counted, %d messages, %d cuts, %d states compared\n",
              static_cast<int>(GetParam()), 96 * kEntries, static_cast<int>(tally.visits),
              static_cast<int>(town.messages_delivered), static_cast<int>(town.cuts), compared);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NinetySixStations, testing::Values(1, 2, 3));

}  // namespace
}  // namespace liaison
