// What people see of a folded record: the displayed values as the record's message, and where people disagree.
#ifndef LIAISON_COMMON_RECORD_VIEW_H_
#define LIAISON_COMMON_RECORD_VIEW_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/record/aggregate.h"
#include "common/record/schema.h"

namespace liaison {

// The station id under which the hub writes.
inline constexpr char kHubStation[] = "HUB";

// The displayed value of a field: the owner's level first, then the highest (actor, n). No clock. Null if there is
// none. Of several siblings with one value any may be returned.
const Sibling* Displayed(const Register& field, v1::Owner owner);

// The record as protobuf bytes: the displayed value of each field, unknown fields included. `child` type 0: the root.
std::string DisplayBytes(const Aggregate& aggregate, const RecordId& child);
// The same into a message of the record's type; fields whose bytes do not parse are left out. False if the record has
// never been written to or is of another type.
bool Display(const Aggregate& aggregate, const RecordId& child, google::protobuf::Message* out);
template <typename M>
M Show(const Aggregate& aggregate, const RecordId& child = {}) {
  M message;
  Display(aggregate, child, &message);
  return message;
}

// The children of a type, ascending by id.
std::vector<RecordId> ChildrenOf(const Aggregate& aggregate, uint8_t type);
template <typename M>
std::vector<RecordId> ChildrenOf(const Aggregate& aggregate) {
  return ChildrenOf(aggregate, TypeOf<M>().type());
}

// A field with two or more siblings that a person must look at: different values of a register, different adds of one
// set element, or status heads with different targets.
struct FieldConflict {
  RecordId child;
  uint32_t tag = 0;
  std::string element;
  std::vector<Sibling> siblings;
  std::string displayed;  // the value that is shown until somebody settles it
};
// Of what is void nobody has to decide anything: it has no conflicts.
std::vector<FieldConflict> ConflictsOf(const Aggregate& aggregate);
// Records of the aggregate that somebody voided and somebody else changed, neither having seen the other.
std::vector<RecordId> FlaggedOf(const Aggregate& aggregate);
// What people disagree about in the aggregate (分歧): all of ConflictsOf() and of FlaggedOf().
size_t CountDisagreements(const Aggregate& aggregate);

// The target of a status field (field 1 of the displayed message); -1 if the heads disagree, 0 if there is none.
int StatusOf(const Aggregate& aggregate, const RecordId& child, uint32_t field_number);

// The writes that give a record the fields of `message` (all that are not at their default), for a new record. Sealed
// fields go to `sealed`, the rest to `writes`.
void WritesOf(const google::protobuf::Message& message, const RecordId& child, std::vector<Write>* writes,
              std::vector<Write>* sealed);

// Splits protobuf bytes into top-level fields: tag and payload without length. False if malformed.
struct RawField {
  uint32_t tag = 0;
  std::string_view value;
};
bool SplitFields(std::string_view bytes, std::vector<RawField>* out);
// Joins them again: the opposite of SplitFields for one field.
void AppendField(uint32_t tag, std::string_view value, std::string* out);
// The key of a set element: the value itself, or field 1 of a message.
std::string ElementKey(const FieldInfo& field, std::string_view value);

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_VIEW_H_
