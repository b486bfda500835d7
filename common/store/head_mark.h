// How far the database got, in a file of 64 bytes beside it: the sequence number of the last write that was
// acknowledged. A write-ahead log whose end is cut off opens without a complaint, and the chain heads are cut off with
// it; the mark remembers.
//
//   DIR/HEAD := "liaison-head-1" 0 0  sequence:fixed64  id:32  check:8
//   id: SHA-256 of the database's own id; check: the first 8 bytes of SHA-256 of all that stands before it
//
// Written behind: Note() overwrites the file in place after the database has synced, and starts the write-out without
// waiting for it. So the mark never claims more than the disk holds, it costs no fsync a write, it outlives a killed
// process at once, and a power cut after some milliseconds. 64 bytes lie in one sector, so a power cut leaves one mark
// or the other. The file is also the lock that keeps two programs apart.
//
// It stays in the clear where the database is encrypted: how often something was written, and the hash of a random id,
// tell of nobody, and `liaison doctor` reads it while another program has the folder.
#ifndef LIAISON_COMMON_STORE_HEAD_MARK_H_
#define LIAISON_COMMON_STORE_HEAD_MARK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace liaison {

class HeadMark {
 public:
  // Makes the folder and the file where they are missing. kUnavailable: another program has it. Errors of files as in
  // base/file.h.
  static absl::StatusOr<std::unique_ptr<HeadMark>> Open(const std::string& dir);
  ~HeadMark();  // syncs

  // What stood there when it was opened. `written`: there was something, readable or not.
  struct Found {
    bool written = false;
    std::optional<uint64_t> sequence;
    std::string database_hash;
  };
  const Found& found() const { return found_; }
  bool IsOf(std::string_view database_id) const;  // REQUIRES: found().sequence

  // Starts anew for this database; durable when it returns OK.
  absl::Status Start(std::string_view database_id, uint64_t sequence);
  // REQUIRES: Start() has returned OK, and everything up to `sequence` is durable. One thread at a time. A failure is
  // passed over: an older mark claims less.
  void Note(uint64_t sequence);

  static std::string PathIn(const std::string& dir);
  // What stands in the file now, without taking it: also while another program has it. kNotFound: there is none; else
  // errors of files as in base/file.h.
  static absl::StatusOr<Found> Look(const std::string& dir);

 private:
  explicit HeadMark(int file) : file_(file) {}
  bool Write(uint64_t sequence);  // false: errno says why

  const int file_;
  Found found_;
  std::string database_hash_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_STORE_HEAD_MARK_H_
