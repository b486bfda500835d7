// Boxes, hubs, links, sticks and accidents. A history is a world's shape and a list of steps; steps name what they act
// on by numbers taken modulo what is there, so that a history stays meaningful when steps are dropped from it.
#ifndef LIAISON_TESTS_MODEL_WORLD_H_
#define LIAISON_TESTS_MODEL_WORLD_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/model/message.h"
#include "tests/model/rules.h"
#include "tests/model/session.h"
#include "tests/model/store.h"

namespace liaison::model {

enum class Act : uint8_t {
  kWrite,
  kWriteBad,
  kMove,
  kErase,  // at a box
  kHubWrite,
  kHubMove,
  kHubGrant,
  kHubRefuse,
  kHubAccept,
  kHubErase,
  kHubRevoke,
  kOpen,
  kUp,
  kDown,
  kRun,
  kCut,  // links; c of kUp and kDown: crash inside
  kRestartBox,
  kRestartHub,
  kCopyBox,
  kRestoreBox,
  kCloneBox,
  kResumeBox,
  kCopyHub,
  kArchive,
  kVerify,
  kRestoreHub,
  kSecondHub,
  kResumeHub,
  kImportHub,
  kStickUp,
  kStickUpTaken,
  kStickDown,
  kStickDownTaken,
  kRelay,
  kForgeRange,
  kForgeBatch,
  kForgeOffer,
  kCount
};
const char* NameOf(Act act);

struct Step {
  Act act = Act::kWrite;
  uint32_t a = 0, b = 0, c = 0;
};

struct Shape {
  int stations = 1;     // 1 … kStations, one box each
  bool second = false;  // station 0 has a second device
  Limits limits;
};

struct History {
  Shape shape;
  std::vector<Step> steps;
};

class World {
 public:
  World(const Rules* rules, const Shape& shape);
  World(const World&) = default;
  World& operator=(const World&) = default;

  // Does one step; "" or what is wrong at once. A step that does not apply does nothing.
  std::string Do(const Step& step);
  // No more accidents: everything meets hub 0. "" or what is not as it must be after kCalmRounds.
  std::string Calm();

  bool applied() const { return applied_; }  // whether the last step did anything
  int calm_rounds() const { return calm_rounds_; }
  int messages() const { return messages_; }
  // What the last step did, for people.
  const std::string& told() const { return told_; }

 private:
  static constexpr int kCalmRounds = 8;

  struct Link {
    int box = 0, hub = 0;
    StationSide station;
    HubSide hub_side;
    Out up, down;
    bool box_dead = false, hub_dead = false;
  };

  // world.cc
  bool Apply(const Step& step);
  bool WriteAtBox(const Step& step);
  bool WriteAtHub(const Step& step);
  void Open(int box, int hub);
  bool DeliverUp(size_t link, int crash);
  bool DeliverDown(size_t link, int crash);
  bool RunLink(size_t link);
  void Tidy();
  void BoxDown(int box);
  void HubDown(int hub);
  // accidents.cc
  bool Accident(const Step& step);
  bool AccidentOfABox(const Step& step);
  bool AccidentOfAHub(const Step& step);
  bool RestoreHub(const Step& step);
  bool Sticks(const Step& step);
  bool Forge(const Step& step);
  // checks.cc
  std::string CheckAlways() const;
  std::string CheckDisk(const Store& store) const;
  std::string Difference(const std::set<OpId>& expected, const std::set<OpId>& whole) const;
  std::string DifferenceAt(const Store& box, const Store& hub) const;
  std::string DifferenceOfVerdicts(const Store& hub) const;

  const Rules* rules_;
  Limits limits_;
  Draws draws_;
  int epochs_ = 0, archive_count_ = 0;
  std::vector<Store> boxes_, hubs_;
  std::vector<std::pair<int, Store>> box_copies_;  // of which box
  std::vector<Store> hub_copies_;
  std::map<int, Disk> archives_;
  std::vector<Link> links_;
  std::vector<Stick> sticks_;
  bool applied_ = false;
  int calm_rounds_ = 0, messages_ = 0;
  std::string told_;
  std::string wrong_;  // seen in the middle of a step
};

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_WORLD_H_
