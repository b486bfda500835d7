#include "common/prints/county.h"

#include <algorithm>
#include <map>

#include "common/api/views.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/prints/export.h"
#include "common/record/live.h"
#include "common/record/validate.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/matter/guards.h"
#include "common/rules/roster/roster.h"
#include "common/rules/visitor/visitors.h"
#include "common/sheets/sheet.h"
#include "common/sheets/table.h"

namespace liaison {
namespace {

constexpr char kWithheld[] = "（不公开）", kSomebody[] = "某某", kSomeNumber[] = "***";
constexpr size_t kPhoneDigits = 7;

struct Village {
  int sessions = 0, visits = 0, headcount = 0, matters = 0;
  bool suppressed = false;
};

// The length of a digit at the front of `text`, ASCII or full-width; 0: there is none.
size_t DigitAt(std::string_view text) {
  if (!text.empty() && text[0] >= '0' && text[0] <= '9') return 1;
  const bool wide = text.size() >= 3 && text.substr(0, 2) == "\xEF\xBC" && text[2] >= '\x90' && text[2] <= '\x99';
  return wide ? 3 : 0;
}

size_t SeparatorAt(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == ' ' || text[0] == '.')) return 1;
  return text.starts_with("－") || text.starts_with("　") ? 3 : 0;
}

std::string WithoutPhones(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t at = 0, end = 0, digits = 0;  // `end`: behind the last digit
    while (at < text.size()) {
      if (const size_t digit = DigitAt(text.substr(at))) {
        at = end = at + digit;
        ++digits;
      } else if (const size_t separator = SeparatorAt(text.substr(at)); separator > 0 && digits > 0) {
        at += separator;
      } else {
        break;
      }
    }
    if (digits >= kPhoneDigits) out += kSomeNumber;
    if (digits > 0 && digits < kPhoneDigits) out += text.substr(0, end);
    if (digits == 0) out += text[end++];
    text.remove_prefix(end);
  }
  return out;
}

class County {
 public:
  County(const ServiceContext& context, const v1::ExportCountyRequest& request)
      : request_(request),
        roster_(context.roster->Get()),
        // Reads everything, whoever asks: who may have the list may have all of it, and what comes out is cut here.
        views_(MakeViews(context, roster_.get(), InProcess())) {
    CollectNames();
    CountVillages();
    Suppress();
    List();
  }

  v1::ExportCountyResponse Counts() const {
    v1::ExportCountyResponse response;
    response.set_matters(static_cast<int32_t>(list_.size()));
    response.set_suppressed(static_cast<int32_t>(std::count_if(
        villages_.begin(), villages_.end(), [](const auto& village) { return village.second.suppressed; })));
    return response;
  }
  std::string Csv() const {
    std::vector<std::vector<std::string>> rows(1);
    for (const office::SheetColumn& column : Columns()) rows[0].push_back(column.head);
    rows.insert(rows.end(), list_.begin(), list_.end());
    return WriteCsv(rows);
  }
  absl::StatusOr<std::string> Xlsx() const { return office::WriteXlsx({CategorySheet(), VillageSheet(), ListSheet()}); }

 private:
  static std::vector<office::SheetColumn> Columns() {
    return {{"序号", 6, true},      {"登记日期", 12, true}, {"站点", 16},           {"类别", 14, true},
            {"性质", 8, true},      {"内容", 46},           {"处理方式", 14, true}, {"状态", 12, true},
            {"承办单位", 14},       {"交办日期", 12, true}, {"时限", 12, true},     {"结果类别", 10, true},
            {"办结日期", 12, true}, {"满意度", 10, true}};
  }
  std::string Note() const {
    return Cat(request_.from().empty() ? "" : Cat("自", request_.from()),
               request_.to().empty() ? "" : Cat("至", request_.to()), " 本表已去除个人信息");
  }

  // Of every visitor that this hub can open, not only of the period's: a neighbour's name may stand in a text.
  void CollectNames() {
    views_.reader().ForEach(TypeOf<v1::Visitor>().type(), [&](const Aggregate& visitor) {
      std::optional<v1::VisitorFields> fields = OpenVisitor(views_.reader(), visitor);
      if (fields) {
        remover_.Add(fields->name());
      } else {
        closed_.insert(visitor.id());
      }
      return true;
    });
  }

  void CountVillages() {
    const StoreReader& reader = views_.reader();
    tables::ByDate(reader.kv(), TypeOf<v1::ReceptionSession>().type(), request_.from(), request_.to(),
                   [&](const RecordId& id, std::string_view, std::string_view station) {
                     std::optional<Aggregate> session = reader.Load(id);
                     if (!session || session->VoidOf({}) == VoidState::kVoid) return true;
                     if (Views::SessionStateOf(*session) == v1::SESSION_PLANNED) return true;
                     Village& village = villages_[std::string(station)];
                     // 场次 are N3's: what has ended. Who came is counted from the first.
                     if (StatusOf(*session, {}, v1::ReceptionSession::kStatusFieldNumber) == v1::SESSION_CLOSED)
                       ++village.sessions;
                     for (const RecordId& entry : LiveChildrenOf<v1::VisitEntry>(*session)) {
                       ++village.visits;
                       village.headcount += std::max(1, Show<v1::VisitEntry>(*session, entry).headcount());
                     }
                     return true;
                   });
    ForMatters([&](const Aggregate&, const v1::MatterView& view) {
      if (IsOpinion(view)) ++villages_[view.matter().station_id()].matters;
    });
  }

  void Suppress() {
    std::vector<Village*> open;
    int suppressed = 0;
    for (auto& [station, village] : villages_) {
      const bool any = village.visits + village.matters > 0;
      village.suppressed = any && village.headcount < kSmallestCell;
      suppressed += village.suppressed;
      if (any && !village.suppressed) open.push_back(&village);
    }
    if (suppressed != 1 || open.empty()) return;
    (*std::min_element(open.begin(), open.end(), [](const Village* a, const Village* b) {
      return a->headcount < b->headcount;
    }))->suppressed = true;
  }

  void List() {
    ForMatters([&](const Aggregate& aggregate, const v1::MatterView& view) {
      const v1::Matter& matter = view.matter();
      const bool accusation = IsAccusation(matter);
      const bool closed = accusation || HasClosedVisitor(matter);
      const CaseFile file(aggregate, views_.reader().TimesOf(aggregate));
      const v1::Assignment* last = file.last_assignment();
      const v1::Reply* reply = file.last_reply();
      const std::optional<Day> due = file.due();
      if (IsOpinion(view)) {
        ++categories_[view.category_name()];
        ++opinions_;
      }
      list_.push_back({Cat(list_.size() + 1), matter.date(), PlaceOf(matter), view.category_name(),
                       EnumLabel(matter.nature()), closed ? kWithheld : remover_.Clean(matter.content()),
                       EnumLabel(matter.disposition()), EnumLabel(view.state()),
                       last == nullptr ? "" : roster_->DepartmentName(last->main_unit()),
                       last == nullptr ? "" : last->assigned_date(), due && *due != kUndated ? DayText(*due) : "",
                       reply == nullptr ? "" : ShortClass(reply->reply_class()),
                       view.state() == v1::CLOSED ? matter.status().date() : "",
                       file.rating() == v1::RATING_UNSPECIFIED ? "" : EnumLabel(file.rating())});
    });
  }

  // 意见建议 are N6's.
  static bool IsOpinion(const v1::MatterView& view) {
    return !IsAccusation(view.matter()) && CountsAsOpinion(view.matter().track(), view.matter().nature(), view.state());
  }

  void ForMatters(const std::function<void(const Aggregate&, const v1::MatterView&)>& visit) const {
    tables::ByDate(views_.reader().kv(), TypeOf<v1::Matter>().type(), request_.from(), request_.to(),
                   [&](const RecordId& id, std::string_view, std::string_view) {
                     std::optional<Aggregate> matter = views_.reader().Load(id);
                     if (!matter) return true;
                     const v1::MatterView view = views_.Matter(*matter);
                     if (!view.voided()) visit(*matter, view);
                     return true;
                   });
  }

  bool HasClosedVisitor(const v1::Matter& matter) const {
    for (const v1::Source& source : matter.sources()) {
      RecordId session_id, entry, visitor;
      if (!ParseFullId(source.entry(), &session_id, &entry)) continue;
      std::optional<Aggregate> session = views_.reader().Load(session_id);
      if (!session || session->Find(entry) == nullptr) continue;
      const std::string bytes = Show<v1::VisitEntry>(*session, entry).visitor_id();
      if (!RecordIdFromBytes(bytes, &visitor)) continue;
      if (closed_.contains(visitor) || !views_.reader().Load(visitor)) return true;
    }
    return false;
  }

  std::string PlaceOf(const v1::Matter& matter) const {
    if (matter.confidential()) return "";
    auto village = villages_.find(matter.station_id());
    if (village == villages_.end() || !village->second.suppressed) return roster_->StationName(matter.station_id());
    return AreaOf(matter.station_id());
  }

  std::string AreaOf(const std::string& station_id) const {
    auto station = roster_->stations.find(station_id);
    return station == roster_->stations.end() || station->second.parent_id().empty()
               ? ""
               : roster_->StationName(station->second.parent_id());
  }

  office::Sheet CategorySheet() const {
    office::Sheet sheet;
    sheet.name = "类别汇总";
    sheet.title = "意见建议类别汇总";
    sheet.note = Note();
    sheet.columns = {{"类别", 24, true}, {"条数", 14}, {"占比", 14}};
    std::vector<std::pair<std::string, int>> rows(categories_.begin(), categories_.end());
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [name, count] : rows)
      sheet.rows.push_back({name, office::SheetCell::Number(count),
                            office::SheetCell::Percent(static_cast<double>(count) / static_cast<double>(opinions_))});
    if (!rows.empty()) sheet.charts = {{office::ChartKind::kBar, "各类意见建议条数", 0, {1}, 0}};
    return sheet;
  }

  office::Sheet VillageSheet() const {
    office::Sheet sheet;
    sheet.name = "各站点";
    sheet.title = "各站点接待情况";
    sheet.note = Cat(Note(), "；不足", kSmallestCell, "人次的站点不单列数字，以“—”表示");
    sheet.columns = {{"片区", 16, true}, {"站点", 22}, {"场次", 10}, {"批次", 10}, {"人次", 10}, {"意见建议", 12}};
    Village total;
    for (const auto& [station, village] : villages_) {
      total.sessions += village.sessions;
      total.visits += village.visits;
      total.headcount += village.headcount;
      total.matters += village.matters;
      sheet.rows.push_back(VillageRow(AreaOf(station), roster_->StationName(station), village));
    }
    sheet.rows.push_back(VillageRow("", "合计", total));
    return sheet;
  }

  static std::vector<office::SheetCell> VillageRow(const std::string& area, const std::string& name,
                                                   const Village& village) {
    std::vector<office::SheetCell> row = {area, name, office::SheetCell::Number(village.sessions)};
    for (int number : {village.visits, village.headcount, village.matters})
      row.push_back(village.suppressed ? office::SheetCell("—") : office::SheetCell::Number(number));
    return row;
  }

  office::Sheet ListSheet() const {
    office::Sheet sheet;
    sheet.name = "事项清单";
    sheet.title = "意见建议清单";
    sheet.note = Note();
    sheet.landscape = true;
    sheet.columns = Columns();
    for (const std::vector<std::string>& row : list_) sheet.rows.emplace_back(row.begin(), row.end());
    return sheet;
  }

  const v1::ExportCountyRequest& request_;
  const std::shared_ptr<const Roster> roster_;
  const Views views_;
  NameRemover remover_;
  int opinions_ = 0;
  std::set<RecordId> closed_;  // visitors whose names this hub cannot open
  std::map<std::string, Village> villages_;
  std::map<std::string, int> categories_;
  std::vector<std::vector<std::string>> list_;
};

}  // namespace

void NameRemover::Add(std::string_view name) {
  if (CountChars(name) > 1) names_.insert(std::string(name));
}

std::string NameRemover::Clean(std::string_view text) const {
  std::string out = WithoutPhones(text);
  for (const std::string& name : names_) {
    for (size_t at = out.find(name); at != std::string::npos; at = out.find(name, at + sizeof kSomebody - 1))
      out.replace(at, name.size(), kSomebody);
  }
  return out;
}

absl::StatusOr<v1::ExportCountyResponse> ExportCounty(const ServiceContext& context,
                                                      const v1::ExportCountyRequest& request) {
  if (!context.IsHub()) return absl::FailedPreconditionError("报区人大的数据由镇里导出");
  for (const std::string* date : {&request.from(), &request.to()})
    if (!date->empty() && !IsDate(*date)) return absl::InvalidArgumentError(Cat("日期：“", *date, "”不是有效日期"));
  const std::string format = request.format().empty() ? "xlsx" : request.format();
  if (format != "xlsx" && format != "csv")
    return absl::InvalidArgumentError(Cat("导出格式：只能是csv或xlsx，现为“", format, "”"));
  const County county(context, request);
  v1::ExportCountyResponse response = county.Counts();
  response.set_file_name(Cat("报区人大-", context.Today(), ".", format));
  if (format == "csv") {
    response.set_mime("text/csv; charset=utf-8");
    response.set_content(county.Csv());
    return response;
  }
  ASSIGN_OR_RETURN(*response.mutable_content(), county.Xlsx());
  response.set_mime(office::kXlsxMime);
  return response;
}

}  // namespace liaison
