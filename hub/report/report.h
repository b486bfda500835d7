// What the township says about a period in words: the sentence, the paragraph of the work report, the footnotes.
// the suggestions, the activities, the problems. Pure functions of figures; thread-safe. Wording is Chinese as it goes
// into the report.
//
// The sentence never says a sum that does not hold: its last clauses (已解决, 已答复说明或列入计划, 正在办理之中, 引导,
// 撤回) add up to what was collected; 当场答复 is among them and no summand.
#ifndef LIAISON_HUB_REPORT_REPORT_H_
#define LIAISON_HUB_REPORT_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "hub/figures/figures.h"
#include "hub/figures/period.h"
#include "liaison/v1/figures.pb.h"

namespace liaison {

// Everything that a report of one period and place shows: what writers of files and pages are made from.
struct ReportContents {
  v1::GetReportResponse report;         // title, sentences, problems, footnotes, figures with their changes
  std::vector<v1::ReportTable> tables;  // all of TableNames(); those with a chart kind are also charts' data
};

// 接待选民194批267人次，收集意见建议194条，其中当场答复99条，已解决145条，其余41条正在办理之中，引导至其他渠道8条
// With ASCII commas and no full stop at the end. A clause whose number is 0 is left out.
std::string HeadlineSentence(const Figures& figures);

// The paragraph of the work report: the network (of the whole township only), sessions and deputies, the sentence, the
// five most frequent categories, the rates. Full-width punctuation, one full stop at the end.
std::string ReportParagraph(const Figures& figures);

// 代表建议: from the first word to the full stop; empty where deputies proposed nothing and nothing was assigned. Bills
// have a sentence of their own behind it.
std::string SuggestionsSentence(const Figures& figures);

// 视察调研检查, 培训, 述职. Empty where there was nothing.
std::string ActivitiesSentence(const Figures& figures);

// 存在问题, as far as figures tell: who is silent, what is overdue and at whom, how many deputies did nothing, what is
// in dispute. One sentence each; stations and departments by name, deputies by number only.
std::vector<std::string> Problems(const Figures& figures, const Roster& roster);

// What a reader of the figures must know, one sentence each; the cut-off and the delivered stations always last.
std::vector<std::string> Footnotes(const Figures& figures);

// "恒口镇2026年上半年": whose, and when.
std::string ReportTitle(const Figures& figures);

// All of the above, and the figures, as the service answers them.
v1::GetReportResponse MakeReport(const Figures& figures, const Roster& roster);

}  // namespace liaison

#endif  // LIAISON_HUB_REPORT_REPORT_H_
