// W9: a hub after ten years: what it answers and how fast, what it takes in, what it weighs.
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/utilities/options_util.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "common/daemon/rest.h"
#include "common/find/find.h"
#include "common/rows/tables.h"
#include "common/store/rest_fs.h"
#include "hub/figures/figures.h"
#include "tests/bench/child.h"
#include "tests/bench/decade.h"
#include "tests/bench/decade_words.h"
#include "tests/bench/workloads.h"

namespace liaison::bench {
namespace {

namespace fs = std::filesystem;

// Runs and adds percentiles: the first one apart, since it reads what no cache holds yet. What is slow runs less often.
void Time(int runs, const std::function<void()>& run, JsonLine* line) {
  constexpr double kLongMs = 15'000;
  std::vector<double> ms;
  double end = MonotonicMs() + kLongMs;
  for (int i = 0; i <= runs && (i < 4 || MonotonicMs() < end); ++i) {
    double begin = MonotonicMs();
    run();
    ms.push_back(MonotonicMs() - begin);
  }
  line->Add("first_ms", ms.front());
  ms.erase(ms.begin());
  line->Add("runs", static_cast<double>(ms.size()));
  line->Add("p50_ms", Percentile(ms, 50)).Add("p99_ms", Percentile(ms, 99));
}

double ResidentMb() {
  std::ifstream in("/proc/self/statm");
  double pages = 0, resident = 0;
  in >> pages >> resident;
  return resident * 4096 / (1 << 20);
}

// RocksDB's own log is written in the clear, which our files refuse.
class NoLines : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// The files of the folder's database as RocksDB sees them.
std::unique_ptr<rocksdb::Env> EnvOf(const std::string& dir) {
  return rocksdb::NewCompositeEnv(EncryptedFiles(rocksdb::Env::Default()->GetFileSystem(), OrDie(OpenVault(dir))));
}

// All levels merged to the last, as a quiet night would leave them; then bytes by the store's tables.
void Compact(const std::string& dir) {
  const std::unique_ptr<rocksdb::Env> env = EnvOf(dir);
  rocksdb::ConfigOptions config;
  config.env = env.get();
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  rocksdb::Status status = rocksdb::LoadLatestOptions(config, DbPath(dir), &options, &families);
  options.env = env.get();
  options.info_log = std::make_shared<NoLines>();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  if (status.ok()) status = rocksdb::DB::Open(options, DbPath(dir), families, &handles, &opened);
  if (!status.ok()) Die(status.ToString());
  std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::CompactRangeOptions all;
  all.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  status = db->CompactRange(all, nullptr, nullptr);
  if (!status.ok()) Die(status.ToString());
  for (rocksdb::ColumnFamilyHandle* handle : handles) db->DestroyColumnFamilyHandle(handle);
  status = db->Close();
  if (!status.ok()) Die(status.ToString());
}

// Bytes of the compacted tables, and of each of the store's tables by their share.
void AddDiskBytes(const std::string& dir, double matters, JsonLine* line) {
  const std::unique_ptr<rocksdb::Env> env = EnvOf(dir);
  rocksdb::Options options;
  options.env = env.get();
  options.info_log = std::make_shared<NoLines>();
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, DbPath(dir), &opened);
  if (!status.ok()) Die(status.ToString());
  std::unique_ptr<rocksdb::DB> db(opened);
  uint64_t live = 0;
  db->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &live);
  line->Add("disk_bytes", static_cast<double>(live)).Add("disk_per_matter", static_cast<double>(live) / matters);
  for (char table : std::string("OCRAIKFHGPM")) {
    const std::string from{'\x01', table}, to{'\x01', static_cast<char>(table + 1)};
    rocksdb::Range range(from, to);
    uint64_t bytes = 0;
    rocksdb::SizeApproximationOptions sizes;
    sizes.files_size_error_margin = 0.01;
    db->GetApproximateSizes(sizes, db->DefaultColumnFamily(), &range, 1, &bytes);
    line->Add(std::string("per_matter_") + table, static_cast<double>(bytes) / matters);
  }
}

// A copy that shares the tables, which are never written to again.
void LinkDir(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  for (const auto& file : fs::recursive_directory_iterator(from)) {
    const std::string target = to + file.path().string().substr(from.size());
    if (file.is_directory()) {
      fs::create_directories(target);
    } else if (file.path().extension() == ".sst") {
      fs::create_hard_link(file.path(), target);
    } else {
      fs::create_directories(fs::path(target).parent_path());
      fs::copy_file(file.path(), target);
    }
  }
}

struct Query {
  const char* what;
  const char* text;
};
const std::vector<Query> kQueries = {
    {"a name of two characters", kCommonName},
    {"a rare name", kRareName},
    {"a text", "水渠垮了一截"},
    {"pinyin initials", "wxf"},
    {"a number", "d057-0031"},
    {"the end of a phone", "5678"},
    {"what one in twenty says", kOftenSaid},
    {"what nobody says", kNeverSaid},
    {"one character", "的"},
};

// The index by itself: how long it takes, what it weighs, what a search costs without what is shown of its hits.
size_t MeasureIndex(const Setting& setting, const std::string& dir, double matters, int runs) {
  StoreOptions options;
  options.station = kHubStation;
  options.derived_version = kDerivedVersion;  // else Open would derive all of it anew, without the hub's tables
  std::unique_ptr<Store> store = OrDie(Store::Open(OrDie(OpenDatabase(dir, RocksOptions{true})), options));
  const double before_mb = ResidentMb(), begin = MonotonicMs(), cpu = OwnCpuSeconds();
  FindIndex index(store.get());
  JsonLine line = LineOf(setting, "W9", "the index by itself");
  const double constructed = MonotonicMs() - begin;
  std::vector<double> waits;  // of questions while it is made
  while (index.building()) {
    double asked = MonotonicMs();
    index.size();
    waits.push_back(MonotonicMs() - asked);
    Pause(20);
  }
  line.Add("constructed_ms", constructed).Add("seconds", (MonotonicMs() - begin) / 1e3);
  line.Add("cpu_s", OwnCpuSeconds() - cpu).Add("entries", static_cast<double>(index.size()));
  line.Add("index_bytes_per_matter", static_cast<double>(index.bytes()) / matters);
  line.Add("resident_mb", ResidentMb() - before_mb);
  if (!waits.empty()) line.Add("lock_p99_ms", Percentile(waits, 99));
  line.Print();
  for (const Query& query : kQueries) {
    JsonLine found = LineOf(setting, "W9", Cat("index alone: ", query.what));
    Time(
        runs, [&] { index.Search(query.text, {}, 50); }, &found);
    found.Add("hits", static_cast<double>(index.Search(query.text, {}, 1'000'000'000).hits.size())).Print();
  }
  FindFilter filter;
  filter.from = Cat(kDecadeYear, "-01-01");
  filter.to = Cat(kDecadeYear, "-12-31");
  filter.stations = {"HK-D057"};
  JsonLine found = LineOf(setting, "W9", "index alone: what one in twenty says, one station and year");
  Time(
      runs, [&] { index.Search(kOftenSaid, filter, 50); }, &found);
  found.Add("hits", static_cast<double>(index.Search(kOftenSaid, filter, 1'000'000).hits.size())).Print();
  return index.size();
}

// Until a second goes by in which nothing is done: the index is made.
void AwaitRest(const std::function<double()>& cpu_seconds) {
  for (double before = -1, now = 0; now - before > 0.02; Pause(1000)) {
    before = now;
    now = cpu_seconds();
  }
}

// The program over that folder: its start, what its page asks, and what it weighs.
void MeasureProgram(const Setting& setting, const std::string& dir, size_t entries, int runs) {
  Daemon hub(setting, Daemon::Role::kHub, dir, 0);
  JsonLine start = LineOf(setting, "W9", "start");
  const double begin = MonotonicMs();
  start.Add("start_ms", hub.start_ms()).Add("started_mb", hub.child().ResidentMb());
  while (hub.Status().records() < static_cast<int64_t>(entries)) Pause(100);
  AwaitRest([&] { return hub.child().CpuSeconds(); });
  start.Add("finds_all_s", (hub.start_ms() + MonotonicMs() - begin) / 1e3 - 1);
  start.Add("hub_mb", hub.child().ResidentMb()).Add("hub_peak_mb", hub.child().PeakMb()).Print();

  auto ask = [&](const std::string& what, const std::string& method, const google::protobuf::Message& request,
                 google::protobuf::Message* response) {
    JsonLine line = LineOf(setting, "W9", what);
    Time(
        runs, [&] { hub.Call(method, request, response); }, &line);
    line.Print();
  };
  v1::ListStationsRequest stations;
  stations.set_from(Cat(kDecadeYear, "-01-01"));
  stations.set_to(Cat(kDecadeYear, "-12-31"));
  v1::ListStationsResponse station_rows;
  ask("dashboard: all stations, one year", "HubService/ListStations", stations, &station_rows);
  stations.set_from(kDecadeFirst);
  stations.set_to(kDecadeLast);
  ask("dashboard: all stations, ten years", "HubService/ListStations", stations, &station_rows);
  v1::GetStatusResponse status;
  ask("dashboard: status", "RecordService/GetStatus", v1::GetStatusRequest(), &status);
  v1::GetFiguresRequest figures;
  figures.set_from(Cat(kDecadeYear, "-01-01"));
  figures.set_to(Cat(kDecadeYear, "-12-31"));
  v1::GetFiguresResponse numbers;
  ask("all figures of a year", "HubService/GetFigures", figures, &numbers);
  figures.set_station_id("HK-D057");
  ask("all figures of a year, one station", "HubService/GetFigures", figures, &numbers);
  v1::ListMattersRequest matters;
  matters.set_from(figures.from());
  matters.set_to(figures.to());
  matters.set_limit(100);
  v1::ListMattersResponse matter_rows;
  ask("ledger: a page of a year", "HubService/ListMatters", matters, &matter_rows);
  for (const Query& query : kQueries) {
    v1::FindRequest find;
    find.set_query(query.text);
    v1::FindResponse found;
    ask(Cat("find ", query.what), "RecordService/Find", find, &found);
  }
  JsonLine rest = LineOf(setting, "W9", "after all that");
  rest.Add("hub_mb", hub.child().ResidentMb()).Add("hub_peak_mb", hub.child().PeakMb()).Print();
  hub.Stop();
}

void MeasureCompute(const Setting& setting, HubNode* hub, int runs) {
  RosterCache cache(hub->store());
  std::shared_ptr<const Roster> roster = cache.Get();
  FigureQuery query;
  query.from = Cat(kDecadeYear, "-01-01");
  query.to = Cat(kDecadeYear, "-12-31");
  JsonLine line = LineOf(setting, "W9", "Compute by itself: a year, every visitor a person");
  Time(
      runs, [&] { OrDie(Compute(*hub->store()->Snapshot(), *roster, query)); }, &line);
  line.Print();
  JsonLine counters = LineOf(setting, "W9", "CountersByStation by itself: a year");
  Time(
      runs, [&] { OrDie(CountersByStation(*hub->store()->Snapshot(), *ParseDay(query.from), *ParseDay(query.to))); },
      &counters);
  counters.Print();
}

std::unique_ptr<HubNode> OpenHub(const std::string& dir) {
  HubNode::Options options;
  options.dir = dir;
  options.sync_address = "";
  return OrDie(HubNode::Open(std::move(options)));
}

// The same batches, in turns, into an empty hub and into this one.
void MeasureIngest(const Setting& setting, const std::string& dir, size_t entries, int matters, int runs) {
  const std::string full_dir = Cat(setting.work, "/w9-full");
  LinkDir(dir, full_dir);
  std::unique_ptr<HubNode> full = OpenHub(full_dir);
  while (OrDie(full->records()->GetStatus({})).records() < static_cast<int64_t>(entries)) Pause(100);
  AwaitRest([] { return OwnCpuSeconds(); });
  MeasureCompute(setting, full.get(), runs);
  std::unique_ptr<HubNode> empty = MakeHub(setting, FreshDir(setting, "w9-empty"), 96);
  std::vector<std::vector<sync::Range>> for_empty = LaterVisits(setting, empty.get()).Make(matters);
  std::vector<std::vector<sync::Range>> for_full = LaterVisits(setting, full.get()).Make(matters);
  double empty_ms = 0, full_ms = 0, empty_cpu = 0, full_cpu = 0;
  auto apply = [](HubNode* hub, const std::vector<sync::Range>& batch, double* ms, double* cpu) {
    double begin = MonotonicMs(), cpu_begin = OwnCpuSeconds();
    for (const sync::Ack& ack : OrDie(hub->store()->ApplyRanges(batch)))
      if (ack.gap || !ack.verdicts.empty()) Die("a range was refused");
    *ms += MonotonicMs() - begin;
    *cpu += OwnCpuSeconds() - cpu_begin;
  };
  for (size_t i = 0; i < for_full.size(); ++i) {
    apply(empty.get(), for_empty[i], &empty_ms, &empty_cpu);
    apply(full.get(), for_full[i], &full_ms, &full_cpu);
  }
  JsonLine line = LineOf(setting, "W9", "more matters, beside an empty hub");
  line.Add("records", matters).Add("ms", full_ms).Add("records_per_s", matters / full_ms * 1e3);
  line.Add("empty_records_per_s", matters / empty_ms * 1e3).Add("slower", full_ms / empty_ms);
  line.Add("cpu_us", full_cpu * 1e6 / matters).Add("empty_cpu_us", empty_cpu * 1e6 / matters).Print();
  full.reset();
  empty.reset();
  fs::remove_all(full_dir);
}

}  // namespace

void TenYears(const Setting& setting) {
  const int matters = setting.number_or(1'000'000), runs = std::min(100, std::max(3, matters / 1000));
  const std::string name = Cat("w9-", matters, "-", setting.seed), dir = Cat(setting.work, "/", name);
  if (!fs::exists(dir + "/filled")) {
    FreshDir(setting, name);
    DecadeCounts counts = FillDecade(setting, dir, matters);
    JsonLine line = LineOf(setting, "W9", "fill");
    line.Add("records", counts.matters).Add("visits", counts.visits).Add("visitors", counts.visitors);
    line.Add("sessions", counts.sessions).Add("station_ops", counts.station_ops);
    line.Add("township_ops", counts.township_ops).Add("seconds", counts.seconds).Print();
    fs::create_directory(dir + "/filled");
  }
  if (!fs::exists(dir + "/compacted")) {
    Compact(dir);
    fs::create_directory(dir + "/compacted");
  }
  JsonLine disk = LineOf(setting, "W9", "disk");
  AddDiskBytes(dir, matters, &disk);
  disk.Print();
  const size_t entries = MeasureIndex(setting, dir, matters, runs);
  MeasureProgram(setting, dir, entries, runs);
  MeasureIngest(setting, dir, entries, std::min(20'000, matters), runs);
}

}  // namespace liaison::bench
