// liaison_bench: the workloads over real daemons and simulated links; see README.md.
//
//   liaison_bench W1 [W2 …] [--records N] [--runs R] [--seed S] [--idle-s T] [--stations M] [--fast] [--trust]
//                 [--work DIR]                                                   a JSON line for each run
//   liaison_bench records [--records N] [--stations M] [--seed S]                the records as JSON, one a line
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>

#include "common/base/text.h"
#include "tests/bench/workloads.h"
#include "tests/testing/places.h"

namespace liaison::bench {
namespace {

const std::map<std::string, std::function<void(const Setting&)>> kWorkloads = {
    {"W1", FirstSync}, {"W2", AllAtOnce},   {"W3", OneRecord}, {"W4", NothingToDo},   {"W5", ThinLink},
    {"W6", CutLink},   {"W8", DurableSave}, {"W9", TenYears},  {"W10", ManyStations}, {"W11", BigRecord},
    {"W12", InParts},
};

int PrintRecords(const Setting& setting, int stations) {
  std::vector<DeputyName> deputies = ReadDeputies(setting.roster());
  for (const std::string& station : PointIds(stations)) {
    std::string text = ToNdjson(MakeRecords(deputies, station, setting.seed, setting.number_or(10)));
    fwrite(text.data(), 1, text.size(), stdout);
  }
  return 0;
}

int Usage() {
  fprintf(
      stderr,
      "liaison_bench WORKLOAD… | records   [--records N] [--runs R] [--seed S] [--idle-s T] [--stations M] [--fast] "
      "[--trust] [--work DIR]\n");
  return 2;
}

int Main(int argc, char** argv) {
  Setting setting;
  setting.work = InBuild("/bench-work");
  setting.bin = InBuild("/bin");
  setting.source = InSource("");
  std::vector<std::string> words;
  if (argc > 4 && std::string(argv[1]) == "fleet")
    return PlayFleet(argv[2], std::atoi(argv[3]), std::atoi(argv[4]), {argv + 5, argv + argc});
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (!word.starts_with("--")) {
      words.push_back(word);
      continue;
    }
    if (word == "--fast" || word == "--trust") {
      (word == "--fast" ? setting.fast_only : setting.trust) = true;
      continue;
    }
    if (++i == argc) return Usage();
    if (word == "--records") {
      setting.records = std::atoi(argv[i]);
    } else if (word == "--runs") {
      setting.runs = std::atoi(argv[i]);
    } else if (word == "--seed") {
      setting.seed = std::strtoull(argv[i], nullptr, 10);
    } else if (word == "--stations") {
      setting.stations = std::atoi(argv[i]);
    } else if (word == "--idle-s") {
      setting.idle_ms = std::atoi(argv[i]) * 1000;
    } else if (word == "--work") {
      setting.work = argv[i];
    } else {
      return Usage();
    }
  }
  if (words.empty()) return Usage();
  if (words[0] == "records") return PrintRecords(setting, std::max(1, setting.stations));
  for (const std::string& word : words)
    if (!kWorkloads.contains(word)) return Usage();
  for (const std::string& word : words) kWorkloads.at(word)(setting);
  return 0;
}

}  // namespace
}  // namespace liaison::bench

int main(int argc, char** argv) { return liaison::bench::Main(argc, argv); }
