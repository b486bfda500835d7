// What the county reads of a period: no name, no phone, nothing by which a few people could be told.
//
// - The list has no visitor and no number of a record. Names of visitors and runs of seven digits and more are taken
//   out of the texts, whoever's they are; a text whose visitor's name this hub cannot open is left out. No titles: one
//   that was cut from its text may end in half a name.
// - An accusation (检举控告) has no text. What is confidential has no place.
// - A village with fewer than three people has no figures of its own, and in the list only its area is named. Where
//   that is one village alone, the next smallest goes with it, or the total would tell.
#ifndef LIAISON_COMMON_PRINTS_COUNTY_H_
#define LIAISON_COMMON_PRINTS_COUNTY_H_

#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/actions/context.h"
#include "liaison/v1/print.pb.h"

namespace liaison {

inline constexpr int kSmallestCell = 3;

// kFailedPrecondition at a station, kInvalidArgument: a date or the format.
absl::StatusOr<v1::ExportCountyResponse> ExportCounty(const ServiceContext& context,
                                                      const v1::ExportCountyRequest& request);

// Takes names (of two characters and more) and phone numbers out of texts. Immutable once filled.
class NameRemover {
 public:
  void Add(std::string_view name);
  std::string Clean(std::string_view text) const;

 private:
  struct Longer {
    bool operator()(const std::string& a, const std::string& b) const {
      return a.size() != b.size() ? a.size() > b.size() : a < b;
    }
  };
  std::set<std::string, Longer> names_;  // so that 欧阳小明 goes before 小明 does
};

}  // namespace liaison

#endif  // LIAISON_COMMON_PRINTS_COUNTY_H_
