#include "common/codec/bundle.h"

#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/archive.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr std::string_view kBundleMagic = "liaison-bundle";
constexpr uint8_t kBundleVersion = 1;

}  // namespace

LIAISON_FIELDS(BundleHeader::Range, m.actor, m.first, m.last, m.offset, m.length)
LIAISON_FIELDS(BundleHeader::Batch, m.interest, m.first, m.last, m.offset, m.length)
LIAISON_FIELDS(BundleHeader::Segment, m.interest, m.prefix, m.first, m.last, m.offset, m.length)
LIAISON_FIELDS(BundleHeader, m.hash_algorithm, m.signature_algorithm, m.cipher_algorithm, m.direction,
               m.recipient_key_id, m.bundle_id, m.station, m.machine_id, m.wall_ms, m.tip, m.epoch, m.archive_id,
               m.cursors, m.ranges, m.batches, m.abandoned, m.certificates, m.body_length, m.body_hash, m.seal)

namespace {

std::string FieldsOf(const BundleHeader& header) {
  std::string bytes;
  ByteWriter writer(&bytes);
  Archive<ByteWriter> archive(&writer);
  Fields(archive, header);
  return bytes;
}

}  // namespace

std::string EncodeBundleHeader(const BundleHeader& header) {
  std::string bytes(kBundleMagic);
  ByteWriter out(&bytes);
  out.U8(kBundleVersion);
  out.String(FieldsOf(header));
  return bytes;
}

absl::StatusOr<BundleStart> DecodeBundleHeader(std::string_view bytes) {
  if (bytes.substr(0, kBundleMagic.size()) != kBundleMagic.substr(0, bytes.size()))
    return absl::InvalidArgumentError("bundle: not a bundle");
  ByteReader in(bytes);
  in.Raw(kBundleMagic.size());
  uint8_t version = in.U8();
  if (in.ok() && version != kBundleVersion)
    return absl::UnimplementedError(Cat("bundle: version ", static_cast<int>(version), " is not known"));
  uint64_t length = in.Varint();
  if (length > kMaxBundleHeaderBytes) return absl::InvalidArgumentError(Cat("bundle: header of ", length, " bytes"));
  if (!in.ok() || length > in.rest().size()) return absl::OutOfRangeError("bundle: the header does not end here");
  ByteReader fields(in.Raw(length));
  BundleStart start;
  Archive<ByteReader> archive(&fields);
  Fields(archive, start.header);
  RETURN_IF_ERROR(fields.Check("bundle header"));
  start.body_at = in.position();
  return start;
}

std::string BundleSigningBytes(const BundleHeader& header) {
  BundleHeader clear = header;
  clear.seal = {};
  return "liaison-bundle-1" + FieldsOf(clear);
}

std::string BundleBodyContext(const BundleHeader& header) {
  BundleHeader made = header;
  made.ranges.clear();
  made.batches.clear();
  made.abandoned.clear();
  made.certificates.clear();
  made.body_length = 0;
  made.body_hash.clear();
  made.seal.signature.clear();
  return Sha256("liaison-body-1" + FieldsOf(made));
}

}  // namespace liaison
