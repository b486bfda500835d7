// What the township says about a period in words: the sentence, the paragraph of the work report, the footnotes.
// Pure functions of figures; thread-safe. Wording is Chinese as it goes into the report.
//
// The sentence never says a sum that does not hold: its last clauses (已解决, 已答复说明或列入计划, 正在办理之中, 引导,
// 撤回) add up to what was collected; 当场答复 is among them and no summand.
#ifndef LIAISON_HUB_REPORT_H_
#define LIAISON_HUB_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "hub/figures.h"
#include "liaison/v1/services.pb.h"

namespace liaison {

// 接待选民194批267人次,收集意见建议194条,其中当场答复99条,已解决145条,其余41条正在办理之中,引导至其他渠道8条
// With ASCII commas and no full stop at the end. A clause whose number is 0 is left out.
std::string HeadlineSentence(const Figures& figures);

// The paragraph of the work report: the network (of the whole township only), sessions and deputies, the sentence, the
// five most frequent categories, the rates. Full-width punctuation, one full stop at the end.
std::string ReportParagraph(const Figures& figures);

// What a reader of the figures must know, one sentence each; the cut-off and the delivered stations always last.
std::vector<std::string> Footnotes(const Figures& figures);

// "2026年上半年", "2026年", "2026年3月" where the days are just that, else "2026年1月5日至3月2日".
std::string PeriodText(Day from, Day to);

// "95.7%", "100%"; "—" where there was nothing to divide by.
std::string PercentText(int64_t permille);

// Sentence, footnotes and figures as the service answers them.
v1::GetReportResponse MakeReport(const Figures& figures);

}  // namespace liaison

#endif  // LIAISON_HUB_REPORT_H_
