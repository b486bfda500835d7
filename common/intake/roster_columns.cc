#include "common/intake/roster_columns.h"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/record/schema.h"
#include "common/rules/reception/schedule.h"
#include "common/sheets/table.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr std::string_view kHolidayKey = "holiday-";

const FieldDescriptor* Field(const Message& record, std::string_view name) {
  return record.GetDescriptor()->FindFieldByName(std::string(name));
}

void SetText(Message* record, std::string_view field, std::string text) {
  record->GetReflection()->SetString(record, Field(*record, field), std::move(text));
}

std::string Folded(std::string_view text) { return RemoveSpaces(Fold(text)); }

// Parts around separators, trimmed; `parts` of a mandate may be empty, elements of a list may not.
std::vector<std::string> PartsOf(std::string_view text, std::initializer_list<std::string_view> separators) {
  std::string one;
  for (size_t at = 0; at < text.size();) {
    auto separator = std::find_if(separators.begin(), separators.end(),
                                  [&](std::string_view s) { return text.substr(at).starts_with(s); });
    one.push_back(separator == separators.end() ? text[at] : ';');
    at += separator == separators.end() ? 1 : separator->size();
  }
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(one, ';')) parts.push_back(Trim(StdView(part)));
  return parts;
}

std::vector<std::string> Elements(std::string_view text) {
  std::vector<std::string> parts = PartsOf(text, {"；", "、", "，", ",", "\n"});
  std::erase_if(parts, [](const std::string& part) { return part.empty(); });
  return parts;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) text += Cat(i == 0 ? "" : separator, parts[i]);
  return text;
}

// ---------------------------------------------------------------- texts, codes, dates, phones

std::string ReadText(std::string_view text, std::string_view field, Message* record) {
  SetText(record, field, std::string(text));
  return "";
}
std::string WriteText(const Message& record, std::string_view field) {
  return record.GetReflection()->GetString(record, Field(record, field));
}

std::string ReadCode(std::string_view text, std::string_view field, Message* record) {
  SetText(record, field, Folded(text));
  return "";
}

std::string ReadDay(std::string_view text, std::string_view field, Message* record) {
  absl::StatusOr<std::string> day = ParseDate(text);
  if (!day.ok()) return std::string(day.status().message());
  SetText(record, field, *day);
  return "";
}

std::string ReadPhone(std::string_view text, std::string_view field, Message* record) {
  absl::StatusOr<std::string> phone = NormalisePhone(text);
  if (!phone.ok()) return std::string(phone.status().message());
  SetText(record, field, *phone);
  return "";
}

std::string ReadRule(std::string_view text, std::string_view field, Message* record) {
  absl::StatusOr<ScheduleRule> rule = ParseSchedule(Fold(text));
  if (!rule.ok()) return std::string(rule.status().message());
  SetText(record, field, ScheduleText(*rule));
  return "";
}

std::string ReadYear(std::string_view text, std::string_view field, Message* record) {
  std::string folded = Folded(text);
  if (folded.ends_with("年")) folded.resize(folded.size() - std::string_view("年").size());
  int32_t year = 0;
  if (folded.size() != 4 || !absl::SimpleAtoi(folded, &year) || year < 1900 || year > 2100) return "应为四位年份";
  record->GetReflection()->SetInt32(record, Field(*record, field), year);
  return "";
}
std::string WriteYear(const Message& record, std::string_view field) {
  const int32_t year = record.GetReflection()->GetInt32(record, Field(record, field));
  return year == 0 ? "" : Cat(year);
}

std::string ReadFlag(std::string_view text, std::string_view field, Message* record) {
  const std::string key = NameKey(text);
  const bool yes = key == "是" || key == "停用" || key == "TRUE" || key == "1";
  if (!yes && key != "否" && key != "在用" && key != "FALSE" && key != "0") return "应为是或否";
  record->GetReflection()->SetBool(record, Field(*record, field), yes);
  return "";
}
std::string WriteFlag(const Message& record, std::string_view field) {
  return record.GetReflection()->GetBool(record, Field(record, field)) ? "是" : "否";
}

// ---------------------------------------------------------------- choices

struct Word {
  std::string_view key;  // NameKey
  int value;
};

std::string ReadChoice(std::string_view text, std::string_view field, const std::vector<Word>& words, Message* record) {
  const auto* descriptor = Field(*record, field);
  const std::string key = NameKey(text);
  std::string all;
  for (int i = 0; i < descriptor->enum_type()->value_count(); ++i) {
    const auto* value = descriptor->enum_type()->value(i);
    const bool unspecified = value->name().ends_with("_UNSPECIFIED");
    if (!unspecified && key == NameKey(LabelOf(value))) {
      record->GetReflection()->SetEnumValue(record, descriptor, value->number());
      return "";
    }
    if (!unspecified) all += Cat(all.empty() ? "" : "、", LabelOf(value));
  }
  for (const Word& word : words) {
    if (word.key != key) continue;
    record->GetReflection()->SetEnumValue(record, descriptor, word.value);
    return "";
  }
  return Cat("“", text, "”不在可选的里面，应为", all);
}
std::string ReadTier(std::string_view text, std::string_view field, Message* record) {
  static const auto* words = new std::vector<Word>{
      {"CENTER", v1::CENTER},   {"中心", v1::CENTER},     {"中心联络站", v1::CENTER}, {"AREA", v1::AREA},
      {"片区", v1::AREA},       {"片区联络站", v1::AREA}, {"POINT", v1::POINT},       {"村(社区)联络点", v1::POINT},
      {"村级联络点", v1::POINT}};
  return ReadChoice(text, field, *words, record);
}
std::string ReadGrade(std::string_view text, std::string_view field, Message* record) {
  static const auto* words = new std::vector<Word>{
      {"NORMAL", v1::GRADE_NORMAL}, {"一般", v1::GRADE_NORMAL}, {"HIGH_STANDARD", v1::GRADE_HIGH_STANDARD}};
  return ReadChoice(text, field, *words, record);
}
std::string ReadStatus(std::string_view text, std::string_view field, Message* record) {
  static const auto* words = new std::vector<Word>{{"ACTIVE", v1::STATION_ACTIVE}, {"正常", v1::STATION_ACTIVE},
                                                   {"运行中", v1::STATION_ACTIVE}, {"PAUSED", v1::STATION_PAUSED},
                                                   {"停用", v1::STATION_PAUSED},   {"MERGED", v1::STATION_MERGED},
                                                   {"合并", v1::STATION_MERGED},   {"已并入", v1::STATION_MERGED},
                                                   {"CLOSED", v1::STATION_CLOSED}, {"撤销", v1::STATION_CLOSED}};
  return ReadChoice(text, field, *words, record);
}
std::string WriteChoice(const Message& record, std::string_view field) {
  const auto* value = record.GetReflection()->GetEnum(record, Field(record, field));
  return value->name().ends_with("_UNSPECIFIED") ? "" : LabelOf(value);
}

// ---------------------------------------------------------------- lists

std::string ReadList(std::string_view text, std::string_view field, Message* record) {
  const auto* descriptor = Field(*record, field);
  record->GetReflection()->ClearField(record, descriptor);
  std::set<std::string> once;
  for (std::string& element : Elements(text))
    if (once.insert(element).second) record->GetReflection()->AddString(record, descriptor, std::move(element));
  return once.empty() ? "没有内容" : "";
}
std::string WriteList(const Message& record, std::string_view field) {
  const auto* descriptor = Field(record, field);
  std::vector<std::string> parts;
  for (int i = 0; i < record.GetReflection()->FieldSize(record, descriptor); ++i)
    parts.push_back(record.GetReflection()->GetRepeatedString(record, descriptor, i));
  std::sort(parts.begin(), parts.end());  // a set has no order of its own
  return Join(parts, "、");
}

std::string ReadDivisions(std::string_view text, std::string_view, Message* record) {
  auto& station = static_cast<v1::Station&>(*record);
  station.clear_division_codes();
  std::set<std::string> once;
  for (const std::string& element : Elements(Fold(text))) {
    std::string code = RemoveSpaces(element), since, until;
    if (size_t open = code.find('('); open != std::string::npos) {
      if (!code.ends_with(")")) return "括号没有写完";
      const std::string dates = code.substr(open + 1, code.size() - open - 2);
      code.resize(open);
      const size_t to = dates.find("至");
      if (to == std::string::npos) return Cat("“", dates, "”应为起日至止日");
      since = dates.substr(0, to);
      until = dates.substr(to + std::string_view("至").size());
      for (std::string* date : {&since, &until}) {
        if (date->empty()) continue;
        absl::StatusOr<std::string> day = ParseDate(*date);
        if (!day.ok()) return std::string(day.status().message());
        *date = *day;
      }
    }
    if (code.size() != 12 || code.find_first_not_of("0123456789") != std::string::npos) return "应为 12 位数字";
    if (!once.insert(code).second) return Cat("“", code, "”写了两次");
    v1::DivisionCode& division = *station.add_division_codes();
    division.set_code(code);
    division.set_valid_from(since);
    division.set_valid_to(until);
  }
  return once.empty() ? "没有内容" : "";
}
std::string WriteDivisions(const Message& record, std::string_view) {
  std::vector<std::string> parts;
  for (const v1::DivisionCode& division : static_cast<const v1::Station&>(record).division_codes()) {
    const bool dated = !division.valid_from().empty() || !division.valid_to().empty();
    parts.push_back(
        Cat(division.code(), dated ? Cat("(", division.valid_from(), "至", division.valid_to(), ")") : std::string()));
  }
  std::sort(parts.begin(), parts.end());
  return Join(parts, "、");
}

// ---------------------------------------------------------------- mandates

v1::MandateLevel LevelOf(std::string_view text) {
  if (text == "镇" || text == "乡" || text == "乡镇") return v1::MANDATE_TOWN;
  if (text == "区" || text == "县") return v1::MANDATE_DISTRICT;
  if (text == "市") return v1::MANDATE_CITY;
  if (text == "省") return v1::MANDATE_PROVINCE;
  if (text == "全国") return v1::MANDATE_NATION;
  return v1::MANDATE_UNSPECIFIED;
}

// A level that was there keeps what is known of it.
std::string ReadLevels(std::string_view text, std::string_view, Message* record) {
  auto& deputy = static_cast<v1::Deputy&>(*record);
  const auto known = deputy.mandates();
  deputy.clear_mandates();
  std::set<v1::MandateLevel> once;
  for (const std::string& element : Elements(Folded(text))) {
    const v1::MandateLevel level = LevelOf(element);
    if (level == v1::MANDATE_UNSPECIFIED) return Cat("不认识的层级“", element, "”，应为镇、区、市、省或全国");
    if (!once.insert(level).second) return Cat("“", element, "”写了两次");
    v1::Mandate& mandate = *deputy.add_mandates();
    for (const v1::Mandate& one : known)
      if (one.level() == level) mandate = one;
    mandate.set_level(level);
  }
  return once.empty() ? "至少要有一个层级" : "";
}
std::string WriteLevels(const Message& record, std::string_view) {
  std::vector<std::string> parts;
  for (const v1::Mandate& mandate : static_cast<const v1::Deputy&>(record).mandates())
    parts.push_back(EnumLabel(mandate.level()));
  return Join(parts, "；");
}

std::string ReadMandatePart(std::string_view text, std::string_view field, Message* record) {
  auto& deputy = static_cast<v1::Deputy&>(*record);
  const std::vector<std::string> parts =
      deputy.mandates_size() == 1 ? std::vector<std::string>{std::string(text)} : PartsOf(text, {"；"});
  if (parts.size() != static_cast<size_t>(deputy.mandates_size()))
    return Cat("任职层级有 ", deputy.mandates_size(), " 个，这里要用分号写 ", deputy.mandates_size(), " 段");
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty()) continue;
    v1::Mandate* mandate = deputy.mutable_mandates(static_cast<int>(i));
    if (parts[i] == kClearCell) {
      SetText(mandate, field, "");
      continue;
    }
    if (field == "from" || field == "to") {
      std::string wrong = ReadDay(parts[i], field, mandate);
      if (!wrong.empty()) return wrong;
    } else if (field == "status" && parts[i] != "在任" && parts[i] != "暂停执行" && parts[i] != "终止") {
      return Cat("“", parts[i], "”应为在任、暂停执行或终止");
    } else {
      SetText(mandate, field, parts[i]);
    }
  }
  return "";
}
std::string WriteMandatePart(const Message& record, std::string_view field) {
  std::vector<std::string> parts;
  for (const v1::Mandate& mandate : static_cast<const v1::Deputy&>(record).mandates())
    parts.push_back(WriteText(mandate, field));
  const bool none = std::all_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
  return none ? "" : Join(parts, "；");
}

// ---------------------------------------------------------------- days of the holiday table

std::string ReadHoliday(std::string_view text, std::string_view, Message* record) {
  absl::StatusOr<std::string> day = ParseDate(text);
  if (!day.ok()) return std::string(day.status().message());
  static_cast<v1::Policy*>(record)->set_key(Cat(kHolidayKey, *day));
  return "";
}
std::string WriteHoliday(const Message& record, std::string_view) {
  const std::string& key = static_cast<const v1::Policy&>(record).key();
  return key.starts_with(kHolidayKey) ? key.substr(kHolidayKey.size()) : "";
}

std::string ReadDayKind(std::string_view text, std::string_view, Message* record) {
  const std::string key = NameKey(text);
  const bool off = key == "休" || key == "放假" || key == "休息" || key == "节假日" || key == "HOLIDAY";
  const bool work = key == "班" || key == "补班" || key == "上班" || key == "调休上班" || key == "WORKDAY";
  if (!off && !work) return Cat("“", text, "”应为休（放假）或班（补班）");
  static_cast<v1::Policy*>(record)->set_value(off ? "holiday" : "workday");
  return "";
}
std::string WriteDayKind(const Message& record, std::string_view) {
  const std::string& value = static_cast<const v1::Policy&>(record).value();
  return value == "holiday" ? "休" : value == "workday" ? "班" : value;
}

RosterColumn MandatePart(std::string_view field, std::vector<std::string_view> names) {
  return {field, std::move(names), ReadMandatePart, WriteMandatePart, true, field == "from" || field == "to"};
}

RosterForm StationForm() {
  return {v1::ROSTER_STATIONS,
          "stations",
          {{"station_id", {"站点编号", "联络站编号", "联络点编号", "编号"}, ReadCode, WriteText},
           {"name", {"站点名称", "联络站名称", "联络点名称", "名称"}, ReadText, WriteText},
           {"tier", {"层级", "站点层级", "级别"}, ReadTier, WriteChoice},
           {"parent_id", {"上级站点", "上级站点编号", "所属片区", "上级编号"}, ReadCode, WriteText},
           {"grade", {"等级", "站点等级"}, ReadGrade, WriteChoice},
           {"status", {"状态", "站点状态", "运行状态"}, ReadStatus, WriteChoice},
           {"merged_into", {"并入站点", "并入站点编号", "并入"}, ReadCode, WriteText},
           {"status_date", {"状态日期", "变更日期", "合并日期"}, ReadDay, WriteText, false, true},
           {"public_name", {"对外名称", "简称"}, ReadText, WriteText},
           {"leader", {"站长", "负责人"}, ReadText, WriteText},
           {"officer", {"联络员", "站点联络员"}, ReadText, WriteText},
           {"public_phone", {"公开电话", "联系电话", "电话", "手机", "手机号"}, ReadPhone, WriteText},
           {"schedule_rule", {"接待日规则", "接待日", "接待时间"}, ReadRule, WriteText},
           {"villages", {"所辖村", "所辖村社区", "覆盖村", "联系村"}, ReadList, WriteList},
           {"division_codes", {"区划代码", "行政区划代码", "DIVISION_CODE"}, ReadDivisions, WriteDivisions}}};
}

RosterForm DeputyForm() {
  return {v1::ROSTER_DEPUTIES,
          "deputies",
          {{"deputy_id", {"代表编号", "编号"}, ReadCode, WriteText},
           {"name", {"姓名", "代表姓名"}, ReadText, WriteText},
           {"gender", {"性别"}, ReadText, WriteText},
           {"birth_year", {"出生年份", "出生年", "出生年度"}, ReadYear, WriteYear},
           {"ethnicity", {"民族"}, ReadText, WriteText},
           {"party", {"党派", "政治面貌"}, ReadText, WriteText},
           {"position", {"单位及职务", "单位职务", "工作单位及职务", "职务"}, ReadText, WriteText},
           {"mandates", {"任职层级", "代表层级", "层级"}, ReadLevels, WriteLevels, true},
           MandatePart("congress", {"届别", "届次"}),
           MandatePart("constituency", {"选区", "选举单位"}),
           MandatePart("certificate_no", {"代表证号", "证号"}),
           MandatePart("from", {"任期起", "任职起日", "任职日期"}),
           MandatePart("to", {"任期止", "任职止日"}),
           MandatePart("status", {"任职状态", "状态"}),
           MandatePart("reason", {"状态原因", "原因"}),
           {"group", {"代表小组", "小组", "所在小组"}, ReadText, WriteText},
           {"home_station_id", {"所在站点", "所在站点编号", "所属站点", "站点编号"}, ReadCode, WriteText},
           {"villages", {"联系村", "联系村社区"}, ReadList, WriteList},
           {"public_phone", {"公开电话", "联系电话", "电话", "手机", "手机号"}, ReadPhone, WriteText}}};
}

std::vector<RosterForm> MakeForms() {
  return {StationForm(),
          DeputyForm(),
          {v1::ROSTER_DEPARTMENTS,
           "departments",
           {{"department_id", {"单位编号", "部门编号", "编号"}, ReadCode, WriteText},
            {"name", {"单位名称", "部门名称", "承办单位", "名称"}, ReadText, WriteText},
            {"level", {"单位层级", "层级", "级别"}, ReadText, WriteText},
            {"leader", {"负责人", "单位负责人", "领导"}, ReadText, WriteText},
            {"phone", {"电话", "联系电话", "手机", "手机号"}, ReadPhone, WriteText}}},
          {v1::ROSTER_HOLIDAYS,
           "holidays",
           {{"date", {"日期", "放假日期"}, ReadHoliday, WriteHoliday, false, true},
            {"kind", {"休班", "休/班", "休或班", "类型", "类别", "安排"}, ReadDayKind, WriteDayKind},
            {"note", {"节日", "节日名称", "名称", "说明", "NAME"}, ReadText, WriteText}}},
          {v1::ROSTER_CATEGORIES,
           "categories",
           {{"code", {"类别代码", "代码", "类别编号", "编号"}, ReadCode, WriteText},
            {"name", {"类别名称", "类别", "名称"}, ReadText, WriteText},
            {"parent", {"上级代码", "上级类别", "上级"}, ReadCode, WriteText},
            {"keywords", {"关键词", "关键字"}, ReadList, WriteList},
            {"rollup", {"上报口径", "老五类", "五类"}, ReadText, WriteText},
            {"retired", {"停用", "是否停用"}, ReadFlag, WriteFlag}}}};
}

}  // namespace

const std::vector<RosterForm>& RosterForms() {
  static const auto* forms = new std::vector<RosterForm>(MakeForms());
  return *forms;
}

const RosterForm* FormOf(v1::RosterKind kind) {
  for (const RosterForm& form : RosterForms())
    if (form.kind == kind) return &form;
  return nullptr;
}

std::unique_ptr<Message> NewRecord(v1::RosterKind kind) {
  switch (kind) {
    case v1::ROSTER_STATIONS:
      return std::make_unique<v1::Station>();
    case v1::ROSTER_DEPUTIES:
      return std::make_unique<v1::Deputy>();
    case v1::ROSTER_DEPARTMENTS:
      return std::make_unique<v1::Department>();
    case v1::ROSTER_HOLIDAYS:
      return std::make_unique<v1::Policy>();
    default: {
      auto code = std::make_unique<v1::Code>();
      code->set_table("category");
      return code;
    }
  }
}

std::string RosterCode(v1::RosterKind kind, const Message& record) {
  switch (kind) {
    case v1::ROSTER_HOLIDAYS:
      return static_cast<const v1::Policy&>(record).key();
    case v1::ROSTER_CATEGORIES:
      return Cat("category-", static_cast<const v1::Code&>(record).code());
    default:
      return WriteText(record, FormOf(kind)->columns[0].field);
  }
}

std::string RosterName(v1::RosterKind kind, const Message& record) {
  return kind == v1::ROSTER_HOLIDAYS ? static_cast<const v1::Policy&>(record).note() : WriteText(record, "name");
}

std::string CleanCell(std::string_view text) {
  std::string out;
  for (const char c : PlainLines(UnguardCell(text)))
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out.push_back(c);
  return Trim(out);
}

}  // namespace liaison
