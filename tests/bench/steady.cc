// W3, W4: a station that is in step, on an open link and on one that was closed.
#include <algorithm>

#include "common/base/text.h"
#include "tests/bench/entry_clerk.h"
#include "tests/bench/workloads.h"

namespace liaison::bench {
namespace {

constexpr int kTimeoutMs = 600'000;

// The officer at the running station's page.
class Page {
 public:
  Page(Daemon* station, const Town& town, uint64_t seed) : station_(station), random_(seed) {
    next_ = town.records.begin();
    end_ = town.records.end();
    v1::OpenSessionRequest request;
    request.set_date_meant(true);  // some days lie years back
    request.set_action_id(ActionId());
    request.mutable_session()->set_date("2026-11-20");
    request.mutable_session()->add_deputies()->set_deputy_id(next_->deputy_ids.front());
    v1::OpenSessionResponse response;
    station_->Call("StationService/OpenSession", request, &response);
    session_id_ = response.session().id();
  }
  void NewRecord() {
    if (next_ == end_) Die("no records are left");
    v1::LogVisitResponse response;
    station_->Call("StationService/LogVisit", VisitOf(*next_++, session_id_, ActionId()), &response);
    matter_ = response.visit().matters(0);
  }
  // Changes the remark of the last record's matter.
  void EditField() {
    v1::GetRecordRequest get;
    get.set_id(matter_.id());
    v1::GetRecordResponse record;
    station_->Call("RecordService/GetRecord", get, &record);
    v1::ChangeRecordRequest request;
    request.set_action_id(ActionId());
    request.set_id(matter_.id());
    request.set_token(record.record().token());
    request.set_fields(Cat("{\"remark\":\"已电话回访,群众知道进度了(", ++edits_, ")\"}"));
    v1::ChangeRecordResponse response;
    station_->Call("RecordService/ChangeRecord", request, &response);
  }

 private:
  std::string ActionId() { return Hex(random_.Bytes(kActionIdBytes)); }

  Daemon* station_;
  SeededRandom random_;
  std::string session_id_;
  std::vector<Record>::const_iterator next_, end_;
  v1::MatterView matter_;
  int edits_ = 0;
};

// A town whose records are all delivered, over a link of these options, and fresh records for the page.
struct InStep {
  const Setting& setting;
  Town town;
  std::unique_ptr<OneStation> rig;

  InStep(const Setting& s, const std::string& name) : setting(s), town(s, name, s.number_or(5000)) {
    town.CopyForRun();
    OneStation fill(setting, town, {});
    fill.Go();
    JsonLine ignored;
    fill.Finish(kTimeoutMs, 500, &ignored);
    fill.Stop();
    town.records = MakeRecords(ReadDeputies(setting.roster()), "HK-D001", setting.seed + 1, 200);
  }
  // New processes over the same folders.
  void Open(const std::vector<std::string>& options) {
    if (rig != nullptr) rig->Stop();
    rig = std::make_unique<OneStation>(setting, town, options);
    rig->Go();
    rig->station->AwaitDelivered(kTimeoutMs);
    rig->link->AwaitQuiet(2000);
  }
};

void AddDifference(const LinkStats& stats, double ms, JsonLine* line) {
  line->Add("ms", ms).Add("up", stats.up).Add("down", stats.down).Add("bytes", stats.bytes());
  line->Add("turns", stats.turns).Add("connections", stats.connections);
}

// What one step of the officer costs on a link that is open and quiet.
template <typename Step>
void OnOpenLink(InStep* at, const std::string& variant, Step step) {
  LinkStats before = at->rig->link->Stats();
  double begin = WallMs();
  step();
  at->rig->station->AwaitDelivered(kTimeoutMs, 5);
  double ms = static_cast<double>(at->rig->station->Status().last_receipt_ms()) - begin;
  LinkStats stats = at->rig->link->AwaitQuiet(1500) - before;
  JsonLine line = LineOf(at->setting, "W3", Cat(variant, ", open link"));
  AddDifference(stats, ms, &line);
  line.Print();
}

// The same while the link is down; counted from when the station finds it up again.
template <typename Step>
void OnClosedLink(InStep* at, const std::string& workload, const std::string& variant, Step step) {
  at->rig->link->Down();
  step();
  at->rig->link->Up();
  at->rig->station->AwaitDelivered(kTimeoutMs, 5);
  LinkStats stats = at->rig->link->AwaitQuiet(2500);
  double ms = stats.last_ms() - stats.first_ms;
  JsonLine line = LineOf(at->setting, workload, Cat(variant, ", closed link"));
  AddDifference(stats, ms, &line);
  LinkStats bare = at->rig->link->Handshake(at->setting, at->town.run_station);
  line.Add("handshake_up", bare.up).Add("handshake_down", bare.down).Add("handshake_turns", bare.turns);
  line.Print();
}

struct Speed {
  const char* name;
  std::vector<std::string> options;
};
std::vector<Speed> Speeds(const Setting& setting) {
  std::vector<Speed> speeds{{"fast", {}}};
  if (!setting.fast_only) speeds.push_back({"64k/600ms", ThinLinkOptions()});
  return speeds;
}

}  // namespace

void OneRecord(const Setting& setting) {
  InStep at(setting, "w3");
  for (const Speed& speed : Speeds(setting)) {
    at.Open(speed.options);
    Page page(at.rig->station.get(), at.town, SystemRandom()->U64());
    at.rig->station->AwaitDelivered(kTimeoutMs);
    at.rig->link->AwaitQuiet(2000);
    page.NewRecord();  // the run's own actor begins with it: not the usual case
    at.rig->station->AwaitDelivered(kTimeoutMs);
    at.rig->link->AwaitQuiet(2000);
    for (int run = 0; run < setting.runs; ++run) {
      OnOpenLink(&at, Cat("one new record, ", speed.name), [&] { page.NewRecord(); });
      OnOpenLink(&at, Cat("one field edited, ", speed.name), [&] { page.EditField(); });
      OnClosedLink(&at, "W3", Cat("one new record, ", speed.name), [&] { page.NewRecord(); });
    }
  }
  at.rig->Stop();
}

void NothingToDo(const Setting& setting) {
  InStep at(setting, "w4");
  for (const Speed& speed : Speeds(setting)) {
    at.Open(speed.options);
    for (int run = 0; run < setting.runs; ++run) OnClosedLink(&at, "W4", Cat("nothing to do, ", speed.name), [] {});
  }
  LinkStats before = at.rig->link->Stats();
  double begin = WallMs();
  Pause(setting.idle_ms);
  LinkStats stats = at.rig->link->Stats() - before;
  JsonLine line = LineOf(setting, "W4", Cat("idle for ", setting.idle_ms / 1000, " s, open link"));
  AddDifference(stats, WallMs() - begin, &line);
  line.Print();
  at.rig->Stop();
}

}  // namespace liaison::bench
