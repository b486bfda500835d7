// Whether what a person entered is acceptable. Runs where it is entered, never where a replica folds it.
#ifndef LIAISON_COMMON_RECORD_VALIDATE_H_
#define LIAISON_COMMON_RECORD_VALIDATE_H_

#include <google/protobuf/message.h>

#include <string_view>

#include "absl/status/status.h"

namespace liaison {

// Checks every field of a record's message against its rules: required, length in code points, range, format, known
// enum values, no control characters. kInvalidArgument with the field's Chinese label and the reason (base/fault.h),
// for example “标题：最多40字，现有52字”. Stops at the first.
absl::Status Validate(const google::protobuf::Message& record);

// One field only, as when a single field is changed. `number` is its field number.
absl::Status ValidateField(const google::protobuf::Message& record, int number);

bool IsDate(std::string_view text);  // YYYY-MM-DD, a day that exists, 1900 to 2199
bool IsTime(std::string_view text);  // HH:MM

}  // namespace liaison

#endif  // LIAISON_COMMON_RECORD_VALIDATE_H_
