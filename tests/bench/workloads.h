// The workloads. Each prints one JSON line a run; what they measure stands in README.md.
#ifndef LIAISON_TESTS_BENCH_WORKLOADS_H_
#define LIAISON_TESTS_BENCH_WORKLOADS_H_

#include <set>

#include "tests/bench/rig.h"

namespace liaison::bench {

void FirstSync(const Setting& setting);     // W1
void AllAtOnce(const Setting& setting);     // W2
void OneRecord(const Setting& setting);     // W3
void NothingToDo(const Setting& setting);   // W4
void ThinLink(const Setting& setting);      // W5
void CutLink(const Setting& setting);       // W6
void DurableSave(const Setting& setting);   // W8
void TenYears(const Setting& setting);      // W9
void ManyStations(const Setting& setting);  // W10
void BigRecord(const Setting& setting);     // W11
void InParts(const Setting& setting);       // W12

// Plays many stations in one process: `node FOLDER/s1 … sN`. Reads "go" and "end" on standard input. Prints "ready",
// and when all is delivered a JSON line. `modes`: "connect": they have nothing to say; "trust": under TLS.
int PlayFleet(const std::string& folder, int hub_port, int stations, const std::set<std::string>& modes);

// ---------------------------------------------------------------- shared by several

// A hub folder and one station folder with records written offline, made once and copied for each run.
struct Town {
  std::string hub, station;  // templates
  std::vector<Record> records;
  std::string run_hub, run_station;

  Town(const Setting& setting, const std::string& name, int records);
  void CopyForRun();
};

// The limits that a set of records has by itself: bytes through zstd at both levels, plus 10 bytes a record.
void AddBounds(const std::vector<Record>& records, JsonLine* line);

// Hub, link and station as processes. The station's connection waits in the link until Go().
struct OneStation {
  std::unique_ptr<Daemon> hub, station;
  std::unique_ptr<LinkSim> link;
  double go_ms = 0, hub_cpu = 0, station_cpu = 0;

  OneStation(const Setting& setting, const Town& town, std::vector<std::string> link_options);
  void Go();
  // Waits until all is delivered and the link is quiet; then adds time, bytes, turns, processor and memory since Go().
  // `ms` counts to the hub's last receipt.
  LinkStats Finish(int timeout_ms, int quiet_ms, JsonLine* line);
  void Stop();
};

// 64 kbit/s and 600 ms.
std::vector<std::string> ThinLinkOptions();

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_WORKLOADS_H_
