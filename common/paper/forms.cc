// Reception: the visit, the session, the notice; the ledger; the congress's own forms.
#include "common/paper/forms.h"

#include "common/base/markup.h"
#include "common/base/text.h"
#include "common/paper/page.h"

namespace liaison::office {
namespace {

const std::vector<std::string> kRatings = {"满意", "基本满意", "不满意"};

std::string Span(const std::string& from, const std::string& to) {
  if (from.empty() && to.empty()) return "";
  return Cat(from, to.empty() ? "起" : "—", to);
}

std::string Dispositions(const VisitMatter& matter) {
  std::string_view chosen = matter.disposition;
  const bool guided = chosen.starts_with("引导");
  std::string out = Choices({"当场答复", "村级办理", "上报镇"}, chosen);
  return Cat(out, "  ", guided ? "☑" : "□", "引导至", matter.guided_to.empty() ? "________" : matter.guided_to);
}

std::string Count(int n) { return n > 0 ? Cat(n) : ""; }

void AddMatter(const VisitMatter& matter, const VisitForm& form, std::vector<std::string>* rows) {
  const bool only = form.matters.size() < 2;
  rows->push_back(
      Cat(Th("事项编号"), Td(matter.number, 3), Th("类别"), Td(matter.category), Th("性质"), Td(matter.nature)));
  if (!only || (!matter.content.empty() && matter.content != form.words))
    rows->push_back(Cat(Th("意见建议"), Td(matter.content, 7, "low")));
  rows->push_back(Cat(Th("代表当场\n答复意见"), Td(matter.answer, 7, only ? "mid" : "low")));
  rows->push_back(Cat(Th("处理方式"), Td(Dispositions(matter), 7)));
  rows->push_back(Cat(Th("办理结果"), Td(matter.outcome, 7, only ? "mid" : "low")));
  rows->push_back(Cat(Th("反馈时间"), Td(DayOrBlank(matter.feedback_date), 2, "c"), Th("反馈方式"),
                      Td(matter.feedback_method), Th("回访人"), Td(matter.feedback_by, 2)));
  rows->push_back(Cat(Th("满意度"), Td(Choices(kRatings, matter.rating), 7)));
}

}  // namespace

std::string Print(const VisitForm& form) {
  Page page("接待选民登记表");
  page.Heading("人大代表接待选民登记表");
  page.Line({Cat("站点：", form.station), Cat("编号：", form.number)});
  std::vector<std::string> rows;
  rows.push_back(Cat(Th("接待时间"), Td(Cat(DayOrBlank(form.date), " ", form.time), 3), Th("形式"), Td(form.form, 3)));
  rows.push_back(Cat(Th("接待地点"), Td(form.place, 3), Th("记录人"), Td(form.recorder, 3)));
  rows.push_back(Cat(Th("接待代表\n（签名）"), Td(form.deputies, 7)));
  const std::string name = form.anonymous && form.name.empty() ? "匿名" : form.name;
  rows.push_back(Cat(Th("反映人"), Td(name), Th("性别"), Td(form.gender, 1, "c"), Th("年龄段"),
                     Td(form.age_band, 1, "c"), Th("同行人数"), Td(Count(form.headcount), 1, "c")));
  rows.push_back(Cat(Th("联系电话"), Td(form.phone, 3), Th("村组"), Td(form.village_group, 3)));
  rows.push_back(Cat(Th("反映内容\n（原话）"), Td(form.words, 7, form.matters.size() > 1 ? "mid" : "high")));
  if (form.matters.empty()) AddMatter(VisitMatter(), form, &rows);
  for (const VisitMatter& matter : form.matters) AddMatter(matter, form, &rows);
  page.Table({12, 14, 9, 13, 12, 14, 12, 14}, rows);
  page.Signatures({"反映人（签名）：", "接待代表（签名）：", "记录人（签名）："});
  page.Note("说明：登记时已告知反映人，所留姓名、电话仅用于办理和反馈本次意见建议；可以匿名，也可以要求保密。");
  return page.Finish();
}

std::string Print(const SessionForm& form) {
  Page page("接待日记录表");
  page.Heading("人大代表接待日记录表");
  page.Line({Cat("站点：", form.station), Cat("场次编号：", form.number)});
  page.Table({13, 37, 13, 37},
             {Cat(Th("接待日期"), Td(DayOrBlank(form.date)), Th("时段"), Td(Span(form.start, form.end))),
              Cat(Th("接待形式"), Td(form.form), Th("主题"), Td(form.theme)),
              Cat(Th("地点"), Td(form.place), Th("记录人"), Td(form.recorder)),
              Cat(Th("接待情况"),
                  Td(Cat("接待选民 ", form.visits, " 批 ", form.headcount, " 人次，收集意见建议等事项 ", form.matters,
                         " 条", form.unregistered > 0 ? Cat("；另有未登记 ", form.unregistered, " 人") : ""),
                     3))});
  page.Html("<div style=\"height:3mm\"></div>");
  std::vector<std::string> rows;
  for (const SessionDeputyLine& deputy : form.deputies) {
    rows.push_back(Cat(Td(deputy.name, 1, "c"), Td(deputy.role, 1, "c"),
                       deputy.leave.empty() ? Cat(Td(deputy.in, 1, "c"), Td(deputy.out, 1, "c"), Td(""))
                                            : Td(Cat("请假：", deputy.leave), 3)));
  }
  for (size_t i = rows.size(); i < 2; ++i) rows.push_back(Cat(Td(" "), Td(""), Td(""), Td(""), Td("")));
  page.Table({22, 22, 14, 14, 28}, rows, Cat(Th("接待代表"), Th("职务"), Th("签到"), Th("签退"), Th("签名")));
  page.Html("<div style=\"height:3mm\"></div>");
  rows.clear();
  int n = 0;
  for (const SessionVisitLine& line : form.lines) {
    rows.push_back(Cat(Td(Cat(++n), 1, "c"), Td(line.visitor, 1, "c"), Td(line.headcount, 1, "c"), Td(line.content),
                       Td(line.category, 1, "c"), Td(line.disposition, 1, "c")));
  }
  for (size_t i = rows.size(); i < 6; ++i) rows.push_back(Cat(Td(" "), Td(""), Td(""), Td(""), Td(""), Td("")));
  page.Table({7, 12, 8, 45, 14, 14}, rows,
             Cat(Th("序号"), Th("反映人"), Th("人数"), Th("反映内容"), Th("类别"), Th("处理方式")));
  page.Signatures({"接待代表（签字）：", "记录人（签字）：", "站长（签字）："});
  return page.Finish();
}

std::string Print(const NoticeForm& form) {
  Page page("接待公告", false, "poster");
  page.Heading("人大代表接待选民公告");
  page.Paragraph(
      "为密切人大代表同人民群众的联系，听取和反映群众的意见和要求，定于以下时间开展人大代表接待选民活动，欢迎广大选民前"
      "来反映情况、提出意见和建议。");
  std::string deputies;
  for (const std::string& deputy : form.deputies) deputies += Cat(deputies.empty() ? "" : "\n", deputy);
  page.Html("<dl>");
  auto item = [&](std::string_view label, const std::string& text) {
    if (!text.empty()) page.Html(Cat("<dt>", Escape(label), "</dt><dd>", Escape(text), "</dd>"));
  };
  item("接待时间", Cat(DayOrBlank(form.date), form.weekday.empty() ? "" : Cat("（", form.weekday, "）"), "\n",
                       Span(form.start, form.end)));
  item("接待地点", form.place);
  item("接待形式", form.form);
  item("接待主题", form.theme);
  item("接待代表", deputies);
  item("联系电话", form.phone);
  page.Html("</dl>");
  page.Seal(form.station, form.notice_date);
  return page.Finish();
}

std::string Print(const LedgerForm& form) {
  Page page("社情民意台账", true);
  page.Heading(form.title.empty() ? "社情民意台账" : form.title);
  page.Line({form.period, form.cut_off});
  std::vector<std::string> rows;
  for (const LedgerLine& line : form.lines) {
    rows.push_back(Cat(Td(Cat(rows.size() + 1), 1, "c"), Td(line.number), Td(line.date, 1, "d"), Td(line.station),
                       Td(line.visitor, 1, "c"), Td(line.content), Td(line.category, 1, "c"), Td(line.unit),
                       Td(line.assigned, 1, "d"), Td(line.due, 1, "d"), Td(line.reply_class, 1, "c"),
                       Td(line.closed, 1, "d"), Td(line.rating, 1, "c"), Td(line.remark)));
  }
  std::string head;
  for (const char* label : {"序号", "编号", "日期", "站点", "反映人", "内容", "类别", "承办单位", "交办日期", "时限",
                            "结果类别", "办结日期", "满意度", "备注"})
    head += Th(label);
  page.Html("<div class=\"small\">");
  page.Table({3, 11, 7, 6, 5, 21, 7, 6, 7, 7, 4, 7, 5, 4}, rows, head);
  page.Html("</div>");
  page.Signatures({"填表人：", "审核人：", Cat("共 ", rows.size(), " 条")});
  return page.Finish();
}

std::string Print(const DeputyForm& form) {
  Page page("代表履职登记表");
  page.Heading("人大代表履职登记表");
  page.Line({Cat("履职期间：", form.period), form.points.empty() ? "" : Cat("履职积分：", form.points, " 分")});
  std::vector<std::string> rows = {Cat(Th("姓名"), Td(form.name, 1, "c"), Th("性别"), Td(form.gender, 1, "c"),
                                       Th("出生年份"), Td(form.birth_year, 1, "c")),
                                   Cat(Th("民族"), Td(form.ethnicity, 1, "c"), Th("党派"), Td(form.party, 1, "c"),
                                       Th("代表小组"), Td(form.group, 1, "c")),
                                   Cat(Th("单位及职务"), Td(form.position, 3), Th("所在站点"), Td(form.station)),
                                   Cat(Th("任职"), Td(form.mandates, 5))};
  int n = 0;
  for (const DeputySection& section : form.sections) {
    std::string text = section.summary;
    for (const std::string& entry : section.entries) text += Cat(text.empty() ? "" : "\n", entry);
    rows.push_back(Cat(Th(Cat(ChineseNumber(++n), "、", section.title)), Td(text, 5, "low")));
  }
  page.Table({22, 17, 10, 15, 14, 22}, rows);
  page.Signatures({"代表（签名）：", "代表小组组长：", "镇人大主席团（盖章）："});
  return page.Finish();
}

std::string Print(const TenHavesForm& form) {
  Page page("十有自查表");
  page.Heading("人大代表联络站“十有”标准自查表");
  page.Line({Cat("站点：", form.station), Cat("自查日期：", DayOrBlank(form.date))});
  std::vector<std::string> rows;
  int fulfilled = 0;
  for (const TenHavesLine& line : form.lines) {
    fulfilled += line.ok;
    rows.push_back(Cat(Td(Cat(rows.size() + 1), 1, "c"), Td(line.label),
                       Td(line.ok ? "☑达标  □未达标" : "□达标  ☑未达标", 1, "c"), Td(line.evidence),
                       Td(line.date, 1, "c")));
  }
  page.Html("<style>tbody td{height:13.5mm}</style>");
  page.Table({7, 20, 24, 31, 18}, rows, Cat(Th("序号"), Th("标准"), Th("自查结果"), Th("依据"), Th("检查日期")));
  page.Note(Cat("自查结果：达标 ", fulfilled, " 项，未达标 ", rows.size() - static_cast<size_t>(fulfilled), " 项。"));
  page.Table({20, 80}, {Cat(Th("整改措施"), Td("", 1, "mid")),
                        Cat(Th("镇人大检查意见"), Td("（盖章）         年   月   日", 1, "sign"))});
  page.Signatures({"站长（签字）：", "联络员（签字）：", "检查人（签字）："});
  return page.Finish();
}

std::string Print(const BallotForm& form) {
  Page page("述职评议测评统计表", true);
  page.Heading(form.title.empty() ? "述职评议民主测评统计表" : form.title);
  page.Line({Cat("日期：", DayOrBlank(form.date)), Cat("地点：", form.place)});
  std::vector<std::string> rows;
  for (const BallotLine& line : form.lines) {
    rows.push_back(Cat(Td(Cat(rows.size() + 1), 1, "c"), Td(line.subject), Td(line.kind, 1, "c"),
                       Td(line.reported ? "是" : "否", 1, "c"), Td(Cat(line.voters), 1, "c"),
                       Td(Cat(line.excellent), 1, "c"), Td(Cat(line.satisfied), 1, "c"),
                       Td(Cat(line.basically), 1, "c"), Td(Cat(line.dissatisfied), 1, "c"),
                       Td(Cat(line.abstained), 1, "c"), Td(line.rate, 1, "c")));
  }
  std::string head;
  for (const char* label : {"序号", "测评对象", "类别", "作履职报告", "参加测评人数", "优秀", "满意", "基本满意",
                            "不满意", "弃权", "满意率"})
    head += Th(label);
  page.Table({5, 21, 12, 8, 9, 7, 7, 8, 8, 7, 8}, rows, head);
  page.Note("满意率＝（优秀＋满意＋基本满意）÷有效票（不含弃权）。只记录汇总票数，不记录个人投票。");
  page.Signatures({"监票人（签字）：", "计票人（签字）：", "镇人大主席团（盖章）："});
  return page.Finish();
}

}  // namespace liaison::office
