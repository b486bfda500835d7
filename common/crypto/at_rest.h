// Data at rest: what lies in a data folder is encrypted file by file, each under a key of its own, and these keys under
// one data key. How the data key itself is kept is in daemon/rest.h.
//
//   file   := prefix 4096 | content, AES-256-CTR under the file key
//   prefix := "liaison-rest" 0 0 0 0 | version u8 = 1 | algorithm u8 = 1 | key id 8 | nonce 12
//             | AES-256-GCM under the data key of: file key 32, IV 16 | tag 16 | zeros
//   counter of the block at `offset` of the file, prefix included := IV + offset / 16, 128 bits, big-endian
//   key id := the first 8 bytes of SHA-256("liaison-rest-id-1", data key)
//
// The tag covers what stands before the nonce too. A prefix is one page, so that pages of the content stay pages.
//
// What it does not give:
//  - integrity of the content: CTR has none. Tables of the database have checksums, ops hashes and a chain, photos
//    their names; who brings a disk back may have changed what has none of these, or put an older file in its place;
//  - secrecy of names, sizes and times;
//  - safety of bytes that are written twice at one place of a file, from who has both states of the disk. Nothing here
//    does that with other bytes: a file that is written anew is a new one, with a new key.
//
// Threads: all of it may be called from any thread.
#ifndef LIAISON_COMMON_CRYPTO_AT_REST_H_
#define LIAISON_COMMON_CRYPTO_AT_REST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/ports.h"

namespace liaison {

enum RestAlgorithm : uint8_t {
  kAes256 = 1,  // SM4 (GB/T 32907-2016) = 2 is reserved
};

inline constexpr size_t kRestPrefixSize = 4096;  // bytes in front of the content
inline constexpr size_t kDataKeySize = 32;       // bytes, as those of every key here
inline constexpr size_t kRestKeyIdSize = 8;      // bytes
inline constexpr size_t kRestMagicSize = 16;     // bytes by which an encrypted file is known

// kInvalidArgument, with the id, unless this build knows it.
absl::Status CheckRestAlgorithm(uint32_t algorithm);

// Whether a file that begins with these bytes is an encrypted one, of whatever key. Needs kRestMagicSize of them.
bool LooksEncrypted(std::string_view beginning);

// The cipher of one file. Cheap to copy.
class FileCipher {
 public:
  FileCipher(std::string key, std::string iv);
  // Encrypts what is plain and decrypts what is not, in place. `offset`: of the first byte, counted from the prefix's.
  void Apply(uint64_t offset, char* bytes, size_t size) const;

 private:
  std::string key_, iv_;
};

// An open data key: the files of one folder are read and written with it.
class Vault {
 public:
  // REQUIRES: kDataKeySize bytes; aborts otherwise. `random` must outlive it.
  explicit Vault(std::string data_key, Random* random = SystemRandom());
  // A new key; draws kDataKeySize bytes. It is lost with the object unless data_key() is kept.
  static std::shared_ptr<const Vault> New(Random* random = SystemRandom());
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  const std::string& key_id() const { return key_id_; }
  const std::string& data_key() const { return data_key_; }

  // A new file: its first kRestPrefixSize bytes, and its cipher.
  struct NewFile {
    std::string prefix;
    FileCipher cipher;
  };
  NewFile Begin() const;
  // The cipher of a file that begins with `prefix`. Errors are Chinese and name no file:
  // kInvalidArgument: it is none of ours (in the clear, or shorter), or of a version or algorithm that is not known.
  // kFailedPrecondition: of another data key. kDataLoss: damaged.
  absl::StatusOr<FileCipher> Open(std::string_view prefix) const;

 private:
  std::string data_key_, key_id_;
  Random* const random_;
};

// A key under another one: nonce 12 | AES-256-GCM | tag 16; `context` is bound, not stored. Draws 12 bytes.
// REQUIRES: a `key` of kDataKeySize bytes; aborts otherwise.
std::string WrapKey(std::string_view key, std::string_view secret, std::string_view context, Random* random);
// kDataLoss: another key, another context, or changed bytes.
absl::StatusOr<std::string> UnwrapKey(std::string_view key, std::string_view wrapped, std::string_view context);

// Overwrites it.
void Wipe(std::string* secret);

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_AT_REST_H_
