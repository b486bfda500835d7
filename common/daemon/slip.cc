#include "common/daemon/slip.h"

#include <optional>

#include "common/base/base32.h"
#include "common/base/fault.h"
#include "common/base/folding.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/password.h"

namespace liaison {
namespace {

constexpr size_t kCodeDigits = 10, kCheckDigits = 2, kDigitsAGroup = 4;

std::string CheckDigitsOf(std::string_view code) {
  return Base32(Sha256(Cat("liaison-slip-1", code))).substr(0, kCheckDigits);
}

}  // namespace

absl::StatusOr<Slip> NewSlip(Random* random) {
  std::string code;
  for (char byte : random->Bytes(kCodeDigits)) code += Base32Digit(static_cast<uint8_t>(byte));
  Slip slip;
  slip.typed = InGroups(code + CheckDigitsOf(code), kDigitsAGroup);
  // The floor, also at the hub: it is a station that checks it, and 50 bits need no more.
  ASSIGN_OR_RETURN(slip.code_hash, HashPassword(code, PasswordCost(), random));
  return slip;
}

absl::StatusOr<std::string> ParseSlip(std::string_view typed) {
  const std::optional<std::string> digits = Base32Digits(RemoveSpaces(Fold(typed)));
  if (!digits || digits->size() != kCodeDigits + kCheckDigits)
    return WrongField("激活码", "不完整，或有认不出的字符，请核对");
  std::string code = digits->substr(0, kCodeDigits);
  if (CheckDigitsOf(code) != digits->substr(kCodeDigits)) return WrongField("激活码", "抄错了，请核对");
  return code;
}

}  // namespace liaison
