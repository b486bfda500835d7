// W1, W5, W6: one station delivers what it wrote offline.
#include <algorithm>

#include "common/base/text.h"
#include "tests/bench/entry_clerk.h"
#include "tests/bench/workloads.h"

namespace liaison::bench {
namespace {

constexpr char kStation[] = "HK-D001";
constexpr int kHour = 3'600'000;

void CheckArrived(OneStation* rig, size_t records) {
  v1::ListMattersRequest request;
  request.set_limit(1);
  v1::ListMattersResponse response;
  rig->hub->Call("HubService/ListMatters", request, &response);
  if (response.total() != static_cast<int>(records)) Die(Cat("the hub has ", response.total(), " matters"));
}

}  // namespace

Town::Town(const Setting& setting, const std::string& name, int count) {
  hub = FreshDir(setting, name + "-hub");
  station = FreshDir(setting, name + "-station");
  run_hub = setting.work + "/" + name + "-run-hub";
  run_station = setting.work + "/" + name + "-run-station";
  records = MakeRecords(ReadDeputies(setting.roster()), kStation, setting.seed, count);
  std::unique_ptr<HubNode> node = MakeHub(setting, hub, 1);
  EnrolStation(station, kStation, node.get(), setting.seed);
  std::unique_ptr<StationNode> writer = OpenOffline(station);
  OrDie(EntryClerk(writer.get(), setting.seed).EnterAll(records));
}

void Town::CopyForRun() {
  CopyDir(hub, run_hub);
  CopyDir(station, run_station);
}

void AddBounds(const std::vector<Record>& records, JsonLine* line) {
  std::string text = ToNdjson(records);
  double identity = 10.0 * static_cast<double>(records.size());
  line->Add("json_bytes", static_cast<double>(text.size()));
  line->Add("bound_3", static_cast<double>(ZstdSize(text, 3)) + identity);
  line->Add("bound_19", static_cast<double>(ZstdSize(text, 19)) + identity);
}

OneStation::OneStation(const Setting& setting, const Town& town, std::vector<std::string> link_options) {
  hub = std::make_unique<Daemon>(setting, Daemon::Role::kHub, town.run_hub, 0);
  link_options.push_back("--hold");
  link = std::make_unique<LinkSim>(setting, hub->sync_port(), link_options);
  station = std::make_unique<Daemon>(setting, Daemon::Role::kStation, town.run_station, link->port());
}

void OneStation::Go() {
  hub->child().ResetPeak();
  station->child().ResetPeak();
  hub_cpu = hub->child().CpuSeconds();
  station_cpu = station->child().CpuSeconds();
  go_ms = WallMs();
  link->Go();
}

LinkStats OneStation::Finish(int timeout_ms, int quiet_ms, JsonLine* line) {
  bool delivered = station->AwaitDelivered(timeout_ms, 250);
  double ms = static_cast<double>(station->Status().last_receipt_ms()) - go_ms;
  LinkStats stats = link->AwaitQuiet(quiet_ms);
  line->Add("delivered", delivered ? 1 : 0).Add("ms", delivered ? ms : WallMs() - go_ms);
  line->Add("up", stats.up).Add("down", stats.down).Add("bytes", stats.bytes()).Add("turns", stats.turns);
  line->Add("hub_cpu_s", hub->child().CpuSeconds() - hub_cpu);
  line->Add("station_cpu_s", station->child().CpuSeconds() - station_cpu);
  line->Add("hub_peak_mb", hub->child().PeakMb()).Add("station_peak_mb", station->child().PeakMb());
  return stats;
}

void OneStation::Stop() {
  station->Stop();
  hub->Stop();
}

std::vector<std::string> ThinLinkOptions() { return {"--rate-kbit", "64", "--rtt-ms", "600"}; }

void FirstSync(const Setting& setting) {
  Town town(setting, "w1", setting.number_or(5000));
  double n = static_cast<double>(town.records.size());
  for (int run = 0; run < setting.runs; ++run) {
    town.CopyForRun();
    OneStation rig(setting, town, {});
    JsonLine line = LineOf(setting, "W1", "first sync");
    line.Add("records", n);
    rig.Go();
    double begin_ms = rig.go_ms;
    rig.Finish(kHour, 500, &line);
    CheckArrived(&rig, town.records.size());
    double ms = static_cast<double>(rig.station->Status().last_receipt_ms()) - begin_ms;
    line.Add("records_per_s", n / ms * 1e3);
    rig.Stop();
    if (run == 0) {
      std::vector<std::pair<std::string, std::string>> pairs = NewPairs(town.hub, town.run_hub);
      double seconds = BareIngestSeconds(setting, pairs, std::max(1, static_cast<int>(n) / 128));
      double bytes = 0;
      for (const auto& [key, value] : pairs) bytes += static_cast<double>(key.size() + value.size());
      line.Add("hub_pairs", static_cast<double>(pairs.size())).Add("hub_pair_bytes", bytes);
      line.Add("bare_records_per_s", n / seconds);
    }
    AddBounds(town.records, &line);
    line.Print();
  }
}

void ThinLink(const Setting& setting) {
  Town town(setting, "w5", setting.number_or(1000));
  double n = static_cast<double>(town.records.size());
  for (int run = 0; run < std::min(setting.runs, 1); ++run) {
    town.CopyForRun();
    OneStation rig(setting, town, ThinLinkOptions());
    JsonLine line = LineOf(setting, "W5", "64 kbit/s, 600 ms");
    line.Add("records", n);
    rig.Go();
    LinkStats stats = rig.Finish(kHour, 3000, &line);
    CheckArrived(&rig, town.records.size());
    line.Add("bytes_over_rate_ms", std::max(stats.up, stats.down) / 8000 * 1e3);
    AddBounds(town.records, &line);
    line.Print();
    rig.Stop();
  }
}

void CutLink(const Setting& setting) {
  Town town(setting, "w6", setting.number_or(1000));
  double n = static_cast<double>(town.records.size());
  for (int cut_kb : {0, 64, 16}) {
    town.CopyForRun();
    std::vector<std::string> options = ThinLinkOptions();
    if (cut_kb > 0) {
      std::vector<std::string> cuts{"--cut-link", std::to_string(cut_kb << 10), "--down-ms", "500"};
      options.insert(options.end(), cuts.begin(), cuts.end());
    }
    OneStation rig(setting, town, options);
    JsonLine line = LineOf(setting, "W6", cut_kb == 0 ? "uncut" : Cat("cut every ", cut_kb, " KB"));
    line.Add("records", n);
    rig.Go();
    LinkStats stats = rig.Finish(900'000, 5000, &line);
    line.Add("cuts", stats.cuts).Add("connections", stats.connections).Add("dropped", stats.dropped);
    line.Print();
    rig.Stop();
  }
}

}  // namespace liaison::bench
