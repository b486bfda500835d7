// Enters records at a station as its page does: a session for each reception day, a visit with visitor and matter for
// each record. Which field goes where stands in README.md.
#ifndef LIAISON_TESTS_BENCH_ENTRY_CLERK_H_
#define LIAISON_TESTS_BENCH_ENTRY_CLERK_H_

#include <string>
#include <vector>

#include "station/station_node.h"
#include "tests/bench/records.h"

namespace liaison::bench {

v1::LogVisitRequest VisitOf(const Record& record, const std::string& session_id, const std::string& action_id);

class EntryClerk {
 public:
  EntryClerk(StationNode* node, uint64_t seed) : node_(node), random_(seed) {}

  std::string ActionId();
  // Opens the record's session if it is not the open one. Its id.
  absl::StatusOr<std::string> SessionFor(const Record& record);
  absl::Status Enter(const Record& record);
  absl::Status EnterAll(const std::vector<Record>& records);

 private:
  StationNode* node_;
  SeededRandom random_;
  std::string day_, session_id_;
};

}  // namespace liaison::bench

#endif  // LIAISON_TESTS_BENCH_ENTRY_CLERK_H_
