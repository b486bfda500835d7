#include "common/sheets/zip_writer.h"

#include <zlib.h>

#include <cstdlib>

namespace liaison::office {
namespace {

// 1980-01-01, the first day that the format knows.
constexpr uint32_t kDate = 1 << 5 | 1;
constexpr uint32_t kVersion = 20, kDeflated = 8;

void Put(std::string* out, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

std::string Deflate(std::string_view content) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);  // whole: the output has room for the worst case
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

void ZipWriter::Add(std::string_view name, std::string_view content) {
  const std::string packed = Deflate(content);
  Entry entry;
  entry.name = std::string(name);
  entry.crc = crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  entry.packed_size = static_cast<uint32_t>(packed.size());
  entry.size = static_cast<uint32_t>(content.size());
  entry.offset = static_cast<uint32_t>(out_.size());
  Put(&out_, 0x04034b50, 4);
  Put(&out_, kVersion, 2);
  Put(&out_, 0, 2);  // flags
  Put(&out_, kDeflated, 2);
  Put(&out_, 0, 2);  // time
  Put(&out_, kDate, 2);
  Put(&out_, entry.crc, 4);
  Put(&out_, entry.packed_size, 4);
  Put(&out_, entry.size, 4);
  Put(&out_, static_cast<uint32_t>(name.size()), 2);
  Put(&out_, 0, 2);  // extra
  out_ += name;
  out_ += packed;
  entries_.push_back(std::move(entry));
}

std::string ZipWriter::Finish() {
  const uint32_t directory = static_cast<uint32_t>(out_.size());
  for (const Entry& entry : entries_) {
    Put(&out_, 0x02014b50, 4);
    Put(&out_, kVersion, 2);  // made by
    Put(&out_, kVersion, 2);  // needed
    Put(&out_, 0, 2);         // flags
    Put(&out_, kDeflated, 2);
    Put(&out_, 0, 2);  // time
    Put(&out_, kDate, 2);
    Put(&out_, entry.crc, 4);
    Put(&out_, entry.packed_size, 4);
    Put(&out_, entry.size, 4);
    Put(&out_, static_cast<uint32_t>(entry.name.size()), 2);
    Put(&out_, 0, 2);  // extra
    Put(&out_, 0, 2);  // comment
    Put(&out_, 0, 2);  // disk
    Put(&out_, 0, 2);  // internal attributes
    Put(&out_, 0, 4);  // external attributes
    Put(&out_, entry.offset, 4);
    out_ += entry.name;
  }
  const uint32_t size = static_cast<uint32_t>(out_.size()) - directory;
  Put(&out_, 0x06054b50, 4);
  Put(&out_, 0, 4);  // disks
  Put(&out_, static_cast<uint32_t>(entries_.size()), 2);
  Put(&out_, static_cast<uint32_t>(entries_.size()), 2);
  Put(&out_, size, 4);
  Put(&out_, directory, 4);
  Put(&out_, 0, 2);  // comment
  return std::move(out_);
}

}  // namespace liaison::office
