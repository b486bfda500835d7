#include "hub/report/report.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "common/base/text.h"
#include "common/rules/days/late.h"

namespace liaison {
namespace {

constexpr int kTopCategories = 5;
constexpr size_t kNamesShown = 5, kDatesShown = 3;

void Append(std::string_view separator, std::string_view clause, std::string* out) {
  if (!out->empty()) *out += separator;
  *out += clause;
}

// 收集意见建议… and what became of them. `assigned` puts 交办 in its place.
std::string CollectedText(const Figures& figures, std::string_view comma, bool assigned) {
  const int64_t collected = figures.Value("N6"), answered = figures.Value("N7"), solved = figures.Value("N10");
  const int64_t open = figures.Value("I1.open"), guided = figures.Value("N8.guided");
  const int64_t withdrawn = figures.Value("N8.withdrawn"), handed = figures.Value("N9");
  const int64_t settled = figures.Value("N11") - solved;
  if (collected == 0) return "未收集到意见建议";
  std::string text = Cat("收集意见建议", collected, "条");
  bool first = true;
  auto clause = [&](const std::string& words) {
    Append(comma, first ? Cat("其中", words) : words, &text);
    first = false;
  };
  if (answered > 0) clause(Cat("当场答复", answered, "条"));
  if (assigned && handed > 0) clause(Cat("交办", handed, "件"));
  if (solved > 0) clause(Cat("已解决", solved, "条"));
  if (settled > 0) clause(Cat("已答复说明或列入计划", settled, "条"));
  if (open == collected) {
    Append(comma, "均在办理之中", &text);
  } else if (open > 0 && first) {
    clause(Cat(open, "条正在办理之中"));
  } else if (open > 0) {
    clause(Cat("其余", open, "条正在办理之中"));
  }
  if (guided > 0) clause(Cat("引导至其他渠道", guided, "条"));
  if (withdrawn > 0) clause(Cat("撤回", withdrawn, "条"));
  return text;
}

constexpr char kNobodyCame[] = "期间无选民来访";

// Nothing where there is nothing to divide by: a rate without a value is not spoken of.
void AppendRate(std::string_view name, int64_t permille, std::string_view comma, std::string* text) {
  if (permille != kNoRate) Append(comma, Cat(name, PercentText(permille)), text);
}

std::string ReceivedText(const Figures& figures, std::string_view comma, bool assigned) {
  const int64_t visits = figures.Value("N5"), sessions = figures.Value("N3");
  if (visits > 0) {
    return Cat("接待选民", visits, "批", figures.Value("N5.headcount"), "人次", comma,
               CollectedText(figures, comma, assigned));
  }
  if (figures.Value("N6") > 0) return CollectedText(figures, comma, assigned);
  if (sessions > 0) return Cat("开展接待活动", sessions, "场次", comma, kNobodyCame);
  return "没有开展接待选民活动";
}

std::string NetworkText(const Figures& figures) {
  std::string text;
  auto part = [&](std::string_view name, std::string_view code) {
    if (figures.Value(code) > 0) Append("、", Cat(name, figures.Value(code), "个"), &text);
  };
  part("中心站", "N1.center");
  part("片区联络站", "N1.area");
  part("高标准联络站", "N1.high_standard");
  part("村（社区）联络点", "N1.point");
  if (text.empty()) return "";
  const int64_t coverage = figures.Value("N1.coverage");
  if (coverage == 1000) return Cat("建设", text, "，实现联络站点全覆盖。");
  if (coverage == kNoRate) return Cat("建设", text, "。");
  return Cat("建设", text, "，村（社区）覆盖率", PercentText(coverage), "。");
}

// 市、区、镇三级代表; 镇代表 where there is one level only.
std::string LevelsText(const std::string& levels) {
  static constexpr const char* kCounts[] = {"", "", "两级", "三级", "四级", "五级"};
  if (levels.empty()) return "人大代表";
  size_t count = 1;
  for (size_t at = levels.find("、"); at != std::string::npos; at = levels.find("、", at + 1)) ++count;
  return Cat(levels, kCounts[std::min<size_t>(count, 5)], "代表");
}

// On which days suggestions were assigned.
std::string MeetingsText(const Figures& figures) {
  if (figures.meetings.size() > kDatesShown) return Cat("分", figures.meetings.size(), "次交办");
  std::string days;
  for (const auto& [day, count] : figures.meetings) Append("、", PeriodText(day, day), &days);
  return Cat("于", days, "召开交办会");
}

std::string TopCategories(const Figures& figures) {
  std::string text;
  for (int i = 0; i < std::min(kTopCategories, figures.response.categories_size()); ++i) {
    const v1::CategoryShare& share = figures.response.categories(i);
    Append("、", Cat(share.name(), share.count(), "条（", PercentText(share.share_permille()), "）"), &text);
  }
  return text;
}

std::string PeriodOf(const Figures& figures) {
  return figures.period.empty() ? PeriodText(figures.from, figures.to) : figures.period;
}

}  // namespace

std::string HeadlineSentence(const Figures& figures) { return ReceivedText(figures, "，", false); }

std::string ReportParagraph(const Figures& figures) {
  std::string text = figures.whole ? NetworkText(figures) : "";
  text += Cat(PeriodOf(figures), "，");
  if (!figures.whole) text += figures.place;
  const int64_t sessions = figures.Value("N3");
  if (sessions > 0) {
    text += Cat("共开展代表接待日", sessions, "场次，");
    if (figures.Value("N4") > 0) {
      text += Cat(figures.Value("N4.deputies"), "名", LevelsText(figures.levels), figures.Value("N4"), "人次参加，");
    }
  }
  const bool nobody = sessions > 0 && figures.Value("N5") + figures.Value("N6") == 0;
  text += nobody ? kNobodyCame : ReceivedText(figures, "，", true);
  if (figures.Value("N6") == 0) return text + "。";
  text += Cat("。意见建议主要涉及", TopCategories(figures));
  std::string rates;
  AppendRate("办结率", figures.Value("R1"), "、", &rates);
  AppendRate("群众满意率", figures.Value("R4.voters"), "、", &rates);
  return text + (rates.empty() ? "" : "，") + rates + "。";
}

std::vector<std::string> Footnotes(const Figures& figures) {
  std::vector<std::string> notes;
  auto number = [&](std::string_view code) { return figures.Value(code); };
  if (number("N10.ledger") > 0) {
    notes.push_back(Cat("已解决中有", number("N10.ledger"), "条据旧台账，以旧台账记载的当场答复或办结为准。"));
  }
  if (number("N5.people") > 0) {
    notes.push_back(Cat("接待选民约", number("N5.people"), "人，按登记的反映人去重，未登记姓名的每批计1人。"));
  }
  if (number("N5.unregistered") > 0) {
    notes.push_back(Cat("另有未逐一登记的来访群众", number("N5.unregistered"), "人，不计入人次。"));
  }
  if (number("N4.plural") > 0) {
    notes.push_back(Cat("参加代表其中", number("N4.plural"), "名兼任两级以上代表，各级人数相加大于总人数。"));
  }
  if (number("N4.unknown") > 0) notes.push_back(Cat("有", number("N4.unknown"), "名代表不在花名册中，未分级统计。"));
  if (number("N6.inquiry") + number("N6.praise") > 0) {
    notes.push_back(Cat("另有咨询", number("N6.inquiry"), "条、表扬", number("N6.praise"), "条，不计入意见建议。"));
  }
  if (number("N6.unset") > 0) notes.push_back(Cat("有", number("N6.unset"), "条未定性质，不计入意见建议。"));
  if (number("N6.merged") > 0) {
    notes.push_back(
        Cat("意见建议含并案", number("N6.merged"), "条，并案后", number("N6.cases"), "件；并案的办理情况随主件。"));
  }
  if (number("N8.accusation") > 0) {
    notes.push_back(Cat("另有检举控告类", number("N8.accusation"), "条，已引导至有关机关，不计入意见建议。"));
  }
  if (number("I1.contested") > 0) {
    notes.push_back(Cat("正在办理中有", number("I1.contested"), "条状态有分歧，待核定。"));
  }
  if (number("I1.dangling") > 0) {
    notes.push_back(Cat("正在办理中有", number("I1.dangling"), "条的主件尚未同步到镇，暂按在办计。"));
  }
  if (figures.response.identity_difference() != 0) {
    notes.push_back(
        Cat("核对差额", figures.response.identity_difference(), "条：有记录的状态本版本不能识别，请升级。"));
  }
  if (number("Q1.undated") > 0) notes.push_back(Cat("有", number("Q1.undated"), "条记录缺少日期，未计入任何时段。"));
  if (number("R4.voters.unrated") > 0) {
    notes.push_back(Cat("满意率只计已评价的；群众未评价", number("R4.voters.unrated"), "条。"));
  }
  notes.push_back(Cat("数据截止", figures.response.cut_off().empty() ? "时间未知" : figures.response.cut_off(), "；",
                      figures.response.stations_synced(), "/", figures.response.stations_total(), "站点已同步。"));
  return notes;
}

std::string SuggestionsSentence(const Figures& figures) {
  auto number = [&](std::string_view code) { return figures.Value(code); };
  const int64_t proposed = number("N6.suggestions"), assigned = number("N9.suggestions"), bills = number("N6.bills");
  std::string text;
  if (proposed + assigned > 0) {
    text = Cat(PeriodOf(figures), "，", figures.whole ? "" : figures.place, "代表提出建议", proposed, "件");
    if (number("N6.suggestions.key") > 0) text += Cat("（其中重点", number("N6.suggestions.key"), "件）");
    if (assigned > 0) {
      text += Cat("，主席团", MeetingsText(figures), "，交", number("N9.suggestions.units"), "个单位承办");
      text += Cat("，已办结", number("N11.suggestions"), "件");
      AppendRate("按期办结率", number("R2.suggestions"), "，", &text);
      if (number("R4.deputies") != kNoRate)
        AppendRate("并直接答复代表，代表满意率", number("R4.deputies"), "，", &text);
    }
    text += "。";
  }
  if (bills > 0) {
    text += Cat("代表提出议案", bills, "件");
    if (number("N6.bills.key") > 0) text += Cat("（其中重点", number("N6.bills.key"), "件）");
    if (number("N9.bills") > 0) text += Cat("，交办", number("N9.bills"), "件，已办结", number("N11.bills"), "件");
    text += "。";
  }
  return text;
}

std::string ActivitiesSentence(const Figures& figures) {
  auto number = [&](std::string_view code) { return figures.Value(code); };
  std::string text;
  if (number("A1") > 0) {
    std::string kinds;
    for (const auto& [code, words] : {std::pair("A1.inspection", "视察"), std::pair("A1.research", "调研"),
                                      std::pair("A1.law_check", "执法检查"), std::pair("A1.oversight", "专项监督")})
      if (number(code) > 0) Append("、", words, &kinds);
    text = Cat("组织", kinds, number("A1"), "次，代表", number("A1.times"), "人次");
    if (number("A1.problems") > 0) text += Cat("，发现问题", number("A1.problems"), "个");
    if (number("A1.suggestions") > 0) text += Cat("，提出意见建议", number("A1.suggestions"), "条");
    if (number("A1.adopted") > 0) text += Cat("，采纳", number("A1.adopted"), "条");
  }
  if (number("T1") > 0) Append("；", Cat("举办培训", number("T1"), "期", number("T1.times"), "人次"), &text);
  if (number("T1.reporting") > 0) Append("；", Cat(number("T1.reporting"), "名代表向选民述职"), &text);
  const int64_t rated = number("T1.rated") + number("T1.rated.officials") + number("T1.rated.departments");
  if (rated > 0) {
    std::string subjects;
    for (const auto& [code, unit, words] :
         {std::tuple("T1.rated", "名", "代表"), std::tuple("T1.rated.officials", "名", "政府工作人员"),
          std::tuple("T1.rated.departments", "个", "部门单位")})
      if (number(code) > 0) Append("、", Cat(number(code), unit, words), &subjects);
    Append("；", Cat("对", subjects, "进行了民主测评，满意率", PercentText(number("T1.rate"))), &text);
  }
  return text.empty() ? "" : text + "。";
}

std::vector<std::string> Problems(const Figures& figures, const Roster& roster) {
  std::vector<std::string> problems;
  auto number = [&](std::string_view code) { return figures.Value(code); };
  if (number("N2.silent") > 0) {
    std::string names;
    size_t shown = 0;
    for (const std::string& station : figures.silent) {
      if (shown++ == kNamesShown) break;
      Append("、", roster.StationName(station), &names);
    }
    problems.push_back(Cat(number("N2.silent"), "个联络点连续", kSilentDays, "天没有开展接待：", names,
                           figures.silent.size() > kNamesShown ? "等。" : "。"));
  }
  for (const auto& [code, words, track] : {std::tuple("D2.overdue", "件群众意见建议", v1::TRACK_OPINION),
                                           std::tuple("D2.overdue.suggestions", "件代表建议", v1::TRACK_SUGGESTION)}) {
    if (number(code) == 0) continue;
    std::map<std::string, int64_t> units;
    for (const Breakdown::Overdue& one : figures.breakdown.overdue)
      if (one.track == track) ++units[one.unit];
    std::vector<std::pair<std::string, int64_t>> ordered(units.begin(), units.end());
    std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string names;
    for (size_t i = 0; i < std::min(ordered.size(), kNamesShown); ++i)
      Append("、", Cat(roster.DepartmentName(ordered[i].first), ordered[i].second, "件"), &names);
    problems.push_back(Cat(number(code), words, "逾期未答复：", names, ordered.size() > kNamesShown ? "等。" : "。"));
  }
  if (number("P1.idle") > 0)
    problems.push_back(Cat(number("P1.in_office"), "名在任代表中，", number("P1.idle"), "名没有履职记录。"));
  if (number("C1.hot") > 0) {
    std::string names;
    for (const v1::CategoryShare& share : figures.response.hot()) Append("、", share.name(), &names);
    problems.push_back(Cat("反映集中的热点：", names, "。"));
  }
  if (number("Q1.conflicts") > 0) problems.push_back(Cat("有", number("Q1.conflicts"), "件记录存在冲突，待核定。"));
  if (number("Q1.late") > 0)
    problems.push_back(Cat("有", number("Q1.late"), "批来访的登记在接待", kLateDays, "天以后才送达。"));
  if (number("Q1.paper") > 0) problems.push_back(Cat("有", number("Q1.paper"), "场纸质记录待补录。"));
  return problems;
}

std::string ReportTitle(const Figures& figures) { return Cat(figures.place, PeriodOf(figures)); }

v1::GetReportResponse MakeReport(const Figures& figures, const Roster& roster) {
  v1::GetReportResponse response;
  response.set_sentence(HeadlineSentence(figures));
  response.set_paragraph(ReportParagraph(figures));
  response.set_suggestions(SuggestionsSentence(figures));
  response.set_activities(ActivitiesSentence(figures));
  response.set_title(ReportTitle(figures));
  for (const std::string& problem : Problems(figures, roster)) response.add_problems(problem);
  for (const std::string& note : Footnotes(figures)) response.add_footnotes(note);
  *response.mutable_figures() = figures.response;
  return response;
}

}  // namespace liaison
