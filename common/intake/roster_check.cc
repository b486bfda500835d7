#include "common/intake/roster_check.h"

#include <set>

#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/record/schema.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

using google::protobuf::Message;

// The list as it is after the file; voided records are not in it.
template <typename M>
std::map<std::string, const M*, std::less<>> After(const RosterRecords& known, const std::vector<RosterRow>& rows) {
  std::map<std::string, const M*, std::less<>> after;
  for (const auto& [code, record] : known)
    if (record != nullptr) after[code] = static_cast<const M*>(record.get());
  for (const RosterRow& row : rows) after[row.code] = static_cast<const M*>(row.after.get());
  return after;
}

bool Gone(const v1::Station& station) {
  return station.status() == v1::STATION_MERGED || station.status() == v1::STATION_CLOSED;
}

// ---------------------------------------------------------------- stations

class StationCheck {
 public:
  StationCheck(const RosterKnown& known, const std::vector<RosterRow>& rows, const RosterFault& fault)
      : after_(After<v1::Station>(known.records, rows)), rows_(rows), fault_(fault) {}

  void Run() {
    std::set<std::string, std::less<>> in_file;
    for (const RosterRow& row : rows_) {
      in_file.insert(row.code);
      CheckPlace(row);
      CheckStatus(row);
    }
    // Stations that the file leaves alone, below one that it changes.
    for (const RosterRow& row : rows_)
      for (const auto& [code, station] : after_)
        if (station->parent_id() == row.code && !in_file.contains(code) && !Gone(*station)) CheckChild(row, *station);
    CheckCenter();
  }

 private:
  static const v1::Station& Of(const std::shared_ptr<const Message>& record) {
    return static_cast<const v1::Station&>(*record);
  }

  void CheckPlace(const RosterRow& row) const {
    const v1::Station& station = Of(row.after);
    if (row.before != nullptr && Of(row.before).parent_id() == station.parent_id() &&
        Of(row.before).tier() == station.tier() && Of(row.before).status() == station.status())
      return;
    if (station.tier() == v1::CENTER) {
      if (!station.parent_id().empty()) fault_(row, "parent_id", "中心站没有上级站点");
      return;
    }
    if (station.parent_id().empty()) return fault_(row, "parent_id", "不能为空");
    auto parent = after_.find(station.parent_id());
    if (parent == after_.end()) {
      fault_(row, "parent_id", Cat("没有编号为“", station.parent_id(), "”的站点"));
    } else if (station.tier() != v1::TIER_UNSPECIFIED && parent->second->tier() != v1::TIER_UNSPECIFIED &&
               parent->second->tier() != station.tier() - 1) {
      fault_(row, "parent_id", "上级站点应高一个层级");
    } else if (Gone(*parent->second) && !Gone(station)) {
      fault_(row, "parent_id",
             Cat("上级站点“", station.parent_id(), "”", EnumLabel(parent->second->status()), "，请换一个"));
    }
  }

  void CheckStatus(const RosterRow& row) const {
    const v1::Station& station = Of(row.after);
    if (row.before != nullptr && Of(row.before).status() == station.status() &&
        Of(row.before).merged_into() == station.merged_into() && Of(row.before).status_date() == station.status_date())
      return;
    if (station.status() != v1::STATION_MERGED) {
      if (!station.merged_into().empty()) fault_(row, "merged_into", "状态不是“已合并”时，这里应写“清空”");
    } else {
      CheckTarget(row, station);
    }
    if (Gone(station) && station.status_date().empty()) fault_(row, "status_date", "请写从哪一天起");
    if (station.tier() == v1::CENTER && Gone(station)) fault_(row, "status", "中心站不能合并或撤销");
  }

  // An active target has merged into nobody, so no circle can close.
  void CheckTarget(const RosterRow& row, const v1::Station& station) const {
    if (station.merged_into().empty()) return fault_(row, "merged_into", "状态是“已合并”时，要写并入哪个站点");
    if (station.merged_into() == station.station_id()) return fault_(row, "merged_into", "不能并入自己");
    auto target = after_.find(station.merged_into());
    if (target == after_.end()) return fault_(row, "merged_into", Cat("没有编号为“", station.merged_into(), "”的站点"));
    if (target->second->status() == v1::STATION_MERGED)
      return fault_(
          row, "merged_into",
          Cat("“", station.merged_into(), "”自己已并入“", target->second->merged_into(), "”，请写最后并入的站点"));
    if (target->second->status() != v1::STATION_ACTIVE)
      return fault_(row, "merged_into",
                    Cat("“", station.merged_into(), "”的状态是", EnumLabel(target->second->status()), "，不能并入"));
    if (target->second->tier() != station.tier()) fault_(row, "merged_into", "应并入同一层级的站点");
  }

  void CheckChild(const RosterRow& row, const v1::Station& child) const {
    const v1::Station& parent = Of(row.after);
    if (Gone(parent)) {
      fault_(row, "status", Cat("下级站点“", child.station_id(), "”还在用，请先改它的上级站点"));
    } else if (parent.tier() != child.tier() - 1) {
      fault_(row, "tier", Cat("与下级站点“", child.station_id(), "”的层级不合"));
    }
  }

  void CheckCenter() const {
    int centers = 0;
    for (const auto& [code, station] : after_) centers += station->tier() == v1::CENTER;
    if (rows_.empty() || centers == 1) return;
    if (centers == 0) return fault_(rows_.back(), "tier", "没有中心站");
    bool first = true;
    for (const RosterRow& row : rows_) {
      if (Of(row.after).tier() != v1::CENTER) continue;
      const bool was = row.before != nullptr && Of(row.before).tier() == v1::CENTER;
      if (!was && (!first || centers > CentersIn())) fault_(row, "tier", "中心站只能有一个");
      first = false;
    }
  }
  int CentersIn() const {
    int centers = 0;
    for (const RosterRow& row : rows_) centers += Of(row.after).tier() == v1::CENTER;
    return centers;
  }

  const std::map<std::string, const v1::Station*, std::less<>> after_;
  const std::vector<RosterRow>& rows_;
  const RosterFault& fault_;
};

// ---------------------------------------------------------------- the others

void CheckHomes(const RosterKnown& known, const std::vector<RosterRow>& rows, const RosterFault& fault) {
  if (known.stations.empty()) return;
  for (const RosterRow& row : rows) {
    const auto& deputy = static_cast<const v1::Deputy&>(*row.after);
    const std::string& home = deputy.home_station_id();
    if (home.empty()) continue;
    if (row.before != nullptr && static_cast<const v1::Deputy&>(*row.before).home_station_id() == home) continue;
    auto station = known.stations.find(home);
    if (station == known.stations.end() || station->second == nullptr) {
      fault(row, "home_station_id", Cat("没有编号为“", home, "”的站点"));
    } else if (const auto& at = static_cast<const v1::Station&>(*station->second); Gone(at)) {
      fault(row, "home_station_id", Cat("站点“", home, "”", EnumLabel(at.status()), "，请换一个"));
    }
  }
}

template <typename M>
void CheckNames(const RosterKnown& known, const std::vector<RosterRow>& rows, const RosterFault& fault) {
  std::map<std::string, std::pair<std::string, int>> owners;  // name -> code, row
  std::map<std::string, const RosterRow*, std::less<>> in_file;
  for (const RosterRow& row : rows) in_file[row.code] = &row;
  for (const auto& [code, record] : known.records)
    if (record != nullptr && !in_file.contains(code))
      owners.emplace(NameKey(static_cast<const M&>(*record).name()), std::pair(code, 0));
  for (const RosterRow& row : rows) {
    const std::string& name = static_cast<const M&>(*row.after).name();
    if (name.empty()) continue;
    auto [owner, fresh] = owners.emplace(NameKey(name), std::pair(row.code, row.number));
    if (fresh || owner->second.first == row.code) continue;
    if (row.before != nullptr && static_cast<const M&>(*row.before).name() == name) continue;
    fault(row, "name",
          owner->second.second > 0 ? Cat("“", name, "”与第 ", owner->second.second, " 行重复")
                                   : Cat("“", name, "”与“", owner->second.first, "”重名"));
  }
}

void CheckParents(const RosterKnown& known, const std::vector<RosterRow>& rows, const RosterFault& fault) {
  const auto after = After<v1::Code>(known.records, rows);
  auto parent_of = [&](const std::string& code) -> const v1::Code* {
    auto it = after.find(Cat("category-", code));
    return it == after.end() ? nullptr : it->second;
  };
  for (const RosterRow& row : rows) {
    const auto& code = static_cast<const v1::Code&>(*row.after);
    if (code.parent().empty()) continue;
    if (parent_of(code.parent()) == nullptr) {
      fault(row, "parent", Cat("没有代码为“", code.parent(), "”的类别"));
      continue;
    }
    const v1::Code* at = &code;
    for (size_t steps = 0; at != nullptr && steps <= after.size(); ++steps) at = parent_of(at->parent());
    if (at != nullptr) fault(row, "parent", "上级类别绕成了圈");
  }
}

}  // namespace

void CheckRoster(v1::RosterKind kind, const RosterKnown& known, const std::vector<RosterRow>& rows,
                 const RosterFault& fault) {
  switch (kind) {
    case v1::ROSTER_STATIONS:
      return StationCheck(known, rows, fault).Run();
    case v1::ROSTER_DEPUTIES:
      return CheckHomes(known, rows, fault);
    case v1::ROSTER_DEPARTMENTS:
      return CheckNames<v1::Department>(known, rows, fault);
    case v1::ROSTER_CATEGORIES:
      CheckNames<v1::Code>(known, rows, fault);
      return CheckParents(known, rows, fault);
    default:
      return;
  }
}

}  // namespace liaison
