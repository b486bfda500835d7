// A bundle as a file: written front to back with bounded memory, and read only when it is whole.
//
//   file    := header body                               header: bundle.h
//   body    := a box (crypto/box.h) to the recipient's key, bound by BundleBodyContext(); in it one zstd frame of plain
//   plain   := message* message* segment* trailer        a range for each row of the header's `ranges`, a feed batch
//                                                        for each of `batches`, in order (message_codec.h, heads
//                                                        filled in)
//   segment := message:string*                           for each row of `abandoned`: offers of that batch, with bytes
//   trailer := count:varint message:string*              receipts (acks); from the hub a welcome, and a feed ack of no
//                                                        feed for a set of abandoned names; others are skipped
//
// Rows follow each other without gaps: the first starts at 0, the trailer behind the last. No message is longer than
// kMaxMessageBytes, so neither side ever holds more than a few megabytes, however large the bundle is.
//
// What is wrong with a file is said in Chinese, since whoever holds the stick reads it.
// Threads: one object belongs to one thread at a time.
#ifndef LIAISON_COMMON_CODEC_BUNDLE_FILE_H_
#define LIAISON_COMMON_CODEC_BUNDLE_FILE_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file.h"
#include "common/base/ports.h"
#include "common/codec/bundle.h"
#include "common/crypto/sign.h"

namespace liaison {

inline constexpr uint64_t kMaxBundleBytes = uint64_t{1} << 30;  // of a body

class BundleWriter {
 public:
  // `header`: as it is to be, without tables, body length, body hash and signature, but with the maker's key id and
  // algorithm in its seal. The body grows in a nameless file of `dir`. Draws 88 bytes from `random`.
  // kInvalidArgument: nothing can be sealed to `recipient_key`. Errors of files as in base/file.h.
  static absl::StatusOr<std::unique_ptr<BundleWriter>> Create(const std::string& dir, BundleHeader header,
                                                              std::string_view recipient_key, Random* random);
  ~BundleWriter();

  // In this order: all ranges, all batches, all offers, the trailer. kInvalidArgument: larger than a message may be.
  absl::Status Add(const sync::Range& range);
  absl::Status Add(const sync::FeedBatch& batch);
  absl::Status Add(const sync::Offer& offer);
  absl::Status Add(const sync::Ack& receipt);
  absl::Status Add(const sync::Welcome& welcome);  // what the hub would say to a hello
  absl::Status Add(const sync::FeedAck& known);    // a set of abandoned names that the hub holds whole

  // Signs, and writes the file, replacing what is there; on an error there is none. Once.
  // REQUIRES: `sign` signs with the key that the header names.
  absl::StatusOr<BundleHeader> Finish(const std::string& path, const std::function<sync::Seal(std::string_view)>& sign);

 private:
  class Body;
  BundleWriter(BundleHeader header, std::unique_ptr<Body> body);

  BundleHeader header_;
  std::unique_ptr<Body> body_;
  uint64_t offset_ = 0;
  std::vector<std::string> trailer_;
};

// Takes what stands in a body. Null members pass over theirs. An error ends the reading and is what Read() returns.
struct BundleVisitor {
  std::function<absl::Status(sync::Range)> range;
  std::function<absl::Status(sync::FeedBatch)> batch;
  std::function<absl::Status(sync::Offer)> offer;
  std::function<absl::Status(sync::Ack)> receipt;
  std::function<absl::Status(sync::Welcome)> welcome;
  std::function<absl::Status(sync::FeedAck)> known;
};

class BundleReader {
 public:
  // Reads the header and compares the file's length with it. kInvalidArgument: no bundle, its header is damaged, or it
  // says that it is longer than kMaxBundleBytes; kUnimplemented: of a later version; kDataLoss: cut off, longer than it
  // should be, or with holes. Errors of files as in base/file.h.
  static absl::StatusOr<std::unique_ptr<BundleReader>> Open(const std::string& path);
  ~BundleReader();

  const BundleHeader& header() const { return start_.header; }
  uint64_t file_bytes() const { return start_.body_at + start_.header.body_length; }

  // kDataLoss: the body is not the one that the header names.
  absl::Status CheckBody() const;
  // kUnauthenticated: the header was not signed with this key, or was changed since.
  absl::Status CheckMaker(std::string_view public_key) const;

  // Opens the body and hands over what is in it, front to back. May be called again. kPermissionDenied: sealed to
  // another key. kDataLoss, kInvalidArgument: damaged, or not made as agreed; the visitor may have been called before.
  absl::Status Read(const KeyPair& keys, const BundleVisitor& visitor) const;

 private:
  BundleReader(FileHandle file, BundleStart start);

  const FileHandle file_;
  const BundleStart start_;
};

// ReplaceFile() of base/file.h with what stands in `from`. Works on sticks without permissions and links.
absl::Status CopyFileAtomically(const std::string& from, const std::string& to);

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_BUNDLE_FILE_H_
