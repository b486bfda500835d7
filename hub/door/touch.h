// What the writes of a station's op touch, as the judgement at the door sees them (verdict.h): by the options of the
// schema, and by one table where these do not say it.
#ifndef LIAISON_HUB_DOOR_TOUCH_H_
#define LIAISON_HUB_DOOR_TOUCH_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/record/aggregate.h"
#include "common/record/schema.h"
#include "common/store/reader.h"
#include "hub/door/verdict.h"

namespace liaison {

// What a field of a record that stations write is to the door.
enum class FieldRole {
  kOwn,         // whoever may write the record may write it
  kStatus,      // of a matter
  kPlace,       // the station whose record it is
  kSources,     // of a matter: where else it came from
  kNumber,      // given with the record, of the author's own block
  kHistorical,  // says that the record is of an old ledger
  kOnce,        // given with the record
  kSealed,      // a visitor's personal data
  kHub,         // the township's
};
struct FieldRow {
  int number = 0;  // of the field
  FieldRole role = FieldRole::kOwn;
};
// A row for each field of the type. Empty: a type of the township's, or one whose records are written once and whole.
std::span<const FieldRow> FieldRowsOf(const TypeInfo& type);
// kOwn for a field that this version does not know, or that has no row.
FieldRole RoleOf(const TypeInfo& type, uint32_t field);

// Whether the op says that it made its record: by the action's id in the record's, and as its author's first op there.
// A batch of imports is made with its first row, whose action is another, and a month's audit has an id of its own:
// there it is who says of which station it is.
bool SaysItMade(const Op& op);
// Of such an op: the stations that it names as the record's. `sources`: those of its sources too.
std::vector<std::string> PlacesNamed(const Op& op, bool sources);
// What the root's text field says in the op; empty: nothing.
std::string RootText(const Op& op, uint32_t field);
bool SaysHistorical(const Op& op);

// The state of a matter as the door has it: what the township does with it is one of few.
door::State DoorState(int state);

// An op of the record, applied, with its place in the lineage. Ops whose bytes are not here are passed over.
using StepFilter = std::function<bool(const Actor& actor, const Lineage::Step& step)>;
using OpVisitor = std::function<void(const Op& op, const Lineage::Step& step)>;
void ForEachStep(const StoreReader& view, const Aggregate& record, const StepFilter& wanted, const OpVisitor& visit);

// A hub's op that counts and wrote the matter's status.
struct HubStatus {
  int to = 0;  // a v1::MatterState
  Dot dot;
};
std::vector<HubStatus> HubStatusesOf(const StoreReader& view, const Aggregate& matter);

// The facts about an op by itself and against the record that it is of.
struct Touches {
  std::vector<door::WriteFacts> writes;
  bool readable = true;     // all of it fits the schema, as far as this version knows it
  bool missing = false;     // something that it builds on is not here, or only known to a newer program
  bool settles = false;     // settles a field that is fixed otherwise, and others have settled it meanwhile
  bool only_adds = false;   // feedback and ratings only: welcome from wherever the matter came from
};
// `before`: the record as folded before the op; null: nothing of it is here. REQUIRES: op.aggregate is of a known type.
Touches TouchesOf(const StoreReader& view, const Op& op, const Aggregate* before,
                  const std::vector<HubStatus>& statuses);

}  // namespace liaison

#endif  // LIAISON_HUB_DOOR_TOUCH_H_
