#include "common/crypto/password.h"

#include <sodium.h>

#include <algorithm>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hmac.h"
#include "common/crypto/internal.h"

namespace liaison {
namespace {

using crypto_internal::Bytes;

constexpr size_t kSaltSize = kPasswordSaltSize, kPasswordTagSize = 32;
constexpr uint32_t kLeastKib = 8;
static_assert(kSaltSize == crypto_pwhash_SALTBYTES && crypto_pwhash_MEMLIMIT_MIN <= kLeastKib << 10);

absl::StatusOr<std::string> Argon2id(std::string_view password, const PasswordCost& cost, std::string_view salt) {
  crypto_internal::EnsureSodium();
  std::string tag(kPasswordTagSize, '\0');
  const int failed = crypto_pwhash(Bytes(tag.data()), tag.size(), password.data(), password.size(), Bytes(salt),
                                   cost.passes, size_t{cost.memory_kib} << 10, crypto_pwhash_ALG_ARGON2ID13);
  if (failed != 0) return absl::ResourceExhaustedError(Cat("内存不够：核对密码要 ", cost.memory_kib >> 10, " MB"));
  return tag;
}

bool IsBearable(const PasswordCost& cost) {
  return kLeastKib <= cost.memory_kib && cost.memory_kib <= kMostMemoryKib && 1 <= cost.passes &&
         cost.passes <= kMostPasses;
}

}  // namespace

PasswordCost CalibratePasses(uint32_t memory_kib, int64_t target_ms, const std::function<int64_t()>& steady_ms) {
  PasswordCost cost{memory_kib, kLeastPasses};
  const std::string salt(kSaltSize, '\0');
  const int64_t from_ms = steady_ms();
  if (!Argon2id("liaison", cost, salt).ok()) return cost;
  const int64_t took_ms = std::max<int64_t>(1, steady_ms() - from_ms);
  cost.passes = static_cast<uint32_t>(
      std::clamp<int64_t>(target_ms * kLeastPasses / took_ms, int64_t{kLeastPasses}, int64_t{kMostPasses}));
  return cost;
}

absl::StatusOr<std::string> HashPassword(std::string_view password, const PasswordCost& cost, Random* random) {
  crypto_internal::Require(IsBearable(cost), "a password's cost");
  const std::string salt = random->Bytes(kSaltSize);
  ASSIGN_OR_RETURN(const std::string tag, Argon2id(password, cost, salt));
  std::string hash;
  ByteWriter out(&hash);
  out.U8(kArgon2id);
  out.Varint(cost.memory_kib);
  out.Varint(cost.passes);
  out.Raw(salt);
  out.Raw(tag);
  return hash;
}

absl::StatusOr<std::string> KeyOfPassword(std::string_view password, const PasswordCost& cost, std::string_view salt) {
  if (salt.size() != kSaltSize || !IsBearable(cost))
    return absl::InvalidArgumentError("password key: a salt of another size, or asking for more than it may");
  return Argon2id(password, cost, salt);
}

absl::StatusOr<bool> IsPassword(std::string_view password, std::string_view hash) {
  ByteReader in(hash);
  const uint8_t algorithm = in.U8();
  if (in.ok() && algorithm != kArgon2id)
    return absl::InvalidArgumentError(Cat("password hash: unknown algorithm ", static_cast<int>(algorithm)));
  PasswordCost cost;
  cost.memory_kib = in.Varint32();
  cost.passes = in.Varint32();
  const std::string_view salt = in.Raw(kSaltSize), tag = in.Raw(kPasswordTagSize);
  RETURN_IF_ERROR(in.Finish("password hash"));
  if (!IsBearable(cost)) return absl::InvalidArgumentError("password hash: asks for more than it may");
  ASSIGN_OR_RETURN(const std::string computed, Argon2id(password, cost, salt));
  return SameSecret(computed, tag);
}

}  // namespace liaison
