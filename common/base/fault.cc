#include "common/base/fault.h"

#include "absl/strings/cord.h"
#include "common/base/bytes.h"
#include "common/base/text.h"

namespace liaison {
namespace {

// The payload is protobuf's: three texts, numbered from 1, none of which is written when it is empty.
constexpr uint8_t kTextOf1 = 1 << 3 | 2, kTextOf2 = 2 << 3 | 2, kTextOf3 = 3 << 3 | 2;

std::string Encoded(const Fault& fault) {
  std::string bytes;
  ByteWriter out(&bytes);
  auto text = [&](uint8_t tag, const std::string& value) {
    if (value.empty()) return;
    out.U8(tag);
    out.String(value);
  };
  text(kTextOf1, fault.field);
  text(kTextOf2, fault.reason);
  text(kTextOf3, fault.place);
  return bytes;
}

void SetFault(const Fault& fault, absl::Status* status) {
  status->SetPayload(kFaultPayload, absl::Cord(Encoded(fault)));
}

}  // namespace

std::string FaultText(const Fault& fault) { return Cat(fault.place, fault.field, "：", fault.reason); }

absl::Status FaultStatus(absl::StatusCode code, const Fault& fault) {
  absl::Status status(code, FaultText(fault));
  SetFault(fault, &status);
  return status;
}

std::optional<Fault> FaultOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kFaultPayload);
  if (!payload) return std::nullopt;
  const std::string bytes(*payload);
  ByteReader in(bytes);
  Fault fault;
  while (in.ok() && !in.empty()) {
    const uint8_t tag = in.U8();
    const std::string value(in.String());
    if (tag == kTextOf1) fault.field = value;
    if (tag == kTextOf2) fault.reason = value;
    if (tag == kTextOf3) fault.place = value;
  }
  if (!in.ok()) return std::nullopt;
  return fault;
}

absl::Status InPlace(std::string_view place, const absl::Status& status) {
  if (status.ok()) return status;
  absl::Status placed(status.code(), Cat(place, StdView(status.message())));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& bytes) { placed.SetPayload(url, bytes); });
  if (std::optional<Fault> fault = FaultOf(status)) {
    fault->place = Cat(place, fault->place);
    SetFault(*fault, &placed);
  }
  return placed;
}

}  // namespace liaison
