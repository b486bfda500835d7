// Each single change of the disk in a few saves, with every kind of loss: what PowerCut finds in many lives, in
// seconds.
#include <gtest/gtest.h>

#include "common/store/head_mark.h"
#include "tests/crash/disk.h"
#include "tests/store/fixture.h"

namespace liaison::testing_crash {
namespace {

using testing_store::TempDir;

struct Moment {
  std::string dir;
  std::string when;
  size_t acknowledged;
};

// The images of the changes between now and the last call of `Stop`, and of what each kind of loss leaves.
class Album {
 public:
  Album(const std::string& disk, const std::string& to, PowerFs* fs) : disk_(disk), to_(to), fs_(fs) {
    fs_->BeforeEachChange([this](uint64_t change) { Take(Cat("before change ", change)); });
  }
  void Take(const std::string& when) {
    for (Tail tail : {Tail::kLost, Tail::kPart, Tail::kGarbage, Tail::kHole}) {
      Moment moment{Cat(to_, "/", moments.size()), Cat(when, ", tail ", static_cast<int>(tail)), acknowledged};
      MakeFolder(moment.dir);
      fs_->TakeImage(moment.dir, {.tail = tail, .seed = moments.size()});
      WriteFile(HeadMark::PathIn(moment.dir), ReadFile(HeadMark::PathIn(disk_)));
      moments.push_back(std::move(moment));
    }
  }
  void Stop() { fs_->BeforeEachChange(nullptr); }

  size_t acknowledged = 0;
  std::vector<Moment> moments;

 private:
  const std::string disk_, to_;
  PowerFs* const fs_;
};

TEST(Moments, WhatWasSavedOutlivesTheLossOfAllThatWasNotSynced) {
  TempDir home;
  SeededRandom random(5);
  std::string dir = home.path() + "/disk", images = home.path() + "/images";
  MakeFolder(images);
  std::vector<std::string> actions;
  std::vector<Moment> moments;
  {
    Life life(dir, &random);
    ASSERT_TRUE(life.opened().ok()) << life.opened();
    Album album(dir, images, life.fs());
    for (int i = 0; i < 4; ++i) {
      actions.push_back(random.Bytes(kActionIdBytes));
      ASSERT_TRUE(Act(life.store(), actions.back(), 300).ok());
      album.acknowledged = actions.size();
    }
    album.Stop();
    album.Take("after the last");
    moments = std::move(album.moments);
  }
  ASSERT_GT(moments.size(), 4 * actions.size());
  for (const Moment& moment : moments) {
    SCOPED_TRACE(moment.when);
    Found found = Inspect(moment.dir);
    ASSERT_TRUE(found.status.ok()) << found.status;
    EXPECT_EQ(found.problem, "");
    for (size_t i = 0; i < moment.acknowledged; ++i) EXPECT_TRUE(found.actions.contains(actions[i])) << i;
  }
}

}  // namespace
}  // namespace liaison::testing_crash
