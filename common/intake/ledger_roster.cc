// LedgerRoster of ledger.h.
#include <utility>

#include "common/base/text.h"
#include "common/base/text_forms.h"
#include "common/intake/ledger.h"

namespace liaison {
namespace {

bool CutEnd(std::string_view end, std::string* text) {
  if (text->size() <= end.size() || text->compare(text->size() - end.size(), end.size(), end) != 0) return false;
  text->resize(text->size() - end.size());
  return true;
}

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

}  // namespace liaison
