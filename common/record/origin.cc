#include "common/record/origin.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/record/schema.h"

namespace liaison {

std::optional<Origin> OriginOf(const Aggregate& aggregate, const RecordId& child) {
  const Child* record = aggregate.Find(child);
  const TypeInfo* type = FindType(child.IsRoot() ? aggregate.id().type : child.type);
  if (record == nullptr || type == nullptr) return std::nullopt;
  for (std::string_view name : {child.IsRoot() ? "station_id" : "seq", "number"}) {
    const FieldInfo* field = type->FindByName(name);
    if (field == nullptr) continue;
    auto written = record->fields.find({field->tag, ""});
    if (written == record->fields.end() || written->second.siblings().empty()) continue;
    const Dot& dot = written->second.siblings().front().dot;
    const Lineage::Step* step = aggregate.lineage().Find(dot.actor, dot.n, dot.tag);
    return step == nullptr ? std::nullopt : std::optional<Origin>({dot.actor, step->seq});
  }
  return std::nullopt;
}

}  // namespace liaison
