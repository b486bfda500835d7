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
#include <vector>

namespace {

namespace fs = std::filesystem;

// Folder of common/ -> the folders of common/ that it may include.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"causal", {"base"}},
    {"record", {"base", "causal"}},
    {"crypto", {"base"}},
    {"sync", {"base", "causal"}},
    {"codec", {"base", "causal", "record", "sync", "crypto"}},
    {"store", {"base", "causal", "record", "crypto", "codec"}},
    {"casework", {"base", "causal", "record"}},
    {"http", {"base", "crypto"}},
    {"office", {"base"}},
    {"service", {"base", "causal", "record", "crypto", "codec", "store", "http", "casework"}},
    {"attachments", {"base", "causal", "record", "crypto", "codec", "store", "http", "casework", "service"}},
    {"prints", {"base", "causal", "record", "codec", "store", "casework", "office", "service"}},
    {"cli", {"base", "causal", "record", "crypto", "codec", "store", "http", "casework", "service"}},
};

// Third-party headers -> the folders that may include them, beside tests/.
const std::vector<std::pair<std::regex, std::vector<std::string>>> kOnlyIn = {
    {std::regex("rocksdb/.*"), {"common/store/"}},
    {std::regex("(openssl/.*|sodium.*)"), {"common/crypto/"}},
    {std::regex("httplib.*"), {"common/http/"}},
    {std::regex("grpc(pp)?/.*|.*\\.grpc\\.pb\\.h"), {"station/", "hub/"}},
    {std::regex("zstd.*"), {"common/codec/"}},
    {std::regex("xlsxwriter.*"), {"common/office/"}},
};

constexpr size_t kLongestHeader = 250, kLongestSource = 600;

struct SourceFile {
  std::string path;  // from the root
  std::string text;
  std::vector<std::string> lines;
};

const std::vector<SourceFile>& Sources() {
  static const std::vector<SourceFile> files = [] {
    std::vector<SourceFile> found;
    for (const char* top : {"common", "station", "hub", "tests"}) {
      for (fs::recursive_directory_iterator it(fs::path(LIAISON_SOURCE_DIR) / top), end; it != end; ++it) {
        if (it->path().filename() == "node_modules") it.disable_recursion_pending();
        std::string extension = it->path().extension().string();
        if (!it->is_regular_file() || (extension != ".h" && extension != ".cc")) continue;
        SourceFile file;
        file.path = fs::relative(it->path(), LIAISON_SOURCE_DIR).string();
        std::ifstream in(it->path());
        std::stringstream text;
        text << in.rdbuf();
        file.text = text.str();
        for (std::string line; std::getline(text, line);) file.lines.push_back(line);
        found.push_back(std::move(file));
      }
    }
    return found;
  }();
  return files;
}

std::vector<std::string> IncludesOf(const SourceFile& file) {
  static const std::regex include("\\s*#include\\s+[\"<]([^\">]+)[\">].*");
  std::vector<std::string> found;
  std::smatch match;
  for (const std::string& line : file.lines)
    if (std::regex_match(line, match, include)) found.push_back(match[1]);
  return found;
}

std::vector<std::string> Parts(const std::string& path) {
  std::vector<std::string> parts;
  std::stringstream in(path);
  for (std::string part; std::getline(in, part, '/');) parts.push_back(part);
  return parts;
}

TEST(House, HasSources) { EXPECT_GT(Sources().size(), 100u); }

TEST(House, FoldersIncludeOnlyWhatLiesBelowThem) {
  for (const SourceFile& file : Sources()) {
    std::vector<std::string> at = Parts(file.path);
    for (const std::string& target : IncludesOf(file)) {
      std::vector<std::string> to = Parts(target);
      if (at[0] == "common" && at.size() > 2) {
        EXPECT_TRUE(to[0] != "station" && to[0] != "hub" && to[0] != "tests") << file.path << " includes " << target;
        auto rule = kMayInclude.find(at[1]);
        ASSERT_TRUE(rule != kMayInclude.end()) << file.path << ": no rule for this folder";
        if (to[0] == "common" && to.size() > 2 && to[1] != at[1])
          EXPECT_TRUE(rule->second.contains(to[1])) << file.path << " includes " << target;
      }
      if (at[0] == "station") EXPECT_NE(to[0], "hub") << file.path << " includes " << target;
      if (at[0] == "hub") EXPECT_NE(to[0], "station") << file.path << " includes " << target;
    }
  }
}

TEST(House, TheCoreKnowsNoProtoNoNetworkAndNoDatabase) {
  const std::regex foreign("(grpcpp?/|rocksdb/|google/protobuf/|.*\\.pb\\.h).*");
  for (const SourceFile& file : Sources())
    for (const char* folder : {"common/base/", "common/causal/", "common/sync/"})
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

// The version that `liaison status` tells is the newest of the change log.
TEST(House, TheProgramsVersionIsTheNewestOfTheChangeLog) {
  auto first = [](const char* file, const std::regex& what) {
    std::ifstream in(fs::path(LIAISON_SOURCE_DIR) / file);
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
