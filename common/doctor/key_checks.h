// Keys and certificates of a data folder, each against the others. Reads files only.
#ifndef LIAISON_COMMON_DOCTOR_KEY_CHECKS_H_
#define LIAISON_COMMON_DOCTOR_KEY_CHECKS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "common/doctor/findings.h"
#include "liaison/v1/config.pb.h"

namespace liaison {

// A station's key, its certificate, and the authority that it was enrolled under. `now_ms`: the best time known.
void CheckDeviceKeys(const std::string& dir, const v1::StationConfig& config, int64_t now_ms, Findings* findings);

// A hub's key and its authority. `known_key`: the public key that the store was opened with; empty: not known.
void CheckHubKeys(const std::string& dir, std::string_view known_key, Findings* findings);

}  // namespace liaison

#endif  // LIAISON_COMMON_DOCTOR_KEY_CHECKS_H_
