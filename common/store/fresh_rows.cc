#include "common/store/fresh_rows.h"

#include "common/base/text.h"
#include "common/store/keys.h"

namespace liaison {
namespace {

constexpr size_t kTableBytes = sizeof(key::kProjection) - 1;

}  // namespace

std::optional<std::string> FreshRows::Source::Get(std::string_view key) const {
  if (key.starts_with(key::kOp)) return kv_->Get(key);
  if (!key.starts_with(key::kProjection)) return std::nullopt;
  asked.emplace(key);
  auto known = shared.find(key.substr(kTableBytes));
  return known == shared.end() ? std::nullopt : std::optional(known->second);
}

void FreshRows::Add(const Aggregate& aggregate) {
  source_.asked.clear();
  KvWriter out(&source_);
  for (Projection* projection : *projections_) projection->OnChange(nullptr, aggregate, out);
  for (const auto& [key, value] : out.changes()) {
    if (!wanted_(key)) continue;
    if (!source_.asked.contains(key)) {
      if (value) tell_(key, *value);
      continue;
    }
    const std::string_view name = std::string_view(key).substr(kTableBytes);
    if (value) {
      source_.shared.insert_or_assign(std::string(name), *value);
    } else if (auto known = source_.shared.find(name); known != source_.shared.end()) {
      source_.shared.erase(known);
    }
  }
}

void FreshRows::Finish() {
  for (const auto& [name, value] : source_.shared) tell_(Cat(key::kProjection, name), value);
}

}  // namespace liaison
