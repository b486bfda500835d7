// A township's papers, filled with what a year brings.
#ifndef LIAISON_TESTS_OFFICE_SAMPLES_H_
#define LIAISON_TESTS_OFFICE_SAMPLES_H_

#include <string>
#include <utility>
#include <vector>

#include "common/paper/document.h"
#include "common/sheets/sheet.h"

namespace liaison::office {

// Characters that other systems lose: from GB 18030's later planes, and the middle dot of minority names.
inline constexpr char kRareNames[] = "𬱖仁、䶮春、阿依古丽·买买提";

Document SampleReport();
Sheet SampleFigures();  // numbers, shares, days and charts
Sheet SampleLedger(int rows);
// The thirteen forms, by their number and name.
std::vector<std::pair<std::string, std::string>> SampleForms();

}  // namespace liaison::office

#endif  // LIAISON_TESTS_OFFICE_SAMPLES_H_
