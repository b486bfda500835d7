#include "common/store/bucket_sums.h"

#include <functional>

#include "common/base/bytes.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

std::array<uint64_t, 4> HashNumber(std::string_view element) {
  char hash[kSha256Size];
  Sha256(element, hash);
  ByteReader in({hash, sizeof(hash)});
  std::array<uint64_t, 4> number;
  for (size_t i = number.size(); i > 0; --i) number[i - 1] = in.Fixed64();
  return number;
}

}  // namespace

size_t BucketSums::Of(std::string_view owner) { return std::hash<std::string_view>()(owner) % kBuckets; }

void BucketSums::Add(size_t bucket, std::string_view element) {
  uint64_t carry = 0;
  const Sum number = HashNumber(element);
  for (size_t i = 0; i < number.size(); ++i) {
    uint64_t& digit = sums_[bucket][i];
    const bool over = __builtin_add_overflow(digit, number[i], &digit);
    carry = (__builtin_add_overflow(digit, carry, &digit) || over) ? 1 : 0;
  }
}

void BucketSums::TakeAway(size_t bucket, std::string_view element) {
  uint64_t borrow = 0;
  const Sum number = HashNumber(element);
  for (size_t i = 0; i < number.size(); ++i) {
    uint64_t& digit = sums_[bucket][i];
    const bool under = __builtin_sub_overflow(digit, number[i], &digit);
    borrow = (__builtin_sub_overflow(digit, borrow, &digit) || under) ? 1 : 0;
  }
}

}  // namespace liaison
