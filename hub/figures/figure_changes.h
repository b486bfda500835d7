// Figures beside the same figures of another period (环比, 同比). Pure; thread-safe.
#ifndef LIAISON_HUB_FIGURES_FIGURE_CHANGES_H_
#define LIAISON_HUB_FIGURES_FIGURE_CHANGES_H_

#include <string_view>

#include "hub/figures/figures.h"

namespace liaison {

// False for what belongs to no period: it is the same whichever is asked for.
bool HasPeriod(std::string_view code);

v1::FigureChange ChangeOf(const v1::Figure& now, int64_t then);

// Fills Figure.before, or last_year, of each figure that has a period.
enum class Against { kBefore, kLastYear };
void FillChanges(const v1::GetFiguresResponse& then, Against which, v1::GetFiguresResponse* now);

}  // namespace liaison

#endif  // LIAISON_HUB_FIGURES_FIGURE_CHANGES_H_
