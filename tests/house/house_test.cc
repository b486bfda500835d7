// The rules of the house: who may include whom, where third-party headers may stand, how long a file may be, and what
// a test may not contain. A rule that no test holds decays.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/house/sources.h"
#include "tests/testing/places.h"

using liaison::InSource;
using liaison::house::Documents;
using liaison::house::IncludesOf;
using liaison::house::SourceFile;
using liaison::house::Sources;

namespace {

namespace fs = std::filesystem;

// Third-party headers -> the folders that may include them, beside tests/.
const std::vector<std::pair<std::regex, std::vector<std::string>>> kOnlyIn = {
    {std::regex("rocksdb/.*"), {"common/store/"}},
    {std::regex("(openssl/.*|sodium.*)"), {"common/crypto/"}},
    {std::regex("httplib.*"), {"common/http/client.cc"}},
    {std::regex("event2/.*"), {"common/http/"}},
    {std::regex("grpc(pp)?/.*|.*\\.grpc\\.pb\\.h"), {"station/link/", "hub/door/"}},
    {std::regex("zstd.*"), {"common/codec/"}},
    {std::regex("systemd/.*"), {"common/daemon/"}},
    {std::regex("prometheus/.*"), {"common/daemon/"}},
    {std::regex("(xlsxwriter|expat|zip)\\.h"), {"common/sheets/"}},
    {std::regex("spdlog/.*"), {"common/base/"}},
};

constexpr size_t kLongestHeader = 250, kLongestSource = 600;

TEST(House, HasSources) { EXPECT_GT(Sources().size(), 100u); }

// The folder of a file: "common/rules/matter".
std::string RoomOf(const std::string& path) { return path.substr(0, path.rfind('/')); }

// The table of common/README.md: room -> the rooms that it stands on.
const std::map<std::string, std::set<std::string>>& Rooms() {
  static const std::map<std::string, std::set<std::string>> rooms = [] {
    auto full = [](const std::string& name) {
      const std::string top = name.substr(0, name.find('/'));
      return top == "hub" || top == "station" ? name : "common/" + name;
    };
    static const std::regex row("\\| `([a-z_/]+)/` \\|([^|]*)\\|.*"), name("`([a-z_/]+)`");
    std::map<std::string, std::set<std::string>> found;
    std::ifstream in(fs::path(InSource("")) / "common/README.md");
    std::smatch match;
    for (std::string line; std::getline(in, line);) {
      if (!std::regex_match(line, match, row)) continue;
      std::set<std::string>& below = found[full(match[1])];
      const std::string cell = match[2];
      for (std::sregex_iterator it(cell.begin(), cell.end(), name), end; it != end; ++it) below.insert(full((*it)[1]));
    }
    return found;
  }();
  return rooms;
}

// All rooms that a room stands on, and those that these stand on. With itself only where the table goes in a circle.
std::set<std::string> SeenFrom(const std::string& room) {
  std::set<std::string> seen;
  std::vector<std::string> open = {room};
  while (!open.empty()) {
    auto rule = Rooms().find(open.back());
    open.pop_back();
    if (rule == Rooms().end()) continue;
    for (const std::string& below : rule->second)
      if (seen.insert(below).second) open.push_back(below);
  }
  return seen;
}

bool IsOfTheProject(const std::string& include) {
  return include.starts_with("common/") || include.starts_with("hub/") || include.starts_with("station/");
}

TEST(House, TheRoomsOfTheTableAreTheFoldersWithSources) {
  std::set<std::string> folders;
  for (const SourceFile& file : Sources())
    if (!file.path.starts_with("tests/")) folders.insert(RoomOf(file.path));
  for (const std::string& folder : folders) EXPECT_TRUE(Rooms().contains(folder)) << folder << " is in no table";
  for (const auto& [room, below] : Rooms()) {
    EXPECT_TRUE(folders.contains(room)) << room << " has no sources";
    for (const std::string& one : below) EXPECT_TRUE(Rooms().contains(one)) << room << " stands on " << one;
    EXPECT_FALSE(SeenFrom(room).contains(room)) << room << " stands on itself";
  }
}

// Transitively: whatever reaches a file by the files that it includes is in a room that its own room stands on.
TEST(House, RoomsIncludeOnlyWhatTheyStandOn) {
  std::map<std::string, std::vector<std::string>> includes;
  for (const SourceFile& file : Sources()) includes[file.path] = IncludesOf(file);
  for (const auto& [path, direct] : includes) {
    if (path.starts_with("tests/")) continue;
    const std::string room = RoomOf(path);
    const std::set<std::string> seen = SeenFrom(room);
    std::set<std::string> reached;
    std::vector<std::string> open = direct;
    while (!open.empty()) {
      const std::string target = open.back();
      open.pop_back();
      if (!reached.insert(target).second) continue;
      EXPECT_FALSE(target.starts_with("tests/")) << path << " reaches " << target;
      if (!IsOfTheProject(target)) continue;
      EXPECT_TRUE(RoomOf(target) == room || seen.contains(RoomOf(target))) << path << " reaches " << target;
      for (const std::string& next : includes[target]) open.push_back(next);
    }
  }
}

// One target a room, which links what the table says.
TEST(House, TargetsLinkTheRoomsThatTheyStandOn) {
  auto target = [](const std::string& room) {
    std::string name = "liaison_" + (room.starts_with("common/") ? room.substr(7) : room);
    for (char& c : name)
      if (c == '/') c = '_';
    return name;
  };
  std::set<std::string> targets;
  for (const auto& [room, below] : Rooms()) targets.insert(target(room));
  const std::regex library("liaison_library\\((\\w+)([^)]*)\\)"), word("[^\\s]+");
  for (const auto& [room, below] : Rooms()) {
    std::ifstream in(fs::path(InSource("")) / room / "CMakeLists.txt");
    std::stringstream text;
    text << in.rdbuf();
    const std::string list = text.str();
    std::smatch match;
    ASSERT_TRUE(std::regex_search(list, match, library)) << room << " has no target";
    EXPECT_EQ(match[1], target(room));
    std::set<std::string> linked, wanted;
    const std::string words = match[2];
    for (std::sregex_iterator it(words.begin(), words.end(), word), end; it != end; ++it)
      if (targets.contains(it->str())) linked.insert(it->str());
    for (const std::string& one : below) wanted.insert(target(one));
    EXPECT_EQ(linked, wanted) << room;
  }
}

// What the table must never come to say.
TEST(House, TheRoomsKeepTheirDistance) {
  const std::vector<std::pair<std::string, std::string>> never = {
      {"hub/door", "hub/figures"},      {"hub/door", "hub/facts"},        {"hub/facts", "hub/figures"},
      {"hub/figures", "hub/report"},    {"hub/facts", "common/api"},      {"hub/figures", "common/api"},
      {"common/actions", "common/api"}, {"common/rows", "common/actions"}};
  for (const auto& [room, other] : never) {
    EXPECT_TRUE(Rooms().contains(room) && Rooms().contains(other)) << room << ", " << other;
    EXPECT_FALSE(SeenFrom(room).contains(other)) << room << " sees " << other;
  }
  EXPECT_EQ(SeenFrom("common/sheets"), std::set<std::string>{"common/base"});
  for (const auto& [room, below] : Rooms()) {
    const std::set<std::string> seen = SeenFrom(room);
    if (room.starts_with("common/rules/"))
      for (const char* above : {"common/rows", "common/actions", "common/api"})
        EXPECT_FALSE(seen.contains(above)) << room << " sees " << above;
    const bool common = room.starts_with("common/"), hub = room.starts_with("hub"),
               station = room.starts_with("station");
    for (const std::string& one : seen) {
      EXPECT_FALSE(one.starts_with("hub") && (common || station)) << room << " sees " << one;
      EXPECT_FALSE(one.starts_with("station") && (common || hub)) << room << " sees " << one;
    }
  }
}

TEST(House, TheCoreKnowsNoProtoNoNetworkAndNoDatabase) {
  const std::regex foreign("(grpcpp?/|rocksdb/|google/protobuf/|.*\\.pb\\.h).*");
  for (const SourceFile& file : Sources())
    for (const char* folder : {"common/base/", "common/causal/", "common/sync/", "common/sheets/", "common/paper/"})
      if (file.path.starts_with(folder))
        for (const std::string& target : IncludesOf(file))
          EXPECT_FALSE(std::regex_match(target, foreign)) << file.path << " includes " << target;
}

TEST(House, ThirdPartyHeadersStayInTheirFolders) {
  for (const SourceFile& file : Sources()) {
    if (file.path.starts_with("tests/")) continue;
    for (const std::string& target : IncludesOf(file)) {
      for (const auto& [header, folders] : kOnlyIn) {
        if (!std::regex_match(target, header)) continue;
        bool allowed = false;
        for (const std::string& folder : folders) allowed |= file.path.starts_with(folder);
        EXPECT_TRUE(allowed) << file.path << " includes " << target;
      }
    }
  }
}

// What makes a file: through base/file.h, or in one of the places whose README says how it is made durable.
TEST(House, FilesAreWrittenWhereTheyAreMadeDurable) {
  const std::regex makes("\\b(ofstream|O_CREAT|fopen|creat|mkstemp|mkostemp)\\b");
  const std::set<std::string> places = {"common/base/file.cc", "common/base/log.cc", "common/attachments/disk.cc",
                                        "common/codec/backup_file.cc", "common/store/head_mark.cc",
                                        // temporary files, which are read back at once
                                        "common/codec/bundle_file.cc", "common/sheets/sheet.cc"};
  std::set<std::string> found;
  for (const SourceFile& file : Sources()) {
    if (file.path.starts_with("tests/")) continue;
    for (const std::string& line : file.lines)
      if (std::regex_search(line, makes)) found.insert(file.path);
  }
  EXPECT_EQ(found, places);
}

TEST(House, TheOraclesShareNoCodeWithWhatTheyCheck) {
  for (const SourceFile& file : Sources()) {
    bool oracle = file.path.find("naive_model") != std::string::npos || file.path.find("oracle.") != std::string::npos;
    if (!oracle) continue;
    for (const std::string& target : IncludesOf(file)) {
      EXPECT_FALSE(target.starts_with("common/record") || target.starts_with("common/causal") ||
                   target.starts_with("hub/"))
          << file.path << " includes " << target;
    }
  }
}

TEST(House, FilesStayShort) {
  for (const SourceFile& file : Sources()) {
    if (file.path.starts_with("tests/")) continue;
    size_t limit = file.path.ends_with(".h") ? kLongestHeader : kLongestSource;
    EXPECT_LE(file.lines.size(), limit) << file.path;
  }
}

TEST(House, TestsNeitherSleepNorAreSwitchedOff) {
  // Spelled in two halves, so that this file does not name what it forbids.
  const std::vector<std::string> forbidden = {std::string("sleep") + "_for", std::string("us") + "leep",
                                              std::string("absl::Sleep") + "For", std::string("DISA") + "BLED_",
                                              std::string("GTEST_") + "SKIP"};
  for (const SourceFile& file : Sources()) {
    if (!file.path.starts_with("tests/")) continue;
    for (const std::string& word : forbidden)
      EXPECT_EQ(file.text.find(word), std::string::npos) << file.path << " has " << word;
  }
}

size_t IndentOf(const std::string& line) { return line.find_first_not_of(' '); }

// Where a StatusOr that nobody has asked, or that a test has only asked in passing, is used in the same block: lines
// from 1. To use one that is an error ends the process, and the binary's other tests are not run.
std::vector<size_t> UsedUnasked(const std::vector<std::string>& lines) {
  static const std::regex asked_in_passing("EXPECT_TRUE\\((\\w+)\\.ok\\(\\)\\)");
  static const std::regex declared("^ +(?:const )?absl::StatusOr<.*> (\\w+)(?: =|\\().*");
  std::vector<size_t> found;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    const bool begins = lines[i].find("StatusOr<") != std::string::npos && std::regex_search(lines[i], match, declared);
    if (!begins &&
        (lines[i].find(".ok()") == std::string::npos || !std::regex_search(lines[i], match, asked_in_passing)))
      continue;
    const std::string name = match[1];
    const std::regex asked("\\b" + name + "( =|\\.ok\\(\\))");
    const std::regex used("\\b" + name + "(->|\\.value\\(\\))|\\*" + name + "\\b|\\*std::move\\(" + name + "\\)");
    for (size_t j = i + 1; j < lines.size(); ++j) {
      if (IndentOf(lines[j]) == std::string::npos) continue;
      if (IndentOf(lines[j]) < IndentOf(lines[i]) || std::regex_search(lines[j], asked)) break;
      if (!std::regex_search(lines[j], used)) continue;
      found.push_back(j + 1);
      break;
    }
  }
  return found;
}

TEST(House, TestsUseNoValueThatMayNotBeThere) {
  for (const SourceFile& file : Sources()) {
    if (!file.path.starts_with("tests/")) continue;
    for (size_t line : UsedUnasked(file.lines))
      ADD_FAILURE() << file.path << ":" << line << ": ask with ASSERT_TRUE, or Must() of tests/testing/must.h";
  }
}

TEST(House, AValueThatMayNotBeThereIsSeen) {
  const std::string type = "  absl::StatusOr<Answer> answer = Ask();";
  const std::string passing = std::string("  EXPECT") + "_TRUE(answer.ok());";  // in two halves: this file is read too
  const std::string use = "  return answer->text();", end = "}";
  EXPECT_EQ(UsedUnasked({type, use, end}), std::vector<size_t>{2});
  EXPECT_EQ(UsedUnasked({type, passing, use, end}), std::vector<size_t>{3});
  EXPECT_EQ(UsedUnasked({passing, "", "  Take(*std::move(answer));", end}), std::vector<size_t>{3});
  EXPECT_EQ(UsedUnasked({passing, "  return (*answer)->text();", end}), std::vector<size_t>{2});
  EXPECT_TRUE(UsedUnasked({type, "  ASSERT_TRUE(answer.ok());", use, end}).empty());
  EXPECT_TRUE(UsedUnasked({type, passing, "  if (!answer.ok()) return {};", use, end}).empty());
  EXPECT_TRUE(UsedUnasked({type, passing, "  answer = Ask();", end}).empty());
  EXPECT_TRUE(UsedUnasked({type, passing, end, use}).empty()) << "of another block";
}

// `Suite.Name` in a document, a * standing for any end, is a test.
TEST(House, TestsThatDocumentsNameExist) {
  const std::regex test("^ *(?:TEST|TEST_F|TEST_P)\\((\\w+), (\\w+)\\)"), named("`([A-Z]\\w+\\.[A-Z*]\\w*\\*?)`");
  std::set<std::string> tests;
  std::smatch match;
  for (const SourceFile& file : Sources())
    if (file.path.starts_with("tests/"))
      for (const std::string& line : file.lines)
        if (line.find("TEST") != std::string::npos && std::regex_search(line, match, test))
          tests.insert(match[1].str() + "." + match[2].str());
  auto exists = [&](const std::string& name) {
    if (!name.ends_with('*')) return tests.contains(name);
    auto it = tests.lower_bound(name.substr(0, name.size() - 1));
    return it != tests.end() && it->starts_with(name.substr(0, name.size() - 1));
  };
  size_t seen = 0;
  for (const SourceFile& document : Documents())
    for (const std::string& line : document.lines)
      for (std::sregex_iterator it(line.begin(), line.end(), named), end; it != end; ++it, ++seen)
        EXPECT_TRUE(exists((*it)[1])) << document.path << " names " << (*it)[1];
  EXPECT_GT(seen, 50u);
}

// The version that `liaison status` tells is the newest of the change log.
TEST(House, TheProgramsVersionIsTheNewestOfTheChangeLog) {
  auto first = [](const char* file, const std::regex& what) {
    std::ifstream in(fs::path(InSource("")) / file);
    std::smatch match;
    for (std::string line; std::getline(in, line);)
      if (std::regex_search(line, match, what)) return match[1].str();
    return std::string();
  };
  std::string version = first("CMakeLists.txt", std::regex("project\\(liaison VERSION ([0-9.]+)"));
  EXPECT_NE(version, "");
  EXPECT_EQ(version, first("CHANGELOG.md", std::regex("^## ([0-9.]+)$")));
}

TEST(House, NothingIsLeftUnfinishedInTheSources) {
  const std::regex unfinished(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  for (const SourceFile& file : Sources()) {
    if (file.path.starts_with("tests/")) continue;
    for (const std::string& line : file.lines)
      EXPECT_FALSE(std::regex_search(line, unfinished)) << file.path << ": " << line;
  }
}

}  // namespace
