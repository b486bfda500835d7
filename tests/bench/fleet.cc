// W2, W10: many stations at once. They live in one process of their own, each with its own database and uplink, so that
// a machine of two cores measures the hub and not the start of a thousand programs.
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <iostream>

#include "common/base/text.h"
#include "station/link/uplink.h"
#include "tests/bench/entry_clerk.h"
#include "tests/bench/workloads.h"

namespace liaison::bench {
namespace {

constexpr int kTimeoutMs = 600'000;

struct Member {
  std::unique_ptr<StationNode> node;
  std::unique_ptr<HubChannels> channels;  // none: clear text
  std::unique_ptr<Uplink> uplink;
  double first_ms = 0, done_ms = 0;
};

std::unique_ptr<Uplink> StartUplink(const Member& member, int hub_port) {
  UplinkOptions options;
  options.hub_address = Cat("127.0.0.1:", hub_port);
  options.channels = member.channels.get();
  options.retry_delay_ms_max = 2'000;
  return OrDie(Uplink::Start(options, member.node->port(), member.node->sink()));
}

// Folders FOLDER/s1 … sN with `each` records, and the hub's FOLDER/hub.
void MakeFleet(const Setting& setting, const std::string& folder, int stations, int each) {
  std::unique_ptr<HubNode> hub = MakeHub(setting, folder + "/hub", stations);
  std::vector<std::string> ids = PointIds(stations);
  std::vector<DeputyName> deputies = ReadDeputies(setting.roster());
  for (size_t i = 0; i < ids.size(); ++i) {
    std::string dir = Cat(folder, "/s", i + 1);
    EnrolStation(dir, ids[i], hub.get(), setting.seed + i);
    std::unique_ptr<StationNode> node = OpenOffline(dir);
    OrDie(EntryClerk(node.get(), setting.seed + i).EnterAll(MakeRecords(deputies, ids[i], setting.seed, each)));
  }
}

struct FleetResult {
  std::string line;  // of the fleet
  LinkStats link;
  double hub_cpu = 0, hub_peak_mb = 0, fleet_cpu = 0;
  int matters = 0;
};

// One arrival of all stations at a hub that holds nothing of them. `only_connect`: they have nothing to say.
FleetResult RunFleet(const Setting& setting, const std::string& folder, int stations, bool only_connect) {
  Daemon hub(setting, Daemon::Role::kHub, folder + "/hub", 0);
  LinkSim link(setting, hub.sync_port(), {});
  std::vector<std::string> words{setting.bin + "/liaison_bench", "fleet", folder, std::to_string(link.port()),
                                 std::to_string(stations)};
  if (only_connect) words.push_back("connect");
  if (setting.trust) words.push_back("trust");
  Child fleet(words);
  if (std::string line = fleet.ReadLine(kTimeoutMs); line != "ready") Die(line);
  hub.child().ResetPeak();
  double hub_cpu = hub.child().CpuSeconds(), fleet_cpu = fleet.CpuSeconds();
  fleet.Write("go");
  FleetResult result;
  result.line = fleet.ReadLine(kTimeoutMs);
  result.hub_cpu = hub.child().CpuSeconds() - hub_cpu;
  result.fleet_cpu = fleet.CpuSeconds() - fleet_cpu;
  result.hub_peak_mb = hub.child().PeakMb();
  result.link = link.Stats();
  v1::ListMattersRequest request;
  request.set_limit(1);
  v1::ListMattersResponse response;
  hub.Call("HubService/ListMatters", request, &response);
  result.matters = response.total();
  fleet.Write("end");
  fleet.Stop(0);
  hub.Stop();
  return result;
}

void AddFleet(const FleetResult& result, JsonLine* line) {
  for (const char* name : {"first_ack_p50_ms", "first_ack_max_ms", "done_p50_ms", "done_max_ms"})
    line->Add(name, NumberIn(result.line, name));
  line->Add("up", result.link.up).Add("down", result.link.down).Add("bytes", result.link.bytes());
  line->Add("connections", result.link.connections).Add("hub_cpu_s", result.hub_cpu);
  line->Add("fleet_cpu_s", result.fleet_cpu).Add("hub_peak_mb", result.hub_peak_mb);
}

}  // namespace

int PlayFleet(const std::string& folder, int hub_port, int stations, const std::set<std::string>& modes) {
  const bool only_connect = modes.contains("connect");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<Member> fleet(static_cast<size_t>(stations));
  for (size_t i = 0; i < fleet.size(); ++i) {
    std::string dir = Cat(folder, "/s", i + 1);
    fleet[i].node = OpenOffline(dir);
    if (modes.contains("trust")) fleet[i].channels = ChannelsOf(dir);
  }
  std::cout << "ready" << std::endl;
  std::string word;
  std::getline(std::cin, word);
  if (word != "go") return 1;
  double go_ms = WallMs();
  for (Member& member : fleet) member.uplink = StartUplink(member, hub_port);
  size_t done = 0;
  for (; done < fleet.size(); Pause(1)) {
    double now = WallMs();
    if (now - go_ms > kTimeoutMs) Die(Cat(done, " of ", stations, " stations are done"));
    for (Member& member : fleet) {
      if (member.done_ms > 0) continue;
      UplinkState state = member.uplink->state();
      if (member.first_ms == 0 && state.last_receipt_ms > 0) member.first_ms = now - go_ms;
      bool over = only_connect ? state.synced : state.last_receipt_ms > 0 && state.pending_ops == 0;
      if (!over) continue;
      member.done_ms = now - go_ms;
      ++done;
    }
  }
  std::vector<double> first, last;
  for (const Member& member : fleet) {
    first.push_back(member.first_ms);
    last.push_back(member.done_ms);
  }
  JsonLine line;
  line.Add("first_ack_p50_ms", Percentile(first, 50)).Add("first_ack_max_ms", Percentile(first, 100));
  line.Add("done_p50_ms", Percentile(last, 50)).Add("done_max_ms", Percentile(last, 100)).Print();
  std::getline(std::cin, word);
  for (Member& member : fleet) member.uplink.reset();
  return 0;
}

void AllAtOnce(const Setting& setting) {
  const int stations = setting.stations > 0 ? setting.stations : 96;
  const int each = setting.number_or(200);
  std::string made = FreshDir(setting, "w2"), run_dir = setting.work + "/w2-run";
  MakeFleet(setting, made, stations, each);
  for (int run = 0; run < setting.runs; ++run) {
    CopyDir(made, run_dir);
    FleetResult result = RunFleet(setting, run_dir, stations, false);
    double n = static_cast<double>(stations) * each;
    if (result.matters != static_cast<int>(n)) Die(Cat("the hub has ", result.matters, " matters"));
    JsonLine line = LineOf(setting, "W2", Cat(stations, " x ", each));
    line.Add("records", n).Add("ms", NumberIn(result.line, "done_max_ms"));
    AddFleet(result, &line);
    line.Add("records_per_s", n / NumberIn(result.line, "done_max_ms") * 1e3).Print();
  }
}

void ManyStations(const Setting& setting) {
  const int total = setting.number_or(9600);
  const std::vector<int> all =
      setting.stations > 0 ? std::vector<int>{setting.stations} : std::vector<int>{10, 96, 1000};
  for (int stations : all) {
    const int each = std::max(1, total / stations);
    std::string dir = FreshDir(setting, "w10");
    MakeFleet(setting, dir, stations, each);
    FleetResult sync = RunFleet(setting, dir, stations, false);
    FleetResult connect = RunFleet(setting, dir, stations, true);  // the same stations again: all is there already
    double n = static_cast<double>(stations) * each;
    JsonLine line = LineOf(setting, "W10", Cat(stations, " stations"));
    line.Add("records", n).Add("ms", NumberIn(sync.line, "done_max_ms"));
    AddFleet(sync, &line);
    line.Add("connect_hub_cpu_s", connect.hub_cpu);
    line.Add("connect_us_per_station", connect.hub_cpu / stations * 1e6);
    line.Add("hub_us_per_record", (sync.hub_cpu - connect.hub_cpu) / n * 1e6).Print();
  }
}

}  // namespace liaison::bench
