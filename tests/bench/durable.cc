// W8: what a save costs at a station, and what the station's program weighs.
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/http/client.h"
#include "tests/bench/save.h"
#include "tests/bench/workloads.h"

namespace liaison::bench {

void DurableSave(const Setting& setting) {
  for (int run = 0; run < setting.runs; ++run) {
    std::string hub_dir = FreshDir(setting, "w8-hub"), station_dir = FreshDir(setting, "w8-station");
    {
      std::unique_ptr<HubNode> hub = MakeHub(setting, hub_dir, 1);
      EnrolStation(station_dir, "HK-D001", hub.get(), setting.seed);
    }
    JsonLine line = LineOf(setting, "W8", "durable save of one visit");
    {
      std::vector<size_t> sizes;
      std::unique_ptr<StationNode> node = OpenCounted(station_dir, &sizes);
      MeasureCommits(setting, node.get(), &sizes, &line);
    }
    // The program with these records, delivered, its page open and its link up.
    Daemon hub(setting, Daemon::Role::kHub, hub_dir, 0);
    Daemon station(setting, Daemon::Role::kStation, station_dir, hub.sync_port());
    station.AwaitDelivered(600'000, 50);
    v1::ListVisitsRequest request;
    request.set_limit(100);
    v1::ListVisitsResponse visits;
    station.Call("StationService/ListVisits", request, &visits);
    v1::FindRequest find;
    find.set_query("水渠");
    v1::FindResponse found;
    station.Call("RecordService/Find", find, &found);
    line.Add("station_mb", station.child().ResidentMb()).Add("station_peak_mb", station.child().PeakMb());
    station.Stop();
    Daemon again(setting, Daemon::Role::kStation, station_dir, hub.sync_port());
    line.Add("start_ms", again.start_ms()).Add("started_mb", again.child().ResidentMb());
    line.Print();
    again.Stop();
    hub.Stop();
  }
}

}  // namespace liaison::bench
