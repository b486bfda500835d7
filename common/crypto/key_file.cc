// SaveKeyPair() and LoadKeyPair() of sign.h, where the format is.
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_format.h"
#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/internal.h"
#include "common/crypto/sign.h"

namespace liaison {
namespace {

constexpr std::string_view kMagic = "LIAISONK";
constexpr uint8_t kVersion = 1;
constexpr size_t kFileSize = 8 + 1 + 1 + kPublicKeySize + crypto_sign_SEEDBYTES + kSha256Size;

absl::Status Errno(int error, const std::string& path, const char* doing) {
  return absl::ErrnoToStatus(error, Cat("key file ", path, ": ", doing));
}

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// 0, or the errno of the first call that failed.
int WriteAndSync(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) return errno;
    if (n > 0) bytes.remove_prefix(static_cast<size_t>(n));
  }
  return fsync(fd) == 0 ? 0 : errno;
}

absl::Status SyncFolderOf(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || fsync(fd.get()) != 0) return Errno(errno, path, "sync of its folder");
  return absl::OkStatus();
}

std::string Encode(const KeyPair& keys) {
  std::string bytes;
  bytes.reserve(kFileSize);  // so that growing leaves no copy of the seed behind
  ByteWriter out(&bytes);
  out.Raw(kMagic);
  out.U8(kVersion);
  out.U8(keys.algorithm);
  out.Raw(keys.public_key);
  out.Raw(std::string_view(keys.secret_key).substr(0, crypto_sign_SEEDBYTES));
  out.Raw(Sha256(bytes));
  return bytes;
}

absl::StatusOr<KeyPair> Decode(const std::string& path, std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Raw(kMagic.size()) != kMagic) return absl::InvalidArgumentError(Cat("key file ", path, ": not a key file"));
  // The version first: a later one may be longer and put its checksum elsewhere.
  if (uint8_t version = in.U8(); in.ok() && version != kVersion) {
    return absl::InvalidArgumentError(Cat("key file ", path, ": unknown version ", static_cast<int>(version)));
  }
  if (bytes.size() != kFileSize ||
      Sha256(bytes.substr(0, kFileSize - kSha256Size)) != bytes.substr(kFileSize - kSha256Size)) {
    return absl::DataLossError(Cat("key file ", path, ": damaged, its checksum does not match"));
  }
  if (uint8_t algorithm = in.U8(); algorithm != kEd25519) {
    return absl::InvalidArgumentError(Cat("key file ", path, ": unknown algorithm ", static_cast<int>(algorithm)));
  }
  std::string_view public_key = in.Raw(kPublicKeySize);
  std::string_view seed = in.Raw(crypto_sign_SEEDBYTES);
  KeyPair keys;
  keys.public_key.resize(kPublicKeySize);
  keys.secret_key.resize(kSecretKeySize);
  crypto_internal::EnsureSodium();
  crypto_sign_seed_keypair(crypto_internal::Bytes(keys.public_key.data()),
                           crypto_internal::Bytes(keys.secret_key.data()), crypto_internal::Bytes(seed));
  if (keys.public_key != public_key) {
    return absl::DataLossError(Cat("key file ", path, ": damaged, its halves do not belong together"));
  }
  return keys;
}

}  // namespace

absl::Status SaveKeyPair(const std::string& path, const KeyPair& keys) {
  crypto_internal::Require(keys.algorithm == kEd25519 && keys.public_key.size() == kPublicKeySize &&
                               keys.secret_key.size() == kSecretKeySize,
                           "SaveKeyPair() without an Ed25519 key");
  std::string temporary = path + ".XXXXXX";
  Fd fd(mkostemp(temporary.data(), O_CLOEXEC));  // O_EXCL, mode 0600
  if (fd.get() < 0) return Errno(errno, path, "create a temporary file beside it");
  std::string bytes = Encode(keys);
  int error = WriteAndSync(fd.get(), bytes);
  sodium_memzero(bytes.data(), bytes.size());
  const char* doing = "write";
  if (error == 0 && renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    error = errno;
    doing = error == EEXIST ? "is there already and is never overwritten" : "rename into place";
  }
  if (error != 0) {
    unlink(temporary.c_str());
    return Errno(error, path, doing);
  }
  return SyncFolderOf(path);
}

absl::StatusOr<KeyPair> LoadKeyPair(const std::string& path) {
  // O_NONBLOCK: a pipe at this path must not hold the start for ever.
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return Errno(errno, path, "open");
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return Errno(errno, path, "stat");
  if (!S_ISREG(info.st_mode)) return absl::FailedPreconditionError(Cat("key file ", path, ": not a regular file"));
  if ((info.st_mode & 077) != 0) {
    return absl::FailedPreconditionError(Cat("key file ", path, ": open to others (mode ",
                                             absl::StrFormat("%04o", info.st_mode & 07777), "); run chmod 600 on it"));
  }
  char bytes[kFileSize + 1];  // one more, to notice a file that is too long
  size_t size = 0;
  while (size < sizeof bytes) {
    ssize_t n = read(fd.get(), bytes + size, sizeof bytes - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Errno(errno, path, "read");
    if (n == 0) break;
    size += static_cast<size_t>(n);
  }
  absl::StatusOr<KeyPair> keys = Decode(path, std::string_view(bytes, size));
  sodium_memzero(bytes, sizeof bytes);
  return keys;
}

}  // namespace liaison
