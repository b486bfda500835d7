// The format of a backup: one file, written once, read in a stream. What stands in which part is
// common/store/archive.h's business.
//
//   file    := "liaison-archive" version:u8=1 header-length:varint header frame sha256:32
//   header  := part:u8 id:string epoch:string station:string wall-ms:zigzag ordinal:varint
//   frame   := one zstd frame (RFC 8878) of: entry* 0:u8 entries:varint
//   entry   := 1:u8 key:string value:string        a row of the database, keys ascending
//            | 2:u8 name:string bytes:string       a file of the data folder
//   sha256  := of everything before it
//
// Like messages, a header may have fields of a later version behind the last known one. Downsides: nothing can be read
// without unpacking all that stands before it, and one flipped bit refuses the whole file.
#ifndef LIAISON_COMMON_CODEC_BACKUP_FILE_H_
#define LIAISON_COMMON_CODEC_BACKUP_FILE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace liaison {

inline constexpr size_t kArchiveIdBytes = 16;

enum class ArchivePart : uint8_t { kRecords = 1, kSecrets = 2 };

struct ArchiveHeader {
  ArchivePart part = ArchivePart::kRecords;
  std::string id;       // kArchiveIdBytes, random
  std::string epoch;    // of the hub's history that it is of
  std::string station;  // whose database
  int64_t wall_ms = 0;  // shown, never decides
  uint64_t ordinal = 0;
  bool operator==(const ArchiveHeader&) const = default;
};

struct ArchiveEntry {
  enum class Kind : uint8_t { kEnd = 0, kRow = 1, kFile = 2 };
  Kind kind = Kind::kRow;
  std::string name;  // key, or file name
  std::string bytes;
};

// Writes to `path` itself, mode 0600: the caller chooses a temporary name and renames when Finish() is OK. Memory: one
// zstd context. Not thread-safe.
class ArchiveWriter {
 public:
  // kUnavailable (Chinese): the file cannot be made, or another process is writing it.
  static absl::StatusOr<std::unique_ptr<ArchiveWriter>> Create(const std::string& path, const ArchiveHeader& header);
  ~ArchiveWriter();  // lets go of the file; what stands there without Finish() is no archive

  absl::Status Add(ArchiveEntry::Kind kind, std::string_view name, std::string_view bytes);
  absl::Status Finish();  // once: end mark, hash, fsync

 private:
  struct Stream;
  ArchiveWriter();
  absl::Status Pack(std::string_view plain, bool last);
  absl::Status Write(std::string_view bytes);

  std::string path_;
  std::unique_ptr<Stream> stream_;
};

// Reads a file of either part. Memory: one zstd context and the largest entry. Not thread-safe.
class ArchiveReader {
 public:
  // Reads the whole file once and compares its hash, so that nothing is ever used of a damaged one. kNotFound: no such
  // file. kUnimplemented: of a later version. kDataLoss: damaged, with the place (Chinese). kInvalidArgument: no
  // archive.
  static absl::StatusOr<std::unique_ptr<ArchiveReader>> Open(const std::string& path);
  ~ArchiveReader();

  const ArchiveHeader& header() const;
  uint64_t file_bytes() const;
  // The next entry, or one of kind kEnd behind the last. kDataLoss: no entry at this place.
  absl::StatusOr<ArchiveEntry> Next();

 private:
  struct Stream;
  ArchiveReader();
  absl::Status ReadHeader();
  absl::Status CheckHash();
  absl::Status Damaged(std::string_view why) const;
  absl::StatusOr<uint64_t> Varint();
  absl::StatusOr<std::string> Take(uint64_t n);
  absl::Status Fill();

  std::string path_;
  ArchiveHeader header_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_BACKUP_FILE_H_
