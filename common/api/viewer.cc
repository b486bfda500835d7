#include "common/api/viewer.h"

#include <algorithm>
#include <optional>

#include "common/api/congress_deeds.h"
#include "common/record/ids.h"
#include "common/record/schema.h"
#include "common/record/view.h"
#include "common/rows/tables.h"
#include "common/rules/matter/case_file.h"
#include "common/rules/reception/attendance.h"
#include "liaison/v1/audit.pb.h"
#include "liaison/v1/congress.pb.h"
#include "liaison/v1/people.pb.h"
#include "liaison/v1/records.pb.h"

namespace liaison {
namespace {

template <typename Texts>
bool HasText(const Texts& texts, std::string_view wanted) {
  return !wanted.empty() && std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

template <typename M>
bool Is(const Aggregate& aggregate) {
  return aggregate.id().type == TypeOf<M>().type();
}

// The records that the township has and keeps up for everybody, but rights: codes lie in them.
bool IsRoster(const Aggregate& aggregate) {
  const TypeInfo* type = FindType(aggregate.id().type);
  return type != nullptr && type->rules.master() && !Is<v1::Rights>(aggregate);
}

bool OnDuty(const Aggregate& session, std::string_view deputy) {
  return FindDeputy(Show<v1::ReceptionSession>(session), deputy) != nullptr;
}

// Whether what a source names, a visit or an activity, is the deputy's.
bool CameFrom(const StoreReader& reader, const v1::Source& source, std::string_view deputy) {
  RecordId root, child;
  if (!ParseFullId(source.entry(), &root, &child)) return false;
  const std::optional<Aggregate> found = reader.Load(root);
  if (!found) return false;
  if (Is<v1::ReceptionSession>(*found)) return OnDuty(*found, deputy);
  return Is<v1::Activity>(*found) && TookPart(Show<v1::Activity>(*found), deputy);
}

// Whether somebody of a session where the deputy is on duty is this visitor. A visitor does not name its visits, so
// the sessions of its station are looked through.
bool CameToSeat(const StoreReader& reader, const Aggregate& visitor, std::string_view deputy) {
  const std::string name = ToBytes(visitor.id()), place = Show<v1::Visitor>(visitor).station_id();
  bool found = false;
  tables::ByDate(reader.kv(), TypeOf<v1::ReceptionSession>().type(), "", "",
                 [&](const RecordId& id, std::string_view, std::string_view station) {
                   if (station != place) return true;
                   const std::optional<Aggregate> session = reader.Load(id);
                   if (!session || !OnDuty(*session, deputy)) return true;
                   for (const RecordId& entry : ChildrenOf<v1::VisitEntry>(*session))
                     found = found || Show<v1::VisitEntry>(*session, entry).visitor_id() == name;
                   return !found;
                 });
  return found;
}

bool IsOfSeat(const StoreReader& reader, const Aggregate& aggregate, std::string_view deputy) {
  if (deputy.empty()) return false;
  if (Is<v1::ReceptionSession>(aggregate)) return OnDuty(aggregate, deputy);
  if (Is<v1::Visitor>(aggregate)) return CameToSeat(reader, aggregate, deputy);
  if (Is<v1::Activity>(aggregate)) return TookPart(Show<v1::Activity>(aggregate), deputy);
  if (Is<v1::Notice>(aggregate)) return true;
  if (Is<v1::Contact>(aggregate)) {
    const auto contact = Show<v1::Contact>(aggregate);
    return contact.from() == deputy || contact.to() == deputy;
  }
  if (Is<v1::Appraisal>(aggregate)) return Show<v1::Appraisal>(aggregate).subject() == deputy;
  if (Is<v1::LivelihoodProject>(aggregate))
    return HasText(Show<v1::LivelihoodProject>(aggregate).supervisors(), deputy);
  if (!Is<v1::Matter>(aggregate)) return false;
  const auto matter = Show<v1::Matter>(aggregate);
  if (matter.lead_deputy() == deputy || HasText(matter.cosigners(), deputy)) return true;
  return std::any_of(matter.sources().begin(), matter.sources().end(),
                     [&](const v1::Source& source) { return CameFrom(reader, source, deputy); });
}

bool IsOfStations(const Aggregate& aggregate, const std::vector<std::string>& stations) {
  auto at = [&](const std::string& station) { return HasText(stations, station); };
  if (Is<v1::ReceptionSession>(aggregate)) return at(Show<v1::ReceptionSession>(aggregate).station_id());
  if (Is<v1::Visitor>(aggregate)) return at(Show<v1::Visitor>(aggregate).station_id());
  if (Is<v1::Activity>(aggregate)) return at(Show<v1::Activity>(aggregate).station_id());
  if (Is<v1::ImportBatch>(aggregate)) return at(Show<v1::ImportBatch>(aggregate).station_id());
  if (Is<v1::Refusal>(aggregate)) return at(Show<v1::Refusal>(aggregate).station_id());
  if (Is<v1::Contact>(aggregate)) return at(Show<v1::Contact>(aggregate).station_id());
  if (Is<v1::Appraisal>(aggregate)) return at(Show<v1::Appraisal>(aggregate).subject());
  if (Is<v1::Notice>(aggregate)) return true;
  if (!Is<v1::Matter>(aggregate)) return false;
  const auto matter = Show<v1::Matter>(aggregate);
  return at(matter.station_id()) || std::any_of(matter.sources().begin(), matter.sources().end(),
                                                [&](const v1::Source& source) { return at(source.station_id()); });
}

// Of the assignment that counts: what was taken from a unit and given to another is not the first one's any longer.
bool IsOfUnit(const StoreReader& reader, const Aggregate& aggregate, std::string_view unit) {
  if (!Is<v1::Matter>(aggregate) || unit.empty()) return false;
  const OpTimes times = reader.TimesOf(aggregate);
  const CaseFile file(aggregate, times);
  const v1::Assignment* last = file.last_assignment();
  return last != nullptr && (last->main_unit() == unit || HasText(last->co_units(), unit));
}

bool Reaches(const Who& who, const Right& right, const StoreReader& reader, const Aggregate& aggregate) {
  switch (right.role) {
    case v1::Access::DEPUTY:
      return IsRoster(aggregate) || IsOfSeat(reader, aggregate, who.deputy);
    case v1::Access::OFFICER:
    case v1::Access::AREA:
      return IsRoster(aggregate) || IsOfStations(aggregate, right.stations);
    case v1::Access::HANDLER:
      return IsRoster(aggregate) || IsOfUnit(reader, aggregate, right.unit);
    case v1::Access::LINK:
      return !right.matter.empty() && ToText(aggregate.id()) == right.matter;
    case v1::Access::CLERK:
    case v1::Access::CHAIR:
      return true;
    case v1::Access::COUNTY:
    case v1::Access::ADMIN:
      return IsRoster(aggregate);
    default:
      return false;
  }
}

}  // namespace

Viewer Viewer::Of(const Caller& caller) {
  Viewer viewer;
  if (!caller.owner) viewer.who_ = caller.who;
  viewer.all_ = viewer.who_ == nullptr || viewer.Has(v1::Access::CLERK) || viewer.Has(v1::Access::CHAIR);
  return viewer;
}

bool Viewer::Has(v1::Access::Role role) const {
  return std::any_of(who_->rights.begin(), who_->rights.end(), [&](const Right& right) { return right.role == role; });
}

Sight Viewer::SightOf(const StoreReader& reader, const Aggregate& aggregate) const {
  const Sight seen = Is<v1::Visitor>(aggregate) ? Sight::kMasked : Sight::kWords;
  if (who_ == nullptr) return seen;
  if (Is<v1::Rights>(aggregate)) return Sight::kNothing;
  if (Is<v1::Audit>(aggregate)) return audits() == Audits::kAll ? Sight::kWords : Sight::kNothing;
  if (all_) return seen;
  const bool reached = std::any_of(who_->rights.begin(), who_->rights.end(), [&](const Right& right) {
    return Reaches(*who_, right, reader, aggregate);
  });
  return reached ? seen : Sight::kNothing;
}

bool Viewer::SeesStation(std::string_view station_id) const {
  return all_ || std::any_of(who_->rights.begin(), who_->rights.end(), [&](const Right& right) {
           const bool desk = right.role == v1::Access::OFFICER || right.role == v1::Access::AREA;
           return desk && HasText(right.stations, station_id);
         });
}

bool Viewer::SeesDeputy(std::string_view deputy_id, std::string_view home_station_id) const {
  if (SeesStation(home_station_id)) return true;
  return Has(v1::Access::DEPUTY) && !deputy_id.empty() && who_->deputy == deputy_id;
}

Viewer::Audits Viewer::audits() const {
  if (who_ == nullptr || Has(v1::Access::CHAIR)) return Audits::kAll;
  return Has(v1::Access::ADMIN) ? Audits::kAllWithoutIds : Audits::kOwn;
}

}  // namespace liaison
