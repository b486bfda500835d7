#include "common/service/roster_csv.h"

#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/service/table.h"
#include "common/service/text_forms.h"

namespace liaison {
namespace {

constexpr size_t kMaxFaultsShown = 100;

bool IsCode(std::string_view text) {
  for (unsigned char c : text) {
    if (!absl::ascii_isalnum(c) && c != '-') return false;
  }
  return true;
}

// A list with its column names, and the faults found so far.
class RosterSheet {
 public:
  // `columns` must all be there.
  static absl::StatusOr<RosterSheet> Open(std::string_view bytes, const std::vector<std::string>& columns) {
    RosterSheet sheet;
    ASSIGN_OR_RETURN(std::string text, DecodeText(bytes));
    ASSIGN_OR_RETURN(sheet.table_, ReadCsv(text));
    if (sheet.table_.rows.empty()) return absl::InvalidArgumentError("文件里没有内容");
    const Row& header = sheet.table_.rows[0];
    for (size_t i = 0; i < header.cells.size(); ++i) sheet.columns_.emplace(Trim(header.cells[i].text), i);
    for (const std::string& column : columns) {
      if (sheet.columns_.count(column) == 0) sheet.Fault(header, column, "缺少这一列");
    }
    RETURN_IF_ERROR(sheet.Result());
    return sheet;
  }

  // The rows below the names.
  absl::Span<const Row> rows() const { return absl::MakeConstSpan(table_.rows).subspan(1); }

  std::string Get(const Row& row, const std::string& column) const { return Trim(row.Text(columns_.at(column))); }

  void Fault(const Row& row, std::string_view column, std::string_view what) {
    faults_.push_back(Cat("第 ", row.number, " 行“", column, "”列：", what));
  }

  // The text of the column of the field's own name, into the message, after the schema's rules.
  void Fill(const Row& row, const std::string& field_name, google::protobuf::Message* message) {
    const google::protobuf::FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(field_name);
    const v1::FieldRules& rules = field->options().GetExtension(v1::f);
    std::string text = Get(row, field_name);
    const size_t max_chars = rules.max_chars() == 0 ? 200 : rules.max_chars();
    if (text.empty() && rules.required()) Fault(row, field_name, "不能为空");
    if (CountChars(text) > max_chars) Fault(row, field_name, Cat("超过了 ", max_chars, " 个字"));
    if (rules.format() == v1::FORMAT_CODE && !IsCode(text)) Fault(row, field_name, "只能有字母、数字和短横线");
    message->GetReflection()->SetString(message, field, std::move(text));
  }

  // Remembers the value; a second row with it is a fault.
  void Unique(const Row& row, const std::string& column, std::string_view value) {
    auto [first, added] = seen_[column].emplace(value, row.number);
    if (!added && !value.empty()) Fault(row, column, Cat("“", value, "”与第 ", first->second, " 行重复"));
  }

  absl::Status Result() const {
    if (faults_.empty()) return absl::OkStatus();
    std::string message = Cat("文件有 ", faults_.size(), " 处错误，没有导入：");
    for (size_t i = 0; i < faults_.size() && i < kMaxFaultsShown; ++i) message += "\n" + faults_[i];
    return absl::InvalidArgumentError(message);
  }

 private:
  Table table_;
  std::map<std::string, int> columns_;
  std::map<std::string, std::map<std::string, int, std::less<>>> seen_;  // column -> value -> row
  std::vector<std::string> faults_;
};

std::optional<v1::Tier> TierOf(std::string_view text) {
  if (text == "center") return v1::CENTER;
  if (text == "area") return v1::AREA;
  if (text == "point") return v1::POINT;
  return std::nullopt;
}

v1::MandateLevel LevelOf(std::string_view text) {
  if (text == "镇") return v1::MANDATE_TOWN;
  if (text == "区" || text == "县") return v1::MANDATE_DISTRICT;
  if (text == "市") return v1::MANDATE_CITY;
  if (text == "省") return v1::MANDATE_PROVINCE;
  if (text == "全国") return v1::MANDATE_NATION;
  return v1::MANDATE_UNSPECIFIED;
}

void FillDivision(RosterSheet& sheet, const Row& row, v1::Station* station) {
  std::string code = sheet.Get(row, "division_code");
  if (code.empty()) return;
  if (code.size() != 12 || code.find_first_not_of("0123456789") != std::string::npos) {
    sheet.Fault(row, "division_code", "应为 12 位数字");
  }
  station->add_division_codes()->set_code(std::move(code));
}

// Every parent is known and one tier up; one center.
void CheckTree(RosterSheet& sheet, const std::vector<v1::Station>& stations) {
  std::map<std::string, v1::Tier> tiers;
  for (const v1::Station& station : stations) tiers.emplace(station.station_id(), station.tier());
  int centers = 0;
  for (size_t i = 0; i < stations.size(); ++i) {
    const v1::Station& station = stations[i];
    const Row& row = sheet.rows()[i];
    auto parent = tiers.find(station.parent_id());
    if (station.tier() == v1::CENTER) {
      if (++centers > 1) sheet.Fault(row, "tier", "中心站只能有一个");
      if (!station.parent_id().empty()) sheet.Fault(row, "parent_id", "中心站没有上级站点");
    } else if (parent == tiers.end()) {
      sheet.Fault(row, "parent_id", Cat("没有编号为“", station.parent_id(), "”的站点"));
    } else if (station.tier() != v1::TIER_UNSPECIFIED && parent->second != v1::TIER_UNSPECIFIED &&
               parent->second != station.tier() - 1) {
      sheet.Fault(row, "parent_id", "上级站点应高一个层级");
    }
  }
  if (centers == 0 && !stations.empty()) sheet.Fault(sheet.rows().back(), "tier", "没有中心站");
}

void FillMandates(RosterSheet& sheet, const Row& row, v1::Deputy* deputy) {
  std::string folded = RemoveSpaces(FoldWidth(sheet.Get(row, "mandates")));
  std::set<v1::MandateLevel> seen;
  for (absl::string_view part : absl::StrSplit(folded, absl::ByAnyChar(";,"), absl::SkipEmpty())) {
    const v1::MandateLevel level = LevelOf(StdView(part));
    if (level == v1::MANDATE_UNSPECIFIED) {
      sheet.Fault(row, "mandates", Cat("不认识的层级“", part, "”，应为镇、区、市、省或全国"));
    } else if (!seen.insert(level).second) {
      sheet.Fault(row, "mandates", Cat("“", part, "”写了两次"));
    } else {
      deputy->add_mandates()->set_level(level);
    }
  }
  if (seen.empty()) sheet.Fault(row, "mandates", "至少要有一个层级");
}

}  // namespace

absl::StatusOr<std::vector<v1::Station>> ParseStations(std::string_view bytes) {
  ASSIGN_OR_RETURN(RosterSheet sheet, RosterSheet::Open(bytes, {"station_id", "tier", "parent_id", "grade", "name",
                                                                "division_code", "public_name"}));
  std::vector<v1::Station> stations;
  for (const Row& row : sheet.rows()) {
    v1::Station& station = stations.emplace_back();
    for (const char* field : {"station_id", "name", "parent_id", "public_name"}) sheet.Fill(row, field, &station);
    sheet.Unique(row, "station_id", station.station_id());
    if (std::optional<v1::Tier> tier = TierOf(sheet.Get(row, "tier")); tier.has_value()) {
      station.set_tier(*tier);
    } else {
      sheet.Fault(row, "tier", "应为 center、area 或 point");
    }
    std::string grade = sheet.Get(row, "grade");
    if (grade == "high_standard") {
      station.set_grade(v1::GRADE_HIGH_STANDARD);
    } else if (!grade.empty() && grade != "normal") {
      sheet.Fault(row, "grade", "应为 normal 或 high_standard");
    }
    FillDivision(sheet, row, &station);
  }
  CheckTree(sheet, stations);
  RETURN_IF_ERROR(sheet.Result());
  return stations;
}

absl::StatusOr<std::vector<v1::Deputy>> ParseDeputies(std::string_view bytes,
                                                      const std::vector<v1::Station>& stations) {
  ASSIGN_OR_RETURN(RosterSheet sheet, RosterSheet::Open(bytes, {"deputy_id", "name", "gender", "birth_year", "mandates",
                                                                "home_station_id", "group"}));
  std::set<std::string> known;
  for (const v1::Station& station : stations) known.insert(station.station_id());
  std::vector<v1::Deputy> deputies;
  for (const Row& row : sheet.rows()) {
    v1::Deputy& deputy = deputies.emplace_back();
    for (const char* field : {"deputy_id", "name", "gender", "home_station_id", "group"}) {
      sheet.Fill(row, field, &deputy);
    }
    sheet.Unique(row, "deputy_id", deputy.deputy_id());
    if (!known.empty() && !deputy.home_station_id().empty() && known.count(deputy.home_station_id()) == 0) {
      sheet.Fault(row, "home_station_id", Cat("没有编号为“", deputy.home_station_id(), "”的站点"));
    }
    int32_t year = 0;
    if (std::string text = sheet.Get(row, "birth_year"); !text.empty()) {
      if (!absl::SimpleAtoi(text, &year) || year < 1900 || year > 2100) {
        sheet.Fault(row, "birth_year", "应为四位年份");
      }
      deputy.set_birth_year(year);
    }
    FillMandates(sheet, row, &deputy);
  }
  RETURN_IF_ERROR(sheet.Result());
  return deputies;
}

absl::StatusOr<std::vector<v1::Department>> ParseDepartments(std::string_view bytes) {
  ASSIGN_OR_RETURN(RosterSheet sheet, RosterSheet::Open(bytes, {"department_id", "name", "level"}));
  std::vector<v1::Department> departments;
  for (const Row& row : sheet.rows()) {
    v1::Department& department = departments.emplace_back();
    for (const char* field : {"department_id", "name", "level"}) sheet.Fill(row, field, &department);
    sheet.Unique(row, "department_id", department.department_id());
    sheet.Unique(row, "name", department.name());
  }
  RETURN_IF_ERROR(sheet.Result());
  return departments;
}

absl::StatusOr<std::vector<v1::Policy>> ParseHolidays(std::string_view bytes) {
  ASSIGN_OR_RETURN(RosterSheet sheet, RosterSheet::Open(bytes, {"date", "kind", "name"}));
  std::vector<v1::Policy> policies;
  for (const Row& row : sheet.rows()) {
    v1::Policy& policy = policies.emplace_back();
    if (absl::StatusOr<std::string> date = ParseDate(sheet.Get(row, "date")); date.ok()) {
      policy.set_key("holiday-" + *date);
      sheet.Unique(row, "date", *date);
    } else {
      sheet.Fault(row, "date", StdView(date.status().message()));
    }
    policy.set_value(sheet.Get(row, "kind"));
    if (policy.value() != "holiday" && policy.value() != "workday") {
      sheet.Fault(row, "kind", "应为 holiday（放假）或 workday（补班）");
    }
    policy.set_note(sheet.Get(row, "name"));
    if (CountChars(policy.note()) > 200) sheet.Fault(row, "name", "超过了 200 个字");
  }
  RETURN_IF_ERROR(sheet.Result());
  return policies;
}

std::vector<v1::Code> DefaultCategories() {
  struct Default {
    const char* code;
    const char* name;
    const char* keywords;  // separated by spaces
  };
  static constexpr Default kDefaults[] = {
      {"01", "农业农村与水利", "水渠 饮水 田洋 高标准农田"},
      {"02", "交通道路", "村组路 硬化 公交 减速带 路灯"},
      {"03", "村镇建设与住房", "规划 拆迁安置 危房 古街保护 三改一拆"},
      {"04", "人居环境与生态", "环卫 改厕 雨污管网 河溪 垃圾"},
      {"05", "教育", "学位 校园安全 食堂"},
      {"06", "医疗卫生", "卫生室 疫苗"},
      {"07", "社会保障与救助", "医保 养老 低保 五保 残疾"},
      {"08", "就业与劳动", "欠薪 培训"},
      {"09", "产业与经济发展", "农贸市场 项目 招商 财政"},
      {"10", "文化旅游体育", ""},
      {"11", "平安法治", "治安 消防 矛盾纠纷 诈骗 普法"},
      {"12", "基层治理与干部作风", "村务公开 村干部待遇 服务态度"},
      {"13", "公用事业", "水电气网 通信"},
      {"99", "其他", ""},
  };
  std::vector<v1::Code> codes;
  for (const Default& entry : kDefaults) {
    v1::Code& code = codes.emplace_back();
    code.set_table("category");
    code.set_code(entry.code);
    code.set_name(entry.name);
    for (absl::string_view keyword : absl::StrSplit(entry.keywords, ' ', absl::SkipEmpty())) {
      code.add_keywords(keyword.data(), keyword.size());
    }
  }
  return codes;
}

}  // namespace liaison
