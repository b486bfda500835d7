// A random history of a small town: each step is done to the town's records and told to the oracle. The states are not
// those that a careful office would make: what the figures count must hold for any records that ever arrive.
#ifndef LIAISON_TESTS_HUB_FACTS_HISTORY_H_
#define LIAISON_TESTS_HUB_FACTS_HISTORY_H_

#include <random>
#include <string>
#include <vector>

#include "tests/hub_facts/oracle.h"
#include "tests/hub_facts/town.h"

namespace liaison {

class History {
 public:
  explicit History(uint32_t seed) : random_(seed) { MakeRoster(); }

  void Step();
  const Town& town() const { return town_; }
  const oracle::World& world() const { return world_; }

  // Of all histories, an unknown one among each.
  static const std::vector<std::string>& Stations();

 private:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }
  int Upto(int n) { return static_cast<int>(Below(static_cast<size_t>(n) + 1)); }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }
  const std::string& Any(const std::vector<std::string>& list) { return list[Below(list.size())]; }
  template <typename T>
  bool Pick(const std::vector<T>& list, size_t* index) {
    if (list.empty()) return false;
    *index = Below(list.size());
    return true;
  }
  bool PickLive(size_t* matter) { return Pick(matters_, matter) && !world_.matters[*matter].voided; }

  // history.cc
  void MakeRoster();
  void MakeDeputies();
  void AddSession();
  void AddVisit();
  void Arrive();
  void ChangeSession();
  void DisagreeOnSession();
  void VoidSession();
  void VoidVisit();
  void Overtake();
  void AddActivity();
  void AddBallot();
  void VoidActivity();

  // history_matters.cc
  void AddMatter();
  void ChangeState();
  void DisagreeOnMatter();
  void MoveMatter();
  void MergeOrConvert();
  void VoidMatter();
  void Assign();
  void ReplyTo();
  void Evaluate();
  void Extend();
  void TakeStep();
  void VoidPart();

  std::mt19937 random_;
  Town town_;
  oracle::World world_;
  std::vector<RecordId> sessions_, matters_, activities_;  // as in world_
  std::vector<std::vector<RecordId>> visits_, ballots_;    // of each session, of each activity
  struct Parts {
    std::vector<RecordId> assignments, replies, evaluations, extensions, steps;
  };
  std::vector<Parts> parts_;  // of each matter
};

// By its name in the schema.
template <typename E>
E Enum(const std::string& name) {
  const auto* value = google::protobuf::GetEnumDescriptor<E>()->FindValueByName(name);
  return value == nullptr ? static_cast<E>(0) : static_cast<E>(value->number());
}

extern const std::vector<std::string> kHistoryDates;  // the last: none
extern const std::vector<std::string> kHistoryDeputies;

}  // namespace liaison

#endif  // LIAISON_TESTS_HUB_FACTS_HISTORY_H_
