// From what a person changed on a page to the writes of an op.
#ifndef LIAISON_COMMON_SERVICE_EDIT_H_
#define LIAISON_COMMON_SERVICE_EDIT_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/service/record_service.h"

namespace liaison {

struct Edit {
  std::vector<Write> writes;
  std::vector<Write> sealed;
};

// `fields` is a JSON object of the record's own fields; null clears one; a set is given whole and only its differences
// from what is displayed are written. Checks names, limits and guards: what may not be changed here, or any more.
// kInvalidArgument or kFailedPrecondition, in Chinese, naming the field.
absl::StatusOr<Edit> MakeEdit(const ServiceContext& context, const StoreReader& reader, const Aggregate& aggregate,
                              const RecordId& child, std::string_view fields);

// Whether this node may write to the record at all, whatever the field.
absl::Status CheckMayEdit(const ServiceContext& context, const Aggregate& aggregate, const RecordId& child);

}  // namespace liaison

#endif  // LIAISON_COMMON_SERVICE_EDIT_H_
