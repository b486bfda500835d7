// The ops that make a session or a visit, from what a person entered or an old ledger says. Runs under the store's
// write lock, since numbers are given here.
#ifndef LIAISON_STATION_ENTRY_H_
#define LIAISON_STATION_ENTRY_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/service/record_service.h"

namespace liaison {

// Gives numbers within one action: what the store has given, plus what this action has given so far.
class NumberGiver {
 public:
  NumberGiver(const KvReader* kv, std::string_view township, std::string_view block)
      : kv_(kv), township_(township), block_(block) {}
  std::string Session(std::string_view date);
  std::string Entry(std::string_view date);
  std::string Matter(std::string_view date);

 private:
  uint64_t Next(const std::string& series);

  const KvReader* kv_;
  std::string township_, block_;
  std::map<std::string, uint64_t> given_;
};

NumberGiver NumbersFor(const ServiceContext& context, const Roster& roster, const StoreReader& view);

// kPermissionDenied unless this station may enter for `station_id`.
absl::Status CheckMayEnterFor(const ServiceContext& context, const Roster& roster, std::string_view station_id);
// kInvalidArgument names the deputy that the roster does not have.
absl::Status CheckDeputies(const Roster& roster, const v1::ReceptionSession& session);

// One visit: what to write, and the ids it gets.
struct VisitIds {
  RecordId session, entry;
  std::vector<RecordId> matters;
};
// Completes entry and matters (numbers, station, date, status, sources), checks them, and appends their ops. `session`
// is the session's record; its aggregate is `ids.session`. First free index of the action: `index`.
struct VisitInput {
  v1::ReceptionSession session;
  v1::VisitEntry entry;
  v1::VisitorFields visitor;
  std::vector<v1::Matter> matters;
  std::string import_batch;
};
absl::Status AppendVisit(const ServiceContext& context, const std::string& action_id, uint16_t index, VisitInput input,
                         NumberGiver* numbers, VisitIds* ids, Action* action);

}  // namespace liaison

#endif  // LIAISON_STATION_ENTRY_H_
