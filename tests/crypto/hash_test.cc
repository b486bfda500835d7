#include "common/crypto/hash.h"

#include <gtest/gtest.h>

#include "common/base/bytes.h"
#include "common/base/ports.h"

namespace liaison {
namespace {

// The examples of FIPS 180-4 (NIST, "SHA256.pdf"), and the empty message.
TEST(Hash, PublishedVectors) {
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Hex(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, PiecesHashLikeTheWholeWhereverTheyAreCut) {
  std::string message = SeededRandom(1).Bytes(200);  // crosses three 64-byte blocks
  for (size_t cut = 0; cut <= message.size(); ++cut) {
    Sha256Stream stream;
    stream.Update(std::string_view(message).substr(0, cut));
    stream.Update(std::string_view(message).substr(cut));
    ASSERT_EQ(stream.Finish(), Sha256(message)) << cut;
  }
}

TEST(Hash, AFinishedStreamStartsAnew) {
  Sha256Stream stream;
  stream.Update("left over");
  stream.Finish();
  stream.Update("abc");
  EXPECT_EQ(stream.Finish(), Sha256("abc"));
  EXPECT_EQ(stream.Finish(), Sha256(""));
}

TEST(Hash, ACopyGoesOnByItself) {
  Sha256Stream prefix;
  prefix.Update("a");
  Sha256Stream copy = prefix;
  copy.Update("bc");
  prefix.Update("x");
  EXPECT_EQ(copy.Finish(), Sha256("abc"));
  EXPECT_EQ(prefix.Finish(), Sha256("ax"));
}

TEST(Hash, TheFormsWithoutAllocationAgree) {
  char at_once[kSha256Size], in_pieces[kSha256Size];
  Sha256("abc", at_once);
  Sha256Stream stream;
  stream.Update("abc");
  stream.Finish(in_pieces);
  EXPECT_EQ(std::string(at_once, kSha256Size), Sha256("abc"));
  EXPECT_EQ(std::string(in_pieces, kSha256Size), Sha256("abc"));
}

TEST(Hash, OnlySha256IsKnown) {
  for (int id = 0; id < 256; ++id) {
    absl::StatusCode expected = id == kSha256 ? absl::StatusCode::kOk : absl::StatusCode::kInvalidArgument;
    EXPECT_EQ(CheckHashAlgorithm(static_cast<uint8_t>(id)).code(), expected) << id;
  }
}

}  // namespace
}  // namespace liaison
