// Scenarios of a village: what is said at a reception is there, whatever the network and the power do.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <thread>

#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/text.h"
#include "tests/acceptance/town.h"

namespace liaison {
namespace {

using ::testing::HasSubstr;

class VillageScenario : public Town {
 protected:
  std::vector<v1::VisitView> AllVisits(Daemon& station) {
    std::vector<v1::VisitView> all;
    v1::ListVisitsRequest list;
    list.set_limit(100);
    for (;;) {
      list.set_offset(static_cast<int>(all.size()));
      auto page = Call<v1::ListVisitsResponse>(station, "StationService/ListVisits", list);
      all.insert(all.end(), page.visits().begin(), page.visits().end());
      if (page.visits().empty() || static_cast<int>(all.size()) >= page.total()) return all;
    }
  }
  // A deputy with a mandate of the town alone, and one with those of the district and the town.
  std::vector<std::string> TwoDeputies(Daemon& daemon) {
    std::string town, both;
    auto roster = Call<v1::GetRosterResponse>(daemon, "RecordService/GetRoster", v1::GetRosterRequest());
    for (const v1::Deputy& deputy : roster.deputies()) {
      std::set<int> levels;
      for (const v1::Mandate& mandate : deputy.mandates()) levels.insert(mandate.level());
      if (levels == std::set<int>{v1::MANDATE_TOWN}) town = deputy.deputy_id();
      if (levels == std::set<int>{v1::MANDATE_TOWN, v1::MANDATE_DISTRICT}) both = deputy.deputy_id();
    }
    return {town, both};
  }
  void AttachPhotos(Daemon& station, const std::vector<v1::SessionView>& sessions, int count);
};

TEST_F(VillageScenario, OfflineReception) {
  Make({"HK-D057"});
  Daemon* station = &StartStation("HK-D057", "2026-11-20T09:00", kNobody);
  v1::SessionView session = Open(*station, "2026-11-20", TwoDeputies(*station));
  EXPECT_EQ(session.session().number(), "J20261120-D057-1");
  Log(*station, session, "三组水渠垮了二十来米", 1, "王小二",
      {MatterOf("三组水渠垮了二十来米", v1::DISPOSITION_SUBMIT)});
  Log(*station, session, "学校门口没有减速带", 4, "李大姐",
      {MatterOf("学校门口没有减速带", v1::DISPOSITION_SUBMIT, v1::NATURE_OPINION, "02")});
  Log(*station, session, "卫生室晚上没人，医保怎么缴", 1, "",
      {MatterOf("卫生室晚上没人", v1::DISPOSITION_SUBMIT, v1::NATURE_OPINION, "06"),
       MatterOf("医保缴费怎么办", v1::DISPOSITION_ANSWERED, v1::NATURE_INQUIRY, "06")});
  v1::SessionView closed = Close(*station, session);
  EXPECT_EQ(closed.visits(), 3);
  EXPECT_EQ(closed.headcount(), 6);
  EXPECT_EQ(closed.matters(), 4);

  station->Stop(SIGKILL);  // and all of it is still there, without a network
  station = &StartStation("HK-D057", "2026-11-20T12:00", kNobody);
  auto visits = Call<v1::ListVisitsResponse>(*station, "StationService/ListVisits", v1::ListVisitsRequest());
  ASSERT_EQ(visits.total(), 3);
  std::set<std::string> entries, matters, words;
  for (const v1::VisitView& visit : visits.visits()) {
    entries.insert(visit.entry().number());
    words.insert(visit.entry().original_words());
    EXPECT_EQ(visit.light(), v1::LIGHT_SAVED);
    for (const v1::MatterView& matter : visit.matters()) matters.insert(matter.matter().number());
  }
  EXPECT_THAT(entries, testing::ElementsAre("恒人接〔2026〕D057-0001号", "恒人接〔2026〕D057-0002号",
                                            "恒人接〔2026〕D057-0003号"));
  EXPECT_THAT(matters, testing::ElementsAre("恒民意〔2026〕D057-0001号", "恒民意〔2026〕D057-0002号",
                                            "恒民意〔2026〕D057-0003号", "恒民意〔2026〕D057-0004号"));
  EXPECT_THAT(words, testing::Contains("三组水渠垮了二十来米"));
  EXPECT_EQ(CountIn(*station, v1::WORK_VILLAGE), 3);  // to be sent up

  // Once there is a link, the township counts the same.
  StartHub("2026-11-20T15:05");
  StartStation("HK-D057", "2026-11-20T15:05");
  Deliver("HK-D057");
  const FigureValues figures = Figures("2026-11-01", "2026-11-30");
  EXPECT_EQ(figures.at("N3"), 1);
  EXPECT_EQ(figures.at("N5"), 3);
  EXPECT_EQ(figures.at("N5.headcount"), 6);
  EXPECT_EQ(figures.at("N6"), 3);
  EXPECT_EQ(figures.at("N6.inquiry"), 1);
  EXPECT_EQ(figures.at("N4.deputies"), 2);
  EXPECT_EQ(figures.at("N4.town"), 2);
  EXPECT_EQ(figures.at("N4.district"), 1);
  EXPECT_EQ(figures.at("N4.plural"), 1);
}

// The draft on the open page is the page's own matter.
TEST_F(VillageScenario, PowerCut) {
  constexpr int kSaves = 500;
  Make({"HK-D057"});
  Daemon* station = &StartStation("HK-D057", "2026-11-20T09:00", kNobody);
  std::vector<v1::SessionView> sessions;
  for (int i = 0; i < 10; ++i) sessions.push_back(Open(*station, "2026-11-20", {"HK-R001"}));
  SeededRandom random(20261120);
  int kills = 0;
  absl::Mutex mutex;
  std::set<std::string> saved;  // what was said to be saved
  for (int next = 0; next < kSaves;) {
    // A writer that never pauses, and a power cut at some moment of it.
    std::thread writer([&] {
      for (; next < kSaves; ++next) {
        v1::LogVisitRequest request;
        request.set_action_id(absl::StrFormat("%020d", next));  // tried again after the cut, under the same name
        request.set_session_id(sessions[next % sessions.size()].id());
        const std::string words = Cat("第", next, "件：路灯不亮");
        request.mutable_entry()->set_original_words(words);
        request.mutable_entry()->set_headcount(2);
        request.mutable_visitor()->set_name("王小二");
        *request.add_matters() = MatterOf(words, v1::DISPOSITION_SUBMIT);
        v1::LogVisitResponse response;
        if (!CallIn(station->dir(), "StationService/LogVisit", request, &response).ok()) return;
        absl::MutexLock lock(&mutex);
        saved.insert(words);
      }
    });
    {
      absl::MutexLock lock(&mutex);
      const size_t enough = std::min<size_t>(saved.size() + 1 + random.U64() % 40, kSaves);
      auto there = [&] { return saved.size() >= enough; };
      mutex.Await(absl::Condition(&there));
    }
    station->Stop(SIGKILL);
    writer.join();
    ++kills;
    station->Start();
    std::set<std::string> found;
    for (const v1::VisitView& visit : AllVisits(*station)) {
      EXPECT_TRUE(found.insert(visit.entry().original_words()).second) << visit.entry().original_words();
      ASSERT_EQ(visit.matters_size(), 1);
      EXPECT_EQ(visit.matters(0).matter().content(), visit.entry().original_words());
      EXPECT_EQ(visit.visitor_name(), "王**");
      EXPECT_EQ(visit.entry().headcount(), 2);
    }
    for (const std::string& words : saved)
      ASSERT_TRUE(found.contains(words)) << words << " of " << saved.size() << ", found " << found.size();
    EXPECT_LE(found.size(), saved.size() + 1);  // at most the one whose answer did not come
  }
  EXPECT_GT(kills, 3);
  EXPECT_EQ(saved.size(), static_cast<size_t>(kSaves));
  std::printf("%d saves, %d power cuts\n", kSaves, kills);
}

void VillageScenario::AttachPhotos(Daemon& station, const std::vector<v1::SessionView>& sessions, int count) {
  SeededRandom random(12);
  for (int i = 0; i < count; ++i) {
    v1::StoreFileRequest store;
    store.set_content("\xff\xd8\xff\xe0" + random.Bytes(40'000));
    auto stored = Call<v1::StoreFileResponse>(station, "FileService/StoreFile", store);
    v1::AttachFileRequest attach;
    attach.set_action_id(ActionId());
    attach.set_id(sessions[i % sessions.size()].id());
    attach.set_hash(stored.hash());
    attach.set_name("登记表.jpg");
    Call<v1::AttachFileResponse>(station, "FileService/AttachFile", attach);
  }
}

TEST_F(VillageScenario, WeeksOfflineAndABrokenLink) {
  constexpr int kSessions = 12, kEntries = 40, kPhotos = 15;
  Make({"HK-D012"});
  Daemon* station = &StartStation("HK-D012", "2026-11-21T18:00", kNobody);
  std::vector<v1::SessionView> sessions;
  int late = 0, entries = 0;
  for (int i = 0; i < kSessions; ++i) {
    const int day = 1 + i * 20 / (kSessions - 1);  // from the 1st to the 21st
    const std::string date = absl::StrFormat("2026-11-%02d", day);
    sessions.push_back(Open(*station, date, {"HK-R001"}));
    for (const int until = kEntries * (i + 1) / kSessions; entries < until; ++entries) {
      Log(*station, sessions.back(), Cat("第", entries, "位"), 1, "王小二",
          {MatterOf(Cat("第", entries, "件事"), v1::DISPOSITION_SUBMIT)});
      late += 22 - day > 7;
    }
  }
  StartHub("2026-11-22T09:00");
  {
    // Cut in the middle of the records, and again while they are taken in.
    WeakLink link(SyncPort(), {"--cut-link", "7000", "--max-cuts", "2", "--down-ms", "50"});
    StartStation("HK-D012", "2026-11-22T09:00", link.port());
    Deliver("HK-D012");
    EXPECT_EQ(link.Stat("cuts"), 2);
  }
  // Photos that were taken meanwhile, so that none of them went over the first link.
  station = &StartStation("HK-D012", "2026-11-22T09:00", kNobody);
  AttachPhotos(*station, sessions, kPhotos);
  WeakLink link(SyncPort(), {"--cut-link", "230000", "--max-cuts", "2", "--down-ms", "50"});
  station = &StartStation("HK-D012", "2026-11-22T09:00", link.port());
  v1::GetStatusResponse status;
  const absl::Time deadline = absl::Now() + absl::Minutes(2);
  do {
    ASSERT_LT(absl::Now(), deadline) << status.ShortDebugString();
    station->process().Breathe(20);
    status = Call<v1::GetStatusResponse>(*station, "RecordService/GetStatus", v1::GetStatusRequest());
  } while (status.files().to_send() > 0);
  EXPECT_EQ(link.Stat("cuts"), 2);

  const FigureValues figures = Figures("2026-11-01", "2026-11-30");
  EXPECT_EQ(figures.at("N5"), kEntries);
  EXPECT_EQ(figures.at("N6"), kEntries);
  v1::ListMattersRequest list;
  list.set_from("2026-11-01");
  list.set_to("2026-11-30");
  list.set_limit(100);
  auto matters = Call<v1::ListMattersResponse>(hub(), "HubService/ListMatters", list);
  ASSERT_EQ(matters.total(), kEntries);
  int flagged = 0;
  for (const v1::MatterView& matter : matters.matters()) flagged += matter.late();
  EXPECT_EQ(flagged, late);
  EXPECT_EQ(figures.at("Q1.late"), late);
  EXPECT_GT(late, 0);
  EXPECT_LT(late, kEntries);
  int photos = 0;
  for (const v1::SessionView& session : sessions) {
    v1::ListFilesRequest files;
    files.set_id(session.id());
    auto found = Call<v1::ListFilesResponse>(hub(), "FileService/ListFiles", files);
    for (const v1::FileView& file : found.files()) photos += file.state() == v1::FILE_DELIVERED;
  }
  EXPECT_EQ(photos, kPhotos);

  // Again: nothing but the connection itself.
  WeakLink again(SyncPort(), {});
  StartStation("HK-D012", "2026-11-22T10:00", again.port());
  Deliver("HK-D012");
  EXPECT_EQ(Figures("2026-11-01", "2026-11-30").at("N5"), kEntries);
  EXPECT_LT(again.Stat("up") + again.Stat("down"), 20'000);
}

}  // namespace
}  // namespace liaison
