#include "common/store/rest_fs.h"

#include <rocksdb/env_encryption.h>

#include <string>
#include <utility>
#include <vector>

#include "common/base/text.h"

namespace liaison {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr size_t kCipherBlock = 16;

// All of what is asked at once: RocksDB's own streams ask the cipher for 16 bytes at a time.
class RestStream : public rocksdb::BlockAccessCipherStream {
 public:
  explicit RestStream(FileCipher cipher) : cipher_(std::move(cipher)) {}
  size_t BlockSize() override { return kCipherBlock; }
  rocksdb::Status Encrypt(uint64_t offset, char* data, size_t size) override {
    cipher_.Apply(offset, data, size);
    return rocksdb::Status::OK();
  }
  rocksdb::Status Decrypt(uint64_t offset, char* data, size_t size) override { return Encrypt(offset, data, size); }

 protected:
  void AllocateScratch(std::string&) override {}
  rocksdb::Status EncryptBlock(uint64_t block, char* data, char*) override {
    return Encrypt(block * kCipherBlock, data, kCipherBlock);
  }
  rocksdb::Status DecryptBlock(uint64_t block, char* data, char*) override {
    return Encrypt(block * kCipherBlock, data, kCipherBlock);
  }

 private:
  const FileCipher cipher_;
};

class EmptyFile : public rocksdb::FSSequentialFile {
 public:
  IOStatus Read(size_t, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    *result = Slice(scratch, 0);
    return IOStatus::OK();
  }
  IOStatus Skip(uint64_t) override { return IOStatus::OK(); }
};

bool IsWriteAheadLog(const std::string& path) { return path.ends_with(".log"); }

IOStatus NoSuchWay(const char* what) { return IOStatus::NotSupported(what); }

IOStatus RefusedFile(const std::string& path, const absl::Status& why) {
  return IOStatus::Corruption(Cat("数据库文件 ", path, " ", StdView(why.message()), "，没有读它"));
}

// The first page of the file, shorter if the file is.
IOStatus ReadPage(rocksdb::FSSequentialFile* file, const IOOptions& options, std::string* page, IODebugContext* debug) {
  std::string block(kRestPrefixSize, '\0');
  for (page->clear(); page->size() < kRestPrefixSize;) {
    Slice read;
    IOStatus status = file->Read(kRestPrefixSize - page->size(), options, &read, block.data(), debug);
    if (!status.ok()) return status;
    if (read.empty()) break;
    page->append(read.data(), read.size());
  }
  return IOStatus::OK();
}

class RestFiles : public rocksdb::FileSystemWrapper {
 public:
  RestFiles(std::shared_ptr<rocksdb::FileSystem> base, std::shared_ptr<const Vault> vault)
      : FileSystemWrapper(std::move(base)), vault_(std::move(vault)) {}
  const char* Name() const override { return "LiaisonRestFiles"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file, IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSSequentialFile> inner;
    IOStatus status = FileSystemWrapper::NewSequentialFile(path, options, &inner, debug);
    if (!status.ok()) return status;
    std::string page;
    status = ReadPage(inner.get(), options.io_options, &page, debug);
    if (!status.ok()) return status;
    absl::StatusOr<FileCipher> cipher = vault_->Open(page);
    if (cipher.ok()) {
      *file = std::make_unique<rocksdb::EncryptedSequentialFile>(
          std::move(inner), std::make_unique<RestStream>(*std::move(cipher)), kRestPrefixSize);
      return IOStatus::OK();
    }
    if (!page.empty() && !IsWriteAheadLog(path)) return RefusedFile(path, cipher.status());
    *file = std::make_unique<EmptyFile>();
    return IOStatus::OK();
  }

  IOStatus NewRandomAccessFile(const std::string& path, const FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file, IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSRandomAccessFile> inner;
    IOStatus status = FileSystemWrapper::NewRandomAccessFile(path, options, &inner, debug);
    if (!status.ok()) return status;
    std::string block(kRestPrefixSize, '\0');
    Slice page;
    status = inner->Read(0, kRestPrefixSize, options.io_options, &page, block.data(), debug);
    if (!status.ok()) return status;
    absl::StatusOr<FileCipher> cipher = vault_->Open(std::string_view(page.data(), page.size()));
    if (!cipher.ok()) return RefusedFile(path, cipher.status());
    *file = std::make_unique<rocksdb::EncryptedRandomAccessFile>(
        std::move(inner), std::make_unique<RestStream>(*std::move(cipher)), kRestPrefixSize);
    return IOStatus::OK();
  }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    IOStatus status = FileSystemWrapper::NewWritableFile(path, options, &inner, debug);
    if (!status.ok()) return status;
    Vault::NewFile fresh = vault_->Begin();
    status = inner->Append(Slice(fresh.prefix), options.io_options, debug);
    if (!status.ok()) return status;
    *file = std::make_unique<rocksdb::EncryptedWritableFile>(
        std::move(inner), std::make_unique<RestStream>(std::move(fresh.cipher)), kRestPrefixSize);
    return IOStatus::OK();
  }

  // Of the content. What cannot be read says so when it is read.
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, uint64_t* size,
                       IODebugContext* debug) override {
    IOStatus status = FileSystemWrapper::GetFileSize(path, options, size, debug);
    if (!status.ok() || *size == 0) return status;
    std::unique_ptr<rocksdb::FSSequentialFile> inner;
    status = FileSystemWrapper::NewSequentialFile(path, FileOptions(), &inner, debug);
    if (!status.ok()) return status;
    std::string page;
    status = ReadPage(inner.get(), options, &page, debug);
    if (!status.ok()) return status;
    if (vault_->Open(page).ok() && *size >= kRestPrefixSize) {
      *size -= kRestPrefixSize;
    } else if (IsWriteAheadLog(path)) {
      *size = 0;
    }
    return IOStatus::OK();
  }
  IOStatus GetChildrenFileAttributes(const std::string& dir, const IOOptions& options,
                                     std::vector<rocksdb::FileAttributes>* result, IODebugContext* debug) override {
    return rocksdb::FileSystem::GetChildrenFileAttributes(dir, options, result, debug);  // by our GetFileSize()
  }

  IOStatus ReopenWritableFile(const std::string&, const FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>*,
                              IODebugContext*) override {
    return NoSuchWay("ReopenWritableFile");
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return NoSuchWay("ReuseWritableFile");
  }
  IOStatus NewRandomRWFile(const std::string&, const FileOptions&, std::unique_ptr<rocksdb::FSRandomRWFile>*,
                           IODebugContext*) override {
    return NoSuchWay("NewRandomRWFile");
  }
  IOStatus NewMemoryMappedFileBuffer(const std::string&, std::unique_ptr<rocksdb::MemoryMappedFileBuffer>*) override {
    return NoSuchWay("NewMemoryMappedFileBuffer");
  }
  IOStatus Truncate(const std::string&, size_t, const IOOptions&, IODebugContext*) override {
    return NoSuchWay("Truncate");
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>*,
                     IODebugContext*) override {
    return NoSuchWay("NewLogger");  // its lines would stand there in the clear
  }

 private:
  const std::shared_ptr<const Vault> vault_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> EncryptedFiles(std::shared_ptr<rocksdb::FileSystem> base,
                                                    std::shared_ptr<const Vault> vault) {
  return std::make_shared<RestFiles>(std::move(base), std::move(vault));
}

}  // namespace liaison
