// What exactly is stored, for people who look for a fault: an op, a record with its siblings and vector, a feed, the
// chain of an actor. Values are masked (mask_values.h), answers are bounded.
#ifndef LIAISON_COMMON_DOCTOR_DUMP_H_
#define LIAISON_COMMON_DOCTOR_DUMP_H_

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "liaison/v1/doctor.pb.h"

namespace liaison {

inline constexpr int kUsualDumped = 50, kMostDumped = 500;  // ops or items of an answer
inline constexpr int kMostDumpedWrites = 1000;              // writes of an op, fields of a record

// Of one snapshot. kInvalidArgument (Chinese) names the field; kNotFound (Chinese): nothing of that name is here. Any
// thread. For a chain all ops up to the last one shown are read.
absl::StatusOr<v1::DumpResponse> Dump(const Store& store, const v1::DumpRequest& request);

}  // namespace liaison

#endif  // LIAISON_COMMON_DOCTOR_DUMP_H_
