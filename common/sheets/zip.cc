#include "common/sheets/zip.h"

#include <zlib.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr uint32_t kEndOfDirectory = 0x06054b50, kDirectoryEntry = 0x02014b50, kLocalHeader = 0x04034b50;
constexpr size_t kEndSize = 22, kEntrySize = 46, kLocalSize = 30, kMaxComment = 65535, kMaxEntries = 10000;

absl::Status Damaged(std::string_view what) {
  return absl::InvalidArgumentError(Cat("表格文件不完整或已损坏（", what, "）。请重新保存或复制后再导入"));
}

// Little-endian numbers; the caller has checked the bounds.
uint32_t Number(std::string_view bytes, size_t at, size_t size) {
  uint32_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::string NameOf(std::string_view name) {
  std::string out(name.substr(std::min(name.find_first_not_of("/\\"), name.size())));
  for (char& c : out) c = c == '\\' ? '/' : absl::ascii_tolower(static_cast<unsigned char>(c));
  return out;
}

// Exactly `size` bytes or an error.
absl::StatusOr<std::string> Inflate(std::string_view packed, size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return absl::ResourceExhaustedError("zlib has no memory");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(size);
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) return Damaged("解压失败");
  return out;
}

}  // namespace

absl::StatusOr<ZipReader> ZipReader::Open(std::string_view bytes, size_t budget) {
  if (bytes.size() < kEndSize) return Damaged("文件太短");
  size_t end = bytes.size() - kEndSize;
  const size_t lowest = end > kMaxComment ? end - kMaxComment : 0;
  while (Number(bytes, end, 4) != kEndOfDirectory) {
    if (end == lowest) return Damaged("找不到目录");
    --end;
  }
  const size_t count = Number(bytes, end + 10, 2);
  size_t at = Number(bytes, end + 16, 4);
  if (count > kMaxEntries) return Damaged("目录太长");
  ZipReader reader(bytes, budget);
  for (size_t i = 0; i < count; ++i) {
    if (at > end || end - at < kEntrySize || Number(bytes, at, 4) != kDirectoryEntry) return Damaged("目录");
    Entry entry;
    entry.flags = static_cast<uint16_t>(Number(bytes, at + 8, 2));
    entry.method = static_cast<uint16_t>(Number(bytes, at + 10, 2));
    entry.crc = Number(bytes, at + 16, 4);
    entry.packed_size = Number(bytes, at + 20, 4);
    entry.size = Number(bytes, at + 24, 4);
    entry.offset = Number(bytes, at + 42, 4);
    const size_t name_size = Number(bytes, at + 28, 2);
    const size_t extra_size = Number(bytes, at + 30, 2) + Number(bytes, at + 32, 2);
    at += kEntrySize;
    if (end - at < name_size + extra_size) return Damaged("目录");
    reader.entries_.emplace(NameOf(bytes.substr(at, name_size)), entry);
    at += name_size + extra_size;
  }
  return reader;
}

bool ZipReader::Has(std::string_view name) const { return entries_.contains(NameOf(name)); }

std::vector<std::string> ZipReader::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

absl::StatusOr<std::string> ZipReader::Read(std::string_view name) {
  auto found = entries_.find(NameOf(name));
  if (found == entries_.end()) return absl::NotFoundError(Cat("no entry ", name));
  const Entry& entry = found->second;
  if (entry.flags & 1) return absl::InvalidArgumentError("表格加了密码。请另存为不加密的 .xlsx 再导入");
  if (entry.size > budget_) return absl::InvalidArgumentError("表格解压后太大，合起来超过了 64 MB。请删去用不着的行、列和边框再导入");
  if (entry.offset > bytes_.size() || bytes_.size() - entry.offset < kLocalSize ||
      Number(bytes_, entry.offset, 4) != kLocalHeader) {
    return Damaged(name);
  }
  const size_t data =
      entry.offset + kLocalSize + Number(bytes_, entry.offset + 26, 2) + Number(bytes_, entry.offset + 28, 2);
  if (data > bytes_.size() || bytes_.size() - data < entry.packed_size) return Damaged(name);
  std::string_view packed = bytes_.substr(data, entry.packed_size);
  absl::StatusOr<std::string> out;
  if (entry.method == 0 && entry.packed_size == entry.size) {
    out = std::string(packed);
  } else if (entry.method == 8) {
    out = Inflate(packed, entry.size);
  } else {
    out = Damaged("压缩方式");
  }
  if (!out.ok()) return out;
  budget_ -= entry.size;
  if (crc32(0, reinterpret_cast<const Bytef*>(out->data()), static_cast<uInt>(out->size())) != entry.crc) {
    return Damaged("校验不符");
  }
  return out;
}

}  // namespace liaison
