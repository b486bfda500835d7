// W12: what checking and making anew costs at a hub that grows: seconds, and memory beyond what the open store holds.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "common/attachments/file_index.h"
#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/rest.h"
#include "common/rows/tables.h"
#include "common/rows/work.h"
#include "hub/facts/facts.h"
#include "tests/bench/decade.h"
#include "tests/bench/workloads.h"

namespace liaison::bench {
namespace {

double StatusMb(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name + ":")) return std::strtod(line.c_str() + name.size() + 1, nullptr) / 1024;
  return 0;
}

// The peak begins anew with what is resident now.
void ResetPeak() { std::ofstream("/proc/self/clear_refs") << "5"; }

// As hub_node.cc opens it, as far as derived tables go.
struct HubTables {
  HubTables() {
    options.station = kHubStation;
    options.projections = {&tables, &files, &work, &facts, &counters};
    options.derived_version = kDerivedVersion;
  }
  TablesProjection tables;
  FilesProjection files;
  WorkProjection work;
  FactsProjection facts;
  CountersProjection counters;
  StoreOptions options;
};

template <typename Run>
void Measure(const Setting& setting, const std::string& what, int matters, const Run& run) {
  ResetPeak();
  const double before_mb = StatusMb("VmRSS"), begin = MonotonicMs(), cpu = OwnCpuSeconds();
  run();
  JsonLine line = LineOf(setting, "W12", what);
  line.Add("records", matters).Add("seconds", (MonotonicMs() - begin) / 1e3).Add("cpu_s", OwnCpuSeconds() - cpu);
  line.Add("resident_before_mb", before_mb).Add("grown_peak_mb", StatusMb("VmHWM") - before_mb).Print();
}

}  // namespace

void InParts(const Setting& setting) {
  const int matters = setting.number_or(50'000);
  const std::string name = Cat("w9-", matters, "-", setting.seed), dir = Cat(setting.work, "/", name);
  if (!std::filesystem::exists(dir + "/filled")) {  // the hub of W9
    FreshDir(setting, name);
    FillDecade(setting, dir, matters);
    std::filesystem::create_directory(dir + "/filled");
  }
  HubTables hub;
  std::unique_ptr<Store> store = OrDie(Store::Open(OrDie(OpenDatabase(dir, RocksOptions{true})), hub.options));
  // The first one fills the caches of the database, 64 MB at a hub: what the second grows by is its own.
  for (const char* what : {"verify, caches cold", "verify"})
    Measure(setting, what, matters, [&] {
      if (!store->Verify().ok()) Die("the hub is not as its ops say");
    });
  for (const char* what : {"rebuild, buffers cold", "rebuild"})
    Measure(setting, what, matters, [&] {
      if (absl::Status status = store->Rebuild(); !status.ok()) Die(std::string(status.message()));
    });
  if (!store->Verify().ok()) Die("what was made anew is not as the ops say");
}

}  // namespace liaison::bench
