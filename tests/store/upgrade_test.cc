// A program that derives in another way opens a store by itself: nobody re-indexes, and the disk hardly grows.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using testing_store::TempDir;

// As a program of one version has it: a row a record, whose text names the version where `speaks` says so.
struct Titles : Projection {
  std::string_view name() const override { return "titles"; }
  char prefix() const override { return 't'; }
  void OnChange(const Aggregate*, const Aggregate& after, KvWriter& out) override {
    const Child* root = after.Find({});
    if (root == nullptr) return;
    auto field = root->fields.find({testing_store::kTitleTag, ""});
    if (field == root->fields.end() || field->second.siblings().empty()) return;
    std::string title = field->second.siblings()[0].value;
    out.Put(ProjectionPrefix('t') + ToBytes(after.id()), speaks ? "2:" + title.substr(0, 6) : title.substr(0, 6));
  }
  bool speaks = false;
};

struct Program {
  explicit Program(const std::string& dir, uint64_t version) {
    titles.speaks = version > 1;
    std::unique_ptr<Kv> kv = Must(OpenRocks(dir, {}));
    options.station = "HK-D001";
    options.random = &random;
    options.projections = {&titles};
    options.derived_version = version;
    store = Must(Store::Open(std::make_unique<CountingKv>(std::move(kv), &written), options));
  }
  std::map<std::string, std::string> Rows() const {
    std::map<std::string, std::string> rows;
    store->Snapshot()->ScanPrefix(ProjectionPrefix('t'), [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    });
    return rows;
  }

  SeededRandom random{7};
  Titles titles;
  StoreOptions options;
  std::vector<size_t> written;  // bytes, of each write
  std::unique_ptr<Store> store;
};

double Sum(const std::vector<size_t>& bytes) { return std::accumulate(bytes.begin(), bytes.end(), 0.0); }

constexpr int kRecords = 2000;

TEST(Upgrade, DerivesAnewByItselfOnceAndTheDiskHardlyGrows) {
  TempDir dir;
  double before = 0;  // what is written, not what lies there: a compaction at work holds files twice
  {
    Program first(dir.path(), 1);
    SeededRandom random(9);
    for (int i = 0; i < kRecords; ++i) {
      std::string action = random.Bytes(kActionIdBytes);
      RecordId id = RecordId::Random(testing_store::kMatterType, action, 0);
      auto build = [&](const StoreReader&) -> absl::StatusOr<Action> {
        return Action{"li", {{id, {}, {{{}, testing_store::kTitleTag, "", "水渠" + Hex(random.Bytes(400))}}}}, {}, ""};
      };
      ASSERT_TRUE(first.store->Commit(action, "request", build).ok());
    }
    EXPECT_EQ(first.Rows().size(), size_t{kRecords});
    before = Sum(first.written);
  }
  {
    Program second(dir.path(), 2);
    std::map<std::string, std::string> rows = second.Rows();
    ASSERT_EQ(rows.size(), size_t{kRecords});
    for (const auto& [key, value] : rows) EXPECT_EQ(value, "2:水渠");
    EXPECT_TRUE(second.store->Verify().ok());
    EXPECT_LE(Sum(second.written), 0.1 * before);
    EXPECT_GT(Sum(second.written), 0);
  }
  // Once: what is changed behind its back then stays for `verify` to find.
  {
    std::unique_ptr<Kv> kv = Must(OpenRocks(dir.path(), {}));
    ASSERT_TRUE(kv->Write({{ProjectionPrefix('t') + "zz", "one too many"}}, true).ok());
  }
  EXPECT_FALSE(Program(dir.path(), 2).store->Verify().ok());
  // The older program again: it reads what it derives itself.
  Program again(dir.path(), 1);
  EXPECT_EQ(again.Rows().begin()->second, "水渠");
  EXPECT_TRUE(again.store->Verify().ok());
}

}  // namespace
}  // namespace liaison
