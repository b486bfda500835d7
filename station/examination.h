// All that `liaison doctor` looks at in a station's data folder.
#ifndef LIAISON_STATION_EXAMINATION_H_
#define LIAISON_STATION_EXAMINATION_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/ports.h"
#include "common/doctor/folder_checks.h"
#include "liaison/v1/doctor.pb.h"

namespace liaison {

class StationNode;

struct StationExamination {
  std::string dir;
  Findings folder;             // of CheckFolder()
  StationNode* node = nullptr;  // null: it could not be opened
  absl::Status opened;         // why not
  Clock* clock = SystemClock();
  Random* random = SystemRandom();
  int step_ms = 5'000;  // of the link
};

// Any thread, if the node is open. Bounded by the link's steps (station/link/link_steps.h).
v1::ExamineResponse Examine(const StationExamination& examination);

}  // namespace liaison

#endif  // LIAISON_STATION_EXAMINATION_H_
