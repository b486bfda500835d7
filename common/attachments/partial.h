// A file that comes in pieces: what has come stands on the disk, and each piece counts only with its hash.
#ifndef LIAISON_COMMON_ATTACHMENTS_PARTIAL_H_
#define LIAISON_COMMON_ATTACHMENTS_PARTIAL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace liaison {

class Vault;

inline constexpr uint32_t kPieceBytes = 64 << 10;  // of every piece but the last

struct PieceMap {
  uint64_t size = 0;
  std::vector<std::string> hashes;  // 32 bytes each

  static PieceMap Of(std::string_view file);
  uint32_t PieceBytes(uint32_t piece) const;  // 0: there is no such piece
  // size:varint, then the hashes. kInvalidArgument: they are not as many as the size needs, or the size is 0 or over
  // `most_bytes`.
  std::string Encode() const;
  static absl::StatusOr<PieceMap> Decode(std::string_view bytes, uint64_t most_bytes);
  static absl::StatusOr<PieceMap> Make(uint64_t size, std::string_view hashes, uint64_t most_bytes);
  bool operator==(const PieceMap&) const = default;
};

struct Position {
  bool whole = false;
  bool started = false;
  uint32_t piece = 0;   // the first that is lacking,
  uint32_t offset = 0;  // and how much of it is here

  bool operator==(const Position&) const = default;
};

// Not thread-safe. `stem` is the path without its suffix; see file_store.h for the files. `vault` as in disk.h, must
// outlive this.
class Partial {
 public:
  // Null if there is none, or its map does not read: it then begins anew.
  static std::unique_ptr<Partial> Load(const std::string& stem, uint64_t most_bytes, const Vault* vault);
  static absl::StatusOr<std::unique_ptr<Partial>> Create(const std::string& stem, const PieceMap& map,
                                                         const Vault* vault);

  const PieceMap& map() const { return map_; }
  Position At() const;
  // As FileStore::Put, for the piece.
  absl::Status Put(uint32_t piece, uint32_t offset, std::string_view bytes);
  // All pieces have come: whether they still have their hashes. What does not is lacking again.
  bool Recheck();
  std::string file() const { return stem_ + ".part"; }
  void Remove();  // all its files

 private:
  Partial(std::string stem, PieceMap map, const Vault* vault);
  void ReadBack();
  absl::Status Complete(uint32_t piece, std::string_view bytes);
  std::string Beginning(uint32_t piece) const { return stem_ + ".p" + std::to_string(piece); }

  const std::string stem_;
  const PieceMap map_;
  const Vault* const vault_;
  std::vector<bool> here_;
  std::map<uint32_t, uint32_t> begun_;  // piece -> bytes of it in its file
};

}  // namespace liaison

#endif  // LIAISON_COMMON_ATTACHMENTS_PARTIAL_H_
