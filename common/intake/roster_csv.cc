#include "common/intake/roster_csv.h"

#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/intake/roster_table.h"
#include "common/sheets/table.h"

namespace liaison {
namespace {

constexpr size_t kMaxFaultsShown = 100;

// All records of a file, of a township that has none.
template <typename M>
absl::StatusOr<std::vector<M>> ParseList(std::string_view bytes, v1::RosterKind kind,
                                         const RosterRecords& stations = {}) {
  ASSIGN_OR_RETURN(Workbook book, ReadTable("", bytes));
  ASSIGN_OR_RETURN(RosterHeader header, FindRosterHeader(book, kind));
  RosterKnown known;
  known.stations = stations;
  RosterParse parse = ReadRoster(book.sheets[header.sheet], header, known);
  if (!parse.faults.empty()) {
    std::string message = Cat("文件有 ", parse.faults.size(), " 处错误，没有导入：");
    for (size_t i = 0; i < parse.faults.size() && i < kMaxFaultsShown; ++i)
      message +=
          Cat("\n第 ", parse.faults[i].row(), " 行“", parse.faults[i].column(), "”列：", parse.faults[i].reason());
    return absl::InvalidArgumentError(message);
  }
  std::vector<M> records;
  for (const RosterRow& row : parse.rows) records.push_back(static_cast<const M&>(*row.after));
  return records;
}

}  // namespace

absl::StatusOr<std::vector<v1::Station>> ParseStations(std::string_view bytes) {
  return ParseList<v1::Station>(bytes, v1::ROSTER_STATIONS);
}

absl::StatusOr<std::vector<v1::Deputy>> ParseDeputies(std::string_view bytes,
                                                      const std::vector<v1::Station>& stations) {
  RosterRecords known;
  for (const v1::Station& station : stations)
    known.emplace(station.station_id(), std::make_shared<v1::Station>(station));
  return ParseList<v1::Deputy>(bytes, v1::ROSTER_DEPUTIES, known);
}

absl::StatusOr<std::vector<v1::Department>> ParseDepartments(std::string_view bytes) {
  return ParseList<v1::Department>(bytes, v1::ROSTER_DEPARTMENTS);
}

absl::StatusOr<std::vector<v1::Policy>> ParseHolidays(std::string_view bytes) {
  return ParseList<v1::Policy>(bytes, v1::ROSTER_HOLIDAYS);
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
