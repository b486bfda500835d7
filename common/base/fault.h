// What is wrong with something that a person gave: which field, why, and where among several things. One place makes
// the sentence; whoever needs a part of it asks for the part, and never cuts the sentence. Pure, thread-safe.
#ifndef LIAISON_COMMON_BASE_FAULT_H_
#define LIAISON_COMMON_BASE_FAULT_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace liaison {

struct Fault {
  std::string field;   // as a person reads it: 标题
  std::string reason;  // 最多40字，现有52字
  std::string place;   // where among several, with its own mark behind it: 恒民意〔2026〕D057-0001号：; mostly empty

  bool operator==(const Fault&) const = default;
};

// The payload of an error that is a fault: a v1::FieldFault.
inline constexpr char kFaultPayload[] = "type.googleapis.com/liaison.v1.FieldFault";

// The sentence: place, field, “：”, reason.
std::string FaultText(const Fault& fault);

// An error with that sentence, and with the fault as its payload.
absl::Status FaultStatus(absl::StatusCode code, const Fault& fault);
inline absl::Status WrongField(std::string_view field, std::string_view reason) {
  return FaultStatus(absl::StatusCode::kInvalidArgument, {std::string(field), std::string(reason), ""});
}
// The field may not be changed (any more), or not here.
inline absl::Status FixedField(std::string_view field, std::string_view reason) {
  return FaultStatus(absl::StatusCode::kFailedPrecondition, {std::string(field), std::string(reason), ""});
}

// The fault that an error is; nullopt: OK, or an error of another kind.
std::optional<Fault> FaultOf(const absl::Status& status);

// The same error, of one thing among several: `place` goes in front of its sentence. All payloads stay. OK stays OK.
absl::Status InPlace(std::string_view place, const absl::Status& status);

}  // namespace liaison

#endif  // LIAISON_COMMON_BASE_FAULT_H_
