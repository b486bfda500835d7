#include "common/crypto/box.h"

#include <sodium.h>

#include <cstring>

#include "common/base/bytes.h"
#include "common/base/status.h"
#include "common/base/text.h"
#include "common/crypto/internal.h"

namespace liaison {
namespace {

using crypto_internal::Bytes;
using State = crypto_secretstream_xchacha20poly1305_state;

constexpr size_t kBodyKeySize = crypto_secretstream_xchacha20poly1305_KEYBYTES;
constexpr size_t kStreamHeaderSize = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr size_t kSealedKeySize = crypto_box_SEALBYTES + kBodyKeySize;
constexpr size_t kSealedChunk = kBoxChunkSize + kBoxChunkOverhead;
static_assert(kBoxStartSize == kSealedKeySize + kStreamHeaderSize);
static_assert(kBoxChunkOverhead == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(kBodyKeySize == 32 && crypto_box_SEEDBYTES == 32);

State* StateOf(unsigned char* bytes) {
  static_assert(sizeof(State) <= 64 && alignof(State) <= 8);
  return reinterpret_cast<State*>(bytes);
}

// 32 bytes from fresh randomness and everything that makes this box different from others.
std::string Derive(std::string_view label, std::string_view fresh, std::string_view public_key,
                   std::string_view context) {
  std::string input;
  ByteWriter out(&input);
  out.String(label);
  out.String(fresh);
  out.String(public_key);
  out.String(context);
  std::string key(32, '\0');
  crypto_generichash(Bytes(key.data()), key.size(), Bytes(std::string_view(input)), input.size(), nullptr, 0);
  sodium_memzero(input.data(), input.size());
  return key;
}

// crypto_box_seal with the ephemeral key from `seed` instead of libsodium's own generator.
std::string SealKeyTo(const unsigned char* box_key, std::string_view body_key, std::string_view seed) {
  unsigned char ephemeral[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
  crypto_box_seed_keypair(ephemeral, secret, Bytes(seed));
  unsigned char nonce[crypto_box_NONCEBYTES];
  crypto_generichash_state hash;
  crypto_generichash_init(&hash, nullptr, 0, sizeof nonce);
  crypto_generichash_update(&hash, ephemeral, sizeof ephemeral);
  crypto_generichash_update(&hash, box_key, crypto_box_PUBLICKEYBYTES);
  crypto_generichash_final(&hash, nonce, sizeof nonce);
  std::string sealed(kSealedKeySize, '\0');
  std::memcpy(sealed.data(), ephemeral, sizeof ephemeral);
  int failed = crypto_box_easy(Bytes(sealed.data() + sizeof ephemeral), Bytes(body_key), body_key.size(), nonce,
                               box_key, secret);
  sodium_memzero(secret, sizeof secret);
  return failed == 0 ? sealed : std::string();
}

}  // namespace

absl::StatusOr<std::unique_ptr<BoxWriter>> BoxWriter::Create(std::string_view public_key, std::string_view context,
                                                             Random* random, std::string* out) {
  crypto_internal::EnsureSodium();
  unsigned char box_key[crypto_box_PUBLICKEYBYTES];
  if (public_key.size() != kPublicKeySize || crypto_sign_ed25519_pk_to_curve25519(box_key, Bytes(public_key)) != 0)
    return absl::InvalidArgumentError("box: not a public key that can be sealed to");
  std::string fresh = random->Bytes(2 * kBodyKeySize + kStreamHeaderSize);
  std::string_view rest = fresh;
  std::string body_key = Derive("liaison-box-key-1", rest.substr(0, kBodyKeySize), public_key, context);
  std::string seed = Derive("liaison-box-ephemeral-1", rest.substr(kBodyKeySize, kBodyKeySize), public_key, context);
  std::string sealed = SealKeyTo(box_key, body_key, seed);
  if (sealed.empty()) return absl::InvalidArgumentError("box: not a public key that can be sealed to");
  std::unique_ptr<BoxWriter> writer(new BoxWriter(context));
  out->append(sealed);
  out->append(rest.substr(2 * kBodyKeySize));
  // A stream is a function of its header and its key: what a reader does with a header, a writer can do with one of
  // its own.
  crypto_secretstream_xchacha20poly1305_init_pull(StateOf(writer->state_), Bytes(rest.substr(2 * kBodyKeySize)),
                                                  Bytes(std::string_view(body_key)));
  for (std::string* secret : {&fresh, &body_key, &seed}) sodium_memzero(secret->data(), secret->size());
  return writer;
}

BoxWriter::~BoxWriter() {
  sodium_memzero(state_, sizeof state_);
  sodium_memzero(waiting_.data(), waiting_.size());
}

void BoxWriter::Push(std::string_view plain, bool last, std::string* out) {
  size_t at = out->size();
  out->resize(at + plain.size() + kBoxChunkOverhead);
  unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
  crypto_secretstream_xchacha20poly1305_push(StateOf(state_), Bytes(out->data() + at), nullptr, Bytes(plain),
                                             plain.size(), Bytes(std::string_view(context_)), context_.size(), tag);
}

void BoxWriter::Write(std::string_view plain, std::string* out) {
  while (waiting_.size() + plain.size() >= kBoxChunkSize) {
    size_t taken = kBoxChunkSize - waiting_.size();
    waiting_.append(plain.substr(0, taken));
    plain.remove_prefix(taken);
    Push(waiting_, false, out);
    waiting_.clear();
  }
  waiting_.append(plain);
}

void BoxWriter::Finish(std::string* out) {
  Push(waiting_, true, out);
  waiting_.clear();
}

absl::StatusOr<std::unique_ptr<BoxReader>> BoxReader::Create(const KeyPair& keys, std::string_view context,
                                                             std::string_view start) {
  crypto_internal::EnsureSodium();
  if (start.size() != kBoxStartSize) return absl::InvalidArgumentError(Cat("box: a start of ", start.size(), " bytes"));
  unsigned char box_key[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES], body_key[kBodyKeySize];
  if (keys.algorithm != kEd25519 || keys.secret_key.size() != kSecretKeySize ||
      keys.public_key.size() != kPublicKeySize ||
      crypto_sign_ed25519_pk_to_curve25519(box_key, Bytes(std::string_view(keys.public_key))) != 0 ||
      crypto_sign_ed25519_sk_to_curve25519(secret, Bytes(std::string_view(keys.secret_key))) != 0)
    return absl::InvalidArgumentError("box: not a device key");
  bool opened = crypto_box_seal_open(body_key, Bytes(start), kSealedKeySize, box_key, secret) == 0;
  sodium_memzero(secret, sizeof secret);
  if (!opened) return absl::PermissionDeniedError("box: not sealed to this key, or damaged");
  std::unique_ptr<BoxReader> reader(new BoxReader(context));
  int failed = crypto_secretstream_xchacha20poly1305_init_pull(StateOf(reader->state_),
                                                               Bytes(start.substr(kSealedKeySize)), body_key);
  sodium_memzero(body_key, sizeof body_key);
  if (failed != 0) return absl::DataLossError("box: its stream does not start");
  return reader;
}

BoxReader::~BoxReader() { sodium_memzero(state_, sizeof state_); }

absl::Status BoxReader::Pull(std::string_view chunk, bool last, std::string* plain) {
  if (chunk.size() < kBoxChunkOverhead) return absl::DataLossError("box: it ends inside a chunk");
  size_t at = plain->size();
  plain->resize(at + chunk.size() - kBoxChunkOverhead);
  unsigned char tag = 0;
  bool opened = crypto_secretstream_xchacha20poly1305_pull(StateOf(state_), Bytes(plain->data() + at), nullptr, &tag,
                                                           Bytes(chunk), chunk.size(),
                                                           Bytes(std::string_view(context_)), context_.size()) == 0;
  if (opened && (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) == last) return absl::OkStatus();
  plain->resize(at);
  return absl::DataLossError(opened ? "box: it ends in the wrong place" : "box: a chunk does not verify");
}

absl::Status BoxReader::Read(std::string_view sealed, std::string* plain) {
  while (broken_.ok() && waiting_.size() + sealed.size() >= kSealedChunk) {
    size_t taken = kSealedChunk - waiting_.size();
    waiting_.append(sealed.substr(0, taken));
    sealed.remove_prefix(taken);
    broken_ = Pull(waiting_, false, plain);
    waiting_.clear();
  }
  if (broken_.ok()) waiting_.append(sealed);
  return broken_;
}

absl::Status BoxReader::Finish(std::string* plain) {
  if (broken_.ok()) broken_ = Pull(waiting_, true, plain);
  absl::Status status = broken_;
  broken_ = absl::DataLossError("box: it has ended");
  return status;
}

}  // namespace liaison
