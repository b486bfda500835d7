#include "common/daemon/invitation.h"

#include <cctype>
#include <optional>

#include "common/base/base32.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr std::string_view kCarried = "LIAISON/1/";
constexpr uint8_t kVersion = 1;
constexpr size_t kCheckBytes = 2, kGroup = 4;
constexpr size_t kCodeBytes = 2 + kInviteSecretBytes + kCodeFingerprintBytes + kCheckBytes;
static_assert(kCodeBytes % 5 == 0, "whole groups of base 32");

std::string CheckOf(std::string_view bytes) { return Sha256(Cat("liaison-code-1", bytes)).substr(0, kCheckBytes); }

std::string Upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

std::string TypedCode(const InviteCode& code) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.U8(kVersion);
  out.U8(kSha256);
  out.Raw(code.secret);
  out.Raw(code.fingerprint);
  out.Raw(CheckOf(bytes));
  return InGroups(Base32(bytes), kGroup);
}

std::string CarriedCode(const InviteCode& code) { return Cat(kCarried, Upper(code.hub_address), "/", TypedCode(code)); }

absl::StatusOr<InviteCode> ParseCode(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  InviteCode code;
  if (Upper(std::string(text.substr(0, kCarried.size()))) == kCarried) {
    text.remove_prefix(kCarried.size());
    size_t slash = text.rfind('/');
    if (slash == text.npos) return absl::InvalidArgumentError("邀请码：不完整");
    for (char c : text.substr(0, slash))
      code.hub_address.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    text.remove_prefix(slash + 1);
  }
  const std::optional<std::string> bytes = UnBase32(text);
  if (!bytes || bytes->size() != kCodeBytes)
    return absl::InvalidArgumentError("邀请码：不完整，或有认不出的字符，请核对");
  std::string_view all(*bytes), content = all.substr(0, kCodeBytes - kCheckBytes);
  if (CheckOf(content) != all.substr(content.size())) return absl::InvalidArgumentError("邀请码：抄错了，请核对");
  ByteReader in(content);
  if (in.U8() != kVersion) return absl::InvalidArgumentError("邀请码：是新版本的，请先更新本程序");
  if (!CheckHashAlgorithm(in.U8()).ok()) return absl::InvalidArgumentError("邀请码：是新版本的，请先更新本程序");
  code.secret = std::string(in.Raw(kInviteSecretBytes));
  code.fingerprint = std::string(in.Raw(kCodeFingerprintBytes));
  return code;
}

}  // namespace liaison
