// All that `liaison doctor` looks at in a hub's data folder.
#ifndef LIAISON_HUB_EXAMINATION_H_
#define LIAISON_HUB_EXAMINATION_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/ports.h"
#include "common/doctor/folder_checks.h"
#include "liaison/v1/doctor.pb.h"

namespace liaison {

class HubNode;

struct HubExamination {
  std::string dir;
  Findings folder;          // of CheckFolder()
  HubNode* node = nullptr;  // null: it could not be opened
  absl::Status opened;      // why not
  Clock* clock = SystemClock();
  int port_ms = 5'000;  // for the stations' port to answer
};

// Any thread, if the node is open. Bounded by `port_ms`.
v1::ExamineResponse Examine(const HubExamination& examination);

}  // namespace liaison

#endif  // LIAISON_HUB_EXAMINATION_H_
