// bench_store: the two paths of the store that all figures hang on, without network and processes, to be profiled.
//
//   bench_store [--records N] [--seed S] [--work DIR] [--range-bytes B] [--batch-bytes B] [--only commit|apply]
//
// commit: N visits through Store::Commit at a station, each one durable before the next, beside bare synced puts of the
// same bytes. read: Store::ReadRange over what came out. apply: the same ranges through Store::ApplyRanges at a hub
// with its projections, interests and checks of signatures, in batches as the hub's queue makes them, beside a bare
// ingestion of the pairs that the hub has then.
#include <algorithm>
#include <cstdlib>

#include "common/base/text.h"
#include "common/daemon/daemon.h"
#include "tests/bench/rig.h"
#include "tests/bench/save.h"
#include "tests/testing/places.h"

namespace liaison::bench {
namespace {

struct Options {
  Setting setting;
  size_t range_bytes = 32 << 10, batch_bytes = 1 << 20;
  bool commit = true, apply = true;
};

std::vector<sync::Range> ReadAll(const Options& options, StationNode* node) {
  std::vector<sync::Range> ranges;
  double begin = MonotonicMs(), cpu = OwnCpuSeconds(), bytes = 0, ops = 0;
  for (const Store::OwnLog& log : node->store()->OwnLogs()) {
    for (uint64_t next = 1; next <= log.last_seq;) {
      ranges.push_back(OrDie(node->store()->ReadRange(log.actor, next, options.range_bytes)));
      next += ranges.back().ops.size();
      ops += static_cast<double>(ranges.back().ops.size());
      for (const std::string& op : ranges.back().ops) bytes += static_cast<double>(op.size());
    }
  }
  JsonLine line;
  line.Add("bench", "read").Add("ops", ops).Add("ranges", static_cast<double>(ranges.size())).Add("op_bytes", bytes);
  line.Add("seconds", (MonotonicMs() - begin) / 1e3).Add("cpu_s", OwnCpuSeconds() - cpu).Print();
  return ranges;
}

void Applies(const Options& options, HubNode* hub, std::vector<sync::Range> ranges) {
  double n = options.setting.number_or(5000);
  std::vector<std::vector<sync::Range>> batches(1);
  size_t bytes = 0;
  for (sync::Range& range : ranges) {
    if (bytes >= options.batch_bytes) {
      batches.emplace_back();
      bytes = 0;
    }
    for (const std::string& op : range.ops) bytes += op.size();
    batches.back().push_back(std::move(range));
  }
  double begin = MonotonicMs(), cpu = OwnCpuSeconds();
  for (const std::vector<sync::Range>& batch : batches) {
    std::vector<sync::Ack> acks = OrDie(hub->store()->ApplyRanges(batch));
    for (const sync::Ack& ack : acks)
      if (ack.gap || !ack.verdicts.empty()) Die("a range was refused");
  }
  double seconds = (MonotonicMs() - begin) / 1e3;
  JsonLine line;
  line.Add("bench", "apply").Add("records", n).Add("batches", static_cast<double>(batches.size()));
  line.Add("seconds", seconds).Add("cpu_s", OwnCpuSeconds() - cpu).Add("us_per_record", seconds / n * 1e6);
  line.Add("records_per_s", n / seconds).Print();
}

void Main(const Options& options) {
  const Setting& setting = options.setting;
  std::string hub_dir = FreshDir(setting, "hub"), station_dir = FreshDir(setting, "station");
  std::vector<size_t> sizes;
  std::unique_ptr<HubNode> hub = MakeHub(setting, hub_dir, 1);
  EnrolStation(station_dir, "HK-D001", hub.get(), setting.seed);
  std::vector<sync::Range> ranges;
  {
    std::unique_ptr<StationNode> node = OpenCounted(station_dir, &sizes);
    JsonLine line;
    line.Add("bench", "commit");
    MeasureCommits(setting, node.get(), &sizes, &line);
    line.Print();
    ranges = ReadAll(options, node.get());
  }
  if (!options.apply) return;
  hub.reset();
  std::string before = setting.work + "/hub-before";
  CopyDir(hub_dir, before);
  hub = MakeHub(setting, hub_dir, 1);
  size_t batches = std::max<size_t>(1, ranges.size() * options.range_bytes / options.batch_bytes);
  Applies(options, hub.get(), std::move(ranges));
  hub.reset();
  std::vector<std::pair<std::string, std::string>> pairs = NewPairs(before, hub_dir);
  double bytes = 0;
  for (const auto& [key, value] : pairs) bytes += static_cast<double>(key.size() + value.size());
  double seconds = BareIngestSeconds(setting, pairs, static_cast<int>(batches));
  double n = setting.number_or(5000);
  JsonLine line;
  line.Add("bench", "bare").Add("pairs", static_cast<double>(pairs.size())).Add("bytes", bytes);
  line.Add("batches", static_cast<double>(batches)).Add("seconds", seconds).Add("us_per_record", seconds / n * 1e6);
  line.Add("records_per_s", n / seconds).Print();
}

Options Parse(int argc, char** argv) {
  Options options;
  options.setting.work = InBuild("/bench-store");
  options.setting.bin = InBuild("/bin");
  options.setting.source = InSource("");
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string name = argv[i], value = argv[i + 1];
    if (name == "--records") options.setting.records = std::atoi(value.c_str());
    if (name == "--seed") options.setting.seed = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "--work") options.setting.work = value;
    if (name == "--range-bytes") options.range_bytes = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "--batch-bytes") options.batch_bytes = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "--only") options.apply = value != "commit";
  }
  return options;
}

}  // namespace
}  // namespace liaison::bench

int main(int argc, char** argv) {
  liaison::bench::Main(liaison::bench::Parse(argc, argv));
  return 0;
}
