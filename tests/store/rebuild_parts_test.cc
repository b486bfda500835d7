// Tables that are made anew part by part: wherever the process ends, they come out as if it had not.
#include <gtest/gtest.h>

#include "tests/store/fixture.h"
#include "tests/testing/must.h"

namespace liaison {
namespace {

using testing_store::kContentTag;
using testing_store::kTitleTag;
using testing_store::Node;

constexpr int kMatters = 2100;  // three parts

// A process that ends at its n-th write: in front of it, or behind it but before it knows.
class DyingKv : public ForwardingKv {
 public:
  struct Life {
    size_t writes = 0;         // so far
    size_t dies_at = SIZE_MAX;  // the number of the write
    bool after = false;
  };
  DyingKv(std::shared_ptr<Kv> kv, Life* life) : ForwardingKv(std::move(kv)), life_(life) {}
  absl::Status Write(const KvChanges& changes, bool sync) override {
    const bool dies = life_->writes++ >= life_->dies_at;
    if (dies && (!life_->after || life_->writes > life_->dies_at + 1)) return absl::DataLossError("the process ended");
    absl::Status written = ForwardingKv::Write(changes, sync);
    return dies ? absl::DataLossError("the process ended") : written;
  }

 private:
  Life* life_;
};

using Pairs = std::map<std::string, std::string>;

std::shared_ptr<Kv> DiskOf(const Pairs& pairs) {
  std::shared_ptr<Kv> disk = NewMemoryKv();
  KvChanges changes;
  for (const auto& [key, value] : pairs) changes[key] = value;
  EXPECT_TRUE(disk->Write(changes, true).ok());
  return disk;
}

Pairs Dump(const Kv& kv, std::string_view prefix = "") {
  Pairs pairs;
  kv.ScanPrefix(prefix, [&](std::string_view key, std::string_view value) {
    pairs.emplace(key, value);
    return true;
  });
  return pairs;
}

class RebuildParts : public testing::Test {
 protected:
  RebuildParts() : node_("HK-D057", 1) {
    for (int i = 0; i < kMatters; ++i) {
      RecordId id = node_.NewMatter("HK-D057", Cat("事项", i % 11));  // counted over all parts
      if (i % 10 == 0) node_.Set(id, kContentTag, "内容");
    }
    node_.Open();  // an open has something of its own to note once
    node_.store.reset();
    whole_ = Dump(*node_.db);
  }

  absl::Status OpenAs(uint64_t version, const std::shared_ptr<Kv>& disk, DyingKv::Life* life) {
    StoreOptions options = node_.Options();
    options.derived_version = version;
    return Store::Open(std::make_unique<DyingKv>(disk, life), options).status();
  }
  // What a disk holds after a program of that version has opened it and nothing went wrong.
  Pairs Opened(uint64_t version, const std::shared_ptr<Kv>& disk, size_t* writes = nullptr) {
    DyingKv::Life life;
    absl::Status status = OpenAs(version, disk, &life);
    EXPECT_TRUE(status.ok()) << status;
    if (writes != nullptr) *writes = life.writes;
    return Dump(*disk);
  }
  // Kills the program at each of its writes, and lets others open what is left. Returns how many writes there are.
  size_t KillEverywhere(const Pairs& before) {
    size_t all = 0;
    const Pairs as_new = Opened(2, DiskOf(before), &all), as_old = whole_;
    for (size_t at = 0; at < all; ++at) {
      for (bool after : {false, true}) {
        const std::shared_ptr<Kv> disk = DiskOf(before);
        DyingKv::Life life{0, at, after};
        EXPECT_FALSE(OpenAs(2, disk, &life).ok());
        const Pairs left = Dump(*disk);
        EXPECT_EQ(Opened(2, DiskOf(left)), as_new) << "write " << at << after;
        if (left == before) continue;
        EXPECT_EQ(Opened(1, DiskOf(left)), as_old) << "write " << at << after;
        if (left != as_new) {
          EXPECT_EQ(left.at(key::Meta("derived")), "0") << at << after;
        }
      }
    }
    return all;
  }

  Node node_;
  Pairs whole_;  // as version 1 leaves it
};

TEST_F(RebuildParts, EndedAtAnyWriteItGoesOnAndComesOutTheSame) {
  EXPECT_GE(KillEverywhere(whole_), 6u);
  Pairs expected = whole_;
  expected[key::Meta("derived")] = "2";
  EXPECT_EQ(Opened(2, DiskOf(whole_)), expected);
}

TEST_F(RebuildParts, StatesThatAreLostOrDamagedComeFromTheLog) {
  Pairs damaged = whole_;
  int i = 0;
  for (const auto& [key, value] : whole_) {
    if (!key.starts_with(key::kAggregate)) continue;
    if (++i % 3 == 0) damaged.erase(key);
    if (i % 3 == 1) damaged[key] = "damaged";
  }
  damaged[ProjectionPrefix('r') + "zz"] = "one too many";
  damaged[key::Aggregate(RecordId::Random(testing_store::kMatterType, "ghost\x01\x02\x03\x04\x05", 0))] = "x";
  EXPECT_GE(KillEverywhere(damaged), 8u);
  Pairs expected = whole_;
  expected[key::Meta("derived")] = "2";
  EXPECT_EQ(Opened(2, DiskOf(damaged)), expected);
}

// What was made is not made again: the second process has only the rest to do.
TEST_F(RebuildParts, GoesOnFromTheCursor) {
  size_t all = 0, rest = 0;
  Opened(2, DiskOf(whole_), &all);
  const std::shared_ptr<Kv> disk = DiskOf(whole_);
  DyingKv::Life life{0, all - 1, false};  // all parts are made, the mark is missing
  ASSERT_FALSE(OpenAs(2, disk, &life).ok());
  Opened(2, disk, &rest);
  EXPECT_EQ(rest, 1u);
}

// A newer program finds what one before it has left: the rows are not its own.
TEST_F(RebuildParts, AnotherVersionBeginsAnew) {
  size_t all = 0, again = 0;
  Opened(2, DiskOf(whole_), &all);
  const std::shared_ptr<Kv> disk = DiskOf(whole_);
  DyingKv::Life life{0, all - 1, false};
  ASSERT_FALSE(OpenAs(2, disk, &life).ok());
  Pairs expected = whole_;
  expected[key::Meta("derived")] = "3";
  EXPECT_EQ(Opened(3, disk, &again), expected);
  EXPECT_EQ(again, all);
}

// As programs without parts do it: they drop all that is derived, the cursor with it.
TEST_F(RebuildParts, TheCursorIsAmongWhatOlderProgramsDrop) {
  EXPECT_TRUE(key::Remaking().starts_with(key::kProjection));
  EXPECT_LT(key::Remaking(), ProjectionPrefix('\x01'));
}

TEST_F(RebuildParts, ADamagedOpChangesNothing) {
  Pairs damaged = whole_;
  for (auto& [key, value] : damaged)
    if (key.starts_with(key::kOp)) {
      value = "damaged";
      break;
    }
  const std::shared_ptr<Kv> disk = DiskOf(damaged);
  DyingKv::Life life;
  EXPECT_EQ(OpenAs(2, disk, &life).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Dump(*disk), damaged);
}

}  // namespace
}  // namespace liaison
