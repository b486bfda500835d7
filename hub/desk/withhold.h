// What is left out of figures for who sees figures only: the county, the wall, an admin.
//
// Numbers of people and of what they said (条, 件, 人, 人次, 名, 批, 户, 份) under 3 are not told, neither as a figure
// nor in a sentence nor in a table; in a column with a total the next smallest goes with one that is left out alone, or
// the total would tell. Rates and shares of such numbers go too, and records' ids. Tables of persons and of single
// matters are not shown at all. What offices do and what there is (个, 场, 次, 期, 篇, 天) is no secret.
//
// Limit: who adds up several answers may still find a small number out.
#ifndef LIAISON_HUB_DESK_WITHHOLD_H_
#define LIAISON_HUB_DESK_WITHHOLD_H_

#include <string>
#include <string_view>
#include <vector>

#include "hub/report/published.h"
#include "liaison/v1/figures.pb.h"
#include "liaison/v1/hub_service.pb.h"

namespace liaison {

// Pure, thread-safe.
void WithholdSmall(v1::GetFiguresResponse* figures);
void WithholdSmall(v1::GetReportResponse* report);
void WithholdSmall(std::vector<v1::ReportTable>* tables);
void WithholdSmall(v1::ListStationsResponse* stations);
// A figure that is too small is left out: there is no place in the file for its note.
void WithholdSmall(Published* published);
void WithholdSmall(v1::GetPublishedReportResponse* report);

// The same of a sentence.
std::string WithoutSmall(std::string_view text);

}  // namespace liaison

#endif  // LIAISON_HUB_DESK_WITHHOLD_H_
