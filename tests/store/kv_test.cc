// The database port: the overlay against a plain map, and both databases against each other.
#include "common/store/kv.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/store/fixture.h"

namespace liaison {
namespace {

using testing_store::TempDir;
using Map = std::map<std::string, std::string>;

// Short keys of few letters, 0xff among them, so that ranges, prefixes and neighbours are hit often.
std::string RandomKey(SeededRandom* random) {
  const char letters[] = {'a', 'b', 'c', '\x00', '\xff'};
  std::string key;
  for (size_t n = 1 + random->U64() % 3; key.size() < n;) key.push_back(letters[random->U64() % 5]);
  return key;
}

Map ScanAll(const KvReader& kv, std::string_view from, std::string_view to, size_t limit) {
  Map seen;
  std::string last;
  kv.Scan(from, to, [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(seen.empty() || last < key) << "not ascending";
    last = std::string(key);
    seen.emplace(key, value);
    return seen.size() < limit;
  });
  return seen;
}

Map Slice(const Map& map, const std::string& from, const std::string& to, size_t limit) {
  Map slice;
  for (const auto& [key, value] : map)
    if (key >= from && (to.empty() || key < to) && slice.size() < limit) slice.emplace(key, value);
  return slice;
}

void ExpectSame(const KvReader& kv, const Map& model, SeededRandom* random) {
  for (int i = 0; i < 20; ++i) {
    std::string from = random->U64() % 5 == 0 ? "" : RandomKey(random),
                to = random->U64() % 5 == 0 ? "" : RandomKey(random);
    size_t limit = random->U64() % 3 == 0 ? 1 + random->U64() % 4 : 1000;
    ASSERT_EQ(ScanAll(kv, from, to, limit), Slice(model, from, to, limit)) << Hex(from) << " to " << Hex(to);
    Map slice = Slice(model, from, to, 1000);
    std::optional<std::pair<std::string, std::string>> last;
    if (!slice.empty()) last.emplace(*slice.rbegin());
    ASSERT_EQ(kv.Last(from, to), last) << Hex(from) << " to " << Hex(to);
    auto it = model.find(from);
    if (!from.empty()) {
      ASSERT_EQ(kv.Get(from), it == model.end() ? std::nullopt : std::optional(it->second));
    }
    Map prefixed, expected;
    kv.ScanPrefix(from,
                  [&](std::string_view key, std::string_view value) { return prefixed.emplace(key, value).second; });
    for (const auto& [key, value] : model)
      if (key.starts_with(from)) expected.emplace(key, value);
    ASSERT_EQ(prefixed, expected) << Hex(from);
  }
}

TEST(KvWriter, AnswersLikeAMapOfItsOwn) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SeededRandom random(seed);
    std::unique_ptr<Kv> base = NewMemoryKv();
    Map model;
    KvChanges changes;
    for (int i = 0; i < 12; ++i) {
      std::string key = RandomKey(&random);
      changes[key] = model[key] = std::to_string(i);
    }
    ASSERT_TRUE(base->Write(changes, true).ok());
    KvWriter writer(base.get());
    for (int i = 0; i < 15; ++i) {
      std::string key = RandomKey(&random);
      if (random.U64() % 2) {
        writer.Put(key, "new");
        model[key] = "new";
      } else {
        writer.Delete(key);
        model.erase(key);
      }
      ExpectSame(writer, model, &random);
      if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed;
    }
    ASSERT_TRUE(base->Write(writer.changes(), true).ok());
    ExpectSame(*base, model, &random);
  }
}

TEST(Kv, RocksAndMemoryGiveTheSameAnswers) {
  TempDir dir;
  auto rocks = OpenRocks(dir.path(), {});
  ASSERT_TRUE(rocks.ok()) << rocks.status();
  std::unique_ptr<Kv> memory = NewMemoryKv();
  SeededRandom random(99);
  Map model;
  for (int round = 0; round < 60; ++round) {
    KvChanges changes;
    for (int i = 0; i < 6; ++i) {
      std::string key = RandomKey(&random);
      if (random.U64() % 3) {
        changes[key] = std::to_string(round);
      } else {
        changes[key] = std::nullopt;
      }
    }
    Map before = model;
    std::unique_ptr<KvReader> old_rocks = (*rocks)->Snapshot(), old_memory = memory->Snapshot();
    for (const auto& [key, value] : changes) {
      if (value) {
        model[key] = *value;
      } else {
        model.erase(key);
      }
    }
    ASSERT_TRUE((*rocks)->Write(changes, false).ok());
    ASSERT_TRUE(memory->Write(changes, false).ok());
    for (const KvReader* kv : {static_cast<const KvReader*>(rocks->get()), static_cast<const KvReader*>(memory.get())})
      ExpectSame(*kv, model, &random);
    for (const KvReader* kv : {old_rocks.get(), old_memory.get()}) ExpectSame(*kv, before, &random);
  }
}

TEST(Kv, SecondOpenOfAFolderIsRefusedAsBusy) {
  TempDir dir;
  auto first = OpenRocks(dir.path(), {});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(OpenRocks(dir.path(), {}).status().code(), absl::StatusCode::kUnavailable);
  first->reset();
  EXPECT_TRUE(OpenRocks(dir.path(), {}).ok());
}

// RocksDB's message about a damaged table speaks of a "block", which must not be taken for a lock.
TEST(Kv, DamagedFolderIsDataLoss) {
  for (const char* kind : {"MANIFEST", ".sst"}) {
    TempDir dir;
    {
      auto kv = OpenRocks(dir.path(), {});
      ASSERT_TRUE(kv.ok());
      ASSERT_TRUE((*kv)->Write({{"key", "value"}}, true).ok());
    }
    { ASSERT_TRUE(OpenRocks(dir.path(), {}).ok()); }  // moves the log into a table
    size_t damaged = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
      if (entry.path().filename().string().find(kind) == std::string::npos) continue;
      // The middle of the manifest; of a table all that stands before its footer.
      size_t size = entry.file_size(), from = kind[0] == '.' ? 0 : size / 2, to = kind[0] == '.' ? size - 53 : size;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(from));
      file << std::string(to - from, '\x5a');
      ++damaged;
    }
    ASSERT_GT(damaged, 0u) << kind;
    absl::Status status = OpenRocks(dir.path(), {}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << kind << ": " << status;
  }
}

TEST(Kv, PrefixEndIsTheSmallestKeyAboveAllWithThePrefix) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

}  // namespace
}  // namespace liaison
