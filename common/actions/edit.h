// From what a person changed on a page to the writes of an op.
#ifndef LIAISON_COMMON_ACTIONS_EDIT_H_
#define LIAISON_COMMON_ACTIONS_EDIT_H_

#include <google/protobuf/message.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "common/store/reader.h"

namespace liaison {

struct Edit {
  std::vector<Write> writes;
  std::vector<Write> sealed;
};

// What a person sent, parsed: it takes as long as its sender wants, so it is done before the store is locked.
struct Wish {
  std::vector<std::string> names;                      // of the fields that were given, as they were written
  std::unique_ptr<google::protobuf::Message> message;  // their values; of a visitor v1::VisitorFields
};

// `fields` is a JSON object of the fields of the record that `root` and `child` name; at most 256 KB. kInvalidArgument,
// in Chinese.
absl::StatusOr<Wish> ReadWish(const RecordId& root, const RecordId& child, std::string_view fields);

// Null clears a field; a set is given whole and only its differences from what is displayed are written. Checks names,
// limits and guards: what may not be changed here, or any more. kInvalidArgument or kFailedPrecondition, in Chinese,
// naming the field. REQUIRES: the wish was read for this record.
absl::StatusOr<Edit> MakeEdit(const ServiceContext& context, const StoreReader& reader, const Aggregate& aggregate,
                              const RecordId& child, const Wish& wish);

// Whether the day that `writes` give a session, a matter or an activity that has begun can have been: as when it is
// entered. Also of a conflict that is settled. See ServiceContext::CheckDate.
absl::Status CheckDateOf(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child,
                         std::span<const Write> writes, bool meant);

// kFailedPrecondition: an account, or rights, or an audit. A grant is written once and revoked once, and whoever ended
// stays so, so they change in ways of their own only (rules/people/granting.h); an audit is only added to (audit.h).
absl::Status CheckNotOfPeople(const Aggregate& aggregate);
// Whether this node may write to the record at all, void or not: voiding and taking it back ask no less.
absl::Status CheckMayWrite(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child);
// The same, and that the record is not void.
absl::Status CheckMayEdit(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_EDIT_H_
