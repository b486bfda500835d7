// The world of the judgement: four stations, their boxes (honest programs of two versions, and boxes that write what
// they like), a hub, sticks and backups; what they do; and the laws.
#ifndef LIAISON_TESTS_MODEL_DOOR_WORLD_H_
#define LIAISON_TESTS_MODEL_DOOR_WORLD_H_

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/model/door/hub.h"

namespace liaison::door {

enum class Act {
  kVisit,
  kAgain,
  kEdit,
  kMove,
  kTakeBack,
  kVoid,
  kUnvoid,
  kVoidVisitor,
  kReseal,
  kFeedback,
  kEvaluate,
  kSettle,
  kImportLedger,
  kOpenScreen,
  kForge,
  kForgeNew,
  kForgeKey,  // at a box
  kSync,
  kPushSome,
  kPullSome,
  kStickOut,
  kStickIn,
  kRestart,
  kCopyBox,
  kRestoreBox,
  kClone,  // to a box
  kStep,
  kHubEdit,
  kHubVoid,
  kHubSettle,
  kTake,
  kDecline,
  kTakeFromQ,
  kGrant,
  kRevoke,
  kEnd,  // at the hub
  kMoveVillage,
  kMovePoint,
  kMerge,
  kAllowImport,
  kRequireLogin,
  kRestartHub,
  kCopyHub,
  kRestoreHub,
  kSecondHub,
  kImportSecond,
  kDay,  // to the hub
  kCount
};
const char* NameOf(Act act);

struct Step {
  Act act = Act::kSync;
  uint32_t a = 0, b = 0, c = 0, d = 0;
};

struct Shape {
  std::array<bool, kStations> honest{}, old{};
};

struct Tally {
  uint64_t honest = 0, forged = 0, held_honest = 0, held_forged = 0, refused_forged = 0, q_forged = 0, marked = 0;
  uint64_t taken = 0, self_taken = 0, claims_after_restore = 0, alarms = 0;
  std::map<std::string, uint64_t> held_why;
};

struct Box {
  int station = 0;
  bool honest = true, old = false;
  Disk disk;
  std::vector<int> told;  // what the hub's feed named, in its order: what this box can offer
  int actor = kNothing, tip = kNothing;
  std::map<int, int> keys;
  std::map<int, std::set<int>> screens;  // record: the vector that a page was loaded with
};

class World : public Watcher {
 public:
  World(const Variant* variant, const Shape& shape);
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void Do(const Step& step);
  void Calm();                                         // everything that is left is delivered; then what must hold
  const std::string& wrong() const { return wrong_; }  // the first law that was broken
  bool applied() const { return applied_; }            // whether the last step did something
  const std::string& story() const { return story_; }
  void Tell() { telling_ = true; }
  const Tally& tally() const { return tally_; }

  void Judged(const Hub& hub, int op, const Ruling& ruling) override;
  void Wrong(const std::string& what) override;

 private:
  // people.cc: what honest programs do
  bool DoHonest(Box* box, const Step& step);
  bool Visit(Box* box, const Step& step);
  bool Again(Box* box, const Step& step);
  bool ImportLedger(Box* box, const Step& step);
  bool ActOnMatter(Box* box, const Step& step);
  bool ActOn(Box* box, const Step& step, int record);
  bool ActOnVisitor(Box* box, const Step& step);
  bool Write(Box* box, const Step& step, int record, std::vector<Change> writes, bool fresh, int date = 0);
  std::optional<int> Person(const Box& box, uint32_t pick) const;
  std::vector<Change> MatterWrites(const Box& box, const Step& step, int record, const Folded& fold);
  bool TakeBack(const Box& box, int record, const Folded& fold, std::vector<Change>* writes) const;
  int Commit(Box* box, Op op);
  int NewRecord(Kind kind, int action, int maker, int place);
  // forger.cc
  bool Forge(Box* box, const Step& step);
  bool ForgeNew(Box* box, const Step& step);
  bool ForgeKey(const Box& box, Hub* hub, const Step& step);
  Change AnyWrite(uint32_t a, uint32_t b, int station, int record);
  std::set<int> AnyContext(const Box& box, int record, uint32_t a, uint32_t b) const;
  void AnyRights(const Box& box, const Step& step, Op* op) const;
  // world.cc
  bool DoBox(const Step& step);
  bool DoHub(const Step& step);
  bool DoCase(const Step& step, int record);
  bool DoRights(const Step& step);
  bool DoDisk(const Step& step);
  int Push(Box* box, Hub* hub, int most);
  int Pull(Box* box, Hub* hub, int most);
  void Offer(Box* box, Hub* hub);
  bool TakeHeld(const Step& step);
  bool FalseClaim(int op) const;
  bool SettleClaims();
  std::vector<int> Of(const Disk& disk, Kind kind) const;
  // Mostly one of the first few, so that people meet.
  static int OneOf(const std::vector<int>& records, uint32_t pick);
  Folded FoldAt(const Box& box, int record) const { return Folded(&u_, box.disk.Of(record)); }
  void Say(const std::string& what);
  // checks.cc
  bool WithinRights(const Hub& hub, const Op& op) const;
  bool RightToWrite(const Hub& hub, const Op& op, const Change& write, bool kept) const;
  bool RightsOnMatter(const Hub& hub, const Op& op, const Change& write) const;
  void CheckKey(int visitor, int station);
  void CheckTaken(int op, int take);
  void CheckReplicas();
  void CheckNothingLost();
  void CheckRevocations();
  void CheckRulings();

  const Variant* v_;
  Universe u_;
  Tally tally_;
  std::deque<Box> boxes_;
  std::optional<Hub> hub_, second_;
  std::vector<Hub> copies_;
  std::vector<std::pair<int, Box>> box_copies_;  // of the box of that number
  struct Stick {
    int box;
    std::vector<int> ops, offers;
  };
  std::vector<Stick> sticks_;
  bool restored_ = false;
  int day_ = 1;
  bool applied_ = false, telling_ = false;
  std::string wrong_, story_;
};

}  // namespace liaison::door

#endif  // LIAISON_TESTS_MODEL_DOOR_WORLD_H_
