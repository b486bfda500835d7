#include "hub/figures/figure_tables.h"

#include <algorithm>
#include <set>

#include "common/base/text.h"
#include "common/record/schema.h"
#include "hub/facts/fact_rows.h"

namespace liaison {
namespace {

using Line = Breakdown::Line;

// Builds one table: columns once, then rows cell by cell.
class TableMaker {
 public:
  TableMaker(std::string_view name, const Figures& figures) : figures_(figures) {
    table_.set_name(std::string(name));
    for (const TableName& one : TableNames())
      if (one.name == name) table_.set_title(std::string(one.title));
  }

  void Column(std::string_view name, v1::CellKind kind = v1::CELL_TEXT, std::string_view figure = "") {
    v1::TableColumn* column = table_.add_columns();
    column->set_name(std::string(name));
    column->set_kind(kind);
    column->set_figure(std::string(figure));
  }
  v1::TableRow* Row(std::string_view id) {
    v1::TableRow* row = table_.add_rows();
    row->set_id(std::string(id));
    return row;
  }
  static void Text(std::string_view text, v1::TableRow* row) { row->add_cells()->set_text(std::string(text)); }
  static void Number(int64_t number, v1::TableRow* row) { row->add_cells()->set_number(number); }
  void Note(std::string_view note) { table_.add_notes(std::string(note)); }
  void Chart(v1::ChartKind kind) { table_.set_chart(kind); }
  void Restrict() { table_.set_restricted(true); }

  // The total row begins with 合计; columns of figures say the figure, other numbers what `number` says.
  template <typename OtherNumber>
  void Total(const OtherNumber& number) {
    v1::TableRow* total = table_.mutable_total();
    for (int i = 0; i < table_.columns_size(); ++i) {
      const v1::TableColumn& column = table_.columns(i);
      if (column.kind() == v1::CELL_TEXT || column.kind() == v1::CELL_DATE) {
        Text(i == 0 ? "合计" : "", total);
      } else {
        Number(column.figure().empty() ? number(i) : figures_.Value(column.figure()), total);
      }
    }
  }
  void Total() {
    Total([this](int i) {
      int64_t sum = 0;
      for (const v1::TableRow& row : table_.rows()) sum += row.cells(i).number();
      return sum;
    });
  }
  v1::ReportTable Take() { return std::move(table_); }

 private:
  const Figures& figures_;
  v1::ReportTable table_;
};

struct LineColumn {
  const char* name;
  const char* figure;
  int64_t Line::*field;
};
constexpr LineColumn kLineColumns[] = {
    {"接待场次", "N3", &Line::sessions},  {"代表人次", "N4", &Line::attendances},
    {"接待批数", "N5", &Line::visits},    {"接待人次", "N5.headcount", &Line::headcount},
    {"收集意见", "N6", &Line::opinions},  {"当场答复", "N7", &Line::answered},
    {"交办", "N9", &Line::assigned},      {"已解决", "N10", &Line::solved},
    {"办结", "N11", &Line::finished},     {"正在办理", "I1.open", &Line::open},
    {"引导", "N8.guided", &Line::guided}, {"撤回", "N8.withdrawn", &Line::withdrawn},
};

void AddLineColumns(TableMaker* table) {
  for (const LineColumn& column : kLineColumns) table->Column(column.name, v1::CELL_NUMBER, column.figure);
}
void AddLineCells(const Line& line, v1::TableRow* row) {
  for (const LineColumn& column : kLineColumns) TableMaker::Number(line.*column.field, row);
}
void Add(const Line& more, Line* sum) {
  for (const LineColumn& column : kLineColumns) sum->*column.field += more.*column.field;
}

class Tables {
 public:
  Tables(const Figures& figures, const TableSources& sources)
      : figures_(figures), parts_(figures.breakdown), roster_(*sources.roster), sources_(sources) {}

  v1::ReportTable Make(std::string_view name) const {
    if (name == "stations") return Stations();
    if (name == "areas") return Areas();
    if (name == "categories") return Categories();
    if (name == "departments") return Departments(0, name);
    if (name == "departments-t2") return Departments(1, name);
    if (name == "deputies") return Deputies();
    if (name == "overdue") return Overdue();
    if (name == "hot") return Hot();
    if (name == "trend") return Trend();
    if (name == "heat") return Heat();
    return name == "states" ? States() : Days();
  }

 private:
  static const Line& LineOf(const std::map<std::string, Line>& lines, const std::string& id) {
    static const Line* kNone = new Line();
    auto it = lines.find(id);
    return it == lines.end() ? *kNone : it->second;
  }

  // Those asked for: all of the township, else those below the place; and whoever did something.
  std::set<std::string> StationsShown() const {
    std::set<std::string> ids;
    for (const auto& [id, station] : roster_.stations)
      if (figures_.whole || figures_.scope.contains(id)) ids.insert(id);
    for (const auto& [id, line] : parts_.stations) ids.insert(id);
    return ids;
  }

  // The area station that a station is or lies below; empty: none.
  std::string AreaOf(const std::string& id) const {
    std::string code = id;
    for (size_t steps = 0; steps <= roster_.stations.size(); ++steps) {
      auto it = roster_.stations.find(code);
      if (it == roster_.stations.end()) return "";
      if (it->second.tier() == v1::AREA) return code;
      code = it->second.parent_id();
    }
    return "";
  }

  std::string StatusOf(const std::string& id) const {
    auto it = roster_.stations.find(id);
    if (it == roster_.stations.end()) return "不在名册";
    const v1::Station& station = it->second;
    if (station.status() == v1::STATION_ACTIVE) return "";
    const std::string words = station.status() == v1::STATION_MERGED
                                  ? Cat("并入", roster_.StationName(station.merged_into()))
                                  : EnumLabel(station.status());
    return Cat(station.status_date(), words);
  }

  std::string CategoryOf(const std::string& code) const { return code.empty() ? "未分类" : roster_.CategoryName(code); }
  std::string UnitOf(const std::string& id) const { return id.empty() ? "未定" : roster_.DepartmentName(id); }

  v1::ReportTable Stations() const {
    TableMaker table("stations", figures_);
    for (const char* name : {"站点", "名称", "片区", "状态"}) table.Column(name);
    AddLineColumns(&table);
    for (const std::string& id : StationsShown()) {
      v1::TableRow* row = table.Row(id);
      const std::string area = AreaOf(id);
      for (const std::string& text :
           {id, roster_.StationName(id), area.empty() ? "" : roster_.StationName(area), StatusOf(id)})
        TableMaker::Text(text, row);
      AddLineCells(LineOf(parts_.stations, id), row);
    }
    table.Total();
    table.Note("并入其他站点的，并入前的记录仍计在原站点。");
    return table.Take();
  }

  v1::ReportTable Areas() const {
    TableMaker table("areas", figures_);
    table.Column("片区");
    table.Column("联络点", v1::CELL_NUMBER, "N1.point");
    table.Column("开展接待的联络点", v1::CELL_NUMBER, "N2.active");
    AddLineColumns(&table);
    struct Area {
      Line line;
      int64_t points = 0, active = 0;
    };
    std::map<std::string, Area> areas;
    for (const std::string& id : StationsShown()) {
      Area& area = areas[AreaOf(id)];
      Add(LineOf(parts_.stations, id), &area.line);
      auto it = roster_.stations.find(id);
      if (it == roster_.stations.end() || it->second.tier() != v1::POINT || !ActiveOn(it->second, figures_.to))
        continue;
      ++area.points;
      if (LineOf(parts_.stations, id).sessions > 0) ++area.active;
    }
    auto add = [&](const std::string& id, const Area& area) {
      v1::TableRow* row = table.Row(id);
      TableMaker::Text(id.empty() ? "中心站及其他" : roster_.StationName(id), row);
      TableMaker::Number(area.points, row);
      TableMaker::Number(area.active, row);
      AddLineCells(area.line, row);
    };
    for (const auto& [id, area] : areas)
      if (!id.empty()) add(id, area);
    if (auto rest = areas.find(""); rest != areas.end()) add("", rest->second);
    table.Total();
    table.Note("按现行名册划分片区。");
    return table.Take();
  }

  v1::ReportTable Categories() const {
    TableMaker table("categories", figures_);
    table.Column("类别");
    table.Column("件数", v1::CELL_NUMBER, "N6");
    table.Column("占比", v1::CELL_RATE);
    table.Column("已解决", v1::CELL_NUMBER, "N10");
    table.Column("已答复说明或列入计划", v1::CELL_NUMBER);
    table.Column("正在办理", v1::CELL_NUMBER, "I1.open");
    table.Column("引导", v1::CELL_NUMBER, "N8.guided");
    table.Column("撤回", v1::CELL_NUMBER, "N8.withdrawn");
    const int64_t all = figures_.Value("N6");
    std::vector<std::pair<std::string, Breakdown::Results>> rows(parts_.categories.begin(), parts_.categories.end());
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.second.all > b.second.all; });
    for (const auto& [code, results] : rows) {
      v1::TableRow* row = table.Row(code);
      TableMaker::Text(CategoryOf(code), row);
      for (int64_t number : {results.all, Permille(results.all, all), results.solved, results.explained, results.open,
                             results.guided, results.withdrawn})
        TableMaker::Number(number, row);
    }
    table.Total(
        [&](int column) { return column == 2 ? Permille(all, all) : figures_.Value("N11") - figures_.Value("N10"); });
    table.Chart(v1::CHART_BAR);
    return table.Take();
  }

  v1::ReportTable Departments(size_t side, std::string_view name) const {
    const std::string suffix = side == 0 ? "" : ".suggestions";
    TableMaker table(name, figures_);
    table.Column("承办单位");
    table.Column("交办", v1::CELL_NUMBER, "N9" + suffix);
    table.Column("办结", v1::CELL_NUMBER, side == 0 ? "" : "N11.suggestions");
    table.Column("办结率", v1::CELL_RATE);
    table.Column("到期", v1::CELL_NUMBER);
    table.Column("按期答复", v1::CELL_NUMBER);
    table.Column("按期率", v1::CELL_RATE);
    table.Column("逾期未答复", v1::CELL_NUMBER, "D2.overdue" + suffix);
    table.Column("已评价", v1::CELL_NUMBER);
    table.Column("满意率", v1::CELL_RATE);
    auto cells = [](const Breakdown::Handling& one) {
      return std::vector<int64_t>{one.assigned, one.closed,  Permille(one.closed, one.assigned),
                                  one.due,      one.on_time, Permille(one.on_time, one.due),
                                  one.overdue,  one.rated,   Permille(one.good, one.rated)};
    };
    Breakdown::Handling all;
    for (const auto& [unit, sides] : parts_.units) {
      const Breakdown::Handling& one = sides[side];
      if (one.assigned == 0) continue;
      for (auto field : {&Breakdown::Handling::assigned, &Breakdown::Handling::closed, &Breakdown::Handling::on_time,
                         &Breakdown::Handling::due, &Breakdown::Handling::overdue, &Breakdown::Handling::rated,
                         &Breakdown::Handling::good})
        all.*field += one.*field;
      v1::TableRow* row = table.Row(unit);
      TableMaker::Text(UnitOf(unit), row);
      for (int64_t number : cells(one)) TableMaker::Number(number, row);
    }
    const std::vector<int64_t> sums = cells(all);
    table.Total([&](int column) { return sums.at(static_cast<size_t>(column) - 1); });
    table.Note("按最后一次交办的主办单位；满意率为已交办事项最后一轮的评价。");
    return table.Take();
  }

  v1::ReportTable Deputies() const {
    using D = Breakdown::DeputyLine;
    static constexpr std::pair<const char*, int64_t D::*> kColumns[] = {
        {"接待次数", &D::attendances}, {"接待批数", &D::visits}, {"接待人次", &D::headcount}, {"意见", &D::opinions},
        {"领衔建议", &D::suggestions}, {"领衔议案", &D::bills},  {"附议", &D::cosigned},      {"活动", &D::activities}};
    TableMaker table("deputies", figures_);
    for (const char* name : {"代表", "层级", "所在站点", "在任"}) table.Column(name);
    for (const auto& [name, field] : kColumns)
      table.Column(name, v1::CELL_NUMBER, field == &D::attendances && figures_.whole ? "N4" : "");
    if (!sources_.points.empty()) table.Column("积分");
    for (const auto& [id, line] : parts_.deputies) {
      if (!line.in_office && !(figures_.whole && line.serves())) continue;
      v1::TableRow* row = table.Row(id);
      auto it = roster_.deputies.find(id);
      const bool known = it != roster_.deputies.end();
      for (const std::string& text :
           {roster_.DeputyName(id), known ? LevelsOf(it->second) : "不在花名册",
            known && !it->second.home_station_id().empty() ? roster_.StationName(it->second.home_station_id()) : "",
            std::string(line.in_office ? "是" : "")})
        TableMaker::Text(text, row);
      for (const auto& [name, field] : kColumns) TableMaker::Number(line.*field, row);
      if (sources_.points.empty()) continue;
      auto points = sources_.points.find(id);
      const int64_t tenths = points == sources_.points.end() ? 0 : points->second;
      TableMaker::Text(Cat(tenths / 10, tenths % 10 == 0 ? "" : Cat(".", tenths % 10)), row);
    }
    table.Total();
    table.Note("代表的履职不论在哪个站点都计入；一批选民由几位代表共同接待的，每位各计一次，合计大于接待批数。");
    table.Restrict();
    return table.Take();
  }

  std::string LevelsOf(const v1::Deputy& deputy) const {
    std::set<v1::MandateLevel, std::greater<>> levels;
    for (const v1::Mandate& mandate : deputy.mandates()) levels.insert(mandate.level());
    std::string text;
    for (v1::MandateLevel level : levels) text += Cat(text.empty() ? "" : "、", EnumLabel(level));
    return text;
  }

  v1::ReportTable Overdue() const {
    TableMaker table("overdue", figures_);
    for (const char* name : {"编号", "标题", "类型", "站点", "承办单位"}) table.Column(name);
    table.Column("交办日期", v1::CELL_DATE);
    table.Column("办理时限", v1::CELL_DATE);
    table.Column("逾期天数", v1::CELL_NUMBER);
    for (const Breakdown::Overdue& one : parts_.overdue) {
      const std::string id = ToText(RecordId{TypeOf<v1::Matter>().type(), one.matter});
      const MatterWords words = sources_.matter ? sources_.matter(one.matter) : MatterWords();
      v1::TableRow* row = table.Row(id);
      for (const std::string& text :
           {words.number.empty() ? id : words.number, words.title, EnumLabel(static_cast<v1::Track>(one.track)),
            roster_.StationName(one.station), UnitOf(one.unit), DayText(one.assigned), DayText(one.due)})
        TableMaker::Text(text, row);
      TableMaker::Number(one.days, row);
    }
    table.Note("时段内交办、至今已过办理时限而没有答复的。");
    return table.Take();
  }

  v1::ReportTable Hot() const {
    TableMaker table("hot", figures_);
    for (const char* name : {"二级类别", "所属类别"}) table.Column(name);
    table.Column("件数", v1::CELL_NUMBER);
    table.Column("30天内最多站点数", v1::CELL_NUMBER);
    for (const v1::CategoryShare& share : figures_.response.hot()) {
      v1::TableRow* row = table.Row(share.code());
      TableMaker::Text(share.name(), row);
      TableMaker::Text(CategoryOf(share.parent()), row);
      TableMaker::Number(share.count(), row);
      TableMaker::Number(share.stations(), row);
    }
    table.Note(Cat("任意", kHotDays, "天内有", kHotStations, "个以上站点反映同一二级类别的，列为热点。"));
    return table.Take();
  }

  v1::ReportTable Trend() const {
    TableMaker table("trend", figures_);
    table.Column("月份");
    AddLineColumns(&table);
    for (uint32_t month = MonthOf(figures_.from); month <= MonthOf(figures_.to); ++month) {
      const std::string text = Cat(month / 12, "-", month % 12 < 9 ? "0" : "", month % 12 + 1);
      v1::TableRow* row = table.Row(text);
      TableMaker::Text(text, row);
      auto it = parts_.months.find(month);
      AddLineCells(it == parts_.months.end() ? Line() : it->second, row);
    }
    table.Total();
    table.Chart(v1::CHART_LINE);
    return table.Take();
  }

  v1::ReportTable Heat() const {
    TableMaker table("heat", figures_);
    table.Column("片区");
    std::map<std::string, std::map<std::string, int64_t>> areas;
    std::set<std::string> categories;
    for (const std::string& id : StationsShown()) areas[AreaOf(id)];
    for (const auto& [station, counts] : parts_.heat) {
      for (const auto& [category, count] : counts) {
        areas[AreaOf(station)][category] += count;
        categories.insert(category);
      }
    }
    for (const std::string& category : categories) table.Column(CategoryOf(category), v1::CELL_NUMBER);
    table.Column("合计", v1::CELL_NUMBER, "N6");
    auto add = [&](const std::string& id, const std::map<std::string, int64_t>& counts) {
      v1::TableRow* row = table.Row(id);
      TableMaker::Text(id.empty() ? "中心站及其他" : roster_.StationName(id), row);
      int64_t sum = 0;
      for (const std::string& category : categories) {
        auto it = counts.find(category);
        TableMaker::Number(it == counts.end() ? 0 : it->second, row);
        sum += it == counts.end() ? 0 : it->second;
      }
      TableMaker::Number(sum, row);
    };
    for (const auto& [id, counts] : areas)
      if (!id.empty()) add(id, counts);
    if (auto rest = areas.find(""); rest != areas.end()) add("", rest->second);
    table.Total();
    table.Chart(v1::CHART_HEAT);
    return table.Take();
  }

  v1::ReportTable States() const {
    TableMaker table("states", figures_);
    table.Column("状态");
    table.Column("件数", v1::CELL_NUMBER, "N6");
    for (const auto& [state, count] : parts_.states) {
      const std::string label = EnumLabel(static_cast<v1::MatterState>(state));
      v1::TableRow* row = table.Row(Cat(state));
      TableMaker::Text(label.empty() ? Cat("状态", state) : label, row);
      TableMaker::Number(count, row);
    }
    table.Total();
    table.Note("按各条自己的状态；并案的不随主件。");
    table.Chart(v1::CHART_FUNNEL);
    return table.Take();
  }

  v1::ReportTable Days() const {
    TableMaker table("days", figures_);
    table.Column("类型");
    for (const char* name : {"最短", "下四分位", "中位", "上四分位", "最长", "件数"})
      table.Column(name, v1::CELL_NUMBER);
    for (size_t side : {0u, 1u}) {
      const std::vector<int64_t>& days = parts_.days[side];
      if (days.empty()) continue;
      const v1::Track track = side == 0 ? v1::TRACK_OPINION : v1::TRACK_SUGGESTION;
      v1::TableRow* row = table.Row(v1::Track_Name(track));
      TableMaker::Text(EnumLabel(track), row);
      for (size_t quarter = 0; quarter <= 4; ++quarter)  // nearest rank
        TableMaker::Number(days[(days.size() - 1) * quarter / 4], row);
      TableMaker::Number(static_cast<int64_t>(days.size()), row);
    }
    table.Note("从第一次交办到最后一轮第一次答复的天数。");
    table.Chart(v1::CHART_BOX);
    return table.Take();
  }

  const Figures& figures_;
  const Breakdown& parts_;
  const Roster& roster_;
  const TableSources& sources_;
};

}  // namespace

const std::vector<TableName>& TableNames() {
  static const auto* kAll = new std::vector<TableName>{
      {"stations", "各站点情况"},
      {"areas", "各片区情况"},
      {"categories", "意见建议类别与办理结果"},
      {"departments", "承办单位办理群众意见建议情况"},
      {"departments-t2", "承办单位办理代表建议情况"},
      {"deputies", "代表履职情况"},
      {"overdue", "逾期未答复事项"},
      {"hot", "热点问题"},
      {"trend", "逐月情况"},
      {"heat", "各片区意见建议类别"},
      {"states", "意见建议所处状态"},
      {"days", "办理天数"},
  };
  return *kAll;
}

absl::Status CheckTableNames(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const bool known =
        std::any_of(TableNames().begin(), TableNames().end(), [&](const TableName& one) { return one.name == name; });
    if (known) continue;
    std::string all;
    for (const TableName& one : TableNames()) all += Cat(all.empty() ? "" : "、", one.name);
    return absl::InvalidArgumentError(Cat("表：没有“", name, "”，有 ", all));
  }
  return absl::OkStatus();
}

std::vector<v1::ReportTable> MakeTables(const Figures& figures, const TableSources& sources,
                                        const std::vector<std::string>& names) {
  const Tables tables(figures, sources);
  std::vector<v1::ReportTable> made;
  for (const TableName& one : TableNames()) {
    if (names.empty() || std::find(names.begin(), names.end(), one.name) != names.end())
      made.push_back(tables.Make(one.name));
  }
  return made;
}

}  // namespace liaison
