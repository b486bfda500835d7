#include "common/service/ledger.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_split.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/service/text_forms.h"

namespace liaison {
namespace {

enum Field {
  kSerial,
  kDate,
  kStation,
  kVisitor,
  kPhone,
  kGroup,
  kHeadcount,
  kContent,
  kCategory,
  kDeputies,
  kDisposition,
  kDepartment,
  kAssigned,
  kClosed,
  kRating,
  kRemark,
  kFieldCount,
};

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
      {false, {"联系电话", "电话", "手机", "手机号", "手机号码", "电话号码", "联系方式"}},
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

constexpr int kHeaderRows = 10, kHeaderLeast = 3, kMaxHeadcount = 1000;
constexpr std::string_view kReasonColumn = "退回原因";

// Where each field stands; -1: nowhere.
using Header = std::array<int, kFieldCount>;

bool CutEnd(std::string_view end, std::string* text) {
  if (text->size() <= end.size() || text->compare(text->size() - end.size(), end.size(), end) != 0) return false;
  text->resize(text->size() - end.size());
  return true;
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

absl::StatusOr<Header> FindHeader(const Table& table, size_t* index) {
  Header best;
  int best_found = 0;
  std::string twice;
  for (size_t i = 0; i < table.rows.size() && i < kHeaderRows; ++i) {
    int found = 0;
    std::string row_twice;
    Header header = ReadHeader(table.rows[i], &found, &row_twice);
    if (found <= best_found) continue;
    best = header;
    best_found = found;
    twice = row_twice;
    *index = i;
  }
  if (best_found < kHeaderLeast) {
    return absl::InvalidArgumentError(
        Cat("前 ", kHeaderRows, " 行里没有找到表头。表头应有：接待日期、联络点、反映内容、接待代表、处理方式"));
  }
  if (!twice.empty()) return absl::InvalidArgumentError(Cat("表头里有两列“", twice, "”，请删去一列或改名"));
  std::string missing;
  for (int field = 0; field < kFieldCount; ++field) {
    if (!Columns()[field].required || best[field] >= 0) continue;
    missing += Cat(missing.empty() ? "" : "、", "“", Columns()[field].names[0], "”");
  }
  if (!missing.empty()) return absl::InvalidArgumentError(Cat("表头缺少这些列：", missing));
  return best;
}

// One kind of line end, no other control characters, no mark of a guarded cell, no white space around.
std::string Clean(std::string_view text) {
  std::string out;
  std::string unguarded = UnguardCell(text);
  for (size_t i = 0; i < unguarded.size(); ++i) {
    const char c = unguarded[i];
    if (c == '\r') {
      if (i + 1 == unguarded.size() || unguarded[i + 1] != '\n') out.push_back('\n');
    } else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') {
      out.push_back(c);
    }
  }
  return Trim(out);
}

size_t MaxChars(const google::protobuf::Descriptor* record, const char* field) {
  return record->FindFieldByName(field)->options().GetExtension(v1::f).max_chars();
}

bool IsAnonymous(std::string_view name) {
  std::string key = NameKey(name);
  return key == "匿名" || key == "无" || key == "不详" || key == "不愿透露" || key == "-" || key == "/";
}

v1::Disposition DispositionOf(std::string_view text) {
  std::string key = NameKey(text);
  if (key == "当场答复" || key == "现场答复" || key == "当场解答" || key == "现场解答") return v1::DISPOSITION_ANSWERED;
  if (key == "村级办理" || key == "村办理" || key == "村(社区)办理" || key == "社区办理")
    return v1::DISPOSITION_VILLAGE;
  if (key == "交办" || key == "上报" || key == "上报镇" || key == "镇级办理") return v1::DISPOSITION_SUBMIT;
  if (key == "引导" || key == "引导至其他渠道" || key == "转其他渠道") return v1::DISPOSITION_GUIDED;
  return v1::DISPOSITION_UNSPECIFIED;
}

// False if it is no rating.
bool RatingOf(std::string_view text, v1::Rating* rating) {
  std::string key = NameKey(text);
  if (key.empty() || key == "未评价" || key == "-" || key == "/") {
    *rating = v1::RATING_UNSPECIFIED;
  } else if (key == "满意") {
    *rating = v1::RATING_SATISFIED;
  } else if (key == "优秀") {
    *rating = v1::RATING_EXCELLENT;
  } else if (key == "基本满意") {
    *rating = v1::RATING_BASICALLY;
  } else if (key == "不满意") {
    *rating = v1::RATING_DISSATISFIED;
  } else {
    return false;
  }
  return true;
}

std::string ImportKey(const LedgerRow& row, const LedgerHash& hash) {
  std::vector<std::string> deputies = row.deputy_ids;
  std::sort(deputies.begin(), deputies.end());
  std::string content = RemoveSpaces(FoldWidth(row.content));
  std::string text;
  ByteWriter writer(&text);
  for (std::string_view part : {std::string_view(row.date), std::string_view(row.station_id), std::string_view(content),
                                std::string_view(row.category)}) {
    writer.String(part);
  }
  writer.Varint(deputies.size());
  for (const std::string& deputy : deputies) writer.String(deputy);
  writer.Varint(row.disposition);
  return Cat("v1:", row.serial, ":", Hex(hash(text).substr(0, 8)));
}

// Takes one row apart; every fault is a refusal.
class RowReader {
 public:
  RowReader(const Row& header_row, const Header& header, const LedgerRoster& roster)
      : header_row_(header_row), header_(header), roster_(roster) {}

  LedgerRow Read(const Row& row) {
    row_ = &row;
    refusals_.clear();
    out_ = LedgerRow();
    out_.row = row.number;
    out_.serial = Short(kSerial, 20);
    out_.serial = NameKey(out_.serial);
    ReadPlaceAndTime();
    ReadVisitor();
    ReadMatter();
    ReadHandling();
    return std::move(out_);
  }

  // Of the row read last.
  std::vector<v1::RefusedRow>& refusals() { return refusals_; }

  void Refuse(Field field, std::string_view reason) {
    v1::RefusedRow& refusal = refusals_.emplace_back();
    refusal.set_row(row_->number);
    std::string column = header_[field] < 0 ? "" : Clean(header_row_.Text(header_[field]));
    refusal.set_column(column.empty() ? std::string(Columns()[field].names[0]) : column);
    refusal.set_reason(std::string(reason));
    refusal.set_serial(NameKey(Clean(row_->Text(header_[kSerial]))));
  }

  // A row that only sums up the others.
  bool IsSum(const Row& row) const {
    for (const Cell& cell : row.cells) {
      std::string key = NameKey(cell.text);
      if (!key.empty()) return key == "合计" || key == "总计" || key == "小计" || key == "合计:" || key == "总计:";
    }
    return true;
  }

 private:
  std::string Get(Field field) const { return Clean(row_->Text(header_[field])); }

  std::string Short(Field field, size_t max_chars) {
    std::string text = Get(field);
    if (CountChars(text) > max_chars) Refuse(field, Cat("超过了 ", max_chars, " 个字"));
    return text;
  }

  // Puts the result into *out, or refuses with the reason given.
  template <typename T>
  void Take(Field field, absl::StatusOr<T> result, T* out) {
    if (result.ok()) {
      *out = *std::move(result);
    } else {
      Refuse(field, StdView(result.status().message()));
    }
  }

  // Empty stays empty.
  void TakeDate(Field field, std::string* out) {
    std::string text = Get(field);
    if (text.empty()) return;
    const Cell& cell = row_->cells[header_[field]];
    absl::StatusOr<std::string> day = cell.is_number && !cell.is_date ? DateFromSerial(cell.number) : ParseDate(text);
    if (!day.ok()) day = absl::InvalidArgumentError(Cat(StdView(day.status().message()), "：", Truncate(text, 20)));
    Take(field, std::move(day), out);
  }

  void ReadPlaceAndTime() {
    TakeDate(kDate, &out_.date);
    if (Get(kDate).empty()) Refuse(kDate, "不能为空");
    if (std::string name = Get(kStation); name.empty()) {
      Refuse(kStation, "不能为空");
    } else {
      Take(kStation, roster_.FindStation(name), &out_.station_id);
    }
  }

  void ReadVisitor() {
    out_.visitor_name = Short(kVisitor, MaxChars(v1::VisitorFields::descriptor(), "name"));
    if (IsAnonymous(out_.visitor_name)) out_.visitor_name.clear();
    if (std::string phone = Get(kPhone); !phone.empty() && !IsAnonymous(phone)) {
      Take(kPhone, NormalisePhone(phone), &out_.phone);
    }
    out_.village_group = Short(kGroup, MaxChars(v1::VisitEntry::descriptor(), "village_group"));
    if (std::string count = Get(kHeadcount); !count.empty()) Take(kHeadcount, ParseCount(count), &out_.headcount);
    if (out_.headcount > kMaxHeadcount) Refuse(kHeadcount, Cat("人数超过了 ", kMaxHeadcount));
  }

  void ReadMatter() {
    out_.content = Short(kContent, MaxChars(v1::Matter::descriptor(), "content"));
    if (out_.content.empty()) Refuse(kContent, "不能为空");
    if (std::string name = Get(kCategory); name.empty()) {
      out_.category = "99";
    } else {
      Take(kCategory, roster_.FindCategory(name), &out_.category);
    }
    ReadDeputies();
    out_.remark = Short(kRemark, MaxChars(v1::Matter::descriptor(), "remark"));
  }

  // 姚勇、孟飞 or 姚勇 孟飞, but 王　强 may be one name with a space inside.
  void ReadDeputies() {
    std::string folded = FoldWidth(Get(kDeputies));
    std::vector<std::string> names;
    for (absl::string_view part : absl::StrSplit(folded, absl::ByAnyChar(",;/\n\r"))) {
      for (absl::string_view piece : absl::StrSplit(part, "、")) {
        if (roster_.FindDeputy(StdView(piece)).ok()) {
          names.emplace_back(piece);
          continue;
        }
        for (absl::string_view name : absl::StrSplit(piece, ' ', absl::SkipEmpty())) names.emplace_back(name);
      }
    }
    for (const std::string& name : names) {
      std::string id;
      Take(kDeputies, roster_.FindDeputy(name), &id);
      if (!id.empty() && std::count(out_.deputy_ids.begin(), out_.deputy_ids.end(), id) == 0) {
        out_.deputy_ids.push_back(std::move(id));
      }
    }
    if (names.empty()) Refuse(kDeputies, "不能为空");
  }

  void ReadHandling() {
    const std::string way = Get(kDisposition);
    out_.disposition = DispositionOf(way);
    if (out_.disposition == v1::DISPOSITION_UNSPECIFIED) {
      Refuse(kDisposition,
             way.empty() ? "不能为空" : Cat("不认识“", Truncate(way, 20), "”，应为当场答复、村级办理、交办或引导"));
    }
    if (std::string name = Get(kDepartment); !name.empty()) {
      Take(kDepartment, roster_.FindDepartment(name), &out_.department_id);
    } else if (out_.disposition == v1::DISPOSITION_SUBMIT) {
      Refuse(kDepartment, "已交办的应写承办单位");
    }
    TakeDate(kAssigned, &out_.assigned_date);
    if (Get(kAssigned).empty() && out_.disposition == v1::DISPOSITION_SUBMIT) {
      Refuse(kAssigned, "已交办的应写交办日期");
    }
    TakeDate(kClosed, &out_.closed_date);
    const std::string &received = out_.date, &assigned = out_.assigned_date, &closed = out_.closed_date;
    if (!received.empty() && !assigned.empty() && assigned < received) {
      Refuse(kAssigned, Cat("交办日期 ", assigned, " 早于接待日期 ", received));
    }
    if (!closed.empty() && !assigned.empty() && closed < assigned) {
      Refuse(kClosed, Cat("办结日期 ", closed, " 早于交办日期 ", assigned));
    } else if (!closed.empty() && !received.empty() && closed < received) {
      Refuse(kClosed, Cat("办结日期 ", closed, " 早于接待日期 ", received));
    }
    if (std::string rating = Get(kRating); !RatingOf(rating, &out_.rating)) {
      Refuse(kRating, Cat("不认识“", Truncate(rating, 20), "”，应为优秀、满意、基本满意、不满意或不填"));
    }
  }

  const Row& header_row_;
  const Header& header_;
  const LedgerRoster& roster_;
  const Row* row_ = nullptr;
  LedgerRow out_;
  std::vector<v1::RefusedRow> refusals_;
};

// 鱼姐村委会 -> 鱼姐. The longest ending first; a name that is nothing but an ending keeps it.
std::string Stem(std::string key) {
  for (std::string_view end : {"人大代表联络点", "人大代表联络站", "联络点", "联络站"}) {
    if (CutEnd(end, &key)) break;
  }
  for (std::string_view end :
       {"社区居民委员会", "社区居委会", "居民委员会", "村民委员会", "居委会", "村委会", "社区", "村"}) {
    if (CutEnd(end, &key)) break;
  }
  return key;
}

// The endings of one kind of place may stand for each other before those of the other kind do.
std::vector<std::string> EndingsLike(std::string_view public_name) {
  std::string key = NameKey(public_name);
  if (CutEnd("居委会", &key) || CutEnd("社区", &key) || CutEnd("居民委员会", &key)) {
    return {"社区", "居委会", "社区居委会", "居民委员会", "社区居民委员会"};
  }
  return {"村", "村委会", "村民委员会"};
}

}  // namespace

LedgerRoster::LedgerRoster(const std::vector<v1::Station>& stations, const std::vector<v1::Deputy>& deputies,
                           const std::vector<v1::Department>& departments, const std::vector<v1::Code>& categories) {
  for (const v1::Station& station : stations) {
    const std::string& id = station.station_id();
    const std::string key = NameKey(id);
    stations_[key].insert(id);
    if (const size_t dash = key.rfind('-'); dash != std::string::npos) stations_[key.substr(dash + 1)].insert(id);
    if (station.tier() == v1::CENTER) township_ = NameKey(station.public_name());
    std::vector<std::string> names(station.villages().begin(), station.villages().end());
    names.push_back(station.name());
    names.push_back(station.public_name());
    for (const std::string& name : names) {
      if (name.empty()) continue;
      stations_[NameKey(name)].insert(id);
      if (station.tier() != v1::POINT) continue;
      const std::string stem = Stem(NameKey(name));
      station_stems_[stem].insert(id);
      for (const std::string& ending : EndingsLike(name == station.name() ? station.public_name() : name)) {
        station_endings_[stem + ending].insert(id);
      }
    }
  }
  for (const v1::Deputy& deputy : deputies) {
    deputies_[NameKey(deputy.name())].insert(deputy.deputy_id());
    deputies_[NameKey(deputy.deputy_id())].insert(deputy.deputy_id());
  }
  for (const v1::Department& department : departments) {
    departments_[NameKey(department.name())].insert(department.department_id());
    departments_[NameKey(department.department_id())].insert(department.department_id());
  }
  for (const v1::Code& category : categories) {
    categories_[NameKey(category.name())].insert(category.code());
    categories_[NameKey(category.code())].insert(category.code());
    categories_[NameKey(category.code() + category.name())].insert(category.code());
  }
}

absl::StatusOr<std::string> LedgerRoster::Find(const Index& index, std::string_view key, std::string_view name) {
  auto found = index.find(key);
  if (key.empty() || found == index.end()) {
    return absl::NotFoundError(Cat("名册里没有“", Truncate(name, 20), "”"));
  }
  if (found->second.size() == 1) return *found->second.begin();
  std::string ids;
  for (const std::string& id : found->second) ids += Cat(ids.empty() ? "" : "、", id);
  return absl::InvalidArgumentError(Cat("“", Truncate(name, 20), "”可能是 ", ids, "，请写编号"));
}

absl::StatusOr<std::string> LedgerRoster::FindStation(std::string_view name) const {
  std::string key = NameKey(name);
  absl::StatusOr<std::string> best;
  for (bool whole : {true, false}) {
    if (!whole) {  // 恒口镇鱼姐村
      if (township_.empty() || key.size() <= township_.size() || key.compare(0, township_.size(), township_) != 0)
        break;
      key.erase(0, township_.size());
    }
    // Own names, then the same with another ending of the kind, then without one or with any ending.
    for (const auto& [index, wanted] : {std::pair<const Index*, std::string>{&stations_, key},
                                        {&station_endings_, key},
                                        {&station_stems_, key},
                                        {&station_stems_, Stem(key)}}) {
      best = Find(*index, wanted, name);
      if (!absl::IsNotFound(best.status())) return best;
    }
  }
  return best;
}

absl::StatusOr<std::string> LedgerRoster::FindDeputy(std::string_view name) const {
  return Find(deputies_, NameKey(name), name);
}

absl::StatusOr<std::string> LedgerRoster::FindDepartment(std::string_view name) const {
  return Find(departments_, NameKey(name), name);
}

absl::StatusOr<std::string> LedgerRoster::FindCategory(std::string_view name) const {
  return Find(categories_, NameKey(name), name);
}

absl::StatusOr<LedgerParse> ParseLedger(const Table& table, const LedgerRoster& roster, const LedgerHash& hash) {
  LedgerParse parse;
  ASSIGN_OR_RETURN(Header header, FindHeader(table, &parse.header));
  RowReader reader(table.rows[parse.header], header, roster);
  std::map<std::string, std::pair<int, int>> seen;  // import key -> how often, the first row
  for (size_t i = parse.header + 1; i < table.rows.size(); ++i) {
    if (reader.IsSum(table.rows[i])) continue;
    LedgerRow row = reader.Read(table.rows[i]);
    if (reader.refusals().empty()) {
      row.import_key = ImportKey(row, hash);
      auto& [count, first] = seen.try_emplace(row.import_key, 0, row.row).first->second;
      if (++count > 1 && row.serial.empty()) row.import_key += Cat(":", count);
      if (count > 1 && !row.serial.empty()) reader.Refuse(kSerial, Cat("与第 ", first, " 行重复"));
    }
    if (reader.refusals().empty()) {
      parse.rows.push_back(std::move(row));
      continue;
    }
    ++parse.refused_rows;
    for (v1::RefusedRow& refusal : reader.refusals()) parse.refusals.push_back(std::move(refusal));
  }
  return parse;
}

std::string MendFile(const Table& table, const LedgerParse& parse) {
  std::map<int, std::string> reasons;  // row -> text
  for (const v1::RefusedRow& refusal : parse.refusals) {
    std::string& text = reasons[refusal.row()];
    text += Cat(text.empty() ? "" : "；", refusal.column(), "：", refusal.reason());
  }
  const Row& header = table.rows[parse.header];
  size_t width = header.cells.size();  // a refused row may have cells beyond the header's last
  for (const Row& row : table.rows) {
    if (reasons.count(row.number) > 0) width = std::max(width, row.cells.size());
  }
  std::vector<std::vector<std::string>> out;
  auto add = [&](const Row& row, std::string_view reason) {
    std::vector<std::string>& cells = out.emplace_back();
    for (int i = 0; i < static_cast<int>(width); ++i) {
      if (NameKey(header.Text(i)) != kReasonColumn) cells.push_back(UnguardCell(row.Text(i)));
    }
    cells.emplace_back(reason);
  };
  add(header, kReasonColumn);
  for (size_t i = parse.header + 1; i < table.rows.size(); ++i) {
    auto reason = reasons.find(table.rows[i].number);
    if (reason != reasons.end()) add(table.rows[i], reason->second);
  }
  return WriteCsv(out);
}

}  // namespace liaison
