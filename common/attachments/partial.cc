#include "common/attachments/partial.h"

#include <algorithm>
#include <utility>

#include "common/attachments/disk.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

uint32_t PiecesOf(uint64_t size) { return static_cast<uint32_t>((size + kPieceBytes - 1) / kPieceBytes); }

}  // namespace

PieceMap PieceMap::Of(std::string_view file) {
  PieceMap map;
  map.size = file.size();
  for (; !file.empty(); file.remove_prefix(std::min<size_t>(file.size(), kPieceBytes)))
    map.hashes.push_back(Sha256(file.substr(0, kPieceBytes)));
  return map;
}

uint32_t PieceMap::PieceBytes(uint32_t piece) const {
  if (piece >= hashes.size()) return 0;
  return static_cast<uint32_t>(std::min<uint64_t>(size - uint64_t{piece} * kPieceBytes, kPieceBytes));
}

std::string PieceMap::Encode() const {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(size);
  for (const std::string& hash : hashes) out.Raw(hash);
  return bytes;
}

absl::StatusOr<PieceMap> PieceMap::Make(uint64_t size, std::string_view hashes, uint64_t most_bytes) {
  if (size == 0 || size > most_bytes) return absl::InvalidArgumentError(Cat("文件大小 ", size, " 超出范围"));
  if (hashes.size() != size_t{PiecesOf(size)} * kSha256Size)
    return absl::InvalidArgumentError("文件分块的摘要与大小不符");
  PieceMap map;
  map.size = size;
  for (; !hashes.empty(); hashes.remove_prefix(kSha256Size)) map.hashes.emplace_back(hashes.substr(0, kSha256Size));
  return map;
}

absl::StatusOr<PieceMap> PieceMap::Decode(std::string_view bytes, uint64_t most_bytes) {
  ByteReader in(bytes);
  uint64_t size = in.Varint();
  RETURN_IF_ERROR(in.Check("piece map"));
  return Make(size, in.rest(), most_bytes);
}

Partial::Partial(std::string stem, PieceMap map, const Vault* vault)
    : stem_(std::move(stem)), map_(std::move(map)), vault_(vault), here_(map_.hashes.size()) {}

std::unique_ptr<Partial> Partial::Load(const std::string& stem, uint64_t most_bytes, const Vault* vault) {
  absl::StatusOr<std::string> bytes = disk::Read(vault, stem + ".map", 0, most_bytes);
  if (!bytes.ok()) return nullptr;
  absl::StatusOr<PieceMap> map = PieceMap::Decode(*bytes, most_bytes);
  if (!map.ok()) return nullptr;
  std::unique_ptr<Partial> partial(new Partial(stem, *std::move(map), vault));
  partial->ReadBack();
  return partial;
}

// The map goes by rename, so that it is whole or absent; it need not outlive a power cut.
absl::StatusOr<std::unique_ptr<Partial>> Partial::Create(const std::string& stem, const PieceMap& map,
                                                           const Vault* vault) {
  std::unique_ptr<Partial> partial(new Partial(stem, map, vault));
  partial->Remove();
  disk::Remove(stem + ".map.new");
  RETURN_IF_ERROR(disk::Write(vault, stem + ".map.new", 0, map.Encode()));
  RETURN_IF_ERROR(disk::Rename(stem + ".map.new", stem + ".map"));
  return partial;
}

void Partial::ReadBack() {
  for (uint32_t piece = 0; piece < here_.size(); ++piece) {
    uint32_t size = map_.PieceBytes(piece);
    absl::StatusOr<std::string> bytes = disk::Read(vault_, file(), uint64_t{piece} * kPieceBytes, size);
    here_[piece] = bytes.ok() && Sha256(*bytes) == map_.hashes[piece];
    absl::StatusOr<uint64_t> begun = disk::Size(vault_, Beginning(piece));
    if (!begun.ok()) continue;
    // A beginning as long as its piece was about to be moved when the process ended: it comes again.
    if (here_[piece] || *begun >= size) {
      disk::Remove(Beginning(piece));
    } else if (*begun > 0) {
      begun_[piece] = static_cast<uint32_t>(*begun);
    }
  }
}

Position Partial::At() const {
  Position at;
  at.started = true;
  auto lacking = std::find(here_.begin(), here_.end(), false);
  at.piece = static_cast<uint32_t>(lacking - here_.begin());
  at.whole = lacking == here_.end();
  if (auto begun = begun_.find(at.piece); begun != begun_.end()) at.offset = begun->second;
  return at;
}

absl::Status Partial::Put(uint32_t piece, uint32_t offset, std::string_view bytes) {
  uint32_t size = map_.PieceBytes(piece);
  if (size == 0 || offset > size || bytes.size() > size - offset)
    return absl::InvalidArgumentError("收到的数据超出了文件的大小");
  if (here_[piece]) return absl::OkStatus();
  auto begun = begun_.find(piece);
  uint32_t held = begun == begun_.end() ? 0 : begun->second;
  if (offset > held || offset + bytes.size() <= held) return absl::OkStatus();
  bytes.remove_prefix(held - offset);
  if (held + bytes.size() < size) {
    RETURN_IF_ERROR(disk::Write(vault_, Beginning(piece), held, bytes));
    begun_[piece] = held + static_cast<uint32_t>(bytes.size());
    return absl::OkStatus();
  }
  if (held == 0) return Complete(piece, bytes);
  absl::StatusOr<std::string> whole = disk::Read(vault_, Beginning(piece), 0, held);
  return Complete(piece, (whole.ok() ? *whole : "") + std::string(bytes));
}

absl::Status Partial::Complete(uint32_t piece, std::string_view bytes) {
  absl::Status status;
  if (Sha256(bytes) != map_.hashes[piece]) {
    status = absl::DataLossError(Cat("第", piece + 1, "块在路上损坏，重新传这一块"));
  } else {
    RETURN_IF_ERROR(disk::Write(vault_, file(), uint64_t{piece} * kPieceBytes, bytes));
    here_[piece] = true;
  }
  begun_.erase(piece);
  disk::Remove(Beginning(piece));
  return status;
}

bool Partial::Recheck() {
  bool all = true;
  for (uint32_t piece = 0; piece < here_.size(); ++piece) {
    absl::StatusOr<std::string> bytes =
        disk::Read(vault_, file(), uint64_t{piece} * kPieceBytes, map_.PieceBytes(piece));
    here_[piece] = bytes.ok() && Sha256(*bytes) == map_.hashes[piece];
    all &= here_[piece];
  }
  return all;
}

// The map goes last: without it what is left is never looked at again.
void Partial::Remove() {
  for (uint32_t piece = 0; piece < here_.size(); ++piece) disk::Remove(Beginning(piece));
  disk::Remove(file());
  disk::Remove(stem_ + ".map");
  begun_.clear();
  here_.assign(here_.size(), false);
}

}  // namespace liaison
