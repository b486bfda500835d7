// Values of the schema's enums as people write them on a command line.
#ifndef LIAISON_COMMON_CLI_CORE_LABELS_H_
#define LIAISON_COMMON_CLI_CORE_LABELS_H_

#include <google/protobuf/descriptor.h>
#include <google/protobuf/generated_enum_reflection.h>

#include <string>

#include "absl/status/statusor.h"

namespace liaison::cli {

// --due-date for due_date.
std::string OptionName(const google::protobuf::FieldDescriptor* field);

// A value by its Chinese label in the schema, or its beginning where that is one value's alone (引导). kInvalidArgument
// names `field` and all that may be said.
absl::StatusOr<int> ValueByLabel(const google::protobuf::EnumDescriptor* type, const std::string& field,
                                 const std::string& label);
template <typename E>
absl::StatusOr<E> ByLabel(const std::string& field, const std::string& label) {
  absl::StatusOr<int> number = ValueByLabel(google::protobuf::GetEnumDescriptor<E>(), field, label);
  if (!number.ok()) return number.status();
  return static_cast<E>(*number);
}

}  // namespace liaison::cli

#endif  // LIAISON_COMMON_CLI_CORE_LABELS_H_
