#include "hub/figures/figure_changes.h"

#include <cstdlib>
#include <map>
#include <string>

namespace liaison {

bool HasPeriod(std::string_view code) {
  return code != "N2.silent" && code != "Q1.undated" && code != "Q1.conflicts" && code != "Q1.unsynced";
}

v1::FigureChange ChangeOf(const v1::Figure& now, int64_t then) {
  v1::FigureChange change;
  change.set_value(then);
  const bool rate = now.unit() == "‰";
  if (rate && (then == kNoRate || now.value() == kNoRate)) return change;
  change.set_delta(now.value() - then);
  if (then == 0) return change;
  const int64_t size = std::abs(then), twice = 2000 * change.delta();
  change.set_permille((twice + (twice < 0 ? -size : size)) / (2 * size));  // to the nearest
  change.set_comparable(true);
  return change;
}

void FillChanges(const v1::GetFiguresResponse& then, Against which, v1::GetFiguresResponse* now) {
  std::map<std::string_view, int64_t> values;
  for (const v1::Figure& figure : then.figures()) values[figure.code()] = figure.value();
  for (v1::Figure& figure : *now->mutable_figures()) {
    auto it = values.find(figure.code());
    if (it == values.end() || !HasPeriod(figure.code())) continue;
    *(which == Against::kBefore ? figure.mutable_before() : figure.mutable_last_year()) = ChangeOf(figure, it->second);
  }
}

}  // namespace liaison
