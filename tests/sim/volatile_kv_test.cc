// The disk of the simulation: what it may lose, and what it may not.
#include "tests/testing/volatile_kv.h"

#include <gtest/gtest.h>

#include <iterator>
#include <map>

#include "common/base/ports.h"

namespace liaison {
namespace {

std::map<std::string, std::string> All(const PersistentMap& map) {
  std::map<std::string, std::string> all;
  map.Scan("", "", [&](std::string_view key, std::string_view value) {
    EXPECT_TRUE(all.emplace(key, value).second);
    return true;
  });
  return all;
}

TEST(PersistentMap, DoesWhatAMapDoesAndItsCopiesDoNotChange) {
  SeededRandom random(1);
  PersistentMap map;
  std::map<std::string, std::string> model;
  std::vector<std::pair<PersistentMap, std::map<std::string, std::string>>> copies;
  for (int i = 0; i < 4000; ++i) {
    std::string key = "k" + std::to_string(random.U64() % 300);
    if (random.U64() % 3 == 0) {
      map.Erase(key);
      model.erase(key);
    } else {
      map.Put(key, std::to_string(i));
      model[key] = std::to_string(i);
    }
    if (i % 100 == 0) copies.emplace_back(map, model);
    std::string last_key, last_value;
    auto bound = model.lower_bound(key);
    bool before = bound != model.begin();
    ASSERT_EQ(map.Last("", key, &last_key, &last_value), before);
    if (before) ASSERT_EQ(last_key, std::prev(bound)->first);
    const std::string* value = map.Get(key);
    ASSERT_EQ(value != nullptr, model.contains(key));
  }
  EXPECT_EQ(All(map), model);
  for (const auto& [copy, then] : copies) EXPECT_EQ(All(copy), then);
}

TEST(VolatileKv, LosesASuffixOfWhatWasNotSyncedAndNothingElse) {
  VolatileDisk disk;
  std::unique_ptr<Kv> kv = disk.Open();
  ASSERT_TRUE(kv->Write({{"a", "1"}}, false).ok());
  ASSERT_TRUE(kv->Write({{"b", "1"}}, true).ok());  // what was written before it is durable with it
  ASSERT_TRUE(kv->Write({{"c", "1"}}, false).ok());
  ASSERT_TRUE(kv->Write({{"a", std::nullopt}, {"d", "1"}}, false).ok());
  EXPECT_EQ(disk.unsynced(), 2u);
  std::unique_ptr<KvReader> snapshot = kv->Snapshot();
  disk.LosePower(1);
  EXPECT_EQ(kv->Get("a"), "1");
  EXPECT_EQ(kv->Get("c"), "1");
  EXPECT_EQ(kv->Get("d"), std::nullopt);
  EXPECT_EQ(disk.unsynced(), 0u);
  EXPECT_EQ(snapshot->Get("d"), "1");
}

TEST(VolatileKv, WritesNothingAfterAnErrorUntilItIsOpenedAgain) {
  VolatileDisk disk;
  std::unique_ptr<Kv> kv = disk.Open();
  disk.SetFull(true);
  EXPECT_TRUE(absl::IsResourceExhausted(kv->Write({{"a", "1"}}, true)));
  disk.SetFull(false);
  EXPECT_TRUE(absl::IsDataLoss(kv->Write({{"a", "1"}}, true)));
  EXPECT_EQ(kv->Get("a"), std::nullopt);
  kv = disk.Open();
  EXPECT_TRUE(kv->Write({{"a", "1"}}, true).ok());
}

TEST(VolatileKv, DiesInFrontOfAWriteOrBehindIt) {
  for (auto death : {VolatileDisk::Death::kBefore, VolatileDisk::Death::kAfter}) {
    VolatileDisk disk;
    std::unique_ptr<Kv> kv = disk.Open();
    disk.DieAtNextWrite(death);
    EXPECT_FALSE(kv->Write({{"a", "1"}}, true).ok());
    EXPECT_TRUE(disk.dead());
    EXPECT_EQ(disk.durable().Get("a") != nullptr, death == VolatileDisk::Death::kAfter);
  }
}

}  // namespace
}  // namespace liaison
