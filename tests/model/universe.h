// Names instead of bytes. An op is a struct and its hash is its number here; so are chain heads, feed prefixes and sets
// of names. Equal contents have equal numbers, which is all that a hash is used for.
#ifndef LIAISON_TESTS_MODEL_UNIVERSE_H_
#define LIAISON_TESTS_MODEL_UNIVERSE_H_

#include <compare>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace liaison::model {

using OpId = int;
using Head = int;    // of an actor's chain; kNone: none
using Prefix = int;  // of a feed
using Actor = int;   // number * kDevices + device
using Record = int;  // an aggregate
using Interest = int;
inline constexpr int kNone = -1;

// Devices 0…2 are those of stations 0…2; kSecond is another device of station 0.
inline constexpr int kStations = 3, kSecond = 3, kHubDevice = 4, kDevices = 5, kHubStation = 9;
inline int DeviceOf(Actor actor) { return actor % kDevices; }
inline int StationOfDevice(int device) { return device == kSecond ? 0 : device == kHubDevice ? kHubStation : device; }
inline int StationOf(Actor actor) { return StationOfDevice(DeviceOf(actor)); }

inline constexpr Interest kAll = 0;
inline Interest PointOf(int station) { return 1 + station; }
inline Interest OnlyFor(int station) { return 10 + station; }

// Data records are small numbers. The others: who reads which points, what was erased, whose device is revoked, and
// what only one station is told.
inline Record GrantsOf(int station) { return 100 + station; }
inline constexpr Record kErasures = 200, kRevocations = 201;
inline Record NoticesOf(int station) { return 300 + station; }
inline bool IsData(Record record) { return record < 100; }

// A point of an actor's log.
struct Tip {
  Actor actor = kNone;
  int seq = 0;
  Head head = kNone;
  auto operator<=>(const Tip&) const = default;
};

enum class OpKind { kRoot, kWrite, kMove, kGrant, kRefuse, kAccept, kErase, kRevoke, kMalformed };

struct Op {
  Actor actor = kNone;
  int seq = 0;
  Tip parent;  // of an actor's first op
  OpKind kind = OpKind::kWrite;
  Record record = 0;
  int value = 0;              // kRoot, kMove: the point; kGrant: points as bits; kRevoke: the device
  OpId target = kNone;        // kRefuse, kAccept, kErase
  std::vector<OpId> context;  // what its author had seen of the same field
  std::vector<Tip> accepted;  // kRevoke
  int nonce = 0;              // two processes never write the same bytes
  bool forged = false;        // made by somebody who has not the device's key
  auto operator<=>(const Op&) const = default;
};

enum class ItemKind { kOp, kEnter, kLeave };
struct Item {
  ItemKind kind = ItemKind::kOp;
  Record record = 0;
  OpId op = kNone;
  int count = 0;
  auto operator<=>(const Item&) const = default;
};

class Universe {
 public:
  OpId Add(const Op& op);
  const Op& op(OpId id) const { return *ops_[id]; }

  Head Chain(Head before, OpId op);
  Head Before(Head head) const { return heads_[head].first; }
  OpId OpAt(Head head) const { return heads_[head].second; }
  Tip TipAt(Head head) const { return {op(OpAt(head)).actor, op(OpAt(head)).seq, head}; }
  // Whether `head` is `tip` or lies before it in the same log.
  bool LeadsTo(Head head, Head tip) const;

  Prefix Start(Interest interest) const { return -2 - interest; }
  Prefix Next(Prefix before, const Item& item);
  Item Last(Prefix prefix) const { return prefix < 0 ? Item{} : prefixes_[prefix]->second; }

  int SetOf(const std::vector<OpId>& names);  // sorted

 private:
  std::map<Op, OpId> op_ids_;
  std::vector<const Op*> ops_;
  std::map<std::pair<Head, OpId>, Head> head_ids_;
  std::vector<std::pair<Head, OpId>> heads_;
  std::map<std::pair<Prefix, Item>, Prefix> prefix_ids_;
  std::vector<const std::pair<Prefix, Item>*> prefixes_;
  std::map<std::vector<OpId>, int> sets_;
};

Universe& Names();  // of the history that runs
void ForgetNames();

std::string Show(OpId op);
std::string ShowActor(Actor actor);
std::string ShowInterest(Interest interest);

}  // namespace liaison::model

#endif  // LIAISON_TESTS_MODEL_UNIVERSE_H_
