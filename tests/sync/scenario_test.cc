// The conversations of tests/scenarios, one test a file.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "gtest/gtest.h"
#include "tests/testing/places.h"
#include "tests/testing/sync_script.h"

namespace liaison::fake {
namespace {

std::filesystem::path Folder() { return std::filesystem::path(InSource("")) / "tests/scenarios"; }

std::vector<std::string> Files() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(Folder()))
    if (entry.path().extension() == ".txt") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

// The file with each output replaced by what the commands say now. A command may stand without an output so far.
std::string Play(const std::string& written) {
  std::vector<std::string> lines;
  std::istringstream in(written);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  SyncScript script;
  std::string out;
  for (size_t i = 0; i < lines.size(); ++i) {
    out += lines[i] + "\n";
    if (lines[i].empty() || lines[i][0] == '#') continue;
    out += "----\n" + script.Run(lines[i]) + "\n";
    if (i + 1 < lines.size() && lines[i + 1] == "----")
      for (++i; i < lines.size() && !lines[i].empty();) ++i;
  }
  if (out.ends_with("\n\n")) out.pop_back();
  return out;
}

class Scenario : public testing::TestWithParam<std::string> {};

TEST_P(Scenario, RunsAsWritten) {
  std::filesystem::path path = Folder() / (GetParam() + ".txt");
  std::ifstream file(path);
  std::string written((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::string now = Play(written);
  if (std::getenv("LIAISON_REWRITE") != nullptr) {
    std::ofstream(path) << now;
  } else {
    EXPECT_EQ(now, written) << "run with LIAISON_REWRITE=1 and look at the diff of " << path;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, testing::ValuesIn(Files()), [](const auto& info) { return info.param; });

}  // namespace
}  // namespace liaison::fake
