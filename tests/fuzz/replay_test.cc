// Every file of the corpus through its target, in the ordinary build: what the fuzzer has found stays found. With
// LIAISON_REWRITE_CORPUS set the seeds are written anew.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "common/base/ports.h"
#include "common/base/text.h"
#include "tests/fuzz/corpus_maker.h"
#include "tests/fuzz/targets.h"
#include "tests/testing/places.h"

namespace liaison::testing_fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = InSource("/tests/fuzz/corpus");
constexpr size_t kMostBytes = 1 << 20;  // of the whole corpus

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
}

std::vector<fs::path> FilesOf(const Target& target) {
  std::vector<fs::path> files;
  if (!fs::exists(kCorpus / target.name)) return files;
  for (const auto& entry : fs::directory_iterator(kCorpus / target.name)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

TEST(Replay, SeedsAreWrittenOnRequest) {
  std::map<std::string, std::string> seeds = MakeSeeds();
  std::set<std::string> targets;
  for (const Target& target : AllTargets()) targets.insert(target.name);
  for (const auto& [name, bytes] : seeds) {
    EXPECT_TRUE(targets.contains(name.substr(0, name.find('/')))) << name << " is for no target";
    if (std::getenv("LIAISON_REWRITE_CORPUS") == nullptr) continue;
    fs::create_directories((kCorpus / name).parent_path());
    std::ofstream(kCorpus / name, std::ios::binary) << bytes;
  }
}

TEST(Replay, EveryTargetTakesItsCorpus) {
  size_t files = 0, bytes = 0;
  for (const Target& target : AllTargets()) {
    std::vector<fs::path> corpus = FilesOf(target);
    EXPECT_FALSE(corpus.empty()) << target.name << " has no corpus; run once with LIAISON_REWRITE_CORPUS=1";
    for (const fs::path& path : corpus) {
      std::string input = ReadFile(path);
      SetInput(path.string(), input);
      target.run(input);
      ++files;
      bytes += input.size();
    }
  }
  EXPECT_LE(bytes, kMostBytes);
  std::printf("%zu files, %zu bytes\n", files, bytes);
}

// A small fuzzer of its own, so that the ordinary build and the sanitizers see bytes that are nearly right.
TEST(Replay, EveryTargetTakesDamagedCorpus) {
  SeededRandom random(20261124);
  size_t runs = 0;
  for (const Target& target : AllTargets()) {
    bool slow = std::string_view(target.name) == "station" || std::string_view(target.name) == "hub";
    for (const fs::path& path : FilesOf(target)) {
      std::string input = ReadFile(path);
      for (int i = 0; i < (slow ? 3 : 40); ++i, ++runs) {
        std::string damaged = input;
        for (uint64_t changes = 1 + random.U64() % 3; changes > 0 && !damaged.empty(); --changes) {
          size_t at = random.U64() % damaged.size();
          switch (random.U64() % 4) {
            case 0:
              damaged.resize(at);
              break;
            case 1:
              damaged.insert(at, random.Bytes(1 + random.U64() % 4));
              break;
            case 2:
              damaged.erase(at, 1 + random.U64() % 4);
              break;
            default:
              damaged[at] = static_cast<char>(random.U64());
          }
        }
        SetInput(path.string(), damaged);
        target.run(damaged);
      }
    }
  }
  EXPECT_GT(runs, 1000u);
}

}  // namespace
}  // namespace liaison::testing_fuzz
