// What a caller is shown of each record: nothing, masked, or words. Without one no view (views.h), no list, no search,
// no export and no print can be made.
//
// Whether a call is let in at all is the gate's question (access.h). Here: what it shows.
//
//   seat      sessions whose list has the deputy, what came of them, the suggestions and bills that he leads or signs
//   station   what belongs to the stations of the right; of an area its points' too
//   township  all, but for rights and audits
//   unit      matters whose last assignment names the unit; no session and no visitor
//   matter    the link's one
//   figures   no record but the roster's: the county, the wall, an admin
//
// Personal data is masked for everybody; in full it is shown by RevealVisitor alone (reveals.cc), and by
// the voter's form of the own station.
#ifndef LIAISON_COMMON_API_VIEWER_H_
#define LIAISON_COMMON_API_VIEWER_H_

#include <memory>
#include <string>
#include <string_view>

#include "common/api/dispatcher.h"
#include "common/record/aggregate.h"
#include "common/rules/people/people.h"
#include "common/store/reader.h"

namespace liaison {

// The daemon itself, and tests of single services: nobody from outside asks.
inline Caller InProcess() { return Caller(); }

enum class Sight {
  kNothing,  // the service answers kNotFound, as of a record that is not there
  kMasked,   // without names and phones
  kWords,
};

// Immutable; thread-safe.
class Viewer {
 public:
  // The owner of the data folder, and a caller where nobody has to log in, sees all that the place holds. A person
  // sees what his rights reach together. Only the gate lets the latter kind of caller in.
  static Viewer Of(const Caller& caller);

  // REQUIRES: `reader` is of the snapshot that the aggregate was read from, or of a later one.
  Sight SightOf(const StoreReader& reader, const Aggregate& aggregate) const;
  bool Sees(const StoreReader& reader, const Aggregate& aggregate) const {
    return SightOf(reader, aggregate) != Sight::kNothing;
  }

  // All sessions, matters and visitors of the place: lists need not ask for each.
  bool sees_all() const { return all_; }
  // What is not bound to one record: all, or the stations of an officer's or an area's right.
  bool SeesStation(std::string_view station_id) const;
  // The deputy's own; of others an officer, an area or the township.
  bool SeesDeputy(std::string_view deputy_id, std::string_view home_station_id) const;
  // Of the figures of the whole township sums only, and no sum under 3.
  bool figures_only() const { return !all_; }
  // The chair reads all audits, an admin all without the ids of records, others their own.
  enum class Audits { kOwn, kAllWithoutIds, kAll };
  Audits audits() const;

 private:
  Viewer() = default;
  bool Has(v1::Access::Role role) const;

  std::shared_ptr<const Who> who_;  // null: the owner, or nobody has to log in
  bool all_ = false;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_API_VIEWER_H_
