// Photos and scanned files as files beside records: on a stick beside a bundle, and one by one beside the backups of a
// hub. Each is named by the SHA-256 of its bytes and sealed for itself, so that what is damaged or cut off costs only
// what stands there.
//
//   pack      := "liaison-files" version:u8=1 start:string directory:string seal:string file* sum:32
//   start     := hash:u8 cipher:u8 use:u8 recipient-key-id:string name:string
//   directory := a box (crypto/box.h) of: complete:bool held:{hash:32}* files:{hash:32 size:varint}*
//   seal      := key-id:string algorithm:u8 signature:string, of the maker, over "liaison-files-1" start:string
//                directory:string
//   file      := a box of the bytes; one for each row of the directory's files, in order
//   sum       := SHA-256 of everything before it
//
// `name`: of what the pack belongs to: a bundle's id; in a backup the hash of the one file. `held`: files that the
// maker has, by which the other side knows what need not be sent; `complete`: all of them. Box i (the directory is 0)
// is bound to SHA-256("liaison-files-1" start:string i:varint).
//
//   list := "liaison-filelist" version:u8=1 archive-id:16 key-id:string lacking:varint {hash:32 size:varint}* sum:32
//
// The files of one backup, by their names alone; their packs are in a folder that all backups share.
//
// What is wrong with a file is said in Chinese, since whoever holds the stick reads it.
#ifndef LIAISON_COMMON_CODEC_FILE_PACK_H_
#define LIAISON_COMMON_CODEC_FILE_PACK_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/file.h"
#include "common/base/ports.h"
#include "common/crypto/sign.h"
#include "common/sync/message.h"

namespace liaison {

inline constexpr uint64_t kMostPackedFileBytes = 8 << 20;     // of one file
inline constexpr uint64_t kMostPackBytes = uint64_t{1} << 30;  // of a whole pack
inline constexpr size_t kMostPackedNames = 100'000;            // of files, and of those held

enum class FilePackUse : uint8_t { kToHub = 1, kToStation = 2, kBackup = 3 };

struct FilePackStart {
  uint8_t hash_algorithm = 1;    // crypto/hash.h
  uint8_t cipher_algorithm = 1;  // crypto/box.h
  FilePackUse use = FilePackUse::kToHub;
  std::string recipient_key_id;
  std::string name;
  bool operator==(const FilePackStart&) const = default;
};

struct PackedFile {
  std::string hash;  // 32 bytes
  uint64_t size = 0;
  bool operator==(const PackedFile&) const = default;
};

struct FilePackDirectory {
  bool complete = false;
  std::vector<std::string> held;
  std::vector<PackedFile> files;
  bool operator==(const FilePackDirectory&) const = default;
};

struct FileList {
  std::string archive_id;  // kArchiveIdBytes
  std::string key_id;      // whom its packs are sealed to
  uint64_t lacking = 0;    // named by records of the backup, and not at the hub when it was made
  std::vector<PackedFile> files;
  bool operator==(const FileList&) const = default;
};

// What stands in front of the files.
struct FilePackHead {
  FilePackStart start;
  std::string directory;  // sealed
  sync::Seal seal;
  size_t files_at = 0;
};

// Bytes of a box with so many inside.
uint64_t BoxLength(uint64_t plain);

std::string EncodeFilePackHead(const FilePackHead& head);
// `bytes`: the beginning of a pack or all of it. kUnimplemented: of a later version. kOutOfRange: it does not end in
// `bytes`, read more. kInvalidArgument: anything else.
absl::StatusOr<FilePackHead> DecodeFilePackHead(std::string_view bytes);
std::string EncodeFilePackDirectory(const FilePackDirectory& directory);
absl::StatusOr<FilePackDirectory> DecodeFilePackDirectory(std::string_view bytes);
std::string EncodeFileList(const FileList& list);
// kUnimplemented: of a later version. kDataLoss: damaged or cut off. kInvalidArgument: no list.
absl::StatusOr<FileList> DecodeFileList(std::string_view bytes);

struct FilePackOrder {
  FilePackUse use = FilePackUse::kToHub;
  std::string name;
  std::string recipient_key;
  std::string maker_key_id;
  FilePackDirectory directory;
  std::function<absl::StatusOr<std::string>(const PackedFile&)> bytes_of;
  std::function<sync::Seal(std::string_view)> sign;  // with the maker's key
  Random* random = nullptr;                          // 88 bytes for the directory and for each file
};
// Writes the file, replacing what is there; on an error there is none. One file is in memory at a time.
absl::Status WriteFilePack(const std::string& path, const FilePackOrder& order);

// Threads: one object belongs to one thread at a time.
class FilePackReader {
 public:
  // Reads the head. kInvalidArgument: no pack, its head is damaged, or it is longer than kMostPackBytes allows;
  // kUnimplemented: of a later version; kDataLoss: cut off in the head. Errors of files as in base/file.h.
  static absl::StatusOr<std::unique_ptr<FilePackReader>> Open(const std::string& path);

  const FilePackStart& start() const { return head_.start; }
  const std::string& maker_key_id() const { return head_.seal.key_id; }
  uint64_t file_bytes() const { return size_; }

  // kDataLoss: some byte is not as it was written, or missing. Needs no key.
  absl::Status CheckWhole() const;
  // kUnauthenticated: the head was not signed with this key, or was changed since.
  absl::Status CheckMaker(std::string_view public_key) const;
  // kPermissionDenied: sealed to another key. kDataLoss, kInvalidArgument: damaged.
  absl::StatusOr<FilePackDirectory> Directory(const KeyPair& keys) const;
  // The bytes of the i-th row. kDataLoss: they are damaged or cut off, or have another hash than the row says.
  absl::StatusOr<std::string> File(const KeyPair& keys, const FilePackDirectory& directory, size_t i) const;

 private:
  FilePackReader(FileHandle file, uint64_t size, FilePackHead head)
      : file_(std::move(file)), size_(size), head_(std::move(head)) {}

  const FileHandle file_;
  const uint64_t size_;
  const FilePackHead head_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CODEC_FILE_PACK_H_
