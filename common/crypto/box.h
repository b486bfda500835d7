// Boxes: a long text that only the holder of one device key can read, written and read in pieces, so that neither side
// holds more than a chunk of it. For what travels on sticks.
//
//   box    := sealed key 80 | stream header 24 | chunk* | last chunk
//   sealed key   := a libsodium sealed box (crypto_box_seal: X25519, XSalsa20-Poly1305) with a random body key of 32
//                   bytes, to the X25519 form of the recipient's Ed25519 key
//   chunks := crypto_secretstream (XChaCha20-Poly1305) under the body key: 64 KB of plain text and 17 bytes each; the
//             last has less than 64 KB, perhaps none, and carries the tag "final"
//
// Every chunk is bound to its place, to the ones before it and to `context`: a chunk changed, moved or left out, a box
// cut at any byte, and a box under another context do not open.
//
// The randomness of the port is mixed with the context before it becomes a key, so that a machine resumed twice from
// one snapshot, which may draw the same bytes twice, still uses two keys as soon as the contexts differ.
//
// What it does not give: it does not say who wrote (the caller signs the bytes of the box); its length is the text's;
// a leaked device key opens every box that was ever sealed to it. One key pair signs and opens boxes: that is sound for
// Ed25519 and X25519 (Thormarker 2021), and saves stations a second key.
//
// Threads: one object belongs to one thread at a time.
#ifndef LIAISON_COMMON_CRYPTO_BOX_H_
#define LIAISON_COMMON_CRYPTO_BOX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/sign.h"

namespace liaison {

enum BoxAlgorithm : uint8_t {
  kX25519XChaCha20 = 1,  // SM2 with SM4 = 2 is reserved
};

inline constexpr size_t kBoxStartSize = 80 + 24;     // bytes in front of the first chunk
inline constexpr size_t kBoxChunkSize = 64 << 10;    // plain bytes of every chunk but the last
inline constexpr size_t kBoxChunkOverhead = 1 + 16;  // bytes that a chunk is longer than its plain text

class BoxWriter {
 public:
  // Appends the start of the box to `out`. Draws exactly 88 bytes from `random`. kInvalidArgument: not a public key
  // that can be sealed to.
  static absl::StatusOr<std::unique_ptr<BoxWriter>> Create(std::string_view public_key, std::string_view context,
                                                           Random* random, std::string* out);
  ~BoxWriter();
  BoxWriter(const BoxWriter&) = delete;
  BoxWriter& operator=(const BoxWriter&) = delete;

  void Write(std::string_view plain, std::string* out);  // appends the chunks that are full
  void Finish(std::string* out);                         // the last chunk; once, and nothing after it

 private:
  explicit BoxWriter(std::string_view context) : context_(context) {}
  void Push(std::string_view plain, bool last, std::string* out);

  alignas(8) unsigned char state_[64] = {};
  const std::string context_;
  std::string waiting_;  // less than a chunk
};

class BoxReader {
 public:
  // `start`: the first kBoxStartSize bytes. kInvalidArgument: of another size, or malformed keys. kPermissionDenied:
  // not sealed to this key, or damaged.
  static absl::StatusOr<std::unique_ptr<BoxReader>> Create(const KeyPair& keys, std::string_view context,
                                                           std::string_view start);
  ~BoxReader();
  BoxReader(const BoxReader&) = delete;
  BoxReader& operator=(const BoxReader&) = delete;

  // Appends what opens. kDataLoss, from then on: a chunk does not verify, or bytes follow the last one.
  absl::Status Read(std::string_view sealed, std::string* plain);
  // Opens the last chunk. kDataLoss: the box ends before it.
  absl::Status Finish(std::string* plain);

 private:
  explicit BoxReader(std::string_view context) : context_(context) {}
  absl::Status Pull(std::string_view chunk, bool last, std::string* plain);

  alignas(8) unsigned char state_[64] = {};
  const std::string context_;
  std::string waiting_;  // at most a sealed chunk
  absl::Status broken_;
};

}  // namespace liaison

#endif  // LIAISON_COMMON_CRYPTO_BOX_H_
