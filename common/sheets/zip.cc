#include "common/sheets/zip.h"

#include <zip.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "common/base/text.h"

namespace liaison {
namespace {

constexpr zip_int64_t kMaxEntries = 10000;

absl::Status Damaged(std::string_view what) {
  return absl::InvalidArgumentError(Cat("表格文件不完整或已损坏（", what, "）。请重新保存或复制后再导入"));
}

std::string NameOf(std::string_view name) {
  std::string out(name.substr(std::min(name.find_first_not_of("/\\"), name.size())));
  for (char& c : out) c = c == '\\' ? '/' : absl::ascii_tolower(static_cast<unsigned char>(c));
  return out;
}

using OpenEntry = std::unique_ptr<zip_file_t, int (*)(zip_file_t*)>;

// Exactly `size` bytes or an error. libzip compares checksum and size when it comes to the end, so one byte more is
// asked for than there should be.
absl::StatusOr<std::string> Unpacked(zip_file_t* file, size_t size) {
  std::string out(size + 1, '\0');
  size_t got = 0;
  while (got < out.size()) {
    const zip_int64_t n = zip_fread(file, out.data() + got, out.size() - got);
    if (n < 0) return Damaged(zip_error_code_zip(zip_file_get_error(file)) == ZIP_ER_CRC ? "校验不符" : "解压失败");
    if (n == 0) break;
    got += static_cast<size_t>(n);
  }
  if (got != size) return Damaged("解压失败");
  out.resize(size);
  return out;
}

}  // namespace

absl::StatusOr<ZipReader> ZipReader::Open(std::string_view bytes, size_t budget) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  Archive archive(source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error), zip_discard);
  if (archive == nullptr) {
    zip_source_free(source);
    const int code = zip_error_code_zip(&error);
    zip_error_fini(&error);
    if (code == ZIP_ER_MEMORY) return absl::ResourceExhaustedError("libzip has no memory");
    return Damaged(code == ZIP_ER_NOZIP ? "找不到目录" : "目录");
  }
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  if (count > kMaxEntries) return Damaged("目录太长");
  ZipReader reader(std::move(archive), budget);
  for (zip_int64_t i = 0; i < count; ++i) {
    const auto place = static_cast<zip_uint64_t>(i);
    const char* name = zip_get_name(reader.archive_.get(), place, ZIP_FL_ENC_RAW);
    if (name == nullptr) return Damaged("目录");
    reader.entries_.emplace(NameOf(name), place);
  }
  return reader;
}

bool ZipReader::Has(std::string_view name) const { return entries_.contains(NameOf(name)); }

std::vector<std::string> ZipReader::Names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : entries_) names.push_back(name);
  return names;
}

absl::StatusOr<std::string> ZipReader::Read(std::string_view name) {
  auto found = entries_.find(NameOf(name));
  if (found == entries_.end()) return absl::NotFoundError(Cat("no entry ", name));
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
  zip_stat_t entry;
  zip_stat_init(&entry);
  if (zip_stat_index(archive_.get(), found->second, 0, &entry) != 0 || (entry.valid & kNeeded) != kNeeded)
    return Damaged(name);
  if (entry.encryption_method != ZIP_EM_NONE)
    return absl::InvalidArgumentError("表格加了密码。请另存为不加密的 .xlsx 再导入");
  if (entry.size > budget_)
    return absl::InvalidArgumentError("表格解压后太大，合起来超过了 64 MB。请删去用不着的行、列和边框再导入");
  if (entry.comp_method != ZIP_CM_STORE && entry.comp_method != ZIP_CM_DEFLATE) return Damaged("压缩方式");
  OpenEntry file(zip_fopen_index(archive_.get(), found->second, 0), zip_fclose);
  if (file == nullptr) return Damaged(name);
  absl::StatusOr<std::string> out = Unpacked(file.get(), entry.size);
  if (out.ok()) budget_ -= entry.size;
  return out;
}

}  // namespace liaison
