#include "common/codec/backup_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr std::string_view kBackupMagic = "liaison-archive";
constexpr uint8_t kBackupVersion = 1;
constexpr int kBackupLevel = 3;
constexpr size_t kPiece = 128 << 10;
constexpr size_t kMaxHeaderBytes = 4096;
constexpr uint64_t kMaxEntryBytes = uint64_t{1} << 30;

std::string EncodeBackupHeader(const ArchiveHeader& header) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.U8(static_cast<uint8_t>(header.part));
  out.String(header.id);
  out.String(header.epoch);
  out.String(header.station);
  out.Zigzag(header.wall_ms);
  out.Varint(header.ordinal);
  return bytes;
}

constexpr char kBackupReading[] = "读备份文件", kBackupWriting[] = "写备份文件";

}  // namespace

// ---------------------------------------------------------------- writing

struct ArchiveWriter::Stream {
  explicit Stream(int fd) : file(fd), zstd(ZSTD_createCCtx()) {}
  ~Stream() { ZSTD_freeCCtx(zstd); }
  FileHandle file;
  ZSTD_CCtx* zstd;
  Sha256Stream hash;
  std::string plain;
  uint64_t entries = 0;
};

ArchiveWriter::ArchiveWriter() = default;
ArchiveWriter::~ArchiveWriter() = default;

absl::StatusOr<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Create(const std::string& path,
                                                                     const ArchiveHeader& header) {
  std::unique_ptr<ArchiveWriter> writer(new ArchiveWriter());
  writer->path_ = path;
  writer->stream_ = std::make_unique<Stream>(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  int fd = writer->stream_->file.fd();
  if (fd < 0) return FileError(errno, kBackupWriting, path);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) return absl::UnavailableError(Cat("另一个备份正在写 ", path, "，请稍后再试"));
  if (ftruncate(fd, 0) != 0 || fchmod(fd, 0600) != 0) return FileError(errno, kBackupWriting, path);
  ZSTD_CCtx_setParameter(writer->stream_->zstd, ZSTD_c_compressionLevel, kBackupLevel);
  ZSTD_CCtx_setParameter(writer->stream_->zstd, ZSTD_c_checksumFlag, 1);
  std::string start(kBackupMagic);
  ByteWriter out(&start);
  out.U8(kBackupVersion);
  out.String(EncodeBackupHeader(header));
  RETURN_IF_ERROR(writer->Write(start));
  return writer;
}

absl::Status ArchiveWriter::Write(std::string_view bytes) {
  stream_->hash.Update(bytes);
  return WriteAll(stream_->file.fd(), path_, bytes);
}

absl::Status ArchiveWriter::Pack(std::string_view plain, bool last) {
  std::string packed(ZSTD_CStreamOutSize(), '\0');
  ZSTD_inBuffer in{plain.data(), plain.size(), 0};
  for (;;) {
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    size_t left = ZSTD_compressStream2(stream_->zstd, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left)) return absl::ResourceExhaustedError(Cat("压缩备份失败：", ZSTD_getErrorName(left)));
    RETURN_IF_ERROR(Write(std::string_view(packed).substr(0, out.pos)));
    if (last ? left == 0 : in.pos == in.size) return absl::OkStatus();
  }
}

absl::Status ArchiveWriter::Add(ArchiveEntry::Kind kind, std::string_view name, std::string_view bytes) {
  ByteWriter out(&stream_->plain);
  out.U8(static_cast<uint8_t>(kind));
  out.String(name);
  out.String(bytes);
  ++stream_->entries;
  if (stream_->plain.size() < kPiece) return absl::OkStatus();
  RETURN_IF_ERROR(Pack(stream_->plain, false));
  stream_->plain.clear();
  return absl::OkStatus();
}

absl::Status ArchiveWriter::Finish() {
  ByteWriter out(&stream_->plain);
  out.U8(static_cast<uint8_t>(ArchiveEntry::Kind::kEnd));
  out.Varint(stream_->entries);
  RETURN_IF_ERROR(Pack(stream_->plain, true));
  RETURN_IF_ERROR(Write(stream_->hash.Finish()));
  if (fsync(stream_->file.fd()) != 0) return FileError(errno, kBackupWriting, path_);
  return absl::OkStatus();
}

// ---------------------------------------------------------------- reading

struct ArchiveReader::Stream {
  explicit Stream(int fd) : file(fd), zstd(ZSTD_createDCtx()) {}
  ~Stream() { ZSTD_freeDCtx(zstd); }
  FileHandle file;
  ZSTD_DCtx* zstd;
  uint64_t size = 0, body_at = 0, body_end = 0;
  uint64_t at = 0;     // of the file: behind what `packed` holds
  std::string packed;  // read and not unpacked
  size_t packed_at = 0;
  std::string plain;  // unpacked and not taken
  size_t plain_at = 0;
  uint64_t entries = 0;
  bool frame_ended = false, ended = false;
};

ArchiveReader::ArchiveReader() = default;
ArchiveReader::~ArchiveReader() = default;

const ArchiveHeader& ArchiveReader::header() const { return header_; }
uint64_t ArchiveReader::file_bytes() const { return stream_->size; }

absl::Status ArchiveReader::Damaged(std::string_view why) const {
  return absl::DataLossError(Cat("备份文件 ", path_, " 已损坏或不完整：第 ", stream_->entries + 1, " 项、文件第 ",
                                 stream_->at - (stream_->packed.size() - stream_->packed_at), " 字节附近（共 ",
                                 stream_->size, " 字节）：", why));
}

absl::StatusOr<std::unique_ptr<ArchiveReader>> ArchiveReader::Open(const std::string& path) {
  std::unique_ptr<ArchiveReader> reader(new ArchiveReader());
  reader->path_ = path;
  reader->stream_ = std::make_unique<Stream>(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  Stream& stream = *reader->stream_;
  struct stat info {};
  if (stream.file.fd() < 0 || fstat(stream.file.fd(), &info) != 0) return FileError(errno, kBackupReading, path);
  stream.size = static_cast<uint64_t>(info.st_size);
  RETURN_IF_ERROR(reader->ReadHeader());
  RETURN_IF_ERROR(reader->CheckHash());
  return reader;
}

absl::Status ArchiveReader::ReadHeader() {
  ASSIGN_OR_RETURN(std::string start, ReadAt(stream_->file.fd(), path_, 0, kMaxHeaderBytes));
  ByteReader in(start);
  if (in.Raw(kBackupMagic.size()) != kBackupMagic) return absl::InvalidArgumentError(Cat("文件 ", path_, " 不是备份文件"));
  if (uint8_t version = in.U8(); in.ok() && version != kBackupVersion)
    return absl::UnimplementedError(Cat("备份文件 ", path_, " 的版本是 ", int{version}, "，请升级程序"));
  ByteReader header(in.String());
  header_.part = static_cast<ArchivePart>(header.U8());
  header_.id = std::string(header.String());
  header_.epoch = std::string(header.String());
  header_.station = std::string(header.String());
  header_.wall_ms = header.Zigzag();
  header_.ordinal = header.Varint();
  stream_->body_at = stream_->at = in.position();
  bool known = header_.part == ArchivePart::kRecords || header_.part == ArchivePart::kSecrets;
  if (!in.Check("header").ok() || !header.Check("header").ok() || !known || header_.id.size() != kArchiveIdBytes)
    return Damaged("文件头读不出来");
  if (stream_->size < stream_->body_at + kSha256Size) return Damaged("文件太短");
  stream_->body_end = stream_->size - kSha256Size;
  return absl::OkStatus();
}

// When the hash differs, the entries are walked only to say where: what can be read there is used for nothing.
absl::Status ArchiveReader::CheckHash() {
  Sha256Stream hash;
  for (uint64_t at = 0; at < stream_->body_end;) {
    size_t want = static_cast<size_t>(std::min<uint64_t>(kPiece, stream_->body_end - at));
    ASSIGN_OR_RETURN(std::string piece, ReadAt(stream_->file.fd(), path_, at, want));
    if (piece.empty()) return Damaged("文件在读的时候变短了");
    hash.Update(piece);
    at += piece.size();
  }
  ASSIGN_OR_RETURN(std::string trailer, ReadAt(stream_->file.fd(), path_, stream_->body_end, kSha256Size));
  if (trailer == hash.Finish()) return absl::OkStatus();
  for (;;) {
    absl::StatusOr<ArchiveEntry> entry = Next();
    if (!entry.ok()) return entry.status();
    if (entry->kind == ArchiveEntry::Kind::kEnd) return Damaged("内容读得出来，但校验和不符");
  }
}

absl::Status ArchiveReader::Fill() {
  Stream& s = *stream_;
  s.plain.erase(0, s.plain_at);
  s.plain_at = 0;
  if (s.packed_at == s.packed.size()) {
    size_t want = static_cast<size_t>(std::min<uint64_t>(kPiece, s.body_end - s.at));
    ASSIGN_OR_RETURN(s.packed, ReadAt(s.file.fd(), path_, s.at, want));
    if (s.packed.size() != want) return Damaged("文件在读的时候变短了");
    s.packed_at = 0;
    s.at += s.packed.size();
  }
  std::string piece(ZSTD_DStreamOutSize(), '\0');
  ZSTD_inBuffer in{s.packed.data(), s.packed.size(), s.packed_at};
  ZSTD_outBuffer out{piece.data(), piece.size(), 0};
  size_t hint = ZSTD_decompressStream(s.zstd, &out, &in);
  bool stuck = out.pos == 0 && in.pos == s.packed_at && s.at == s.body_end;
  s.packed_at = in.pos;
  if (ZSTD_isError(hint)) return Damaged(Cat("不能解压（", ZSTD_getErrorName(hint), "）"));
  s.frame_ended = hint == 0;
  if (stuck && !s.frame_ended) return Damaged("内容在这里中断");
  s.plain.append(piece, 0, out.pos);
  return absl::OkStatus();
}

absl::StatusOr<std::string> ArchiveReader::Take(uint64_t n) {
  if (n > kMaxEntryBytes) return Damaged("长度不对");
  while (stream_->plain.size() - stream_->plain_at < n) {
    if (stream_->frame_ended) return Damaged("内容在这里中断");
    RETURN_IF_ERROR(Fill());
  }
  std::string bytes = stream_->plain.substr(stream_->plain_at, n);
  stream_->plain_at += n;
  return bytes;
}

absl::StatusOr<uint64_t> ArchiveReader::Varint() {
  std::string bytes;
  do {
    ASSIGN_OR_RETURN(std::string byte, Take(1));
    bytes += byte;
  } while ((bytes.back() & 0x80) != 0 && bytes.size() < 10);
  ByteReader in(bytes);
  uint64_t value = in.Varint();
  if (!in.Finish("varint").ok()) return Damaged("长度不对");
  return value;
}

absl::StatusOr<ArchiveEntry> ArchiveReader::Next() {
  ArchiveEntry entry;
  entry.kind = ArchiveEntry::Kind::kEnd;
  if (stream_->ended) return entry;
  ASSIGN_OR_RETURN(std::string kind, Take(1));
  entry.kind = static_cast<ArchiveEntry::Kind>(kind[0]);
  ASSIGN_OR_RETURN(uint64_t size, Varint());
  if (entry.kind == ArchiveEntry::Kind::kEnd) {
    while (!stream_->frame_ended && stream_->plain.size() == stream_->plain_at) RETURN_IF_ERROR(Fill());
    bool behind = stream_->plain.size() != stream_->plain_at || stream_->packed.size() != stream_->packed_at ||
                  stream_->at != stream_->body_end;
    if (size != stream_->entries || behind) return Damaged("项数不符");
    stream_->ended = true;
    return entry;
  }
  if (entry.kind != ArchiveEntry::Kind::kRow && entry.kind != ArchiveEntry::Kind::kFile) return Damaged("不认识的项");
  ASSIGN_OR_RETURN(entry.name, Take(size));
  ASSIGN_OR_RETURN(size, Varint());
  ASSIGN_OR_RETURN(entry.bytes, Take(size));
  ++stream_->entries;
  return entry;
}

}  // namespace liaison
