// A township of real processes under kill -9: people save at every station while sessions run, and daemons are killed
// at random moments, also while they start. What was answered as saved is whole at the station and at the hub.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/base/text.h"
#include "common/daemon/rest.h"
#include "common/record/schema.h"
#include "hub/desk/setup.h"
#include "tests/crash/disk.h"
#include "tests/testing/places.h"
#include "tests/testing/visits.h"
#include "tests/whole/process.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

const std::string kBinaries = InBuild("/bin/");

// A station's daemon, and the person who saves there.
class Village {
 public:
  Village(std::string dir, int hub_port, uint64_t seed)
      : dir_(std::move(dir)),
        daemon_(kBinaries + "liaison-station", dir_,
                {"run", "--data", dir_, "--http", "127.0.0.1:0", "--hub", Cat("127.0.0.1:", hub_port)}),
        random_(seed) {}
  ~Village() { StopSaving(); }

  const std::string& dir() const { return dir_; }
  Daemon& daemon() { return daemon_; }

  void Start() {
    daemon_.Start();
    absl::MutexLock lock(&mutex_);
    up_ = true;
  }
  void Kill() {
    daemon_.Stop(SIGKILL);
    absl::MutexLock lock(&mutex_);
    up_ = false;  // the person waits with the next call, not with the one that is on its way
  }
  void OpenSession() {
    v1::OpenSessionRequest request;
    request.set_action_id(Hex(random_.Bytes(kActionIdBytes)));
    request.mutable_session()->set_date("2026-11-20");
    request.mutable_session()->add_deputies()->set_deputy_id("HK-R001");
    v1::OpenSessionResponse response;
    absl::Status status = daemon_.Call("StationService/OpenSession", request, &response);
    ASSERT_TRUE(status.ok()) << status;
    session_id_ = response.session().id();
  }
  void StartSaving() {
    person_ = std::thread([this] {
      while (TakeForm()) SaveOne();
    });
  }
  void StopSaving() {
    {
      absl::MutexLock lock(&mutex_);
      leaving_ = true;
    }
    if (person_.joinable()) person_.join();
  }
  // So many more visits may be saved: what is held grows with the kills, not with the machine's speed.
  void HandOutForms(int forms) {
    absl::MutexLock lock(&mutex_);
    forms_ += forms;
  }
  // One visit. Where the answer is lost, half of the people press again until they have one, the others go away.
  void SaveOne() {
    v1::LogVisitRequest request;
    request.set_action_id(Hex(random_.Bytes(kActionIdBytes)));
    request.set_session_id(session_id_);
    std::string words = Cat("第", ++visits_, "件");
    FillVisit(words, static_cast<int>(1 + random_.U64() % 4), &request);
    request.mutable_visitor()->set_name("张三");
    bool patient = random_.U64() % 2 == 0;
    for (;;) {
      v1::LogVisitResponse response;
      absl::Status status = CallIn(DirOnceUp(), "StationService/LogVisit", request, &response);
      if (status.ok()) {
        saved.emplace(response.visit().id(), response.visit().entry().number());
        return;
      }
      // A daemon that dies takes the connection along; it never gives another answer.
      if (!absl::IsUnavailable(status)) return ADD_FAILURE() << status, void();
      ++lost_answers;
      if (!patient || leaving_) return;
    }
  }

  // Read when nobody saves.
  std::map<std::string, std::string> saved;  // visit -> number
  std::atomic<int> lost_answers = 0;

 private:
  bool TakeForm() {  // false: go home
    absl::MutexLock lock(&mutex_);
    auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return forms_ > 0 || leaving_; };
    mutex_.Await(absl::Condition(&ready));
    --forms_;
    return !leaving_;
  }
  const std::string& DirOnceUp() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&up_));
    return dir_;
  }

  const std::string dir_;
  Daemon daemon_;
  SeededRandom random_;  // of the person
  std::string session_id_;
  int visits_ = 0;
  absl::Mutex mutex_;
  bool up_ ABSL_GUARDED_BY(mutex_) = false;
  int forms_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<bool> leaving_ = false;
  std::thread person_;
};

class Kills : public testing::Test {
 protected:
  static constexpr int kVillages = 5;

  void SetUp() override {
    hub_dir_ = dir_.path() + "/hub";
    {
      HubNode::Options options;
      options.dir = hub_dir_;
      options.create = true;
      options.sync_address = "";
      absl::StatusOr<std::unique_ptr<HubNode>> hub = HubNode::Open(std::move(options));
      ASSERT_TRUE(hub.ok()) << hub.status();
      ASSERT_TRUE(LoadRoster(InSource("/hub/fixture"), (*hub)->store()).ok());
      for (int i = 1; i <= kVillages; ++i)
        EnrolInto(Cat(dir_.path(), "/HK-D00", i), Cat("HK-D00", i), hub->get(), &random_);
    }
    NewHub("0");
    hub_->Start();
    int port = hub_->sync_port();
    NewHub(std::to_string(port));  // the same one from now on
    hub_->Start();
    for (int i = 1; i <= kVillages; ++i) {
      villages_.push_back(std::make_unique<Village>(Cat(dir_.path(), "/HK-D00", i), port, random_.U64()));
      villages_.back()->Start();
      villages_.back()->OpenSession();
    }
  }
  void NewHub(const std::string& port) {
    hub_ = std::make_unique<Daemon>(
        kBinaries + "liaison-hub", hub_dir_,
        std::vector<std::string>{"run", "--data", hub_dir_, "--http", "127.0.0.1:0", "--sync", "127.0.0.1:" + port});
  }
  uint64_t Below(uint64_t n) { return random_.U64() % n; }

  static void Check(Daemon* daemon) {
    v1::VerifyResponse verify;
    absl::Status status = daemon->Call("RecordService/Verify", v1::VerifyRequest(), &verify);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_TRUE(verify.ok()) << verify.ShortDebugString();
  }

  void KillOne() {
    Village* village = Below(8) == 0 ? nullptr : villages_[Below(kVillages)].get();
    Daemon* daemon = village == nullptr ? hub_.get() : &village->daemon();
    for (auto& each : villages_) each->HandOutForms(each.get() == village ? 4 : village == nullptr ? 2 : 0);
    daemon->process().Breathe(static_cast<int>(Below(40)));
    village == nullptr ? hub_->Stop(SIGKILL) : village->Kill();
    ++kills_;
    if (Below(5) == 0) {
      daemon->StartAndKill(static_cast<int>(Below(80)));
      ++kills_;
      ++at_start_;
    }
    if (village == nullptr) {
      ++of_the_hub_;
      hub_->Start();
    } else {
      village->Start();
    }
    if (!HasFatalFailure()) Check(daemon);
  }

  void AwaitDelivery() {
    absl::Time deadline = absl::Now() + absl::Minutes(5);
    for (auto& village : villages_) {
      village->SaveOne();  // wakes the link
      v1::GetStatusResponse status;
      do {
        ASSERT_LT(absl::Now(), deadline) << "not delivered: " << status.ShortDebugString();
        village->daemon().process().Breathe(50);
        ASSERT_TRUE(village->daemon().Call("RecordService/GetStatus", v1::GetStatusRequest(), &status).ok());
      } while (status.pending_ops() > 0);
    }
  }

  TempDir dir_;
  SeededRandom random_{2026};
  std::string hub_dir_;
  std::unique_ptr<Daemon> hub_;
  std::vector<std::unique_ptr<Village>> villages_;
  int kills_ = 0, of_the_hub_ = 0, at_start_ = 0;
};

struct Counted {
  int saved = 0, lost_answers = 0, visits = 0, headcount = 0;
};

// What the village's daemon holds is what people were told that it saved: nothing is half, and no number is twice.
void CountVillage(Village* village, Counted* sum) {
  v1::ListVisitsRequest request;
  v1::ListVisitsResponse list, page;
  do {  // an answer holds so many rows and no more
    request.set_offset(list.visits_size());
    ASSERT_TRUE(village->daemon().Call("StationService/ListVisits", request, &page).ok());
    list.MergeFrom(page);
  } while (page.visits_size() > 0);
  std::map<std::string, std::string> held;
  std::set<std::string> numbers;
  for (const v1::VisitView& visit : list.visits()) {
    held.emplace(visit.id(), visit.entry().number());
    EXPECT_TRUE(numbers.insert(visit.entry().number()).second) << visit.entry().number() << " was given twice";
    EXPECT_EQ(visit.matters_size(), 1) << visit.id() << " is half";
    sum->headcount += visit.entry().headcount();
  }
  sum->visits += list.visits_size();
  for (const auto& [id, number] : village->saved) {
    auto it = held.find(id);
    ASSERT_TRUE(it != held.end()) << "visit " << number << " was saved and is gone";
    EXPECT_EQ(it->second, number);
  }
  sum->saved += static_cast<int>(village->saved.size());
  sum->lost_answers += village->lost_answers;
}

void ExpectFigures(Daemon* hub, const Counted& sum) {
  v1::GetFiguresRequest request;
  request.set_from("2026-11-01");
  request.set_to("2026-11-30");
  v1::GetFiguresResponse figures;
  ASSERT_TRUE(hub->Call("HubService/GetFigures", request, &figures).ok());
  std::map<std::string, int64_t> values;
  for (const v1::Figure& figure : figures.figures()) values[figure.code()] = figure.value();
  EXPECT_EQ(values["N5"], sum.visits);
  EXPECT_EQ(values["N5.headcount"], sum.headcount);
  EXPECT_EQ(values["N6"], sum.visits);
  EXPECT_EQ(figures.identity_difference(), 0);
}

// Every record of the station is the same at the hub; `states` counts them.
void ExpectSameStates(const std::string& station_dir, const StoreReader& at_hub, int* states) {
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenDatabase(station_dir, RocksOptions());
  ASSERT_TRUE(kv.ok()) << kv.status();
  StoreReader reader(kv->get());
  for (const TypeInfo& type : AllTypes()) {
    reader.ForEach(type.type(), [&](const Aggregate& aggregate) {
      std::optional<Aggregate> other = at_hub.Load(aggregate.id());
      EXPECT_TRUE(other && other->Canonical() == aggregate.Canonical()) << ToText(aggregate.id());
      ++*states;
      return true;
    });
  }
}

TEST_F(Kills, WhatWasSavedIsWholeAtTheStationAndAtTheHub) {
  const int wanted = testing_crash::FromEnvironment("LIAISON_KILLS", 200);
  absl::Time start = absl::Now();
  for (auto& village : villages_) village->StartSaving();
  while (kills_ < wanted) {
    KillOne();
    if (HasFatalFailure()) return;
  }
  for (auto& village : villages_) village->StopSaving();
  AwaitDelivery();
  if (HasFatalFailure()) return;

  Counted sum;
  for (auto& village : villages_) {
    ASSERT_NO_FATAL_FAILURE(CountVillage(village.get(), &sum));
    Check(&village->daemon());
  }
  EXPECT_GE(sum.visits, sum.saved);
  EXPECT_LE(sum.visits, sum.saved + sum.lost_answers);
  EXPECT_GT(sum.lost_answers, 0) << "no kill has met a person";
  ASSERT_NO_FATAL_FAILURE(ExpectFigures(hub_.get(), sum));
  Check(hub_.get());
  for (auto& village : villages_) village->daemon().Stop(SIGTERM);
  hub_->Stop(SIGTERM);

  absl::StatusOr<std::unique_ptr<Kv>> hub_kv = OpenDatabase(hub_dir_, RocksOptions{true});
  ASSERT_TRUE(hub_kv.ok()) << hub_kv.status();
  const StoreReader at_hub(hub_kv->get());
  int states = 0;
  for (auto& village : villages_)
    ASSERT_NO_FATAL_FAILURE(ExpectSameStates(village->dir(), at_hub, &states));
  std::printf(
      "%d kills in %lld s (%d of the hub, %d at the start), %d visits saved, %d answers lost, %d held, "
      "%d states compared\n",
      kills_, static_cast<long long>(absl::ToInt64Seconds(absl::Now() - start)), of_the_hub_, at_start_,
      sum.saved, sum.lost_answers, sum.visits, states);
}

}  // namespace
}  // namespace liaison
