#include "common/service/enrolment.h"

#include <fstream>
#include <iterator>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/service/daemon.h"

namespace liaison {
namespace {

constexpr std::string_view kMagic = "LIAISONE";

std::string PathIn(const std::string& dir) { return dir + "/enrolment"; }

}  // namespace

absl::Status WriteEnrolment(const std::string& dir, const std::vector<std::string>& messages) {
  std::string bytes(kMagic);
  ByteWriter out(&bytes);
  out.Varint(messages.size());
  for (const std::string& message : messages) out.String(message);
  return WriteFileAtomically(PathIn(dir), bytes);
}

absl::StatusOr<std::vector<std::string>> ReadEnrolment(const std::string& dir) {
  std::vector<std::string> messages;
  std::ifstream file(PathIn(dir), std::ios::binary);
  if (!file) return messages;
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ByteReader in(bytes);
  if (in.Raw(kMagic.size()) != kMagic) return absl::InvalidArgumentError(Cat(PathIn(dir), ":不是入网文件"));
  for (uint64_t count = in.Count(); count > 0 && in.ok(); --count) messages.emplace_back(in.String());
  RETURN_IF_ERROR(in.Finish("enrolment file"));
  return messages;
}

}  // namespace liaison
