// Whether two sets are equal, told by sums of hashes: in little memory, whatever the sets hold, and in any order.
// Private to common/store.
//
// One side adds the SHA-256 of each of its elements mod 2^256, the other takes away those of its own. Sums are kept in
// buckets, so that a difference is looked for among few elements. Equal sets leave only zeros. Unequal ones leave
// a zero only if hashes of what differs happen to cancel, which damage does once in 2^256. It is no proof against who
// chooses elements so that they cancel; who can write the database can also exchange the program that verifies it.
#ifndef LIAISON_COMMON_STORE_BUCKET_SUMS_H_
#define LIAISON_COMMON_STORE_BUCKET_SUMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace liaison {

class BucketSums {
 public:
  static constexpr size_t kBuckets = 8192;  // 256 KB of sums
  // The bucket of what belongs to `owner`: the same within one process.
  static size_t Of(std::string_view owner);

  BucketSums() : sums_(kBuckets) {}
  void Add(size_t bucket, std::string_view element);
  void TakeAway(size_t bucket, std::string_view element);
  bool IsZero(size_t bucket) const { return sums_[bucket] == Sum{}; }

 private:
  using Sum = std::array<uint64_t, 4>;  // the lowest digits first
  std::vector<Sum> sums_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_BUCKET_SUMS_H_
