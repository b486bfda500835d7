// Values of stored fields as they may be shown to whoever looks for a fault: no name, phone or word of a visitor.
//
//   sealed         never opened: length and key
//   phones         masked as on every page (base/text_forms.h)
//   texts          of records that the hub writes for all (stations, deputies, …) as they are; of all others by their
//                  length: they may hold anything that a visitor said
//   all else       numbers, options, days, codes, ids and hashes as they are; of messages the fields that are these
//   unknown fields by their length
#ifndef LIAISON_COMMON_DOCTOR_MASK_VALUES_H_
#define LIAISON_COMMON_DOCTOR_MASK_VALUES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "common/record/op.h"
#include "liaison/v1/doctor.pb.h"

namespace liaison {

// The write without its value: child, field and element. `root`: the record that it is in.
v1::DumpedWrite MaskedField(const RecordId& root, const RecordId& child, uint32_t tag, std::string_view element,
                            bool sealed);
// The value as it may be shown.
std::string MaskedValue(const RecordId& root, const RecordId& child, uint32_t tag, std::string_view value, bool sealed);

}  // namespace liaison

#endif  // LIAISON_COMMON_DOCTOR_MASK_VALUES_H_
