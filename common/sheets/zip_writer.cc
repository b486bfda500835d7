#include "common/sheets/zip_writer.h"

#include <zip.h>

#include <cstdlib>

namespace liaison::office {
namespace {

constexpr zip_uint16_t kDate = 1 << 5 | 1;  // 1980-01-01, the first day that the format knows

// Nothing here can fail but for want of memory.
void Must(bool done) {
  if (!done) std::abort();
}

}  // namespace

ZipWriter::ZipWriter() : out_(zip_source_buffer_create(nullptr, 0, 0, nullptr)), archive_(nullptr) {
  Must(out_ != nullptr);
  zip_source_keep(out_);  // the archive lets go of it when it is closed
  archive_ = zip_open_from_source(out_, ZIP_TRUNCATE, nullptr);
  Must(archive_ != nullptr);
}

ZipWriter::~ZipWriter() {
  if (archive_ != nullptr) zip_discard(archive_);
  zip_source_free(out_);
}

void ZipWriter::Add(std::string_view name, std::string_view content) {
  const std::string& kept = contents_.emplace_back(content);
  zip_source_t* source = zip_source_buffer(archive_, kept.data(), kept.size(), 0);
  Must(source != nullptr);
  const zip_int64_t place = zip_file_add(archive_, std::string(name).c_str(), source, 0);
  Must(place >= 0);
  const auto index = static_cast<zip_uint64_t>(place);
  Must(zip_set_file_compression(archive_, index, ZIP_CM_DEFLATE, 0) == 0);
  Must(zip_file_set_dostime(archive_, index, 0, kDate, 0) == 0);
}

std::string ZipWriter::Finish() {
  Must(zip_close(archive_) == 0);
  archive_ = nullptr;
  zip_stat_t info;
  zip_stat_init(&info);
  Must(zip_source_stat(out_, &info) == 0 && (info.valid & ZIP_STAT_SIZE) != 0 && zip_source_open(out_) == 0);
  std::string bytes(info.size, '\0');
  Must(zip_source_read(out_, bytes.data(), bytes.size()) == static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(out_);
  return bytes;
}

}  // namespace liaison::office
