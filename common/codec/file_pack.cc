#include "common/codec/file_pack.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/backup_file.h"
#include "common/crypto/box.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr std::string_view kPackMagic = "liaison-files", kListMagic = "liaison-filelist";
constexpr std::string_view kPackLabel = "liaison-files-1";
constexpr uint8_t kPackVersion = 1, kListVersion = 1;
constexpr size_t kPackBlock = 64 << 10;
constexpr size_t kMostHeadBytes = 2 * kMostPackedNames * (kSha256Size + 4) + kPackBlock;
constexpr char kPackReading[] = "读文件";

std::string EncodeStart(const FilePackStart& start) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.U8(start.hash_algorithm);
  out.U8(start.cipher_algorithm);
  out.U8(static_cast<uint8_t>(start.use));
  out.String(start.recipient_key_id);
  out.String(start.name);
  return bytes;
}

std::string SealedText(const FilePackHead& head) {
  std::string bytes(kPackLabel);
  ByteWriter out(&bytes);
  out.String(EncodeStart(head.start));
  out.String(head.directory);
  return bytes;
}

// What binds box `i` to its place in this pack.
std::string PackContext(const FilePackStart& start, uint64_t i) {
  std::string bytes(kPackLabel);
  ByteWriter out(&bytes);
  out.String(EncodeStart(start));
  out.Varint(i);
  return Sha256(bytes);
}

absl::StatusOr<std::string> SealText(const FilePackOrder& order, const FilePackStart& start, uint64_t i,
                                     std::string_view plain) {
  std::string sealed;
  ASSIGN_OR_RETURN(std::unique_ptr<BoxWriter> box,
                   BoxWriter::Create(order.recipient_key, PackContext(start, i), order.random, &sealed));
  box->Write(plain, &sealed);
  box->Finish(&sealed);
  return sealed;
}

absl::StatusOr<std::string> OpenText(const KeyPair& keys, const FilePackStart& start, uint64_t i,
                                     std::string_view sealed) {
  const absl::Status damaged = absl::DataLossError("照片文件包里有一段已损坏，或者没有复制完");
  if (sealed.size() < kBoxStartSize) return damaged;
  std::string plain;
  ASSIGN_OR_RETURN(std::unique_ptr<BoxReader> box,
                   BoxReader::Create(keys, PackContext(start, i), sealed.substr(0, kBoxStartSize)));
  if (!box->Read(sealed.substr(kBoxStartSize), &plain).ok() || !box->Finish(&plain).ok()) return damaged;
  return plain;
}

void WriteFiles(const std::vector<PackedFile>& files, ByteWriter* out) {
  out->Varint(files.size());
  for (const PackedFile& file : files) {
    out->Raw(file.hash);
    out->Varint(file.size);
  }
}

std::vector<PackedFile> ReadFiles(ByteReader* in) {
  std::vector<PackedFile> files;
  const uint64_t count = in->Count(kSha256Size + 1);
  if (count > kMostPackedNames) in->Fail("too many files");
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    PackedFile file{std::string(in->Raw(kSha256Size)), in->Varint()};
    if (file.size == 0 || file.size > kMostPackedFileBytes) in->Fail("a file of another size than files have");
    files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

uint64_t BoxLength(uint64_t plain) {
  return kBoxStartSize + plain + (plain / kBoxChunkSize + 1) * kBoxChunkOverhead;
}

// ---------------------------------------------------------------- bytes

std::string EncodeFilePackHead(const FilePackHead& head) {
  std::string bytes(kPackMagic), seal;
  ByteWriter inner(&seal);
  inner.String(head.seal.key_id);
  inner.U8(head.seal.algorithm);
  inner.String(head.seal.signature);
  ByteWriter out(&bytes);
  out.U8(kPackVersion);
  out.String(EncodeStart(head.start));
  out.String(head.directory);
  out.String(seal);
  return bytes;
}

absl::StatusOr<FilePackHead> DecodeFilePackHead(std::string_view bytes) {
  if (bytes.substr(0, kPackMagic.size()) != kPackMagic.substr(0, bytes.size()))
    return absl::InvalidArgumentError("files: not a pack");
  ByteReader in(bytes);
  in.Raw(kPackMagic.size());
  const uint8_t version = in.U8();
  if (in.ok() && version != kPackVersion)
    return absl::UnimplementedError(Cat("files: version ", static_cast<int>(version), " is not known"));
  std::string_view parts[3];
  for (std::string_view& part : parts) {
    const uint64_t length = in.Varint();
    if (in.ok() && length > kMostHeadBytes) return absl::InvalidArgumentError("files: a part that is too long");
    part = in.Raw(length);
  }
  if (!in.ok()) {
    if (bytes.size() > 2 * kMostHeadBytes) return absl::InvalidArgumentError("files: the head does not end");
    return absl::OutOfRangeError("files: the head does not end here");
  }
  FilePackHead head;
  ByteReader start(parts[0]), seal(parts[2]);
  head.start.hash_algorithm = start.U8();
  head.start.cipher_algorithm = start.U8();
  head.start.use = static_cast<FilePackUse>(start.U8());
  head.start.recipient_key_id = std::string(start.String());
  head.start.name = std::string(start.String());
  RETURN_IF_ERROR(start.Finish("files start"));
  head.directory = std::string(parts[1]);
  head.seal.key_id = std::string(seal.String());
  head.seal.algorithm = seal.U8();
  head.seal.signature = std::string(seal.String());
  RETURN_IF_ERROR(seal.Finish("files seal"));
  head.files_at = in.position();
  return head;
}

std::string EncodeFilePackDirectory(const FilePackDirectory& directory) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.U8(directory.complete ? 1 : 0);
  out.Varint(directory.held.size());
  for (const std::string& hash : directory.held) out.Raw(hash);
  WriteFiles(directory.files, &out);
  return bytes;
}

absl::StatusOr<FilePackDirectory> DecodeFilePackDirectory(std::string_view bytes) {
  ByteReader in(bytes);
  FilePackDirectory directory;
  const uint8_t complete = in.U8();
  if (complete > 1) in.Fail("no bool");
  directory.complete = complete == 1;
  const uint64_t held = in.Count(kSha256Size);
  if (held > kMostPackedNames) in.Fail("too many names");
  for (uint64_t i = 0; i < held && in.ok(); ++i) directory.held.emplace_back(in.Raw(kSha256Size));
  directory.files = ReadFiles(&in);
  RETURN_IF_ERROR(in.Finish("files directory"));
  return directory;
}

std::string EncodeFileList(const FileList& list) {
  std::string bytes(kListMagic);
  ByteWriter out(&bytes);
  out.U8(kListVersion);
  out.Raw(list.archive_id);
  out.String(list.key_id);
  out.Varint(list.lacking);
  WriteFiles(list.files, &out);
  out.Raw(Sha256(bytes));
  return bytes;
}

absl::StatusOr<FileList> DecodeFileList(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Raw(kListMagic.size()) != kListMagic) return absl::InvalidArgumentError("不是照片和文件的目录，或者开头已损坏");
  if (const uint8_t version = in.U8(); in.ok() && version != kListVersion)
    return absl::UnimplementedError("照片和文件的目录是较新版本的程序做的，请先升级本机程序");
  const absl::Status damaged = absl::DataLossError("照片和文件的目录已损坏，或者没有复制完");
  if (in.rest().size() < kSha256Size) return damaged;
  const std::string_view summed = bytes.substr(0, bytes.size() - kSha256Size);
  if (Sha256(summed) != bytes.substr(summed.size())) return damaged;
  ByteReader body(summed);
  body.Raw(kListMagic.size() + 1);
  FileList list;
  list.archive_id = std::string(body.Raw(kArchiveIdBytes));
  list.key_id = std::string(body.String());
  list.lacking = body.Varint();
  list.files = ReadFiles(&body);
  return body.Finish("file list").ok() ? absl::StatusOr<FileList>(std::move(list)) : damaged;
}

// ---------------------------------------------------------------- writing

absl::Status WriteFilePack(const std::string& path, const FilePackOrder& order) {
  FilePackHead head;
  head.start.use = order.use;
  head.start.recipient_key_id = KeyId(order.recipient_key);
  head.start.name = order.name;
  const FilePackDirectory& directory = order.directory;
  if (directory.held.size() > kMostPackedNames || directory.files.size() > kMostPackedNames)
    return absl::InvalidArgumentError("files: too many names");
  ASSIGN_OR_RETURN(head.directory, SealText(order, head.start, 0, EncodeFilePackDirectory(directory)));
  head.seal = order.sign(SealedText(head));
  if (head.seal.key_id != order.maker_key_id) return absl::InternalError("files: signed with another key");
  return ReplaceFile(path, [&](int fd) -> absl::Status {
    Sha256Stream sum;
    auto write = [&](std::string_view bytes) {
      sum.Update(bytes);
      return WriteAll(fd, path, bytes);
    };
    RETURN_IF_ERROR(write(EncodeFilePackHead(head)));
    for (size_t i = 0; i < directory.files.size(); ++i) {
      ASSIGN_OR_RETURN(std::string bytes, order.bytes_of(directory.files[i]));
      if (bytes.size() != directory.files[i].size) return absl::DataLossError("文件在打包时变了，请再导出一次");
      ASSIGN_OR_RETURN(std::string sealed, SealText(order, head.start, i + 1, bytes));
      RETURN_IF_ERROR(write(sealed));
    }
    return WriteAll(fd, path, sum.Finish());
  });
}

// ---------------------------------------------------------------- reading

absl::StatusOr<std::unique_ptr<FilePackReader>> FilePackReader::Open(const std::string& path) {
  FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd() < 0) return FileError(errno, kPackReading, path);
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return FileError(errno, kPackReading, path);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(Cat(path, " 不是文件"));
  const uint64_t size = static_cast<uint64_t>(info.st_size);
  if (size > kMostPackBytes)
    return absl::InvalidArgumentError(Cat("文件 ", path, " 超过 ", kMostPackBytes >> 20, " MB，不会是联络站的照片文件包"));
  absl::StatusOr<FilePackHead> head = absl::OutOfRangeError("");
  for (size_t most = kPackBlock; absl::IsOutOfRange(head.status()); most *= 8) {
    ASSIGN_OR_RETURN(std::string bytes, ReadAt(file.fd(), path, 0, most));
    head = DecodeFilePackHead(bytes);
    if (bytes.size() < most) break;
  }
  if (absl::IsUnimplemented(head.status()))
    return absl::UnimplementedError("照片文件包是较新版本的程序做的，请先升级本机程序");
  if (absl::IsOutOfRange(head.status()))
    return absl::DataLossError(Cat("照片文件包不完整：文件只有 ", size, " 字节，开头都没有复制完，请重新复制"));
  if (!head.ok()) return absl::InvalidArgumentError(Cat("文件 ", path, " 不是联络站的照片文件包，或者开头已损坏"));
  if (head->start.hash_algorithm != kSha256 || head->start.cipher_algorithm != kX25519XChaCha20)
    return absl::UnimplementedError("照片文件包用了本机程序不认识的加密方式：已损坏，或者需要先升级本机程序");
  return std::unique_ptr<FilePackReader>(new FilePackReader(std::move(file), size, *std::move(head)));
}

absl::Status FilePackReader::CheckWhole() const {
  const absl::Status damaged = absl::DataLossError("照片文件包已损坏，或者没有复制完");
  if (size_ < head_.files_at + kSha256Size) return damaged;
  Sha256Stream sum;
  for (uint64_t at = 0, end = size_ - kSha256Size; at < end;) {
    ASSIGN_OR_RETURN(std::string block, ReadAt(file_.fd(), "照片文件包", at, std::min<uint64_t>(kPackBlock, end - at)));
    if (block.empty()) return damaged;
    sum.Update(block);
    at += block.size();
  }
  ASSIGN_OR_RETURN(std::string want, ReadAt(file_.fd(), "照片文件包", size_ - kSha256Size, kSha256Size));
  return sum.Finish() == want ? absl::OkStatus() : damaged;
}

absl::Status FilePackReader::CheckMaker(std::string_view public_key) const {
  if (head_.seal.key_id == KeyId(public_key) &&
      Verify(head_.seal.algorithm, public_key, SealedText(head_), head_.seal.signature).ok()) return absl::OkStatus();
  return absl::UnauthenticatedError("照片文件包的签名不对：内容被改动过，或者已损坏，请重新复制或重新导出");
}

absl::StatusOr<FilePackDirectory> FilePackReader::Directory(const KeyPair& keys) const {
  absl::StatusOr<std::string> plain = OpenText(keys, head_.start, 0, head_.directory);
  if (absl::IsPermissionDenied(plain.status())) return absl::PermissionDeniedError("照片文件包不是封给本机的，打不开");
  RETURN_IF_ERROR(plain.status());
  absl::StatusOr<FilePackDirectory> directory = DecodeFilePackDirectory(*plain);
  return directory.ok() ? std::move(directory) : absl::InvalidArgumentError("照片文件包的目录读不懂，请重新导出");
}

absl::StatusOr<std::string> FilePackReader::File(const KeyPair& keys, const FilePackDirectory& directory,
                                                 size_t i) const {
  uint64_t at = head_.files_at;
  for (size_t before = 0; before < i; ++before) at += BoxLength(directory.files[before].size);
  const uint64_t length = BoxLength(directory.files[i].size);
  const absl::Status damaged = absl::DataLossError("已损坏，或者没有复制完");
  if (at + length > size_) return damaged;
  ASSIGN_OR_RETURN(std::string sealed, ReadAt(file_.fd(), "照片文件包", at, length));
  absl::StatusOr<std::string> bytes = OpenText(keys, head_.start, i + 1, sealed);
  if (!bytes.ok() || Sha256(*bytes) != directory.files[i].hash) return damaged;
  return bytes;
}

}  // namespace liaison
