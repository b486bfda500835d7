// The folded state of one aggregate: the same ops give the same state, in any order that keeps each actor's own.
//
// The fold knows no schema, evaluates no guards and reads no clocks: a replica must be able to fold what others have
// folded, whatever version it runs. What a field's merge type means for people is decided in view.h.
#ifndef LIAISON_COMMON_RECORD_AGGREGATE_H_
#define LIAISON_COMMON_RECORD_AGGREGATE_H_

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/causal/lineage.h"
#include "common/causal/register.h"
#include "common/record/op.h"

namespace liaison {

// A field of a child: protobuf tag and, for a set, the element's key.
using FieldKey = std::pair<uint32_t, std::string>;

struct Child {
  std::map<FieldKey, Register> fields;
  std::map<FieldKey, Register> sealed;  // not part of the state hash: erasure destroys it
  // Dots that wrote anything but the void field and verdicts. One is dropped when a later op of its chain, one that
  // voids nothing, wrote here too.
  VersionVector touched;

  bool operator==(const Child&) const = default;
};

enum class VoidState {
  kLive,
  kVoid,     // a void is visible, and its author had seen every write of the record and its children
  kFlagged,  // a void is visible, but somebody wrote what its author had not seen: live, counted, shown to a person
};

class Aggregate {
 public:
  explicit Aggregate(RecordId id = {}) : id_(std::move(id)) {}

  enum class Outcome {
    kApplied,
    kKnown,   // it was applied or held before; nothing changed
    kHeld,    // its predecessor by the same actor is not here: waits, visibly
    kRefold,  // it carries a verdict on an op that is applied: fold all ops again with Fold()
  };

  // REQUIRES: op.aggregate == id(), op.hash is set. After kRefold this object must be replaced by Fold(all ops).
  Outcome Apply(const Op& op);

  // Held ops whose predecessor has come; apply them next. Each is taken out of held() by Apply.
  struct HeldOp {
    Dot dot;
    Tag previous = 0;
    uint64_t seq = 0;
    auto operator<=>(const HeldOp&) const = default;
    bool operator==(const HeldOp&) const = default;
  };
  std::vector<HeldOp> Ready() const;

  // The state of a set of ops in any order; those whose predecessors are missing are held.
  static Aggregate Fold(const RecordId& id, std::span<const Op* const> ops);

  const RecordId& id() const { return id_; }
  const Lineage& lineage() const { return lineage_; }
  const std::map<RecordId, Child>& children() const { return children_; }  // the root under RecordId{}
  const std::set<HeldOp>& held() const { return held_; }
  const Child* Find(const RecordId& child) const;  // null if nothing was ever written to it
  bool empty() const { return lineage_.size() == 0; }
  bool upgrade_needed() const { return unknown_kinds_ > 0; }
  bool Refused(const OpName& name) const;
  size_t refused_count() const;

  VoidState VoidOf(const RecordId& child) const;
  // The reason given by the displayed void; empty if none is visible.
  std::string VoidReason(const RecordId& child) const;

  // Stored form: everything above. Canonical form: without sealed values and held ops; its hash is the state hash.
  std::string Encode() const { return EncodeState(true); }
  std::string Canonical() const { return EncodeState(false); }
  static absl::StatusOr<Aggregate> Decode(const RecordId& id, std::string_view bytes);

  bool operator==(const Aggregate&) const = default;

 private:
  void Project(const Op& op);
  void ApplyWrite(const Op& op, const Write& write, bool sealed);
  bool CarriesVerdictOnApplied(const Op& op) const;
  bool HasVerdicts() const;
  void SettleAll();
  void HideCondemned();  // after decoding: the state says which steps are not projected, and not why
  std::string EncodeState(bool whole) const;

  RecordId id_;
  Lineage lineage_;
  std::map<RecordId, Child> children_;
  std::set<HeldOp> held_;
  uint32_t unknown_kinds_ = 0;
  bool loose_ = false;  // some applied context names an op that is not here yet
};

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_AGGREGATE_H_
