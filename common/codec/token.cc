#include "common/codec/token.h"

namespace liaison {
namespace {

constexpr uint8_t kTokenVersion = 1;

}  // namespace

std::string MakeToken(const RecordId& aggregate, const VersionVector& visible) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.U8(kTokenVersion);
  out.String(ToBytes(aggregate));
  visible.Encode(&out);
  return Base64Url(bytes);
}

absl::StatusOr<VersionVector> ReadToken(std::string_view token, const RecordId& expected_aggregate) {
  const absl::Status invalid = absl::InvalidArgumentError("页面凭据无效，请刷新页面");
  std::string bytes;
  if (!UnBase64Url(token, &bytes)) return invalid;
  ByteReader in(bytes);
  if (in.U8() != kTokenVersion) return invalid;
  std::string aggregate(in.String());
  VersionVector visible = VersionVector::Decode(&in);
  if (!in.Finish("token").ok()) return invalid;
  if (aggregate != ToBytes(expected_aggregate)) return absl::InvalidArgumentError("页面凭据属于另一条记录，请刷新页面");
  return visible;
}

}  // namespace liaison
