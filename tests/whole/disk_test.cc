// Who has the disk: every file of a station and of the hub is searched byte by byte for what voters said.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "tests/testing/must.h"
#include "tests/whole/township.h"

namespace liaison {
namespace {

namespace fs = std::filesystem;

constexpr char kName[] = "钱月仙", kPhone[] = "13900001234", kWords[] = "水渠垮了没人修";
constexpr char kInPhoto[] = "照片里的一行字不许看见";

std::vector<std::string> FilesWith(const std::string& dir, std::string_view word) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string all((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (all.find(word) != std::string::npos) found.push_back(entry.path());
  }
  return found;
}

std::string PhotoBytes() { return Cat("\xff\xd8\xff\xe0", kInPhoto); }

// A visit with a name, a phone, words and a photo, registered at the station.
void Register(Township* town, StationNode* node) {
  const v1::SessionView session = OpenSession(town, node, "2026-11-20");
  v1::LogVisitRequest request = VisitRequest(town, session, kWords);
  request.mutable_visitor()->set_name(kName);
  request.mutable_visitor()->set_phone(kPhone);
  Must(node->reception()->LogVisit(request));
  Must(node->files()->Add(PhotoBytes()));
}

TEST(Disk, NoNamePhoneOrVotersWord) {
  Township town(20261130);
  std::unique_ptr<Site> site = town.Enrol("HK-D057", /*rocks=*/true);
  const std::string hub_dir = fs::path(site->dir).parent_path().string() + "/hub";
  Register(&town, site->node.get());
  Must(town.hub().files()->Add(PhotoBytes()));
  ASSERT_TRUE(town.Sync(site->node.get()));
  // While they run, after a start, and when what lay in the log has gone into tables.
  for (int start = 0; start < 3; ++start) {
    for (const std::string& dir : {site->dir, hub_dir})
      for (const char* word : {kName, kPhone, kWords, kInPhoto})
        EXPECT_EQ(FilesWith(dir, word), std::vector<std::string>()) << word << " after " << start << " starts";
    site->node.reset();
    site->node = town.Open(site->dir);
    town.ReopenHub([](Kv&) {});
  }
  EXPECT_EQ(Must(site->node->files()->Read(Sha256(PhotoBytes()))), PhotoBytes());

  // The same search finds them where the disk is in the clear.
  std::unique_ptr<Site> plain = town.Enrol("HK-D057");
  plain->node.reset();
  plain->node = town.Open(plain->dir, Must(OpenRocks(plain->dir + "/db", {})));
  Register(&town, plain->node.get());
  for (const char* word : {kWords, kInPhoto}) EXPECT_FALSE(FilesWith(plain->dir, word).empty()) << word;
}

TEST(Disk, NothingIsReadableByOthers) {
  const mode_t before = umask(077);  // as every program sets it
  {
    Township town(20261130);
    std::unique_ptr<Site> site = town.Enrol("HK-D057", /*rocks=*/true);
    const std::string hub_dir = fs::path(site->dir).parent_path().string() + "/hub";
    Register(&town, site->node.get());
    site->node.reset();
    for (const char* name : {"/rest.json", "/rest.key", "/db/CURRENT", "/key"})
      ASSERT_EQ(chmod((site->dir + name).c_str(), 0666), 0) << name;
    ASSERT_EQ(chmod((site->dir + "/db").c_str(), 0777), 0);
    site->node = town.Open(site->dir);  // puts them right
    int seen = 0;
    for (const std::string& dir : {site->dir, hub_dir}) {
      for (const auto& entry : fs::recursive_directory_iterator(dir)) {
        struct stat info {};
        ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 077, 0u) << entry.path();
        ++seen;
      }
    }
    EXPECT_GT(seen, 20);
  }
  umask(before);
}

}  // namespace
}  // namespace liaison
