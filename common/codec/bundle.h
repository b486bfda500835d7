// The header of a bundle: a file on a stick that carries what a session would have carried. It stands in clear, so that
// the page can say what a stick holds before anything is opened; the body behind it is one zstd stream, sealed to the
// recipient (bundle_file.h).
//
//   bundle := "liaison-bundle" version:u8=1 header-length:varint header body
//   header := the fields of BundleHeader in their order (common/codec/README.md)
//
// Ranges, batches and segments stand in the body in the order of their tables; offset and length are bytes of the
// decompressed body. Like messages, a header may have fields of a later version behind the last known one.
#ifndef LIAISON_COMMON_CODEC_BUNDLE_H_
#define LIAISON_COMMON_CODEC_BUNDLE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sync/message.h"

namespace liaison {

enum class BundleDirection : uint8_t { kToHub = 1, kToStation = 2 };

struct BundleHeader {
  uint8_t hash_algorithm = 1;       // crypto/hash.h
  uint8_t signature_algorithm = 1;  // crypto/sign.h
  uint8_t cipher_algorithm = 1;     // crypto/box.h
  BundleDirection direction = BundleDirection::kToHub;
  std::string recipient_key_id;  // 8 bytes
  std::string bundle_id;         // 16 random bytes: the same bundle carried twice is known again
  std::string station;           // the station that it comes from or goes to
  std::string machine_id;
  int64_t wall_ms = 0;  // of the machine that made it; shown, never decides

  std::optional<sync::Tip> tip;  // as in a hello
  std::string epoch;
  std::string archive_id;
  std::vector<sync::Cursor> cursors;

  struct Range {
    Actor actor;
    uint64_t first = 0, last = 0;
    uint64_t offset = 0, length = 0;
    bool operator==(const Range&) const = default;
  };
  struct Batch {
    std::string interest;
    uint64_t first = 0, last = 0;
    uint64_t offset = 0, length = 0;
    bool operator==(const Batch&) const = default;
  };
  struct Segment {  // of a feed that the hub went back behind: a batch of it, as far as one message goes
    std::string interest;
    std::string prefix;  // kHashBytes, behind the last item
    uint64_t first = 0, last = 0;
    uint64_t offset = 0, length = 0;
    bool operator==(const Segment&) const = default;
  };
  std::vector<Range> ranges;
  std::vector<Batch> batches;
  std::vector<Segment> abandoned;
  std::vector<std::string> certificates;

  uint64_t body_length = 0;  // as it stands in the file
  std::string body_hash;     // kHashBytes, of the same bytes
  sync::Seal seal;           // of the maker, over BundleSigningBytes()

  bool operator==(const BundleHeader&) const = default;
};

// Everything of a bundle in front of its body.
std::string EncodeBundleHeader(const BundleHeader& header);

struct BundleStart {
  BundleHeader header;
  size_t body_at = 0;  // where the body starts
};
// `bytes` are the start of the file or all of it; the body need not be there. kUnimplemented: of another version.
// kOutOfRange: the header does not end in `bytes`, read more. kInvalidArgument: anything else that is wrong.
absl::StatusOr<BundleStart> DecodeBundleHeader(std::string_view bytes);

inline constexpr size_t kMaxBundleHeaderBytes = 4 << 20;

// "liaison-bundle-1", then the header with an empty seal.
std::string BundleSigningBytes(const BundleHeader& header);

// What binds a body to its header: the hash of "liaison-body-1" and the header without its tables, certificates, body
// length, body hash and signature. So nobody can put his own header in front of another's body.
std::string BundleBodyContext(const BundleHeader& header);

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_BUNDLE_H_
