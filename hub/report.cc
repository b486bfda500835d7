#include "hub/report.h"

#include <algorithm>
#include <cstdlib>

#include "common/base/text.h"

namespace liaison {
namespace {

constexpr int kTopCategories = 5;

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

std::string ReceivedText(const Figures& figures, std::string_view comma, bool assigned) {
  const int64_t visits = figures.Value("N5"), sessions = figures.Value("N3");
  if (visits > 0) {
    return Cat("接待选民", visits, "批", figures.Value("N5.headcount"), "人次", comma,
               CollectedText(figures, comma, assigned));
  }
  if (figures.Value("N6") > 0) return CollectedText(figures, comma, assigned);
  if (sessions > 0) return Cat("开展接待活动", sessions, "场次", comma, "没有选民来访");
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
  part("村(社区)联络点", "N1.point");
  if (text.empty()) return "";
  const int64_t coverage = figures.Value("N1.coverage");
  if (coverage == 1000) return Cat("建设", text, "，实现联络站点全覆盖。");
  if (coverage == kNoRate) return Cat("建设", text, "。");
  return Cat("建设", text, "，村(社区)覆盖率", PercentText(coverage), "。");
}

// 市、区、镇三级代表; 镇代表 where there is one level only.
std::string LevelsText(const std::string& levels) {
  static constexpr const char* kCounts[] = {"", "", "两级", "三级", "四级", "五级"};
  if (levels.empty()) return "人大代表";
  size_t count = 1;
  for (size_t at = levels.find("、"); at != std::string::npos; at = levels.find("、", at + 1)) ++count;
  return Cat(levels, kCounts[std::min<size_t>(count, 5)], "代表");
}

std::string TopCategories(const Figures& figures) {
  std::string text;
  for (int i = 0; i < std::min(kTopCategories, figures.response.categories_size()); ++i) {
    const v1::CategoryShare& share = figures.response.categories(i);
    Append("、", Cat(share.name(), share.count(), "条(", PercentText(share.share_permille()), ")"), &text);
  }
  return text;
}

struct Date {
  int year, month, day;
};

Date DateOf(Day day) {
  const std::string text = DayText(day);
  return {std::atoi(text.substr(0, 4).c_str()), std::atoi(text.substr(5, 2).c_str()),
          std::atoi(text.substr(8, 2).c_str())};
}

}  // namespace

std::string HeadlineSentence(const Figures& figures) { return ReceivedText(figures, ",", false); }

std::string PercentText(int64_t permille) {
  if (permille < 0) return "—";
  return permille % 10 == 0 ? Cat(permille / 10, "%") : Cat(permille / 10, ".", permille % 10, "%");
}

std::string PeriodText(Day from, Day to) {
  const Date a = DateOf(from), b = DateOf(to), next = DateOf(to + 1);
  if (a.day == 1 && next.day == 1 && a.year == b.year) {
    if (a.month == 1 && b.month == 12) return Cat(a.year, "年");
    if (a.month == 1 && b.month == 6) return Cat(a.year, "年上半年");
    if (a.month == 7 && b.month == 12) return Cat(a.year, "年下半年");
    if (a.month == b.month) return Cat(a.year, "年", a.month, "月");
  }
  const std::string first = Cat(a.year, "年", a.month, "月", a.day, "日");
  if (from == to) return first;
  return Cat(first, "至", a.year == b.year ? "" : Cat(b.year, "年"), b.month, "月", b.day, "日");
}

std::string ReportParagraph(const Figures& figures) {
  std::string text = figures.whole ? NetworkText(figures) : "";
  text += Cat(PeriodText(figures.from, figures.to), "，");
  if (!figures.whole) text += figures.place;
  const int64_t sessions = figures.Value("N3");
  if (sessions > 0 && figures.Value("N5") + figures.Value("N6") > 0) {
    text += Cat("共开展代表接待日", sessions, "场次，");
    if (figures.Value("N4") > 0) {
      text += Cat(figures.Value("N4.deputies"), "名", LevelsText(figures.levels), figures.Value("N4"), "人次参加，");
    }
  }
  text += ReceivedText(figures, "，", true);
  if (figures.Value("N6") == 0) return text + "。";
  text += Cat("。意见建议主要涉及", TopCategories(figures), "，办结率", PercentText(figures.Value("R1")),
              "、群众满意率", PercentText(figures.Value("R4.voters")), "。");
  return text;
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

v1::GetReportResponse MakeReport(const Figures& figures) {
  v1::GetReportResponse response;
  response.set_sentence(HeadlineSentence(figures));
  response.set_paragraph(ReportParagraph(figures));
  for (const std::string& note : Footnotes(figures)) response.add_footnotes(note);
  *response.mutable_figures() = figures.response;
  return response;
}

}  // namespace liaison
