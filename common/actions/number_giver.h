// Numbers for new records, and who may enter for which station. Used under the store's write lock.
#ifndef LIAISON_COMMON_ACTIONS_NUMBER_GIVER_H_
#define LIAISON_COMMON_ACTIONS_NUMBER_GIVER_H_

#include <map>
#include <string>
#include <string_view>

#include "common/actions/context.h"
#include "common/rules/roster/roster.h"
#include "common/store/reader.h"

namespace liaison {

// Gives numbers within one action: what the store has given, plus what this action has given so far.
class NumberGiver {
 public:
  NumberGiver(const KvReader* kv, std::string_view township, std::string_view block)
      : kv_(kv), township_(township), block_(block) {}
  std::string Session(std::string_view date);
  std::string Entry(std::string_view date);
  std::string Matter(std::string_view date);
  // The hub's own.
  std::string Assignment(std::string_view date);
  std::string Proposal(bool bill, std::string_view congress);  // a deputy's suggestion or a bill

 private:
  uint64_t Next(const std::string& series);

  const KvReader* kv_;
  std::string township_, block_;
  std::map<std::string, uint64_t> given_;
};

NumberGiver NumbersFor(const ServiceContext& context, const Roster& roster, const StoreReader& view);

// kPermissionDenied unless this station may enter for `station_id`.
absl::Status CheckMayEnterFor(const ServiceContext& context, const Roster& roster, std::string_view station_id);

}  // namespace liaison

#endif  // LIAISON_COMMON_ACTIONS_NUMBER_GIVER_H_
