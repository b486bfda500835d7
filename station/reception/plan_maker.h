// The sessions of a period, from the stations' rules, with their duty roster. Runs under the store's write lock, since
// numbers are given here.
#ifndef LIAISON_STATION_RECEPTION_PLAN_MAKER_H_
#define LIAISON_STATION_RECEPTION_PLAN_MAKER_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/actions/number_giver.h"
#include "common/rules/days/deadlines.h"
#include "liaison/v1/congress_services.pb.h"

namespace liaison {

class PlanMaker {
 public:
  // All outlive it.
  PlanMaker(const ServiceContext& context, const Roster& roster, const StoreReader& view,
            const v1::PlanSessionsRequest& request);

  // One op for each new session; none where all are there. kInvalidArgument or kPermissionDenied in Chinese.
  absl::StatusOr<Action> Make(const std::string& action_id);

  int existing() const { return existing_; }
  std::vector<v1::PlanSkip> TakeSkipped() { return std::move(skipped_); }

 private:
  absl::StatusOr<std::vector<std::string>> Stations() const;
  // What is there: days with a session, and how often each deputy was on duty lately.
  void ReadSessions(Day from, Day to);
  absl::Status PlanStation(const std::string& station_id, Day from, Day to);
  std::vector<std::string> CandidatesFor(const v1::Station& station) const;
  // The `count` that had the fewest turns, ties by id; counts the turn.
  std::vector<std::string> TakeTurns(const std::vector<std::string>& candidates, const std::string& date);
  void Skip(const std::string& station_id, std::string reason);

  const ServiceContext& context_;
  const Roster& roster_;
  const StoreReader& view_;
  const v1::PlanSessionsRequest& request_;
  const Deadlines deadlines_;
  NumberGiver numbers_;
  std::set<std::pair<std::string, std::string>> taken_;  // station, date
  std::map<std::string, int> turns_;                     // by deputy
  std::vector<v1::ReceptionSession> planned_;
  std::vector<v1::PlanSkip> skipped_;
  int existing_ = 0;
};

}  // namespace liaison

#endif  // LIAISON_STATION_RECEPTION_PLAN_MAKER_H_
