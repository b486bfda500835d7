#include "common/intake/ledger_columns.h"

#include <iterator>
#include <map>
#include <set>
#include <vector>

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"

namespace liaison::ledger {
namespace {

struct Column {
  bool required;
  std::vector<std::string_view> names;  // keys; the first is the usual one and goes before the others
};

const std::array<Column, kFieldCount>& Columns() {
  static const auto* columns = new std::array<Column, kFieldCount>{{
      {false, {"序号", "编号", "登记编号", "号", "NO", "NO."}},
      {true, {"接待日期", "接待时间", "来访日期", "登记日期", "反映日期", "日期", "时间"}},
      {true,
       {"联络点", "联络站点", "联络站", "接待站点", "站点", "接待地点", "村社区", "所属村", "所在村", "村名", "村"}},
      {false, {"反映人", "反映人姓名", "来访人", "来访人姓名", "来访群众", "群众姓名", "选民姓名", "姓名"}},
      {false, {"联系电话", "反映人电话", "来访人电话", "群众电话", "选民电话", "电话", "手机", "手机号", "手机号码", "电话号码",
        "联系方式"}},
      {false, {"村组", "组别", "所在组", "村民小组", "组"}},
      {false, {"人数", "来访人数", "接待人数", "反映人数", "人次"}},
      {true,
       {"反映内容", "反映问题", "反映事项", "主要内容", "意见建议内容", "意见建议", "问题内容", "诉求", "事项",
        "内容"}},
      {false, {"类别", "问题类别", "意见类别", "分类", "类型"}},
      {true, {"接待代表", "接待代表姓名", "代表姓名", "接待人", "代表"}},
      {true, {"处理方式", "办理方式", "处置方式", "处理意见", "处理情况"}},
      {false, {"承办单位", "主办单位", "承办部门", "责任单位", "办理单位"}},
      {false, {"交办日期", "交办时间", "转办日期"}},
      {false, {"办结日期", "办结时间", "完成日期", "完成时间"}},
      {false, {"满意度", "群众满意度", "满意情况", "群众评价", "评价"}},
      {false, {"备注", "说明"}},
  }};
  return *columns;
}

constexpr int kLedgerHeaderRows = 10, kLedgerHeaderLeast = 3;
constexpr int kFurtherLeast = 5;  // names that no record has in its cells

bool IsColumnName(std::string_view key) {
  static const auto* names = [] {
    auto* all = new std::set<std::string_view>;
    for (const Column& column : Columns()) all->insert(column.names.begin(), column.names.end());
    return all;
  }();
  return names->contains(key);
}

// The fields that the row's cells name; *twice is a name that stands there twice.
Header ReadHeader(const Row& row, int* found, std::string* twice) {
  std::multimap<std::string, int> keys;
  for (size_t i = 0; i < row.cells.size(); ++i) keys.emplace(ColumnKey(row.cells[i].text), static_cast<int>(i));
  Header header;
  header.fill(-1);
  *found = 0;
  for (int field = 0; field < kFieldCount; ++field) {
    for (std::string_view name : Columns()[field].names) {
      auto [first, last] = keys.equal_range(std::string(name));
      if (first == last) continue;
      if (std::distance(first, last) > 1) *twice = std::string(name);
      header[field] = first->second;
      ++*found;
      break;
    }
  }
  return header;
}

// Nothing but names of columns, some of them below others: 姓名 and 联系电话 below 群众情况.
bool IsSecondLine(const Row& upper, const Row& lower) {
  bool more = false;
  for (size_t i = 0; i < lower.cells.size(); ++i) {
    const std::string key = ColumnKey(lower.cells[i].text);
    if (key.empty() || key == ColumnKey(upper.Text(static_cast<int>(i)))) continue;
    if (!IsColumnName(key)) return false;
    more = true;
  }
  return more;
}

struct Candidate {
  Head head;
  int found = 0;
  std::string twice;
};

Candidate HeadAt(const Table& table, size_t index) {
  Candidate one;
  one.head.index = index;
  one.head.below = index + 1;
  one.head.names = table.rows[index];
  one.head.fields = ReadHeader(one.head.names, &one.found, &one.twice);
  if (one.found < kLedgerHeaderLeast || index + 1 == table.rows.size()) return one;
  const Row& lower = table.rows[index + 1];
  if (!IsSecondLine(one.head.names, lower)) return one;
  Candidate both;
  both.head = one.head;
  ++both.head.below;
  std::vector<Cell>& names = both.head.names.cells;
  if (names.size() < lower.cells.size()) names.resize(lower.cells.size());
  for (size_t i = 0; i < lower.cells.size(); ++i)
    if (!ColumnKey(lower.cells[i].text).empty()) names[i] = lower.cells[i];
  both.head.fields = ReadHeader(both.head.names, &both.found, &both.twice);
  return both.found > one.found ? both : one;
}

absl::Status Complete(const Candidate& one) {
  if (!one.twice.empty()) return absl::InvalidArgumentError(Cat("表头里有两列“", one.twice, "”，请删去一列或改名"));
  std::string missing;
  for (int field = 0; field < kFieldCount; ++field) {
    if (!Columns()[field].required || one.head.fields[field] >= 0) continue;
    missing += Cat(missing.empty() ? "" : "、", "“", Columns()[field].names[0], "”");
  }
  if (!missing.empty()) return absl::InvalidArgumentError(Cat("表头缺少这些列：", missing));
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(Field field) { return Columns()[field].names[0]; }

absl::Status NoHeader() {
  return absl::NotFoundError(
      Cat("前 ", kLedgerHeaderRows, " 行里没有找到表头。表头应有：接待日期、联络点、反映内容、接待代表、处理方式"));
}

absl::StatusOr<Head> FindHeader(const Table& table) {
  Candidate best;
  for (size_t i = 0; i < table.rows.size() && i < kLedgerHeaderRows; ++i)
    if (Candidate one = HeadAt(table, i); one.found > best.found) best = std::move(one);
  if (best.found < kLedgerHeaderLeast) return NoHeader();
  if (best.head.fields[kDate] < 0 && best.head.fields[kContent] < 0) return NoHeader();  // a list of something else
  RETURN_IF_ERROR(Complete(best));
  return std::move(best.head);
}

absl::StatusOr<std::optional<Head>> FurtherHeader(const Table& table, size_t index) {
  int looked = 0;
  bool likely = false;
  for (const Cell& cell : table.rows[index].cells) {
    if (cell.text.empty() || cell.is_number) continue;
    likely = likely || IsColumnName(ColumnKey(Truncate(cell.text, 20)));
    if (likely || ++looked == kLedgerHeaderLeast) break;
  }
  if (!likely) return std::nullopt;
  Candidate one = HeadAt(table, index);
  if (one.found < kFurtherLeast) return std::nullopt;
  if (absl::Status complete = Complete(one); !complete.ok())
    return absl::InvalidArgumentError(
        Cat("第 ", table.rows[index].number, " 行又有一个", StdView(complete.message())));
  return std::move(one.head);
}

}  // namespace liaison::ledger
