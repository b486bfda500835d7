#include "common/crypto/seal.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <set>

#include "common/base/bytes.h"

namespace liaison {
namespace {

constexpr std::string_view kPlace = "visitor 17";
constexpr std::string_view kPlain = "王秀兰 13812345678 三组";

std::string FromHex(std::string_view hex) {
  std::string bytes;
  EXPECT_TRUE(Unhex(hex, &bytes)) << hex;
  return bytes;
}

const unsigned char* U(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

absl::StatusCode OpenCode(const SealKey& key, std::string_view sealed, std::string_view place = kPlace) {
  return Open(key, sealed, place).status().code();
}

// A value with a valid tag over any padded text: what a faulty writer that holds the key could send.
std::string SealPadded(const SealKey& key, std::string_view padded, std::string_view place) {
  std::string header = std::string(1, static_cast<char>(key.algorithm)) + key.id;
  std::string nonce(12, 'n'), text(padded.size() + 16, '\0'), bound = header + std::string(place);
  crypto_aead_chacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(text.data()), nullptr, U(padded),
                                            padded.size(), U(bound), bound.size(), nullptr, U(nonce), U(key.key));
  return header + nonce + text;
}

class SealTest : public ::testing::Test {
 protected:
  SeededRandom random_{1};
  SealKey key_ = NewSealKey(&random_);
};

// RFC 8439, section 2.8.2: the cipher that Seal() calls is the published one.
TEST_F(SealTest, TheCipherIsThePublishedOne) {
  const std::string key = FromHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const std::string nonce = FromHex("070000004041424344454647");
  const std::string bound = FromHex("50515253c0c1c2c3c4c5c6c7");
  const std::string_view plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.";
  std::string text(plain.size() + 16, '\0');
  crypto_aead_chacha20poly1305_ietf_encrypt(reinterpret_cast<unsigned char*>(text.data()), nullptr, U(plain),
                                            plain.size(), U(bound), bound.size(), nullptr, U(nonce), U(key));
  EXPECT_EQ(Hex(text),
            "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
            "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
            "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
}

TEST_F(SealTest, EveryLengthComesBack) {
  for (size_t size = 0; size < 300; ++size) {
    std::string plain = random_.Bytes(size);
    std::string sealed = Seal(key_, plain, kPlace, &random_);
    absl::StatusOr<std::string> opened = Open(key_, sealed, kPlace);
    ASSERT_TRUE(opened.ok()) << opened.status();
    ASSERT_EQ(*opened, plain);
    EXPECT_EQ(SealedKeyId(sealed).value(), key_.id);
  }
}

// Opens a sealed value by the header's grammar alone.
TEST_F(SealTest, TheBytesAreThoseOfTheGrammar) {
  std::string sealed = Seal(key_, "abc", kPlace, &random_);
  ASSERT_EQ(sealed.size(), 1u + 8 + 12 + 16 + 16);
  EXPECT_EQ(sealed[0], 1);
  EXPECT_EQ(sealed.substr(1, 8), key_.id);
  std::string bound = sealed.substr(0, 9) + std::string(kPlace);
  std::string nonce = sealed.substr(9, 12), text = sealed.substr(21), padded(16, '?');
  ASSERT_EQ(
      crypto_aead_chacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(padded.data()), nullptr, nullptr,
                                                U(text), text.size(), U(bound), bound.size(), U(nonce), U(key_.key)),
      0);
  EXPECT_EQ(padded, std::string("\x03"
                                "abc") +
                        std::string(12, '\0'));
}

TEST_F(SealTest, TheSameSeedGivesTheSameBytes) {
  auto seal = [](uint64_t seed) {
    SeededRandom random(seed);
    SealKey key = NewSealKey(&random);
    return Seal(key, kPlain, kPlace, &random);
  };
  EXPECT_EQ(seal(5), seal(5));
  EXPECT_NE(seal(5), seal(6));
}

// Pinned: values sealed by an earlier build must open in a later one.
TEST_F(SealTest, AValueSealedEarlierOpens) {
  SealKey key;
  key.id = "\x01\x02\x03\x04\x05\x06\x07\x08";
  key.key = std::string(32, 'k');
  SeededRandom random(42);
  const std::string pinned =
      "010102030405060708888611898deaaf1119d01ce4be385620e3535fb8c1d2de6a0db73a3f21bba05784d420487a8327da94e6d4b1";
  EXPECT_EQ(Open(key, FromHex(pinned), "visitor").value(), "abc");
  EXPECT_EQ(Hex(Seal(key, "abc", "visitor", &random)), pinned);
}

TEST_F(SealTest, OneTextSealedTwiceLooksDifferent) {
  std::set<std::string> nonces, texts;
  for (int i = 0; i < 100; ++i) {
    std::string sealed = Seal(key_, kPlain, kPlace, &random_);
    nonces.insert(sealed.substr(9, 12));
    texts.insert(sealed.substr(21));
  }
  EXPECT_EQ(nonces.size(), 100u);
  EXPECT_EQ(texts.size(), 100u);
}

// A machine resumed twice from one snapshot draws the same random bytes in both runs.
TEST_F(SealTest, EqualRandomBytesDoNotRepeatANonceForAnotherTextOrPlace) {
  auto nonce = [this](std::string_view plain, std::string_view place) {
    SeededRandom twin(9);
    return Seal(key_, plain, place, &twin).substr(9, 12);
  };
  EXPECT_NE(nonce("王秀兰", kPlace), nonce("王秀英", kPlace));
  EXPECT_NE(nonce("王秀兰", kPlace), nonce("王秀兰", "visitor 18"));
  EXPECT_EQ(nonce("王秀兰", kPlace), nonce("王秀兰", kPlace));
}

TEST_F(SealTest, LengthsDoNotShowWithinABlock) {
  auto size = [this](size_t n) { return Seal(key_, std::string(n, 'x'), kPlace, &random_).size(); };
  for (size_t n = 0; n <= 15; ++n) EXPECT_EQ(size(n), size(0)) << n;
  for (size_t n = 16; n <= 31; ++n) EXPECT_EQ(size(n), size(0) + 16) << n;
}

TEST_F(SealTest, EveryChangedBitIsNoticed) {
  const std::string sealed = Seal(key_, kPlain, kPlace, &random_);
  for (size_t i = 0; i < sealed.size(); ++i) {
    absl::StatusCode expected = i == 0  ? absl::StatusCode::kInvalidArgument
                                : i < 9 ? absl::StatusCode::kFailedPrecondition
                                        : absl::StatusCode::kDataLoss;
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] ^= static_cast<char>(1 << bit);
      EXPECT_EQ(OpenCode(key_, changed), expected) << i << "." << bit;
    }
  }
}

TEST_F(SealTest, EveryCutAndEveryAddedByteIsNoticed) {
  const std::string sealed = Seal(key_, kPlain, kPlace, &random_);
  for (size_t n = 0; n < sealed.size(); ++n) {
    // Cut by whole blocks it still has a possible form, and only the tag tells.
    bool form = n >= 53 && (sealed.size() - n) % 16 == 0;
    EXPECT_EQ(OpenCode(key_, sealed.substr(0, n)),
              form ? absl::StatusCode::kDataLoss : absl::StatusCode::kInvalidArgument)
        << n;
    EXPECT_EQ(SealedKeyId(sealed.substr(0, n)).ok(), form) << n;
  }
  EXPECT_EQ(OpenCode(key_, sealed + "x"), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(OpenCode(key_, sealed + std::string(16, 'x')), absl::StatusCode::kDataLoss);
}

TEST_F(SealTest, AnotherKeyIsNamedAndAnotherPlaceRefused) {
  const std::string sealed = Seal(key_, kPlain, kPlace, &random_);
  SealKey other = NewSealKey(&random_);
  EXPECT_EQ(OpenCode(other, sealed), absl::StatusCode::kFailedPrecondition);
  other.id = key_.id;
  EXPECT_EQ(OpenCode(other, sealed), absl::StatusCode::kDataLoss);
  EXPECT_EQ(OpenCode(key_, sealed, "visitor 18"), absl::StatusCode::kDataLoss);
  EXPECT_EQ(OpenCode(key_, sealed, ""), absl::StatusCode::kDataLoss);
  EXPECT_EQ(OpenCode(key_, sealed), absl::StatusCode::kOk);
}

// Two keys with one secret under two ids: the id is bound, so the value cannot be passed on under the other.
TEST_F(SealTest, TheKeyIdIsBound) {
  std::string sealed = Seal(key_, kPlain, kPlace, &random_);
  SealKey renamed = key_;
  renamed.id = random_.Bytes(8);
  sealed.replace(1, 8, renamed.id);
  EXPECT_EQ(OpenCode(renamed, sealed), absl::StatusCode::kDataLoss);
}

TEST_F(SealTest, OnlyOnePaddingOpens) {
  const std::string zeros(16, '\0');
  std::string good =
      "\x03"
      "abc" +
      zeros.substr(4);
  EXPECT_EQ(Open(key_, SealPadded(key_, good, kPlace), kPlace).value(), "abc");
  const std::string bad[] = {
      "\x03"
      "abc" +
          zeros.substr(5) + "x",  // not zeros
      good + zeros,               // a block too many
      "\x10" + zeros.substr(1),   // longer than what is there, which is zeros
      "\x10"
      "fifteen bytes..",  // longer than what is there
      std::string("\x83\x00"
                  "abc",
                  5) +
          zeros.substr(5),      // the length in a longer form
      std::string(16, '\xff'),  // no length at all
  };
  for (const std::string& padded : bad) {
    ASSERT_EQ(padded.size() % 16, 0u);
    EXPECT_EQ(OpenCode(key_, SealPadded(key_, padded, kPlace)), absl::StatusCode::kInvalidArgument) << Hex(padded);
  }
}

TEST_F(SealTest, UnknownAlgorithmsAreRefused) {
  std::string sealed = Seal(key_, kPlain, kPlace, &random_);
  for (int id = 0; id < 256; ++id) {
    if (id == kChaCha20Poly1305) continue;
    sealed[0] = static_cast<char>(id);
    SealKey key = key_;
    key.algorithm = static_cast<uint8_t>(id);
    EXPECT_EQ(OpenCode(key, sealed), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_EQ(SealedKeyId(sealed).status().code(), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_EQ(CheckSealKey(key).code(), absl::StatusCode::kInvalidArgument) << id;
  }
}

TEST_F(SealTest, AMalformedKeyIsRefusedNotUsed) {
  const std::string sealed = Seal(key_, kPlain, kPlace, &random_);
  EXPECT_TRUE(CheckSealKey(key_).ok());
  SealKey short_key = key_, long_key = key_, short_id = key_, long_id = key_, no_key = key_;
  short_key.key.pop_back();
  long_key.key.push_back('x');
  short_id.id.pop_back();
  long_id.id.push_back('x');
  no_key.key.clear();
  for (const SealKey& key : {short_key, long_key, short_id, long_id, no_key, SealKey{}}) {
    EXPECT_EQ(CheckSealKey(key).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(OpenCode(key, sealed), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_DEATH(Seal(short_key, kPlain, kPlace, &random_), "malformed key");
}

}  // namespace
}  // namespace liaison
