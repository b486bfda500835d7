// What goes out while a matter is handled: from the hand-over to the reply and the survey.
#include "common/base/markup.h"
#include "common/base/text.h"
#include "common/paper/forms.h"
#include "common/paper/page.h"

namespace liaison::office {
namespace {

constexpr char kFiveRequirements[] =
    "请按“五办”要求办理：提高站位办、履职尽责办、用心用情办、上下联动办、督查督导办。在规定时限内办结并直接答复，答复须"
    "经主要负责人签发。";

std::string Or(const std::string& text, std::string_view otherwise) {
  return text.empty() ? std::string(otherwise) : text;
}

// The letter of "A类（…）"; empty if there is none.
std::string ClassLetter(const std::string& reply_class) {
  return !reply_class.empty() && reply_class[0] >= 'A' && reply_class[0] <= 'D' ? reply_class.substr(0, 1) : "";
}

}  // namespace

std::string Print(const AssignmentForm& form) {
  Page page("交办单");
  page.Heading(Cat(form.office, "交办单"));
  page.Line({Cat("编号：", form.number), Cat("交办日期：", DayOrBlank(form.date))});
  page.Table(
      {14, 36, 14, 36},
      {Cat(Th("事项编号"), Td(form.matter_number), Th("交办会"), Td(form.batch)),
       Cat(Th("标题"), Td(Cat(form.key_matter ? "【重点】" : "", form.title), 3)),
       Cat(Th("内容"), Td(form.content, 3, "high")), Cat(Th("来源"), Td(form.source), Th("办理期限"), Td(form.kind)),
       Cat(Th("主办单位"), Td(form.main_unit), Th("协办单位"), Td(form.co_units)),
       Cat(Th("办理要求"), Td(Cat(form.requirement, form.requirement.empty() ? "" : "\n", kFiveRequirements), 3)),
       Cat(Th("办理时限"), Td(Cat("请于 ", DayOrBlank(form.due), " 前办结并答复"), 3)),
       Cat(Th("联系人"), Td(form.contact), Th("联系电话"), Td(form.phone)),
       Cat(Th("主席签字"), Td("", 1, "low"), Th("盖章"), Td("    年   月   日", 1, "sign"))});
  page.TearOff();
  page.Html("<h1 style=\"font-size:16pt;margin-bottom:2mm\">回  执</h1>");
  page.Paragraph(Cat(form.office, "："));
  page.Paragraph(Cat("    你单位 ", DayOrBlank(form.date), " 交办的“", form.title, "”（", form.number, "，",
                     form.matter_number, "）已收到，我单位将按要求于 ", DayOrBlank(form.due), " 前办结并答复。"));
  page.Signatures({Cat("签收单位（盖章）：", form.main_unit), Cat("签收人：", form.received_by),
                   Cat("签收时间：", DayOrBlank(form.received_date))});
  return page.Finish();
}

std::string Print(const ReplyForm& form) {
  Page page("办理情况答复函", false, "letter");
  page.Paragraph(Cat("答复类别：", Or(ClassLetter(form.reply_class), "    ")), "mark");
  page.Heading(Cat("关于", form.to, "《", form.title, "》", Or(form.kind, "建议"), "的答复"));
  page.Line({form.document_no, Cat("签发人：", form.signer)});
  page.Paragraph(Cat(form.to, "："), "to");
  page.Paragraph(Cat("您提出的《", form.title, "》（", form.matter_number, "）收悉。现答复如下："));
  page.Paragraph(form.text);
  if (!form.promise.empty())
    page.Paragraph(Cat("我单位承诺：", form.promise,
                       form.promise_date.empty() ? "" : Cat("，于", ChineseDate(form.promise_date), "前完成"), "。"));
  page.Paragraph("感谢您对我们工作的关心和支持，请填写所附《办理情况征询意见表》，提出宝贵意见。");
  page.Seal(form.unit, form.date);
  page.Paragraph(Cat("（联系人：", Or(form.contact, "          "), "  电话：", Or(form.phone, "              "), "）"));
  page.Html("<div class=\"foot\">");
  page.Paragraph(Cat("抄送：", form.copies));
  page.Html("</div>");
  return page.Finish();
}

std::string Print(const SurveyForm& form) {
  Page page("征询意见表");
  page.Heading("办理情况征询意见表");
  page.Line({Cat("事项编号：", form.matter_number), form.round.empty() ? "" : Cat("第 ", form.round, " 次办理")});
  const std::vector<std::string> grades = {"满意", "基本满意", "不满意"};
  page.Table(
      {16, 34, 16, 34},
      {Cat(Th("标题"), Td(form.title, 3, "low")), Cat(Th("提出人"), Td(form.by), Th("承办单位"), Td(form.main_unit)),
       Cat(Th("答复日期"), Td(DayOrBlank(form.reply_date)), Th("答复方式"),
           Td(Choices({"面复", "书面", "电话"}, form.reply_mode))),
       Cat(Th("答复类别"), Td(form.reply_class, 3)), Cat(Th("办理态度"), Td(Choices(grades, form.attitude), 3, "low")),
       Cat(Th("办理结果"), Td(Choices(grades, form.result), 3, "low")),
       Cat(Th("具体意见\n和建议"), Td(form.comment, 3, "high")),
       Cat(Th("评价人\n签名"), Td(Cat("                    ", DayOrBlank(form.date)), 3, "sign"))});
  page.Note(
      Cat("说明：一、请在相应的“□”内打“√”。二、评价为“不满意”的，请写明理由，由镇人大主席团交承办单位重新办理。\n三、请"
          "于收到答复之日起20个工作日内将本表交回",
          form.office, "；逾期未交的记为“未评价”，不计入满意。"));
  return page.Finish();
}

std::string Print(const SupervisionForm& form) {
  const std::string type = Or(form.type, "督办");
  Page page(Cat(type, "通知单"));
  page.Heading(Cat(form.office, type, "通知单"));
  page.Line({Cat("编号：", form.number), Cat("日期：", DayOrBlank(form.date))});
  page.Table({16, 34, 16, 34},
             {Cat(Th("承办单位"), Td(form.to, 3)),
              Cat(Th("事项编号"), Td(form.matter_number), Th("交办日期"), Td(DayOrBlank(form.assigned))),
              Cat(Th("标题"), Td(form.title, 3, "low")),
              Cat(Th("办理时限"), Td(DayOrBlank(form.due)), Th("超期情况"), Td(Or(form.overdue, "未超期"))),
              Cat(Th(Cat(type, "要求")),
                  Td(Or(form.requirement, "请抓紧办理，于规定期限内办结并书面报告办理情况。"), 3, "mid")),
              Cat(Th("报告期限"), Td(Cat("请于 ", DayOrBlank(form.answer_by), " 前报告办理情况"), 3)),
              Cat(Th("主席签字"), Td("", 1, "low"), Th("盖章"), Td("    年   月   日", 1, "sign")),
              Cat(Th("承办单位\n办理情况"), Td("", 3, "high")),
              Cat(Th("承办单位\n负责人"), Td("（签字、盖章）         年   月   日", 3, "sign"))});
  page.Note("本单一式两份，一份送承办单位，一份由镇人大主席团存档。");
  return page.Finish();
}

std::string Print(const DecisionForm& form) {
  const std::string what = form.extension ? "延期" : "退办";
  Page page(Cat(what, "审批单"));
  page.Heading(Cat("代表建议和群众意见", what, "审批单"));
  page.Line({Cat("交办编号：", form.number), Cat("申请日期：", DayOrBlank(form.date))});
  std::vector<std::string> rows = {
      Cat(Th("事项编号"), Td(form.matter_number), Th("申请单位"), Td(form.unit)),
      Cat(Th("标题"), Td(form.title, 3, "low")),
      Cat(Th("交办日期"), Td(DayOrBlank(form.assigned)), Th("办理时限"), Td(DayOrBlank(form.due)))};
  if (form.extension) rows.push_back(Cat(Th("申请延至"), Td(DayOrBlank(form.asked_due), 3)));
  rows.push_back(Cat(Th(Cat(what, "理由")), Td(form.reason, 3, "mid")));
  rows.push_back(Cat(Th("申请单位\n负责人"), Td("（签字、盖章）         年   月   日", 3, "sign")));
  std::string decision = form.decision == "待审核" ? "" : form.decision;
  rows.push_back(Cat(Th("审核结果"), Td(Choices({"同意", "不同意"}, decision), form.extension ? 1 : 3),
                     form.extension ? Cat(Th("延至"), Td(DayOrBlank(form.new_due))) : ""));
  rows.push_back(Cat(Th("审核意见"), Td(form.decision_reason, 3, "mid")));
  rows.push_back(Cat(Th("审核人"), Td(form.decided_by), Th("审核日期"), Td(DayOrBlank(form.decision_date))));
  if (!form.late_approved_by.empty()) rows.push_back(Cat(Th("逾期受理\n审批人"), Td(form.late_approved_by, 3)));
  rows.push_back(Cat(Th("主席签字"), Td("（盖章）         年   月   日", 3, "sign")));
  page.Table({16, 34, 16, 34}, rows);
  page.Note(form.extension ? Cat("说明：延期须在办理时限届满前提出，由", form.office, "审批。")
                           : Cat("说明：认为不属于本单位职责的，应当在规定的退办期限内书面提出，未经", form.office,
                                 "同意不得自行转办。"));
  return page.Finish();
}

std::string Print(const EscalationForm& form) {
  Page page("转上级办理函", false, "letter");
  page.Heading(Cat("关于转请办理《", form.title, "》的函"));
  page.Line({form.document_no});
  page.Paragraph(Cat(form.to, "："), "to");
  page.Paragraph(Cat(form.registered.empty() ? "" : Cat(ChineseDate(form.registered), "，"),
                     form.station.empty() ? "" : Cat("我镇", form.station), "登记了《", form.title, "》（",
                     form.matter_number, "）。经研究，该事项属于", Or(form.level, "上级"),
                     "级办理权限，现转请贵单位办理。主要内容如下："));
  page.Paragraph(form.content);
  if (!form.text.empty()) page.Paragraph(form.text);
  page.Paragraph("请将办理情况函告我们，以便向代表和群众反馈。");
  page.Seal(form.office, form.date);
  page.Paragraph(Cat("（联系人：", Or(form.contact, "          "), "  电话：", Or(form.phone, "              "), "）"));
  return page.Finish();
}

}  // namespace liaison::office
