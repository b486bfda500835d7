// The power goes at any moment, and with it what was not synced: what was acknowledged is whole, all else is whole or
// absent, and the disk goes on.
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>
#include <cstdio>

#include "common/store/head_mark.h"
#include "common/store/rocks_env.h"
#include "tests/crash/disk.h"
#include "tests/store/fixture.h"

namespace liaison::testing_crash {
namespace {

using testing_store::TempDir;

struct Image {
  std::string dir;
  Cut cut;
  uint64_t change;
  size_t acknowledged;  // so many of the life's actions were
};

Cut RandomCut(SeededRandom* random) {
  Cut cut;
  cut.tail = static_cast<Tail>(random->U64() % 5);
  cut.names = static_cast<double>(random->U64() % 3) / 2;
  cut.seed = random->U64();
  return cut;
}

std::string Describe(const Image& image) {
  return Cat("before change ", image.change, ", tail ", static_cast<int>(image.cut.tail), ", names ",
             static_cast<int>(2 * image.cut.names), " of 2, seed ", image.cut.seed, ", ", image.acknowledged,
             " acknowledged");
}

// Takes an image before about one in `every` changes.
class Photographer {
 public:
  Photographer(std::string dir, std::string images, PowerFs* fs, SeededRandom* random, uint64_t every)
      : dir_(std::move(dir)), to_(std::move(images)), fs_(fs), random_(random), every_(every) {
    fs->BeforeEachChange([this](uint64_t change) { Take(change); });
  }
  // The mark of a cut is the newest one, or the one that was synced last.
  void NoteSyncedMark() { synced_mark_ = ReadFile(HeadMark::PathIn(dir_)); }

  std::atomic<size_t> acknowledged = 0;
  std::vector<Image> images;
  uint64_t changes = 0;

 private:
  void Take(uint64_t change) {
    changes = change + 1;
    if (random_->U64() % every_ != 0) return;
    Image image{Cat(to_, "/", images.size()), RandomCut(random_), change, acknowledged};
    std::string mark = ReadFile(HeadMark::PathIn(dir_));
    if (image.cut.tail != Tail::kKept && random_->U64() % 2 == 0) mark = synced_mark_;
    MakeFolder(image.dir);
    fs_->TakeImage(image.dir, image.cut);
    WriteFile(HeadMark::PathIn(image.dir), mark);
    images.push_back(std::move(image));
  }

  const std::string dir_, to_;
  PowerFs* const fs_;
  SeededRandom* const random_;  // used in the database's threads only while it is armed, one at a time
  const uint64_t every_;
  std::string synced_mark_;
};

// Lives follow each other on what the cut before has left; in each, every second change is a moment for a cut, from the
// recovery at its start to its last write.
void LiveThroughCuts() {
  const int lives = FromEnvironment("LIAISON_CRASH_LIVES", 8);
  SeededRandom random(20261124);
  TempDir home;
  std::string dir = home.path() + "/0";
  std::set<std::string> old;  // acknowledged in lives before, and so on every image
  size_t images = 0, unacknowledged = 0, lost = 0, by_tail[5] = {};
  uint64_t changes = 0;
  for (int life = 0; life < lives; ++life) {
    SCOPED_TRACE(Cat("life ", life));
    std::string album = Cat(home.path(), "/images-", life);
    MakeFolder(album);
    SeededRandom moments(random.U64()), names(random.U64());
    std::vector<std::string> actions;
    std::unique_ptr<Photographer> photographer;
    {
      Life now(dir, &names, [&](PowerFs* fs) {
        photographer = std::make_unique<Photographer>(dir, album, fs, &moments, 2);
        photographer->NoteSyncedMark();
      });
      ASSERT_TRUE(now.opened().ok()) << now.opened();
      photographer->NoteSyncedMark();
      for (int i = 0; i < 25; ++i) {
        actions.push_back(names.Bytes(kActionIdBytes));
        // Now and then so much that a table is written.
        absl::Status acted = Act(now.store(), actions.back(), names.U64() % 6 == 0 ? 200'000 : 500);
        ASSERT_TRUE(acted.ok()) << acted;
        photographer->acknowledged = actions.size();
      }
    }
    changes += photographer->changes;
    ASSERT_GT(photographer->images.size(), 20u);
    for (const Image& image : photographer->images) {
      SCOPED_TRACE(Describe(image));
      Found found = Inspect(image.dir);
      ASSERT_TRUE(found.status.ok()) << found.status;
      ASSERT_EQ(found.problem, "");
      for (const std::string& action : old) ASSERT_TRUE(found.actions.contains(action)) << "of an earlier life";
      size_t held = 0;
      for (size_t i = 0; i < actions.size(); ++i) {
        bool there = found.actions.contains(actions[i]);
        held += there ? 1 : 0;
        if (i < image.acknowledged) ASSERT_TRUE(there) << "action " << i << " was acknowledged";
        if (there) ASSERT_EQ(held, i + 1) << "it stands behind a gap";
      }
      ++images;
      ++by_tail[static_cast<int>(image.cut.tail)];
      unacknowledged += held > image.acknowledged ? 1 : 0;
      lost += held == image.acknowledged ? 1 : 0;
    }
    // One of them is the next life's disk.
    const Image& next = photographer->images[random.U64() % photographer->images.size()];
    absl::Status goes_on = GoesOn(next.dir, &names);
    ASSERT_TRUE(goes_on.ok()) << Describe(next) << ": " << goes_on;
    old = Inspect(next.dir).actions;
    RemoveFolder(dir);
    dir = Cat(home.path(), "/", life + 1);
    CopyFolder(next.dir, dir);
    RemoveFolder(album);
  }
  for (size_t n : by_tail) EXPECT_GT(n, 0u);
  // Both sides of the moment of durability were hit.
  EXPECT_GT(unacknowledged, 0u);
  EXPECT_GT(lost, 0u);
  std::printf("%d lives, %llu changes, %zu power cuts, %zu of them between durable and acknowledged\n", lives,
              static_cast<unsigned long long>(changes), images, unacknowledged);
}

TEST(PowerCut, AtAnyChangeLosesNothingThatWasAcknowledged) { LiveThroughCuts(); }

// A log whose beginning was never synced is no log, and nothing else is torn that anybody reads.
TEST(PowerCut, OfAnEncryptedDatabaseLosesNothingEither) {
  const EncryptedDisks encrypted;
  LiveThroughCuts();
}

// What the hub has acknowledged to a station is on the hub's disk.
TEST(PowerCut, AtTheHubLosesNoRangeThatHasAReceipt) {
  using testing_store::Node;
  SeededRandom random(7), moments(8);
  TempDir home;
  std::string dir = home.path() + "/hub", album = home.path() + "/images";
  MakeFolder(album);
  auto fs = std::make_shared<PowerFs>(dir);
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
  absl::StatusOr<std::unique_ptr<Kv>> kv = OpenRocksOn(env.get(), dir, RocksOptions{true});
  ASSERT_TRUE(kv.ok()) << kv.status();
  Node station(kStation, 1);
  std::vector<sync::Tip> receipts;
  std::unique_ptr<Photographer> photographer;
  {
    Node hub(Node::kHub, 2, std::shared_ptr<Kv>(*std::move(kv)));
    photographer = std::make_unique<Photographer>(dir, album, fs.get(), &moments, 2);
    photographer->NoteSyncedMark();
    for (int round = 0; round < 40; ++round) {
      for (uint64_t i = random.U64() % 4; i < 4; ++i) station.NewMatter(kStation, Cat("第", round, "件"));
      testing_store::PushUp(&station, &hub, 400);
      receipts.push_back(*station.store->tip());
      photographer->acknowledged = receipts.size();
    }
    fs->BeforeEachChange(nullptr);
  }
  ASSERT_GT(photographer->images.size(), 40u);
  for (const Image& image : photographer->images) {
    SCOPED_TRACE(Describe(image));
    absl::StatusOr<std::unique_ptr<Kv>> after = OpenRocks(image.dir, RocksOptions{true});
    ASSERT_TRUE(after.ok()) << after.status();
    Node hub(Node::kHub, 3, std::shared_ptr<Kv>(*std::move(after)));
    for (size_t i = 0; i < image.acknowledged; ++i)
      ASSERT_TRUE(hub.store->HoldsAt(receipts[i])) << "up to " << receipts[i].seq;
    Store::Check check = hub.store->Verify();
    ASSERT_TRUE(check.ok()) << check.differences[0];
  }
}

}  // namespace
}  // namespace liaison::testing_crash
