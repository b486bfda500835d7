// Ops, records and the fold for the model of the judgement. Naive: every question goes through all ops of the record.
#ifndef LIAISON_TESTS_MODEL_DOOR_OPS_H_
#define LIAISON_TESTS_MODEL_DOOR_OPS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hub/door/verdict.h"

namespace liaison::door {

// Places are stations 0 … 3 (areas A and B, points P and Q) and V, a village without a box.
inline constexpr int kStations = 4, kPlaces = 5, kVillage = 4, kHub = -1, kNothing = -1;
inline constexpr const char* kPlaceNames[] = {"A", "B", "P", "Q", "V"};
inline constexpr int kUnknownOp = 0;             // a name that no disk has
inline constexpr int kAccounts = 2 * kStations;  // two persons a station

enum class What {
  kField,       // key: which; value: any
  kStatus,      // value: State
  kVoid,        // value: 1, or 0 to take it back
  kPlace,       // station_id
  kNumber,      // value: the station of its block
  kHistorical,  //
  kHubField,    //
  kSealed,      // value: the key that opens it
  kReply,       // key: child
  kFeedback,    // key: child
  kEvaluation,  // key: child; value: the reply, or kNothing for 当场答复
  kVoidChild,   // key: child
  kVerdict,     // key: the op judged; value: 0 none, else 10 * Reason + Outcome
  kGrant,       // key: grant; value: account
  kRevoke,      // key: grant; value: 1 离任, 2 存疑
  kEnded,       //
  kEnter,       // key: place; value: 1 or 0
  kMerged,      // value: day
  kMayImport,   //
  kLogin,       // required
};

struct Change {
  What what = What::kField;
  int key = 0, value = 0;
};

enum class Kind { kRights, kAccount, kSession, kVisitor, kMatter };

struct Record {
  Kind kind = Kind::kMatter;
  int action = 0;     // that its id carries
  int of = kNothing;  // Rights: station; Account: account
  int maker = kHub;   // what is true, whatever ops say: who made it and for which place
  int place = kNothing;
  bool honest = true;  // of an honest box
  int key = kNothing;  // of a visitor: the key that opens what its maker sealed
};

struct Op {
  int actor = 0, station = kHub;
  int log_previous = kNothing;  // in the log of its station
  int previous = kNothing;      // of its actor on its record
  int record = 0, action = 0;
  std::set<int> context;
  std::optional<std::set<int>> grants;  // absent: schema version 1
  int account = kNothing;
  int date = 0;
  std::vector<Change> writes;
  // What is true of it.
  bool honest = true;
  std::vector<int> knew;   // a forger's: what its disk had of the record
  bool by_person = false;  // of the hub's: a clerk's, not the judge's
};

struct Universe {
  std::vector<Op> ops;
  std::vector<Record> records;
  int actors = 0, actions = 0, values = 0;
  const Op& op(int id) const { return ops[static_cast<size_t>(id)]; }
  const Record& record(int id) const { return records[static_cast<size_t>(id)]; }
};

// Whether an op says that it makes its record.
inline bool Makes(const Universe& universe, const Op& op) {
  return op.previous == kNothing && op.record != kNothing && op.action == universe.record(op.record).action;
}

using Key = std::pair<What, int>;

// The fold of a set of ops of one record.
class Folded {
 public:
  Folded(const Universe* universe, const std::vector<int>& ops);

  const std::set<int>& applied() const { return applied_; }
  bool Hidden(int op) const { return hidden_.contains(op); }
  bool Effective(int op) const { return applied_.contains(op) && !hidden_.contains(op); }
  // Visible writes: op and value.
  const std::map<int, int>& Visible(What what, int key = 0) const;
  const std::map<Key, std::map<int, int>>& visible() const { return visible_; }
  bool Has(What what, int key, int value) const;
  bool Covers(const std::set<int>& context, int op) const;
  State Status() const;
  // What an author is handed: each actor's last effective op; `stops`: before the first that is hidden.
  std::set<int> Vector(bool stops) const;
  // The making op that stands; kNothing: none, or those of two stations.
  int Maker() const;
  int Place() const;  // that the maker's op names

 private:
  const Universe* universe_;
  std::set<int> applied_, hidden_;
  std::map<Key, std::map<int, int>> visible_;
};

std::string Told(const Universe& universe, int op);

}  // namespace liaison::door

#endif  // LIAISON_TESTS_MODEL_DOOR_OPS_H_
