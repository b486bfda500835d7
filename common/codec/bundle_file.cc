#include "common/codec/bundle_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/file.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/codec/message_codec.h"
#include "common/crypto/box.h"
#include "common/crypto/hash.h"

namespace liaison {
namespace {

constexpr int kBundleFileLevel = 12;      // a stick is written once, and mobile phones forward it
constexpr int kWindowLog = 20;  // 1 MB: bounds both sides
constexpr size_t kBlock = 64 << 10;
constexpr size_t kMaxTrailerBytes = kMaxMessageBytes;

constexpr char kBundleFileReading[] = "读文件", kWriting[] = "写文件";
constexpr char kBody[] = "数据包";  // how a body without a name is called in errors

// Hands [at, at + length) to `take` in blocks. kDataLoss if the file ends before.
absl::Status ForEachBlock(int fd, uint64_t at, uint64_t length,
                          const std::function<absl::Status(std::string_view)>& take) {
  while (length > 0) {
    ASSIGN_OR_RETURN(std::string block, ReadAt(fd, kBody, at, std::min<uint64_t>(kBlock, length)));
    if (block.empty()) return absl::DataLossError("数据包不完整：文件读到一半就没有了");
    RETURN_IF_ERROR(take(block));
    at += block.size();
    length -= block.size();
  }
  return absl::OkStatus();
}

absl::Status Damaged() { return absl::DataLossError("数据包已损坏：内容与校验值不符，请重新复制或重新导出"); }

}  // namespace

// ---------------------------------------------------------------- writing

// What is written goes through zstd and the box into a nameless file.
class BundleWriter::Body {
 public:
  Body(FileHandle file, std::unique_ptr<BoxWriter> box, std::string start)
      : file_(std::move(file)), box_(std::move(box)), sealed_(std::move(start)), zstd_(ZSTD_createCCtx()) {
    ZSTD_CCtx_setParameter(zstd_, ZSTD_c_compressionLevel, kBundleFileLevel);
    ZSTD_CCtx_setParameter(zstd_, ZSTD_c_windowLog, kWindowLog);
    // A stream of unknown length would get tables for more than the window: 50 MB.
    ZSTD_CCtx_setParameter(zstd_, ZSTD_c_hashLog, kWindowLog);
    ZSTD_CCtx_setParameter(zstd_, ZSTD_c_chainLog, kWindowLog);
    packed_.resize(ZSTD_CStreamOutSize());
  }
  ~Body() { ZSTD_freeCCtx(zstd_); }

  absl::Status Write(std::string_view plain) { return Pass(plain, ZSTD_e_continue); }
  absl::Status Finish() {
    RETURN_IF_ERROR(Pass("", ZSTD_e_end));
    box_->Finish(&sealed_);
    return Flush();
  }
  uint64_t length() const { return length_; }
  std::string Hash() { return hash_.Finish(); }
  int fd() const { return file_.fd(); }

 private:
  absl::Status Pass(std::string_view plain, ZSTD_EndDirective end) {
    ZSTD_inBuffer in{plain.data(), plain.size(), 0};
    for (size_t left = 1; in.pos < in.size || (end == ZSTD_e_end && left != 0);) {
      ZSTD_outBuffer out{packed_.data(), packed_.size(), 0};
      left = ZSTD_compressStream2(zstd_, &out, &in, end);
      if (ZSTD_isError(left)) return absl::InternalError(Cat("bundle: ", ZSTD_getErrorName(left)));
      box_->Write(std::string_view(packed_.data(), out.pos), &sealed_);
      if (sealed_.size() >= kBlock) RETURN_IF_ERROR(Flush());
    }
    return absl::OkStatus();
  }
  absl::Status Flush() {
    RETURN_IF_ERROR(WriteAll(file_.fd(), kBody, sealed_));
    hash_.Update(sealed_);
    length_ += sealed_.size();
    sealed_.clear();
    return absl::OkStatus();
  }

  const FileHandle file_;
  const std::unique_ptr<BoxWriter> box_;
  std::string sealed_;
  ZSTD_CCtx* const zstd_;
  std::string packed_;
  Sha256Stream hash_;
  uint64_t length_ = 0;
};

BundleWriter::BundleWriter(BundleHeader header, std::unique_ptr<Body> body)
    : header_(std::move(header)), body_(std::move(body)) {}
BundleWriter::~BundleWriter() = default;

absl::StatusOr<std::unique_ptr<BundleWriter>> BundleWriter::Create(const std::string& dir, BundleHeader header,
                                                                   std::string_view recipient_key, Random* random) {
  header.hash_algorithm = kSha256;
  header.signature_algorithm = kEd25519;
  header.cipher_algorithm = kX25519XChaCha20;
  header.recipient_key_id = KeyId(recipient_key);
  std::string start;
  ASSIGN_OR_RETURN(std::unique_ptr<BoxWriter> box,
                   BoxWriter::Create(recipient_key, BundleBodyContext(header), random, &start));
  std::string path = dir + "/body.XXXXXX";
  FileHandle file(mkostemp(path.data(), O_CLOEXEC));
  if (file.fd() < 0) return FileError(errno, kWriting, dir);
  unlink(path.c_str());
  auto body = std::make_unique<Body>(std::move(file), std::move(box), std::move(start));
  return std::unique_ptr<BundleWriter>(new BundleWriter(std::move(header), std::move(body)));
}

absl::Status BundleWriter::Add(const sync::Range& range) {
  std::string bytes = EncodeMessage(range);
  if (bytes.size() > kMaxMessageBytes) return absl::InvalidArgumentError("bundle: a range larger than a message");
  header_.ranges.push_back({range.actor, range.first, range.last, offset_, bytes.size()});
  offset_ += bytes.size();
  return body_->Write(bytes);
}

absl::Status BundleWriter::Add(const sync::FeedBatch& batch) {
  std::string bytes = EncodeMessage(batch);
  if (bytes.size() > kMaxMessageBytes) return absl::InvalidArgumentError("bundle: a batch larger than a message");
  header_.batches.push_back({batch.interest, batch.first, batch.last, offset_, bytes.size()});
  offset_ += bytes.size();
  return body_->Write(bytes);
}

absl::Status BundleWriter::Add(const sync::Ack& receipt) {
  trailer_.push_back(EncodeMessage(receipt));
  return absl::OkStatus();
}

absl::Status BundleWriter::Add(const sync::Welcome& welcome) {
  trailer_.push_back(EncodeMessage(welcome));
  return absl::OkStatus();
}

absl::Status BundleWriter::Add(const sync::FeedAck& known) {
  trailer_.push_back(EncodeMessage(known));
  return absl::OkStatus();
}

absl::Status BundleWriter::Add(const sync::Offer& offer) {
  std::string bytes;
  ByteWriter out(&bytes);
  out.Varint(1);
  out.String(EncodeMessage(offer));
  if (bytes.size() > kMaxMessageBytes) return absl::InvalidArgumentError("bundle: an offer larger than a message");
  const sync::FeedBatch& batch = offer.batch;
  header_.abandoned.push_back({batch.interest, batch.prefix_after, batch.first, batch.last, offset_, bytes.size()});
  offset_ += bytes.size();
  return body_->Write(bytes);
}

absl::StatusOr<BundleHeader> BundleWriter::Finish(const std::string& path,
                                                  const std::function<sync::Seal(std::string_view)>& sign) {
  std::string trailer;
  ByteWriter out(&trailer);
  out.Varint(trailer_.size());
  for (const std::string& message : trailer_) out.String(message);
  RETURN_IF_ERROR(body_->Write(trailer));
  RETURN_IF_ERROR(body_->Finish());
  header_.body_length = body_->length();
  if (header_.body_length > kMaxBundleBytes)
    return absl::ResourceExhaustedError(Cat("要导出的内容超过 ", kMaxBundleBytes >> 20, " MB，装不进一个数据包，请改用网络"));
  header_.body_hash = body_->Hash();
  sync::Seal seal = sign(BundleSigningBytes(header_));
  if (seal.key_id != header_.seal.key_id || seal.algorithm != header_.seal.algorithm)
    return absl::InternalError("bundle: signed with another key than it names");
  header_.seal = std::move(seal);
  std::string header = EncodeBundleHeader(header_);
  if (header.size() > kMaxBundleHeaderBytes) return absl::InvalidArgumentError("bundle: the header is too long");
  RETURN_IF_ERROR(ReplaceFile(path, [&](int fd) -> absl::Status {
    RETURN_IF_ERROR(WriteAll(fd, path, header));
    return ForEachBlock(body_->fd(), 0, header_.body_length,
                        [&](std::string_view block) { return WriteAll(fd, path, block); });
  }));
  return header_;
}

// ---------------------------------------------------------------- reading

namespace {

// The plain text of a body, front to back.
class Plain {
 public:
  Plain(int fd, uint64_t at, uint64_t length, std::unique_ptr<BoxReader> box)
      : fd_(fd), at_(at), left_(length), box_(std::move(box)), zstd_(ZSTD_createDCtx()) {
    ZSTD_DCtx_setParameter(zstd_, ZSTD_d_windowLogMax, kWindowLog);
  }
  ~Plain() { ZSTD_freeDCtx(zstd_); }

  absl::StatusOr<std::string> Next(size_t n) {
    while (plain_.size() < n) {
      ASSIGN_OR_RETURN(bool more, Fill());
      if (!more) return Damaged();
    }
    std::string taken = plain_.substr(0, n);
    plain_.erase(0, n);
    return taken;
  }
  // All that is left, which must not be more than `most`.
  absl::StatusOr<std::string> Rest(size_t most) {
    for (;;) {
      if (plain_.size() > most) return Damaged();
      ASSIGN_OR_RETURN(bool more, Fill());
      if (!more) return std::move(plain_);
    }
  }

 private:
  // False when the frame, the box and the file have all come to their end.
  absl::StatusOr<bool> Fill() {
    if (packed_at_ < packed_.size() || more_out_) {
      if (frame_ended_) return Damaged();
      ZSTD_inBuffer in{packed_.data(), packed_.size(), packed_at_};
      std::string block(kBlock, '\0');
      ZSTD_outBuffer out{block.data(), block.size(), 0};
      size_t hint = ZSTD_decompressStream(zstd_, &out, &in);
      if (ZSTD_isError(hint)) return Damaged();
      frame_ended_ = hint == 0;
      packed_at_ = in.pos;
      more_out_ = !frame_ended_ && out.pos == out.size;  // zstd may hold more of what it has read
      plain_.append(block, 0, out.pos);
      return true;
    }
    packed_.clear();
    packed_at_ = 0;
    if (left_ == 0) {
      if (box_ended_) return frame_ended_ ? absl::StatusOr<bool>(false) : Damaged();
      box_ended_ = true;
      if (!box_->Finish(&packed_).ok()) return Damaged();
      return true;
    }
    ASSIGN_OR_RETURN(std::string block, ReadAt(fd_, kBody, at_, std::min<uint64_t>(kBlock, left_)));
    if (block.empty()) return Damaged();
    at_ += block.size();
    left_ -= block.size();
    if (!box_->Read(block, &packed_).ok()) return Damaged();
    return true;
  }

  const int fd_;
  uint64_t at_, left_;
  const std::unique_ptr<BoxReader> box_;
  bool box_ended_ = false, frame_ended_ = false, more_out_ = false;
  ZSTD_DCtx* const zstd_;
  std::string packed_;
  size_t packed_at_ = 0;
  std::string plain_;
};

absl::Status Disagrees(std::string_view what) {
  return absl::InvalidArgumentError(Cat("数据包有误：", what, "，请重新导出"));
}

template <typename Body>
absl::StatusOr<Body> DecodeBody(std::string_view bytes) {
  absl::StatusOr<sync::Message> message = DecodeMessage(bytes);
  if (!message.ok()) return Disagrees(StdView(message.status().message()));
  Body* body = std::get_if<Body>(&*message);
  if (body == nullptr) return Disagrees("目录与内容不符");
  return std::move(*body);
}

// The bytes of a row, which must stand where it says.
template <typename Row>
absl::StatusOr<std::string> BytesOf(const Row& row, uint64_t* offset, Plain* plain) {
  if (row.offset != *offset || row.length > kMaxMessageBytes) return Disagrees("目录不连续");
  *offset += row.length;
  return plain->Next(row.length);
}

absl::Status ReadSegment(const BundleHeader::Segment& row, std::string_view bytes, const BundleVisitor& visitor) {
  ByteReader in(bytes);
  for (uint64_t count = in.Count(); count > 0 && in.ok(); --count) {
    ASSIGN_OR_RETURN(sync::Offer offer, DecodeBody<sync::Offer>(in.String()));
    const sync::FeedBatch& batch = offer.batch;
    if (batch.interest != row.interest || batch.first != row.first || batch.last != row.last ||
        batch.prefix_after != row.prefix || batch.ops.size() != batch.items.size())
      return Disagrees("目录与内容不符");
    if (visitor.offer) RETURN_IF_ERROR(visitor.offer(std::move(offer)));
  }
  return in.Finish("bundle segment").ok() ? absl::OkStatus() : Disagrees("找回的内容读不懂");
}

absl::Status ReadTrailer(std::string_view bytes, const BundleVisitor& visitor) {
  ByteReader in(bytes);
  for (uint64_t count = in.Count(); count > 0 && in.ok(); --count) {
    absl::StatusOr<sync::Message> message = DecodeMessage(in.String());
    if (!in.ok() || absl::IsUnimplemented(message.status())) continue;
    if (!message.ok()) return Disagrees(StdView(message.status().message()));
    if (auto* ack = std::get_if<sync::Ack>(&*message); ack != nullptr && visitor.receipt)
      RETURN_IF_ERROR(visitor.receipt(std::move(*ack)));
    if (auto* welcome = std::get_if<sync::Welcome>(&*message); welcome != nullptr && visitor.welcome)
      RETURN_IF_ERROR(visitor.welcome(std::move(*welcome)));
    if (auto* known = std::get_if<sync::FeedAck>(&*message); known != nullptr && visitor.known)
      RETURN_IF_ERROR(visitor.known(std::move(*known)));
  }
  return in.Finish("bundle trailer").ok() ? absl::OkStatus() : Disagrees("结尾读不懂");
}

}  // namespace

BundleReader::BundleReader(FileHandle file, BundleStart start) : file_(std::move(file)), start_(std::move(start)) {}
BundleReader::~BundleReader() = default;

absl::StatusOr<std::unique_ptr<BundleReader>> BundleReader::Open(const std::string& path) {
  FileHandle file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.fd() < 0) return FileError(errno, kBundleFileReading, path);
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return FileError(errno, kBundleFileReading, path);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(Cat(path, " 不是文件"));
  uint64_t size = static_cast<uint64_t>(info.st_size);
  absl::StatusOr<BundleStart> start = absl::OutOfRangeError("");
  for (size_t most = kBlock; absl::IsOutOfRange(start.status()); most *= 8) {
    ASSIGN_OR_RETURN(std::string bytes, ReadAt(file.fd(), path, 0, most));
    start = DecodeBundleHeader(bytes);
    if (bytes.size() < most) break;
  }
  if (absl::IsUnimplemented(start.status()))
    return absl::UnimplementedError("数据包是较新版本的程序做的，请先升级本机程序");
  if (absl::IsOutOfRange(start.status()))
    return absl::DataLossError(Cat("数据包不完整：文件只有 ", size, " 字节，开头都没有复制完，请重新复制"));
  if (!start.ok()) return absl::InvalidArgumentError(Cat("文件 ", path, " 不是联络站的数据包，或者开头已损坏"));
  const BundleHeader& header = start->header;
  if (header.hash_algorithm != kSha256 || header.signature_algorithm != kEd25519 ||
      header.cipher_algorithm != kX25519XChaCha20)
    return absl::UnimplementedError("数据包用了本机程序不认识的加密方式：已损坏，或者需要先升级本机程序");
  if (header.body_length > kMaxBundleBytes)
    return absl::InvalidArgumentError(Cat("文件 ", path, " 说自己有 ", header.body_length >> 20,
                                          " MB，不会是联络站的数据包（最多 ", kMaxBundleBytes >> 20, " MB）"));
  uint64_t body = size - std::min<uint64_t>(size, start->body_at);
  if (body < header.body_length)
    return absl::DataLossError(
        Cat("数据包不完整：少了 ", header.body_length - body, " 字节，没有复制完，请重新复制或重新导出"));
  if (body > header.body_length)
    return absl::DataLossError(Cat("数据包已损坏：文件多出 ", body - header.body_length, " 字节"));
  // What is sealed has no holes: a file of 4 KB must not become one of a gigabyte when it is copied.
  if (off_t hole = lseek(file.fd(), 0, SEEK_HOLE); hole >= 0 && static_cast<uint64_t>(hole) < size)
    return absl::DataLossError(Cat("数据包已损坏：文件从第 ", hole, " 字节起有空洞，请重新复制或重新导出"));
  return std::unique_ptr<BundleReader>(new BundleReader(std::move(file), *std::move(start)));
}

absl::Status BundleReader::CheckBody() const {
  Sha256Stream hash;
  RETURN_IF_ERROR(
      ForEachBlock(file_.fd(), start_.body_at, header().body_length, [&](std::string_view block) -> absl::Status {
        hash.Update(block);
        return absl::OkStatus();
      }));
  return hash.Finish() == header().body_hash ? absl::OkStatus() : Damaged();
}

absl::Status BundleReader::CheckMaker(std::string_view public_key) const {
  const sync::Seal& seal = header().seal;
  if (Verify(seal.algorithm, public_key, BundleSigningBytes(header()), seal.signature).ok()) return absl::OkStatus();
  return absl::UnauthenticatedError("数据包的签名不对：内容被改动过，或者已损坏，请重新复制或重新导出");
}

absl::Status BundleReader::Read(const KeyPair& keys, const BundleVisitor& visitor) const {
  if (header().body_length < kBoxStartSize) return Damaged();
  ASSIGN_OR_RETURN(std::string begin, ReadAt(file_.fd(), kBody, start_.body_at, kBoxStartSize));
  absl::StatusOr<std::unique_ptr<BoxReader>> box = BoxReader::Create(keys, BundleBodyContext(header()), begin);
  if (absl::IsPermissionDenied(box.status())) return absl::PermissionDeniedError("数据包不是封给本机的，打不开");
  RETURN_IF_ERROR(box.status());
  Plain plain(file_.fd(), start_.body_at + kBoxStartSize, header().body_length - kBoxStartSize, *std::move(box));
  uint64_t offset = 0;
  for (const BundleHeader::Range& row : header().ranges) {
    ASSIGN_OR_RETURN(std::string bytes, BytesOf(row, &offset, &plain));
    ASSIGN_OR_RETURN(sync::Range range, DecodeBody<sync::Range>(bytes));
    if (range.actor != row.actor || range.first != row.first || range.last != row.last)
      return Disagrees("目录与内容不符");
    if (visitor.range) RETURN_IF_ERROR(visitor.range(std::move(range)));
  }
  for (const BundleHeader::Batch& row : header().batches) {
    ASSIGN_OR_RETURN(std::string bytes, BytesOf(row, &offset, &plain));
    ASSIGN_OR_RETURN(sync::FeedBatch batch, DecodeBody<sync::FeedBatch>(bytes));
    if (batch.interest != row.interest || batch.first != row.first || batch.last != row.last)
      return Disagrees("目录与内容不符");
    if (visitor.batch) RETURN_IF_ERROR(visitor.batch(std::move(batch)));
  }
  for (const BundleHeader::Segment& row : header().abandoned) {
    ASSIGN_OR_RETURN(std::string bytes, BytesOf(row, &offset, &plain));
    RETURN_IF_ERROR(ReadSegment(row, bytes, visitor));
  }
  ASSIGN_OR_RETURN(std::string trailer, plain.Rest(kMaxTrailerBytes));
  return ReadTrailer(trailer, visitor);
}

absl::Status CopyFileAtomically(const std::string& from, const std::string& to) {
  FileHandle in(open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (in.fd() < 0) return FileError(errno, kBundleFileReading, from);
  struct stat info;
  if (fstat(in.fd(), &info) != 0) return FileError(errno, kBundleFileReading, from);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(Cat(from, " 不是文件"));
  return ReplaceFile(to, [&](int fd) {
    return ForEachBlock(in.fd(), 0, static_cast<uint64_t>(info.st_size),
                        [&](std::string_view block) { return WriteAll(fd, to, block); });
  });
}

}  // namespace liaison
