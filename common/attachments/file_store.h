// Files by their content: each is named by the SHA-256 of its bytes, whole or on its way. It knows no records and no
// network.
//
//   DIR/ab/abcdef…64        a whole file; its name is its hash in hex, its folder the first two digits
//   DIR/incoming/….new      what is being written and has no name yet; thrown away by Open
//   DIR/incoming/HASH.map   one that comes in pieces: size:varint, hash of each piece:32
//   DIR/incoming/HASH.part  its bytes, each piece at its place; pieces that have not come are holes
//   DIR/incoming/HASH.p7    the beginning of piece 7, as far as it has come
//   DIR/damaged/HASH-N      a whole file whose bytes were found to have another hash; never thrown away
//   DIR/delivered/HASH      empty: the other side is known to have this file
//
// Crash order: bytes, fsync, rename, fsync of the folder; so a name in DIR/ab has its whole content behind it. What has
// come of a file in pieces is read back from the disk and held against the map: nothing else says so. A piece that a
// crash has torn therefore comes again, and no other.
//
// With a vault each of them but the empty ones is encrypted (crypto/at_rest.h); their names are not. One in the clear
// counts as damaged.
//
// Bounds: a file on its way holds its declared size, and only one beginning of each piece; who may declare one is for
// the caller to decide. Stored files are never removed.
#ifndef LIAISON_COMMON_ATTACHMENTS_FILE_STORE_H_
#define LIAISON_COMMON_ATTACHMENTS_FILE_STORE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/attachments/partial.h"
#include "common/base/file.h"

namespace liaison {

class Vault;

inline constexpr uint64_t kMostFileBytes = 8 << 20;
inline constexpr uint64_t kFileReserveBytes = 300 << 20;          // of the disk, kept for records
inline constexpr int kMostStarts = 3;                             // of one file whose bytes turn out to be others
inline constexpr absl::Duration kScrubPause = absl::Seconds(10);  // between two files that are read again

// "image/jpeg", "image/png", "image/webp" or "application/pdf", from the first bytes; empty: none of these.
std::string TypeOfFile(std::string_view bytes);

// Thread-safe; hashes are the 32 bytes. Messages are Chinese. kResourceExhausted: the disk is at its reserve, or full.
class FileStore {
 public:
  struct Options {
    std::string dir;  // made when the first file comes
    std::shared_ptr<const Vault> vault;  // null: in the clear
    uint64_t reserve_bytes = kFileReserveBytes;
    std::function<absl::StatusOr<uint64_t>(const std::string& dir)> free_bytes = FreeBytes;
    std::function<void()> before_rename = [] {};  // tests: here a process may die
  };
  static absl::StatusOr<std::unique_ptr<FileStore>> Open(Options options);

  // ---- whole files
  // Durable when it returns the hash. A file that is here already is left as it is. kInvalidArgument: too large, empty,
  // or of another type.
  absl::StatusOr<std::string> Add(std::string_view bytes);
  bool Has(std::string_view hash) const;
  // Holds it against its hash. kNotFound: not here. kDataLoss: the disk has changed it; it was set aside and is now
  // lacking.
  absl::StatusOr<std::string> Read(std::string_view hash);
  // The same; the size and the hashes of its pieces.
  absl::StatusOr<PieceMap> MapOf(std::string_view hash);
  // These, the one that came first at the front: by the times of the disk, which decide nothing.
  std::vector<std::string> OldestFirst(std::vector<std::string> hashes) const;
  // Bytes that may still be taken before the disk is at its reserve.
  uint64_t Room() const;
  // As it is on the disk; its bytes are not looked at.
  absl::StatusOr<uint64_t> SizeOf(std::string_view hash) const;
  // A part, as it is on the disk.
  absl::StatusOr<std::string> ReadSlice(std::string_view hash, uint64_t offset, size_t length) const;

  // ---- files in pieces
  // Where the file goes on: `whole`, or the first byte that is lacking, or not begun.
  Position At(std::string_view hash);
  // Begins a file, or goes on with it. Another map than the one held begins anew. kInvalidArgument: the map does not
  // fit the size, or the size is over the limit. kFailedPrecondition: it was begun kMostStarts times and always came
  // out as something else; it is not taken again before the next Open.
  absl::StatusOr<Position> Begin(std::string_view hash, const PieceMap& map);
  // Takes bytes of a piece, in any order of pieces. What is here already is passed over; bytes that leave a gap behind
  // what is here are not taken, and the position says where to go on. kInvalidArgument: not begun, or outside the size.
  // kDataLoss: the piece, or in the end the file, did not have its hash, and only that is thrown away.
  absl::StatusOr<Position> Put(std::string_view hash, uint32_t piece, uint32_t offset, std::string_view bytes);
  // Whether Begin refuses it for good.
  bool Refuses(std::string_view hash) const;
  // Throws away what has come of a file that nobody wants any more.
  void Drop(std::string_view hash);

  // ---- checking
  // To be called again and again, kScrubPause apart, so that what a disk has changed is found while another copy
  // exists. Reads the next whole file, in the order of their names, round and round; its hash if it was damaged and was
  // set aside.
  std::optional<std::string> ScrubNext();
  // Set aside, and not come again since.
  std::set<std::string> Damaged() const;

  // ---- what is known of the other side; decides nothing here, and may be lost
  bool Delivered(std::string_view hash) const;
  void SetDelivered(std::string_view hash, bool delivered);

  // Called with the hash, without locks, when a file becomes whole, lacking, or delivered. REQUIRES: set before
  // threads.
  void set_listener(std::function<void(const std::string& hash)> listener) { listener_ = std::move(listener); }

 private:
  explicit FileStore(Options options) : options_(std::move(options)) {}
  absl::Status Load();
  absl::Status CheckSpace(uint64_t bytes) const;
  std::string PathOf(std::string_view hash) const;
  std::string Incoming(std::string_view hash, std::string_view suffix) const;
  absl::Status Publish(const std::string& from, std::string_view hash);
  absl::Status SetAside(std::string_view hash);
  Partial* Find(const std::string& hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Position> Finish(const std::string& hash, Partial* partial) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell(std::string_view hash) const {
    if (listener_) listener_(std::string(hash));
  }

  const Options options_;
  std::function<void(const std::string&)> listener_;

  mutable absl::Mutex mutex_;
  std::set<std::string, std::less<>> whole_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> delivered_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int, std::less<>> set_aside_ ABSL_GUARDED_BY(mutex_);         // how often
  std::map<std::string, std::unique_ptr<Partial>> partials_ ABSL_GUARDED_BY(mutex_);  // as far as they were asked for
  std::map<std::string, int, std::less<>> starts_ ABSL_GUARDED_BY(mutex_);            // that came out as something else
  std::string scrubbed_ ABSL_GUARDED_BY(mutex_);                                      // the last one
  uint64_t temporaries_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_FILE_STORE_H_
