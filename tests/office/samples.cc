#include "tests/office/samples.h"

#include "common/base/text.h"
#include "common/paper/forms.h"

namespace liaison::office {
namespace {

constexpr char kOffice[] = "恒口镇人大主席团";
constexpr char kStation[] = "恒口镇河东村人大代表联络点";
constexpr char kNumber[] = "恒民意〔2026〕D057-0031号";
constexpr char kTitle[] = "河东村三组水渠垮塌影响灌溉";
constexpr char kContent[] = "三组水渠垮了二十来米，下游四十多亩稻田浇不上水，夏灌前不修好要误插秧，群众盼望尽快修复。";

std::string Visit() {
  VisitForm form;
  form.number = "恒人接〔2026〕D057-0012号";
  form.station = kStation;
  form.date = "2026-11-20";
  form.time = "09:10";
  form.place = "河东村村委会一楼联络室";
  form.form = "坐班接待日";
  form.deputies = "薛云、邱春梅";
  form.recorder = "李联络";
  form.name = "𬱖仁·䶮春";
  form.gender = "男";
  form.age_band = "50—59岁";
  form.phone = "13800005678";
  form.village_group = "三组";
  form.words = "三组水渠垮了二十来米，<今年>浇不上水 & 没人管，说了几回了。";
  VisitMatter matter;
  matter.number = kNumber;
  matter.category = "农业农村水利";
  matter.nature = "意见";
  matter.disposition = "上报镇";
  matter.answer = "已到现场看过，先组织群众清淤，垮塌段报镇里解决。";
  matter.outcome = "水利站已修复垮塌渠段二十二米，恢复通水。";
  matter.feedback_date = "2026-12-18";
  matter.feedback_method = "电话";
  matter.rating = "满意";
  matter.feedback_by = "薛云";
  form.matters = {matter};
  return Print(form);
}

std::string Session() {
  SessionForm form{"J20261120-D057-1", kStation,   "2026-11-20",       "09:00", "11:30",
                   "坐班接待日",       "农田水利", "村委会一楼联络室", "李联络"};
  form.deputies = {{"薛云", "区人大代表", "08:55", "11:30", ""}, {"邱春梅", "镇人大代表", "", "", "外出开会"}};
  form.visits = 3;
  form.headcount = 6;
  form.matters = 4;
  form.unregistered = 2;
  form.lines = {{"王**", "1", "三组水渠垮了二十来米", "农业农村水利", "上报镇"},
                {"李**", "4", "学校门口没有减速带", "交通出行", "上报镇"},
                {"匿名", "1", "卫生室晚上没人", "医疗卫生", "村级办理"},
                {"匿名", "1", "咨询城乡居民医保缴费", "社会保障", "当场答复"}};
  return Print(form);
}

std::string Notice() {
  NoticeForm form{kStation,   "2026-11-20", "星期五", "09:00", "11:30", "河东村村委会一楼联络室",
                  "农田水利", "坐班接待日"};
  form.deputies = {"薛云（区人大代表）", "邱春梅（镇人大代表）"};
  form.phone = "0915-3610000";
  form.notice_date = "2026-11-16";
  return Print(form);
}

std::string Ledger() {
  LedgerForm form;
  form.title = "恒口镇社情民意台账";
  form.period = "2026年1月1日至2026年6月30日";
  form.cut_off = "数据截止2026年7月3日，94/96个站点已同步";
  for (int i = 1; i <= 20; ++i) {
    form.lines.push_back({Cat("恒民意〔2026〕D057-00", i + 10, "号"), "2026-03-15", "河东村",
                          i % 5 == 0 ? "匿名" : "王**", i % 3 == 0 ? "学校门口没有减速带，放学时车多" : kContent,
                          "农业农村水利", "水利站", "2026-03-25", "2026-04-24", "A类", "2026-04-20", "满意", ""});
  }
  return Print(form);
}

std::string HandOver() {
  AssignmentForm form;
  form.office = kOffice;
  form.number = "恒人交〔2026〕015号";
  form.matter_number = kNumber;
  form.batch = "2026年第一次交办会";
  form.date = "2026-03-25";
  form.title = kTitle;
  form.content = kContent;
  form.source = "河东村联络点接待日";
  form.main_unit = "水利站";
  form.co_units = "财政所、河东村委会";
  form.requirement = "夏灌前修复垮塌渠段，并排查全村渠系。";
  form.due = "2026-06-25";
  form.kind = "3个月";
  form.contact = "镇人大办公室";
  form.phone = "0915-3610001";
  return Print(form);
}

std::string Answer() {
  ReplyForm form;
  form.unit = "恒口镇水利站";
  form.document_no = "恒水函〔2026〕7号";
  form.reply_class = "B类（列入计划拟解决）";
  form.to = "薛云代表";
  form.kind = "建议";
  form.title = kTitle;
  form.matter_number = "恒人建〔20-3〕007号";
  form.text =
      "接到建议后，我站会同河东村委会到现场查勘，垮塌渠段长二十二米，系连续强降雨冲刷所致。\n"
      "目前已用沙袋临时恢复通水，永久性修复已列入今年水毁修复计划，资金三万二千元已落实。";
  form.promise = "完成二十二米渠段浆砌石修复";
  form.promise_date = "2026-12-31";
  form.signer = "王站长";
  form.date = "2026-05-10";
  form.contact = "刘工";
  form.phone = "0915-3610002";
  form.copies = "恒口镇人大主席团，恒口镇人民政府办公室";
  return Print(form);
}

std::string Survey() {
  SurveyForm form;
  form.office = kOffice;
  form.title = kTitle;
  form.matter_number = "恒人建〔20-3〕007号";
  form.by = "薛云";
  form.main_unit = "水利站";
  form.reply_date = "2026-05-10";
  form.reply_mode = "面复";
  form.reply_class = "B类（列入计划拟解决）";
  form.round = "1";
  return Print(form);
}

std::string Supervise() {
  return Print(SupervisionForm{kOffice, "督办", "恒人督〔2026〕003号", "水利站", "2026-07-01", kTitle, kNumber,
                               "2026-03-25", "2026-06-25", "已超期6天", "", "2026-07-08"});
}

std::string Decide() {
  DecisionForm form;
  form.extension = true;
  form.office = kOffice;
  form.number = "恒人交〔2026〕015号";
  form.matter_number = kNumber;
  form.title = kTitle;
  form.unit = "水利站";
  form.assigned = "2026-03-25";
  form.due = "2026-06-25";
  form.date = "2026-06-10";
  form.reason = "汛期水位高，渠段修复须待水退后施工。";
  form.asked_due = "2026-08-31";
  return Print(form);
}

std::string Deputy() {
  DeputyForm form{"薛云",        "女",
                  "1977",        "汉族",
                  "中共党员",    "河东村党支部书记",
                  "第1代表小组", "汉滨区第十九届人大代表；恒口镇第二十届人大代表",
                  kStation,      "2026年1月1日至2026年12月31日",
                  "86.5"};
  form.sections = {{"基本情况", "任职2项，联系河东村", {}},
                   {"参加会议", "2次", {"2026年3月6日 镇二十届人大四次会议", "2026年8月12日 镇二十届人大五次会议"}},
                   {"视察调研", "1次", {"2026年5月20日 农田水利专题调研"}},
                   {"学习培训", "1次", {"2026年4月9日 代表法专题培训"}},
                   {"代表小组活动", "2次", {"2026年2月1日 会前活动", "2026年7月1日 联系选民"}},
                   {"提出建议意见", "领衔1件，附议2件", {"恒人建〔20-3〕007号 河东村三组水渠垮塌影响灌溉（办结）"}},
                   {"述职与监督", "1次", {"2026年12月1日 向选民述职，满意率96.7%"}},
                   {"表彰奖励", "1项", {"2026年12月20日 优秀人大代表"}}};
  return Print(form);
}

std::string TenHaves() {
  TenHavesForm form{kStation, "2026-11-20"};
  for (const char* label : {"有组织机构", "有工作计划", "有规章制度", "有统一牌子", "有固定场所", "有硬件设施",
                            "有活动记录", "有资料档案", "有联系对象", "有考核机制"})
    form.lines.push_back(
        {label, form.lines.size() != 5, form.lines.size() == 6 ? "近90天开展接待日5次" : "", "2026-11-20"});
  return Print(form);
}

std::string Escalate() {
  return Print(EscalationForm{kOffice, "恒人函〔2026〕4号", "汉滨区交通运输局", "区", "2026-05-06",
                              "316国道恒口段增设信号灯", "恒民意〔2026〕D012-0044号", "2026-04-15", "第3片区联络站",
                              "国道与学府路交叉口车流量大，没有信号灯，今年已发生两起事故。",
                              "镇交通办已到现场查看，增设信号灯须由贵局审批。", "镇人大办公室", "0915-3610001"});
}

std::string Ballots() {
  BallotForm form{"恒口镇人大代表述职评议民主测评统计表", "2026-12-01", "镇政府三楼会议室"};
  form.lines = {{"薛云", "代表", true, 62, 20, 30, 9, 1, 2, "98.3%"},
                {"副镇长 赵某", "政府工作人员", true, 62, 18, 28, 12, 3, 1, "95.1%"},
                {"水利站", "部门单位", false, 62, 15, 25, 15, 5, 2, "91.7%"}};
  return Print(form);
}

}  // namespace

Document SampleReport() {
  Document document("恒口镇人大主席团\n关于2026年上半年人大代表联络站\n工作情况的报告", kOffice);
  document.Paragraph("现将2026年上半年人大代表联络站工作情况报告如下。");
  document.Heading(1, "基本情况");
  document.Heading(2, "站点建设");
  document.Paragraph("建设中心站1个、片区联络站12个、高标准联络站5个、村（社区）联络点96个，实现联络站点全覆盖。");
  document.Heading(2, "接待选民");
  document.Paragraph(
      Cat("上半年共开展代表接待日192场次，75名市、区、镇三级代表371人次参加，接待选民194批267人次，收集意见建议194条，"
          "其中当场答复99条，"
          "已解决145条，其余41条正在办理之中。“件件有答复、事事有回音”得到落实，",
          kRareNames, "等代表坚持轮流坐班。"));
  DocumentTable table;
  table.caption = "表1  各片区接待情况";
  using Align = DocumentColumn::Align;
  table.columns = {{"片区", 2, Align::kCentre}, {"场次", 1, Align::kRight},       {"批次", 1, Align::kRight},
                   {"人次", 1, Align::kRight},  {"意见建议", 1.3, Align::kRight}, {"办结率", 1.3, Align::kRight}};
  for (int i = 1; i <= 30; ++i)
    table.rows.push_back(
        {Cat("第", i, "片区"), Cat(10 + i), Cat(12 + i), Cat(20 + i), Cat(11 + i), Cat(80 + i % 20, ".5%")});
  table.note = "注：数据截止2026年7月3日，94/96个站点已同步。";
  document.Table(table);
  document.Heading(1, "意见建议办理情况");
  Chart chart{ChartKind::kColumn,
              "各月收集意见建议",
              "条",
              {"1月", "2月", "3月", "4月", "5月", "6月"},
              {{"收集", {20, 12, 41, 38, 45, 38}}, {"办结", {15, 10, 30, 33, 40, 17}}}};
  document.AddChart(chart);
  document.AddChart({ChartKind::kBar,
                     "意见建议类别前五位",
                     "条",
                     {"农业农村水利", "交通出行", "医疗卫生", "人居环境", "社会保障"},
                     {{"条数", {62, 41, 30, 22, 15}}}});
  document.AddChart({ChartKind::kLine,
                     "按期办结率走势",
                     "%",
                     {"1月", "2月", "3月", "4月", "5月", "6月"},
                     {{"按期办结率", {88, 90, 86.5, 92, 95, 96}}}});
  document.Heading(1, "存在问题和下一步打算");
  document.Paragraph(
      "个别站点超过60天没有开展接待活动；部分承办单位答复不及时。下一步将加强督办，推动代表履职常态化。");
  document.Signature(kOffice, "2026-07-10");
  return document;
}

Sheet SampleFigures() {
  Sheet sheet;
  sheet.name = "片区:统计[1]";
  sheet.title = "恒口镇2026年上半年各片区接待情况";
  sheet.note = "数据截止2026年7月3日，94/96个站点已同步";
  sheet.columns = {{"片区", 14, true}, {"场次", 10}, {"意见建议", 12}, {"办结率", 10}, {"最近接待日", 14}};
  for (int i = 1; i <= 6; ++i) {
    sheet.rows.push_back({Cat("第", i, "片区"), SheetCell::Number(10 + i), SheetCell::Number(1200 + i),
                          SheetCell::Percent(0.9 + i / 100.0), SheetCell::Date(Cat("2026-06-1", i))});
  }
  sheet.charts = {{ChartKind::kColumn, "各片区接待场次", 0, {1}},
                  {ChartKind::kBar, "各片区意见建议", 0, {2}},
                  {ChartKind::kLine, "场次走势", 0, {1}}};
  return sheet;
}

Sheet SampleLedger(int rows) {
  Sheet sheet;
  sheet.name = "台账";
  sheet.title = "恒口镇社情民意台账";
  sheet.landscape = true;
  sheet.columns = {{"序号", 6, true}, {"编号", 26},       {"日期", 12, true}, {"反映人", 10, true},
                   {"内容", 46},      {"类别", 14, true}, {"备注", 32}};
  for (int i = 1; i <= rows; ++i) {
    sheet.rows.push_back({SheetCell::Number(i), Cat("恒民意〔2026〕D057-", 1000 + i, "号"),
                          SheetCell::Date("2026-03-15"), "王**", kContent, "农业农村水利",
                          i == 1 ? "=1+1" : kRareNames});
  }
  return sheet;
}

std::vector<std::pair<std::string, std::string>> SampleForms() {
  return {{"01 接待选民登记表", Visit()},  {"02 接待日记录表", Session()}, {"03 接待公告", Notice()},
          {"04 社情民意台账", Ledger()},   {"05 交办单", HandOver()},      {"06 办理情况答复函", Answer()},
          {"07 征询意见表", Survey()},     {"08 督办通知单", Supervise()}, {"09 延期审批单", Decide()},
          {"10 代表履职登记表", Deputy()}, {"11 十有自查表", TenHaves()},  {"12 转上级办理函", Escalate()},
          {"13 测评统计表", Ballots()}};
}

}  // namespace liaison::office
