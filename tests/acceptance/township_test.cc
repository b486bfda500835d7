// Scenarios of the whole township: 96 stations that come together, and what it brings from before.
#include <gmock/gmock.h>
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/base/text.h"
#include "liaison/v1/congress_services.pb.h"
#include "tests/acceptance/town.h"
#include "tests/testing/places.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class TownshipScenario : public Town {
 protected:
  void ImportOldLedger(Daemon& centre);
  void ExpectRareNames(Daemon& centre);
};

// Each in turns with a network and without one: the township counts what was entered, and everybody who holds a record
// holds the same one. With three seeds, duplicates and every order: tests/whole/township_test.cc, in one process.
TEST_F(TownshipScenario, NinetySixStationsConverge) {
  constexpr int kStations = 96, kEntries = 60;
  std::vector<std::string> ids;
  for (int i = 1; i <= kStations; ++i) ids.push_back(absl::StrFormat("HK-D%03d", i));
  Make(ids);
  StartHub("2026-11-20T08:00");
  SeededRandom random(96);
  auto below = [&](uint64_t n) { return static_cast<int>(random.U64() % n); };
  std::map<std::string, v1::SessionView> sessions;
  for (const std::string& id : ids) {
    StartStation(id, "2026-11-20T08:30", below(2) == 0 ? kNobody : SyncPort());
    sessions[id] = Open(at(id), "2026-11-20", {"HK-R001"});
  }
  int64_t headcount = 0;
  int restarts = 0;
  for (int k = 0; k < kEntries; ++k) {
    for (const std::string& id : ids) {
      const int n = 1 + below(4);
      Log(at(id), sessions[id], Cat("第", k, "件"), n, "王小二",
          {MatterOf(Cat("第", k, "件"), v1::DISPOSITION_SUBMIT)});
      headcount += n;
      if (below(120) != 0) continue;
      at(id).Stop(SIGKILL);  // the network comes or goes, or the power
      StartStation(id, "2026-11-20T09:30", below(2) == 0 ? kNobody : SyncPort());
      ++restarts;
    }
  }
  for (const std::string& id : ids) {
    Close(at(id), sessions[id]);
    at(id).Stop(SIGTERM);
    StartStation(id, "2026-11-20T12:00");
  }
  for (const std::string& id : ids) Deliver(id);
  const FigureValues figures = Figures("2026-11-01", "2026-11-30");
  EXPECT_EQ(figures.at("N3"), kStations);
  EXPECT_EQ(figures.at("N5"), kStations * kEntries);
  EXPECT_EQ(figures.at("N5.headcount"), headcount);
  EXPECT_EQ(figures.at("N6"), kStations * kEntries);
  EXPECT_TRUE(Call<v1::VerifyResponse>(hub(), "RecordService/Verify", v1::VerifyRequest()).ok());
  for (const std::string& id : ids) at(id).Stop(SIGTERM);
  hub().Stop(SIGTERM);
  std::vector<std::string> dirs;
  for (const std::string& id : ids) dirs.push_back(Dir(id));
  const int compared = ExpectSameStates(Dir("hub"), dirs);
  std::printf("%d entries, %d restarts, %d states compared\n", kStations * kEntries, restarts, compared);
}

std::string ContentOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// An old ledger of 200 rows: what cannot be read is named, and the file counts once.
void TownshipScenario::ImportOldLedger(Daemon& centre) {
  v1::ImportLedgerRequest import;
  import.set_file_name("ledger-old.xlsx");
  import.set_content(ContentOf(InSource("/hub/fixture/ledger-old.xlsx")));
  auto imported = Call<v1::ImportLedgerResponse>(centre, "StationService/ImportLedger", import);
  EXPECT_EQ(imported.rows(), 200);
  EXPECT_EQ(imported.accepted(), 194);
  ASSERT_EQ(imported.refusals_size(), 6);
  for (const v1::RefusedRow& row : imported.refusals()) {
    EXPECT_GT(row.row(), 2);
    EXPECT_NE(row.column(), "");
    EXPECT_GE(row.reason()[0] & 0xff, 0xe4) << row.reason();  // Chinese
  }
  auto again = Call<v1::ImportLedgerResponse>(centre, "StationService/ImportLedger", import);
  EXPECT_EQ(again.accepted(), 0);
  EXPECT_EQ(again.known(), 194);
}

// Names that few fonts have.
void TownshipScenario::ExpectRareNames(Daemon& centre) {
  std::string names;
  v1::ListVisitsRequest list;
  list.set_limit(300);
  auto visits = Call<v1::ListVisitsResponse>(centre, "StationService/ListVisits", list);
  for (const v1::VisitView& visit : visits.visits()) {
    if (visit.visitor_id().empty()) continue;
    v1::RevealVisitorRequest reveal;
    reveal.set_id(visit.id());
    reveal.set_purpose(v1::PURPOSE_VERIFY);
    names += Call<v1::RevealVisitorResponse>(centre, "RecordService/RevealVisitor", reveal).visitor().name() + "\n";
  }
  EXPECT_THAT(names, HasSubstr("吕𬱖\n"));
  EXPECT_THAT(names, HasSubstr("龚䶮\n"));
  EXPECT_THAT(names, HasSubstr("阿依夏木·买买提\n"));
}

TEST_F(TownshipScenario, ExcelAndPaper) {
  Make({"HK-Z001", "HK-D033"});
  StartHub("2026-09-20T09:00");
  Daemon& centre = StartStation("HK-Z001", "2026-09-20T09:00");
  ASSERT_NO_FATAL_FAILURE(ImportOldLedger(centre));
  ExpectRareNames(centre);

  // A paper log, photographed today and typed later.
  Daemon& village = StartStation("HK-D033", "2026-06-15T09:00");
  v1::OpenSessionRequest open;
  open.set_action_id(ActionId());
  open.mutable_session()->set_date("2026-06-10");
  open.mutable_session()->set_form(v1::FORM_RECEPTION_DAY);
  open.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
  open.mutable_session()->set_paper_pending(true);
  v1::SessionView session = Call<v1::OpenSessionResponse>(village, "StationService/OpenSession", open).session();
  v1::StoreFileRequest store;
  store.set_content("\xff\xd8\xff\xe0 a page of the paper log");
  v1::AttachFileRequest attach;
  attach.set_action_id(ActionId());
  attach.set_id(session.id());
  attach.set_hash(Call<v1::StoreFileResponse>(village, "FileService/StoreFile", store).hash());
  attach.set_name("纸质登记.jpg");
  Call<v1::AttachFileResponse>(village, "FileService/AttachFile", attach);
  auto waiting =
      Call<v1::ListLateEntriesResponse>(village, "ReceptionService/ListLateEntries", v1::ListLateEntriesRequest());
  ASSERT_EQ(waiting.rows_size(), 1);
  EXPECT_EQ(waiting.rows(0).photos(), 1);
  EXPECT_EQ(waiting.rows(0).days_waiting(), 5);
  Log(village, session, "二组路灯不亮", 2, "王小二", {MatterOf("二组路灯不亮", v1::DISPOSITION_SUBMIT)});
  v1::FinishLateEntryRequest finish;
  finish.set_action_id(ActionId());
  finish.set_session_id(session.id());
  finish.set_token(
      Call<v1::ListLateEntriesResponse>(village, "ReceptionService/ListLateEntries", v1::ListLateEntriesRequest())
          .rows(0)
          .session()
          .token());
  Call<v1::FinishLateEntryResponse>(village, "ReceptionService/FinishLateEntry", finish);
  waiting =
      Call<v1::ListLateEntriesResponse>(village, "ReceptionService/ListLateEntries", v1::ListLateEntriesRequest());
  EXPECT_EQ(waiting.rows_size(), 0);
  Deliver("HK-D033");
  Deliver("HK-Z001");

  // One point becomes part of another: what was received before stays where it was.
  const int64_t before = Figures("2026-01-01", "2026-06-30").at("N1.point");
  EXPECT_EQ(before, 96);
  v1::GetRecordRequest get;
  get.set_id(ToText(MasterOp(v1::Station(), "HK-D033").aggregate));
  v1::ChangeRecordRequest change;
  change.set_action_id(ActionId());
  change.set_id(get.id());
  change.set_token(Call<v1::GetRecordResponse>(hub(), "RecordService/GetRecord", get).record().token());
  change.set_fields(R"({"status":"STATION_MERGED","merged_into":"HK-D034","status_date":"2026-07-01"})");
  Call<v1::ChangeRecordResponse>(hub(), "RecordService/ChangeRecord", change);
  EXPECT_EQ(Figures("2026-07-01", "2026-12-31").at("N1.point"), 95);
  auto stations = Call<v1::ListStationsResponse>(hub(), "HubService/ListStations", v1::ListStationsRequest());
  std::map<std::string, int64_t> opinions;
  for (const v1::StationRow& row : stations.stations()) opinions[row.station_id()] = row.opinions();
  EXPECT_EQ(opinions.at("HK-D033"), 2);  // one of the old ledger, one of the paper
  EXPECT_TRUE(opinions.contains("HK-D034"));
}

}  // namespace
}  // namespace liaison
