#include "common/cli/core/labels.h"

#include <algorithm>

#include "common/base/folding.h"
#include "common/base/text.h"
#include "common/record/schema.h"

namespace liaison::cli {

std::string OptionName(const google::protobuf::FieldDescriptor* field) {
  std::string name = "--" + field->name();
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

absl::StatusOr<int> ValueByLabel(const google::protobuf::EnumDescriptor* type, const std::string& field,
                                 const std::string& label) {
  const std::string key = NameKey(label);
  std::string choices;
  const google::protobuf::EnumValueDescriptor* found = nullptr;
  int matches = 0;
  for (int i = 0; i < type->value_count(); ++i) {
    const auto* value = type->value(i);
    std::string text = LabelOf(value);
    if (text == "未定" || text.empty()) continue;
    if (NameKey(text) == key) return value->number();
    if (!key.empty() && NameKey(text).starts_with(key)) {
      found = value;
      ++matches;
    }
    choices += (choices.empty() ? "" : "、") + text;
  }
  if (matches != 1) return absl::InvalidArgumentError(Cat(field, "：没有“", label, "”，可用：", choices));
  return found->number();
}

}  // namespace liaison::cli
