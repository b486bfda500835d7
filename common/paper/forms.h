// The prints of the township's congress as HTML pages of A4, to be printed by a browser: no script, nothing loaded from
// anywhere, black on white. Every field is text as it shall stand there; what is empty leaves room to write by hand.
// The caller masks names and leaves out those who asked for it: a form prints what it is given. Days as YYYY-MM-DD are
// written out. Pure functions.
#ifndef LIAISON_COMMON_PAPER_FORMS_H_
#define LIAISON_COMMON_PAPER_FORMS_H_

#include <string>
#include <vector>

namespace liaison::office {

// 1 接待选民登记表.
struct VisitMatter {
  std::string number, content, category, nature;
  std::string disposition;  // 当场答复, 村级办理, 上报镇, 引导
  std::string guided_to, answer;
  std::string outcome, feedback_date, feedback_method, rating, feedback_by;
};
struct VisitForm {
  std::string number, station, date, time, place, form, deputies, recorder;
  std::string name, gender, age_band, phone, village_group;
  bool anonymous = false;
  int headcount = 1;
  std::string words;  // 原话
  std::vector<VisitMatter> matters;
};
std::string Print(const VisitForm& form);

// 2 接待日记录表.
struct SessionDeputyLine {
  std::string name, role, in, out, leave;
};
struct SessionVisitLine {
  std::string visitor, headcount, content, category, disposition;
};
struct SessionForm {
  std::string number, station, date, start, end, form, theme, place, recorder;
  std::vector<SessionDeputyLine> deputies;
  int visits = 0, headcount = 0, matters = 0, unregistered = 0;
  std::vector<SessionVisitLine> lines;
};
std::string Print(const SessionForm& form);

// 3 接待公告: a poster.
struct NoticeForm {
  std::string station, date, weekday, start, end, place, theme, form;
  std::vector<std::string> deputies;  // with level or position, as 张三（镇人大代表）
  std::string phone, notice_date;
};
std::string Print(const NoticeForm& form);

// 4 社情民意台账, landscape.
struct LedgerLine {
  std::string number, date, station, visitor, content, category, unit, assigned, due, reply_class, closed, rating,
      remark;
};
struct LedgerForm {
  std::string title, period;
  std::string cut_off;  // 数据截止, and how many stations have delivered
  std::vector<LedgerLine> lines;
};
std::string Print(const LedgerForm& form);

// 5 交办单, with a receipt to tear off.
struct AssignmentForm {
  std::string office;  // who hands over: ××镇人大主席团
  std::string number, matter_number, batch, date, title, content, source, main_unit, co_units, requirement, due, kind;
  std::string contact, phone, received_by, received_date;
  bool key_matter = false;
};
std::string Print(const AssignmentForm& form);

// 6 办理情况答复函.
struct ReplyForm {
  std::string unit, document_no, reply_class;  // A类(…): its letter stands at the right
  std::string to;                              // 主送: a deputy, or 反映人
  std::string kind;                            // 建议, 议案 or 意见
  std::string title, matter_number, text, promise, promise_date, signer, date, contact, phone;
  std::string copies;  // 抄送
};
std::string Print(const ReplyForm& form);

// 7 征询意见表.
struct SurveyForm {
  std::string office, title, matter_number, by, main_unit, reply_date, reply_mode, reply_class, round;
  std::string attitude, result, comment, date;  // empty: to be ticked by hand
};
std::string Print(const SurveyForm& form);

// 8 督办(催办)通知单.
struct SupervisionForm {
  std::string office, type, number, to, date, title, matter_number, assigned, due, overdue, requirement, answer_by;
};
std::string Print(const SupervisionForm& form);

// 9 退办 or 延期审批单.
struct DecisionForm {
  bool extension = false;  // else 退办
  std::string office, number, matter_number, title, unit, assigned, due, date, reason, asked_due;
  std::string decision, decision_reason, decided_by, decision_date, new_due, late_approved_by;
};
std::string Print(const DecisionForm& form);

// 10 代表履职登记表.
struct DeputySection {
  std::string title, summary;
  std::vector<std::string> entries;
};
struct DeputyForm {
  std::string name, gender, birth_year, ethnicity, party, position, group, mandates, station, period, points;
  std::vector<DeputySection> sections;  // eight, in their order; the first is 基本情况
};
std::string Print(const DeputyForm& form);

// 11 十有自查表.
struct TenHavesLine {
  std::string label;
  bool ok = false;
  std::string evidence, date;
};
struct TenHavesForm {
  std::string station, date;
  std::vector<TenHavesLine> lines;
};
std::string Print(const TenHavesForm& form);

// 12 转上级办理函.
struct EscalationForm {
  std::string office, document_no, to, level, date, title, matter_number, registered, station, content, text, contact,
      phone;
};
std::string Print(const EscalationForm& form);

// 13 述职评议测评统计表.
struct BallotLine {
  std::string subject, kind;
  bool reported = false;
  int voters = 0, excellent = 0, satisfied = 0, basically = 0, dissatisfied = 0, abstained = 0;
  std::string rate;  // 满意率
};
struct BallotForm {
  std::string title, date, place;
  std::vector<BallotLine> lines;
};
std::string Print(const BallotForm& form);

// Slips with the codes with which people set their first PIN or password, to be cut out: none of the thirteen.
struct SlipCard {
  std::string name, place, roles, account, code, date;
  bool at_hub = false;  // else at a station
};
// What whoever gets a slip is to do: three sentences, the same as on the page (common/web, SlipSheet).
std::vector<std::string> SlipSentences(bool at_hub);
std::string PrintSlips(const std::vector<SlipCard>& slips);

}  // namespace liaison::office

#endif  // LIAISON_COMMON_PAPER_FORMS_H_
