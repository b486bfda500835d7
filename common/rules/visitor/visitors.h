// A visitor's personal data: sealed when written, opened in memory only, masked when shown.
#ifndef LIAISON_COMMON_RULES_VISITOR_VISITORS_H_
#define LIAISON_COMMON_RULES_VISITOR_VISITORS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/store/store.h"
#include "liaison/v1/records.pb.h"

namespace liaison {

bool IsEmpty(const v1::VisitorFields& fields);
// Phones in any width and spacing become digits; kInvalidArgument names the field.
absl::Status NormaliseVisitor(v1::VisitorFields* fields);

// The op that makes a new visitor, and the key that opens it.
struct NewVisitor {
  NewOp op;
  sync::KeyItem key;
};
NewVisitor SealVisitor(const RecordId& id, const v1::VisitorFields& fields, std::string_view station_id,
                       std::string_view import_batch, Random* random);
// The write that replaces the sealed value of a visitor, under the key it has.
absl::StatusOr<Write> ResealVisitor(const StoreReader& reader, const Aggregate& visitor,
                                    const v1::VisitorFields& fields, Random* random);

// What is displayed of a visitor; nullopt when its key is not here (another station's, or erased).
std::optional<v1::VisitorFields> OpenVisitor(const StoreReader& reader, const Aggregate& visitor);
// One sealed value, as one side of a conflict.
std::optional<v1::VisitorFields> OpenSealed(const StoreReader& reader, const RecordId& visitor,
                                            std::string_view sealed);
v1::VisitorFields Masked(const v1::VisitorFields& fields);

}  // namespace liaison

#endif  // LIAISON_COMMON_RULES_VISITOR_VISITORS_H_
