// What a page was loaded with. Every read hands out a token, every edit gives it back: it becomes the context of the
// edit's ops, so that an edit replaces exactly what its author saw.
//
//   token := base64url(version:u8=1 aggregate:string vector)        without padding
//
// It is not signed and grants nothing: Store::Commit refuses a vector that names what the store does not hold.
#ifndef LIAISON_COMMON_CODEC_TOKEN_H_
#define LIAISON_COMMON_CODEC_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/causal/version_vector.h"
#include "common/record/ids.h"

namespace liaison {

// `visible` is Lineage::Visible() of the state that is shown.
std::string MakeToken(const RecordId& aggregate, const VersionVector& visible);

// kInvalidArgument, in Chinese, for a token that is malformed, of another version, or of another aggregate.
absl::StatusOr<VersionVector> ReadToken(std::string_view token, const RecordId& expected_aggregate);

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_TOKEN_H_
