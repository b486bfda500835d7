// The hub of the model: receives, judges once, hands on. A value: a copy is a backup, or a second hub.
#ifndef LIAISON_TESTS_MODEL_DOOR_HUB_H_
#define LIAISON_TESTS_MODEL_DOOR_HUB_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/model/door/ops.h"

namespace liaison::door {

// The rules around the judgement, and what they replace.
struct Variant {
  Rules rules;
  bool verdict_is_op = true;       // false: refused and held go to table Q
  bool verdict_first = true;       // false: a record that enters a feed has its ops by name, as in 0.4.0
  bool key_by_maker = true;        // false: keys to whoever wrote a first op of the visitor, or is named as its place
  bool take_writes_values = true;  // false: taking only empties the verdict
  bool vector_passes = true;       // false: the vector that authors get stops at a hidden op, as in 0.4.0
  bool first_ruling_stays = true;  // false: rulings of before and after a restore stand beside each other
  // A record that stations of two making ops have made goes nowhere, and later words on it wait; false: to both.
  bool claims_are_disputed = true;
  bool self_take = true;  // what was held as missing is taken when that comes
  bool takes_offers = true;
  bool offers_are_judged = false;  // judged again
};

struct Disk {
  std::vector<int> order;
  std::set<int> have;
  std::map<int, std::vector<int>> by_record;
  bool Add(int op, int record);
  const std::vector<int>& Of(int record) const;
};

class Hub;
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void Judged(const Hub& hub, int op, const Ruling& ruling) = 0;  // before it enters
  virtual void Wrong(const std::string& what) = 0;
};

class Hub {
 public:
  Hub(Universe* universe, const Variant* variant, Watcher* watcher)
      : u_(universe), v_(variant), watcher_(watcher), actor_(universe->actors++) {}

  // What happens to it.
  void Restart() { actor_ = u_->actors++; }
  void Receive(int op);
  void Offer(const std::vector<int>& ops);  // signed by this hub, in feed order
  void Import(const Hub& other);
  bool TakeKey(int visitor, int key, int station);
  int Write(int record, std::vector<Change> writes, bool by_person, const std::set<int>* context = nullptr);
  int Take(int op);     // by a person; the op that does it
  int Decline(int op);  // by a person
  bool TakeFromQ(int op);

  // What it knows.
  const Disk& disk() const { return disk_; }
  const std::map<int, Ruling>& q() const { return q_; }
  const std::set<int>& waiting() const { return waiting_; }
  const std::map<int, int>& verdicts() const { return verdicts_; }
  const std::map<int, int>& keys() const { return keys_; }
  bool Known(int op) const { return disk_.have.contains(op) || q_.contains(op) || waiting_.contains(op); }
  const Folded& Fold(int record) const;
  std::vector<int> Hidden(bool held_only) const;
  // Making ops that stand on records which two stations have made, by a restore or by two hubs.
  std::vector<int> Disputed() const;
  std::set<int> Scope(int station) const;
  std::set<int> Readers(int record) const;
  std::set<int> KeyReaders(int visitor) const;
  // What a box of this station lacks, in the order in which it is sent.
  std::vector<int> Feed(int station, const Disk& box) const;
  Ruling Rule(int op) const;
  bool Live(int station, int account) const;
  int alarms() const { return alarms_; }

 private:
  void Add(int op);
  void Enter(int op, const Ruling& ruling);
  void JudgeNew(int op);
  void AfterChange();
  bool Reconsider();
  bool MayJustShow(int op) const;
  void KeepFirstRuling(int judged, int offered);
  bool Here(const std::set<int>& ops) const;
  std::vector<int> SeenRights(const Op& op, int record) const;
  OpFacts FactsOf(const Op& op) const;
  WriteFacts FactsOf(const Op& op, const Change& write) const;
  RecordFacts FactsOfRecord(const Op& op) const;
  RightsFacts FactsOfRights(const Op& op) const;
  Person PersonOf(const Op& op, int rights) const;
  int RightsOf(int station) const { return station; }  // records 0 … 3, then accounts

  Universe* u_;
  const Variant* v_;
  Watcher* watcher_;
  int actor_ = 0, alarms_ = 0;
  Disk disk_;
  std::map<int, Ruling> q_;
  std::set<int> waiting_;
  std::map<int, int> verdicts_;  // judged by this hub since its last restore: the verdict, or kNothing
  std::set<int> missing_;
  std::map<int, int> keys_;
  std::map<int, int> parents_;  // of first ops of actors
  mutable std::map<int, std::shared_ptr<const Folded>> folds_;
};

int AccountRecord(int account);
// The grants of a fold of Rights: account, and the kinds by which each was revoked.
struct GrantState {
  int account = kNothing;
  std::set<int> revoked;
};
std::map<int, GrantState> GrantsOf(const Folded& rights);
std::set<int> ScopeOf(const Folded& rights);
int MergedOn(const Folded& rights);  // the first day; kNothing: not merged

}  // namespace liaison::door

#endif  // LIAISON_TESTS_MODEL_DOOR_HUB_H_
