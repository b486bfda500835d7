#include "common/sheets/table_lines.h"

#include <algorithm>

#include "common/base/text.h"
#include "common/base/text_forms.h"

namespace liaison {
namespace {

constexpr size_t kMostLines = 20, kFewWords = 20;

std::string_view FirstText(const Row& row) {
  for (const Cell& cell : row.cells)
    if (!Trim(cell.text).empty()) return cell.text;
  return {};
}

bool TakeFront(std::string_view what, std::string_view* text) {
  if (!text->starts_with(what)) return false;
  text->remove_prefix(what.size());
  return true;
}

std::string Words(std::string_view text) {
  std::string words = Trim(PlainLines(text));
  std::replace(words.begin(), words.end(), '\n', ' ');
  return CountChars(words) > kFewWords ? Cat(Truncate(words, kFewWords), "…") : words;
}

std::string InSheet(std::string_view sheet) { return sheet.empty() ? "" : Cat("工作表“", sheet, "”："); }

}  // namespace

bool IsBlankLine(const Row& row) {
  return std::all_of(row.cells.begin(), row.cells.end(), [](const Cell& cell) {
    return cell.trouble == CellTrouble::kNone && NameKey(cell.text).empty();
  });
}

bool IsSumLine(const Row& row) {
  const std::string key = NameKey(FirstText(row));
  std::string_view text = key;
  for (std::string_view front : {"本页", "本月", "本季度", "本季", "本年度", "本年", "本周", "本村", "本镇", "全年", "全镇", "全部", "分类"})
    if (TakeFront(front, &text)) break;
  bool sum = false;
  for (std::string_view word : {"合计", "小计", "总计", "共计", "累计"})
    if (!sum) sum = TakeFront(word, &text);
  if (!sum) return false;
  TakeFront(":", &text);
  text.remove_prefix(std::min(text.find_first_not_of("0123456789.-"), text.size()));
  for (std::string_view unit : {"人次", "人", "件", "条", "项", "户", "个", "次", "元"})
    if (TakeFront(unit, &text)) break;
  return text.empty();
}

bool IsFootLine(const Row& row) {
  const std::string key = NameKey(FirstText(row));
  std::string_view text = key;
  if (TakeFront("第", &text)) {
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(digits);
    return digits > 0 && text.starts_with("页");
  }
  for (std::string_view label :
       {"填表人", "填报人", "制表人", "制表", "审核人", "审核", "审批人", "复核人", "复核", "经办人", "负责人", "单位负责人",
        "分管领导", "填表单位", "填报单位", "制表单位", "填表日期", "填报日期", "制表日期", "填表时间", "填报时间", "打印日期", "打印时间",
        "联系人", "记录人", "注", "备注", "说明", "填表说明", "单位(盖章)", "盖章", "签字", "签名"}) {
    std::string_view rest = text;
    if (TakeFront(label, &rest) &&
        (rest.empty() || rest.starts_with(":") || rest.starts_with("(签") || rest.starts_with("(盖")))
      return true;
  }
  return false;
}

bool RepeatsHeader(const Row& row, const Row& header) {
  size_t same = 0;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    if (row.cells[i].text.empty()) continue;
    const std::string key = ColumnKey(row.cells[i].text);
    if (key.empty()) continue;
    if (key != ColumnKey(header.Text(static_cast<int>(i)))) return false;
    ++same;
  }
  return same >= 3;
}

bool HasOneText(const Row& row) {
  const std::string key = NameKey(FirstText(row));
  if (key.empty()) return false;
  for (const Cell& cell : row.cells)
    if (const std::string other = NameKey(cell.text); !other.empty() && other != key) return false;
  return true;
}

bool RepeatsTitle(const Row& row, const Table& table, size_t header) {
  if (!HasOneText(row)) return false;
  const std::string key = NameKey(FirstText(row));
  for (size_t i = 0; i < header; ++i)
    if (NameKey(FirstText(table.rows[i])) == key) return true;
  return false;
}

void PassedLines::Add(const Row& row, std::string_view why) {
  if (++count_ > kMostLines) return;
  lines_.push_back(Cat("第 ", row.number, " 行（", why.empty() ? Words(FirstText(row)) : std::string(why), "）"));
}

std::string PassedLines::Notice(std::string_view sheet) const {
  if (count_ == 0) return "";
  std::string text = Cat(InSheet(sheet), "没有读的行：");
  for (size_t i = 0; i < lines_.size(); ++i) text += Cat(i == 0 ? "" : "、", lines_[i]);
  return count_ > lines_.size() ? Cat(text, " 等，共 ", count_, " 行") : text;
}

void NameUnusedColumns(const Table& table, const Section& section, const std::vector<bool>& used,
                       std::string_view sheet, std::vector<std::string>* names, std::vector<std::string>* notices) {
  std::vector<int> first(kMaxTableColumns, 0), count(kMaxTableColumns, 0);
  for (size_t i = section.below; i < section.end; ++i) {
    const Row& row = table.rows[i];
    if (RepeatsHeader(row, section.head)) continue;
    for (size_t c = 0; c < row.cells.size(); ++c) {
      if ((c < used.size() && used[c]) || Trim(row.cells[c].text).empty()) continue;
      if (count[c]++ == 0) first[c] = row.number;
    }
  }
  for (int c = 0; c < kMaxTableColumns; ++c) {
    if (count[c] == 0) continue;
    const std::string name = Trim(section.head.Text(c));
    if (NameKey(name) == kReasonColumn) continue;
    if (!name.empty()) {
      if (std::find(names->begin(), names->end(), name) == names->end()) names->push_back(name);
      continue;
    }
    notices->push_back(Cat(InSheet(sheet), ColumnLetters(c), " 列没有列名，里面的内容没有用到：第 ", first[c], " 行",
                           count[c] > 1 ? Cat(" 等 ", count[c], " 行") : std::string()));
  }
}

std::string TitleNotice(const Table& table, size_t header, std::string_view sheet) {
  if (header == 0) return "";
  std::string text = Cat(InSheet(sheet), "表头上面的行没有读：");
  for (size_t i = 0; i < header; ++i)
    text += Cat(i == 0 ? "" : "、", "第 ", table.rows[i].number, " 行（", Words(FirstText(table.rows[i])), "）");
  return text;
}

}  // namespace liaison
